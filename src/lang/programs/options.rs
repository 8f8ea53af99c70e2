//! Options as programs write them.

use crate::facts::{Text, TextPart, Word};
use crate::span::Span;

/// An argument of a command line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Argument {
    /// An option, with its value where it takes one.
    Option {
        /// As written, without `=value`: `--index-url`, `-i`.
        name: String,
        /// Where the name stands.
        span: Span,
        /// Its value.
        value: Option<Word>,
    },
    /// Anything else.
    Operand(Word),
    /// A word that may stand for any number of options: `$ARGS`, `"$@"`.
    Open(Span),
}

/// Splits arguments; `takes_value` says which options are followed by a value of their own.
pub(super) fn arguments(words: &[Word], takes_value: impl Fn(&str) -> bool) -> Vec<Argument> {
    let mut found = Vec::with_capacity(words.len());
    let mut words = words.iter();
    let mut only_operands = false;
    while let Some(word) = words.next() {
        let Some(start) = literal_start(word) else {
            found.push(Argument::Open(word.span));
            continue;
        };
        if only_operands || !start.starts_with('-') || start == "-" {
            found.push(Argument::Operand(word.clone()));
        } else if word.known().as_deref() == Some("--") {
            only_operands = true;
        } else if let Some((name, value)) = split_at_equals(word).filter(|(name, _)| name.starts_with("--")) {
            let span = Span::new(word.span.range().start, word.span.range().start + name.len());
            found.push(Argument::Option { name, span, value: Some(value) });
        } else if let Some(name) = word.known() {
            let value = if takes_value(&name) { words.next().cloned() } else { None };
            found.push(Argument::Option { name, span: word.span, value });
        } else {
            found.push(Argument::Open(word.span));
        }
    }
    found
}

/// The known text that a word starts with; none where it starts with something unknown.
pub(super) fn literal_start(word: &Word) -> Option<&str> {
    match word.text.parts.first() {
        Some(TextPart::Literal(text, _)) => Some(text),
        Some(_) => None,
        None => Some(""),
    }
}

/// `--name=value` as two; the value keeps what is not known in it.
pub(crate) fn split_at_equals(word: &Word) -> Option<(String, Word)> {
    let (TextPart::Literal(first, at), rest) = word.text.parts.split_first()? else { return None };
    let (name, value) = first.split_once('=')?;
    let start = word.span.range().start + name.len() + 1;
    let mut parts = Vec::new();
    if !value.is_empty() {
        let span = at.map(|at| Span::new(at.range().start + name.len() + 1, at.range().end));
        parts.push(TextPart::Literal(value.to_owned(), span));
    }
    parts.extend(rest.iter().cloned());
    let end = word.span.range().end.max(start);
    Some((name.to_owned(), Word { text: Text { parts }, span: Span::new(start, end) }))
}
