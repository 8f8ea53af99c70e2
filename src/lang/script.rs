//! Scripts that stand in other files: which bytes of the file they are made of.
//!
//! A script is the concatenation of its pieces, so a piece holds its line's end too. Where the host language turns a
//! line break into a space, a byte of the next line's indentation stands for it: pieces are always bytes of the file.

use super::programs;
use super::shell::{self, Host};
use crate::facts::{FileFacts, Home, SettingKind, Text};
use crate::span::Span;

/// The value of a variable that the host file sets, and where it is written.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<(Text, Option<Span>)>;

/// A script under construction.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pieces: Vec<Span>,
}

impl Script {
    /// Appends bytes of the file; neighbours become one piece.
    pub fn push(&mut self, piece: Span) {
        match self.pieces.last_mut() {
            _ if piece.start == piece.end => {}
            Some(last) if last.end == piece.start => last.end = piece.end,
            _ => self.pieces.push(piece),
        }
    }

    /// Appends the line break that follows `at`, so that what comes next is a new command.
    pub fn end_line(&mut self, text: &str, at: usize) {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        if let Some(offset) = memchr::memchr(b'\n', rest) {
            self.push(Span::new(at + offset, at + offset + 1));
        }
    }

    /// The bytes that it is made of.
    pub fn into_pieces(self) -> Vec<Span> {
        self.pieces
    }

    /// A script of these bytes.
    pub fn of(pieces: Vec<Span>) -> Self {
        Self { pieces }
    }

    /// The script itself.
    #[cfg(test)]
    pub fn text(&self, text: &str) -> String {
        self.pieces.iter().map(|piece| piece.text(text)).collect()
    }

    /// Hands the script to the shell front end, if it can hold anything of interest.
    /// `lookup` gives values of variables that the file sets for it.
    pub fn extract(
        &self,
        text: &str,
        home: Home,
        assign_kind: Option<SettingKind>,
        lookup: Lookup<'_>,
        facts: &mut FileFacts,
    ) {
        if !self.pieces.iter().any(|piece| is_of_interest(piece.text(text))) {
            return;
        }
        // Only Buildkite and Compose double the dollar; in a plain script `$$` is a process number and seldom seen.
        let doubled_dollar = self.pieces.iter().any(|piece| piece.text(text).contains("$$"));
        let host = Host { lookup, home, folder: None, environment: &[], assign_kind, doubled_dollar };
        shell::extract_region(text, &self.pieces, &host, facts);
    }
}

/// Whether a text can set a variable or a flag that is about targets, or hold a command that is read.
fn is_of_interest(text: &str) -> bool {
    ["gfx", "ARCH", "GFX", "TARGETS"].iter().any(|word| text.contains(word)) || programs::may_hold_one(text)
}
