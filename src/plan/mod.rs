//! What a target still needs, in the order in which the work is done: build, image, components, host gates, device
//! guards, documentation.

mod gaps;
mod native;
mod routes;

use crate::arch::Arch;
use crate::audit::{Verdict as Support, audit};
use crate::context::Context;
use crate::finding::{Edit, Finding};
use crate::span::Place;
use crate::stack;

pub use gaps::gaps;
pub use routes::{Opened, opened};

/// The layers, in working order.
pub const LAYERS: [&str; 6] = ["build", "image", "component", "host-gate", "device-guard", "docs"];

/// A place that a target needs and that does not have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Where.
    pub at: Place,
    /// The layer: one of [`LAYERS`].
    pub layer: &'static str,
    /// Why the target needs it, and what is to be done.
    pub why: String,
    /// The edit, where a list takes one more entry and nothing else follows from it.
    pub edit: Option<Edit>,
    /// Whether the target runs without it.
    pub is_optional: bool,
}

/// What is left to do for one target.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The target.
    pub arch: Arch,
    /// How much work it is.
    pub verdict: Verdict,
    /// The verdict as a sentence.
    pub summary: String,
    /// What contradicts what is known of the target.
    pub claims: Vec<Finding>,
    /// What is missing, in working order.
    pub gaps: Vec<Gap>,
    /// What rules say of the target in this tree, beside the gaps.
    pub findings: Vec<Finding>,
}

/// How much work a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is missing.
    Complete,
    /// Entries in lists.
    ListEntries,
    /// Work on kernels, gates or pins.
    NeedsWork,
    /// A component that vLLM cannot do without does not support it.
    Blocked,
    /// The tree does not say what it builds for.
    Unknown,
}

impl Verdict {
    /// The word in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::ListEntries => "list-entries",
            Self::NeedsWork => "needs-work",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }
}

/// Plans the work for a target, given what rules find in the tree.
pub fn plan(cx: &Context<'_>, arch: Arch, found: Vec<Finding>) -> Plan {
    let mut gaps = gaps(cx, arch);
    // A target that has all it needs runs without what is there for CUDA alone.
    if !gaps.is_empty() {
        gaps.extend(native::cuda_only(cx, arch));
        gaps.sort_by_key(|gap| LAYERS.iter().position(|layer| *layer == gap.layer));
    }
    let audit = audit(cx, arch);
    let verdict = match audit.verdict {
        Support::Unknown if gaps.is_empty() => Verdict::Unknown,
        _ if gaps.is_empty() => Verdict::Complete,
        _ if blocking(cx, arch).next().is_some() => Verdict::Blocked,
        _ if gaps.iter().all(|gap| gap.edit.is_some() || gap.is_optional) => Verdict::ListEntries,
        _ => Verdict::NeedsWork,
    };
    let name = cx.universe().name(arch);
    // The chain of GFX101 is what the gaps say, and a finding on a gap's own place is that gap.
    let about_target = |finding: &Finding| {
        finding.rule.path.starts_with("rules/arch/")
            && finding.rule.id != "GFX101"
            && names(finding, name)
            && !gaps.iter().any(|gap| gap.at == finding.at)
    };
    let (claims, findings): (Vec<Finding>, Vec<Finding>) =
        found.into_iter().filter(about_target).partition(crate::review::contradicts);
    Plan { arch, verdict, summary: summary(cx, arch, verdict, &gaps), claims, gaps, findings }
}

/// Whether a finding is about a target, by the rule's own arguments.
fn names(finding: &Finding, target: &str) -> bool {
    ["arch", "archs"].iter().filter_map(|key| finding.data.get(*key)).any(|value| match value {
        serde_json::Value::String(name) => name == target,
        serde_json::Value::Array(names) => names.iter().any(|name| name == target),
        _ => false,
    })
}

/// The components that vLLM cannot do without and that do not support the target at what the tree pins.
pub fn blocking<'a>(cx: &Context<'a>, arch: Arch) -> impl Iterator<Item = stack::ComponentState<'a>> {
    let required = cx.knowledge.components.iter().filter(|component| component.required);
    let states: Vec<_> = required.map(|component| stack::state_of(cx, component, arch, None)).collect();
    states.into_iter().filter(|state| state.verdict == "unsupported")
}

fn summary(cx: &Context<'_>, arch: Arch, verdict: Verdict, gaps: &[Gap]) -> String {
    let name = cx.universe().name(arch);
    let layers: Vec<&str> =
        LAYERS.into_iter().filter(|layer| gaps.iter().any(|gap| gap.layer == *layer)).map(readable).collect();
    let layers = layers.join(", ");
    let edits = gaps.iter().filter(|gap| gap.edit.is_some()).count();
    match verdict {
        Verdict::Complete => format!("{name} stands in every layer of this tree already; nothing is missing."),
        Verdict::Unknown => {
            format!("This tree does not say what it builds for, so nothing can be told of {name}.")
        }
        Verdict::ListEntries => {
            format!("{name} needs {} ({layers}).", counted(edits, "list entry", "list entries"))
        }
        Verdict::NeedsWork => format!(
            "{name} needs {} ({layers}); {} of them no more than a list entry.",
            counted(gaps.len(), "place", "places"),
            if edits == 0 { "none".to_owned() } else { edits.to_string() }
        ),
        Verdict::Blocked => {
            let blocking: Vec<String> =
                blocking(cx, arch).map(|state| state.component.short_title().to_owned()).collect();
            format!(
                "{name} is blocked by {}: no entry in this tree's lists can make it work before that is ported. {} in all ({layers}).",
                blocking.join(", "),
                counted(gaps.len(), "place", "places")
            )
        }
    }
}

/// A layer's name for people.
pub fn readable(layer: &str) -> &str {
    match layer {
        "host-gate" => "host gate",
        "device-guard" => "device guard",
        other => other,
    }
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
