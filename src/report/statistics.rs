//! How many findings there are of each rule and target.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::style::columns;
use super::{Report, Style, Summary, json_text, printable};
use crate::error::RunError;
use crate::finding::{Applicability, Finding};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    statistics: &'a [Row],
    summary: Summary,
}

/// One rule on one target.
#[derive(Serialize)]
struct Row {
    rule: &'static str,
    name: &'static str,
    /// None of findings that are about no target.
    arch: Option<String>,
    count: usize,
    /// How many of them `--fix` mends.
    fixable: usize,
}

/// The counts, the most frequent first; a finding about several targets counts for each. `applies` is the least safe
/// edit that is applied.
fn rows(report: &Report<'_>, applies: Applicability) -> Vec<Row> {
    let mut rows: BTreeMap<(&str, Option<String>), Row> = BTreeMap::new();
    for finding in report.shown() {
        let is_fixable = finding.fix.as_ref().is_some_and(|fix| fix.applicability >= applies);
        for arch in targets(finding) {
            let (rule, name) = (finding.rule.id, finding.rule.name);
            let new = || Row { rule, name, arch: arch.clone(), count: 0, fixable: 0 };
            let row = rows.entry((rule, arch.clone())).or_insert_with(new);
            row.count += 1;
            row.fixable += usize::from(is_fixable);
        }
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    // gfx90a before gfx1100.
    let length = |row: &Row| row.arch.as_ref().map_or(0, String::len);
    rows.sort_by_key(|row| (std::cmp::Reverse(row.count), row.rule, length(row)));
    rows
}

/// The targets that a finding is about; one that is none where it is about no target.
fn targets(finding: &Finding) -> Vec<Option<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut names: Vec<Option<String>> = match finding.data.get("arch").or_else(|| finding.data.get("archs")) {
        Some(Value::Array(items)) => items.iter().map(text).filter(Option::is_some).collect(),
        Some(value) => vec![text(value)],
        None => Vec::new(),
    };
    names.dedup();
    if names.is_empty() { vec![None] } else { names }
}

/// The counts as JSON.
///
/// # Errors
/// None with these types.
pub fn json(report: &Report<'_>, applies: Applicability) -> Result<String, RunError> {
    json_text(&Document { version: 1, statistics: &rows(report, applies), summary: report.count(report.live()) })
}

/// The counts for people, with what `--fix` mends marked, and the summary as the last line.
pub fn text(report: &Report<'_>, applies: Applicability, style: &Style) -> String {
    let rows = rows(report, applies);
    let width = rows.iter().map(|row| row.count.to_string().len()).max().unwrap_or_default();
    let mark = |row: &Row| match row.fixable {
        0 => "",
        all if all == row.count => "[*]",
        _ => "[-]",
    };
    let cells = |row: &Row| {
        let arch = row.arch.as_deref().map(printable).unwrap_or_default();
        vec![format!("{:>width$}", row.count), row.rule.to_owned(), row.name.to_owned(), arch, mark(row).to_owned()]
    };
    let mut out = columns(&rows.iter().map(cells).collect::<Vec<_>>(), "", |column, cell| match column {
        0 => style.bold(cell),
        _ => cell.to_owned(),
    });
    for (sign, what) in [("[*]", "--fix mends them"), ("[-]", "--fix mends some of them")] {
        if rows.iter().any(|row| mark(row) == sign) {
            let _ = writeln!(out, "{sign} {what}");
        }
    }
    out + &style.bold(&report.summary_line()) + "\n"
}
