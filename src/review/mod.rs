//! What a change adds, claims and breaks, and what a target that it adds still needs.

mod breaks;
mod change;
mod claims;
pub mod git;
mod new;
mod patch;
pub mod tree;
mod verdict;
mod widened;

use rustc_hash::FxHashSet;

use crate::arch::ArchSet;
use crate::context::Context;
use crate::finding::{Finding, Severity};
use crate::plan::{self, Gap};
use crate::rules::RuleMeta;
use crate::span::Place;

pub use change::{Change, FileChange, Lines};
pub use claims::contradicts;
pub use verdict::Verdict;

/// What there is to say of a change. Places are of the side after it.
#[derive(Debug)]
pub struct Review {
    /// How it ends, in one word.
    pub verdict: Verdict,
    /// The same as a sentence.
    pub summary: String,
    /// The targets that the change adds to a list or a condition.
    pub added: ArchSet,
    /// What the change does, one fact each.
    pub changes: Vec<Changed>,
    /// Claims that contradict what is known, or the tree.
    pub claims: Vec<Finding>,
    /// What worked before and does not after.
    pub breaks: Vec<Finding>,
    /// Places outside of the change that the added targets need.
    pub gaps: Vec<Gap>,
    /// What else the change brings.
    pub findings: Vec<Finding>,
}

/// Something that the change does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// `target`, `export`, `setting`, `method`.
    pub what: &'static str,
    /// `added`, `removed`, `widened`, `narrowed`, `altered`.
    pub how: &'static str,
    /// Its name.
    pub name: String,
    /// Where, after the change.
    pub at: Place,
}

/// Both sides of a change, ready to be asked.
pub struct Both<'c, 'a> {
    /// Before.
    pub old: &'c Context<'a>,
    /// After.
    pub new: &'c Context<'a>,
    /// The lines that differ.
    pub lines: &'c Lines<'c>,
}

/// Reviews a change, given which rules run and what they find on both sides.
pub fn review(
    both: &Both<'_, '_>,
    change: &Change,
    runs: impl Fn(&RuleMeta) -> bool,
    before: &[Finding],
    after: Vec<Finding>,
) -> Review {
    let cx = both.new;
    let mut fresh = new::findings(both, before, after);
    // Advice that nobody asked for, and what could not be read, decide nothing.
    let is_told = |finding: &Finding| finding.certain || finding.severity > Severity::Note;
    fresh.retain(|finding| finding.standing.suppression.is_none());
    fresh.retain(|finding| cx.options.pedantic || is_told(finding) && !matches!(finding.rule.id, "GFX902" | "GFX903"));
    let widened = widened::widened(both);
    let touched = widened::targets(both, &widened);
    let gaps = gaps(both, touched.added);

    let (broken, rest) = breaks::split(both, fresh, touched.added);
    let (mut claims, mut findings): (Vec<Finding>, Vec<Finding>) = rest.into_iter().partition(contradicts);
    claims.extend(claims::of_change(both, &widened).into_iter().filter(|finding| runs(finding.rule)));
    claims.sort_by_key(|finding| (finding.at, finding.rule.id));
    // What a gap says is not said twice: GFX101, and findings on the very place.
    let gap_places: FxHashSet<Place> = gaps.iter().map(|gap| gap.at).collect();
    let stood = new::Stood::of(both, before);
    findings.retain(|finding| new::belongs(both, finding) && !stood.has(both, finding));
    findings.retain(|finding| !gap_places.contains(&finding.at) && !matches!(finding.rule.id, "GFX101" | "GFX104"));

    let mut review = Review {
        verdict: Verdict::Clean,
        summary: String::new(),
        added: touched.added,
        changes: widened::changes(both, &widened),
        claims,
        breaks: broken,
        gaps,
        findings,
    };
    (review.verdict, review.summary) = verdict::of(both, change, &review, touched.standing);
    review
}

/// The gap sets of targets, one place each, without those that the change itself touches.
fn gaps(both: &Both<'_, '_>, added: ArchSet) -> Vec<Gap> {
    let cx = both.new;
    let mut all: Vec<Gap> = Vec::new();
    for arch in added.iter() {
        let name = cx.universe().name(arch);
        for gap in plan::gaps(cx, arch).into_iter().filter(|gap| !both.lines.touches(cx.workspace.sources(), gap.at)) {
            match all.iter_mut().find(|known| known.at == gap.at && known.layer == gap.layer) {
                Some(known) => merge(known, gap, name),
                None => all.push(gap),
            }
        }
    }
    // Within a layer, the plan's order: a list before its copies.
    all.sort_by_key(|gap| plan::LAYERS.iter().position(|layer| *layer == gap.layer));
    all
}

/// One place that lacks several targets.
fn merge(known: &mut Gap, other: Gap, name: &str) {
    known.why = format!("{}; the same for {name}", known.why);
    known.edit = match (known.edit.take(), other.edit) {
        (Some(mut first), Some(second)) if first.at == second.at => {
            first.text.push_str(&second.text);
            Some(first)
        }
        _ => None,
    };
}
