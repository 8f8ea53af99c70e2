//! Where output goes: standard output in one piece, or a file that is replaced whole or not at all.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};

use super::args::{Color, Common};
use crate::error::RunError;
use crate::replace::{attempt, replace};
use crate::report::{Format, Style, harmless};

/// The width at which text is wrapped where no terminal has one, in columns.
const WIDTH: usize = 100;

/// How and where one run writes.
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) style: Style,
    /// Whether a terminal obeys what is written.
    pub(super) to_terminal: bool,
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
        Self { format, style, to_terminal, file: common.output.clone() }
    }

    /// Whether the file could be written, for runs that change others before.
    ///
    /// # Errors
    /// It could not.
    pub(super) fn attempt(&self) -> Result<(), RunError> {
        self.file.as_ref().map_or(Ok(()), |path| attempt(path).map_err(|error| RunError::output(path, &error)))
    }

    /// Writes the whole output. Where people read it, it may stand in the log of a CI run, whose runner must find no
    /// command in what files are called and hold.
    ///
    /// # Errors
    /// The file, or standard output, cannot be written.
    pub(super) fn write(&self, text: &str) -> Result<(), RunError> {
        match self.format {
            Format::Pretty | Format::Concise | Format::Markdown => self.write_as_is(&harmless(text)),
            Format::Json | Format::Sarif | Format::Github | Format::Gitlab | Format::Html => self.write_as_is(text),
        }
    }

    /// Writes what programs read, to the byte. A reader that stops reading has seen what it wanted.
    ///
    /// # Errors
    /// The file, or standard output, cannot be written.
    pub(super) fn write_as_is(&self, text: &str) -> Result<(), RunError> {
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
