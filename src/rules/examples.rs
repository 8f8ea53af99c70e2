//! The examples in rules' TOML files, which are their tests.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Context, Options, RuleMeta, RuleSet, Selection};
use crate::arch::ArchSet;
use crate::config::Policy;
use crate::engine::Plan;
use crate::error::RunError;
use crate::facts::Date;
use crate::finding::Finding;
use crate::knowledge::Knowledge;
use crate::report::printable_in_place;
use crate::scan::{Input, scan};
use crate::workspace::Workspace;

/// Files, what was asked for, and what the rule must report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows, in a few words.
    pub name: String,
    /// Targets that are asked for.
    #[serde(default)]
    pub arch: Vec<String>,
    /// Path and content of each file.
    pub files: BTreeMap<String, String>,
    /// The findings of the rule, in order; none where it must be silent.
    #[serde(default)]
    pub expect: Vec<Expected>,
}

/// A finding that an example must give.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// The bytes that the primary location covers.
    pub text: String,
    /// The severity; the rule's own where left out.
    #[serde(default)]
    pub severity: Option<String>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    examples: Vec<Example>,
}

/// The day on which examples are run, so that they say the same every day.
const DAY: Date = Date { year: 2026, month: 1, day: 1 };

/// The examples of a rule.
///
/// # Errors
/// Examples that do not parse.
pub fn examples(rule: &RuleMeta) -> Result<Vec<Example>, RunError> {
    let file: File = toml::from_str(rule.source).map_err(|error| RunError::Data {
        file: format!("rules/{}", rule.id),
        cause: error.message().to_owned(),
        source_code: Some(std::sync::Arc::new(miette::NamedSource::new(rule.id, printable_in_place(rule.source)))),
        at: error.span().map(Into::into),
    })?;
    Ok(file.examples)
}

/// Runs an example with advice on; none if the rule reports what it must, else what is missing and what is too much.
///
/// # Errors
/// A target that nobody knows.
pub fn check(rule: &'static RuleMeta, example: &Example, knowledge: &Knowledge) -> Result<Option<String>, RunError> {
    check_among(&RuleSet::default(), rule, example, knowledge)
}

/// The same for a rule that may be the user's own.
///
/// # Errors
/// A target that nobody knows, and a rule that cannot be computed.
pub fn check_among(
    rules: &RuleSet,
    rule: &'static RuleMeta,
    example: &Example,
    knowledge: &Knowledge,
) -> Result<Option<String>, RunError> {
    let files = example.files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())).collect();
    let workspace = scan(Input::Memory(files), knowledge)?;
    let find = |name: &String| {
        knowledge.universe.find(name).ok_or_else(|| RunError::UnknownTarget {
            name: name.clone(),
            help: "`gfxlint arch` lists the targets".to_owned(),
        })
    };
    let targets = example.arch.iter().map(find).collect::<Result<ArchSet, _>>()?;
    let options = Options { targets, pedantic: true, ..Options::default() };
    let cx = Context::new(&workspace, knowledge, &options);
    // A rule without code speaks of what the others found.
    let stands_alone = rule.check.is_some() || rules.is_own(rule);
    let policy = Policy::of(if stands_alone { Selection::only(rule) } else { Selection::default() });
    let plan = Plan { rules, policy: &policy, heeds_comments: true, today: DAY, baseline: None, paths: &[] };
    let mut found = plan.check(&cx)?.findings;
    found.retain(|finding| finding.rule.id == rule.id && finding.standing.suppression.is_none());
    found.sort_by_key(|finding| finding.at);
    let found: Vec<Expected> = found.iter().map(|finding| seen(&workspace, finding)).collect();
    let wanted: Vec<Expected> = example
        .expect
        .iter()
        .map(|expected| Expected {
            severity: Some(expected.severity.clone().unwrap_or_else(|| rule.severity.name().to_owned())),
            ..expected.clone()
        })
        .collect();
    Ok((found != wanted).then(|| difference(&wanted, &found)))
}

/// What an example lacks and what it has too much, one finding a line.
fn difference(wanted: &[Expected], found: &[Expected]) -> String {
    let line = |sign: &str, expected: &Expected| {
        let severity = expected.severity.as_deref().unwrap_or_default();
        format!("  {sign} {severity} at {}:{}: {:?}\n", expected.path, expected.line, expected.text)
    };
    let missing = wanted.iter().filter(|expected| !found.contains(expected)).map(|expected| line("missing", expected));
    let extra = found.iter().filter(|seen| !wanted.contains(seen)).map(|seen| line("extra  ", seen));
    let lines: String = missing.chain(extra).collect();
    if lines.is_empty() { "  the findings come in another order\n".to_owned() } else { lines }
}

fn seen(workspace: &Workspace, finding: &Finding) -> Expected {
    let sources = workspace.sources();
    Expected {
        path: sources.get(finding.at.file).path.clone(),
        line: sources.start(finding.at).line,
        text: sources.text(finding.at).to_owned(),
        severity: Some(finding.severity.name().to_owned()),
    }
}
