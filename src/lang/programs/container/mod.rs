//! `docker run`, `docker build` and their like.

mod build;
mod flags;
mod run;

pub(crate) use run::options as run_options;

use super::options::{Argument, arguments};
use super::{Invocation, vllm};
use crate::facts::{Command, FileFacts, Home, Word};
use crate::span::Span;

/// Options of the engines themselves that take a value.
const GLOBAL: &[&str] = &["--context", "-c", "--host", "-H", "--config", "--log-level", "-l", "--connection", "--root"];
/// Commands of which the next word is the one that counts.
const GROUPS: &[&str] = &["container", "image", "buildx", "builder", "compose"];

/// Notes containers and builds of images.
pub(super) fn command(run: &mut Invocation<'_>, program: &str) {
    let words = run.command.words.clone();
    let Some((at, name)) = subcommand(&words) else { return };
    let rest = &words[at + 1..];
    let anchor = words[0].span.hull(words[at].span);
    let is_compose = words[..at].iter().any(|word| word.known().as_deref() == Some("compose"));
    match (program, name.as_str()) {
        ("toolbox" | "distrobox", "create") => run::box_create(run, anchor, rest),
        ("toolbox" | "distrobox", "run" | "enter") => inside_box(run, rest),
        (_, "run" | "create") if !is_compose => run::run(run, anchor, rest),
        (_, "exec") if !is_compose => run::exec(run, rest),
        (_, "build" | "bake") if !is_compose => build::build(run, rest),
        _ => {}
    }
}

/// The subcommand: behind the engine's own options and group names.
fn subcommand(words: &[Word]) -> Option<(usize, String)> {
    let mut at = 1;
    loop {
        let word = words.get(at)?.known()?;
        if GLOBAL.contains(&word.as_str()) {
            at += 2;
        } else if word.starts_with('-') || GROUPS.contains(&word.as_str()) {
            at += 1;
        } else {
            return Some((at, word));
        }
    }
}

/// `toolbox run -c NAME vllm serve ...`, `distrobox enter NAME -- vllm serve ...`.
fn inside_box(run: &mut Invocation<'_>, words: &[Word]) {
    let takes_value = |name: &str| matches!(name, "-c" | "--container" | "-n" | "--name" | "-r" | "--release" | "-d");
    let first = words.iter().position(|word| word.known().as_deref() == Some("--")).map(|at| at + 1).or_else(|| {
        let operand = arguments(words, takes_value).into_iter().find_map(|argument| match argument {
            Argument::Operand(word) => Some(word),
            _ => None,
        })?;
        words.iter().position(|word| *word == operand)
    });
    if let Some(rest) = first.and_then(|first| words.get(first..)) {
        nested(run, rest, run.command.home);
    }
}

/// A command that another one starts elsewhere: variables of the script do not reach it.
fn nested(run: &mut Invocation<'_>, words: &[Word], home: Home) {
    if let Some(span) = super::hull(words) {
        let command = Command {
            words: words.to_vec(),
            span,
            home,
            environment: Vec::new(),
            directory: None,
            outputs: Vec::new(),
            may_not_run: run.command.may_not_run,
        };
        super::read(command, run.facts);
    }
}

/// What a container runs: its entry point with arguments. Scripts in words (`sh -c "..."`) are for the shell front
/// end; `image` tells whether arguments alone start vLLM.
pub(crate) fn start(
    image: Option<&Word>,
    entrypoint: Option<&[Word]>,
    arguments: &[Word],
    home: Home,
    facts: &mut FileFacts,
) {
    let words: Vec<Word> = entrypoint.unwrap_or_default().iter().chain(arguments).cloned().collect();
    let Some(span) = super::hull(&words) else { return };
    let program = words[0].known().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    if super::is_of_interest(program) {
        let command = Command {
            words,
            span,
            home,
            environment: Vec::new(),
            directory: None,
            outputs: Vec::new(),
            may_not_run: false,
        };
        super::read(command, facts);
    } else if entrypoint.is_none_or(<[Word]>::is_empty) && takes_options(image, &words) {
        vllm::entrypoint(&words, home, span, facts);
    }
}

/// Whether arguments are for vLLM itself, since the image starts it: its name says so, and they start like options,
/// or the image is one of vLLM's own, whose entry point is its server.
fn takes_options(image: Option<&Word>, arguments: &[Word]) -> bool {
    let image = image.map(|image| image.by_default().unwrap_or_else(|| written(image))).unwrap_or_default();
    let repository = image.split('@').next().unwrap_or_default();
    let is_shell = |word: String| crate::lang::shell::is_shell(&word);
    match arguments.first().and_then(Word::by_default) {
        Some(first) if first.starts_with('-') => repository.contains("vllm"),
        Some(first) => repository.contains("vllm-openai") && !is_shell(first),
        None => repository.contains("vllm-openai"),
    }
}

/// The parts of a word that are known.
fn written(word: &Word) -> String {
    let known = word.text.parts.iter().map(|part| match part {
        crate::facts::TextPart::Literal(text, _) => text.as_str(),
        _ => "",
    });
    known.collect()
}

/// A word that is a value of its own, at `span`.
fn part(text: &str, span: Span) -> Word {
    Word::literal(text, span)
}
