//! Container files: `Dockerfile`, `Containerfile`.

mod grammar;
mod image;
mod instructions;
mod pairs;
mod run;
mod stages;
#[cfg(test)]
mod tests;

use super::shell::Joined;
use super::{Candidate, FrontEnd};
use crate::arch::tokens_in_prose;
use crate::facts::{FileFacts, Gap, Prose, ProseKind};
use crate::span::Span;
use grammar::Grammar;
use instructions::Line;
use stages::Build;

/// Container files.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "dockerfile",
    claims: |candidate: &Candidate<'_>| is_container_file(candidate.name) || is_named_for_nix(candidate),
    words: &[],
    joined: None,
    extract,
    extract_callers: None,
};

/// Whether a file is a container file, by its name or path.
pub(crate) fn is_container_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let stem = ["dockerfile", "containerfile"].into_iter().find_map(|stem| name.strip_prefix(stem));
    match stem {
        Some("") => true,
        Some(rest) => rest.starts_with(['.', '-', '_']) && !has_other_language(rest),
        None => name.ends_with(".dockerfile") || name.ends_with(".containerfile"),
    }
}

/// Whether a file is a container file that builds something with Nix: `Dockerfile.nix`, which may also be Nix. Only its
/// first instruction tells.
pub(crate) fn is_named_for_nix(candidate: &Candidate<'_>) -> bool {
    if !candidate.name.eq_ignore_ascii_case("Dockerfile.nix") {
        return false;
    }
    let mut lines = candidate.head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#")).unwrap_or_default();
    let starts = |word: &str| first.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()));
    candidate.head.is_empty() || starts("FROM ") || starts("ARG ")
}

/// Whether a name ends in the extension of something else than a container file.
fn has_other_language(name: &str) -> bool {
    let others = [
        "dockerignore",
        "containerignore",
        "nix",
        "md",
        "rst",
        "txt",
        "py",
        "sh",
        "json",
        "yaml",
        "yml",
        "toml",
        "j2",
        "jinja",
        "html",
        "png",
        "orig",
        "rej",
        "bak",
        "swp",
    ];
    name.rsplit_once('.').is_some_and(|(_, last)| others.contains(&last))
}

fn extract(text: &str, facts: &mut FileFacts) {
    extract_region(text, &[Span::new(0, text.len())], facts);
}

/// Reads the facts of a container file that consists of these pieces of `text`, in order. Spans are bytes of `text`.
pub(crate) fn extract_region(text: &str, pieces: &[Span], facts: &mut FileFacts) {
    let joined = Joined::new(text, pieces);
    let (lines, escape) = instructions::lines(joined.text());
    let mut build = Build::new(text, &joined, escape, facts.stages.len());
    let grammar = Grammar::new(text);
    for line in lines {
        match line {
            Line::Comment(range) => {
                let span = joined.span(range);
                let tokens = tokens_in_prose(text, span);
                if !tokens.is_empty() {
                    facts.prose.push(Prose { kind: ProseKind::Comment, span, tokens });
                }
            }
            Line::Instruction(instruction) => build.instruction(&instruction, facts),
            Line::Other(range) => {
                let span = grammar.fault_in(joined.span(range));
                facts.gaps.push(Gap { span, what: "an instruction".to_owned() });
            }
        }
    }
    build.start(facts);
}
