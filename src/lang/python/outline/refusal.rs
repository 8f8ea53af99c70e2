//! What shows that a text is not Python: a template, Python 2, a merge conflict.

use super::lexer::{Lexer, WORD};
use super::token::{Fault, Kind, Token};
use super::words::is_keyword;

impl Lexer<'_> {
    /// Refuses what cannot follow the token before it in any statement.
    pub(super) fn check(&self, read: &[Token], token: Token) -> Result<(), Fault> {
        use Kind::{
            Assign, Augmented, Close, Colon, Comma, Name, Number, Open, Operator, OtherText, Sign, Star, Text, Walrus,
        };
        let Some(&before) = read.last() else {
            return if matches!(token.kind, Close | Comma | Colon | Assign | Augmented | Operator | Walrus) {
                Err(Fault)
            } else {
                Ok(())
            };
        };
        let leads = || {
            is_keyword(self.written(before))
                || read.len() == 1 && matches!(self.written(before), "match" | "case" | "type")
        };
        let wrong = match token.kind {
            Name | Number => match before.kind {
                Name => !leads() && !is_keyword(self.written(token)),
                Number | Text | OtherText | Close => !is_keyword(self.written(token)),
                _ => false,
            },
            Text | OtherText => match before.kind {
                Name => !leads(),
                Number | Close => true,
                _ => false,
            },
            Operator => match before.kind {
                Operator | Sign | Star | Augmented | Assign => true,
                // `f(a, /)` and `f(/)`: parameters that have no keyword.
                Open | Comma => self.written(token) != "/",
                _ => false,
            },
            _ => false,
        };
        if wrong { Err(Fault) } else { Ok(()) }
    }

    /// Whether a statement may start with the byte at `at`.
    pub(super) fn starts_operand(&self, at: usize) -> bool {
        self.bytes.get(at).is_some_and(|byte| {
            byte.is_ascii_digit()
                || matches!(byte, b'(' | b'[' | b'{' | b'"' | b'\'' | b'+' | b'-' | b'~' | b'*' | b'@' | b'.' | b'\\')
        })
    }

    /// Whether a word and another operand stand side by side, as in the `print x` of Python 2.
    pub(super) fn is_two_operands(&self, end: usize, word: &str) -> bool {
        let bytes = self.bytes;
        let next = end + bytes.get(end..).unwrap_or_default().iter().take_while(|byte| **byte == b' ').count();
        if next == end || is_keyword(word) || matches!(word, "match" | "case" | "type") {
            return false;
        }
        match bytes.get(next) {
            Some(b'"' | b'\'' | b'0'..=b'9') => true,
            Some(byte) if WORD[usize::from(*byte)] => !is_keyword(self.word(next)),
            _ => false,
        }
    }
}
