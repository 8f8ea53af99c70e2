//! What users see for the example tree. After a wanted change: `INSTA_UPDATE=always cargo test --test snapshots`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use common::{run, testdata};

/// Runs a command over the example, in plain text.
fn shown(arguments: &[&str]) -> String {
    let run = run(&testdata().join("mini-vllm"), arguments);
    assert_eq!(run.err, "", "{arguments:?}");
    run.out
}

#[test]
fn every_rule_on_sets_of_targets_has_a_fault_to_show() {
    let ids = |text: String, list: &str| {
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let ids: BTreeSet<String> = json[list]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry.get("id").unwrap_or(&entry["rule"]).as_str().unwrap().to_owned())
            .collect();
        ids
    };
    let rules = ids(shown(&["rules", "--select", "GFX1", "--format", "json"]), "rules");
    let found =
        ids(shown(&["check", "--arch", "gfx906", "--select", "GFX1", "--pedantic", "--format", "json"]), "findings");
    assert_eq!(found, rules);
}

#[test]
fn check_pretty() {
    insta::assert_snapshot!(shown(&["check", "--arch", "gfx906", "--format", "pretty"]));
}

#[test]
fn check_concise_with_advice() {
    insta::assert_snapshot!(shown(&["check", "--arch", "gfx906,gfx1152", "--pedantic"]));
}

#[test]
fn check_without_a_target() {
    insta::assert_snapshot!(shown(&["check"]));
}

#[test]
fn findings_that_another_one_sums_up_are_folded_in_pretty_output_alone() {
    let tree = testdata().join("mixed-releases");
    insta::assert_snapshot!(run(&tree, &["check", "--format", "pretty"]).out);
    let lines = run(&tree, &["check", "--format", "concise"]).out;
    assert_eq!(lines.matches("[GFX201]").count(), 3, "{lines}");
    let single = run(&tree, &["check", "--format", "pretty", "--ignore", "GFX205"]).out;
    assert!(single.contains("from vllm.utils import resolve_obj_by_qualname"), "{single}");
}

#[test]
fn check_json() {
    insta::assert_snapshot!(shown(&[
        "check",
        "--arch",
        "gfx906",
        "--select",
        "GFX101,GFX104,GFX118",
        "--format",
        "json"
    ]));
}

#[test]
fn check_sarif() {
    // Rules and their help are their own files' matter.
    let log: serde_json::Value =
        serde_json::from_str(&shown(&["check", "--arch", "gfx906", "--select", "GFX101", "--format", "sarif"]))
            .unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&log["runs"][0]["results"]).unwrap());
}

#[test]
fn audit_pretty() {
    insta::assert_snapshot!(shown(&["audit", "--arch", "MI50", "--format", "pretty"]));
}

#[test]
fn audit_concise() {
    insta::assert_snapshot!(shown(&["audit", "--arch", "gfx1151"]));
}

#[test]
fn audit_json() {
    insta::assert_snapshot!(shown(&["audit", "--arch", "gfx906", "--format", "json"]));
}

#[test]
fn facts_pretty() {
    insta::assert_snapshot!(shown(&["facts", "--format", "pretty"]));
}

#[test]
fn facts_concise() {
    insta::assert_snapshot!(shown(&["facts"]));
}

#[test]
fn arch_pretty() {
    insta::assert_snapshot!(shown(&["arch", "MI50", "--format", "pretty"]));
}
