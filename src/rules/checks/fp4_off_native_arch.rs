//! GFX310: 4-bit floating point formats on targets that have no hardware or no kernels for them.

use crate::context::Context;
use crate::deployment::Rests;
use crate::finding::Severity;
use crate::knowledge::{ArchFact, Limit, Outcome, Scope};
use crate::rules::Findings;
use crate::rules::launches::{Case, Fault, report};

/// Methods that the rule is about.
const METHODS: &[&str] = &["mxfp4", "gpt_oss_mxfp4", "modelopt_fp4", "modelopt_mxfp8", "mxfp8", "petit_nvfp4"];

/// Reports formats that are emulated or fail.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

pub(crate) fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    fault(case).into_iter().collect()
}

fn fault(case: &Case<'_, '_>) -> Option<Fault> {
    let method = case.method().filter(|method| METHODS.contains(&method.name.as_str()) && !case.any_release())?;
    let table = case.cx.knowledge.quantization();
    let range = &case.launch.vllm.range;
    let is_gpt_oss = case.model().to_ascii_lowercase().contains("gpt-oss");
    let has_lora = case.launch.is_on("enable-lora");
    let concerns = |limit: &Limit| match limit.scope {
        Scope::Any => true,
        Scope::GptOss => is_gpt_oss || method.name != "mxfp4",
        Scope::Lora => has_lora,
        _ => false,
    };
    let limit_of = |arch: &ArchFact| table.limits(&method.name, range, arch).find(|limit| concerns(limit)).cloned();
    let hit = case.hit(|arch| limit_of(arch).is_some())?;
    let limit = hit.set.iter().find_map(|arch| limit_of(case.cx.knowledge.arch(arch)))?;
    let severity = match (limit.outcome, limit.scope) {
        (Outcome::Fails | Outcome::Stub, Scope::GptOss) => Severity::Warning,
        (Outcome::Fails | Outcome::Stub, _) => Severity::Error,
        (Outcome::Slow | Outcome::Emulated, _) => Severity::Note,
    };
    let (name, on, release) = (&method.name, hit.list(), case.release());
    let message = match limit.outcome {
        Outcome::Fails | Outcome::Stub => format!("{release} cannot run {name} on {on}: {}.", limit.effect),
        Outcome::Slow | Outcome::Emulated => format!("{release} emulates {name} on {on}: {}.", limit.effect),
    };
    let next = limit.releases.gone_by().map(|version| format!("use vLLM {version} or later, or "));
    Some(
        Fault::new(method.at, name.clone(), message)
            .severity(severity)
            .rests(Rests { on_release: true, ..Rests::default() })
            .on(hit)
            .help(format!("{}use a checkpoint in another format", next.unwrap_or_default()))
            .data("method", name.as_str()),
    )
}
