//! GFX602: PyTorch overridden for one entry of a list, beside packages that bring the other one.

use crate::context::Context;
use crate::facts::NixRole;
use crate::finding::Finding;
use crate::rules::Findings;
use crate::rules::nix::{Use, rocm_config, torch_for_rocm, uses};

/// nixpkgs' own name for such a torch.
const ALIAS: &str = "torchWithRocm";
/// Packages that take torch as an extra: whoever names one of nixpkgs' torches beside them means that one.
const OPTIONAL: &[&str] = &["transformers", "diffusers"];

/// Looks at every item of a list that is PyTorch for ROCm.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    if rocm_config(cx).is_some() || torch_for_rocm(cx).is_some() {
        return;
    }
    for found in uses(cx) {
        let is_torch = matches!(found.reference.package(), "torch" | "pytorch") && found.switches_on("rocmSupport")
            || found.reference.package() == ALIAS;
        let is_item = matches!(found.reference.role, NixRole::Dependency | NixRole::Installed | NixRole::Other);
        if is_torch && is_item {
            out.push_some(judge(cx, out, &found));
        }
    }
}

fn judge(cx: &Context<'_>, out: &Findings, found: &Use<'_>) -> Option<Finding> {
    let list = found.reference.list?;
    let is_alias = found.reference.package() == ALIAS;
    let beside = uses(cx).find(|other| {
        other.file == found.file
            && other.reference.list == Some(list)
            && cx.knowledge.nixpkgs().needs_torch(other.reference.package())
            && !(is_alias && OPTIONAL.contains(&other.reference.package()))
            && other.reference.argument("torch").is_none()
            && other.reference.is_known()
            && !other.mentions("rocm")
    })?;
    let name = beside.reference.package();
    let message = format!(
        "Only this entry is the torch for ROCm: {name} brings the one of its package set, so the environment holds two, and \
         which of them is imported is chance.",
    );
    Some(
        out.finding(found.place(found.reference.name), message)
            .label("one of two torch builds")
            .related(beside.place(beside.reference.span), format!("{name} is built against the other one"))
            .help("override torch in `packageOverrides` of the interpreter, or in `pythonPackagesExtensions`")
            .data("package", name),
    )
}
