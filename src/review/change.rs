//! What a change does to the files of a tree.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};
use rustc_hash::FxHashMap;

use crate::source::Sources;
use crate::span::Place;

/// A change of a tree.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The files whose text changes.
    pub files: Vec<FileChange>,
    /// Files that change and that nothing was read of, with why: binary ones, submodules.
    pub skipped: Vec<(String, &'static str)>,
}

/// A file on both sides.
#[derive(Debug, Clone)]
pub struct FileChange {
    /// Its path before; none where it is new.
    pub old_path: Option<String>,
    /// Its path after; none where it is deleted.
    pub new_path: Option<String>,
    /// Its text before.
    pub old: Vec<u8>,
    /// Its text after.
    pub new: Vec<u8>,
    /// The lines that differ, 0-based: those before, and those that stand there after.
    pub hunks: Vec<(Range<u32>, Range<u32>)>,
}

impl FileChange {
    /// Compares the two texts of a file.
    pub fn new(old_path: Option<String>, new_path: Option<String>, old: Vec<u8>, new: Vec<u8>) -> Self {
        let input = InternedInput::new(old.as_slice(), new.as_slice());
        let mut diff = Diff::compute(Algorithm::Histogram, &input);
        diff.postprocess_lines(&input);
        let hunks = diff.hunks().map(|hunk| (hunk.before, hunk.after)).collect();
        Self { old_path, new_path, old, new, hunks }
    }

    /// The 0-based line after that stands where a line before was.
    pub fn moved(&self, line: u32) -> u32 {
        let mut shift = 0i64;
        for (before, after) in &self.hunks {
            if line < before.start {
                break;
            }
            if before.contains(&line) {
                return if after.is_empty() { after.start.saturating_sub(1) } else { after.start };
            }
            shift = i64::from(after.end) - i64::from(before.end);
        }
        u32::try_from(i64::from(line) + shift).unwrap_or_default()
    }
}

/// A change, to be asked about places of the new side.
pub struct Lines<'c> {
    by_path: FxHashMap<&'c str, &'c FileChange>,
    by_old_path: FxHashMap<&'c str, &'c FileChange>,
    /// The path before, by the path after, of files that moved.
    renamed: FxHashMap<&'c str, &'c str>,
}

impl<'c> Lines<'c> {
    /// Takes in a change.
    pub fn new(change: &'c Change) -> Self {
        let by_path = change.files.iter().filter_map(|file| Some((file.new_path.as_deref()?, file))).collect();
        let renamed = change
            .files
            .iter()
            .filter_map(|file| Some((file.new_path.as_deref()?, file.old_path.as_deref()?)))
            .filter(|(new, old)| new != old)
            .collect();
        let by_old_path = change.files.iter().filter_map(|file| Some((file.old_path.as_deref()?, file))).collect();
        Self { by_path, by_old_path, renamed }
    }

    /// The file's change, by its path after.
    pub fn file(&self, path: &str) -> Option<&'c FileChange> {
        self.by_path.get(path).copied()
    }

    /// The file's change, by its path before.
    pub fn from(&self, path: &str) -> Option<&'c FileChange> {
        self.by_old_path.get(path).copied()
    }

    /// The path that a file had before.
    pub fn old_path<'p>(&self, path: &'p str) -> &'p str
    where
        'c: 'p,
    {
        self.renamed.get(path).copied().unwrap_or(path)
    }

    /// Whether a place of the new side lies on a line that is new or altered.
    pub fn touches(&self, sources: &Sources, at: Place) -> bool {
        let file = sources.get(at.file);
        let Some(change) = self.file(&file.path) else { return false };
        let index = file.lines();
        let line = |offset: u32| u32::try_from(index.line_of(offset)).unwrap_or(u32::MAX);
        let (first, last) = (line(at.span.start), line(at.span.end.max(at.span.start + 1) - 1));
        change.hunks.iter().any(|(_, after)| after.start <= last && first < after.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(old: &str, new: &str) -> FileChange {
        FileChange::new(Some("x".to_owned()), Some("x".to_owned()), old.into(), new.into())
    }

    #[test]
    fn lines_are_followed_through_a_change() {
        let change = change("a\nb\nc\nd\n", "a\nx\ny\nc\n");
        assert_eq!(change.hunks, [(1..2, 1..3), (3..4, 4..4)]);
        assert_eq!([0, 1, 2, 3].map(|line| change.moved(line)), [0, 1, 3, 3]);
    }
}
