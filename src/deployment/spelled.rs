//! Values as plain text whose parts can be pointed at.

use std::ops::Range;

use crate::facts::{Text, TextPart, Word};
use crate::span::Span;

/// What stands for a part that is not known.
pub(super) const UNKNOWN: char = '*';

/// A value as plain text: variables stand for their defaults, unknown parts for [`UNKNOWN`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelled {
    pub text: String,
    parts: Vec<(Range<usize>, Option<Span>)>,
    whole: Span,
}

impl Spelled {
    /// A value that stands at `whole`; `fill` gives the values of variables from outside.
    pub fn new(value: &Text, whole: Span, fill: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut spelled = Self { text: String::new(), parts: Vec::new(), whole };
        spelled.add(value, fill);
        spelled
    }

    /// A word; variables from outside stand for their defaults.
    pub fn word(word: &Word) -> Self {
        Self::new(&word.text, word.span, &|_| None)
    }

    fn add(&mut self, value: &Text, fill: &dyn Fn(&str) -> Option<String>) {
        for part in &value.parts {
            match part {
                TextPart::Literal(text, span) => self.push(text, *span),
                TextPart::Unknown => self.push(&UNKNOWN.to_string(), None),
                TextPart::Outer { name, default } => match (fill(name), default) {
                    (Some(text), _) => self.push(&text, None),
                    (None, Some(default)) => self.add(default, fill),
                    (None, None) => self.push(&UNKNOWN.to_string(), None),
                },
            }
        }
    }

    fn push(&mut self, text: &str, span: Option<Span>) {
        let start = self.text.len();
        self.text.push_str(text);
        // Bytes that do not stand in the file as they are cannot be pointed at one by one.
        let span = span.filter(|span| span.range().len() == text.len());
        self.parts.push((start..self.text.len(), span));
    }

    /// Where a part of the text stands; the whole value's place where it is put together from several.
    pub fn at(&self, range: Range<usize>) -> Span {
        let part = self.parts.iter().find(|(part, _)| part.start <= range.start && range.end <= part.end);
        part.and_then(|(part, span)| {
            let start = span.as_ref()?.range().start + range.start - part.start;
            Some(Span::new(start, start + range.len()))
        })
        .unwrap_or(self.whole)
    }
}
