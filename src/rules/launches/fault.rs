//! Faults of launches, on their way to findings.

use serde_json::Value;

use super::{Case, Hit, cases, order};
use crate::context::Context;
use crate::deployment::Rests;
use crate::finding::{Applicability, Edit, Severity};
use crate::rules::Findings;
use crate::span::Place;

/// What is wrong with a launch.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) at: Place,
    pub(crate) label: String,
    pub(crate) message: String,
    pub(crate) help: String,
    /// The severity before doubts; the rule's own for none.
    pub(crate) severity: Option<Severity>,
    /// What it rests on.
    pub(crate) rests: Rests,
    pub(crate) hit: Option<Hit>,
    pub(crate) fix: Option<(String, Applicability, Vec<Edit>)>,
    pub(crate) related: Vec<(Place, String)>,
    pub(crate) data: Vec<(&'static str, Value)>,
}

impl Fault {
    /// A fault at a place.
    pub(crate) fn new(at: Place, label: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            at,
            label: label.into(),
            message: message.into(),
            help: String::new(),
            severity: None,
            rests: Rests::default(),
            hit: None,
            fix: None,
            related: Vec::new(),
            data: Vec::new(),
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    pub(crate) fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    pub(crate) fn rests(mut self, rests: Rests) -> Self {
        self.rests = rests;
        self
    }

    /// What it is about: the targets.
    pub(crate) fn on(mut self, hit: Hit) -> Self {
        self.rests.on_target = true;
        self.hit = Some(hit);
        self
    }

    pub(crate) fn fix(mut self, title: impl Into<String>, how: Applicability, edits: Option<Vec<Edit>>) -> Self {
        self.fix = edits.map(|edits| (title.into(), how, edits));
        self
    }

    pub(crate) fn related(mut self, at: Place, message: impl Into<String>) -> Self {
        self.related.push((at, message.into()));
        self
    }

    pub(crate) fn data(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.data.push((key, value.into()));
        self
    }
}

/// Reports the faults of all launches, except those of which a more specific rule tells.
pub(crate) fn report(cx: &Context<'_>, out: &mut Findings, faults: fn(&Case<'_, '_>) -> Vec<Fault>) {
    for case in cases(cx) {
        let found = faults(&case);
        if found.is_empty() || order::is_told_before(&case, out.rule_id()) {
            continue;
        }
        for fault in found {
            let severity = case.lowered(fault.severity.unwrap_or(out.severity()), fault.rests, fault.hit.as_ref());
            let mut finding = out.finding(fault.at, fault.message).label(fault.label).severity(severity);
            finding = finding.doubts(case.launch.doubts(fault.rests));
            for (at, message) in fault.related {
                finding = finding.related(at, message);
            }
            if !fault.help.is_empty() {
                finding = finding.help(fault.help);
            }
            if let Some(hit) = &fault.hit {
                finding = finding.data("arch", hit.names.clone());
            }
            if !case.any_release() {
                finding = finding.data("vllm", case.launch.vllm.range.to_string());
            }
            for (key, value) in fault.data {
                finding = finding.data(key, value);
            }
            if let Some((title, how, edits)) = fault.fix {
                finding = finding.fix(title, how, edits);
            }
            out.push(case.with_evidence(finding, fault.rests));
        }
    }
}
