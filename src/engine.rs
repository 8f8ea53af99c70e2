//! From a workspace to findings: rules, then what the configuration, comments and the baseline say of them.

mod kept;

use std::path::PathBuf;

use crate::baseline::{Baseline, Entry};
use crate::config::Policy;
use crate::context::{Context, Options};
use crate::error::RunError;
use crate::facts::Date;
use crate::finding::Finding;
use crate::rules::{self, RuleMeta, RuleSet};
use crate::source::SourceFile;
use crate::suppress::{self, Comments};

pub use kept::Question;

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
    /// What is known.
    pub baseline: Option<&'a Baseline>,
    /// The files and folders that were asked about, as given.
    pub paths: &'a [PathBuf],
}

/// What came of it.
#[derive(Debug)]
pub struct Checked {
    /// Everything that was found, also what was accepted before.
    pub findings: Vec<Finding>,
    /// Entries of the baseline that nothing matches any more.
    pub stale: Vec<Entry>,
}

impl Plan<'_> {
    /// Runs the rules.
    ///
    /// # Errors
    /// A rule of the user's that cannot be computed.
    pub fn check(&self, cx: &Context<'_>) -> Result<Checked, RunError> {
        let mut findings = self.found(cx)?;
        for finding in &mut findings {
            // Where a part of a file does not parse, what was read beside it may mean something else.
            let has_gaps = !cx.workspace.facts(finding.at.file).gaps.is_empty() && !finding.rule.is_notice();
            finding.confidence = finding.confidence.lowered_by(usize::from(has_gaps));
        }
        self.policy.apply(cx.workspace.sources(), &mut findings);
        if self.heeds_comments {
            let before = findings.len();
            self.comments(cx).apply(&mut findings);
            let mut about = findings.split_off(before);
            self.policy.apply(cx.workspace.sources(), &mut about);
            findings.extend(about);
        }
        let stale = self.baseline.map(|baseline| self.compare(cx, baseline, &mut findings)).unwrap_or_default();
        // What could not be read is counted in every summary, and listed only with advice.
        findings.retain(|finding| self.policy.admits(finding) || finding.rule.is_notice() && !cx.options.pedantic);
        Ok(Checked { findings, stale })
    }

    /// What the rules find; once more for each list of targets that holds for some files alone.
    fn found(&self, cx: &Context<'_>) -> Result<Vec<Finding>, RunError> {
        let mut findings = self.run(cx)?;
        let others = self.policy.other_targets();
        if others.is_empty() {
            return Ok(findings);
        }
        let targets = |finding: &Finding| self.policy.targets_of(cx.workspace.sources().get(finding.at.file));
        findings.retain(|finding| targets(finding).is_none());
        for names in others {
            let options = Options { targets: cx.knowledge.targets(names)?, ..cx.options.clone() };
            let mut own = self.run(&Context::new(cx.workspace, cx.knowledge, &options))?;
            own.retain(|finding| targets(finding) == Some(names));
            findings.extend(own);
        }
        findings.sort_by(|a, b| (a.at, a.rule.id).cmp(&(b.at, b.rule.id)));
        Ok(findings)
    }

    fn run(&self, cx: &Context<'_>) -> Result<Vec<Finding>, RunError> {
        let mut findings = rules::run_wanted(cx, self.rules, |rule| self.policy.runs(rule));
        let own: Vec<_> = self.rules.own().iter().filter(|rule| self.policy.runs(rule.meta)).collect();
        findings.extend(rules::declared::run(cx, &own)?);
        Ok(findings)
    }

    fn compare(&self, cx: &Context<'_>, baseline: &Baseline, findings: &mut [Finding]) -> Vec<Entry> {
        let working = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
        let folders: Vec<PathBuf> =
            self.paths.iter().filter_map(|path| working.join(path).canonicalize().ok()).collect();
        baseline.apply(cx.workspace, findings, |entry, file| {
            let Some(rule) = self.rules.find(&entry.rule) else { return true };
            match file {
                Some(file) => self.ran(cx, rule, file),
                // A file that is gone speaks for itself, if it was looked for.
                None => {
                    let location = baseline.location(entry);
                    self.policy.runs(rule)
                        && !location.exists()
                        && folders.iter().any(|folder| location.starts_with(folder))
                }
            }
        })
    }

    /// Whether a rule ran on a file, so that its silence says something.
    fn ran(&self, cx: &Context<'_>, rule: &RuleMeta, file: &SourceFile) -> bool {
        let has_needs = match rule.needs() {
            Some("target") => {
                self.policy.targets_of(file).map_or(!cx.options.targets.is_empty(), |own| !own.is_empty())
            }
            Some("vllm") => cx.workspace.sources().iter().any(|(_, file)| file.path.ends_with("vllm/__init__.py")),
            _ => true,
        };
        let has_code = rule.check.is_some() || rule.id == suppress::RULE || self.rules.is_own(rule);
        has_code && has_needs && self.policy.runs(rule) && self.policy.counts(rule, file)
    }

    fn comments<'c>(&'c self, cx: &'c Context<'_>) -> Comments<'c> {
        Comments {
            workspace: cx.workspace,
            rules: self.rules,
            ran: Box::new(|rule, file| self.ran(cx, rule, file)),
            may_be_left_out: Box::new(|rule| self.policy.may_be_left_out(rule)),
            requires_reason: self.policy.requires_reason,
            today: self.today,
        }
    }
}
