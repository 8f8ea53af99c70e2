//! `git clone`, `git checkout` and the like.

use super::Invocation;
use super::options::{Argument, arguments};
use crate::facts::{Checkout, Text, TextPart, Word};
use crate::span::Span;

use super::vllm::pieces::split;

/// Options of `clone` that take a value (git-scm.com/docs/git-clone).
const CLONE: &[&str] = &[
    "-b",
    "--branch",
    "--revision",
    "--depth",
    "-o",
    "--origin",
    "-u",
    "--upload-pack",
    "--reference",
    "--template",
    "-c",
    "--config",
    "--shallow-since",
    "--shallow-exclude",
    "-j",
    "--jobs",
    "--filter",
    "--separate-git-dir",
    "--server-option",
    "--bundle-uri",
];

/// Notes what is fetched, and what is checked out of it.
pub(super) fn command(run: &mut Invocation<'_>) {
    let mut words = run.command.arguments().to_vec();
    let mut directory = run.command.directory.clone();
    // `git -C DIR checkout X`, `git -c a=b clone X`.
    while let Some(first) = words.first().and_then(Word::known).filter(|word| word.starts_with('-')) {
        let takes_value = matches!(first.as_str(), "-C" | "-c" | "--git-dir" | "--work-tree");
        if first == "-C" {
            directory = words.get(1).map(|word| word.text.clone());
        }
        words.drain(..(if takes_value { 2 } else { 1 }).min(words.len()));
    }
    let Some((name, rest)) = words.split_first() else { return };
    match name.known().as_deref() {
        Some("clone") => clone(run, rest),
        Some("checkout" | "switch") => pick(run, rest, directory, &["-b", "-B", "-c", "-C", "--orphan"]),
        Some("reset") => pick(run, rest, directory, &[]),
        Some("fetch" | "pull") => fetch(run, rest, directory),
        _ => {}
    }
}

fn clone(run: &mut Invocation<'_>, words: &[Word]) {
    let mut operands = Vec::new();
    let mut reference = None;
    for argument in arguments(words, |name| CLONE.contains(&name)) {
        match argument {
            Argument::Option { name, value, .. } if matches!(name.as_str(), "-b" | "--branch" | "--revision") => {
                reference = value;
            }
            Argument::Operand(word) => operands.push(word),
            Argument::Open(span) => operands.push(Word { text: Text::unknown(), span }),
            Argument::Option { .. } => {}
        }
    }
    let Some(address) = operands.first() else { return };
    let repository = address.by_default().and_then(|address| repository(&address)).or_else(|| tail(address));
    let own = repository.as_deref().and_then(|repository| repository.rsplit('/').next()).map(str::to_owned);
    let directory = operands.get(1).map(|word| word.text.clone()).or_else(|| own.map(|own| Text::literal(own, None)));
    add(run, repository, address.span, reference, directory);
}

/// `git checkout REF`: the last operand. With paths behind `--`, files are taken from there and nothing is chosen.
fn pick(run: &mut Invocation<'_>, words: &[Word], directory: Option<Text>, creates: &[&str]) {
    let end = words.iter().position(|word| word.known().as_deref() == Some("--")).unwrap_or(words.len());
    if end + 1 < words.len() {
        return;
    }
    let mut operands: Vec<Word> = Vec::new();
    for argument in arguments(&words[..end], |name| creates.contains(&name)) {
        match argument {
            Argument::Operand(word) => operands.push(word),
            Argument::Open(span) => {
                let word = words.iter().find(|word| word.span == span).cloned();
                operands.extend(word);
            }
            Argument::Option { .. } => {}
        }
    }
    // `git checkout REF` and `git checkout -b NAME REF`; with more words they are paths.
    if let [reference] = operands.as_slice() {
        add(run, None, run.command.span, Some(reference.clone()), directory);
    }
}

/// `git fetch ORIGIN REF`: the reference is what is checked out behind it.
fn fetch(run: &mut Invocation<'_>, words: &[Word], directory: Option<Text>) {
    let operands: Vec<Word> = arguments(words, |name| matches!(name, "--depth" | "-j" | "--jobs" | "-o"))
        .into_iter()
        .filter_map(|argument| if let Argument::Operand(word) = argument { Some(word) } else { None })
        .collect();
    if let [origin, reference] = operands.as_slice() {
        let repository = origin.known().and_then(|address| repository(&address));
        add(run, repository, run.command.span, Some(reference.clone()), directory);
    }
}

fn add(
    run: &mut Invocation<'_>,
    repository: Option<String>,
    span: Span,
    reference: Option<Word>,
    directory: Option<Text>,
) {
    let (home, command) = (run.command.home, Some(run.at));
    run.facts.checkouts.push(Checkout { repository, span, reference, directory, home, command });
}

/// The repository and the reference of a word that is a repository's address: `https://host/owner/name.git#ref:folder`,
/// `git@host:owner/name`. None for anything else, an archive among them.
pub(crate) fn address(word: &Word) -> Option<(String, Option<Word>)> {
    let mut parts = split(word, '#').into_iter();
    let (address, reference) = (parts.next()?, parts.next());
    let text = address.by_default()?;
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let is_git = text.starts_with("git@") || text.starts_with("git://") || text.starts_with("ssh://");
    if !is_git && !(is_web && (text.ends_with(".git") || reference.is_some() && text.split('/').count() == 5)) {
        return None;
    }
    // A folder of the tree may follow the reference.
    let reference = reference.and_then(|reference| split(&reference, ':').into_iter().next());
    Some((repository(&text)?, reference.filter(|reference| !reference.text.parts.is_empty())))
}

/// `owner/name` of an address.
pub(crate) fn repository(address: &str) -> Option<String> {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => address.split_once(':').filter(|(host, _)| host.contains('@'))?.1,
    };
    let path = path.split(['#', '?', '@']).next()?.trim_end_matches('/').trim_end_matches(".git");
    let mut parts = path.rsplit('/');
    let (name, owner) = (parts.next()?, parts.next()?);
    (!name.is_empty() && !owner.is_empty()).then(|| format!("{owner}/{name}"))
}

/// The repository of an address whose start is not known: `${MIRROR}/ROCm/aiter.git`.
fn tail(address: &Word) -> Option<String> {
    let TextPart::Literal(text, _) = address.text.parts.last()? else { return None };
    repository(&format!("x://x/{}", text.trim_start_matches('/')))
}
