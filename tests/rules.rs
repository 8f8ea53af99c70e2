//! Every rule's TOML file: its texts are whole, and its examples behave as written.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use gfxlint::knowledge::Knowledge;
use gfxlint::rules::{RULES, examples};

#[test]
fn examples_behave_as_written() {
    let knowledge = Knowledge::embedded().expect("the embedded knowledge parses");
    let mut wrong = Vec::new();
    for rule in RULES {
        for example in examples::examples(rule).unwrap_or_else(|error| panic!("{error}")) {
            let difference = examples::check(rule, &example, &knowledge)
                .unwrap_or_else(|error| panic!("{} {:?}: {error}", rule.id, example.name));
            wrong.extend(difference.map(|difference| format!("{} {:?}\n{difference}", rule.id, example.name)));
        }
    }
    assert!(wrong.is_empty(), "{} examples are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_is_documented_and_has_examples_of_both_kinds() {
    for rule in RULES {
        assert!(
            rule.id.len() == 6 && rule.id.starts_with("GFX") && rule.id[3..].bytes().all(|byte| byte.is_ascii_digit()),
            "{}",
            rule.id
        );
        for (what, text) in [("summary", rule.summary), ("why", rule.why), ("fix", rule.fix)] {
            assert!(text.trim().ends_with('.'), "{}: {what} is to be whole sentences", rule.id);
        }
        if rule.source.contains("\nno_examples = \"") {
            continue;
        }
        let all = examples::examples(rule).unwrap_or_else(|error| panic!("{error}"));
        assert!(all.iter().any(|example| !example.expect.is_empty()), "{}: no example that fires", rule.id);
        assert!(all.iter().any(|example| example.expect.is_empty()), "{}: no example that stays silent", rule.id);
    }
}

#[test]
fn ids_and_names_are_unique_and_sorted() {
    let mut ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
}
