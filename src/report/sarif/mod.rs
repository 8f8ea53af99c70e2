//! SARIF 2.1.0 as GitHub code scanning reads it.

mod fingerprint;
mod location;
mod model;
mod rule;

use std::collections::BTreeMap;

use self::fingerprint::Fingerprinter;
use self::location::Locator;
use self::model::{
    ArtifactChange, AutomationDetails, CodeFlow, Descriptor, Driver, FixObject, Invocation, Location, Log, MappedTo,
    Message, Notification, Replacement, ResultObject, ResultProperties, RunObject, Suppression, Text, ThreadFlow,
    ThreadFlowLocation, Tool, UriBase, VersionControl,
};
use super::{Report, is_notice, printable};
use crate::error::RunError;
use crate::finding::{Finding, Fix, LeftOut, Severity};
use crate::rules::RuleMeta;

/// What paths are relative to.
const ROOT: &str = "%SRCROOT%";

/// What a log says beside findings.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The rules that were selected, by id.
    pub rules: &'a [&'static RuleMeta],
    /// The revision that was looked at, where it is known.
    pub provenance: Option<&'a Provenance>,
}

/// The revision of a repository.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The repository's address.
    pub repository: String,
    /// The commit.
    pub revision: Option<String>,
    /// The branch.
    pub branch: Option<String>,
}

/// The report as a log.
pub(super) fn render(report: &Report<'_>, run: &Run<'_>) -> Result<String, RunError> {
    let (notices, rules) = run.rules.iter().partition::<Vec<&'static RuleMeta>, _>(|rule| rule::is_notice(rule));
    let locator = Locator::new(report);
    let mut fingerprints = Fingerprinter::default();
    let (about_run, found) = report.for_machines().into_iter().partition::<Vec<&Finding>, _>(|finding| is_notice(finding));
    let results = found
        .into_iter()
        .filter_map(|finding| Some(result(report, &locator, &mut fingerprints, finding, index_of(&rules, finding)?)))
        .collect();
    let notifications =
        about_run.into_iter().map(|finding| notification(&locator, finding, index_of(&notices, finding))).collect();
    let invocation = Invocation { execution_successful: true, tool_execution_notifications: notifications };
    super::json_text(&log(&rules, &notices, run.provenance, invocation, results))
}

/// A log of a run that failed: valid, so that it can be uploaded beside others, and it says why.
///
/// # Errors
/// None with these types.
pub fn failed(error: &RunError, run: &Run<'_>) -> Result<String, RunError> {
    let (notices, rules) = run.rules.iter().partition::<Vec<&'static RuleMeta>, _>(|rule| rule::is_notice(rule));
    let notification = Notification {
        descriptor: None,
        level: "error",
        message: Text { text: sentence(&printable(&error.to_string())) },
        locations: Vec::new(),
    };
    let invocation = Invocation { execution_successful: false, tool_execution_notifications: vec![notification] };
    super::json_text(&log(&rules, &notices, run.provenance, invocation, Vec::new()))
}

fn log(
    rules: &[&'static RuleMeta],
    notices: &[&'static RuleMeta],
    provenance: Option<&Provenance>,
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
    let version_control = provenance.map(|known| VersionControl {
        repository_uri: known.repository.clone(),
        revision_id: known.revision.clone(),
        branch: known.branch.clone(),
        mapped_to: MappedTo { uri_base_id: ROOT },
    });
    let run = RunObject {
        tool: Tool { driver },
        automation_details: AutomationDetails { id: "gfxlint/" },
        version_control_provenance: version_control.into_iter().collect(),
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

fn index_of(rules: &[&'static RuleMeta], finding: &Finding) -> Option<usize> {
    rules.iter().position(|rule| rule.id == finding.rule.id)
}

fn notification(locator: &Locator<'_>, finding: &Finding, index: Option<usize>) -> Notification {
    Notification {
        descriptor: index.map(|index| Descriptor { id: finding.rule.id, index }),
        level: finding.severity.name(),
        message: Text { text: sentence(&plain(&finding.message)) },
        locations: vec![locator.location(finding.at)],
    }
}

fn result(
    report: &Report<'_>,
    locator: &Locator<'_>,
    fingerprints: &mut Fingerprinter,
    finding: &Finding,
    rule_index: usize,
) -> ResultObject {
    let related: Vec<Location> = finding
        .related
        .iter()
        .zip(1..)
        .map(|(label, id)| Location { id: Some(id), ..locator.labelled(label.at, &label.message) })
        .collect();
    ResultObject {
        rule_id: finding.rule.id,
        rule_index,
        level: finding.severity.name(),
        kind: "fail",
        message: message(report, finding),
        locations: [locator.labelled(finding.at, &finding.label)],
        related_locations: related,
        code_flows: code_flow(locator, finding).into_iter().collect(),
        partial_fingerprints: fingerprints.of(report, finding),
        suppressions: finding.left_out.iter().map(suppression).collect(),
        fixes: finding.fix.iter().map(|fix| fix_object(locator, fix)).collect(),
        properties: ResultProperties {
            help: finding.help.clone(),
            data: finding.data.clone(),
            applicability: finding.fix.as_ref().map(|fix| fix.applicability),
        },
    }
}

fn suppression(why: &LeftOut) -> Suppression {
    let justification = (!why.reason.is_empty()).then(|| printable(&why.reason));
    Suppression { kind: why.by.kind(), status: "accepted", justification }
}

/// The message with links to the related places, which GitHub shows only where the text names them.
fn message(report: &Report<'_>, finding: &Finding) -> Message {
    let mut text = sentence(&plain(&finding.message));
    let links: Vec<String> =
        finding.related.iter().zip(1..).map(|(label, id)| format!("[{}]({id})", link_text(report, label))).collect();
    if !links.is_empty() {
        text = format!("{text} See {}.", links.join(", "));
    }
    let token: String = plain(report.sources.text(finding.at)).chars().take(80).collect();
    Message {
        text,
        id: "default",
        arguments: vec![if token.is_empty() { finding.rule.name.to_owned() } else { token }],
    }
}

/// The words of a link: where it leads.
fn link_text(report: &Report<'_>, label: &crate::finding::Label) -> String {
    let path = report.paths.in_repository(report.sources.get(label.at.file));
    let mut text = String::new();
    for character in printable(&format!("{path}:{}", report.sources.start(label.at).line)).chars() {
        if matches!(character, '[' | ']' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

/// The places in the order in which they are to be read, where there is a chain of them.
fn code_flow(locator: &Locator<'_>, finding: &Finding) -> Option<CodeFlow> {
    let step = |location, importance| ThreadFlowLocation { location, importance };
    let first = step(
        locator.labelled(finding.at, if finding.label.is_empty() { &finding.message } else { &finding.label }),
        "essential",
    );
    let others = finding.related.iter().map(|label| step(locator.labelled(label.at, &label.message), "important"));
    (finding.related.len() > 1)
        .then(|| CodeFlow { thread_flows: [ThreadFlow { locations: std::iter::once(first).chain(others).collect() }] })
}

fn fix_object(locator: &Locator<'_>, fix: &Fix) -> FixObject {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| edit.at);
    let change = |edits: &[&crate::finding::Edit]| {
        let first = edits.first()?;
        let replacement = |edit: &&crate::finding::Edit| Replacement {
            deleted_region: locator.exact_region(edit.at),
            inserted_content: Text { text: edit.text.clone() },
        };
        Some(ArtifactChange {
            artifact_location: locator.artifact(first.at.file),
            replacements: edits.iter().map(replacement).collect(),
        })
    };
    let artifact_changes = edits.chunk_by(|left, right| left.at.file == right.at.file).filter_map(change).collect();
    FixObject { description: Text { text: sentence(&plain(&fix.title)) }, artifact_changes }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing;

    #[test]
    fn a_log_says_everything_that_github_reads() {
        let fixture = testing::Fixture::new();
        insta::assert_snapshot!(
            fixture
                .report(false)
                .render(crate::report::Format::Sarif, &crate::report::style::PLAIN, &testing::run())
                .unwrap()
        );
    }

    #[test]
    fn a_failed_run_still_leaves_a_valid_log() {
        let error = RunError::Usage { what: "a path\nwith a line end".to_owned(), help: String::new() };
        let log = failed(&error, &Run { rules: testing::RULES, provenance: None }).unwrap();
        let log: serde_json::Value = serde_json::from_str(&log).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        assert_eq!(
            run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"],
            "a path\\nwith a line end."
        );
        assert_eq!(run["results"], serde_json::json!([]));
    }
}
