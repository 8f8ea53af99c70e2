//! GFX602: PyTorch overridden for one entry of a list, beside packages that bring the other one.

use crate::context::Context;
use crate::facts::{NixRole, NixValue};
use crate::finding::{Finding, Severity};
use crate::rules::Findings;
use crate::rules::nix::{Use, rocm_config, torch_for_rocm, uses};

/// What vLLM of nixpkgs depends on that depends on torch.
const BESIDE: [&str; 3] = ["torchaudio", "torchvision", "xformers"];

/// nixpkgs' own name for such a torch.
const ALIAS: &str = "torchWithRocm";
/// Looks at every item of a list that is PyTorch for ROCm.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    if torch_for_rocm(cx).is_some() {
        return;
    }
    for found in uses(cx) {
        let is_torch = matches!(found.reference.package(), "torch" | "pytorch") && found.switches_on("rocmSupport")
            || found.reference.package() == ALIAS;
        let is_item = matches!(found.reference.role, NixRole::Dependency | NixRole::Installed | NixRole::Other);
        if rocm_config(cx, &found).is_some() {
            continue;
        }
        if is_torch && is_item {
            out.push_some(judge(cx, out, &found));
        }
        out.push_some(handed_to_one(cx, out, &found));
    }
}

fn judge(cx: &Context<'_>, out: &Findings, found: &Use<'_>) -> Option<Finding> {
    let list = found.reference.list?;
    let nixpkgs = cx.knowledge.nixpkgs();
    let beside = |is_wanted: &dyn Fn(&str) -> bool| {
        uses(cx).find(|other| {
            other.file == found.file
                && other.reference.list == Some(list)
                && is_wanted(other.reference.package())
                && other.reference.argument("torch").is_none()
                && other.reference.is_known()
                && !other.mentions("rocm")
        })
    };
    if let Some(other) = beside(&|name| nixpkgs.needs_torch(name)) {
        let name = other.reference.package();
        let message = format!(
            "Only this entry is the torch for ROCm: {name} brings the one of its package set, so the environment holds two, \
             and which of them is imported is chance.",
        );
        return Some(
            finding(out, found, &other, message)
                .label("one of two torch builds")
                .related(other.place(other.reference.span), format!("{name} is built against the other one")),
        );
    }
    // Whoever names one of nixpkgs' own torches beside such a package means that one.
    let other = beside(&|name| found.reference.package() != ALIAS && nixpkgs.takes_torch_as_extra(name))?;
    let name = other.reference.package();
    let message = format!(
        "Only this entry is the torch for ROCm: {name} brings none by itself, but its extras, and whatever else of the set \
         needs torch, bring the CPU build.",
    );
    Some(
        finding(out, found, &other, message)
            .severity(Severity::Note)
            .label("for ROCm in this list only")
            .related(other.place(other.reference.span), format!("{name} takes torch as an extra")),
    )
}

/// vLLM is handed another torch, and what it depends on is not.
fn handed_to_one(cx: &Context<'_>, out: &Findings, found: &Use<'_>) -> Option<Finding> {
    let reference = found.reference;
    let torch = reference.argument("torch").filter(|torch| reference.span.contains(torch.span))?;
    let is_judged = reference.package() == "vllm" && reference.is_known() && found.switches_on("rocmSupport");
    // The torch of the set itself is the one that the others have as well.
    let text = torch.value_span.text(cx.workspace.sources().get(found.file).text());
    let is_of_set = match &torch.value {
        NixValue::Reference(path) => path.len() > 1 && path.last().is_some_and(|last| last == "torch"),
        _ => true,
    };
    let is_other = !is_of_set || text.contains("rocmSupport");
    let left: Vec<&str> = BESIDE.into_iter().filter(|name| reference.argument(name).is_none()).collect();
    if !is_judged || !is_other || left.is_empty() || found.mentions("rocm") {
        return None;
    }
    let left = left.join(", ");
    let message = format!(
        "vLLM gets this torch, but {left}, which it depends on, are built against that of the package set: two torches in one \
         closure stop the build.",
    );
    Some(
        out.finding(found.place(torch.name_span), message)
            .severity(Severity::Note)
            .label("for vLLM alone")
            .help("change torch in the set (`pythonPackagesExtensions`), or hand it to those as well")
            .data("package", "vllm"),
    )
}

fn finding(out: &Findings, found: &Use<'_>, other: &Use<'_>, message: String) -> Finding {
    out.finding(found.place(found.reference.name), message)
        .help("override torch in `packageOverrides` of the interpreter, or in `pythonPackagesExtensions`")
        .data("package", other.reference.package())
}
