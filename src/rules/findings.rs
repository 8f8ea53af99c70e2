//! Where a rule reports to.

use super::RuleMeta;
use crate::finding::{Finding, Severity};
use crate::span::Place;

/// Collects what one rule finds.
pub struct Findings {
    rule: &'static RuleMeta,
    found: Vec<Finding>,
}

impl Findings {
    pub(super) fn new(rule: &'static RuleMeta) -> Self {
        Self { rule, found: Vec::new() }
    }

    /// A finding of this rule, to be completed and handed to [`Self::push`].
    pub fn finding(&self, at: Place, message: impl Into<String>) -> Finding {
        Finding::new(self.rule, at, message)
    }

    /// The severity of this rule's findings, unless one says otherwise.
    pub fn severity(&self) -> Severity {
        self.rule.severity
    }

    /// The rule's id.
    pub fn rule_id(&self) -> &'static str {
        self.rule.id
    }

    /// Reports a finding.
    pub fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    /// Reports a finding, if there is one.
    pub fn push_some(&mut self, finding: Option<Finding>) {
        self.found.extend(finding);
    }

    pub(super) fn into_inner(self) -> Vec<Finding> {
        self.found
    }
}
