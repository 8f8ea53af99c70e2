//! Tokens, and what ends a statement of them.

use crate::span::Span;

/// The text is not Python.
#[derive(Debug)]
pub(super) struct Fault;

/// A kind of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name,
    /// A number.
    Number,
    /// A string literal without fields; not bytes.
    Text,
    /// Bytes, and strings with fields.
    OtherText,
    /// `(`, `[`, `{`.
    Open,
    /// `)`, `]`, `}`.
    Close,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `.`; each of the three of an ellipsis.
    Dot,
    /// `=`
    Assign,
    /// `:=`
    Walrus,
    /// `+=` and the like.
    Augmented,
    /// `*` and `**`.
    Star,
    /// An operator that may stand before an operand: `+`, `-`, `~`, `@`.
    Sign,
    /// Any other operator: it needs an operand before it.
    Operator,
}

/// A token of the current statement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// The number of brackets around it; a bracket does not count itself.
    pub(super) depth: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Token {
    pub(super) fn span(self) -> Span {
        Span { start: self.start, end: self.end }
    }
}

/// What ended a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The line, or the text.
    Line,
    /// `;`
    Semicolon,
    /// The colon of a header.
    Colon,
}

/// How a statement is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// To its end.
    Simple,
    /// To the colon behind which its body starts.
    Header,
}
