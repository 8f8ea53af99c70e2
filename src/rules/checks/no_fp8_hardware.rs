//! GFX309: FP8 weights on targets that cannot multiply them.

use crate::context::Context;
use crate::deployment::{MethodOrigin, Rests};
use crate::finding::Severity;
use crate::knowledge::{Limit, Outcome, Scope};
use crate::rules::Findings;
use crate::rules::launches::{Case, Fault, is_mixture, report};

/// Methods with FP8 weights.
const METHODS: &[&str] =
    &["fp8", "fbgemm_fp8", "ptpc_fp8", "fp8_per_tensor", "fp8_per_channel", "fp8_per_block", "deepseek_v4_fp8"];

/// Reports FP8 where it fails or crawls.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

pub(crate) fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    fault(case).into_iter().collect()
}

fn fault(case: &Case<'_, '_>) -> Option<Fault> {
    let method = case.method().filter(|method| METHODS.contains(&method.name.as_str()))?;
    let table = case.cx.knowledge.quantization();
    let range = &case.launch.vllm.range;
    let model = case.model();
    let is_mixture = is_mixture(&model);
    let is_guess = method.how == MethodOrigin::Name;
    // A checkpoint's own scales are per block or not, which its name does not tell.
    let concerns = |limit: &Limit| match limit.scope {
        Scope::Any => true,
        Scope::Moe => is_mixture,
        Scope::DensePerTensor => !is_mixture || !is_guess,
        Scope::DenseBlock => true,
        _ => false,
    };
    let limit_of = |arch: &crate::knowledge::ArchFact| {
        let found: Vec<&Limit> = table.limits(&method.name, range, arch).filter(|limit| concerns(limit)).collect();
        // Named checkpoints are per block as a rule, which may run where per tensor does not.
        let block = found.iter().find(|limit| limit.scope == Scope::DenseBlock);
        let moe = found.iter().find(|limit| limit.scope == Scope::Moe);
        let worst = found.iter().min_by_key(|limit| limit.outcome != Outcome::Fails);
        moe.or(if is_guess { block.or(worst) } else { worst }).copied().cloned()
    };
    let hit = case.hit(|arch| limit_of(arch).is_some())?;
    let limit = hit.set.iter().find_map(|arch| limit_of(case.cx.knowledge.arch(arch)))?;
    let has_fp8 =
        hit.set.iter().all(|arch| !matches!(case.cx.knowledge.arch(arch).fp8.as_deref(), None | Some("none")));
    let severity = match limit.outcome {
        Outcome::Fails | Outcome::Stub if has_fp8 => Severity::Warning,
        Outcome::Fails | Outcome::Stub => Severity::Error,
        Outcome::Slow | Outcome::Emulated => Severity::Note,
    };
    let kind = if limit.scope == Scope::Moe { "FP8 experts" } else { "FP8 weights" };
    let verb = match limit.outcome {
        Outcome::Fails | Outcome::Stub => "cannot run",
        Outcome::Slow | Outcome::Emulated => "runs slowly",
    };
    let message = format!("{} {verb} {kind} on {}: {}.", case.release(), hit.list(), limit.effect);
    let message = if verb == "runs slowly" {
        message.replacen(&format!("runs slowly {kind}"), &format!("is slow with {kind}"), 1)
    } else {
        message
    };
    Some(
        Fault::new(method.at, "FP8", message)
            .severity(severity)
            .rests(Rests { on_release: !case.any_release(), on_method: true, ..Rests::default() })
            .on(hit)
            .help("use a checkpoint in bfloat16 or float16, or one with 4-bit or INT8 weights")
            .data("method", method.name.as_str()),
    )
}
