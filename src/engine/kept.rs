//! Findings that are kept for the next run on the same files.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Checked, Plan};
use crate::cache::{self, Cache};
use crate::context::Options;
use crate::finding::{Confidence, Finding, Fix, Label, Severity, Standing};
use crate::rules::RuleSet;
use crate::scan::Scanned;
use crate::span::Place;

/// What a run was asked, and of which files: its findings follow from that alone.
pub struct Question {
    cache: Cache,
    asked: cache::Question,
}

impl Plan<'_> {
    /// What this run is asked, where its answer can be kept.
    pub fn question(&self, scanned: &Scanned, options: &Options) -> Option<Question> {
        // What a baseline knows, and what rules of one's own say, is not among what a question holds.
        if self.baseline.is_some() || !self.rules.own().is_empty() {
            return None;
        }
        let (cache, mut asking) = scanned.asking()?;
        asking.part(format!("{:?}", (self.policy, self.heeds_comments, self.today, options)).as_bytes());
        Some(Question { cache: cache.clone(), asked: asking.question() })
    }
}

impl Question {
    /// What an earlier run found that was asked the same.
    pub fn answer(&self, plan: &Plan<'_>) -> Option<Checked> {
        let kept: Vec<Kept<'_>> = serde_json::from_slice(&self.cache.answer(self.asked)?).ok()?;
        let findings = kept.into_iter().map(|kept| kept.finding(plan.rules)).collect::<Option<_>>()?;
        Some(Checked { findings, stale: Vec::new() })
    }

    /// Keeps what this run found.
    pub fn keep(&self, checked: &Checked) {
        let kept: Vec<Kept<'_>> = checked.findings.iter().map(Kept::new).collect();
        if let Ok(bytes) = serde_json::to_vec(&kept) {
            self.cache.keep_answer(self.asked, bytes);
        }
    }
}

/// A finding with its rule by id.
#[derive(Serialize, Deserialize)]
struct Kept<'f> {
    rule: Cow<'f, str>,
    severity: Severity,
    confidence: Confidence,
    certain: bool,
    message: Cow<'f, str>,
    at: Place,
    label: Cow<'f, str>,
    related: Cow<'f, [Label]>,
    folds: Cow<'f, [Place]>,
    help: Cow<'f, Option<String>>,
    fix: Cow<'f, Option<Fix>>,
    data: Cow<'f, Map<String, Value>>,
    standing: Cow<'f, Standing>,
}

impl<'f> Kept<'f> {
    fn new(finding: &'f Finding) -> Self {
        Self {
            rule: finding.rule.id.into(),
            severity: finding.severity,
            confidence: finding.confidence,
            certain: finding.certain,
            message: Cow::Borrowed(&finding.message),
            at: finding.at,
            label: Cow::Borrowed(&finding.label),
            related: Cow::Borrowed(&finding.related),
            folds: Cow::Borrowed(&finding.folds),
            help: Cow::Borrowed(&finding.help),
            fix: Cow::Borrowed(&finding.fix),
            data: Cow::Borrowed(&finding.data),
            standing: Cow::Borrowed(&finding.standing),
        }
    }

    fn finding(self, rules: &RuleSet) -> Option<Finding> {
        Some(Finding {
            rule: rules.find(&self.rule)?,
            severity: self.severity,
            confidence: self.confidence,
            certain: self.certain,
            message: self.message.into_owned(),
            at: self.at,
            label: self.label.into_owned(),
            related: self.related.into_owned(),
            folds: self.folds.into_owned(),
            help: self.help.into_owned(),
            fix: self.fix.into_owned(),
            data: self.data.into_owned(),
            standing: self.standing.into_owned(),
        })
    }
}
