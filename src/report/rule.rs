//! Rules for people: the list of them, and all that there is to say about one.

use std::fmt::Write as _;

use serde::Serialize;

use super::style::columns;
use super::{Style, arch, json_text, printable};
use crate::arch::ArchSet;
use crate::error::RunError;
use crate::finding::Severity;
use crate::knowledge::Knowledge;
use crate::rules::examples::examples;
use crate::rules::{Life, RuleMeta, Status};

/// Fields of a rule's file that have a place of their own in its text, or say nothing to a reader.
const OWN_PLACE: [&str; 11] =
    ["id", "name", "severity", "summary", "why", "fix", "status", "since", "instead", "formerly", "tags"];

#[derive(Serialize)]
struct Listing {
    version: u32,
    rules: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: &'static str,
    name: &'static str,
    severity: Severity,
    status: Status,
    since: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    formerly: &'static [&'static str],
    tags: &'static [&'static str],
    summary: &'static str,
}

/// One rule; whatever else its file holds (sources, examples) as it stands there.
#[derive(Serialize)]
struct Explanation<'k> {
    version: u32,
    #[serde(flatten)]
    entry: Entry,
    why: &'static str,
    fix: &'static str,
    #[serde(flatten)]
    more: toml::Table,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    arches: Vec<arch::Entry<'k>>,
}

impl Entry {
    fn new(rule: &RuleMeta) -> Self {
        let Life { status, since, instead, formerly } = rule.life;
        let RuleMeta { id, name, severity, tags, summary, .. } = *rule;
        Self { id, name, severity, status, since, instead, formerly, tags, summary }
    }
}

/// The list of rules as JSON.
///
/// # Errors
/// None with these types.
pub fn list_json(rules: &[&RuleMeta]) -> Result<String, RunError> {
    json_text(&Listing { version: 1, rules: rules.iter().map(|rule| Entry::new(rule)).collect() })
}

/// The list of rules, one a line.
pub fn list(rules: &[&RuleMeta], style: &Style) -> String {
    let row = |rule: &&RuleMeta| {
        let status = match rule.life.status {
            Status::Stable => "",
            Status::Preview => "(preview) ",
            Status::Deprecated => "(deprecated) ",
            Status::Removed => "(removed) ",
        };
        let summary = format!("{status}{}", rule.summary);
        [rule.id, rule.severity.name(), rule.name, &summary].map(str::to_owned).to_vec()
    };
    let rows: Vec<Vec<String>> = rules.iter().map(row).collect();
    columns(&rows, "", |column, cell| match (column, cell) {
        (0, id) => style.bold(id),
        (1, "error") => style.severity(Severity::Error, cell),
        (1, "warning") => style.severity(Severity::Warning, cell),
        (1, "note") => style.severity(Severity::Note, cell),
        _ => cell.to_owned(),
    })
}

/// All about a rule, as JSON, with what is known of these targets.
///
/// # Errors
/// None with these types.
pub fn explain_json(rule: &RuleMeta, knowledge: &Knowledge, targets: ArchSet) -> Result<String, RunError> {
    let arches = arch::entries(knowledge, targets);
    let RuleMeta { why, fix, .. } = *rule;
    json_text(&Explanation { version: 1, entry: Entry::new(rule), why, fix, more: more(rule), arches })
}

/// All about a rule, for people.
pub fn explain(rule: &RuleMeta, style: &Style) -> String {
    let heading = format!("{}[{}]", rule.severity.name(), rule.id);
    let mut out = format!(
        "{} {}\n{}\n{}\n",
        style.severity(rule.severity, &heading),
        style.bold(rule.name),
        style.wrap(rule.summary, ""),
        style.dim(&style.wrap(&life(rule), ""))
    );
    for (title, text) in [("Why it matters", rule.why), ("How to fix it", rule.fix)] {
        let _ = write!(out, "\n{}\n{}", style.bold(title), paragraphs(text));
    }
    let mut more = more(rule);
    more.remove("examples");
    for (key, value) in more {
        let _ = writeln!(out, "\n{}", style.bold(&titled(&key)));
        field(&mut out, &value, 2, style);
    }
    out.push_str(&examples_text(rule, style));
    out
}

/// Since when the rule is what it is, and what it is about.
fn life(rule: &RuleMeta) -> String {
    match rule.tags {
        [] => rule.life.told(),
        tags => format!("{} Tags: {}.", rule.life.told(), tags.join(", ")),
    }
}

/// The examples: what they show, their files, and the findings that they give.
fn examples_text(rule: &RuleMeta, style: &Style) -> String {
    let mut out = String::new();
    for example in examples(rule).unwrap_or_default() {
        let asked =
            if example.arch.is_empty() { String::new() } else { format!(" (--arch {})", example.arch.join(",")) };
        let _ = writeln!(out, "\n{} {}{asked}", style.bold("Example:"), printable(&example.name));
        for (path, text) in example.files.iter().filter(|(_, text)| !text.trim().is_empty()) {
            let _ = writeln!(out, "  {}", style.dim(&format!("# {}", printable(path))));
            for line in text.trim_end().lines() {
                let line: String = line.split('\t').map(printable).collect::<Vec<_>>().join("    ");
                let _ = writeln!(out, "{}", format!("  {line}").trim_end());
            }
        }
        match example.expect.as_slice() {
            [] => out.push_str("  silent\n"),
            expected => {
                for finding in expected {
                    let severity = finding.severity.as_deref().unwrap_or(rule.severity.name());
                    let _ = writeln!(
                        out,
                        "  {severity} at {}:{}: {}",
                        printable(&finding.path),
                        finding.line,
                        printable(&finding.text)
                    );
                }
            }
        }
    }
    out
}

/// What a rule's file holds beside the fields that every rule has.
fn more(rule: &RuleMeta) -> toml::Table {
    let mut fields: toml::Table = rule.source.parse().unwrap_or_default();
    fields.retain(|key, _| !OWN_PLACE.contains(&key));
    fields
}

/// Markdown is readable as it is; it is set off, not rendered.
fn paragraphs(text: &str) -> String {
    text.trim()
        .lines()
        .map(|line| if line.trim().is_empty() { "\n".to_owned() } else { format!("  {line}\n") })
        .collect()
}

/// `expected_spans` as `Expected spans`.
fn titled(key: &str) -> String {
    let words = key.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A field of a rule's file: scalars on one line, longer text as a block, lists and tables one item below another.
fn field(out: &mut String, value: &toml::Value, indent: usize, style: &Style) {
    let pad = " ".repeat(indent);
    match value {
        toml::Value::String(text) if text.contains('\n') => {
            for line in text.trim_end().lines() {
                let line: String = line.split('\t').map(printable).collect::<Vec<_>>().join("    ");
                let _ = writeln!(out, "{}", format!("{pad}{}", style.dim(&line)).trim_end());
            }
        }
        toml::Value::String(text) => {
            let _ = writeln!(out, "{pad}{}", printable(text));
        }
        toml::Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 && item.is_table() {
                    out.push('\n');
                }
                field(out, item, indent, style);
            }
        }
        toml::Value::Table(fields) => {
            for (key, value) in fields {
                match value {
                    toml::Value::Table(_) | toml::Value::Array(_) => {
                        let _ = writeln!(out, "{pad}{key}:");
                        field(out, value, indent + 2, style);
                    }
                    toml::Value::String(text) if text.contains('\n') => {
                        let _ = writeln!(out, "{pad}{key}:");
                        field(out, value, indent + 2, style);
                    }
                    toml::Value::String(text) => {
                        let _ = writeln!(out, "{pad}{key}: {}", printable(text));
                    }
                    other => {
                        let _ = writeln!(out, "{pad}{key}: {other}");
                    }
                }
            }
        }
        other => {
            let _ = writeln!(out, "{pad}{other}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::PLAIN;
    use crate::report::testing::RULES;

    #[test]
    fn a_rule_explains_itself() {
        let source = "id = 'GFX101'\nname = 'arch-gap'\nsources = ['https://a.example', 'https://b.example']\n\n[[examples]]\nname = 'a gap'\narch = ['gfx906']\nexpect = [{ path = 'Dockerfile', line = 2, text = 'make' }]\nfiles = { 'Dockerfile' = \"FROM x\\nRUN\\tmake\\n\" }\n\n[[examples]]\nname = 'nothing'\nfiles = { 'Dockerfile' = 'FROM x' }\n";
        let rule = RuleMeta { source, ..RULES[0].clone() };
        insta::assert_snapshot!(format!(
            "{}---\n{}",
            explain(&rule, &PLAIN),
            explain_json(&rule, &Knowledge::embedded().unwrap(), ArchSet::EMPTY).unwrap()
        ));
    }

    #[test]
    fn rules_are_listed() {
        insta::assert_snapshot!(format!("{}---\n{}", list(RULES, &PLAIN), list_json(&RULES[..1]).unwrap()));
    }
}
