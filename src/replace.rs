//! Replaces files whole or not at all, by way of a temporary file beside each.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file's new content, written beside it and not yet in its place. Dropped, it leaves nothing behind.
pub struct Prepared {
    temporary: NamedTempFile,
    target: PathBuf,
}

impl Prepared {
    /// Writes `content` beside the file at `path`, with that file's permissions where it exists.
    ///
    /// # Errors
    /// The folder does not exist, cannot be written, or is full.
    pub fn new(path: &Path, content: &[u8]) -> io::Result<Self> {
        // A link stays one: what it leads to is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Said of the folder itself, the reason does not name the temporary file.
        fs::metadata(folder)?;
        let mut temporary = new_file(folder)?;
        temporary.write_all(content)?;
        if let Ok(existing) = fs::metadata(&target) {
            temporary.as_file().set_permissions(existing.permissions())?;
        }
        Ok(Self { temporary, target })
    }

    /// Puts the content in its place.
    ///
    /// # Errors
    /// The system does not allow it.
    pub fn persist(self) -> io::Result<()> {
        self.temporary.persist(&self.target).map(drop).map_err(|error| error.error)
    }
}

/// A file's new content on its way: devices and pipes are written to when it ends, files are replaced.
pub enum Replacement {
    /// A file.
    File(Prepared),
    /// A device or a pipe, open, and what goes there.
    Stream(fs::File, Vec<u8>),
}

impl Replacement {
    /// Takes the content in, and changes nothing yet.
    ///
    /// # Errors
    /// The file, or its folder, cannot be written.
    pub fn new(path: &Path, content: Vec<u8>) -> io::Result<Self> {
        if fs::metadata(path).is_ok_and(|existing| !existing.is_file()) {
            return Ok(Self::Stream(fs::OpenOptions::new().write(true).open(path)?, content));
        }
        Prepared::new(path, &content).map(Self::File)
    }

    /// Puts the content in its place.
    ///
    /// # Errors
    /// The system does not allow it.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::File(prepared) => prepared.persist(),
            Self::Stream(mut file, content) => file.write_all(&content),
        }
    }
}

/// Whether a file could be replaced now; changes nothing.
///
/// # Errors
/// The file, or its folder, cannot be written.
pub fn attempt(path: &Path) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|existing| !existing.is_file()) {
        return fs::OpenOptions::new().write(true).open(path).map(drop);
    }
    Prepared::new(path, b"").map(drop)
}

/// A temporary file that others may read as any new file, not the owner alone.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".gfxlint-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
        Replacement::new(path, content.to_vec())?.finish()
    }

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.sarif");
        replace(&path, b"first").unwrap();
        replace(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert!(replace(&folder.path().join("missing/out"), b"x").is_err());
        assert!(replace(folder.path(), b"x").is_err());
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["out.sarif"], "no temporary file is left");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_links_and_devices_stay_what_they_are() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("out"), folder.path().join("link"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().permissions().mode() & 0o777),
            (b"new".to_vec(), 0o640)
        );
        replace(Path::new("/dev/null"), b"gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
