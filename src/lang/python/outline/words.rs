//! Words that Python gives a meaning.

/// Words that are reserved.
const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
    "False", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "None", "nonlocal", "not", "or",
    "pass", "raise", "return", "True", "try", "while", "with", "yield",
];

/// Which first letters words of each length may have, a bit for each: most words of a text are told by that alone.
struct Starts([u32; 9]);

impl Starts {
    const fn of(words: &[&str]) -> Self {
        let mut starts = [0; 9];
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            starts[word.len()] |= 1 << (word[0] & 31);
            at += 1;
        }
        Self(starts)
    }

    fn fit(&self, word: &str) -> bool {
        let starts = self.0.get(word.len()).copied().unwrap_or_default();
        word.as_bytes().first().is_some_and(|first| starts >> (first & 31) & 1 == 1)
    }
}

/// Whether a word is reserved.
pub(super) fn is_keyword(word: &str) -> bool {
    const STARTS: Starts = Starts::of(KEYWORDS);
    STARTS.fit(word) && KEYWORDS.contains(&word)
}

/// A word that starts a statement that outlines care about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leader {
    If,
    Elif,
    Else,
    Try,
    Except,
    Finally,
    For,
    While,
    With,
    Def,
    Class,
    Async,
    Import,
    From,
    Global,
    Del,
    Raise,
    /// A statement only where its header ends in a colon.
    Match,
    /// A statement only in the body of `match`.
    Case,
    /// A statement only before a name.
    Type,
}

impl Leader {
    /// The leader that a word is.
    pub(super) fn of(word: &str) -> Option<Self> {
        const STARTS: Starts = Starts::of(LEADERS.0);
        let at = if STARTS.fit(word) { LEADERS.0.iter().position(|leader| *leader == word)? } else { return None };
        Some(LEADERS.1[at])
    }
}

/// Leaders as they are written, and what they are.
const LEADERS: (&[&str], &[Leader]) = {
    use Leader::*;
    (
        &[
            "if", "elif", "else", "try", "except", "finally", "for", "while", "with", "def", "class", "async",
            "import", "from", "global", "del", "raise", "match", "case", "type",
        ],
        &[
            If, Elif, Else, Try, Except, Finally, For, While, With, Def, Class, Async, Import, From, Global, Del,
            Raise, Match, Case, Type,
        ],
    )
};
