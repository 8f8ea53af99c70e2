//! Annotations that GitHub's runner reads from the log of a step.

use std::fmt::Write as _;

use super::{Report, counted, harmless, printable, printable_path};
use crate::finding::{Finding, Severity};

/// GitHub shows so many annotations of a kind in a step and drops the others without a word.
const BUDGET: usize = 10;

/// The most severe findings as annotations, as many as GitHub shows; all others as plain lines; then how many there are.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    let mut rest: Vec<&Finding> = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        // The last line is a notice as well.
        let budget = if severity == Severity::Note { BUDGET - 1 } else { BUDGET };
        let mut left = budget;
        for finding in report.shown().filter(|finding| finding.severity == severity) {
            if left == 0 {
                rest.push(finding);
            } else {
                left -= 1;
                out.push_str(&annotation(report, finding));
            }
        }
    }
    for finding in &rest {
        let path = printable_path(&report.paths.in_repository(report.sources.get(finding.at.file)));
        let start = report.sources.start(finding.at);
        let (severity, id) = (finding.severity.name(), finding.rule.id);
        // Writing to a string cannot fail.
        let line = format!("{path}:{}:{}: {severity}[{id}] {}", start.line, start.column, printable(&finding.message));
        let _ = writeln!(out, "{}", harmless(&line));
    }
    let mut last = report.summary_line();
    if !rest.is_empty() {
        let more = counted(rest.len(), "more finding");
        last = format!("{last}. {more} than GitHub annotates: see the log of this step.");
    }
    let _ = writeln!(out, "::notice title=gfxlint::{}", data(&last));
    out
}

fn annotation(report: &Report<'_>, finding: &Finding) -> String {
    let (start, end) = (report.sources.start(finding.at), report.sources.end(finding.at));
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut out = format!(
        "::{command} file={},line={}",
        property(&report.paths.in_repository(report.sources.get(finding.at.file))),
        start.line
    );
    // Columns are refused where lines differ.
    if start.line == end.line {
        let _ = write!(out, ",col={},endColumn={}", start.column, end.column);
    }
    let mut text = printable(&finding.message);
    for label in &finding.related {
        let path = report.paths.in_repository(report.sources.get(label.at.file));
        let place = printable(&format!("{path}:{}", report.sources.start(label.at).line));
        let _ = write!(text, "\n{}", format!("{place} {}", printable(&label.message)).trim_end());
    }
    if let Some(help) = &finding.help {
        let _ = write!(text, "\nhelp: {}", printable(help));
    }
    let _ =
        writeln!(out, ",title={}::{}", property(&format!("{} {}", finding.rule.id, finding.rule.name)), data(&text));
    out
}

/// Text behind `::`, as the runner decodes it.
pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
pub(super) fn property(text: &str) -> String {
    printable(&data(text).replace(':', "%3A").replace(',', "%2C"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{Fixture, RULES, run, sources};
    use crate::report::{Format, Paths, style::PLAIN};
    use crate::span::{Place, Span};

    #[test]
    fn annotations() {
        insta::assert_snapshot!(Fixture::new().report(true).render(Format::Github, &PLAIN, &run()).unwrap());
    }

    #[test]
    fn commands_cannot_be_forged() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a:b,c%\n::error::"), "a%3Ab%2Cc%25%0A%3A%3Aerror%3A%3A");
        let text = Fixture::new().report(true).render(Format::Github, &PLAIN, &run()).unwrap();
        let is_ours = |line: &str| {
            ["error file=", "warning file=", "notice file=", "notice title="]
                .iter()
                .any(|start| line.starts_with(&format!("::{start}")))
        };
        assert!(text.lines().all(is_ours), "{text}");
    }

    #[test]
    fn what_github_would_drop_stands_in_the_log() {
        let sources = sources(&[("f", &"x\n".repeat(30))]);
        let file = sources.find("f").unwrap();
        let finding = |line: usize, severity| {
            Finding::new(RULES[0], Place { file, span: Span::new(2 * line, 2 * line + 1) }, "X.").severity(severity)
        };
        let findings = (0..12).map(|line| finding(line, Severity::Warning));
        let findings = findings.chain((12..24).map(|line| finding(line, Severity::Error))).collect();
        let paths = Paths::default();
        let text = Report::new(&sources, &paths, findings, false).render(Format::Github, &PLAIN, &run()).unwrap();
        let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!([count("::error "), count("::warning "), count("f:"), count("::notice ")], [10, 10, 4, 1], "{text}");
        assert!(text.ends_with("4 more findings than GitHub annotates: see the log of this step.\n"), "{text}");
    }
}
