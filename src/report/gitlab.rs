//! GitLab's code quality report.

use serde::Serialize;

use super::sarif::Fingerprinter;
use super::{Report, json_text, printable};
use crate::error::RunError;
use crate::finding::{Finding, Severity};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

pub(super) fn render(report: &Report<'_>) -> Result<String, RunError> {
    let mut fingerprints = Fingerprinter::default();
    let issues: Vec<Issue> = report.shown().map(|finding| issue(report, &mut fingerprints, finding)).collect();
    json_text(&issues)
}

fn issue(report: &Report<'_>, fingerprints: &mut Fingerprinter, finding: &Finding) -> Issue {
    let begin = report.sources.start(finding.at).line;
    // A place that ends with a line end does not reach into the next line.
    let last = report.sources.end(finding.at);
    let end = if last.column == 1 { last.line.saturating_sub(1) } else { last.line }.max(begin);
    Issue {
        description: format!("{}: {}", finding.rule.id, printable(&finding.message)),
        check_name: finding.rule.name,
        fingerprint: fingerprints.fact(report, &[finding]),
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Note => "info",
        },
        location: Location {
            path: report.paths.in_repository(report.sources.get(finding.at.file)),
            lines: Lines { begin, end },
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::finding::Finding;
    use crate::report::testing::{Fixture, RULES, run, sources};
    use crate::report::{Format, Paths, Report, style::PLAIN};
    use crate::span::{Place, Span};

    #[test]
    fn code_quality() {
        insta::assert_snapshot!(Fixture::new().report(true).render(Format::Gitlab, &PLAIN, &run()).unwrap());
    }

    /// GitLab drops an issue whose fingerprint it has seen.
    #[test]
    fn no_two_issues_share_a_fingerprint() {
        let sources = sources(&[("f", &"x\n".repeat(9))]);
        let file = sources.find("f").unwrap();
        let finding =
            |line: usize| Finding::new(RULES[0], Place { file, span: Span::new(2 * line, 2 * line + 1) }, "X.");
        let paths = Paths::default();
        let report = Report::new(&sources, &paths, (0..9).map(finding).collect(), false);
        let issues: serde_json::Value =
            serde_json::from_str(&report.render(Format::Gitlab, &PLAIN, &run()).unwrap()).unwrap();
        let prints: BTreeSet<&str> =
            issues.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(prints.len(), 9);
    }
}
