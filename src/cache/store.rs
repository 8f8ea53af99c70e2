//! The file that facts are kept in: a head, an index by path, and the facts of each file, which are read on demand.

use std::ops::Range;
use std::path::Path;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{Entry, Rounds};
use crate::facts::FileFacts;

const MAGIC: &[u8; 8] = b"gfxfacts";
/// The head: the magic, the version, a checksum of all that follows, and the length of the index.
const HEAD: usize = 32;

/// What is kept of one file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Indexed {
    entry: Entry,
    facts: Range<u32>,
    /// The same with what predicates of other files added, where they did.
    followed: Option<Range<u32>>,
}

/// What an earlier run left.
#[derive(Debug, Default)]
pub struct Store {
    bytes: Vec<u8>,
    /// Where facts start in `bytes`.
    facts: usize,
    by_path: FxHashMap<Box<str>, Indexed>,
    /// The predicates that were followed.
    pub rounds: Rounds,
}

/// What is kept of a file: its entry, and its facts on demand.
#[derive(Clone, Copy)]
pub struct Kept<'s> {
    store: &'s Store,
    indexed: &'s Indexed,
}

impl Store {
    /// Reads a cache; none where it is damaged, or of another version.
    pub(super) fn read(file: &Path, version: u64) -> Option<Self> {
        let bytes = std::fs::read(file).ok()?;
        let number = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        if bytes.get(..8)? != MAGIC || number(8)? != version || number(16)? != xxh3_64(bytes.get(HEAD - 8..)?) {
            return None;
        }
        let facts = HEAD.checked_add(usize::try_from(number(24)?).ok()?)?;
        let (rounds, index): (Rounds, Vec<(Box<str>, Indexed)>) = postcard::from_bytes(bytes.get(HEAD..facts)?).ok()?;
        Some(Self { facts, by_path: index.into_iter().collect(), rounds, bytes })
    }

    /// What is kept of the file at this path.
    pub fn find(&self, path: &str) -> Option<Kept<'_>> {
        self.by_path.get(path).map(|indexed| Kept { store: self, indexed })
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    fn slice(&self, range: &Range<u32>) -> Option<&[u8]> {
        let within = |at: u32| Some(self.facts.checked_add(usize::try_from(at).ok()?)?);
        self.bytes.get(within(range.start)?..within(range.end)?)
    }
}

impl<'s> Kept<'s> {
    /// What is known of the file.
    pub fn entry(&self) -> &'s Entry {
        &self.indexed.entry
    }

    /// Its facts; with what predicates added, if these are those of then. None where they cannot be read.
    pub fn facts(&self, is_followed: bool) -> Option<FileFacts> {
        let range = self.indexed.followed.as_ref().filter(|_| is_followed).unwrap_or(&self.indexed.facts);
        postcard::from_bytes(self.store.slice(range)?).ok()
    }
}

/// The facts of one file, as bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Encoded {
    own: Vec<u8>,
    followed: Option<Vec<u8>>,
}

impl Encoded {
    /// The facts that a file has by itself, and the same with what predicates of other files added, where they did.
    pub fn new(own: &FileFacts, followed: Option<&FileFacts>) -> Option<Self> {
        let followed = match followed {
            Some(facts) => Some(postcard::to_stdvec(facts).ok()?),
            None => None,
        };
        Some(Self { own: postcard::to_stdvec(own).ok()?, followed })
    }

    /// What an earlier run left.
    pub fn kept(kept: Kept<'_>) -> Option<Self> {
        let copy = |range| kept.store.slice(range).map(<[u8]>::to_vec);
        let followed = match &kept.indexed.followed {
            Some(range) => Some(copy(range)?),
            None => None,
        };
        Some(Self { own: copy(&kept.indexed.facts)?, followed })
    }

    /// The same, with something else that predicates of other files added.
    pub fn followed_by(self, facts: Option<&FileFacts>) -> Option<Self> {
        let followed = match facts {
            Some(facts) => Some(postcard::to_stdvec(facts).ok()?),
            None => None,
        };
        Some(Self { followed, ..self })
    }
}

/// Gathers what is to be kept.
#[derive(Debug, Default)]
pub struct Writer {
    rounds: Rounds,
    index: Vec<(Box<str>, Indexed)>,
    facts: Vec<u8>,
}

impl Writer {
    /// Starts with the predicates that were followed.
    pub fn new(rounds: Rounds) -> Self {
        Self { rounds, ..Self::default() }
    }

    /// Keeps a file.
    pub fn add(&mut self, path: &str, entry: Entry, facts: &Encoded) {
        let indexed = |writer: &mut Self| {
            let own = writer.append(&facts.own)?;
            let followed = match &facts.followed {
                Some(bytes) => Some(writer.append(bytes)?),
                None => None,
            };
            Some(Indexed { entry, facts: own, followed })
        };
        if let Some(indexed) = indexed(self) {
            self.index.push((path.into(), indexed));
        }
    }

    /// Where these bytes come to lie; nowhere beyond 4 GiB.
    fn append(&mut self, bytes: &[u8]) -> Option<Range<u32>> {
        let start = u32::try_from(self.facts.len()).ok()?;
        let end = u32::try_from(self.facts.len() + bytes.len()).ok()?;
        self.facts.extend_from_slice(bytes);
        Some(start..end)
    }

    /// The whole file.
    pub(super) fn bytes(&self, version: u64) -> Vec<u8> {
        let index = postcard::to_stdvec(&(&self.rounds, &self.index)).unwrap_or_default();
        let mut bytes = Vec::with_capacity(HEAD + index.len() + self.facts.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&version.to_le_bytes());
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(&(index.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&index);
        bytes.extend_from_slice(&self.facts);
        let sum = xxh3_64(&bytes[HEAD - 8..]);
        bytes[16..24].copy_from_slice(&sum.to_le_bytes());
        bytes
    }
}
