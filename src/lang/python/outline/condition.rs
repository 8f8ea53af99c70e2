//! Conditions that say whether Python runs a branch, and with which versions of vLLM.

use super::lexer::{Kind, Lexer, Token};

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    No,
    Maybe,
    Yes,
}

impl Truth {
    pub(super) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
            Self::Yes => Self::No,
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Maybe,
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

/// A test of vLLM's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct VersionTest {
    pub(super) versions: Vec<Box<str>>,
    /// Whether it is true of these versions, or of all others.
    pub(super) holds: bool,
    /// The test is the whole condition, not a part of it that must hold too.
    pub(super) exact: bool,
}

/// What is known of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    /// When Python runs it.
    pub(super) runtime: Truth,
    /// As type checkers see it.
    pub(super) types: Truth,
    pub(super) version: Option<VersionTest>,
}

/// Brackets and operators within each other beyond this number make a condition unknown.
const NESTING: u32 = 32;

impl Condition {
    /// Holds, or not, in either view.
    pub(super) fn both(truth: Truth) -> Self {
        Self { runtime: truth, types: truth, version: None }
    }

    /// Reads the condition that `tokens` are.
    pub(super) fn read(lexer: &Lexer<'_>, tokens: &[Token]) -> Self {
        read(lexer, tokens, NESTING)
    }

    fn not(self) -> Self {
        let version = self.version.filter(|test| test.exact).map(|test| VersionTest { holds: !test.holds, ..test });
        Self { runtime: self.runtime.not(), types: self.types.not(), version }
    }

    fn or(self, other: Self) -> Self {
        let version = match (self.version, other.version) {
            (Some(a), Some(b)) if a.exact && b.exact && a.holds && b.holds => Some(merged(a, b)),
            _ => None,
        };
        Self { runtime: self.runtime.or(other.runtime), types: self.types.or(other.types), version }
    }

    fn and(self, other: Self) -> Self {
        let version = match (self.version, other.version) {
            (Some(a), Some(b)) if a.exact && b.exact && !a.holds && !b.holds => Some(merged(a, b)),
            (Some(test), _) | (None, Some(test)) => Some(VersionTest { exact: false, ..test }),
            (None, None) => None,
        };
        Self { runtime: self.runtime.and(other.runtime), types: self.types.and(other.types), version }
    }
}

fn merged(mut a: VersionTest, b: VersionTest) -> VersionTest {
    a.versions.extend(b.versions);
    a
}

fn read(lexer: &Lexer<'_>, tokens: &[Token], nesting: u32) -> Condition {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Condition::both(Truth::Maybe) };
    let depth = first.depth;
    let at_top =
        |token: &Token, word: &str| token.depth == depth && token.kind == Kind::Name && lexer.written(*token) == word;
    let chosen = |token: &Token| {
        token.depth == depth && (token.kind == Kind::Walrus || at_top(token, "if") || at_top(token, "lambda"))
    };
    if nesting == 0 || tokens.iter().any(chosen) {
        return Condition::both(Truth::Maybe);
    }
    for (word, join) in [("or", Condition::or as fn(Condition, Condition) -> Condition), ("and", Condition::and)] {
        if tokens.iter().any(|token| at_top(token, word)) {
            let parts = tokens.split(|token| at_top(token, word)).map(|part| read(lexer, part, nesting - 1));
            return parts.reduce(join).unwrap_or(Condition::both(Truth::Maybe));
        }
    }
    if at_top(first, "not") {
        return read(lexer, &tokens[1..], nesting - 1).not();
    }
    let is_group = first.kind == Kind::Open
        && last.kind == Kind::Close
        && tokens.len() > 2
        && tokens[1..tokens.len() - 1].iter().all(|token| token.depth > depth);
    if is_group && lexer.written(*first) == "(" {
        return read(lexer, &tokens[1..tokens.len() - 1], nesting - 1);
    }
    atom(lexer, tokens)
}

fn atom(lexer: &Lexer<'_>, tokens: &[Token]) -> Condition {
    // Names and dots in turn: `x is None` is no name.
    let dotted = tokens
        .iter()
        .enumerate()
        .take_while(|(at, token)| token.kind == if at % 2 == 0 { Kind::Name } else { Kind::Dot })
        .count();
    let (name, rest) = tokens.split_at(dotted);
    let last = name.last().map_or("", |token| lexer.written(*token));
    match (last, rest) {
        ("TYPE_CHECKING", []) => Condition { runtime: Truth::No, types: Truth::Yes, version: None },
        ("True", []) if dotted == 1 => Condition::both(Truth::Yes),
        ("False" | "None", []) if dotted == 1 => Condition::both(Truth::No),
        ("", [number]) if number.kind == Kind::Number => {
            let zero = lexer.written(*number).bytes().all(|byte| matches!(byte, b'0' | b'.' | b'_'));
            Condition::both(if zero { Truth::No } else { Truth::Yes })
        }
        ("vllm_version_is", [open, version, close])
            if open.kind == Kind::Open && version.kind == Kind::Text && close.kind == Kind::Close =>
        {
            let versions = vec![lexer.content(*version).text(lexer.text).into()];
            Condition {
                version: Some(VersionTest { versions, holds: true, exact: true }),
                ..Condition::both(Truth::Maybe)
            }
        }
        _ => Condition::both(Truth::Maybe),
    }
}
