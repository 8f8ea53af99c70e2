//! What `--output` asks for: a format, a file, or a format in a file.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueEnum as _;

use crate::report::Format;

/// One place that output goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The format; none for that of `--format`.
    pub format: Option<Format>,
    /// The file; none for standard output.
    pub file: Option<PathBuf>,
}

impl From<OsString> for Destination {
    /// `sarif=log.sarif` is a format in a file, `github` a format on standard output, and whatever starts with no format
    /// is a file, `./github` among them.
    fn from(written: OsString) -> Self {
        let format = |name: &str| Format::from_str(name, false).ok();
        let (name, file) = match written.to_str().map(|text| text.split_once('=').unwrap_or((text, "-"))) {
            Some((name, file)) if format(name).is_some() => (format(name), PathBuf::from(file)),
            _ => (None, PathBuf::from(written)),
        };
        Self { format: name, file: (file.as_os_str() != "-").then_some(file) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_files_are_told_apart() {
        let read = |text: &str| {
            let read = Destination::from(OsString::from(text));
            (read.format.map(Format::name), read.file.map(|file| file.display().to_string()))
        };
        let file = |path: &str| Some(path.to_owned());
        assert_eq!(read("sarif=a/b=c.sarif"), (Some("sarif"), file("a/b=c.sarif")));
        assert_eq!(read("github"), (Some("github"), None));
        assert_eq!(read("json=-"), (Some("json"), None));
        assert_eq!(read("-"), (None, None));
        assert_eq!(read("./github"), (None, file("./github")));
        assert_eq!(read("x=y"), (None, file("x=y")));
        assert_eq!(read("sarif="), (Some("sarif"), file("")));
    }
}
