//! What containers and units start: their entry point and arguments as commands.

use super::interpolate::Split;
use super::programs;
use super::script::{Lookup, Script};
use super::shell::is_shell;
use crate::facts::{FileFacts, Home, Word};

/// Programs that only start what follows them.
const STARTERS: &[&str] =
    &["exec", "env", "sudo", "nohup", "nice", "time", "tini", "dumb-init", "catatonit", "stdbuf", "chroot", "--"];

/// Reads what a container starts. `entrypoint` is none where the image's own is kept.
pub(crate) fn read(
    text: &str,
    container: usize,
    entrypoint: Option<&[Split]>,
    arguments: &[Split],
    lookup: Lookup<'_>,
    facts: &mut FileFacts,
) {
    let home =
        Home { container: Some(container), ..facts.containers.get(container).map(|own| own.home).unwrap_or_default() };
    let all: Vec<&Split> = entrypoint.unwrap_or_default().iter().chain(arguments).collect();
    let started = behind_starters(&all);
    let Some(first) = started.first() else { return };
    let program = first.word.known().unwrap_or_default();
    if is_shell(&program) {
        if let Some(script) = script_of(started) {
            Script::of(script.pieces.clone()).extract(text, home, None, lookup, facts);
        }
        return;
    }
    let at = facts.commands.len();
    let image = facts.containers.get(container).and_then(|own| own.image.clone());
    let words: Vec<Word> = started.iter().map(|split| split.word.clone()).collect();
    // What an entry point of the file's own starts is the first word; else arguments may be for the image's.
    let own = entrypoint.is_some_and(|words| !words.is_empty()) || started.len() < all.len();
    let (entrypoint, arguments) = if own { (Some(words.as_slice()), &[][..]) } else { (None, words.as_slice()) };
    programs::start(image.as_ref(), entrypoint, arguments, home, facts);
    if facts.commands.len() > at
        && let Some(container) = facts.containers.get_mut(container)
    {
        container.command = Some(at);
    }
}

/// The words from the program on that does the work.
fn behind_starters<'w, 's>(words: &'w [&'s Split]) -> &'w [&'s Split] {
    let mut at = 0;
    let mut started = false;
    while let Some(word) = words.get(at).and_then(|split| split.word.known()) {
        let name = word.rsplit('/').next().unwrap_or_default();
        let is_starter = STARTERS.contains(&name);
        // Options and assignments of a starter.
        let is_own = started && (word.starts_with('-') || word.contains('=') && !word.starts_with('/'));
        if !is_starter && !is_own {
            break;
        }
        started = true;
        at += 1;
    }
    words.get(at..).unwrap_or_default()
}

/// The script of `sh -c '...'`.
fn script_of<'s>(words: &[&'s Split]) -> Option<&'s Split> {
    let at = words.iter().skip(1).take(4).position(|split| {
        split
            .word
            .known()
            .is_some_and(|option| option.starts_with('-') && !option.starts_with("--") && option.ends_with('c'))
    })?;
    words.get(at + 2).copied()
}

/// The words alone.
pub(crate) fn words(splits: &[Split]) -> Vec<Word> {
    splits.iter().map(|split| split.word.clone()).collect()
}
