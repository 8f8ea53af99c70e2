//! How languages write comments, strings and statements of several lines, as far as directives care.

/// What a language looks like to someone who reads its comments alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Syntax {
    /// How `#` starts a comment.
    pub(super) hash: Hash,
    /// Whether `;` starts one at the start of a line.
    pub(super) semicolon: bool,
    /// Whether `//` starts one.
    pub(super) slashes: bool,
    /// Whether `/*` starts one.
    pub(super) stars: bool,
    /// How strings are written.
    pub(super) strings: Strings,
    /// Brackets whose content is one statement with what stands around them.
    pub(super) joining: &'static [u8],
    /// Brackets that hold statements of their own.
    pub(super) holding: &'static [u8],
    /// Whether a statement that ends in an open bracket of the second kind goes on to where that is closed.
    pub(super) owns_block: bool,
    /// Whether a backslash at its end joins a line to the next one.
    pub(super) backslash: bool,
    /// Whether `<<WORD` starts a text that ends at that word.
    pub(super) heredoc: bool,
}

/// How `#` starts a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    /// It does not.
    Never,
    /// Wherever it stands.
    Anywhere,
    /// At the start of a line or behind a blank.
    Word,
    /// At the start of a line.
    Line,
    /// As in a container file: at the start of a line, and in what the shell gets.
    Instruction,
}

/// How strings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strings {
    /// There are none that matter.
    None,
    /// `'a'`, `"a"`, and three of either for several lines.
    Python,
    /// `'a'` without and `"a"` with escapes, each over several lines.
    Shell,
    /// `"a"` over several lines, `[[a]]`.
    Cmake,
    /// `"a"` and `'a'`, each on one line, and `R"(a)"`.
    Cpp,
    /// `"a"` on one line.
    Hcl,
    /// `"a"` and `''a''`, each over several lines.
    Nix,
}

const NONE: Syntax = Syntax {
    hash: Hash::Never,
    semicolon: false,
    slashes: false,
    stars: false,
    strings: Strings::None,
    joining: b"",
    holding: b"",
    owns_block: false,
    backslash: false,
    heredoc: false,
};

const PYTHON: Syntax =
    Syntax { hash: Hash::Anywhere, strings: Strings::Python, joining: b"([{", backslash: true, ..NONE };
const TOML: Syntax = Syntax { backslash: false, ..PYTHON };
const SHELL: Syntax =
    Syntax { hash: Hash::Word, strings: Strings::Shell, joining: b"(", backslash: true, heredoc: true, ..NONE };
const DOCKERFILE: Syntax = Syntax { hash: Hash::Instruction, backslash: true, heredoc: true, ..NONE };
const CMAKE: Syntax = Syntax { hash: Hash::Anywhere, strings: Strings::Cmake, joining: b"(", ..NONE };
const CPP: Syntax = Syntax {
    slashes: true,
    stars: true,
    strings: Strings::Cpp,
    joining: b"([",
    holding: b"{",
    backslash: true,
    ..NONE
};
const HCL: Syntax = Syntax {
    hash: Hash::Anywhere,
    slashes: true,
    stars: true,
    strings: Strings::Hcl,
    joining: b"([",
    holding: b"{",
    owns_block: true,
    ..NONE
};
const NIX: Syntax = Syntax {
    hash: Hash::Anywhere,
    stars: true,
    strings: Strings::Nix,
    joining: b"([",
    holding: b"{",
    owns_block: true,
    ..NONE
};
const LINES: Syntax = Syntax { hash: Hash::Word, backslash: true, ..NONE };
const UNIT: Syntax = Syntax { hash: Hash::Line, semicolon: true, backslash: true, ..NONE };

/// The syntax of a language, by its name; none for one without comments, or with a reader of its own.
pub(super) fn of(language: &str, path: &str) -> Option<Syntax> {
    Some(match language {
        "python" => PYTHON,
        "requirements" if path.ends_with(".toml") => TOML,
        "requirements" | "env" => LINES,
        "shell" => SHELL,
        "dockerfile" => DOCKERFILE,
        "cmake" => CMAKE,
        "cpp" | "proto" => CPP,
        "hcl" => HCL,
        "nix" => NIX,
        "unit" => UNIT,
        _ => return None,
    })
}
