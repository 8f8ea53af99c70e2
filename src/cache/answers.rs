//! What runs found in the same files before: findings by question, as bytes that only the asker understands.

use std::path::Path;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

const MAGIC: &[u8; 8] = b"gfxfound";
/// The head: the magic, the version, and a checksum of all that follows.
const HEAD: usize = 24;
/// So many answers are kept: those of a hook, an editor and a whole run.
const MOST: usize = 8;
/// Together they are no larger than this, in bytes; what is longer is quicker found again than read.
const LARGEST: usize = 4 << 20;

/// What identifies what was asked, and of which files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Question(u128);

/// Puts a question together, part by part.
pub struct Asking(Xxh3);

impl Asking {
    /// A question about nothing yet.
    pub fn new() -> Self {
        Self(Xxh3::new())
    }

    /// Adds a part. Parts know their length, so that no two lists of parts are the same bytes.
    pub fn part(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// The question.
    pub fn question(&self) -> Question {
        Question(self.0.digest128())
    }
}

impl Default for Asking {
    fn default() -> Self {
        Self::new()
    }
}

/// The answers of earlier runs, the newest first.
#[derive(Debug, Default)]
pub(super) struct Answers(Vec<(Question, Vec<u8>)>);

impl Answers {
    /// Reads answers; none where they are damaged, or of another version.
    pub(super) fn read(file: &Path, version: u64) -> Option<Self> {
        let bytes = std::fs::read(file).ok()?;
        let number = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let rest = bytes.get(HEAD..)?;
        let is_whole = bytes.get(..8)? == MAGIC && number(8)? == version && number(16)? == xxh3_64(rest);
        is_whole.then(|| postcard::from_bytes(rest).ok().map(Self))?
    }

    /// The answer to a question.
    pub(super) fn find(self, question: Question) -> Option<Vec<u8>> {
        self.0.into_iter().find(|(known, _)| *known == question).map(|(_, answer)| answer)
    }

    /// Puts an answer first, and lets go of the oldest; false where it is too long to keep.
    pub(super) fn add(&mut self, question: Question, answer: Vec<u8>) -> bool {
        if answer.len() > LARGEST {
            return false;
        }
        self.0.retain(|(known, _)| *known != question);
        self.0.insert(0, (question, answer));
        let mut room = LARGEST;
        let fitting = self.0.iter().take(MOST).take_while(|(_, answer)| match room.checked_sub(answer.len()) {
            Some(left) => {
                room = left;
                true
            }
            None => false,
        });
        let kept = fitting.count();
        self.0.truncate(kept);
        true
    }

    /// The whole file.
    pub(super) fn bytes(&self, version: u64) -> Vec<u8> {
        let rest = postcard::to_stdvec(&self.0).unwrap_or_default();
        let mut bytes = Vec::with_capacity(HEAD + rest.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&version.to_le_bytes());
        bytes.extend_from_slice(&xxh3_64(&rest).to_le_bytes());
        bytes.extend_from_slice(&rest);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(parts: &[&str]) -> Question {
        let mut asking = Asking::new();
        parts.iter().for_each(|part| asking.part(part.as_bytes()));
        asking.question()
    }

    #[test]
    fn parts_do_not_run_into_one_another() {
        assert_ne!(question(&["ab", "c"]), question(&["a", "bc"]));
        assert_eq!(question(&["ab", "c"]), question(&["ab", "c"]));
    }

    #[test]
    fn the_newest_answers_stay() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("answers");
        let mut answers = Answers::default();
        for turn in 0..20u8 {
            assert!(answers.add(question(&[&turn.to_string()]), vec![turn]));
        }
        assert!(!answers.add(question(&["long"]), vec![0; LARGEST + 1]));
        std::fs::write(&file, answers.bytes(7)).unwrap();
        let find = |version: u64, turn: u8| Answers::read(&file, version)?.find(question(&[&turn.to_string()]));
        assert_eq!(find(7, 19), Some(vec![19]));
        assert_eq!(find(7, 12), Some(vec![12]));
        assert_eq!(find(7, 11), None, "only {MOST} are kept");
        assert_eq!(find(8, 19), None, "of another build");
        let mut damaged = answers.bytes(7);
        *damaged.last_mut().unwrap() ^= 1;
        std::fs::write(&file, damaged).unwrap();
        assert!(Answers::read(&file, 7).is_none());
    }
}
