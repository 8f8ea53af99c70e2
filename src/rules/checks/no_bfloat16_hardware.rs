//! GFX306: bfloat16 on targets without instructions for it.

use super::launches::insert_option;
use crate::context::Context;
use crate::deployment::Rests;
use crate::finding::{Applicability, Severity};
use crate::knowledge::Dtype;
use crate::rules::Findings;
use crate::rules::launches::{Asked, Case, Fault, replace_value, report};

/// The target whose vendor's list of what was validated names float16 alone.
const FLOAT16_VALIDATED: &str = "gfx1151";

/// Reports bfloat16, asked for or by default.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

pub(crate) fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    lacking(case).or_else(|| unvalidated(case)).into_iter().collect()
}

/// Whether the activations are bfloat16, and whether that is written.
fn bfloat16(case: &Case<'_, '_>) -> Option<bool> {
    match case.dtype() {
        Asked::Given(Dtype::Bfloat16, ..) => Some(true),
        Asked::Auto if case.is_plain() => Some(false),
        _ => None,
    }
}

/// Whether another type is out of the question: MXFP4 models, and those that refuse float16.
fn is_bound(case: &Case<'_, '_>) -> bool {
    let needs = case.method().is_some_and(|method| super::mxfp4_dtype::is_mxfp4(&method));
    needs || case.cx.knowledge.dtypes().refusal_of_model(&case.model()).is_some()
}

fn lacking(case: &Case<'_, '_>) -> Option<Fault> {
    let is_given = bfloat16(case).filter(|_| !is_bound(case))?;
    let hit = case.hit(|arch| arch.bf16.as_deref() == Some("none"))?;
    let on = hit.list();
    let message = if is_given {
        format!("{on} has no bfloat16 instructions: vLLM accepts it, and runs slowly by emulation.")
    } else {
        format!("Without --dtype, most models run in bfloat16, for which {on} has no instructions: slow emulation.")
    };
    let edits = match is_given {
        true => replace_value(case, "dtype", "half"),
        false if case.launch.option("dtype").is_some() => replace_value(case, "dtype", "half"),
        false => insert_option(case, "dtype", "half"),
    };
    let label = if is_given { "bfloat16" } else { "no --dtype" };
    Some(
        Fault::new(case.dtype().at(case), label, message)
            .rests(Rests::default())
            .on(hit)
            .help("set `--dtype half`")
            .fix("use float16", Applicability::Unsafe, edits),
    )
}

fn unvalidated(case: &Case<'_, '_>) -> Option<Fault> {
    bfloat16(case).filter(|_| !is_bound(case))?;
    let hit = case.hit(|arch| arch.name == FLOAT16_VALIDATED)?;
    let message =
        format!("AMD's list of what was validated on {} names float16 alone; bfloat16 works for many.", hit.list());
    Some(
        Fault::new(case.dtype().at(case), "bfloat16", message)
            .severity(Severity::Note)
            .on(hit)
            .help("try `--dtype float16` if results or speed are off"),
    )
}
