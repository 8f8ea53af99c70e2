//! GFX601: vLLM and its like made for ROCm, on a PyTorch that is not.

use crate::context::Context;
use crate::facts::{NixOverride, NixRoot, NixValue};
use crate::finding::Finding;
use crate::rules::Findings;
use crate::rules::nix::{Use, changes_torch, rocm_config, texts, torch_for_rocm, uses};

/// Looks at every override of a package that follows PyTorch.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    // One PyTorch for ROCm in the package set is the one that all packages there get.
    if torch_for_rocm(cx).is_some() || changes_torch(cx) {
        return;
    }
    for found in uses(cx) {
        out.push_some(judge(cx, out, &found));
    }
}

fn judge(cx: &Context<'_>, out: &Findings, found: &Use<'_>) -> Option<Finding> {
    let name = found.reference.package();
    let package = cx.knowledge.nixpkgs().package(name).filter(|package| package.torch)?;
    // A variable that stands for an override is judged where the override is written.
    let is_here = |change: &&NixOverride| change.method == "override" && found.reference.span.contains(change.span);
    let change = found.reference.overrides.iter().find(is_here)?;
    let asked = wants_rocm(found, change, package.targets.as_deref())?;
    let is_given = found.reference.argument("torch").is_some() || !found.reference.is_known();
    // A set for ROCm, by its name.
    let is_rocm_set = found
        .reference
        .path
        .split_last()
        .is_some_and(|(_, sets)| sets.iter().any(|set| set.to_ascii_lowercase().contains("rocm")));
    if is_given || is_rocm_set || name.ends_with("-cuda") || rocm_config(cx, found).is_some() {
        return None;
    }
    let is_guess = match found.reference.root {
        NixRoot::Computed => true,
        NixRoot::Imported(Some(config)) => found.nix.configs.get(config).is_some_and(|config| config.is_open),
        NixRoot::Given | NixRoot::Imported(None) => false,
    };
    // Some packages take no switch: all that they know of GPUs is their torch's.
    let has_switch = package.arguments.iter().any(|argument| argument == "rocmSupport");
    let message = if found.switches_on("rocmSupport") && has_switch {
        format!(
            "This builds {name} for ROCm on the torch of the package set, which is the CPU build: {name} then finds no \
             GPU, or does not build."
        )
    } else {
        format!(
            "This does not build {name} for ROCm: whether it is follows from its torch, which is the CPU build of the \
             package set."
        )
    };
    let at = found.place(found.reference.name);
    let severity = if is_guess { out.severity().lowered() } else { out.severity() };
    Some(
        out.finding(at, message)
            .severity(severity)
            .doubts(usize::from(is_guess))
            .label("its torch is the CPU build")
            .related(found.place(asked), "asks for ROCm")
            .help(
                "take the package from `pkgs.pkgsRocm`, set `nixpkgs.config.rocmSupport = true`, or override torch with \
                 `rocmSupport = true` in the same package set (`pythonPackagesExtensions`)",
            )
            .data("package", name),
    )
}

/// The argument that asks for ROCm.
fn wants_rocm(found: &Use<'_>, change: &NixOverride, targets: Option<&str>) -> Option<crate::span::Span> {
    match found.reference.argument("rocmSupport").map(|argument| &argument.value) {
        Some(NixValue::Bool(true)) => return found.reference.argument("rocmSupport").map(|argument| argument.span),
        Some(_) => return None,
        None => {}
    }
    if found.switches_on("cudaSupport") {
        return None;
    }
    let list = targets.and_then(|targets| change.argument(targets)).filter(|argument| {
        let items = texts(&argument.value);
        // Lists of other vendors' targets have no such names.
        !items.is_empty() && items.iter().all(|(item, _)| item.starts_with("gfx"))
    });
    list.or_else(|| change.argument("rocmPackages")).map(|argument| argument.span)
}
