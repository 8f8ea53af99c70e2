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
