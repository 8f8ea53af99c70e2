//! GFX301: GGUF models in bfloat16 on targets whose capability a check for Blackwell GPUs matches.

use crate::context::Context;
use crate::deployment::{MethodOrigin, Rests};
use crate::finding::{Applicability, Severity};
use crate::knowledge::{ArchFact, Dtype};
use crate::rules::Findings;
use crate::rules::launches::{Asked, Case, Fault, Hit, insert_option, replace_value, report};

/// The lowest capability of the check.
const BLACKWELL: u16 = 100;

/// Reports GGUF launches that are refused.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

pub(crate) fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    fault(case).into_iter().collect()
}

fn fault(case: &Case<'_, '_>) -> Option<Fault> {
    let method = case.method().filter(|method| method.name == "gguf" && !case.is_patched("gguf"))?;
    let dtype = case.dtype();
    let is_given = match &dtype {
        Asked::Given(Dtype::Bfloat16, ..) => true,
        Asked::Auto => false,
        _ => return None,
    };
    let hit = case.hit(|arch| refuses(case, arch))?;
    let message = message(case, &hit, is_given);
    let label = if is_given { "bfloat16" } else { "no --dtype: bfloat16 for most models" };
    let base = if is_given { Severity::Error } else { Severity::Warning };
    let severity = if case.any_release() { Severity::Note } else { base };
    let edits = || replace_value(case, "dtype", "float16").or_else(|| insert(case));
    let is_sure = method.how != MethodOrigin::Name;
    Some(
        Fault::new(dtype.at(case), label, message)
            .severity(severity)
            .rests(Rests { on_method: true, ..Rests::default() })
            .on(hit)
            .help("set `--dtype float16`")
            .fix("use float16", Applicability::Safe, is_sure.then(edits).flatten()),
    )
}

fn insert(case: &Case<'_, '_>) -> Option<Vec<crate::finding::Edit>> {
    case.launch.option("dtype").is_none().then(|| insert_option(case, "dtype", "float16"))?
}

/// Whether GGUF does not take bfloat16 on a target; where no release is known, whether some releases do not.
fn refuses(case: &Case<'_, '_>, arch: &ArchFact) -> bool {
    if case.any_release() {
        return arch.capability.0 * 10 + arch.capability.1 >= BLACKWELL;
    }
    case.vllm().activation_dtypes("gguf", Some(arch)).is_some_and(|dtypes| !dtypes.contains(&Dtype::Bfloat16))
}

fn message(case: &Case<'_, '_>, hit: &Hit, is_given: bool) -> String {
    let who = if case.any_release() { "vLLM 0.13 to 0.23".to_owned() } else { case.release() };
    let cause = "a check for Blackwell GPUs (capability 10.0 and later) also matches these numbers of AMD's";
    let asked = if is_given { "" } else { ", which is what it takes for most models unless --dtype says otherwise" };
    format!("{who} refuses bfloat16 for GGUF models on {}{asked}: {cause}.", hit.list())
}
