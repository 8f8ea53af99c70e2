//! Findings that another one sums up, as lines below it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Report, Style, counted, printable, printable_path};
use crate::finding::Finding;
use crate::span::Place;

/// How many findings are listed below the one that sums them up.
const LISTED: usize = 10;

/// Which findings another one sums up, by where they stand.
#[derive(Debug)]
pub(super) struct Folded<'r>(BTreeMap<Place, &'r Finding>);

impl<'r> Folded<'r> {
    /// Looks which of the findings that are shown others sum up.
    pub(super) fn of(report: &'r Report<'_>) -> Self {
        Self(report.shown().flat_map(|finding| finding.folds.iter().map(move |place| (*place, finding))).collect())
    }

    /// Whether a finding is only listed below another one.
    pub(super) fn hides(&self, finding: &Finding) -> bool {
        self.0.get(&finding.at).is_some_and(|summary| summary.rule.id != finding.rule.id)
    }

    /// The findings that this one sums up, one a line; of many the first.
    pub(super) fn below(&self, report: &Report<'_>, summary: &Finding, style: &Style) -> String {
        let is_below = |finding: &&Finding| {
            self.hides(finding) && self.0.get(&finding.at).is_some_and(|other| std::ptr::eq(*other, summary))
        };
        let all: Vec<&Finding> = report.shown().filter(is_below).collect();
        let mut out = String::new();
        for finding in all.iter().take(LISTED) {
            let path = printable_path(&report.paths.relative(report.sources.get(finding.at.file)));
            let start = report.sources.start(finding.at);
            let rule = style.severity(finding.severity, &format!("{}[{}]", finding.severity.name(), finding.rule.id));
            // Writing to a string cannot fail.
            let _ = writeln!(out, "  - {path}:{}:{}: {rule} {}", start.line, start.column, printable(&finding.message));
        }
        if all.len() > LISTED {
            let rest = counted(all.len() - LISTED, "finding");
            let _ = writeln!(out, "  - and {rest} more that this one sums up; `--format concise` lists them all");
        }
        out
    }
}
