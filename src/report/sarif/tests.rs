use serde_json::{Value, json};

use super::*;
use crate::finding::{Applicability, BaselineState, Edit, Standing, Suppression, SuppressionKind};
use crate::report::testing::{self, RULES, place, run, sources};
use crate::report::{Format, Paths, style::PLAIN};

fn log(report: &Report<'_>) -> Value {
    serde_json::from_str(&report.render(Format::Sarif, &PLAIN, &run()).unwrap()).unwrap()
}

#[test]
fn a_log_says_everything_that_github_reads() {
    let fixture = testing::Fixture::new();
    insta::assert_snapshot!(fixture.report(false).render(Format::Sarif, &PLAIN, &run()).unwrap());
}

#[test]
fn a_failed_run_still_leaves_a_valid_log() {
    let error = RunError::Usage { what: "a path\nwith a line end".to_owned(), help: String::new() };
    let log: Value = serde_json::from_str(&failed(&error, &run()).unwrap()).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"], "a path\\nwith a line end.");
    assert_eq!(run["results"], json!([]));
}

/// GitHub knows a result by its rule and its line alone.
#[test]
fn findings_of_a_rule_on_a_line_are_one_result() {
    let sources = sources(&[("f", "from m import a, b\nfrom m import c\n")]);
    let at = |needle: &str| place(&sources, "f", needle);
    let of = |rule, needle: &str, message: &str| Finding::new(rule, at(needle), message).data("name", needle);
    let edit = || vec![Edit::new(at("m"), "n")];
    let findings = vec![
        of(RULES[1], "a", "`a` is not there").severity(Severity::Warning).related(at("c"), "one").fix(
            "f",
            Applicability::Safe,
            edit(),
        ),
        of(RULES[1], "b", "`b` is not there").related(at("m"), "two").fix("f", Applicability::Safe, edit()),
        of(RULES[0], "b", "Another rule."),
        of(RULES[1], "c", "`c` is not there"),
    ];
    let paths = Paths::default();
    let log = log(&Report::new(&sources, &paths, findings, false));
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 3, "{results:#?}");
    let folded = &results[0];
    assert_eq!(folded["message"]["text"], "'a' is not there. See [f:2](1). 'b' is not there. See [f:1](2).");
    assert_eq!(folded["fixes"].as_array().unwrap().len(), 1, "a list of fixes holds none twice");
    assert_eq!((&folded["level"], &folded["properties"]["gfxlint/more"]), (&json!("error"), &json!([{"name": "b"}])));
    let ids: Vec<&Value> = folded["relatedLocations"].as_array().unwrap().iter().map(|place| &place["id"]).collect();
    assert_eq!(ids, [&json!(1), &json!(2)]);
    let hashes: std::collections::BTreeSet<String> = results
        .iter()
        .map(|result| format!("{}{}", result["ruleId"], result["partialFingerprints"]["primaryLocationLineHash"]))
        .collect();
    assert_eq!(hashes.len(), results.len());
}

#[test]
fn what_was_accepted_before_is_told_and_counts_nowhere_else() {
    let sources = sources(&[("f", "a\nb\n")]);
    let (paths, at) = (Paths::default(), |needle| place(&sources, "f", needle));
    let mut accepted = Finding::new(RULES[1], at("a"), "A.");
    let reason = Some("not shipped".to_owned());
    accepted.standing.suppression = Some(Suppression { kind: SuppressionKind::InSource, reason });
    let mut fresh = Finding::new(RULES[1], at("b"), "B.");
    fresh.standing = Standing { baseline: Some(BaselineState::New), ..Standing::default() };
    let report = Report::new(&sources, &paths, vec![accepted, fresh], false);
    let log = log(&report);
    let results = &log["runs"][0]["results"];
    assert_eq!(
        results[0]["suppressions"],
        json!([{"kind": "inSource", "status": "accepted", "justification": "not shipped"}])
    );
    assert_eq!((&results[0]["baselineState"], &results[1]["baselineState"]), (&Value::Null, &json!("new")));
    let json: Value = serde_json::from_str(&report.render(Format::Json, &PLAIN, &run()).unwrap()).unwrap();
    assert_eq!((json["findings"].as_array().unwrap().len(), &json["summary"]["errors"]), (1, &json!(1)));
}

#[test]
fn remarks_on_the_configuration_are_notifications() {
    let remarks = ["`GFX999` is no rule".to_owned()];
    let run = Run { remarks: &remarks, ..run() };
    let fixture = testing::Fixture::new();
    let log: Value = serde_json::from_str(&fixture.report(false).render(Format::Sarif, &PLAIN, &run).unwrap()).unwrap();
    let told = &log["runs"][0]["invocations"][0]["toolConfigurationNotifications"];
    assert_eq!(told, &json!([{"level": "warning", "message": {"text": "'GFX999' is no rule."}}]));
}

#[test]
fn what_github_would_refuse_is_cut_by_severity_and_said() {
    let lines = MOST_RESULTS + 2;
    let sources = sources(&[("f", &"x\n".repeat(lines))]);
    let file = sources.find("f").unwrap();
    let finding = |line: usize| {
        let at = crate::span::Place { file, span: crate::span::Span::new(2 * line, 2 * line + 1) };
        Finding::new(RULES[0], at, "X.").severity(if line == 1 { Severity::Error } else { Severity::Warning })
    };
    let paths = Paths::default();
    let log = log(&Report::new(&sources, &paths, (0..lines).rev().map(finding).collect(), false));
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), MOST_RESULTS);
    assert_eq!(run["results"][1]["level"], "error");
    let told = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert!(told.as_str().unwrap().starts_with("25002 results were found; the log holds 25000"), "{told}");
}
