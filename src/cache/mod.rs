//! Facts of files from earlier runs, so that only what changed is read.
//!
//! Facts of a file depend on its name and bytes, and on the predicates that other files define. What was read of a file
//! is kept with the hash of its bytes; where its size, times and inode are those of then, its bytes are not even read.
//! What the predicates added is kept apart, and holds as long as the files of the run define the same predicates.
//!
//! One file holds what is known of one repository. It is replaced as a whole, so that runs side by side never see half
//! of it; what is damaged, or was written by another build of gfxlint, counts as absent. Beside it lies what the last runs
//! found: where all files are those of then and the same is asked, nothing is worked out again.

mod answers;
mod folder;
mod stamp;
mod store;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::facts::FileFacts;
use crate::source::Section;

use self::answers::Answers;
pub use self::answers::{Asking, Question};
pub use self::folder::{Folder, Removed};
pub use self::stamp::Stamp;
pub use self::store::{Encoded, Kept, Store, Writer};

/// How files of facts end.
const FACTS: &str = "facts";
/// How files of answers end.
const ANSWERS: &str = "answers";

/// What identifies a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hash(u128);

impl Hash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxh3_128(bytes))
    }

    /// Its bytes.
    pub fn bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }
}

/// What is known of a file but for its facts.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// How it is told unread that it did not change; none where it had only just changed when it was read.
    pub stamp: Option<Stamp>,
    /// What its bytes were.
    pub hash: Hash,
    /// The part of the project that it was taken for, on which depends how much of it is read.
    pub section: Section,
    /// The name of its language; empty for none.
    pub language: Box<str>,
    /// The length of its byte-order mark.
    pub bom: u32,
    /// Whether its text was of use.
    pub has_text: bool,
    /// Why it could not be read.
    pub failure: Option<Box<str>>,
    /// What tells whether the predicates and imports in it are those of then.
    pub predicates: u64,
}

/// The predicates that were followed in a run, round by round.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Rounds {
    /// What the files of the run defined then.
    pub defined: u64,
    /// The names that were new in each round.
    pub names: Vec<Vec<String>>,
}

/// What tells whether the predicates that a file defines, and what it imports, are the same.
pub fn predicates_of(facts: &FileFacts) -> u64 {
    if facts.definitions.is_empty() && facts.imports.is_empty() {
        return 0;
    }
    let bytes = postcard::to_stdvec(&(&facts.definitions, &facts.imports)).unwrap_or_default();
    xxh3_64(&bytes)
}

/// Where the facts of one repository are kept.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: Folder,
    file: PathBuf,
    /// What the facts depend on beside the files.
    version: u64,
}

impl Cache {
    /// The cache in that folder for a run on all of `root`, as the file system has it.
    pub fn new(folder: Folder, root: &Path) -> Option<Self> {
        let name = xxh3_128(root.as_os_str().as_encoded_bytes());
        let file = folder.path().join(format!("{name:032x}.{FACTS}"));
        Some(Self { folder, file, version: version()? })
    }

    /// What earlier runs left; nothing where that cannot be used.
    pub fn read(&self) -> Store {
        Store::read(&self.file, self.version).unwrap_or_default()
    }

    /// Keeps what this run found. A cache that cannot be written is no cache: nobody is told.
    pub fn write(&self, writer: &Writer) {
        let _ = self.folder.write(&self.file, &writer.bytes(self.version));
    }

    /// What a run that was asked the same found.
    pub fn answer(&self, question: Question) -> Option<Vec<u8>> {
        Answers::read(&self.answers(), self.version)?.find(question)
    }

    /// Keeps what this run found.
    pub fn keep_answer(&self, question: Question, answer: Vec<u8>) {
        let file = self.answers();
        let mut answers = Answers::read(&file, self.version).unwrap_or_default();
        if answers.add(question, answer) {
            let _ = self.folder.write(&file, &answers.bytes(self.version));
        }
    }

    fn answers(&self) -> PathBuf {
        self.file.with_extension(ANSWERS)
    }
}

/// This build of gfxlint, by the program's file.
fn version() -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let stamp = Stamp::of(&program.metadata().ok()?);
    let parts = (env!("CARGO_PKG_VERSION"), program.as_os_str().as_encoded_bytes(), stamp);
    Some(xxh3_64(&postcard::to_stdvec(&parts).ok()?))
}
