//! Where output goes: standard output in one piece, or a file that is replaced whole or not at all.

use std::fs;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};

use super::args::{Color, Common};
use crate::error::RunError;
use crate::report::{Format, Style};

/// The width at which text is wrapped where no terminal has one, in columns.
const WIDTH: usize = 100;

/// How and where one run writes.
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) style: Style,
    file: Option<PathBuf>,
}

impl Output {
    pub(super) fn new(common: &Common) -> Self {
        let to_terminal = common.output.is_none() && io::stdout().is_terminal();
        let format = common.format.unwrap_or(if to_terminal { Format::Pretty } else { Format::Concise });
        // A file is not the terminal: only an explicit wish colours it.
        let color = match common.color {
            Color::Auto => common.output.is_none() && AutoStream::choice(&io::stdout()) != ColorChoice::Never,
            wish => wish == Color::Always,
        };
        let style =
            Style { color, unicode: speaks_unicode(), width: if to_terminal { terminal_width() } else { WIDTH } };
        Self { format, style, file: common.output.clone() }
    }

    /// Writes the whole output. A reader that stops reading has seen what it wanted.
    ///
    /// # Errors
    /// The file, or standard output, cannot be written.
    pub(super) fn write(&self, text: &str) -> Result<(), RunError> {
        match &self.file {
            Some(path) => replace(path, text.as_bytes()).map_err(|error| RunError::output(path, &error)),
            None => {
                let mut out = io::stdout().lock();
                match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
                    Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                        Err(RunError::output(Path::new("standard output"), &error))
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}

/// Writes to standard error, if anyone listens.
pub(super) fn tell(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// How failures are shown on standard error.
pub(super) fn error_style(color: Color) -> Style {
    let color = match color {
        Color::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
        wish => wish == Color::Always,
    };
    Style { color, unicode: speaks_unicode(), width: terminal_width() }
}

fn terminal_width() -> usize {
    terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0).clamp(40, 120))
}

/// Whether the locale has characters beyond ASCII and the terminal a font for them.
fn speaks_unicode() -> bool {
    if cfg!(windows) {
        return std::env::var_os("WT_SESSION").is_some();
    }
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default().to_lowercase();
    let terminal = set("TERM").unwrap_or_default();
    (locale.contains("utf-8") || locale.contains("utf8")) && !matches!(terminal.as_str(), "linux" | "dumb")
}

/// Replaces a file by way of a temporary one beside it, keeping its permissions; devices and pipes are written to.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let existing = fs::metadata(path);
    if existing.as_ref().is_ok_and(|existing| !existing.is_file()) {
        return fs::OpenOptions::new().write(true).open(path)?.write_all(content);
    }
    // A link stays one: what it leads to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Said of the folder itself, the reason does not name the temporary file.
    fs::metadata(folder)?;
    let mut temporary = new_file(folder)?;
    temporary.write_all(content)?;
    if let Ok(existing) = existing {
        temporary.as_file().set_permissions(existing.permissions())?;
    }
    temporary.persist(&target).map(drop).map_err(|error| error.error)
}

/// A temporary file that others may read as any new file, not the owner alone.
fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".gfxlint-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

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
