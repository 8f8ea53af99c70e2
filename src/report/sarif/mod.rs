//! SARIF 2.1.0 as GitHub code scanning reads it.

mod fingerprint;
mod location;
mod model;
mod result;
mod rule;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(super) use self::fingerprint::Fingerprinter;
use self::location::Locator;
pub(super) use self::location::encoded;
use self::model::{
    AutomationDetails, Driver, Invocation, Log, MappedTo, Notification, ResultObject, RunObject, Text, Tool, UriBase,
    VersionControl,
};
use super::{Report, printable};
use crate::error::RunError;
use crate::finding::{Finding, Severity};
use crate::rules::RuleMeta;

pub(super) use self::rule::page_address;

/// What paths are relative to.
const ROOT: &str = "%SRCROOT%";

/// What a log says beside findings.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The rules that were selected, by id.
    pub rules: &'a [&'static RuleMeta],
    /// The revision that was looked at.
    pub provenance: &'a Provenance,
    /// What is to be said about the configuration: a rule or a baseline's entry that nothing is known of.
    pub remarks: &'a [String],
}

/// The revision of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The repository's address.
    pub repository: String,
    /// The commit.
    pub revision: Option<String>,
    /// The branch.
    pub branch: Option<String>,
}

/// GitHub refuses a log with more results.
const MOST_RESULTS: usize = 25_000;
/// GitHub shows so many of a log's results.
const MOST_SHOWN: usize = 5_000;

/// The report as a log.
pub(super) fn render(report: &Report<'_>, run: &Run<'_>) -> Result<String, RunError> {
    let (notices, rules) = run.rules.iter().partition::<Vec<&'static RuleMeta>, _>(|rule| rule.is_notice());
    let locator = Locator::new(report);
    let (about_run, found) = report.findings().iter().partition::<Vec<&Finding>, _>(|finding| finding.rule.is_notice());
    let mut results = result::results(report, &locator, &rules, &found);
    let mut notifications: Vec<Notification> =
        about_run.into_iter().map(|finding| result::notification(&locator, finding, &notices)).collect();
    notifications.extend(limit(&mut results).map(|text| remark("warning", &text)));
    let invocation = Invocation {
        execution_successful: true,
        tool_execution_notifications: notifications,
        tool_configuration_notifications: run.remarks.iter().map(|text| remark("warning", text)).collect(),
    };
    super::json_text(&log(&rules, &notices, run.provenance, invocation, results))
}

/// Cuts what GitHub would refuse, the least severe first, and says what it will not show.
fn limit(results: &mut Vec<ResultObject>) -> Option<String> {
    let all = results.len();
    if all <= MOST_SHOWN {
        return None;
    }
    for level in ["note", "warning", "error"] {
        let mut spare = results.len().saturating_sub(MOST_RESULTS);
        let mut at = results.len();
        while spare > 0 && at > 0 {
            at -= 1;
            if results[at].level == level {
                results.remove(at);
                spare -= 1;
            }
        }
    }
    let cut =
        if all > MOST_RESULTS { format!("; the log holds {MOST_RESULTS}, the most severe") } else { String::new() };
    Some(format!("{all} results were found{cut}; GitHub shows {MOST_SHOWN} of a log. Select fewer rules or targets"))
}

/// Something to say that no rule says.
fn remark(level: &'static str, text: &str) -> Notification {
    Notification { descriptor: None, level, message: Text { text: sentence(&plain(text)) }, locations: Vec::new() }
}

/// A log of a run that failed: valid, so that it can be uploaded beside others, and it says why.
///
/// # Errors
/// None with these types.
pub fn failed(error: &RunError, run: &Run<'_>) -> Result<String, RunError> {
    let (notices, rules) = run.rules.iter().partition::<Vec<&'static RuleMeta>, _>(|rule| rule.is_notice());
    let invocation = Invocation {
        execution_successful: false,
        tool_execution_notifications: vec![remark("error", &error.to_string())],
        tool_configuration_notifications: Vec::new(),
    };
    super::json_text(&log(&rules, &notices, run.provenance, invocation, Vec::new()))
}

fn log(
    rules: &[&'static RuleMeta],
    notices: &[&'static RuleMeta],
    provenance: &Provenance,
    invocation: Invocation,
    results: Vec<ResultObject>,
) -> Log {
    let driver = Driver {
        name: "gfxlint",
        full_name: concat!("gfxlint ", env!("CARGO_PKG_VERSION")),
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: rule::REPOSITORY,
        rules: rules.iter().map(|rule| rule::descriptor(rule)).collect(),
        notifications: notices.iter().map(|rule| rule::descriptor(rule)).collect(),
    };
    let version_control = VersionControl {
        repository_uri: provenance.repository.clone(),
        revision_id: provenance.revision.clone(),
        branch: provenance.branch.clone(),
        mapped_to: MappedTo { uri_base_id: ROOT },
    };
    let run = RunObject {
        tool: Tool { driver },
        automation_details: AutomationDetails { id: "gfxlint/" },
        version_control_provenance: [version_control],
        column_kind: "utf16CodeUnits",
        original_uri_base_ids: BTreeMap::from([(
            ROOT,
            UriBase { description: Text { text: "The root of the scanned repository.".to_owned() } },
        )]),
        invocations: [invocation],
        results,
    };
    Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] }
}

/// Text without control characters, its code marks as single quotes, and no accidental links.
fn plain(text: &str) -> String {
    printable(text).replace('`', "'").replace("](", "] (")
}

/// Text that ends as a sentence does.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// SARIF's and GitHub's words for a severity.
fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "recommendation",
    }
}
