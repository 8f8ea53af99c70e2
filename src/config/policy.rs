//! What the configuration says of single rules and files: whether a rule counts there, and how much.

use std::path::PathBuf;

use super::{Config, Given, Origin, patterns};
use crate::discover::Exclude;
use crate::error::RunError;
use crate::finding::{Confidence, Finding, Severity};
use crate::report::printable;
use crate::rules::{Layer, RuleMeta, RuleSet, Selection, Status, is_known, matches, specificity};
use crate::source::{SourceFile, Sources};

/// What holds for single rules and files.
#[derive(Debug, Default)]
pub struct Policy {
    selection: Selection,
    severities: Vec<(String, Severity)>,
    per_path: Vec<PathPolicy>,
    forbidden: Vec<String>,
    min_severity: Option<Severity>,
    min_confidence: Option<Confidence>,
    /// Whether comments must say why.
    pub requires_reason: bool,
    working: PathBuf,
}

#[derive(Debug)]
struct PathPolicy {
    paths: Exclude,
    layer: Layer,
    severities: Vec<(String, Severity)>,
    targets: Option<Vec<String>>,
}

impl Policy {
    /// Only what a selection says.
    pub fn of(selection: Selection) -> Self {
        Self { selection, ..Self::default() }
    }

    pub(super) fn new(config: &Config) -> Result<Self, RunError> {
        let values = |list: &[Given<(String, Severity)>]| list.iter().map(|given| given.value.clone()).collect();
        // What the command line asks for holds everywhere.
        let is_asked = config.targets.as_ref().is_some_and(|given| matches!(given.origin, Origin::Flag(_)));
        let mut per_path = Vec::new();
        for path in &config.per_path {
            per_path.push(PathPolicy {
                paths: patterns(&path.paths, Some(&path.folder))?,
                layer: path.rules.layer(),
                severities: values(&path.severity),
                targets: path.targets.as_ref().filter(|_| !is_asked).map(|given| given.value.clone()),
            });
        }
        Ok(Self {
            selection: config.selection(),
            severities: values(&config.severity),
            per_path,
            min_severity: config.min_severity.as_ref().map(|given| given.value),
            min_confidence: config.min_confidence.as_ref().map(|given| given.value),
            forbidden: config.forbid.iter().map(|given| given.value.clone()).collect(),
            requires_reason: config.require_reason.as_ref().is_some_and(|given| given.value),
            working: std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default(),
        })
    }

    /// Whether a rule runs at all: for all files or for some.
    pub fn runs(&self, rule: &RuleMeta) -> bool {
        self.selection.contains(rule)
            || self.per_path.iter().any(|path| path.layer.says(rule) == Some(true) && self.opens(&path.layer, rule))
    }

    /// Whether a rule is asked for, be it settled or not.
    pub fn selects(&self, rule: &RuleMeta) -> bool {
        self.selection.selects(rule) || self.per_path.iter().any(|path| path.layer.says(rule) == Some(true))
    }

    /// Whether a rule may run where this layer selects it.
    fn opens(&self, layer: &Layer, rule: &RuleMeta) -> bool {
        self.selection.is_open(rule) || rule.life.status == Status::Preview && layer.names(rule)
    }

    /// Whether a finding is bad and sure enough to be reported.
    pub fn admits(&self, finding: &Finding) -> bool {
        self.min_severity.is_none_or(|least| finding.severity >= least)
            && self.min_confidence.is_none_or(|least| finding.confidence >= least)
    }

    /// Whether a rule counts for a file.
    pub fn counts(&self, rule: &RuleMeta, file: &SourceFile) -> bool {
        let here = |path: &PathPolicy| path.layer.says(rule).map(|says| says && self.opens(&path.layer, rule));
        self.about(file).find_map(here).unwrap_or_else(|| self.selection.contains(rule))
    }

    /// The lists of targets that some files are checked for instead of those of the run, each once.
    pub fn other_targets(&self) -> Vec<&[String]> {
        let mut lists: Vec<&[String]> = self.per_path.iter().filter_map(|path| path.targets.as_deref()).collect();
        lists.sort_unstable();
        lists.dedup();
        lists
    }

    /// The targets that a file is checked for, where they are not those of the run.
    pub fn targets_of<'p>(&'p self, file: &'p SourceFile) -> Option<&'p [String]> {
        self.about(file).find_map(|path| path.targets.as_deref())
    }

    /// Whether comments may leave a rule out.
    pub fn may_be_left_out(&self, rule: &RuleMeta) -> bool {
        !self.forbidden.iter().any(|selector| matches(rule, selector))
    }

    /// Drops findings that do not count where they stand, and gives the others their severity.
    pub fn apply(&self, sources: &Sources, findings: &mut Vec<Finding>) {
        if !self.per_path.is_empty() {
            findings.retain(|finding| self.counts(finding.rule, sources.get(finding.at.file)));
        }
        for finding in findings {
            if let Some(severity) = self.severity(finding.rule, sources.get(finding.at.file)) {
                finding.severity = severity;
            }
        }
    }

    fn severity(&self, rule: &RuleMeta, file: &SourceFile) -> Option<Severity> {
        let of = |list: &[(String, Severity)]| {
            // The more of an id a selector spells, the more it is about this rule; the later one wins a tie.
            let about = list.iter().filter(|(selector, _)| matches(rule, selector));
            about.max_by_key(|(selector, _)| specificity(rule, selector)).map(|(_, severity)| *severity)
        };
        self.about(file).find_map(|path| of(&path.severities)).or_else(|| of(&self.severities))
    }

    /// What is said of a file's folder or name, the last first.
    fn about<'p>(&'p self, file: &'p SourceFile) -> impl Iterator<Item = &'p PathPolicy> {
        let absolute = if self.per_path.is_empty() { PathBuf::new() } else { self.absolute(file) };
        self.per_path.iter().rev().filter(move |path| path.paths.covers(&absolute))
    }

    /// A file's path as patterns see it: links in folders are followed, the file itself is not.
    fn absolute(&self, file: &SourceFile) -> PathBuf {
        let path = self.working.join(&file.location);
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        match (folder, path.file_name()) {
            (Some(folder), Some(name)) => folder.join(name),
            _ => path,
        }
    }
}

/// Checks that a selector stands for a rule.
pub(super) fn check_selector(rules: &RuleSet, selector: &str, origin: &Origin) -> Result<(), RunError> {
    if is_known(rules, selector) {
        return Ok(());
    }
    origin_error(rules, selector, origin)
}

fn origin_error(rules: &RuleSet, selector: &str, origin: &Origin) -> Result<(), RunError> {
    if let Origin::Flag(_) = origin {
        return Err(RunError::UnknownRule { selector: printable(selector) });
    }
    let names = rules.iter().map(|rule| rule.name);
    let meant = super::keys::nearest(names, &selector.to_lowercase());
    let help = meant.map_or_else(|| super::origin::RULE_HELP.to_owned(), |meant| format!("did you mean `{meant}`?"));
    Err(origin.error(format!("no rule matches `{}`", printable(selector)), "no such rule", Some(help)))
}

/// Checks that severities are about rules, and that none is given two.
pub(super) fn check_severities(rules: &RuleSet, list: &[Given<(String, Severity)>]) -> Result<(), RunError> {
    for (at, given) in list.iter().enumerate() {
        let (selector, severity) = &given.value;
        check_selector(rules, selector, &given.origin)?;
        let rule = |selector: &str| rules.find(selector).map(|rule| rule.id);
        let same_file = |other: &Origin| match (other, &given.origin) {
            (Origin::File(one, _), Origin::File(other, _)) => one.path == other.path,
            _ => false,
        };
        let contradicts = |other: &&Given<(String, Severity)>| {
            rule(selector).is_some()
                && rule(&other.value.0) == rule(selector)
                && other.value.1 != *severity
                && same_file(&other.origin)
        };
        if let Some(other) = list[..at].iter().find(contradicts) {
            let what = format!("`{selector}` and `{}` are one rule, and are given two severities", other.value.0);
            return Err(given.origin.error(what, "here the second", Some("take one of them out".to_owned())));
        }
    }
    Ok(())
}
