//! `gfxlint rules`: the list of rules, and their examples put to the test.

use super::args::{Common, RulesAction, RulesArgs};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, write};
use crate::error::RunError;
use crate::report::{counted, printable, rule};
use crate::rules::RuleMeta;
use crate::rules::examples::{check_among, examples};

pub(super) fn run(arguments: &RulesArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let session = Session::here(common)?;
    let output = Output::new(common)?;
    if arguments.action == Some(RulesAction::Test) {
        return test(&session, &output);
    }
    let rules: Vec<_> = session.rules.iter().filter(|rule| session.policy.selects(rule)).collect();
    write(
        &output,
        "rules",
        |style| rule::list(&rules, style),
        |style| rule::list(&rules, style),
        || rule::list_json(&rules),
    )
}

/// Runs the examples of the user's rules, or of all rules where there are none of the user's.
fn test(session: &Session, output: &Output) -> Result<ExitStatus, RunError> {
    let is_tested = |rule: &&'static RuleMeta| session.rules.own().is_empty() || session.rules.is_own(rule);
    // What it says of each rule that is not as its examples say: id and name, then the rest.
    let (mut told, mut failed, mut run) = (Vec::new(), 0, 0);
    let rules: Vec<_> = session.selected().into_iter().filter(is_tested).collect();
    for rule in &rules {
        let examples = examples(rule)?;
        if examples.is_empty() && session.rules.is_own(rule) {
            told.push((format!("{} {}", rule.id, rule.name), " has no examples\n".to_owned()));
        }
        for example in examples {
            run += 1;
            if let Some(difference) = check_among(&session.rules, rule, &example, &session.knowledge)? {
                failed += 1;
                told.push((format!("{} {}", rule.id, rule.name), failure(&example.name, &difference)));
            }
        }
    }
    let how = if failed == 0 { "all as written".to_owned() } else { format!("{failed} not as written") };
    let last = format!("{} of {}: {how}\n", counted(run, "example"), counted(rules.len(), "rule"));
    output.write_each(|to| {
        let told: String = told.iter().map(|(rule, rest)| to.style.bold(rule) + rest).collect();
        Ok(told + &last)
    })?;
    Ok(if failed == 0 { ExitStatus::Clean } else { ExitStatus::Findings })
}

fn failure(example: &str, difference: &str) -> String {
    let lines: String = difference.lines().map(|line| printable(line) + "\n").collect();
    format!(": {}\n{lines}", printable(example))
}
