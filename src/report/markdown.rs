//! A table in Markdown, for a comment on a pull request or the summary of a job.

use std::fmt::Write as _;

use super::sarif::Provenance;
use super::{Report, counted, printable};
use crate::finding::{Finding, Severity};

/// GitHub refuses comments above 65,536 characters.
const LONGEST: usize = 60_000;

pub(super) fn render(report: &Report<'_>, provenance: &Provenance) -> String {
    let mut out = format!("### gfxlint\n\n{}\n", text(&report.summary_line()));
    let mut findings: Vec<&Finding> = report.shown().collect();
    if findings.is_empty() {
        return out;
    }
    // What is cut is the least severe.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    out.push_str("\n| | Rule | Where | What |\n|---|---|---|---|\n");
    for (at, finding) in findings.iter().enumerate() {
        let row = row(report, finding, provenance);
        if out.len() + row.len() > LONGEST {
            let _ = writeln!(out, "\n{} left out here.", counted(findings.len() - at, "more finding"));
            break;
        }
        out.push_str(&row);
    }
    out
}

fn row(report: &Report<'_>, finding: &Finding, provenance: &Provenance) -> String {
    let mark = match finding.severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Note => "ℹ️",
    };
    let mut what = text(&finding.message);
    if let Some(help) = &finding.help {
        let _ = write!(what, "<br>{}", text(help));
    }
    format!(
        "| {mark} {} | [{}]({}) | {} | {what} |\n",
        finding.severity.name(),
        text(&format!("{} {}", finding.rule.id, finding.rule.name)),
        super::sarif::page_address(finding.rule),
        place(report, finding, provenance),
    )
}

/// Where a finding stands, with a link to the line where the revision is known.
fn place(report: &Report<'_>, finding: &Finding, provenance: &Provenance) -> String {
    let path = report.paths.in_repository(report.sources.get(finding.at.file));
    let line = report.sources.start(finding.at).line;
    let shown = code(&format!("{path}:{line}"));
    match &provenance.revision {
        Some(revision) => {
            let path = super::sarif::encoded(&path);
            format!("[{shown}]({}/blob/{}/{path}#L{line})", provenance.repository, super::sarif::encoded(revision))
        }
        None => shown,
    }
}

/// Text as one piece of code in a table, whatever it holds.
pub(super) fn code(text: &str) -> String {
    let text = printable(text).replace('|', "\\|");
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let (fence, pad) = ("`".repeat(longest + 1), if longest > 0 { " " } else { "" });
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A message in a table: what stands between code marks is code, all else is plain text.
pub(super) fn text(message: &str) -> String {
    let message = printable(message);
    let parts: Vec<&str> = message.split('`').collect();
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        // A mark without a partner is a character like any other.
        if at % 2 == 1 && at + 1 < parts.len() {
            if !part.is_empty() {
                out.push_str(&code(part));
            }
            continue;
        }
        if at % 2 == 1 {
            out.push_str("\\`");
        }
        for letter in part.chars() {
            match letter {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                // Whoever has that name is not to be told.
                '@' => out.push_str("&#64;"),
                '\\' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                    out.push('\\');
                    out.push(letter);
                }
                _ => out.push(letter),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{Fixture, RULES, run, sources};
    use crate::report::{Format, Paths, style::PLAIN};
    use crate::span::{Place, Span};

    #[test]
    fn a_table_for_people() {
        insta::assert_snapshot!(Fixture::new().report(true).render(Format::Markdown, &PLAIN, &run()).unwrap());
    }

    #[test]
    fn text_of_files_stays_text() {
        assert_eq!(text("`a|b` is <b>![x](y)</b> @me"), "`a\\|b` is &lt;b&gt;\\!\\[x\\](y)&lt;/b&gt; &#64;me");
        assert_eq!(text("`a` and ` *b*"), "`a` and \\` \\*b\\*");
        assert_eq!(code("a``b"), "``` a``b ```");
    }

    #[test]
    fn a_long_table_ends_before_github_refuses_it() {
        let sources = sources(&[("f", &"x\n".repeat(3000))]);
        let file = sources.find("f").unwrap();
        let finding =
            |line: usize| Finding::new(RULES[0], Place { file, span: Span::new(2 * line, 2 * line + 1) }, "X.");
        let paths = Paths::default();
        let report = Report::new(&sources, &paths, (0..3000).map(finding).collect(), false);
        let text = report.render(Format::Markdown, &PLAIN, &run()).unwrap();
        assert!(text.len() < 65_536 && text.ends_with(" more findings left out here.\n"), "{}", text.len());
    }
}
