//! GFX307: quantization methods that vLLM does not offer on ROCm, or no longer.

use crate::context::Context;
use crate::deployment::{Answer, Method, MethodOrigin, Rests};
use crate::finding::{Applicability, Severity};
use crate::rules::Findings;
use crate::rules::launches::{Case, Fault, replace_value, report};

/// Reports methods that are asked for by name.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

pub(crate) fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    fault(case).into_iter().collect()
}

fn fault(case: &Case<'_, '_>) -> Option<Fault> {
    let method = case.method().filter(|method| method.how == MethodOrigin::Option && case.is_rocm())?;
    let table = case.cx.knowledge.quantization();
    let known = table.method(&method.name)?;
    // Others tell of methods that plugins bring back, and of bitsandbytes.
    if known.plugin.is_some() || method.name == "bitsandbytes" {
        return None;
    }
    let (name, release) = (&method.name, case.release());
    let vllm = case.vllm();
    let replacement = table.replacement(name).filter(|by| case.any_release() || vllm.quantization(by).is_yes());
    let help = match replacement {
        Some(by) => format!("use `--quantization {by}`, or a checkpoint in another format"),
        None => "leave `--quantization` out if the checkpoint names its own method; else use another format".to_owned(),
    };
    let never = !known.rocm.in_any();
    let (message, severity) = if case.any_release() {
        let message = format!("No release of vLLM offers the quantization method {name} on ROCm.");
        (never.then_some(message)?, Severity::Error)
    } else if vllm.quantization(name).is_no() {
        (format!("{release} does not know the quantization method {name}{}.", lives(case, known)), Severity::Error)
    } else if vllm.rocm_quantization(name, None).is_no() {
        // Checkpoints of these are run by the plain methods from then on.
        let is_renamed = name.ends_with("_marlin") && case.launch.vllm.is_from("0.24");
        let severity = if is_renamed { Severity::Note } else { Severity::Error };
        (
            format!(
                "{release} does not offer the quantization method {name} on ROCm: it stops with \"{name} quantization is currently not supported in rocm\"."
            ),
            severity,
        )
    } else if vllm.deprecated_quantization(name).is_yes() && !case.launch.is_on("allow-deprecated-quantization") {
        let message = format!("{release} refuses the quantization method {name} as deprecated.");
        return Some(
            Fault::new(method.at, name.clone(), message)
                .rests(Rests { on_release: true, ..Rests::default() })
                .help(format!("{help}; `--allow-deprecated-quantization` lets it through for now"))
                .data("method", name.as_str()),
        );
    } else {
        return None;
    };
    Some(
        Fault::new(method.at, name.clone(), message)
            .severity(severity)
            .rests(Rests { on_release: !case.any_release(), ..Rests::default() })
            .help(help)
            .fix(
                format!("use {}", replacement.unwrap_or_default()),
                Applicability::Unsafe,
                replacement.and_then(|by| replace_value(case, "quantization", by)),
            )
            .data("method", name.as_str()),
    )
    .filter(|_| !is_own(case, &method))
}

/// In which releases a method lived, in brackets.
fn lives(case: &Case<'_, '_>, known: &crate::knowledge::Method) -> String {
    match (known.known.first(), known.known.last()) {
        (Some(first), _) if case.launch.vllm.range.is_before(first) => format!(" (it came with {first})"),
        (_, Some(last)) => format!(" (the last release that did is {last})"),
        _ => String::new(),
    }
}

/// Whether the vLLM is somebody's own, who may offer what upstream does not.
fn is_own(case: &Case<'_, '_>, _method: &Method) -> bool {
    case.launch.vllm.is_fork == Answer::Yes
}
