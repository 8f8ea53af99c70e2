//! GFX304: MXFP4 in another type than bfloat16.

use crate::context::Context;
use crate::deployment::{Method, MethodOrigin, Rests};
use crate::finding::{Applicability, Severity};
use crate::knowledge::Dtype;
use crate::rules::Findings;
use crate::rules::launches::{Asked, Case, Fault, replace_value, report};

/// Forks that take float16 for it.
const OWN: &[&str] = &["nlzy", "mobydick", "gfx906"];

/// Reports launches of MXFP4 models in float16 or float32.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

pub(crate) fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    fault(case).into_iter().collect()
}

/// Whether a method is MXFP4 as vLLM itself runs it.
pub(crate) fn is_mxfp4(method: &Method) -> bool {
    matches!(method.name.as_str(), "mxfp4" | "gpt_oss_mxfp4")
}

fn fault(case: &Case<'_, '_>) -> Option<Fault> {
    let method = case.method().filter(is_mxfp4)?;
    let dtype = case.dtype();
    let Asked::Given(given, written, at) = &dtype else { return None };
    if *given == Dtype::Bfloat16 {
        return None;
    }
    let model = case.model();
    // OpenAI's own repositories hold nothing else.
    let is_guess = method.how == MethodOrigin::Name && !model.starts_with("openai/gpt-oss-");
    let is_own =
        case.is_fork() && case.launch.markers.iter().any(|marker| OWN.iter().any(|own| marker.name.contains(own)));
    let severity = match (is_own, is_guess) {
        (true, _) => Severity::Note,
        (false, true) => Severity::Warning,
        (false, false) => Severity::Error,
    };
    let what = if method.how == MethodOrigin::Name { model } else { format!("the method {}", method.name) };
    let message = format!("{what} needs bfloat16: vLLM refuses {given} for MXFP4 in every release.");
    let title = "use bfloat16";
    Some(
        Fault::new(*at, written.clone(), message)
            .severity(severity)
            .rests(Rests::default())
            .related(method.at, if method.how == MethodOrigin::Name { "an MXFP4 model" } else { "the method" })
            .help("set `--dtype bfloat16`, or leave `--dtype` out")
            .fix(title, Applicability::Safe, replace_value(case, "dtype", "bfloat16")),
    )
}
