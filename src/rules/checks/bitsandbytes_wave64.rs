//! GFX311: bitsandbytes on targets with waves of 64 lanes.

use crate::context::Context;
use crate::deployment::{Reach, Rests};
use crate::finding::Severity;
use crate::knowledge::Outcome;
use crate::rules::Findings;
use crate::rules::launches::{Case, Fault, report};
use crate::version::Version;

/// The first release of bitsandbytes whose kernels know both wave sizes.
const BOTH_WAVES: &str = "0.49.2";

/// Reports launches with bitsandbytes that vLLM refuses, or that run on kernels for other waves.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

pub(crate) fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    fault(case).into_iter().collect()
}

fn fault(case: &Case<'_, '_>) -> Option<Fault> {
    let method = case.method().filter(|method| method.name == "bitsandbytes")?;
    if case.any_release() || !case.is_rocm() || case.vllm().quantization("bitsandbytes").is_no() {
        return None;
    }
    let rests = Rests { on_release: true, on_method: true, ..Rests::default() };
    let help = "use an AWQ or GPTQ checkpoint, or a later vLLM";
    let release = case.release();
    let table = case.cx.knowledge.quantization();
    let range = &case.launch.vllm.range;
    if case.vllm().rocm_quantization("bitsandbytes", None).is_no() {
        let message = format!("{release} does not offer bitsandbytes on ROCm.");
        return Some(Fault::new(method.at, "bitsandbytes", message).rests(rests).help(help));
    }
    if let Some(hit) = case.hit(|arch| case.vllm().rocm_quantization("bitsandbytes", Some(arch)).is_no()) {
        let message =
            format!("{release} refuses bitsandbytes on {}: its kernels are written for waves of 32 lanes.", hit.list());
        return Some(Fault::new(method.at, "bitsandbytes", message).rests(rests).on(hit).help(help));
    }
    let is_stub = |arch: &crate::knowledge::ArchFact| {
        table.limits("bitsandbytes", range, arch).any(|limit| matches!(limit.outcome, Outcome::Stub | Outcome::Fails))
    };
    if let Some(hit) = case.hit(is_stub) {
        let message = format!(
            "{release} lets bitsandbytes through on {}, whose waves have 64 lanes; its kernels assume 32: wrong results or a crash.",
            hit.list()
        );
        let fault = Fault::new(method.at, "bitsandbytes", message).severity(Severity::Warning).rests(rests);
        return Some(fault.on(hit).help(help));
    }
    old_package(case)
}

/// A pinned bitsandbytes that is older than what vLLM counts on.
fn old_package(case: &Case<'_, '_>) -> Option<Fault> {
    let hit = case.hit(|arch| arch.wave_size == Some(64))?;
    let image = case.launch.image.as_ref()?;
    let least = Version::parse(BOTH_WAVES)?;
    if !case.launch.vllm.is_from("0.18.1") {
        return None;
    }
    let pinned = image.path.installs(Reach::Whole).find_map(|install| {
        let package = install.fact.packages.iter().rfind(|package| package.name == "bitsandbytes")?;
        let version = Version::parse(package.version.strip_prefix("==")?)?;
        (version < least).then(|| (install.place(package.word.span), version))
    });
    let (at, version) = pinned?;
    let message = format!(
        "bitsandbytes {version} assumes waves of 32 lanes, and {} has 64; {} counts on {BOTH_WAVES} or later.",
        hit.list(),
        case.release()
    );
    Some(
        Fault::new(at, "too old", message)
            .severity(Severity::Warning)
            .rests(Rests { on_release: true, ..Rests::default() })
            .on(hit)
            .help(format!("install `bitsandbytes>={BOTH_WAVES}`")),
    )
}
