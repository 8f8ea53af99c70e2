//! GFX319: float32 where the quantization method or the attention backend does not take it.

use crate::context::Context;
use crate::deployment::Rests;
use crate::knowledge::Dtype;
use crate::rules::Findings;
use crate::rules::launches::{Asked, Case, Fault, report};

/// Reports float32 that something refuses.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

pub(crate) fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    let Asked::Given(Dtype::Float32, written, at) = case.dtype() else { return Vec::new() };
    if !case.is_rocm() {
        return Vec::new();
    }
    by_method(case)
        .or_else(|| by_backend(case))
        .map(|(who, rests)| {
            let message = format!("{who} does not take float32.");
            Fault::new(at, written, message).rests(rests).help("use `--dtype float16` or `--dtype bfloat16`")
        })
        .into_iter()
        .collect()
}

fn by_method(case: &Case<'_, '_>) -> Option<(String, Rests)> {
    let method = case.method()?;
    let known = case.cx.knowledge.quantization().method(&method.name)?;
    // Where no release is known, what the method takes in all of them.
    let dtypes = known.accepts(&case.launch.vllm.range, None);
    let lacks = match dtypes {
        Some(dtypes) => !dtypes.contains(&Dtype::Float32),
        None => case.any_release() && !known.ever_accepts(Dtype::Float32),
    };
    let rests = Rests { on_method: true, on_release: !case.any_release(), ..Rests::default() };
    lacks.then(|| (format!("The quantization method {}", method.name), rests))
}

fn by_backend(case: &Case<'_, '_>) -> Option<(String, Rests)> {
    let asked = ["attention-backend", "attention-config.backend"].iter().find_map(|name| case.launch.value(name));
    let asked = asked.map(|asked| asked.value).or_else(|| case.launch.variable("VLLM_ATTENTION_BACKEND")?.value)?;
    let backend = case.cx.knowledge.attention().backend(&asked.to_ascii_uppercase())?;
    let accepts = backend.accepts(&case.launch.vllm.range)?;
    let rests = Rests { on_release: true, ..Rests::default() };
    (!accepts.contains(&Dtype::Float32)).then(|| (format!("The attention backend {}", backend.name), rests))
}
