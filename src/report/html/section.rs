//! The blocks of text below the map: entries in groups that open.

use std::fmt::Write as _;

use super::{escaped, with_code};
use crate::report::Report;

/// A section with no more entries than this shows them all at once.
const SHORT: usize = 12;

/// A block of text below the map.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// What it lists, in order.
    pub entries: Vec<Entry>,
}

/// An entry of a section.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is listed under: a rule, or a layer.
    pub group: String,
    /// `error`, `warning` or `note`; empty for what is none of them.
    pub severity: &'static str,
    /// `path:line`.
    pub place: String,
    /// The sentence.
    pub text: String,
    /// Further places, with what they have to do with it.
    pub related: Vec<(String, String)>,
    /// What to do.
    pub help: Option<String>,
}

impl Section {
    /// The findings of a report, the worst first.
    pub fn of(title: &str, report: &Report<'_>) -> Self {
        let place = |at: crate::span::Place| {
            format!("{}:{}", report.paths.relative(report.sources.get(at.file)), report.sources.start(at).line)
        };
        let mut found: Vec<_> = report.shown().collect();
        found.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.rule.id));
        let entries = found
            .into_iter()
            .map(|finding| Entry {
                group: format!("{} {}", finding.rule.id, finding.rule.name),
                severity: finding.severity.name(),
                place: place(finding.at),
                text: finding.message.clone(),
                related: finding.related.iter().map(|label| (place(label.at), label.message.clone())).collect(),
                help: finding.help.clone(),
            })
            .collect();
        Self { title: title.to_owned(), entries }
    }

    /// The groups in the order in which they first appear.
    fn groups(&self) -> Vec<(&str, &str, Vec<&Entry>)> {
        let mut groups: Vec<(&str, &str, Vec<&Entry>)> = Vec::new();
        for entry in &self.entries {
            let known =
                groups.iter_mut().find(|(group, severity, _)| *group == entry.group && *severity == entry.severity);
            match known {
                Some((_, _, entries)) => entries.push(entry),
                None => groups.push((&entry.group, entry.severity, vec![entry])),
            }
        }
        groups
    }

    pub(super) fn write(&self, out: &mut String) {
        if self.entries.is_empty() {
            return;
        }
        let _ = writeln!(out, "<h2>{} <span class=\"count\">{}</span></h2>", escaped(&self.title), self.entries.len());
        for (group, severity, entries) in self.groups() {
            let open = if self.entries.len() <= SHORT { " open" } else { "" };
            let tag = if severity.is_empty() {
                String::new()
            } else {
                format!("<span class=\"tag {severity}\">{severity}</span> ")
            };
            let (first, rest) = group.split_once(' ').filter(|_| !severity.is_empty()).unwrap_or((group, ""));
            let _ = writeln!(
                out,
                "<details{open}>\n<summary>{tag}<b>{}</b> {} <span class=\"count\">{}</span></summary>\n<ol>",
                escaped(first),
                escaped(rest),
                entries.len()
            );
            entries.iter().for_each(|entry| entry.write(out));
            out.push_str("</ol>\n</details>\n");
        }
    }
}

impl Entry {
    fn write(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "<li><code class=\"place\">{}</code>\n<p>{}</p>",
            escaped(&self.place),
            with_code(&self.text)
        );
        if !self.related.is_empty() {
            out.push_str("<ul>\n");
            for (place, message) in &self.related {
                let _ = writeln!(out, "<li><code>{}</code> {}</li>", escaped(place), with_code(message));
            }
            out.push_str("</ul>\n");
        }
        if let Some(help) = &self.help {
            let _ = writeln!(out, "<p class=\"help\">{}</p>", with_code(help));
        }
        out.push_str("</li>\n");
    }
}
