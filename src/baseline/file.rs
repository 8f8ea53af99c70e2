//! The file that a baseline is kept in.

use std::path::Path;
use std::sync::Arc;

use miette::{NamedSource, SourceOffset};
use serde::{Deserialize, Serialize};

use super::Baseline;
use crate::error::RunError;
use crate::report::{json_text, printable, printable_in_place};

/// The version of the format that is written, and the only one that is read.
const VERSION: u64 = 1;

/// A finding that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The file, relative to the baseline's folder, with `/`.
    pub path: String,
    /// The rule's id.
    pub rule: String,
    /// What stands around the fault; empty where nothing does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub symbol: String,
    /// What it is about: the rule's own arguments, or the text at fault.
    pub about: String,
    /// How many such findings there are.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: usize,
}

fn one() -> usize {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_one(count: &usize) -> bool {
    *count == 1
}

impl Entry {
    /// Whether only their counts differ.
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        (&self.path, &self.rule, &self.symbol, &self.about) == (&other.path, &other.rule, &other.symbol, &other.about)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u64,
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// A file that cannot be read, that is none, or that a newer gfxlint wrote.
    pub fn read(path: &Path) -> Result<Self, RunError> {
        let shown = printable(&path.display().to_string());
        let text = std::fs::read_to_string(path).map_err(|error| RunError::Config {
            what: format!("cannot read the baseline {shown}: {error}"),
            help: Some("`gfxlint baseline write` writes one".to_owned()),
            label: String::new(),
            source_code: None,
            at: None,
        })?;
        let text = text.strip_prefix('\u{feff}').map_or(text.clone(), ToOwned::to_owned);
        let wrong = |error: &serde_json::Error| RunError::Config {
            what: format!("{shown} is no baseline: {}", cause(error)),
            help: Some("`gfxlint baseline write` writes it anew".to_owned()),
            label: "here".to_owned(),
            at: Some(SourceOffset::from_location(&text, error.line(), error.column()).into()),
            source_code: Some(Arc::new(NamedSource::new(&shown, printable_in_place(&text)))),
        };
        if !text.trim_start().starts_with('{') {
            return Err(RunError::Config {
                what: format!("{shown} is no baseline"),
                help: Some("`gfxlint baseline write` writes it anew".to_owned()),
                label: String::new(),
                source_code: None,
                at: None,
            });
        }
        let versioned: Versioned = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        if versioned.version > VERSION {
            return Err(RunError::Config {
                what: format!(
                    "{shown} is of version {}, which a newer gfxlint wrote; this one reads version {VERSION}",
                    versioned.version
                ),
                help: Some("update gfxlint, or write the baseline anew with `gfxlint baseline write`".to_owned()),
                label: String::new(),
                source_code: None,
                at: None,
            });
        }
        let document: Document = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        Ok(Self { entries: document.findings, ..Self::empty(path) })
    }

    /// The text of the file.
    ///
    /// # Errors
    /// None with these types.
    pub fn text(&self) -> Result<String, RunError> {
        json_text(&Document { version: VERSION, findings: self.entries.clone() })
    }
}

/// What is wrong, without the place, which is shown.
fn cause(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    printable(&text[..end])
}
