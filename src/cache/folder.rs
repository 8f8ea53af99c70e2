//! The folder that caches lie in.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use etcetera::BaseStrategy;

use super::{ANSWERS, FACTS};

/// Together, caches take no more than that, in bytes: the oldest go first.
const LARGEST: u64 = 256 << 20;

/// Tells backups that this folder is no loss; the first line is the one of <https://bford.info/cachedir/>.
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder holds caches of gfxlint.\n";

/// A folder that caches lie in.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// The number of files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Folder {
    /// `GFXLINT_CACHE_DIR`, or the user's folder for caches; none where there is neither.
    pub fn of_user() -> Option<Self> {
        if let Some(given) = std::env::var_os("GFXLINT_CACHE_DIR").filter(|given| !given.is_empty()) {
            return Some(Self(PathBuf::from(given)));
        }
        etcetera::choose_base_strategy().ok().map(|base| Self(base.cache_dir().join("gfxlint")))
    }

    /// A folder of one's own.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file of the folder, whole or not at all.
    pub(super) fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        std::fs::create_dir_all(&self.0)?;
        let tag = self.0.join("CACHEDIR.TAG");
        if !tag.exists() {
            std::fs::write(tag, TAG)?;
        }
        let mut whole = tempfile::Builder::new().prefix("gfxlint-").suffix(".part").tempfile_in(&self.0)?;
        whole.write_all(bytes)?;
        whole.persist(file).map_err(|error| error.error)?;
        self.shrink(file);
        Ok(())
    }

    /// Removes the oldest caches, but for `kept`, until the rest is small enough.
    fn shrink(&self, kept: &Path) {
        let mut files = self.files();
        files.sort_by_key(|(_, _, modified)| std::cmp::Reverse(*modified));
        let mut room = LARGEST.saturating_sub(kept.metadata().map_or(0, |metadata| metadata.len()));
        for (path, bytes, _) in files.into_iter().filter(|(path, _, _)| path != kept) {
            match room.checked_sub(bytes) {
                Some(left) => room = left,
                None => drop(std::fs::remove_file(path)),
            }
        }
    }

    /// Removes all caches, and the folder itself where nothing else lies in it.
    ///
    /// # Errors
    /// A file that cannot be removed, with its path.
    pub fn clean(&self) -> Result<Removed, (PathBuf, io::Error)> {
        let mut removed = Removed::default();
        for (path, bytes, _) in self.files() {
            std::fs::remove_file(&path).map_err(|error| (path, error))?;
            removed.files += 1;
            removed.bytes += bytes;
        }
        let tag = self.0.join("CACHEDIR.TAG");
        if std::fs::read(&tag).is_ok_and(|text| text == TAG.as_bytes()) {
            std::fs::remove_file(&tag).map_err(|error| (tag, error))?;
            // Somebody else's files may lie there too.
            let _ = std::fs::remove_dir(&self.0);
        }
        Ok(removed)
    }

    /// Caches and what was left of writing them, with their sizes and times.
    fn files(&self) -> Vec<(PathBuf, u64, SystemTime)> {
        let Ok(entries) = std::fs::read_dir(&self.0) else { return Vec::new() };
        let own = |path: &Path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            extension.is_some_and(|extension| [FACTS, ANSWERS].contains(&extension))
                || extension == Some("part") && is_named(path, "gfxlint-")
        };
        let file = |entry: io::Result<std::fs::DirEntry>| {
            let path = entry.ok()?.path();
            let metadata = path.symlink_metadata().ok().filter(|metadata| metadata.is_file() && own(&path))?;
            Some((path, metadata.len(), metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH)))
        };
        entries.filter_map(file).collect()
    }
}

fn is_named(path: &Path, prefix: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix))
}
