//! A module as logical lines, and the blocks that they stand in.

use super::lines::{Line, lines};

/// A module.
pub(super) struct Blocks<'a> {
    pub(super) text: &'a str,
    pub(super) lines: Vec<Line>,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, lines: lines(text) }
    }

    /// The text of a line, by its index.
    pub(super) fn line(&self, at: usize) -> &'a str {
        self.lines.get(at).and_then(|line| self.text.get(line.first..line.end)).unwrap_or_default()
    }

    /// The lines that a line stands below: compound statements, innermost first.
    pub(super) fn above(&self, at: usize) -> impl Iterator<Item = usize> {
        let mut indent = self.lines.get(at).map_or(0, |line| line.indent);
        (0..at).rev().filter(move |&above| {
            let own = self.lines[above].indent;
            let is_above = own < indent;
            if is_above {
                indent = own;
            }
            is_above
        })
    }

    /// The enclosing class or function, dotted, and whether a condition or loop stands in between.
    pub(super) fn place(&self, at: usize) -> (String, bool) {
        let (mut names, mut is_conditional) = (Vec::new(), false);
        for above in self.above(at) {
            let line = self.line(above);
            let line = line.strip_prefix("async ").unwrap_or(line);
            match line.strip_prefix("class ").or_else(|| line.strip_prefix("def ")) {
                Some(rest) => names.push(identifier(rest)),
                None => is_conditional |= names.is_empty(),
            }
        }
        names.reverse();
        (names.join("."), is_conditional)
    }
}

/// The identifier that a text starts with.
pub(super) fn identifier(text: &str) -> &str {
    &text[..text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()]
}
