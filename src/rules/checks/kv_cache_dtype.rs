//! GFX318: KV-cache types that the release, ROCm or the target does not take.

use crate::context::Context;
use crate::deployment::{MethodOrigin, Rests};
use crate::finding::Severity;
use crate::knowledge::Dtype;
use crate::rules::Findings;
use crate::rules::launches::{Asked, Case, Fault, report};
use crate::span::Place;

/// Reports the KV-cache type that a launch asks for.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    let Some(asked) = case.launch.value("kv-cache-dtype") else { return Vec::new() };
    let Some(at) = asked.at else { return Vec::new() };
    let name = asked.value.as_str();
    let checks = [lives, on_rocm, on_target, with_activations, with_checkpoint, with_sparse_attention, emulated];
    checks.iter().find_map(|check| check(case, name, at)).into_iter().collect()
}

fn on_release(case: &Case<'_, '_>) -> Rests {
    Rests { on_release: !case.any_release(), ..Rests::default() }
}

fn lives(case: &Case<'_, '_>, name: &str, at: Place) -> Option<Fault> {
    let known = case.cx.knowledge.kv_cache().dtype(name)?;
    if case.any_release() || !case.vllm().kv_cache_dtype(name).is_no() {
        return None;
    }
    let since = known.releases.first().filter(|first| case.launch.vllm.range.is_before(first));
    let when = since.map(|first| format!(": it came with {first}")).unwrap_or_default();
    let message = format!("{} does not know the KV-cache type {name}{when}.", case.release());
    Some(
        Fault::new(at, name, message)
            .rests(on_release(case))
            .help("leave the option out, or use a release that has it"),
    )
}

fn on_rocm(case: &Case<'_, '_>, name: &str, at: Place) -> Option<Fault> {
    let known = case.cx.knowledge.kv_cache().dtype(name)?;
    let message = format!("No attention backend on ROCm takes the KV-cache type {name}.");
    (!known.rocm && case.is_rocm()).then(|| Fault::new(at, name, message).help("use `fp8`, or leave the option out"))
}

fn on_target(case: &Case<'_, '_>, name: &str, at: Place) -> Option<Fault> {
    let known = case.cx.knowledge.kv_cache().dtype(name)?;
    let hit = case.hit(|arch| !known.targets.is_empty() && !known.targets.covers(&arch.name))?;
    let targets = known.targets.names().collect::<Vec<_>>().join(", ");
    let message = format!("The KV-cache type {name} works on {targets} alone, not on {}.", hit.list());
    Some(Fault::new(at, name, message).on(hit).help("use `fp8`, or leave the option out"))
}

/// A type that goes with other activations.
fn with_activations(case: &Case<'_, '_>, name: &str, at: Place) -> Option<Fault> {
    let Asked::Given(given, written, dtype_at) = case.dtype() else { return None };
    let known = case.cx.knowledge.kv_cache().dtype(name)?;
    if !known.activation.is_empty() && !known.activation.contains(&given) {
        let message = format!("The KV-cache type {name} needs bfloat16 activations, and --dtype is {written}.");
        return Some(Fault::new(at, name, message).related(dtype_at, "the activations").help("set `--dtype bfloat16`"));
    }
    let differs = (name == "float16" && given == Dtype::Bfloat16) || (name == "bfloat16" && given == Dtype::Float16);
    let message =
        format!("The KV cache is {name} and the activations are {given}: each step converts, and may overflow.");
    differs.then(|| {
        let fault = Fault::new(at, name, message).severity(Severity::Warning);
        fault.related(dtype_at, "the activations").help("leave `--kv-cache-dtype` out: it follows the activations")
    })
}

/// e5m2 beside FP8 weights.
fn with_checkpoint(case: &Case<'_, '_>, name: &str, at: Place) -> Option<Fault> {
    let method = case.method().filter(|method| name == "fp8_e5m2" && method.name.contains("fp8"))?;
    let is_guess = method.how == MethodOrigin::Name;
    let message = "vLLM refuses fp8_e5m2 for the KV cache of an FP8 checkpoint.".to_owned();
    Some(
        Fault::new(at, name, message)
            .severity(if is_guess { Severity::Warning } else { Severity::Error })
            .related(method.at, "an FP8 checkpoint")
            .help("use `fp8_e4m3`"),
    )
}

/// FP8 with sparse MLA, which the ROCm code of these releases lacks.
fn with_sparse_attention(case: &Case<'_, '_>, name: &str, at: Place) -> Option<Fault> {
    let is_sparse = case.model().to_ascii_lowercase().contains("deepseek-v3.2");
    let is_window = case.launch.vllm.is_from("0.12") && case.launch.vllm.is_before("0.17");
    let applies = name.starts_with("fp8") && is_sparse && is_window && case.is_rocm();
    let message = format!("{} has no FP8 KV cache for sparse MLA on ROCm.", case.release());
    applies.then(|| Fault::new(at, name, message).rests(on_release(case)).help("leave `--kv-cache-dtype` out"))
}

/// FP8 where it works, but not as fast as it may look.
fn emulated(case: &Case<'_, '_>, name: &str, at: Place) -> Option<Fault> {
    if !name.starts_with("fp8") {
        return None;
    }
    let lacks = |arch: &crate::knowledge::ArchFact| arch.fp8.as_deref() == Some("none");
    let is_radeon =
        |arch: &crate::knowledge::ArchFact| arch.name.starts_with("gfx11") || arch.name.starts_with("gfx12");
    let hit = case.hit(|arch| lacks(arch) || is_radeon(arch))?;
    let on = hit.list();
    let is_slow_path = hit.set.iter().all(|arch| is_radeon(case.cx.knowledge.arch(arch)));
    let message = if is_slow_path {
        format!(
            "An FP8 KV cache works on {on}, but without vLLM's custom paged-attention kernel: it saves memory, not time."
        )
    } else {
        format!("{on} has no FP8 hardware: an FP8 KV cache is converted at each step, and saves memory alone.")
    };
    Some(Fault::new(at, name, message).severity(Severity::Note).on(hit).help("measure both ways"))
}
