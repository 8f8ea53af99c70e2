//! Words that Python gives a meaning.

/// Whether a word is reserved.
pub(super) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "as"
            | "assert"
            | "async"
            | "await"
            | "break"
            | "class"
            | "continue"
            | "def"
            | "del"
            | "elif"
            | "else"
            | "except"
            | "False"
            | "finally"
            | "for"
            | "from"
            | "global"
            | "if"
            | "import"
            | "in"
            | "is"
            | "lambda"
            | "None"
            | "nonlocal"
            | "not"
            | "or"
            | "pass"
            | "raise"
            | "return"
            | "True"
            | "try"
            | "while"
            | "with"
            | "yield"
    )
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
        Some(match word {
            "if" => Self::If,
            "elif" => Self::Elif,
            "else" => Self::Else,
            "try" => Self::Try,
            "except" => Self::Except,
            "finally" => Self::Finally,
            "for" => Self::For,
            "while" => Self::While,
            "with" => Self::With,
            "def" => Self::Def,
            "class" => Self::Class,
            "async" => Self::Async,
            "import" => Self::Import,
            "from" => Self::From,
            "global" => Self::Global,
            "del" => Self::Del,
            "raise" => Self::Raise,
            "match" => Self::Match,
            "case" => Self::Case,
            "type" => Self::Type,
            _ => return None,
        })
    }
}
