//! Front ends: one a language, each turns text into facts and nothing else.
//!
//! A file in this folder that declares `pub static FRONT_END` registers itself (see `build.rs`). Languages embed
//! others; a front end then hands a *region* of its file to another one's extractor, and spans stay absolute.

use crate::facts::FileFacts;

pub use self::words::Words;

/// A language's front end.
pub struct FrontEnd {
    /// The language's name in output: `python`, `dockerfile`.
    pub language: &'static str,
    /// Whether a file is in this language, by its name and the first bytes of its content.
    pub claims: fn(&Candidate<'_>) -> bool,
    /// Words of which a file must hold at least one to be worth a parse; none means that every file is.
    pub words: &'static [&'static str],
    /// The same for a file that no rule judges, which is read for what other files need of it; none means the same words.
    pub joined: Option<&'static [&'static str]>,
    /// Reads the facts of a whole file. The text has no byte-order mark.
    pub extract: fn(&str, &mut FileFacts),
    /// Reads what depends on names that other files define, in a text that holds a fresh one. Languages whose facts never
    /// do have none.
    pub extract_callers: Option<fn(&str, &Callers, &mut FileFacts)>,
}

impl FrontEnd {
    /// Whether files in this language say something that imports need: modules, what builds add, releases, what was
    /// installed, what a project declares.
    pub fn serves_imports(&self) -> bool {
        matches!(self.language, "cmake" | "metadata" | "python" | "record" | "requirements")
    }
}

/// Names of predicates, as calls and constants spell them.
pub struct Callers {
    /// Those that were not known when the file was read last.
    pub fresh: Words,
    /// Those and all that were known before.
    pub all: Words,
}

impl Callers {
    /// Callers of `fresh`, which are among `all`. What holds a word that files are read for anyway (`on_gfx9()`) was read
    /// the first time, and is not fresh.
    pub fn new(fresh: &[String], all: &[&String]) -> Self {
        let read_anyway = |name: &&String| {
            FRONT_ENDS
                .iter()
                .filter(|front_end| front_end.extract_callers.is_some())
                .all(|front_end| front_end.words.iter().any(|word| name.contains(word)))
        };
        let fresh: Vec<&String> = fresh.iter().filter(|name| !read_anyway(name)).collect();
        Self { fresh: Words::new(&fresh), all: Words::new(all) }
    }
}

/// A file that looks for its front end.
pub struct Candidate<'a> {
    /// The path below the root of the run, with `/`.
    pub path: &'a str,
    /// The file's name.
    pub name: &'a str,
    /// The first bytes of its content; empty while only names have been read.
    pub head: &'a [u8],
}

impl Candidate<'_> {
    /// Whether the file's name ends in one of these extensions, compared without case (`py`, not `.py`).
    pub fn has_extension(&self, extensions: &[&str]) -> bool {
        self.name
            .rsplit_once('.')
            .is_some_and(|(_, last)| extensions.iter().any(|extension| last.eq_ignore_ascii_case(extension)))
    }
}

include!(concat!(env!("OUT_DIR"), "/front_ends.rs"));

/// The front end for a file, if there is one.
pub fn front_end(candidate: &Candidate<'_>) -> Option<&'static FrontEnd> {
    FRONT_ENDS.iter().copied().find(|front_end| (front_end.claims)(candidate))
}
