//! GFX603: changes of a Python package set that what depends on the changed package does not see.

use crate::context::Context;
use crate::facts::{NixLayer, NixLayerKind, NixMerge, NixRoot, NixValue};
use crate::finding::{Finding, Severity};
use crate::rules::Findings;
use crate::rules::nix::{files, is_python, is_python_set, layers, uses};
use crate::span::{FileId, Place};

/// Looks at package sets that `//` changes, at `overrides`, and at interpreters that are changed twice.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, nix) in files(cx) {
        for merge in &nix.merges {
            let is_change = layers(nix, merge.layer).any(|layer| layer.kind != NixLayerKind::WithPackages);
            if is_change && is_python_set(&merge.defines.name) {
                out.push_some(merged(cx, out, file, merge));
            }
        }
    }
    for found in uses(cx).filter(|found| is_python_set(found.reference.package())) {
        let given = found.reference.argument("overrides");
        if let Some(list) = given.filter(|given| matches!(given.value, NixValue::List(..))) {
            let message = "`overrides` of a Python package set is one function; a list stops the evaluation.";
            out.push(
                out.finding(found.place(list.value_span), message)
                    .severity(Severity::Error)
                    .label("a list")
                    .help("put the functions together with `lib.composeManyExtensions [ ... ]`"),
            );
        }
    }
    beside_interpreter(cx, out);
    replaced(cx, out);
}

/// `python3Packages = prev.python3Packages // { torch = ...; }`.
fn merged(cx: &Context<'_>, out: &Findings, file: FileId, merge: &NixMerge) -> Option<Finding> {
    let nixpkgs = cx.knowledge.nixpkgs();
    let is_replaced = |name: &str| {
        matches!(name, "torch" | "pytorch" | "triton")
            || nixpkgs.needs_torch(name)
            || nixpkgs.takes_torch_as_extra(name)
            || nixpkgs.package(name).is_some()
    };
    // Names that the set does not have yet are only added.
    let replaced = merge.names.iter().find(|name| is_replaced(&name.name))?;
    let set = &merge.defines.name;
    let message = format!(
        "`//` changes {set}.{} for those who take it from {set}; the packages that depend on it keep the old one.",
        replaced.name
    );
    Some(
        out.finding(Place { file, span: merge.defines.span }, message)
            .label("dependents keep the old one")
            .related(Place { file, span: replaced.span }, "what is replaced")
            .help("use `pythonPackagesExtensions = prev.pythonPackagesExtensions ++ [ (pyfinal: pyprev: { ... }) ];`")
            .data("package", replaced.name.clone()),
    )
}

/// `python3Packages.override { overrides = ...; }` beside `python3.withPackages`, which does not see it.
fn beside_interpreter(cx: &Context<'_>, out: &mut Findings) {
    let changed: Vec<_> = files(cx)
        .flat_map(|(file, nix)| nix.layers.iter().map(move |layer| (file, layer)))
        .filter(|(_, layer)| matches!(layer.kind, NixLayerKind::Overrides | NixLayerKind::Scope))
        .filter(|(_, layer)| layer.of.last().is_some_and(|set| is_python_set(set)))
        .filter(|(_, layer)| layer.names.iter().any(|name| matches!(name.name.as_str(), "torch" | "vllm" | "triton")))
        .collect();
    let mut environments = files(cx)
        .flat_map(|(file, nix)| nix.layers.iter().map(move |layer| (file, layer)))
        .filter(|(_, layer)| layer.kind == NixLayerKind::WithPackages)
        .filter(|(_, layer)| layer.of.last().is_some_and(|name| is_python(name)));
    let Some((file, layer)) = changed.first() else { return };
    let Some(set) = layer.of.last() else { return };
    let environment = environments.next().and_then(|(other, environment)| {
        let what = format!("{}.withPackages", environment.of.last()?);
        Some((Place { file: other, span: environment.span }, what))
    });
    let Some((beside, what)) = environment.or_else(|| from_interpreter(cx, set, *file, layer)) else { return };
    let message =
        format!("This changes {set} alone: {what} takes its packages from the interpreter and does not see it.");
    out.push(
        out.finding(Place { file: *file, span: layer.anchor }, message)
            .severity(Severity::Note)
            .label("the interpreter's own set stays")
            .related(beside, "takes the unchanged packages")
            .help("use `pythonPackagesExtensions`, which every interpreter gets"),
    );
}

/// A package that is taken from an interpreter's own set, or from the set of that version: `python3.pkgs.vllm`,
/// `python312Packages.vllm`.
fn from_interpreter(cx: &Context<'_>, set: &str, file: FileId, layer: &NixLayer) -> Option<(Place, String)> {
    let nixpkgs = cx.knowledge.nixpkgs();
    uses(cx).find_map(|found| {
        let path = &found.reference.path;
        let package = found.reference.package();
        let is_judged = package == "torch" || nixpkgs.needs_torch(package);
        let is_inside = found.file == file && layer.span.contains(found.reference.span);
        if !is_judged || is_inside || found.reference.root != NixRoot::Given || found.mentions("rocm") {
            return None;
        }
        let of_interpreter = path.windows(2).any(|pair| is_python(&pair[0]) && pair[1] == "pkgs");
        let of_version = path.iter().rev().nth(1).is_some_and(|own| is_python_set(own) && own != set);
        let own = path.split_last().map(|(_, sets)| sets.get(1..).unwrap_or_default().join("."))?;
        (of_interpreter || of_version).then(|| (found.place(found.reference.span), own))
    })
}

/// Two `packageOverrides` of one interpreter: the later one takes the place of the earlier one.
fn replaced(cx: &Context<'_>, out: &mut Findings) {
    let mut seen: Vec<(&str, Place)> = Vec::new();
    for (file, nix) in files(cx) {
        for layer in nix.layers.iter().filter(|layer| layer.kind == NixLayerKind::PackageOverrides) {
            let in_overlay = layers(nix, layer.parent).any(|around| around.kind == NixLayerKind::Overlay);
            let Some(python) = layer.of.last().filter(|name| in_overlay && is_python(name)) else { continue };
            let is_about_gpus = layer
                .names
                .iter()
                .any(|name| name.name == "torch" || cx.knowledge.nixpkgs().package(&name.name).is_some());
            let at = Place { file, span: layer.anchor };
            match seen.iter().find(|(known, _)| known == python) {
                Some((_, first)) if first.file != file || is_about_gpus => {
                    let message = format!(
                        "A second `packageOverrides` of {python} takes the place of the first one; only one of them has an effect."
                    );
                    out.push(
                        out.finding(at, message)
                            .label("replaces the other")
                            .related(*first, "the first one")
                            .help("use `pythonPackagesExtensions`, whose items add up"),
                    );
                }
                _ if is_about_gpus => seen.push((python, at)),
                _ => {}
            }
        }
    }
}
