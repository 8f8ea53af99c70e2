//! A comment for a pull request.

use std::fmt::Write as _;

use super::Document;
use crate::finding::{Edit, Finding, Severity};
use crate::plan::{Gap, readable};
use crate::report::markdown::{code, text};
use crate::report::sarif::{Provenance, encoded};
use crate::span::Place;

/// GitHub refuses comments above 65,536 characters.
const LONGEST: usize = 60_000;

pub(super) fn render(document: &Document<'_>, provenance: &Provenance) -> String {
    let page = Page { document, provenance };
    let mut out = format!("### gfxlint review: {}\n\n{}\n", document.verdict, text(document.summary));
    let [claims, breaks, findings] = document.groups();
    let mut sections = vec![page.findings(claims.0, claims.1, true), page.findings(breaks.0, breaks.1, true)];
    sections.push(page.gaps());
    sections.push(page.findings(findings.0, findings.1, false));
    sections.push(page.changes());
    let mut left_out = 0;
    for section in sections.into_iter().filter(|section| !section.is_empty()) {
        if out.len() + section.len() > LONGEST {
            left_out += 1;
        } else {
            out.push_str(&section);
        }
    }
    if left_out > 0 {
        out.push_str("\nMore than a comment holds: see the log of this job, or run `gfxlint review` yourself.\n");
    }
    out
}

struct Page<'p, 'd> {
    document: &'p Document<'d>,
    provenance: &'p Provenance,
}

impl Page<'_, '_> {
    fn findings(&self, title: &str, report: &crate::report::Report<'_>, is_open: bool) -> String {
        let found: Vec<&Finding> = report.shown().collect();
        if found.is_empty() {
            return String::new();
        }
        let mut out = opening(title, found.len(), is_open);
        for finding in found {
            let mark = match finding.severity {
                Severity::Error => "❌",
                Severity::Warning => "⚠️",
                Severity::Note => "ℹ️",
            };
            let _ =
                writeln!(out, "- {mark} {} **{}** {}", self.place(finding.at), finding.rule.id, text(&finding.message));
            for label in &finding.related {
                let _ = writeln!(out, "  - {} {}", self.place(label.at), text(&label.message));
            }
            if let Some(help) = &finding.help {
                let _ = writeln!(out, "  - {}", text(help));
            }
            for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
                out.push_str(&self.suggestion(edit));
            }
        }
        out.push_str("\n</details>\n");
        out
    }

    fn gaps(&self) -> String {
        if self.document.gaps.is_empty() {
            return String::new();
        }
        let mut out = opening("Still missing, in working order", self.document.gaps.len(), true);
        out.push_str("| Layer | Where | Why |\n|---|---|---|\n");
        for gap in self.document.gaps {
            let _ = writeln!(out, "| {} | {} | {} |", readable(gap.layer), self.place(gap.at), text(&gap.why));
        }
        let edits: Vec<&Gap> = self.document.gaps.iter().filter(|gap| gap.edit.is_some()).collect();
        if !edits.is_empty() {
            out.push_str("\nSafe edits:\n");
        }
        for edit in edits.into_iter().filter_map(|gap| gap.edit.as_ref()) {
            out.push_str(&self.suggestion(edit));
        }
        out.push_str("\n</details>\n");
        out
    }

    fn changes(&self) -> String {
        if self.document.changes.is_empty() {
            return String::new();
        }
        let mut out = opening("What the change does", self.document.changes.len(), false);
        for change in self.document.changes {
            let _ = writeln!(out, "- {} {} {} {}", change.how, change.what, text(&change.name), self.place(change.at));
        }
        out.push_str("\n</details>\n");
        out
    }

    /// The line as it would be: as a suggestion where the comment can be placed on it, else as a diff.
    fn suggestion(&self, edit: &Edit) -> String {
        let document = self.document;
        let source = document.sources.get(edit.at.file);
        let (lines, whole) = (source.lines(), source.text());
        let (first, last) = (lines.line_of(edit.at.span.start), lines.line_of(edit.at.span.end));
        let (from, to) = (lines.line_span(whole, first), lines.line_span(whole, last));
        let range = from.start as usize..to.end as usize;
        let Some(before) = whole.get(range.clone()) else { return String::new() };
        let (Some(head), Some(tail)) =
            (whole.get(range.start..edit.at.span.start as usize), whole.get(edit.at.span.end as usize..range.end))
        else {
            return String::new();
        };
        let after = format!("{head}{}{tail}", edit.text);
        let place = format!("{}:{}", document.path(edit.at), document.line(edit.at));
        let fence = "`".repeat(longest_run(before, '`').max(longest_run(&after, '`')).max(2) + 1);
        if document.is_in_change(edit.at) {
            return format!("\n{}\n{fence}suggestion\n{after}\n{fence}\n", text(&place));
        }
        let signed = |sign: char, text: &str| text.lines().map(|line| format!("{sign}{line}\n")).collect::<String>();
        format!("\n{}\n{fence}diff\n{}{}{fence}\n", text(&place), signed('-', before), signed('+', &after))
    }

    fn place(&self, at: Place) -> String {
        let document = self.document;
        let path = document.paths.in_repository(document.sources.get(at.file));
        let line = document.line(at);
        let shown = code(&format!("{path}:{line}"));
        match &self.provenance.revision {
            Some(revision) => {
                format!(
                    "[{shown}]({}/blob/{}/{}#L{line})",
                    self.provenance.repository,
                    encoded(revision),
                    encoded(&path)
                )
            }
            None => shown,
        }
    }
}

fn opening(title: &str, count: usize, is_open: bool) -> String {
    let open = if is_open { " open" } else { "" };
    format!("\n<details{open}>\n<summary><b>{title} ({count})</b></summary>\n\n")
}

fn longest_run(text: &str, wanted: char) -> usize {
    text.split(|character| character != wanted).map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_longer_than_what_they_hold() {
        assert_eq!(longest_run("a``b```", '`'), 3);
    }
}
