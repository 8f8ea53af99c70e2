//! Formats: each one a file that knows findings and rule metadata only.

pub mod arch;
pub mod audit;
mod concise;
pub mod config;
pub mod facts;
mod folded;
mod github;
mod gitlab;
pub mod html;
mod json;
mod markdown;
pub mod page;
mod paths;
mod pretty;
pub mod review;
pub mod rule;
mod runner;
pub mod sarif;
mod snippet;
pub mod statistics;
mod style;
#[cfg(test)]
pub(crate) mod testing;

use crate::error::RunError;
use crate::finding::{Finding, Severity, SuppressionKind};
use crate::rules::{UNPARSED, UNREADABLE};
use crate::source::Sources;

pub use json::{FINDINGS_SCHEMA, to_text as json_text};
pub use paths::Paths;
pub use pretty::failure;
pub use runner::harmless;
pub use style::Style;

/// How output is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Format {
    /// With excerpts of the files, for people.
    Pretty,
    /// One line each.
    Concise,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for GitHub code scanning.
    Sarif,
    /// Annotations in the log of a GitHub workflow.
    Github,
    /// A code quality report for GitLab.
    Gitlab,
    /// A table in Markdown, for a comment or a job's summary.
    Markdown,
    /// One self-contained page.
    Html,
}

impl Format {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pretty => "pretty",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }
}

/// What one run found, in the order of output.
#[derive(Debug)]
pub struct Report<'a> {
    /// The files that findings stand in.
    pub sources: &'a Sources,
    /// How paths are written.
    pub paths: &'a Paths,
    /// The number of files that were looked at.
    pub files: usize,
    /// The number of findings that were fixed; none where nothing was to be.
    pub fixed: Option<usize>,
    findings: Vec<Finding>,
    /// Findings that were accepted before and are not shown.
    left_out: Vec<Finding>,
    /// Entries of the baseline that match nothing any more.
    pub stale: usize,
    shows_suppressed: bool,
    pedantic: bool,
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Summary {
    /// Files that were looked at.
    pub files: usize,
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
    /// Findings that were fixed and are no longer there; only where fixing was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<usize>,
    /// Findings that comments leave out.
    #[serde(skip_serializing_if = "is_zero")]
    pub suppressed: usize,
    /// Findings that are in the baseline.
    #[serde(skip_serializing_if = "is_zero")]
    pub baselined: usize,
    /// Entries of the baseline that match nothing any more.
    #[serde(skip_serializing_if = "is_zero")]
    pub stale: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl<'a> Report<'a> {
    /// Takes what the rules found: drops advice that nobody asked for, sorts, and folds what is said twice.
    pub fn new(sources: &'a Sources, paths: &'a Paths, findings: Vec<Finding>, pedantic: bool) -> Self {
        let mut findings = findings;
        findings.retain(|finding| {
            pedantic || finding.certain || finding.severity > Severity::Note || finding.rule.is_notice()
        });
        // Files are numbered by path, and bytes run as lines and columns do.
        findings.sort_by(|a, b| (a.at, a.rule.id, &a.message).cmp(&(b.at, b.rule.id, &b.message)));
        findings.dedup_by(|a, b| a.at == b.at && a.rule.id == b.rule.id && a.message == b.message);
        Self {
            sources,
            paths,
            files: sources.iter().filter(|(_, file)| !file.is_reference && !file.is_context).count(),
            fixed: None,
            findings,
            left_out: Vec::new(),
            stale: 0,
            shows_suppressed: false,
            pedantic,
        }
    }

    /// Whether findings that were accepted before are shown to machines, marked as such. GitHub takes them for open
    /// ones, so they are left out unless somebody asks.
    #[must_use]
    pub fn show_suppressed(mut self, shows: bool) -> Self {
        self.shows_suppressed = shows;
        if !shows {
            let is_live = |finding: &Finding| finding.standing.suppression.is_none();
            (self.findings, self.left_out) = self.findings.into_iter().partition(is_live);
        }
        self
    }

    /// What JSON shows.
    fn listed(&self) -> impl Iterator<Item = &Finding> {
        let shows_all = self.shows_suppressed;
        self.findings.iter().filter(move |finding| shows_all || finding.standing.suppression.is_none())
    }

    /// Every finding, also those that were accepted before, and what is said about the run itself.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Every finding that nobody accepted before, also what is said about the run itself.
    pub fn live(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.standing.suppression.is_none())
    }

    /// The findings that are shown as text and that decide the exit status: what the run could not read only where
    /// advice was asked for.
    pub fn shown(&self) -> impl Iterator<Item = &Finding> {
        self.live().filter(|finding| self.pedantic || !finding.rule.is_notice())
    }

    /// The highest severity among the findings that are shown.
    pub fn worst(&self) -> Option<Severity> {
        self.shown().map(|finding| finding.severity).max()
    }

    /// Writes the report; `run` is what SARIF says beside findings.
    ///
    /// # Errors
    /// A value that JSON cannot hold; does not happen with what rules produce.
    pub fn render(&self, format: Format, style: &Style, run: &sarif::Run<'_>) -> Result<String, RunError> {
        match format {
            Format::Pretty => Ok(pretty::render(self, style)),
            Format::Concise => Ok(concise::render(self, style)),
            Format::Json => json::render(self),
            Format::Sarif => sarif::render(self, run),
            Format::Github => Ok(github::render(self)),
            Format::Gitlab => gitlab::render(self),
            Format::Markdown => Ok(markdown::render(self, run.provenance)),
            Format::Html => {
                let head = html::Head {
                    command: "gfxlint check".to_owned(),
                    summary: self.summary_line(),
                    ..html::Head::default()
                };
                html::page(&head, &[], 0, &[html::Section::of("Findings", self)])
            }
        }
    }

    fn count<'f>(&self, findings: impl Iterator<Item = &'f Finding>) -> Summary {
        let suppressed = |kind| {
            let all = self.findings.iter().chain(&self.left_out);
            let kinds = all.filter_map(|finding| finding.standing.suppression.as_ref());
            kinds.filter(|suppression| suppression.kind == kind).count()
        };
        let mut summary = Summary {
            files: self.files,
            fixed: self.fixed,
            suppressed: suppressed(SuppressionKind::InSource),
            baselined: suppressed(SuppressionKind::External),
            stale: self.stale,
            ..Summary::default()
        };
        for finding in findings {
            *match finding.severity {
                Severity::Error => &mut summary.errors,
                Severity::Warning => &mut summary.warnings,
                Severity::Note => &mut summary.notes,
            } += 1;
        }
        summary
    }

    /// The last line of text output: `1 error, 3 warnings in 3,750 files (2 regions unparsed)`.
    fn summary_line(&self) -> String {
        let summary = self.count(self.shown());
        let files = counted(summary.files, "file");
        let found: Vec<String> = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")]
            .into_iter()
            .filter(|&(count, _)| count > 0)
            .map(|(count, what)| counted(count, what))
            .collect();
        let unseen: Vec<String> = [(UNPARSED, "region", "unparsed"), (UNREADABLE, "file", "unreadable")]
            .into_iter()
            .map(|(id, what, how)| (self.findings.iter().filter(|finding| finding.rule.id == id).count(), what, how))
            .filter(|&(count, ..)| count > 0)
            .map(|(count, what, how)| format!("{} {how}", counted(count, what)))
            .collect();
        let left_out = [
            (summary.suppressed, "suppressed"),
            (summary.baselined, "in the baseline"),
            (summary.stale, "in the baseline for nothing"),
        ];
        let left_out =
            left_out.into_iter().filter(|&(count, _)| count > 0).map(|(count, how)| format!("{count} {how}"));
        let unseen: Vec<String> = left_out.chain(unseen).collect();
        let unseen = if unseen.is_empty() { String::new() } else { format!(" ({})", unseen.join(", ")) };
        let fixed = self.fixed.map(|fixed| format!("{} fixed. ", counted(fixed, "problem"))).unwrap_or_default();
        if found.is_empty() {
            format!("{fixed}No problems found in {files}{unseen}.")
        } else {
            format!("{fixed}{} in {files}{unseen}", found.join(", "))
        }
    }
}

/// `1 file`, `3,750 files`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {what}{}", if count == 1 { "" } else { "s" })
}

/// Text from a file or a file name, safe to print: control characters and bidirectional overrides are escaped.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|character| push_printable(&mut out, character));
    out
}

/// The text of a file that an error shows a part of: what [`printable`] escapes is replaced by something as long, so that
/// places stay where they are.
pub fn printable_in_place(text: &str) -> String {
    let stand_in = |character: char| match character {
        '\n' | '\t' => character,
        '\r' => ' ',
        hidden if is_hidden(hidden) => ['?', '\u{bf}', '\u{fffd}', '\u{1f5ff}'][hidden.len_utf8() - 1],
        shown => shown,
    };
    text.chars().map(stand_in).collect()
}

/// Appends one character, escaped if it could steer a terminal or hide what stands there.
fn push_printable(out: &mut String, character: char) {
    if is_hidden(character) {
        out.extend(character.escape_default());
    } else {
        out.push(character);
    }
}

/// Whether a character steers a terminal, or shows nothing and changes what stands beside it.
fn is_hidden(character: char) -> bool {
    let hides = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    );
    character.is_control() || hides
}

/// A path, safe at the start of a line: `::` there would be a command to GitHub's runner.
fn printable_path(path: &str) -> String {
    let path = printable(path);
    if path.starts_with("::") || path.starts_with("##[") { format!("./{path}") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_files_cannot_steer_a_terminal() {
        assert_eq!(
            printable("a\x1b[31m\r\n\tb\u{9b}\u{202e}c\u{200b}é😀"),
            "a\\u{1b}[31m\\r\\n\\tb\\u{9b}\\u{202e}c\\u{200b}é😀"
        );
        assert_eq!(printable_in_place("a\x1b\n\t\u{9b}\u{202e}\u{e0001}z"), "a?\n\t\u{bf}\u{fffd}\u{1f5ff}z");
        assert_eq!(printable_path("::error::x\n"), "./::error::x\\n");
        assert_eq!(printable_path("a::error::x"), "a::error::x");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [counted(0, "file"), counted(1, "file"), counted(3750, "file"), counted(1_234_567, "file")],
            ["0 files", "1 file", "3,750 files", "1,234,567 files"]
        );
    }
}
