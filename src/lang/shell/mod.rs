//! Shell scripts, and shell in other files: `RUN`, CI steps, commands in documentation.

mod command;
mod comment;
mod embedded;
mod emit;
mod expand;
mod items;
mod joined;
mod operator;
mod pattern;
mod scan;
mod sed;
mod substitution;
#[cfg(test)]
mod tests;
mod variables;
mod walk;

pub(crate) use command::entered;
pub(crate) use expand::{Dialect, Expander, Scope, Variable as ShellVariable, referenced};
pub(crate) use joined::Joined;
pub(crate) use scan::Heredoc;

use super::{Candidate, FrontEnd};
use crate::facts::{FileFacts, Home, SettingKind, Text, Variable};
use crate::span::Span;

/// Words of which a script must hold one.
const WORDS: &[&str] = &[
    "gfx",
    "amdgpu.gtt",
    "ttm.pages_limit",
    "ARCH",
    "TARGET",
    "ROCM",
    "VLLM",
    "HIP",
    "HSA",
    "docker",
    "Dockerfile",
    "vllm",
    "rocm",
    "podman",
    "toolbox",
    "distrobox",
    "lm_eval",
];

/// Shell scripts.
pub static FRONT_END: FrontEnd =
    FrontEnd { language: "shell", claims, words: WORDS, joined: None, extract, extract_callers: None };

/// The value of a variable, and where in the file it was set.
pub type Lookup<'a> = dyn Fn(&str) -> Option<(Text, Option<Span>)> + 'a;

/// What embeds a script: how it sees variables and what its settings are called.
pub struct Host<'a> {
    /// The value a variable has before the script runs and where in this file it was set; None if the file does not say.
    pub lookup: &'a Lookup<'a>,
    /// What the script runs in.
    pub home: Home,
    /// The folder that it starts in.
    pub folder: Option<Text>,
    /// Variables that are exported to it, where the file says so outside of settings.
    pub environment: &'a [Variable],
    /// Replaces the kind of plain assignments and exports (documentation's are [`SettingKind::DocsCommand`]).
    pub assign_kind: Option<SettingKind>,
    /// `$$` stands for `$` (Buildkite, compose).
    pub doubled_dollar: bool,
}

/// Reads the facts of a script that consists of these pieces of `text`, in order. Pieces skip what the host strips
/// (comment lines within a `RUN`, YAML's indentation). Spans are bytes of `text`.
pub fn extract_region(text: &str, pieces: &[Span], host: &Host<'_>, facts: &mut FileFacts) {
    if host.doubled_dollar {
        let single: Vec<Span> = pieces.iter().flat_map(|&piece| single_dollars(text, piece)).collect();
        walk::extract(text, &single, host, facts, 0);
    } else {
        walk::extract(text, pieces, host, facts, 0);
    }
}

/// A piece without the first `$` of each `$$`.
fn single_dollars(text: &str, piece: Span) -> Vec<Span> {
    let content = piece.text(text);
    let base = piece.start as usize;
    let mut start = 0;
    let mut parts = Vec::new();
    for (at, _) in content.match_indices("$$") {
        parts.push(Span::new(base + start, base + at));
        start = at + 1;
    }
    parts.push(Span::new(base + start, base + content.len()));
    parts
}

fn extract(text: &str, facts: &mut FileFacts) {
    let host = Host {
        lookup: &|_| None,
        home: Home::default(),
        folder: None,
        environment: &[],
        assign_kind: None,
        doubled_dollar: false,
    };
    extract_region(text, &[Span::new(0, text.len())], &host, facts);
}

fn claims(candidate: &Candidate<'_>) -> bool {
    candidate.has_extension(&["sh", "bash", "zsh"]) || has_shebang(candidate.head)
}

/// Whether the first line starts a shell: `#!/bin/sh`, `#!/usr/bin/env bash`.
fn has_shebang(head: &[u8]) -> bool {
    let Some(line) = head.strip_prefix(b"#!").and_then(|rest| rest.split(|&byte| byte == b'\n').next()) else {
        return false;
    };
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let mut words = line.split_ascii_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.find(|word| *word != "env" && !word.starts_with('-'));
    program.is_some_and(is_shell)
}

/// Whether a program is a shell, by its name.
pub(crate) fn is_shell(name: &str) -> bool {
    matches!(name.rsplit('/').next().unwrap_or(name), "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh")
}
