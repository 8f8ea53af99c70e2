//! Findings as SARIF's results.

use std::collections::BTreeMap;

use super::fingerprint::Fingerprinter;
use super::location::Locator;
use super::model::{
    ArtifactChange, CodeFlow, Descriptor, FixObject, Location, Message, Notification, Replacement, ResultObject,
    ResultProperties, SuppressionObject, Text, ThreadFlow, ThreadFlowLocation,
};
use super::{plain, sentence};
use crate::finding::{Edit, Finding, Fix, Label, Severity};
use crate::report::{Report, printable};
use crate::rules::RuleMeta;

/// Related places of one result that the log holds; GitHub shows a hundred.
const MOST_RELATED: usize = 100;
/// Messages of findings on one line that a result spells out.
const MOST_MESSAGES: usize = 10;

/// One result for the findings of a rule on a line: GitHub tells two such apart by nothing.
pub(super) fn results(
    report: &Report<'_>,
    locator: &Locator<'_>,
    rules: &[&'static RuleMeta],
    found: &[&Finding],
) -> Vec<ResultObject> {
    let mut fingerprints = Fingerprinter::default();
    fold(report, found)
        .iter()
        .filter_map(|findings| result(report, locator, &mut fingerprints, findings, rules))
        .collect()
}

/// Findings of one rule, on one line, of one standing, in the order of their first ones.
fn fold<'f>(report: &Report<'_>, found: &[&'f Finding]) -> Vec<Vec<&'f Finding>> {
    let mut folded: Vec<Vec<&Finding>> = Vec::new();
    let mut groups = BTreeMap::new();
    for finding in found {
        let line = report.sources.start(finding.at).line;
        let group = *groups.entry((finding.at.file, line, finding.rule.id, &finding.standing)).or_insert_with(|| {
            folded.push(Vec::new());
            folded.len() - 1
        });
        folded[group].push(finding);
    }
    folded
}

fn index_of(rules: &[&'static RuleMeta], finding: &Finding) -> Option<usize> {
    rules.iter().position(|rule| rule.id == finding.rule.id)
}

/// What could not be seen.
pub(super) fn notification(locator: &Locator<'_>, finding: &Finding, notices: &[&'static RuleMeta]) -> Notification {
    Notification {
        descriptor: index_of(notices, finding).map(|index| Descriptor { id: finding.rule.id, index }),
        level: finding.severity.name(),
        message: Text { text: sentence(&plain(&finding.message)) },
        locations: vec![locator.location(finding.at)],
    }
}

fn result(
    report: &Report<'_>,
    locator: &Locator<'_>,
    fingerprints: &mut Fingerprinter,
    findings: &[&Finding],
    rules: &[&'static RuleMeta],
) -> Option<ResultObject> {
    let (first, more) = findings.split_first()?;
    let related: Vec<Location> = findings
        .iter()
        .flat_map(|finding| &finding.related)
        .take(MOST_RELATED)
        .zip(1..)
        .map(|(label, id)| Location { id: Some(id), ..locator.labelled(label.at, &label.message) })
        .collect();
    let severity = findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Note);
    let suppression = first.standing.suppression.as_ref().map(|suppression| SuppressionObject {
        kind: suppression.kind,
        status: "accepted",
        justification: suppression.reason.as_deref().map(plain),
    });
    // Two findings may have one fix, and a list of fixes holds none twice.
    let mut fixes: Vec<&Fix> = Vec::new();
    for fix in findings.iter().filter_map(|finding| finding.fix.as_ref()) {
        if !fixes.contains(&fix) {
            fixes.push(fix);
        }
    }
    let applicability = fixes.iter().map(|fix| fix.applicability).min();
    Some(ResultObject {
        rule_id: first.rule.id,
        rule_index: index_of(rules, first)?,
        level: severity.name(),
        kind: "fail",
        message: message(report, findings),
        locations: [locator.labelled(first.at, &first.label)],
        related_locations: related,
        code_flows: findings.iter().filter_map(|finding| code_flow(locator, finding)).collect(),
        partial_fingerprints: fingerprints.of(report, findings)?,
        baseline_state: first.standing.baseline,
        suppressions: suppression.into_iter().collect(),
        fixes: fixes.into_iter().map(|fix| fix_object(locator, fix)).collect(),
        properties: ResultProperties {
            help: first.help.clone(),
            data: first.data.clone(),
            applicability,
            more: more.iter().map(|finding| finding.data.clone()).collect(),
        },
    })
}

/// The messages with links to the related places, which GitHub shows only where the text names them.
fn message(report: &Report<'_>, findings: &[&Finding]) -> Message {
    let mut sentences: Vec<String> = Vec::new();
    let mut id = 0;
    for finding in findings.iter().take(MOST_MESSAGES) {
        let text = sentence(&plain(&finding.message));
        if !sentences.contains(&text) {
            sentences.push(text);
        }
        let room = MOST_RELATED.saturating_sub(id);
        let links: Vec<String> = finding
            .related
            .iter()
            .take(room)
            .map(|label| {
                id += 1;
                format!("[{}]({id})", link_text(report, label))
            })
            .collect();
        if !links.is_empty() {
            sentences.push(format!("See {}.", links.join(", ")));
        }
    }
    if findings.len() > MOST_MESSAGES {
        sentences.push(format!("There are {} more on this line.", findings.len() - MOST_MESSAGES));
    }
    let first = findings.first();
    let token: String =
        first.map(|first| plain(report.sources.text(first.at)).chars().take(80).collect()).unwrap_or_default();
    let name = first.map_or("", |first| first.rule.name);
    Message {
        text: sentences.join(" "),
        id: "default",
        arguments: vec![if token.is_empty() { name.to_owned() } else { token }],
    }
}

/// The words of a link: where it leads.
fn link_text(report: &Report<'_>, label: &Label) -> String {
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
    let change = |edits: &[&Edit]| {
        let first = edits.first()?;
        let replacement = |edit: &&Edit| Replacement {
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
