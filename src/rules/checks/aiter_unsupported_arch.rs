//! GFX312: AITER switched on for a target that it is not built for.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::deployment::overridden;
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::knowledge::AiterUse;
use crate::rules::Findings;
use crate::rules::launches::{Set, is_true, set, written};

/// The switch.
const NAME: &str = "VLLM_ROCM_USE_AITER";

/// Switches of its parts that keep targets away from what is not built for them.
const PARTS: &[&str] = &["VLLM_ROCM_USE_AITER_MOE", "VLLM_ROCM_USE_AITER_LINEAR"];

/// Reports each place that switches it on.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for found in set(cx, |name| name == NAME) {
        let finding = judged(cx, out, &found);
        out.push_some(finding);
    }
}

fn judged(cx: &Context<'_>, out: &Findings, found: &Set<'_, '_>) -> Option<Finding> {
    found.value.as_deref().filter(|value| is_true(value))?;
    let pretended = found.other(cx, "HSA_OVERRIDE_GFX_VERSION").and_then(|value| overridden(&value));
    let targets = found.targets(cx);
    let all: ArchSet = match pretended.and_then(|name| cx.universe().find(&name)) {
        Some(arch) => std::iter::once(arch).collect(),
        None => targets.set,
    };
    let release = found.release(cx);
    let is_left_out = |name: &str| matches!(cx.knowledge.aiter().on(name, &release.range), AiterUse::None);
    let affected: ArchSet = all.iter().filter(|&arch| is_left_out(cx.universe().name(arch))).collect();
    if affected.is_empty() {
        return None;
    }
    // On gfx12 the gate passes the switch over, as far as anybody has met it.
    let aborts = affected.iter().all(|arch| cx.universe().name(arch).starts_with("gfx11"));
    let is_fenced = PARTS.iter().all(|part| found.other(cx, part).is_some_and(|value| !is_true(&value)));
    let base = match (is_fenced, aborts) {
        (true, _) => Severity::Note,
        (false, true) => Severity::Error,
        (false, false) => Severity::Warning,
    };
    let list = cx.universe().list(affected);
    let who = if release.is_unknown() { "vLLM".to_owned() } else { format!("vLLM {}", release.range) };
    let what = if aborts {
        "the parts that are used all the same stop with \"One of GPU archs is invalid or not supported\""
    } else {
        "the switch is passed over, or fails in its kernels"
    };
    let message = format!("{who} does not use AITER on {list}, and AITER is not built for it: {what}.");
    let steps = found.doubts(cx) + usize::from(affected != all);
    let mut finding = out
        .finding(found.value_at, message)
        .label("AITER on")
        .severity(base.lowered_by(steps))
        .doubts(found.doubts(cx))
        .help(format!("set `{NAME}=0`"))
        .data("arch", cx.universe().names(affected));
    if let Some(at) = targets.at.filter(|at| *at != found.at) {
        finding = finding.related(at, format!("it is for {}", cx.universe().list(targets.set)));
    }
    if let Some(at) = release.at.filter(|_| !release.is_unknown()) {
        finding = finding.related(at, who);
    }
    let is_plain = found.value_at != found.at && is_true(written(cx, found.value_at));
    if is_plain && affected == all {
        finding = finding.fix("switch it off", Applicability::Safe, vec![Edit::new(found.value_at, "0")]);
    }
    Some(finding)
}
