//! One line a finding: `path:line:column: severity[RULE] message`.

use std::fmt::Write as _;

use super::{Report, Style, printable, printable_path};

/// The report with its summary as the last line.
pub(super) fn render(report: &Report<'_>, style: &Style) -> String {
    let mut out = String::new();
    for finding in report.shown() {
        let path = printable_path(&report.paths.relative(report.sources.get(finding.at.file)));
        let start = report.sources.start(finding.at);
        let rule = style.severity(finding.severity, &format!("{}[{}]", finding.severity.name(), finding.rule.id));
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{}:{}:{}: {rule} {}",
            style.bold(&path),
            start.line,
            start.column,
            printable(&finding.message)
        );
    }
    out.push_str(&report.summary_line());
    out.push('\n');
    out
}
