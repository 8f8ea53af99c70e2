//! Rules as SARIF describes them.

use std::collections::BTreeMap;

use super::model::{Configuration, Markdown, Rule, RuleProperties, Text};
use super::{plain, problem_severity, sentence};
use crate::report::page::{Shown, page};
use crate::rules::RuleMeta;

/// Where the tool lives.
pub(super) const REPOSITORY: &str = "https://github.com/gfxlint/gfxlint";
/// Characters of a description that GitHub keeps.
const LONGEST_DESCRIPTION: usize = 1_000;

pub(super) fn descriptor(rule: &RuleMeta) -> Rule {
    let summary = sentence(&plain(rule.summary));
    let template = format!("{}: '{{0}}'.", braced(summary.trim_end_matches('.')));
    Rule {
        id: rule.id,
        name: pascal(rule.name),
        full_description: Text { text: description(rule, &summary) },
        help: Markdown { text: sentence(&plain(&unwrapped(rule.fix))), markdown: page(rule, Shown::Two) },
        short_description: Text { text: summary },
        help_uri: page_address(rule),
        message_strings: BTreeMap::from([("default", Text { text: template })]),
        default_configuration: Configuration { level: rule.severity.name() },
        properties: RuleProperties {
            tags: vec!["gfxlint", rule.name, "rocm", "vllm"],
            precision: "high",
            severity: problem_severity(rule.severity),
        },
    }
}

/// Where the rule's page can be read; rules of one's own have none.
pub(in crate::report) fn page_address(rule: &RuleMeta) -> String {
    if !rule.id.starts_with("GFX") {
        return REPOSITORY.to_owned();
    }
    format!("{REPOSITORY}/blob/main/src/docs/rules/{}.md", rule.id)
}

/// The summary and the first paragraph of why it matters, as far as GitHub shows it.
fn description(rule: &RuleMeta, summary: &str) -> String {
    let text = format!("{summary} {}", plain(&unwrapped(rule.why.split("\n\n").next().unwrap_or_default())));
    let text = text.trim_end();
    if text.chars().count() <= LONGEST_DESCRIPTION {
        sentence(text)
    } else {
        text.chars().take(LONGEST_DESCRIPTION).chain("...".chars()).collect()
    }
}

/// Text on one line.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `arch-gap` as `ArchGap`.
fn pascal(name: &str) -> String {
    name.split('-')
        .flat_map(|word| {
            word.chars()
                .enumerate()
                .map(|(at, letter)| if at == 0 { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() })
        })
        .collect()
}

/// Text with its braces doubled, as placeholders ask for.
fn braced(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

#[cfg(test)]
mod tests {
    use super::{descriptor, pascal};

    #[test]
    fn texts_are_not_cut_where_their_files_break_lines() {
        for rule in crate::rules::RULES {
            let descriptor = descriptor(rule);
            for text in [&descriptor.help.text, &descriptor.full_description.text] {
                assert!(!text.contains('\n'), "{}: {text}", rule.id);
            }
        }
    }

    #[test]
    fn names_become_pascal_case() {
        assert_eq!([pascal("arch-gap"), pascal("no-fp8-hardware")], ["ArchGap", "NoFp8Hardware"]);
    }
}
