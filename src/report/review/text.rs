//! Reviews and plans on a terminal, and one line each.

use std::fmt::Write as _;

use super::Document;
use crate::plan::readable;
use crate::report::{Style, pretty, printable, printable_path};
use crate::span::Place;

pub(super) fn pretty(document: &Document<'_>, style: &Style) -> String {
    let mut out = format!("{}\n", style.bold(&style.wrap(document.summary, "")));
    if !document.changes.is_empty() {
        heading(&mut out, style, "The change", document.changes.len());
        for change in document.changes {
            let place =
                style.dim(&format!("{}:{}", printable_path(&document.path(change.at)), document.line(change.at)));
            let _ = writeln!(out, "  {} {} {}  {place}", change.how, change.what, printable(&change.name));
        }
    }
    let [claims, breaks, findings] = document.groups();
    for (title, report) in [claims, breaks] {
        group(&mut out, style, title, report);
    }
    if !document.gaps.is_empty() {
        heading(&mut out, style, "Still missing, in working order", document.gaps.len());
        let mut layer = "";
        for gap in document.gaps {
            if gap.layer != layer {
                layer = gap.layer;
                let _ = writeln!(out, "  {}", style.bold(readable(layer)));
            }
            let place = format!("{}:{}", printable_path(&document.path(gap.at)), document.line(gap.at));
            let _ = writeln!(out, "    {place}\n      {}", style.wrap(&printable(&gap.why), "      "));
            if let Some(edit) = &gap.edit {
                let at = document.sources.start(edit.at).column;
                let _ = writeln!(
                    out,
                    "      {} {}",
                    style.good("edit:"),
                    printable(&format!("insert `{}` at column {at}", edit.text))
                );
            }
        }
    }
    group(&mut out, style, findings.0, findings.1);
    for (path, why) in document.skipped {
        let _ = writeln!(out, "\n{}", style.dim(&format!("not read: {} ({why})", printable(path))));
    }
    out
}

fn heading(out: &mut String, style: &Style, title: &str, count: usize) {
    let _ = writeln!(out, "\n{}", style.bold(&format!("{title} ({count})")));
}

fn group(out: &mut String, style: &Style, title: &str, report: &crate::report::Report<'_>) {
    let count = report.shown().count();
    if count == 0 {
        return;
    }
    heading(out, style, title, count);
    for finding in report.shown() {
        out.push('\n');
        out.push_str(&pretty::frame(report, finding, style));
    }
}

pub(super) fn concise(document: &Document<'_>, style: &Style) -> String {
    let mut out = String::new();
    let [claims, breaks, findings] = document.groups();
    let line = |out: &mut String, at: Place, rest: &str| {
        let start = document.sources.start(at);
        let path = printable_path(&document.path(at));
        let _ = writeln!(out, "{path}:{}:{}: {rest}", start.line, start.column);
    };
    let lines = |out: &mut String, kind: &str, report: &crate::report::Report<'_>| {
        for finding in report.shown() {
            let severity = style.severity(finding.severity, finding.severity.name());
            let rest = format!("{kind}: {severity}[{}] {}", finding.rule.id, printable(&finding.message));
            line(out, finding.at, &rest);
        }
    };
    lines(&mut out, "claim", claims.1);
    lines(&mut out, "break", breaks.1);
    for gap in document.gaps {
        line(&mut out, gap.at, &format!("gap: {}: {}", readable(gap.layer), printable(&gap.why)));
    }
    lines(&mut out, "finding", findings.1);
    let _ = writeln!(out, "{}: {}", document.verdict, document.summary);
    out
}
