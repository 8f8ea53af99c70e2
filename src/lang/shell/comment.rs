//! Comments that state a list of targets for a name.

use std::ops::Range;

use super::joined::Joined;
use crate::arch::tokens;
use crate::facts::{Setting, SettingKind, Text};
use crate::span::Span;

/// The setting that a comment states: `# NAME: what it is (default: gfx90a;gfx942)` or `# export NAME="gfx90a"`.
/// The range is the comment with its `#`.
pub(super) fn setting(joined: &Joined<'_>, comment: Range<usize>) -> Option<Setting> {
    let raw = joined.slice(comment.clone());
    if !raw.contains("gfx") {
        return None;
    }
    let body = raw.trim_start_matches(['#', ' ', '\t']);
    let body = body.strip_prefix("export ").unwrap_or(body).trim_start();
    let start = comment.end - body.len();
    let name_length = super::expand::name_end(body.as_bytes(), 0, body.len());
    let (name, rest) = body.split_at_checked(name_length).filter(|(name, _)| !name.is_empty())?;
    let (value_at, value) = if let Some(value) = rest.strip_prefix('=') {
        assigned(value, name_length + 1)?
    } else {
        stated(rest, name_length)?
    };
    let range = start + value_at..start + value_at + value.len();
    let span = joined.span(range.clone());
    let names_target = !tokens(value, Span::new(0, value.len())).is_empty();
    names_target.then(|| Setting {
        name: name.to_owned(),
        span: joined.span(start..range.end),
        value_span: span,
        value: Text { parts: joined.literal(range).collect() },
        kind: SettingKind::Comment,
        stage: None,
        container: None,
        via: None,
        filter: None,
        context: String::new(),
    })
}

/// The value of a commented-out assignment, quotes aside, and where it starts.
fn assigned(value: &str, at: usize) -> Option<(usize, &str)> {
    let quote = value.chars().next().filter(|char| matches!(char, '"' | '\''));
    match quote {
        Some(quote) => value[1..].split(quote).next().map(|inner| (at + 1, inner)),
        None => {
            value.split_ascii_whitespace().next().filter(|_| !value.starts_with([' ', '\t'])).map(|word| (at, word))
        }
    }
}

/// The default that a description of a name states, and where it starts. `rest` follows the name.
fn stated(rest: &str, at: usize) -> Option<(usize, &str)> {
    let described = rest.trim_start();
    if !described.starts_with([':', '-', '(', '=', '\u{2014}']) {
        return None;
    }
    let lower = rest.to_ascii_lowercase();
    let word = lower.find("default")? + "default".len();
    let behind = rest.get(word..)?;
    let value = behind.trim_start_matches([':', '=', ' ', '"', '\'', '`']);
    if value.len() == behind.len() {
        return None;
    }
    let length = value.find([')', ' ', '"', '\'', '`']).unwrap_or(value.len());
    Some((at + rest.len() - value.len(), value.get(..length)?.trim_end_matches(['.', ','])))
}
