//! GFX610: GPUs that are chosen by UUID in a variable of which vLLM wants numbers.

use crate::context::Context;
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::rules::Findings;
use crate::rules::launches::{Scope, Set, set};

/// Variables whose members vLLM turns into numbers.
const NUMBERED: &[&str] = &["HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"];
/// The one that takes UUIDs and that vLLM leaves alone.
const BY_UUID: &str = "ROCR_VISIBLE_DEVICES";

/// Looks at each place that sets one of them.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for found in set(cx, |name| NUMBERED.contains(&name)) {
        let is_uuid = |value: &String| value.split(',').any(|part| part.trim().trim_matches('"').starts_with("GPU-"));
        if found.value.as_ref().is_some_and(is_uuid) {
            out.push_some(judge(cx, out, &found));
        } else {
            out.push_some(both(cx, out, &found));
        }
    }
}

fn judge(cx: &Context<'_>, out: &Findings, found: &Set<'_, '_>) -> Option<Finding> {
    let is_nvidia = found.name.starts_with("CUDA");
    let runs_vllm = match found.scope {
        Scope::Launch(case) => !is_nvidia || case.launch.is_amd.is_yes(),
        Scope::Container(view) => !view.launches.is_empty() && (!is_nvidia || view.platform.is_rocm.is_yes()),
        Scope::Image(_) | Scope::File(_) => false,
    };
    // NVIDIA's variable takes UUIDs of NVIDIA's GPUs; other programs take them in AMD's as well.
    let runs_other = match found.scope {
        Scope::Container(view) => view.container.name.as_deref().is_some_and(|name| name.contains("ollama")),
        _ => false,
    };
    if !runs_vllm && (is_nvidia || runs_other) {
        return None;
    }
    let value = found.value.as_deref().unwrap_or_default();
    let message = if runs_vllm {
        format!(
            "vLLM reads {} as numbers and stops at '{value}' (invalid literal for int, or: non-integer device ID).",
            found.name
        )
    } else {
        format!("{} is documented for numbers; programs such as vLLM stop at a UUID in it.", found.name)
    };
    let at = found.at;
    let written = cx.workspace.sources().text(at);
    let name = written.find(&found.name).map(|offset| {
        let start = at.span.range().start + offset;
        crate::span::Place { file: at.file, span: crate::span::Span::new(start, start + found.name.len()) }
    });
    let finding = out
        .finding(found.value_at, message)
        .severity(if runs_vllm { out.severity() } else { Severity::Note })
        .label("a UUID")
        .help(format!("set {BY_UUID} instead, which takes UUIDs, or name the GPU by its index"))
        .data("variable", found.name.clone());
    Some(match name {
        Some(name) => finding.fix(format!("Set {BY_UUID}"), Applicability::Unsafe, vec![Edit::new(name, BY_UUID)]),
        None => finding,
    })
}

/// HIP's indices count within what ROCR lets through.
fn both(cx: &Context<'_>, out: &Findings, found: &Set<'_, '_>) -> Option<Finding> {
    let outer = found.other(cx, BY_UUID)?;
    let own = found.value.as_deref()?;
    let numbers = |list: &str| list.split(',').map(|part| part.trim().parse::<u32>().ok()).collect::<Option<Vec<_>>>();
    let (inner, shown) = (numbers(own)?, outer.split(',').count());
    let is_beyond = inner.iter().any(|&index| usize::try_from(index).is_ok_and(|index| index >= shown));
    (found.name == "HIP_VISIBLE_DEVICES" && is_beyond).then(|| {
        let message = format!(
            "{}={own} counts within what {BY_UUID}={outer} lets through: there are {shown} GPUs then, numbered from 0.",
            found.name
        );
        out.finding(found.value_at, message).severity(Severity::Note).label("counts from 0").help("set one of the two")
    })
}
