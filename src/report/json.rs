//! The stable JSON contract: `{"version": 1, "findings": [...], "summary": {...}}`.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value};

use super::runner::harmless_json;
use super::{Report, Summary};
use crate::error::RunError;
use crate::finding::{Applicability, Confidence, Finding, Fix, Label, Severity, SuppressionKind};
use crate::span::Place;

/// The JSON schema of that document.
pub const FINDINGS_SCHEMA: &str = include_str!("schema/findings.json");

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<Entry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    rule: &'static str,
    name: &'static str,
    severity: Severity,
    confidence: Confidence,
    message: &'a str,
    #[serde(flatten)]
    range: Range,
    data: &'a Map<String, Value>,
    related: Vec<Related<'a>>,
    help: Option<&'a str>,
    fix: Option<FixEntry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<SuppressedEntry<'a>>,
}

/// Why a finding is left out, in SARIF's words.
#[derive(Serialize)]
struct SuppressedEntry<'a> {
    kind: SuppressionKind,
    reason: Option<&'a str>,
}

/// A place: 1-based, columns in UTF-16 units, the end behind the last one.
#[derive(Serialize)]
pub(super) struct Range {
    pub(super) path: String,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
}

#[derive(Serialize)]
struct Related<'a> {
    path: String,
    line: u32,
    column: u32,
    message: &'a str,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    title: &'a str,
    applicability: Applicability,
    edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
struct EditEntry<'a> {
    #[serde(flatten)]
    range: Range,
    text: &'a str,
}

/// Any document of ours as indented JSON with a final newline.
///
/// # Errors
/// A value that JSON cannot hold; does not happen with our own types.
pub fn to_text(value: &impl Serialize) -> Result<String, RunError> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| RunError::Output { path: "JSON".to_owned(), cause: error.to_string() })?;
    text.push('\n');
    Ok(harmless_json(escaped(text)))
}

/// Escapes what JSON allows in strings as it is, and what a terminal would obey or hide. Outside of strings there is
/// nothing of the kind.
fn escaped(text: String) -> String {
    if text.is_ascii() && !text.contains('\x7f') {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character != '\n' && super::is_hidden(character) {
            // Beyond U+FFFF, JSON writes two halves.
            let mut halves = [0; 2];
            for half in character.encode_utf16(&mut halves) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{half:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
}

pub(super) fn render(report: &Report<'_>) -> Result<String, RunError> {
    let findings = report.listed().map(|finding| entry(report, finding)).collect();
    to_text(&Document { version: 1, findings, summary: report.count(report.live()) })
}

pub(super) fn entry<'a>(report: &Report<'_>, finding: &'a Finding) -> Entry<'a> {
    Entry {
        rule: finding.rule.id,
        name: finding.rule.name,
        severity: finding.severity,
        confidence: finding.confidence,
        message: &finding.message,
        range: Range::of(report, finding.at),
        data: &finding.data,
        related: finding.related.iter().map(|label| related(report, label)).collect(),
        help: finding.help.as_deref(),
        fix: finding.fix.as_ref().map(|fix| fix_entry(report, fix)),
        suppressed: finding
            .standing
            .suppression
            .as_ref()
            .map(|why| SuppressedEntry { kind: why.kind, reason: why.reason.as_deref() }),
    }
}

fn related<'a>(report: &Report<'_>, label: &'a Label) -> Related<'a> {
    let start = report.sources.start(label.at);
    Related {
        path: report.paths.relative(report.sources.get(label.at.file)),
        line: start.line,
        column: start.column,
        message: &label.message,
    }
}

fn fix_entry<'a>(report: &Report<'_>, fix: &'a Fix) -> FixEntry<'a> {
    let edits =
        fix.edits.iter().map(|edit| EditEntry { range: Range::of(report, edit.at), text: &edit.text }).collect();
    FixEntry { title: &fix.title, applicability: fix.applicability, edits }
}

impl Range {
    fn of(report: &Report<'_>, at: Place) -> Self {
        Self::new(report.sources, report.paths, at)
    }

    pub(super) fn new(sources: &crate::source::Sources, paths: &super::Paths, at: Place) -> Self {
        let (start, end) = (sources.start(at), sources.end(at));
        Self {
            path: paths.relative(sources.get(at.file)),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}
