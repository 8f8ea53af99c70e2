//! A comment for a pull request.

use std::fmt::Write as _;

use super::Document;
use crate::finding::{Edit, Finding, Severity};
use crate::plan::{Gap, readable};
use crate::report::printable;
use crate::report::sarif::Provenance;
use crate::span::Place;

/// GitHub refuses comments above 65,536 characters.
const LONGEST: usize = 60_000;

pub(super) fn render(document: &Document<'_>, provenance: Option<&Provenance>) -> String {
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
    provenance: Option<&'p Provenance>,
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
        let shown = format!("`{}`", printable(&format!("{path}:{line}")).replace('`', "'").replace('|', "\\|"));
        match self.provenance.and_then(|known| Some((known, known.revision.as_ref()?))) {
            Some((known, revision)) => {
                format!("[{shown}]({}/blob/{revision}/{}#L{line})", known.repository, encoded(&path))
            }
            None => shown,
        }
    }
}

fn opening(title: &str, count: usize, is_open: bool) -> String {
    let open = if is_open { " open" } else { "" };
    format!("\n<details{open}>\n<summary><b>{title} ({count})</b></summary>\n\n")
}

/// Text that cannot be taken for Markdown or HTML, on one line.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A name with an @ in front would call somebody.
            '@' => out.push_str("&#64;"),
            '|' | '\\' | '*' | '_' | '[' | ']' | '#' | '~' => {
                out.push('\\');
                out.push(character);
            }
            other => out.push(other),
        }
    }
    out
}

/// A path in an address.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn longest_run(text: &str, wanted: char) -> usize {
    text.split(|character| character != wanted).map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_files_is_no_markup() {
        assert_eq!(text("a<b>|@x\n__init__"), "a&lt;b&gt;\\|&#64;x\\\\n\\_\\_init\\_\\_");
        assert_eq!(encoded("a b/é(.py"), "a%20b/%C3%A9%28.py");
        assert_eq!(longest_run("a``b```", '`'), 3);
    }
}
