//! From a workspace to findings: rules, then what the configuration and comments say of them.

use crate::config::Policy;
use crate::context::Context;
use crate::facts::Date;
use crate::finding::Finding;
use crate::rules::{self, RuleMeta, RuleSet};
use crate::source::SourceFile;
use crate::suppress::{self, Comments};

/// What a run is to do.
pub struct Plan<'a> {
    /// The rules that there are.
    pub rules: &'a RuleSet,
    /// Which of them count, where, and how much.
    pub policy: &'a Policy,
    /// Whether comments may leave findings out.
    pub heeds_comments: bool,
    /// The day of the run.
    pub today: Date,
}

impl Plan<'_> {
    /// Everything that was found, also what is left out.
    pub fn check(&self, cx: &Context<'_>) -> Vec<Finding> {
        let mut findings = rules::run(cx, self.rules, |rule| self.policy.runs(rule));
        self.policy.apply(cx.workspace.sources(), &mut findings);
        if self.heeds_comments {
            let before = findings.len();
            self.comments(cx).apply(&mut findings);
            let mut about = findings.split_off(before);
            self.policy.apply(cx.workspace.sources(), &mut about);
            findings.extend(about);
        }
        findings
    }

    fn comments<'c>(&'c self, cx: &'c Context<'_>) -> Comments<'c> {
        let asks_for_targets = !cx.options.targets.is_empty();
        let has_vllm = cx.workspace.sources().iter().any(|(_, file)| file.path.ends_with("vllm/__init__.py"));
        let ran = move |rule: &RuleMeta, file: &SourceFile| {
            let has_code = rule.check.is_some() || rule.id == suppress::RULE;
            let has_needs = match rule.needs() {
                Some("target") => asks_for_targets,
                Some("vllm") => has_vllm,
                _ => true,
            };
            has_code && has_needs && self.policy.runs(rule) && self.policy.counts(rule, file)
        };
        Comments {
            workspace: cx.workspace,
            rules: self.rules,
            ran: Box::new(ran),
            may_be_left_out: Box::new(|rule| self.policy.may_be_left_out(rule)),
            requires_reason: self.policy.requires_reason,
            today: self.today,
        }
    }
}
