//! Tokens of C++: just enough to tell code from comments and strings, and directives from code.

use crate::span::Span;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// An identifier or keyword.
    Ident,
    /// A preprocessing number.
    Number,
    /// A string literal, prefix, quotes and suffix included.
    Text,
    /// A character literal.
    Char,
    /// An operator or bracket.
    Punct,
    /// The `#` that starts a directive.
    Hash,
    /// The end of a directive; empty, where its last line ends.
    End,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The tokens of a file with its text.
pub(super) struct Source<'a> {
    /// The whole file.
    pub text: &'a str,
    /// Its tokens, comments left out.
    pub tokens: Vec<Token>,
}

impl<'a> Source<'a> {
    /// The kind of the token at `index`, if there is one.
    pub fn kind(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// The text of the token at `index`; empty where there is none.
    pub fn word(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |token| token.span.text(self.text))
    }

    /// Whether the token at `index` reads so.
    pub fn is(&self, index: usize, word: &str) -> bool {
        self.word(index) == word
    }

    /// Whether the token at `index` is an identifier.
    pub fn is_ident(&self, index: usize) -> bool {
        self.kind(index) == Some(TokenKind::Ident)
    }

    /// The span of the token at `index`; empty at the file's end where there is none.
    pub fn span(&self, index: usize) -> Span {
        self.tokens.get(index).map_or(Span::new(self.text.len(), self.text.len()), |token| token.span)
    }

    /// The span from one token to another one, both included.
    pub fn hull(&self, first: usize, last: usize) -> Span {
        self.span(first).hull(self.span(last.max(first)))
    }

    /// The content of a string literal, between its quotes (a raw string's delimiters are kept).
    pub fn content(&self, index: usize) -> Span {
        let (span, word) = (self.span(index), self.word(index));
        match (word.find('"'), word.rfind('"')) {
            (Some(open), Some(close)) if close > open => {
                Span::new(span.start as usize + open + 1, span.start as usize + close)
            }
            (Some(open), _) => Span::new(span.start as usize + open + 1, span.end as usize),
            _ => span,
        }
    }
}

/// What a file consists of.
pub(super) struct Lexed {
    /// The tokens, in order.
    pub tokens: Vec<Token>,
    /// The comments that hold `gfx`, delimiters included.
    pub comments: Vec<Span>,
}

/// Splits a text into tokens. Never fails: what is not closed ends with its line or with the file.
pub(super) fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        at: 0,
        in_directive: false,
        line_is_blank: true,
        lexed: Lexed { tokens: Vec::new(), comments: Vec::new() },
    };
    while lexer.at < lexer.bytes.len() {
        lexer.step();
    }
    lexer.end_directive();
    lexer.lexed
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    in_directive: bool,
    line_is_blank: bool,
    lexed: Lexed,
}

/// Operators of more than one character that conditions or calls depend on; all others are single characters.
const OPERATORS: &[&[u8]] = &[b"<<<", b"::", b"->", b"&&", b"||", b"==", b"!=", b"<=", b">="];

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn step(&mut self) {
        match self.peek(0) {
            b'\n' | b'\r' => self.line_end(),
            b' ' | b'\t' | 0x0b | 0x0c => self.at += 1,
            b'\\' => self.at += splice(self.bytes, self.at).unwrap_or(1),
            b'/' if self.peek(1) == b'/' => self.line_comment(),
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'"' => self.string(self.at),
            b'\'' => self.quoted(self.at, b'\'', TokenKind::Char),
            b'#' if self.line_is_blank && !self.in_directive => {
                self.in_directive = true;
                self.push(TokenKind::Hash, self.at, self.at + 1);
            }
            byte if is_word(byte) && !byte.is_ascii_digit() => self.word(),
            byte if byte.is_ascii_digit() || (byte == b'.' && self.peek(1).is_ascii_digit()) => self.number(),
            _ => self.operator(),
        }
    }

    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        self.line_is_blank = false;
        self.at = end.min(self.bytes.len());
        self.lexed.tokens.push(Token { kind, span: Span::new(start, self.at) });
    }

    fn line_end(&mut self) {
        self.end_directive();
        self.line_is_blank = true;
        self.at += 1;
    }

    fn end_directive(&mut self) {
        if std::mem::take(&mut self.in_directive) {
            self.push(TokenKind::End, self.at, self.at);
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let length = self.bytes[start..].iter().take_while(|&&byte| is_word(byte)).count();
        let end = start + length;
        let quoted = self.bytes.get(end) == Some(&b'"');
        match &self.bytes[start..end] {
            b"R" | b"LR" | b"uR" | b"UR" | b"u8R" if quoted => self.raw_string(start, end),
            b"L" | b"u" | b"U" | b"u8" if quoted => {
                self.at = end;
                self.string(start);
            }
            _ => self.push(TokenKind::Ident, start, end),
        }
    }

    fn number(&mut self) {
        let start = self.at;
        let mut end = start + 1;
        while let Some(&byte) = self.bytes.get(end) {
            let next = self.bytes.get(end + 1).copied().unwrap_or(0);
            let exponent_sign = matches!(byte, b'+' | b'-') && matches!(self.bytes[end - 1], b'e' | b'E' | b'p' | b'P');
            let separator = byte == b'\'' && is_word(next);
            if !(is_word(byte) || byte == b'.' || exponent_sign || separator) {
                break;
            }
            end += 1;
        }
        self.push(TokenKind::Number, start, end);
    }

    fn operator(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = OPERATORS.iter().find(|operator| rest.starts_with(operator)).map_or(1, |operator| operator.len());
        self.push(TokenKind::Punct, self.at, self.at + length);
    }

    /// A string whose opening quote is at `self.at`, its prefix at `start`, with a suffix such as `sv`.
    fn string(&mut self, start: usize) {
        self.quoted(start, b'"', TokenKind::Text);
        let suffix = self.bytes[self.at..].iter().take_while(|&&byte| is_word(byte)).count();
        if suffix > 0 && self.bytes[self.at - 1] == b'"' && self.lexed.tokens.pop().is_some() {
            self.push(TokenKind::Text, start, self.at + suffix);
        }
    }

    fn quoted(&mut self, start: usize, quote: u8, kind: TokenKind) {
        let mut end = self.at + 1;
        while let Some(&byte) = self.bytes.get(end) {
            match byte {
                b'\\' => end += splice(self.bytes, end).unwrap_or(2),
                b'\n' | b'\r' => break,
                _ if byte == quote => {
                    end += 1;
                    break;
                }
                _ => end += 1,
            }
        }
        // An escape may have stepped into a character of several bytes: end where a character ends.
        while end < self.bytes.len() && (self.bytes[end] & 0xc0) == 0x80 {
            end += 1;
        }
        self.push(kind, start, end);
    }

    /// `R"delimiter(` ... `)delimiter"`, the quote at `quote`.
    fn raw_string(&mut self, start: usize, quote: usize) {
        let opening = &self.bytes[quote + 1..self.bytes.len().min(quote + 18)];
        let Some(length) = opening.iter().position(|&byte| byte == b'(') else {
            self.at = quote;
            return self.string(start);
        };
        let mut closing = vec![b')'];
        closing.extend(&opening[..length]);
        closing.push(b'"');
        let body = quote + length + 2;
        let end = memchr::memmem::find(&self.bytes[body..], &closing)
            .map_or(self.bytes.len(), |at| body + at + closing.len());
        self.push(TokenKind::Text, start, end);
    }

    /// A comment to the end of the line; the line goes on behind a backslash.
    fn line_comment(&mut self) {
        let start = self.at;
        let mut end = start + 2;
        loop {
            end = memchr::memchr2(b'\n', b'\r', &self.bytes[end..]).map_or(self.bytes.len(), |at| end + at);
            if end >= self.bytes.len() || self.bytes[end - 1] != b'\\' {
                break;
            }
            end += line_break(self.bytes, end);
        }
        self.comment(start, end);
    }

    fn block_comment(&mut self) {
        let (start, body) = (self.at, self.at + 2);
        let end = memchr::memmem::find(&self.bytes[body..], b"*/").map_or(self.bytes.len(), |at| body + at + 2);
        self.comment(start, end);
    }

    fn comment(&mut self, start: usize, end: usize) {
        if memchr::memmem::find(&self.bytes[start..end], b"gfx").is_some() {
            self.lexed.comments.push(Span::new(start, end));
        }
        self.at = end;
    }
}

/// Whether a byte belongs to identifiers; all bytes of characters beyond ASCII do.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// The length of a backslash with the line break behind it; blanks may stand between, as compilers allow.
fn splice(bytes: &[u8], at: usize) -> Option<usize> {
    let blanks = bytes[at + 1..].iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
    match line_break(bytes, at + 1 + blanks) {
        0 => None,
        length => Some(1 + blanks + length),
    }
}

/// The length of the line break at `at`: one, two (`\r\n`) or none.
fn line_break(bytes: &[u8], at: usize) -> usize {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => 2,
        (Some(b'\r' | b'\n'), _) => 1,
        _ => 0,
    }
}
