//! GFX303: AWQ and GPTQ in another type than float16.

use crate::context::Context;
use crate::deployment::{MethodOrigin, Rests};
use crate::finding::{Applicability, Severity};
use crate::knowledge::Dtype;
use crate::rules::Findings;
use crate::rules::launches::{Asked, Case, Fault, replace_value, report};
use crate::version::VersionRange;

/// Reports launches whose type the method does not take.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

pub(crate) fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    fault(case).into_iter().collect()
}

fn fault(case: &Case<'_, '_>) -> Option<Fault> {
    let method = case.method().filter(|method| matches!(method.name.as_str(), "awq" | "gptq") && case.is_rocm())?;
    let is_explicit = method.how == MethodOrigin::Option;
    let known = case.cx.knowledge.quantization().method(&method.name)?;
    let is_taken_over = |range: &VersionRange| {
        !is_explicit && known.becomes.as_ref().is_some_and(|other| !other.releases.at(range).is_no())
    };
    let range = &case.launch.vllm.range;
    let accepts_half_alone =
        || case.vllm().activation_dtypes(&method.name, None).is_some_and(|dtypes| dtypes == [Dtype::Float16]);
    let is_sure = !case.any_release();
    if is_sure && (!accepts_half_alone() || is_taken_over(range)) {
        return None;
    }
    let name = method.name.to_uppercase();
    let who = if is_sure { case.release() } else { "vLLM until 0.21".to_owned() };
    let dtype = case.dtype();
    let (severity, label, message) = match &dtype {
        Asked::Given(given, written, _) if *given != Dtype::Float16 => {
            let severity = if is_sure { Severity::Error } else { Severity::Note };
            if !is_sure && !is_explicit {
                return None;
            }
            (severity, written.clone(), format!("{who} takes {name} models in float16 alone on ROCm, not in {given}."))
        }
        Asked::Auto if is_sure => (
            Severity::Note,
            "no --dtype".to_owned(),
            format!("{who} takes {name} models in float16 alone on ROCm; this fails if the checkpoint says bfloat16."),
        ),
        _ => return None,
    };
    let edits = (is_explicit && is_sure).then(|| replace_value(case, "dtype", "float16")).flatten();
    let mut fault = Fault::new(dtype.at(case), label, message)
        .severity(severity)
        .rests(Rests { on_release: is_sure, on_method: true, ..Rests::default() })
        .help("set `--dtype float16`")
        .fix("use float16", Applicability::Safe, edits);
    if is_explicit {
        fault = fault.related(method.at, "the method");
    }
    Some(fault)
}
