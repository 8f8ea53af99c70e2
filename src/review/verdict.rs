//! How a review ends, in a word and in a line.

use super::{Both, Change, Review};
use crate::arch::ArchSet;
use crate::plan::{self, LAYERS};

/// How a review ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing that is read differs.
    Empty,
    /// Nothing is wrong, and no target is added.
    Clean,
    /// The targets that the change adds have all they need.
    Complete,
    /// It brings findings, none of the kinds below.
    Findings,
    /// The targets that it adds need more than it does.
    Incomplete,
    /// It claims what is known to be otherwise.
    Contradicted,
    /// It breaks what worked.
    Breaks,
}

impl Verdict {
    /// The word in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Clean => "clean",
            Self::Complete => "complete",
            Self::Findings => "findings",
            Self::Incomplete => "incomplete",
            Self::Contradicted => "contradicted",
            Self::Breaks => "breaks",
        }
    }
}

/// The verdict on a review that is complete but for it.
pub(super) fn of(both: &Both<'_, '_>, change: &Change, review: &Review, standing: ArchSet) -> (Verdict, String) {
    let cx = both.new;
    let list = |set| cx.universe().list(set);
    let mut parts: Vec<String> = Vec::new();
    if !review.breaks.is_empty() {
        parts.push(format!("breaks {}", counted(review.breaks.len(), "thing that worked", "things that worked")));
    }
    if !review.claims.is_empty() {
        parts.push(format!(
            "makes {} that the knowledge or the tree contradicts",
            counted(review.claims.len(), "claim", "claims")
        ));
    }
    if !review.gaps.is_empty() {
        let layers: Vec<&str> = LAYERS
            .into_iter()
            .filter(|layer| review.gaps.iter().any(|gap| gap.layer == *layer))
            .map(plan::readable)
            .collect();
        parts.push(format!(
            "adds {} and leaves {} open ({})",
            list(review.added),
            counted(review.gaps.len(), "place", "places"),
            layers.join(", ")
        ));
    }
    if !standing.is_empty() && review.added.is_empty() {
        let complete = standing.iter().all(|arch| plan::gaps(cx, arch).is_empty());
        let verb = if standing.len() == 1 { "stands" } else { "stand" };
        let how = if complete { "in every layer of this tree already" } else { "there already" };
        parts.push(format!("names {}, which {verb} {how}", list(standing)));
    }
    if !review.findings.is_empty() {
        parts.push(format!("brings {}", counted(review.findings.len(), "finding", "findings")));
    }
    let verdict = match review {
        _ if !review.breaks.is_empty() => Verdict::Breaks,
        _ if !review.claims.is_empty() => Verdict::Contradicted,
        _ if !review.gaps.is_empty() => Verdict::Incomplete,
        _ if !review.findings.is_empty() => Verdict::Findings,
        _ if change.files.is_empty() => Verdict::Empty,
        _ if !review.added.is_empty() || !standing.is_empty() => Verdict::Complete,
        _ => Verdict::Clean,
    };
    let summary = match verdict {
        Verdict::Empty if change.skipped.is_empty() => "The change is empty: nothing to review.".to_owned(),
        Verdict::Empty => "The change holds binary files and submodules alone: nothing to review.".to_owned(),
        Verdict::Clean => "The change adds no target, breaks no import and brings no finding.".to_owned(),
        Verdict::Complete if review.added.is_empty() => {
            format!("The change {}; nothing is missing.", parts.join("; it "))
        }
        Verdict::Complete => format!("The change adds {}, and nothing is missing.", list(review.added)),
        _ => format!("The change {}.", parts.join("; it ")),
    };
    (verdict, summary)
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
