//! What tells unread that a file did not change.

use std::fs::Metadata;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A file may change again within the same tick of its file system's clock; the coarsest tick is that of FAT.
const TICK: Duration = Duration::from_secs(2);

/// A file's size, times and inode. Whoever sets the modification time back changes the other one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stamp {
    length: u64,
    /// Nanoseconds since 1970.
    modified: i64,
    /// The same of the last change of anything about it, where the system tells.
    changed: i64,
    inode: u64,
}

impl Stamp {
    /// The stamp of a file.
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().map_or(0, nanoseconds);
        let (changed, inode) = system(metadata);
        Self { length: metadata.len(), modified, changed, inode }
    }

    /// Whether a change after `now` would show.
    pub fn is_settled(&self, now: SystemTime) -> bool {
        let last = self.modified.max(self.changed);
        now.checked_sub(TICK).is_some_and(|before| last < nanoseconds(before))
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(unix)]
fn system(metadata: &Metadata) -> (i64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec()), metadata.ino())
}

#[cfg(not(unix))]
fn system(_metadata: &Metadata) -> (i64, u64) {
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_settled_once_another_change_would_show() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let stamp = Stamp::of(&file.as_file().metadata().unwrap());
        let now = SystemTime::now();
        assert!(!stamp.is_settled(now));
        assert!(stamp.is_settled(now + TICK + TICK));
        // A clock that was set back settles nothing.
        assert!(!stamp.is_settled(UNIX_EPOCH));
    }

    #[test]
    fn whatever_is_done_to_a_file_shows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one").unwrap();
        let before = Stamp::of(&path.metadata().unwrap());
        let time = path.metadata().unwrap().modified().unwrap();
        std::fs::write(folder.path().join("b"), "two").unwrap();
        std::fs::rename(folder.path().join("b"), &path).unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        assert_ne!(Stamp::of(&path.metadata().unwrap()), before);
    }
}
