//! `gfxlint rules`: the list of rules, and their examples put to the test.

use std::fmt::Write as _;

use super::args::{Common, RulesAction, RulesArgs};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, write};
use crate::error::RunError;
use crate::report::{Style, counted, printable, rule};
use crate::rules::RuleMeta;
use crate::rules::examples::{check_among, examples};

pub(super) fn run(arguments: &RulesArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let session = Session::here(common)?;
    let output = Output::new(common);
    if arguments.action == Some(RulesAction::Test) {
        return test(&session, &output);
    }
    let rules = session.selected();
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
    let (mut told, mut failed, mut run) = (String::new(), 0, 0);
    let rules: Vec<_> = session.selected().into_iter().filter(is_tested).collect();
    for rule in &rules {
        let examples = examples(rule)?;
        if examples.is_empty() && session.rules.is_own(rule) {
            let _ = writeln!(told, "{} {} has no examples", rule.id, rule.name);
        }
        for example in examples {
            run += 1;
            if let Some(difference) = check_among(&session.rules, rule, &example, &session.knowledge)? {
                failed += 1;
                told.push_str(&failure(rule, &example.name, &difference, &output.style));
            }
        }
    }
    let how = if failed == 0 { "all as written".to_owned() } else { format!("{failed} not as written") };
    let _ = writeln!(told, "{} of {}: {how}", counted(run, "example"), counted(rules.len(), "rule"));
    output.write(&told)?;
    Ok(if failed == 0 { ExitStatus::Clean } else { ExitStatus::Findings })
}

fn failure(rule: &RuleMeta, example: &str, difference: &str, style: &Style) -> String {
    let head = style.bold(&format!("{} {}", rule.id, rule.name));
    let lines: String = difference.lines().map(|line| printable(line) + "\n").collect();
    format!("{head}: {}\n{lines}", printable(example))
}
