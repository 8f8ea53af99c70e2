//! Where output goes: standard output in one piece, or files that are replaced whole or not at all.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};

use super::args::{Color, Common};
use crate::error::RunError;
use crate::replace::{Replacement, attempt};
use crate::report::{Format, Style, harmless, printable};

/// The width at which text is wrapped where no terminal has one, in columns.
const WIDTH: usize = 100;

/// Where one run writes; hardly ever more than one place.
pub(super) struct Output {
    targets: Vec<Target>,
}

/// How and where output is written.
pub(super) struct Target {
    pub(super) format: Format,
    pub(super) style: Style,
    /// Whether a terminal obeys what is written.
    pub(super) to_terminal: bool,
    file: Option<PathBuf>,
}

impl Target {
    fn new(common: &Common, format: Option<Format>, file: Option<PathBuf>) -> Self {
        let to_terminal = file.is_none() && io::stdout().is_terminal();
        let format = format.unwrap_or(if to_terminal { Format::Pretty } else { Format::Concise });
        // A file is not the terminal: only an explicit wish colours it.
        let color = match common.color {
            Color::Auto => file.is_none() && AutoStream::choice(&io::stdout()) != ColorChoice::Never,
            wish => wish == Color::Always,
        };
        let style =
            Style { color, unicode: speaks_unicode(), width: if to_terminal { terminal_width() } else { WIDTH } };
        Self { format, style, to_terminal, file }
    }
}

impl Output {
    /// What the command line asks for. Where each `--output` has a format of its own, that of `--format` goes to standard
    /// output beside them.
    ///
    /// # Errors
    /// Two outputs go to one place, or a file has no name.
    pub(super) fn new(common: &Common) -> Result<Self, RunError> {
        let output = Self::as_given(common);
        let usage = |what: String, help: &str| Err(RunError::Usage { what, help: help.to_owned() });
        for (at, target) in output.targets.iter().enumerate() {
            let before = &output.targets[..at];
            match &target.file {
                Some(file) if file.as_os_str().is_empty() => {
                    let what = format!("`--output {}=` names no file", target.format.name());
                    return usage(what, "write the file behind it, or leave out the sign for standard output");
                }
                Some(file) if before.iter().any(|other| other.file.as_deref().is_some_and(|own| same(own, file))) => {
                    let what = format!("two outputs go to {}", printable(&file.display().to_string()));
                    return usage(what, "give each a file of its own");
                }
                None if before.iter().any(|other| other.file.is_none()) => {
                    let what = "two outputs go to standard output".to_owned();
                    return usage(what, "write all but one to a file, as in `--output sarif=gfxlint.sarif`");
                }
                _ => {}
            }
        }
        Ok(output)
    }

    /// The same without a look at what does not fit together.
    fn as_given(common: &Common) -> Self {
        let wants_own = common.output.iter().any(|destination| destination.format.is_none());
        let beside = common.output.is_empty() || common.format.is_some() && !wants_own;
        let mut targets: Vec<Target> =
            common.output.iter().map(|to| Target::new(common, to.format.or(common.format), to.file.clone())).collect();
        if beside {
            targets.push(Target::new(common, common.format, None));
        }
        Self { targets }
    }

    /// Whether something is written in this format.
    pub(super) fn has(&self, format: Format) -> bool {
        self.formats().any(|own| own == format)
    }

    /// The formats of all that is written.
    pub(super) fn formats(&self) -> impl Iterator<Item = Format> {
        self.targets.iter().map(|target| target.format)
    }

    /// Whether the files could be written, for runs that change others before.
    ///
    /// # Errors
    /// One could not.
    pub(super) fn attempt(&self) -> Result<(), RunError> {
        let mut files = self.targets.iter().filter_map(|target| target.file.as_ref());
        files.try_for_each(|path| attempt(path).map_err(|error| RunError::output(path, &error)))
    }

    /// Writes the same text everywhere.
    ///
    /// # Errors
    /// A file, or standard output, cannot be written.
    pub(super) fn write(&self, text: &str) -> Result<(), RunError> {
        self.write_each(|_| Ok(text.to_owned()))
    }

    /// Writes the whole output. Where people read it, it may stand in the log of a CI run, whose runner must find no
    /// command in what files are called and hold.
    ///
    /// # Errors
    /// A text that cannot be made; a file, or standard output, that cannot be written.
    pub(super) fn write_each(&self, text: impl Fn(&Target) -> Result<String, RunError>) -> Result<(), RunError> {
        self.write_each_as_is(|target| {
            let text = text(target)?;
            Ok(match target.format {
                Format::Pretty | Format::Concise | Format::Markdown => harmless(&text).into_owned(),
                Format::Json | Format::Sarif | Format::Github | Format::Gitlab | Format::Html => text,
            })
        })
    }

    /// Writes what programs read everywhere, to the byte.
    ///
    /// # Errors
    /// A file, or standard output, cannot be written.
    pub(super) fn write_as_is(&self, text: &str) -> Result<(), RunError> {
        self.write_each_as_is(|_| Ok(text.to_owned()))
    }

    /// Writes to the byte: files all together or none of them, then standard output. A reader that stops reading has
    /// seen what it wanted.
    ///
    /// # Errors
    /// A text that cannot be made; a file, or standard output, that cannot be written.
    pub(super) fn write_each_as_is(&self, text: impl Fn(&Target) -> Result<String, RunError>) -> Result<(), RunError> {
        let (mut files, mut standard) = (Vec::new(), String::new());
        for target in &self.targets {
            let text = text(target)?;
            match &target.file {
                Some(path) => {
                    let failed = |error: io::Error| RunError::output(path, &error);
                    files.push((path, Replacement::new(path, text.into_bytes()).map_err(failed)?));
                }
                None => standard = text,
            }
        }
        for (path, file) in files {
            file.finish().map_err(|error| RunError::output(path, &error))?;
        }
        let mut out = io::stdout().lock();
        match out.write_all(standard.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(RunError::output(Path::new("standard output"), &error))
            }
            _ => Ok(()),
        }
    }
}

/// Leaves a log wherever SARIF was asked for, after a run that failed; `to_files_alone` where standard output may hold
/// something already. What cannot be written now either adds nothing to what was told.
pub(super) fn leave(common: &Common, to_files_alone: bool, log: impl Fn() -> Result<String, RunError>) {
    let Output { mut targets } = Output::as_given(common);
    targets.retain(|target| target.format == Format::Sarif && !(to_files_alone && target.file.is_none()));
    for target in targets {
        let _ = Output { targets: vec![target] }.write_each(|_| log());
    }
}

/// Whether two paths are one file, also where it is yet to be made.
fn same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| {
        path.canonicalize().ok().or_else(|| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            Some(folder.canonicalize().ok()?.join(path.file_name()?))
        })
    };
    // Nobody minds two outputs on /dev/null.
    let is_device = std::fs::metadata(one).is_ok_and(|file| !file.is_file() && !file.is_dir());
    !is_device && (one == other || real(one).is_some_and(|path| Some(path) == real(other)))
}

/// Writes to standard error, if anyone listens.
pub(super) fn tell(text: &str) {
    let _ = io::stderr().lock().write_all(harmless(text).as_bytes());
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
