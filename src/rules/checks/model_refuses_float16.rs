//! GFX305: models that vLLM does not run in float16, and models for which no type is left.

use crate::context::Context;
use crate::deployment::{Method, Rests};
use crate::finding::{Applicability, Severity};
use crate::knowledge::{Dtype, Refusal};
use crate::rules::Findings;
use crate::rules::launches::{Asked, Case, Fault, Hit, replace_value, report};

/// Reports float16 where the model refuses it, and any type where the method takes float16 alone.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

pub(crate) fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    fault(case).into_iter().collect()
}

fn fault(case: &Case<'_, '_>) -> Option<Fault> {
    let model = case.model();
    let dtypes = case.cx.knowledge.dtypes();
    let refusal =
        dtypes.refusal_of_model(&model).filter(|refusal| !refusal.releases.at(&case.launch.vllm.range).is_no());
    let refusal = refusal.filter(|_| !case.is_patched("config/model.py"))?;
    nothing_left(case, refusal).or_else(|| refused(case, refusal))
}

/// `--dtype float16` for such a model. The name tells its type, so it is no more than likely.
fn refused(case: &Case<'_, '_>, refusal: &Refusal) -> Option<Fault> {
    let Asked::Given(Dtype::Float16, written, at) = case.dtype() else { return None };
    let (model, kind) = (case.model(), &refusal.name);
    let message = format!("vLLM refuses float16 for {model}: {kind} models overflow in it.");
    let lacks_bfloat16 = case.hit(|arch| arch.bf16.as_deref() == Some("none"));
    let half_alone = case.method().is_some_and(|method| half_alone(case, &method).is_some());
    let is_open = lacks_bfloat16.is_none() && !half_alone;
    let edits = is_open.then(|| replace_value(case, "dtype", "bfloat16")).flatten();
    let help = match &lacks_bfloat16 {
        Some(hit) => format!("{} has no bfloat16 instructions: use float32, or another model", hit.list()),
        None => "use bfloat16".to_owned(),
    };
    Some(
        Fault::new(at, written, message)
            .severity(Severity::Warning)
            .help(help)
            .fix("use bfloat16", Applicability::Unsafe, edits)
            .data("model_type", kind.as_str()),
    )
}

/// A method that takes float16 alone, for a model that refuses it.
fn nothing_left(case: &Case<'_, '_>, refusal: &Refusal) -> Option<Fault> {
    let method = case.method()?;
    let hit = half_alone(case, &method)?;
    let dtype = case.dtype();
    if matches!(dtype, Asked::Unknown) {
        return None;
    }
    let on = hit.as_ref().map(|hit| format!(" on {}", hit.list())).unwrap_or_default();
    let message = format!(
        "No activation type is left for {}: {} takes its {} format in float16 alone{on}, and {} models refuse float16.",
        case.model(),
        case.release(),
        method.name.to_uppercase(),
        refusal.name
    );
    let fault = Fault::new(dtype.at(case), "no type is left", message)
        .severity(Severity::Warning)
        .rests(Rests { on_release: true, ..Rests::default() })
        .help("use the model in another quantization format, or a later vLLM")
        .data("model_type", refusal.name.as_str());
    Some(match hit {
        Some(hit) => fault.on(hit),
        None => fault,
    })
}

/// Whether a method takes float16 but not bfloat16, and on which targets if it depends on them.
#[allow(clippy::option_option, reason = "two questions: whether, and where")]
fn half_alone(case: &Case<'_, '_>, method: &Method) -> Option<Option<Hit>> {
    let range = &case.launch.vllm.range;
    if case.any_release() || !case.is_rocm() || !matches!(method.name.as_str(), "awq" | "gptq" | "gguf") {
        return None;
    }
    let known = case.cx.knowledge.quantization().method(&method.name)?;
    if method.is_guess() && known.becomes.as_ref().is_some_and(|other| !other.releases.at(range).is_no()) {
        return None;
    }
    let lacks = |dtypes: &[Dtype]| dtypes.contains(&Dtype::Float16) && !dtypes.contains(&Dtype::Bfloat16);
    if let Some(dtypes) = known.accepts(range, None) {
        return lacks(dtypes).then_some(None);
    }
    let hit = case.hit(|arch| known.accepts(range, Some(arch)).is_some_and(lacks));
    hit.filter(|hit| !hit.is_part).map(Some)
}
