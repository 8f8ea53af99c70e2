//! Annotations that GitHub's runner reads from the log of a step: for lines of the change alone.

use std::fmt::Write as _;

use super::Document;
use crate::finding::{Finding, Severity};
use crate::report::github::{data, property};
use crate::report::{harmless, printable, printable_path};

/// GitHub shows so many annotations of a kind in a step and drops the others without a word.
const BUDGET: usize = 10;

pub(super) fn render(document: &Document<'_>) -> String {
    let mut all = document.all();
    all.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let (mut out, mut rest) = (String::new(), String::new());
    // The last line is a notice as well.
    let mut left = [BUDGET - 1, BUDGET, BUDGET];
    for finding in &all {
        let budget = &mut left[finding.severity as usize];
        if *budget > 0 && document.is_in_change(finding.at) {
            *budget -= 1;
            out.push_str(&annotation(document, finding));
        } else {
            let start = document.sources.start(finding.at);
            let path = printable_path(&document.paths.in_repository(document.sources.get(finding.at.file)));
            let (severity, id) = (finding.severity.name(), finding.rule.id);
            let message = printable(&finding.message);
            let line = format!("{path}:{}:{}: {severity}[{id}] {message}", start.line, start.column);
            let _ = writeln!(rest, "{}", harmless(&line));
        }
    }
    out.push_str(&rest);
    let _ = writeln!(out, "::notice title=gfxlint review::{}", data(document.summary));
    out
}

fn annotation(document: &Document<'_>, finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut text = printable(&finding.message);
    for label in &finding.related {
        let path = document.paths.in_repository(document.sources.get(label.at.file));
        let place = printable(&format!("{path}:{}", document.line(label.at)));
        let _ = write!(text, "\n{place} {}", printable(&label.message));
    }
    if let Some(help) = &finding.help {
        let _ = write!(text, "\nhelp: {}", printable(help));
    }
    format!(
        "::{command} file={},line={},title={}::{}\n",
        property(&document.paths.in_repository(document.sources.get(finding.at.file))),
        document.line(finding.at),
        property(&format!("{} {}", finding.rule.id, finding.rule.name)),
        data(&text)
    )
}
