//! Parentheses and square brackets, matched.

use super::lex::{Source, TokenKind};

/// For each token the bracket around it, for each bracket its partner.
pub(super) struct Brackets {
    partner: Vec<u32>,
    around: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Brackets {
    /// Matches the brackets of a file; those of a directive stay within it.
    pub fn read(source: &Source<'_>) -> Self {
        let count = source.tokens.len();
        let mut brackets = Self { partner: vec![NONE; count], around: vec![NONE; count] };
        let (mut open, mut base): (Vec<u32>, usize) = (Vec::new(), 0);
        for at in 0..count {
            let closes = matches!(source.word(at), ")" | "]") && source.kind(at) == Some(TokenKind::Punct);
            if closes && open.len() > base {
                brackets.pair(open.pop(), at);
            }
            brackets.around[at] = open.get(base..).and_then(|own| own.last()).copied().unwrap_or(NONE);
            match source.kind(at) {
                Some(TokenKind::Hash) => base = open.len(),
                Some(TokenKind::End) => {
                    open.truncate(base);
                    base = 0;
                }
                Some(TokenKind::Punct) if matches!(source.word(at), "(" | "[") => {
                    open.push(u32::try_from(at).unwrap_or(NONE))
                }
                _ => {}
            }
        }
        brackets
    }

    fn pair(&mut self, open: Option<u32>, close: usize) {
        let Some(open) = open else { return };
        self.partner[close] = open;
        if let Some(slot) = self.partner.get_mut(open as usize) {
            *slot = u32::try_from(close).unwrap_or(NONE);
        }
    }

    /// The bracket that belongs to the one at `at`.
    pub fn partner(&self, at: usize) -> Option<usize> {
        self.partner.get(at).filter(|&&index| index != NONE).map(|&index| index as usize)
    }

    /// The innermost opening bracket around the token at `at`; a bracket is not within itself.
    pub fn around(&self, at: usize) -> Option<usize> {
        self.around.get(at).filter(|&&index| index != NONE).map(|&index| index as usize)
    }

    /// Whether the innermost bracket around both tokens is the same.
    pub fn same_level(&self, one: usize, other: usize) -> bool {
        self.around(one) == self.around(other)
    }
}
