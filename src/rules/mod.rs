//! The rule engine: what a rule is, how rules are chosen and run.
//!
//! A rule is one TOML file below `rules/` and, if it needs code, one file in `checks/` with a function
//! `pub fn check(cx: &Context<'_>, out: &mut Findings)`. The build script finds both.

pub mod declared;
pub mod examples;
mod findings;
mod imports;
mod launches;
pub mod life;
mod nix;
mod select;
mod set;
mod wheels;

pub use crate::context::{Context, Options};
pub use findings::Findings;
pub use life::{Life, Status};
pub use select::{Layer, Selection, is_known, matches, specificity};
pub use set::RuleSet;

use crate::finding::{Finding, Severity};

/// The rule about regions that no front end could parse.
pub const UNPARSED: &str = "GFX902";
/// The rule about files that could not be read.
pub const UNREADABLE: &str = "GFX903";

/// What a rule is: the fields of its TOML file, and its code.
#[derive(Clone)]
pub struct RuleMeta {
    /// `GFX101`; never used for another rule.
    pub id: &'static str,
    /// `arch-gap`.
    pub name: &'static str,
    /// Severity of its findings, unless the rule says otherwise for one.
    pub severity: Severity,
    /// Whether it is settled, and what it was called before.
    pub life: Life,
    /// What it is about, in words that select it: its family (`docker`) and those that its file gives.
    pub tags: &'static [&'static str],
    /// One line.
    pub summary: &'static str,
    /// Why it matters, Markdown.
    pub why: &'static str,
    /// How to mend it, Markdown.
    pub fix: &'static str,
    /// Its file below the repository's root: `rules/arch/GFX101-arch-gap.toml`.
    pub path: &'static str,
    /// The whole TOML file.
    pub source: &'static str,
    /// Its code; none where the engine itself reports it.
    pub check: Option<fn(&Context<'_>, &mut Findings)>,
}

impl RuleMeta {
    /// What a run must have been given for the rule's silence to say anything: `target`, `vllm`.
    pub fn needs(&self) -> Option<&'static str> {
        let after = self.source.split_once("\nneeds = \"")?.1;
        after.split('"').next()
    }

    /// Whether it is about the run, not about the tree: what was not seen there.
    pub fn is_notice(&self) -> bool {
        [UNPARSED, UNREADABLE].contains(&self.id)
    }

    /// Whether it reads what is wrong with imports, and nothing else.
    pub fn is_about_imports(&self) -> bool {
        self.path.starts_with("rules/imports/")
    }
}

impl std::fmt::Debug for RuleMeta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.id, self.name)
    }
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The built-in rule of that id.
pub fn built_in(id: &str) -> Option<&'static RuleMeta> {
    RULES.iter().find(|rule| rule.id == id)
}

/// Runs every built-in rule that is selected, and returns what they found, rule by rule in order of id.
pub fn run(cx: &Context<'_>, selection: &Selection) -> Vec<Finding> {
    run_wanted(cx, &RuleSet::default(), |rule| selection.contains(rule))
}

/// Runs every rule that is wanted, in parallel, and returns what they found in files that are checked, rule by rule in
/// order of id.
pub fn run_wanted(cx: &Context<'_>, rules: &RuleSet, wanted: impl Fn(&RuleMeta) -> bool + Sync) -> Vec<Finding> {
    use rayon::prelude::*;
    let rules: Vec<&'static RuleMeta> = rules.iter().filter(|rule| wanted(rule)).collect();
    // Both are worked out in parallel themselves, so no rule may be the first to ask for them: its thread would take up
    // another rule that waits for the same answer.
    let (of_imports, others): (Vec<&RuleMeta>, Vec<&RuleMeta>) =
        rules.iter().copied().partition(|rule| rule.is_about_imports());
    rayon::join(
        || (!of_imports.is_empty()).then(|| cx.workspace.import_analysis()),
        || (!others.is_empty()).then(|| cx.joins()),
    );
    rules
        .into_par_iter()
        .map(|rule| {
            let mut findings = Findings::new(rule);
            if let Some(check) = rule.check {
                check(cx, &mut findings);
            }
            let mut found = findings.into_inner();
            found.retain(|finding| !cx.workspace.sources().get(finding.at.file).is_context);
            found
        })
        .flatten_iter()
        .collect()
}
