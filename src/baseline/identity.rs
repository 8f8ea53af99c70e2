//! What a finding is about, in words that survive moves and reformatting.

use std::fmt::Write as _;

use serde_json::Value;

use crate::finding::Finding;
use crate::workspace::Workspace;

/// Arguments that tell what to do or how much there is, not what is at fault: they change with gfxlint's knowledge.
const ADVICE: [&str; 8] = ["suggestion", "candidates", "replacement", "meant", "findings", "files", "layers", "cause"];

/// Longer texts are cut, with a hash of the whole.
const LONGEST: usize = 160;

/// The rule's own arguments; where it has none, the text at fault without blanks and quotes.
pub(super) fn about(workspace: &Workspace, finding: &Finding) -> String {
    let mut arguments = String::new();
    for (key, value) in finding.data.iter().filter(|(key, _)| !ADVICE.contains(&key.as_str())) {
        let separator = if arguments.is_empty() { "" } else { " " };
        let _ = match value {
            Value::String(text) => write!(arguments, "{separator}{key}={text}"),
            other => write!(arguments, "{separator}{key}={other}"),
        };
    }
    if arguments.is_empty() {
        arguments = squeezed(workspace.sources().text(finding.at));
    }
    if arguments.len() <= LONGEST {
        return arguments;
    }
    let hash = fnv(&arguments);
    let end = (0..=LONGEST).rev().find(|&at| arguments.is_char_boundary(at)).unwrap_or_default();
    format!("{}~{hash:016x}", &arguments[..end])
}

/// A text without quotes and line joints, and with blanks only where they keep words apart.
fn squeezed(text: &str) -> String {
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/');
    let mut out = String::with_capacity(text.len());
    let mut is_apart = false;
    for letter in text.chars().filter(|letter| !matches!(letter, '"' | '\'' | '\\')) {
        if letter.is_whitespace() {
            is_apart = true;
            continue;
        }
        if is_apart && is_word(letter) && out.ends_with(is_word) {
            out.push(' ');
        }
        is_apart = false;
        out.push(letter);
    }
    out
}

/// What stands around a fault: the variable that holds it, the function it is in; empty where nothing does.
pub(super) fn symbol(workspace: &Workspace, finding: &Finding) -> String {
    let at = finding.at;
    let sites = workspace.sites().iter().filter(|site| site.at.file == at.file && site.at.span.contains(at.span));
    if let Some(site) = sites.min_by_key(|site| site.at.span.end - site.at.span.start) {
        return site.symbol.clone();
    }
    let settings = workspace.facts(at.file).settings.iter().filter(|setting| setting.span.contains(at.span));
    if let Some(setting) = settings.min_by_key(|setting| setting.span.end - setting.span.start) {
        return setting.name.clone();
    }
    let file = workspace.sources().get(at.file);
    if file.language == "python" { scope(file.text(), at.span.range().start) } else { String::new() }
}

/// The functions and classes around an offset, as their indentation tells: `RocmPlatform.supports_fp8`.
fn scope(text: &str, offset: usize) -> String {
    let head = text.get(..offset).unwrap_or_default();
    let own = text[head.rfind('\n').map_or(0, |at| at + 1)..].lines().next().unwrap_or_default();
    let mut indent = own.len() - own.trim_start().len();
    let mut names = Vec::new();
    for line in head.lines().rev() {
        let trimmed = line.trim_start();
        let depth = line.len() - trimmed.len();
        let starts = ["def ", "class ", "async def "].iter().find_map(|word| trimmed.strip_prefix(word));
        if let Some(rest) = starts.filter(|_| depth < indent) {
            let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
            names.push(&rest[..end]);
            indent = depth;
        }
    }
    names.reverse();
    names.join(".")
}

/// FNV-1a: stable for good, which no hasher of the standard library promises.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::{scope, squeezed};

    #[test]
    fn texts_are_the_same_however_they_are_set() {
        for text in ["pip install -U \"torch==2.9\" && a", "pip  install \\\n  -U torch==2.9 \\\n  && a"] {
            assert_eq!(squeezed(text), "pip install -U torch==2.9&&a");
        }
    }

    #[test]
    fn functions_and_classes_are_told_by_indentation() {
        let text =
            "import a\n\n\nclass A:\n    x = 1\n\n    async def f(self):\n        if x:\n            y\n\n    z = 2\n";
        for (needle, expected) in [("import", ""), ("x = 1", "A"), ("y\n", "A.f"), ("z = 2", "A"), ("if x", "A.f")] {
            assert_eq!(scope(text, text.find(needle).unwrap()), expected, "{needle}");
        }
    }
}
