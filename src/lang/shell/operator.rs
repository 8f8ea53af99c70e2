//! What stands behind the name in `${NAME...}`.

use std::ops::Range;

use super::expand::{Dialect, Expander};
use super::pattern;
use crate::facts::{Filter, FilterUse, Text, TextPart};
use crate::span::Span;

/// `${NAME` and an operator, with the word that it works on.
struct Operation {
    kind: Kind,
    /// Where its word starts, in bytes from the operator.
    word: usize,
    /// Whether an empty value counts as unset (`:-`).
    empty_is_unset: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Default,
    Alternative,
    Required,
    Replace { global: bool },
    Other,
}

fn operation(text: &str) -> Operation {
    let (empty_is_unset, rest) = text.strip_prefix(':').map_or((false, text), |rest| (true, rest));
    let colon = usize::from(empty_is_unset);
    let kind = match rest.as_bytes().first() {
        Some(b'-' | b'=') => Kind::Default,
        Some(b'+') => Kind::Alternative,
        Some(b'?') => Kind::Required,
        Some(b'/') if !empty_is_unset => Kind::Replace { global: rest.starts_with("//") },
        _ => Kind::Other,
    };
    let word = colon + if kind == (Kind::Replace { global: true }) { 2 } else { 1 };
    Operation { kind, word, empty_is_unset }
}

/// The value of `${name<operator>}`; the range is the operator with its word, empty for `${name}`.
pub(super) fn apply(expander: &Expander<'_>, name: &str, rest: Range<usize>, quoted: bool, depth: usize) -> Text {
    let value = expander.value(name);
    let text = expander.joined.slice(rest.clone());
    if text.is_empty() {
        return value;
    }
    let operation = operation(text);
    let word = rest.start + operation.word..rest.end;
    match operation.kind {
        Kind::Default => with_default(value, || expander.run(word, quoted, depth), operation.empty_is_unset),
        Kind::Alternative => with_alternative(&value, || expander.run(word, quoted, depth), operation.empty_is_unset),
        Kind::Required => value,
        Kind::Replace { global } if expander.dialect == Dialect::Shell => {
            let made = replacement(expander.joined.slice(word), global).and_then(|filter| {
                FilterUse { span: Span::default(), input: Text::default(), filters: vec![filter] }
                    .evaluate(&value.known()?)
            });
            made.map_or_else(Text::unknown, |made| Text::literal(made, None))
        }
        Kind::Replace { .. } | Kind::Other => Text::unknown(),
    }
}

/// `pattern/replacement` of `${X//pattern/replacement}` as a filter.
fn replacement(word: &str, global: bool) -> Option<Filter> {
    let slash = pattern::unescaped(word, '/');
    let (glob, made) = slash.map_or((word, ""), |at| (&word[..at], &word[at + 1..]));
    if glob.is_empty() || glob.contains('$') || made.contains('$') {
        return None;
    }
    let literal = unquoted(made).replace('\\', r"\\").replace('&', r"\&");
    Some(Filter::Substitute { pattern: pattern::glob_to_regex(&unquoted(glob))?, replacement: literal, global })
}

fn unquoted(text: &str) -> String {
    let pairs = [('"', '"'), ('\'', '\'')];
    let inner = pairs.into_iter().find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    inner.unwrap_or(text).to_owned()
}

/// A word that is `${X//pattern/replacement}` as a whole: the variable, and the filter.
pub(super) fn whole_replacement(word: &str) -> Option<(&str, Filter)> {
    let bare = word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(word);
    let inner = bare.strip_prefix("${")?.strip_suffix('}')?;
    let end = super::expand::name_end(inner.as_bytes(), 0, inner.len());
    let (name, rest) = inner.split_at_checked(end).filter(|(name, _)| !name.is_empty())?;
    let operation = operation(rest);
    let Kind::Replace { global } = operation.kind else { return None };
    Some((name, replacement(rest.get(operation.word..)?, global)?))
}

/// The word of a `${NAME:-word}` (also `-`, `:=`, `=`): its name, and where the word starts in `text`.
pub(super) fn default_word(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    let end = super::expand::name_end(inner.as_bytes(), 0, inner.len());
    let (name, rest) = inner.split_at_checked(end).filter(|(name, _)| !name.is_empty())?;
    let operation = operation(rest);
    (operation.kind == Kind::Default).then_some((name, 2 + end + operation.word))
}

/// `value`, or what stands for it when it is unset (or empty, for `:-`).
fn with_default(value: Text, default: impl FnOnce() -> Text, empty_is_unset: bool) -> Text {
    match value.parts.as_slice() {
        [TextPart::Outer { name, default: None }] => {
            Text { parts: vec![TextPart::Outer { name: name.clone(), default: Some(Box::new(default())) }] }
        }
        _ if empty_is_unset && value.known().is_some_and(|text| text.is_empty()) => default(),
        _ => value,
    }
}

/// The alternative where `value` is set (and not empty, for `:+`).
fn with_alternative(value: &Text, alternative: impl FnOnce() -> Text, empty_is_unset: bool) -> Text {
    match value.known() {
        Some(text) if text.is_empty() && empty_is_unset => Text::default(),
        Some(_) => alternative(),
        None => Text::unknown(),
    }
}
