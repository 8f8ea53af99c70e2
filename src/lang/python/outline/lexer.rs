//! Tokens of Python, one statement at a time.

use memchr::memchr2;

use super::strings::{format_string_end, is_triple, prefix, string_end};
pub(super) use super::token::{End, Fault, Form, Kind, Token};
use crate::lang::python::lines::all_but;
use crate::span::Span;

/// Reads tokens.
pub(super) struct Lexer<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    /// The offset of the next byte to read.
    pub(super) at: usize,
    /// Whether a string that may be part of a qualified name has been met; the reader resets it.
    pub(super) met_name: bool,
}

/// Bytes that are skipped over in a statement that nothing is read from.
const PLAIN: [bool; 256] = all_but(b"\"'#()[]{}\\\n\r;");
/// The same in a header.
const PLAIN_IN_HEADER: [bool; 256] = all_but(b"\"'#()[]{}\\\n\r;:");

/// Bytes of names and numbers.
pub(super) const WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        word[byte] = byte >= 0x80 || byte == b'_' as usize || (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    word
};

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, met_name: false }
    }

    /// The text of a token.
    pub(super) fn written(&self, token: Token) -> &'t str {
        token.span().text(self.text)
    }

    /// The word at `at`; empty where none starts.
    pub(super) fn word(&self, at: usize) -> &'t str {
        let rest = self.bytes.get(at..).unwrap_or_default();
        if rest.first().is_none_or(u8::is_ascii_digit) {
            return "";
        }
        let length = rest.iter().position(|&byte| !WORD[usize::from(byte)]).unwrap_or(rest.len());
        self.text.get(at..at + length).unwrap_or_default()
    }

    /// Skips white space and joined lines, within a line.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | 0x0c => self.at += 1,
                b'\\' if self.joined(self.at).is_some() => self.at += self.joined(self.at).unwrap_or(1),
                _ => break,
            }
        }
    }

    /// The length of a backslash and the line end behind it.
    fn joined(&self, at: usize) -> Option<usize> {
        match self.bytes.get(at + 1)? {
            b'\n' => Some(2),
            b'\r' if self.bytes.get(at + 2) == Some(&b'\n') => Some(3),
            b'\r' => Some(2),
            _ => None,
        }
    }

    /// Skips a comment up to the line end, if one starts here.
    pub(super) fn skip_comment(&mut self) {
        if self.bytes.get(self.at) == Some(&b'#') {
            self.at = self
                .bytes
                .get(self.at..)
                .and_then(|rest| memchr2(b'\n', b'\r', rest))
                .map_or(self.bytes.len(), |length| self.at + length);
        }
    }

    /// Skips a line end, if one is here. The end of the text is one too.
    pub(super) fn skip_line_end(&mut self) -> bool {
        match self.bytes.get(self.at) {
            Some(b'\r') if self.bytes.get(self.at + 1) == Some(&b'\n') => self.at += 2,
            Some(b'\n' | b'\r') => self.at += 1,
            None => {}
            Some(_) => return false,
        }
        true
    }

    /// Skips a simple statement, or a header in which `lambda` stands in brackets only, without reading it.
    pub(super) fn skip_statement(&mut self, form: Form) -> Result<End, Fault> {
        let plain = if form == Form::Header { &PLAIN_IN_HEADER } else { &PLAIN };
        let mut depth = 0u32;
        loop {
            while self.bytes.get(self.at).is_some_and(|&byte| plain[usize::from(byte)]) {
                self.at += 1;
            }
            match self.bytes.get(self.at) {
                None if depth > 0 => return Err(Fault),
                None => return Ok(End::Line),
                Some(b'"' | b'\'') => {
                    let (_, format) = prefix(self.bytes, self.at);
                    self.string(format)?;
                }
                Some(b'#') => self.skip_comment(),
                Some(b'(' | b'[' | b'{') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b')' | b']' | b'}') => {
                    depth = depth.checked_sub(1).ok_or(Fault)?;
                    self.at += 1;
                }
                Some(b'\\') => self.at += self.joined(self.at).ok_or(Fault)?,
                Some(b';') if depth == 0 => {
                    self.at += 1;
                    return Ok(End::Semicolon);
                }
                Some(b':') if depth == 0 && form == Form::Header => {
                    self.at += 1;
                    return Ok(End::Colon);
                }
                Some(b'\n' | b'\r') if depth == 0 => {
                    self.skip_line_end();
                    return Ok(End::Line);
                }
                Some(_) => self.at += 1,
            }
        }
    }

    /// Skips the literal whose first quote is here.
    fn string(&mut self, format: bool) -> Result<(), Fault> {
        let quote = self.at;
        if format {
            self.at = format_string_end(self.bytes, quote)?;
            return Ok(());
        }
        self.at = string_end(self.bytes, quote)?;
        let content = self.bytes.get(quote + 1..self.at - 1).unwrap_or_default();
        self.met_name |= content.iter().all(|&byte| WORD[usize::from(byte)] || matches!(byte, b'.' | b':'))
            && content.contains(&b'.');
        Ok(())
    }

    /// Reads a statement into `tokens`.
    pub(super) fn read_statement(&mut self, form: Form, tokens: &mut Vec<Token>) -> Result<End, Fault> {
        tokens.clear();
        let mut depth = 0u32;
        // Lambdas whose own colon is still to come, outside of brackets.
        let mut lambdas = 0u32;
        loop {
            self.skip_space();
            let start = self.at;
            let Some(&byte) = self.bytes.get(start) else {
                return if depth == 0 { Ok(End::Line) } else { Err(Fault) };
            };
            let kind = match byte {
                b'\n' | b'\r' => {
                    self.skip_line_end();
                    if depth == 0 {
                        return Ok(End::Line);
                    }
                    continue;
                }
                b'#' => {
                    self.skip_comment();
                    continue;
                }
                b';' if depth == 0 => {
                    self.at += 1;
                    return Ok(End::Semicolon);
                }
                b':' if depth == 0
                    && form == Form::Header
                    && lambdas == 0
                    && self.bytes.get(start + 1) != Some(&b'=') =>
                {
                    self.at += 1;
                    return Ok(End::Colon);
                }
                _ => self.token(byte)?,
            };
            match kind {
                Kind::Close => depth = depth.checked_sub(1).ok_or(Fault)?,
                Kind::Colon if depth == 0 => lambdas = lambdas.saturating_sub(1),
                Kind::Name
                    if depth == 0
                        && byte == b'l'
                        && self.at - start == 6
                        && &self.bytes[start..self.at] == b"lambda" =>
                {
                    lambdas += 1
                }
                _ => {}
            }
            let span = Span::new(start, self.at);
            let token = Token { kind, depth, start: span.start, end: span.end };
            self.check(tokens, token)?;
            tokens.push(token);
            if kind == Kind::Open {
                depth += 1;
            }
        }
    }

    /// Reads one token, which starts with `byte`.
    fn token(&mut self, byte: u8) -> Result<Kind, Fault> {
        let next = self.bytes.get(self.at + 1).copied().unwrap_or_default();
        let third = self.bytes.get(self.at + 2).copied().unwrap_or_default();
        let (kind, length) = match byte {
            b'0'..=b'9' => return Ok(self.number()),
            b'.' if next.is_ascii_digit() => return Ok(self.number()),
            b'"' | b'\'' => {
                self.string(false)?;
                return Ok(Kind::Text);
            }
            _ if WORD[usize::from(byte)] => return self.name(),
            b'(' | b'[' | b'{' => (Kind::Open, 1),
            b')' | b']' | b'}' => (Kind::Close, 1),
            b',' => (Kind::Comma, 1),
            b'.' => (Kind::Dot, 1),
            b':' if next == b'=' => (Kind::Walrus, 2),
            b':' => (Kind::Colon, 1),
            b'=' if next == b'=' => (Kind::Operator, 2),
            b'=' => (Kind::Assign, 1),
            b'-' if next == b'>' => (Kind::Operator, 2),
            b'*' | b'/' | b'<' | b'>' if next == byte && third == b'=' => (Kind::Augmented, 3),
            b'*' if next == b'*' => (Kind::Star, 2),
            b'/' | b'<' | b'>' if next == byte => (Kind::Operator, 2),
            b'<' | b'>' | b'!' if next == b'=' => (Kind::Operator, 2),
            b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'@' if next == b'=' => (Kind::Augmented, 2),
            b'*' => (Kind::Star, 1),
            b'+' | b'-' | b'~' | b'@' => (Kind::Sign, 1),
            b'/' | b'<' | b'>' | b'%' | b'&' | b'|' | b'^' => (Kind::Operator, 1),
            _ => return Err(Fault),
        };
        self.at += length;
        Ok(kind)
    }

    fn number(&mut self) -> Kind {
        let start = self.at;
        while let Some(&byte) = self.bytes.get(self.at) {
            let hexadecimal = matches!(self.bytes.get(start + 1), Some(b'x' | b'X'));
            let sign = matches!(byte, b'+' | b'-')
                && !hexadecimal
                && self.at > start
                && matches!(self.bytes[self.at - 1], b'e' | b'E');
            if !(byte == b'.' || sign || WORD[usize::from(byte)]) {
                break;
            }
            self.at += 1;
        }
        Kind::Number
    }

    /// Reads a name, or the string whose prefix it is.
    fn name(&mut self) -> Result<Kind, Fault> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|&byte| WORD[usize::from(byte)]) {
            self.at += 1;
        }
        if !matches!(self.bytes.get(self.at), Some(b'"' | b'\'')) {
            return Ok(Kind::Name);
        }
        let (first, format) = prefix(self.bytes, self.at);
        if first != start {
            return Ok(Kind::Name);
        }
        let bytes = self.bytes[start..self.at].iter().any(|byte| matches!(byte, b'b' | b'B'));
        self.string(format)?;
        Ok(if bytes || format { Kind::OtherText } else { Kind::Text })
    }

    /// The characters between the quotes of a string token.
    pub(super) fn content(&self, token: Token) -> Span {
        let written = self.written(token).as_bytes();
        let quote = written.iter().position(|byte| matches!(byte, b'"' | b'\'')).unwrap_or_default();
        let marks = if written.len() >= quote + 6 && is_triple(written, quote) { 3 } else { 1 };
        let start = token.start as usize + quote + marks;
        Span::new(start, (token.end as usize).saturating_sub(marks).max(start))
    }
}
