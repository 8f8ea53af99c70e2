//! The stable JSON contract: `{"version": 1, "verdict", "claims", "breaks", "gaps", "findings"}`.

use serde::Serialize;

use super::Document;
use crate::error::RunError;
use crate::plan::Gap;
use crate::report::json::{Entry, entry, to_text};

#[derive(Serialize)]
struct Form<'a> {
    version: u32,
    verdict: &'static str,
    summary: &'a str,
    changes: Vec<ChangeEntry<'a>>,
    claims: Vec<Entry<'a>>,
    breaks: Vec<Entry<'a>>,
    gaps: Vec<GapEntry<'a>>,
    findings: Vec<Entry<'a>>,
    skipped: Vec<Skipped<'a>>,
}

#[derive(Serialize)]
struct ChangeEntry<'a> {
    what: &'static str,
    change: &'static str,
    name: &'a str,
    path: String,
    line: u32,
}

#[derive(Serialize)]
struct GapEntry<'a> {
    path: String,
    line: u32,
    layer: &'static str,
    why: &'a str,
    edit: Option<EditEntry<'a>>,
}

/// Bytes of the file that are replaced.
#[derive(Serialize)]
struct EditEntry<'a> {
    start: u32,
    end: u32,
    text: &'a str,
}

#[derive(Serialize)]
struct Skipped<'a> {
    path: &'a str,
    why: &'static str,
}

pub(super) fn render(document: &Document<'_>) -> Result<String, RunError> {
    to_text(&Form {
        version: 1,
        verdict: document.verdict,
        summary: document.summary,
        changes: document
            .changes
            .iter()
            .map(|change| ChangeEntry {
                what: change.what,
                change: change.how,
                name: &change.name,
                path: document.path(change.at),
                line: document.line(change.at),
            })
            .collect(),
        claims: entries(&document.claims),
        breaks: entries(&document.breaks),
        gaps: document.gaps.iter().map(|gap| gap_entry(document, gap)).collect(),
        findings: entries(&document.findings),
        skipped: document.skipped.iter().map(|(path, why)| Skipped { path, why }).collect(),
    })
}

fn entries<'r>(report: &'r crate::report::Report<'_>) -> Vec<Entry<'r>> {
    report.shown().map(|finding| entry(report, finding)).collect()
}

fn gap_entry<'a>(document: &Document<'_>, gap: &'a Gap) -> GapEntry<'a> {
    let bom = document.sources.get(gap.at.file).bom;
    GapEntry {
        path: document.path(gap.at),
        line: document.line(gap.at),
        layer: gap.layer,
        why: &gap.why,
        edit: gap.edit.as_ref().map(|edit| EditEntry {
            start: edit.at.span.start + bom,
            end: edit.at.span.end + bom,
            text: &edit.text,
        }),
    }
}
