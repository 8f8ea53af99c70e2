//! What rules report.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::rules::RuleMeta;
use crate::span::{Place, Span};

/// How bad a finding is.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Advice.
    Note,
    /// Likely wrong.
    Warning,
    /// It will fail, or silently produce the wrong thing.
    Error,
}

/// How sure a finding is.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Several things had to be guessed.
    Low,
    /// One thing had to be guessed: the target or the release, say, or what stands in a part that does not parse.
    Medium,
    /// It follows from what the files say.
    High,
}

impl Confidence {
    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// So much less, for each thing that had to be guessed.
    #[must_use]
    pub fn lowered_by(self, doubts: usize) -> Self {
        match (self, doubts) {
            (own, 0) => own,
            (Self::High, 1) => Self::Medium,
            _ => Self::Low,
        }
    }
}

impl Severity {
    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// One step less: for what had to be guessed, or what affects some of several targets.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::Error => Self::Warning,
            Self::Warning | Self::Note => Self::Note,
        }
    }

    /// Several steps less, for each thing that had to be guessed.
    #[must_use]
    pub fn lowered_by(self, steps: usize) -> Self {
        (0..steps.min(2)).fold(self, |severity, _| severity.lowered())
    }
}

/// From which severity on findings make a run fail.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailOn {
    /// Errors alone
    Error,
    /// Warnings and errors
    Warning,
    /// Everything that is reported
    Note,
    /// Nothing: findings never make a run fail
    Never,
}

impl FailOn {
    /// Whether a run whose worst finding is `worst` fails.
    pub fn fails(self, worst: Option<Severity>) -> bool {
        let least = match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Note => Severity::Note,
            Self::Never => return false,
        };
        worst.is_some_and(|worst| worst >= least)
    }
}

/// A fault, where it stands.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static RuleMeta,
    /// How bad it is here.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// Whether it is shown although it is a note and advice was not asked for.
    pub certain: bool,
    /// One or two sentences that end with a period.
    pub message: String,
    /// The token at fault.
    pub at: Place,
    /// What the token at fault is, in a few words, for the caret.
    pub label: String,
    /// Other places that take part, in the order in which they are to be read.
    pub related: Vec<Label>,
    /// Where the findings stand that this one sums up: pretty output shows them in one line each below it.
    pub folds: Vec<Place>,
    /// What to do about it.
    pub help: Option<String>,
    /// An edit that mends it.
    pub fix: Option<Fix>,
    /// The rule's own arguments, for machines.
    pub data: Map<String, Value>,
    /// What was said about it before this run.
    pub standing: Standing,
}

/// What was said about a finding before this run: in a comment, in a configuration file, in a baseline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Who accepted it. Such a finding never fails a run.
    pub suppression: Option<Suppression>,
    /// How it compares to a baseline; none where there is none.
    pub baseline: Option<BaselineState>,
}

/// Where a finding was accepted, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Suppression {
    /// Where.
    pub kind: SuppressionKind,
    /// Why, if it says so.
    pub reason: Option<String>,
}

/// Where a finding was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SuppressionKind {
    /// In a comment of the file itself.
    InSource,
    /// In a configuration file or a baseline.
    External,
}

/// How a finding compares to a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BaselineState {
    /// It is not in the baseline.
    New,
    /// It is there as it is.
    Unchanged,
    /// It is there with another message or severity.
    Updated,
}

/// A place with a remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Where.
    pub at: Place,
    /// What about it.
    pub message: String,
}

/// How safe an edit is to apply.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// To be read, not applied.
    DisplayOnly,
    /// May change what the code does beyond the fault.
    Unsafe,
    /// Changes the fault and nothing else.
    Safe,
}

/// An edit that mends a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: String,
    /// How safe it is.
    pub applicability: Applicability,
    /// The replacements; they never overlap.
    pub edits: Vec<Edit>,
}

/// A replacement of bytes in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub at: Place,
    /// By what.
    pub text: String,
}

impl Finding {
    /// A finding of `rule` with its default severity.
    pub fn new(rule: &'static RuleMeta, at: Place, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            confidence: Confidence::High,
            certain: false,
            message: message.into(),
            at,
            label: String::new(),
            related: Vec::new(),
            folds: Vec::new(),
            help: None,
            fix: None,
            data: Map::new(),
            standing: Standing::default(),
        }
    }

    /// Sets the severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Says how many things had to be guessed for it.
    #[must_use]
    pub fn doubts(mut self, doubts: usize) -> Self {
        self.confidence = self.confidence.lowered_by(doubts);
        self
    }

    /// Shows the finding even where it is a note.
    #[must_use]
    pub fn certain(mut self) -> Self {
        self.certain = true;
        self
    }

    /// Says what the token at fault is.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds a place that takes part.
    #[must_use]
    pub fn related(mut self, at: Place, message: impl Into<String>) -> Self {
        self.related.push(Label { at, message: message.into() });
        self
    }

    /// Sums up the findings at these places.
    #[must_use]
    pub fn folds(mut self, places: impl IntoIterator<Item = Place>) -> Self {
        self.folds.extend(places);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds an argument for machines.
    #[must_use]
    pub fn data(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }

    /// Offers an edit.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, applicability: Applicability, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix { title: title.into(), applicability, edits });
        self
    }
}

impl Edit {
    /// Replaces `at` by `text`.
    pub fn new(at: Place, text: impl Into<String>) -> Self {
        Self { at, text: text.into() }
    }

    /// Inserts `text` before the byte at `offset` of the file that `near` stands in.
    pub fn insert(near: Place, offset: u32, text: impl Into<String>) -> Self {
        Self { at: Place { file: near.file, span: Span { start: offset, end: offset } }, text: text.into() }
    }
}
