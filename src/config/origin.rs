//! Where a value of the configuration comes from.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use miette::NamedSource;

use crate::error::RunError;
use crate::report::printable_in_place;

/// A configuration file.
#[derive(Debug)]
pub struct ConfigFile {
    /// Its path as output shows it.
    pub shown: String,
    /// Its path, absolute.
    pub path: PathBuf,
    /// The folder that its paths and patterns count from, absolute.
    pub folder: PathBuf,
    /// Its text.
    pub text: String,
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// An option of the command line.
    Flag(&'static str),
    /// Bytes of a configuration file.
    File(Arc<ConfigFile>, Range<usize>),
}

/// A value, and where it comes from.
#[derive(Debug, Clone)]
pub struct Given<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Given<T> {
    /// A value that an option of the command line gives.
    pub fn by_flag(flag: &'static str, value: T) -> Self {
        Self { value, origin: Origin::Flag(flag) }
    }
}

impl Origin {
    /// `gfxlint.toml:3`, `--select`.
    pub fn describe(&self) -> String {
        match self {
            Self::Flag(flag) => (*flag).to_owned(),
            Self::File(file, at) => {
                let before = file.text.get(..at.start).unwrap_or_default();
                format!("{}:{}", file.shown, before.bytes().filter(|&byte| byte == b'\n').count() + 1)
            }
        }
    }

    /// An error about this value.
    pub fn error(&self, what: String, label: &str, help: Option<String>) -> RunError {
        match self {
            Self::Flag(flag) => RunError::Config {
                what: format!("{flag}: {what}"),
                help,
                label: String::new(),
                source_code: None,
                at: None,
            },
            Self::File(file, at) => RunError::Config {
                what,
                help,
                label: label.to_owned(),
                source_code: Some(Arc::new(NamedSource::new(&file.shown, printable_in_place(&file.text)))),
                at: Some(at.clone().into()),
            },
        }
    }

    /// The same error, with this place, if the value comes from a file.
    pub fn locate(&self, error: RunError, label: &str) -> RunError {
        let Self::File(..) = self else { return error };
        let help = match &error {
            RunError::UnknownTarget { help, .. } | RunError::Usage { help, .. } => Some(help.clone()),
            RunError::UnknownRule { .. } => Some(RULE_HELP.to_owned()),
            _ => None,
        };
        self.error(error.to_string(), label, help)
    }
}

/// What to write where a rule is meant.
pub(super) const RULE_HELP: &str =
    "give an id (GFX101), a prefix of one (GFX1), a name (arch-gap) or a tag (docker); `gfxlint rules` lists them";
