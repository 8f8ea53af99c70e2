//! Whether PyTorch is built for ROCm where a package takes it from.

use super::{Use, files, uses};
use crate::context::Context;
use crate::facts::{NixConfig, NixLayerKind, NixRoot, NixValue};
use crate::span::Place;

/// A configuration that turns ROCm on for the package set that a package may be taken from.
pub(crate) fn rocm_config(cx: &Context<'_>, found: &Use<'_>) -> Option<Place> {
    let switch = |config: &NixConfig| {
        let argument = config.argument("rocmSupport")?;
        // What is not known may be on.
        matches!(argument.value, NixValue::Bool(true) | NixValue::Unknown | NixValue::Reference(_))
            .then_some(argument.span)
    };
    let tree = cx.workspace.nix();
    let is_of_module =
        found.reference.root == NixRoot::Given && found.reference.path.first().is_some_and(|first| first == "pkgs");
    files(cx).find_map(|(file, nix)| {
        let of_use = nix.configs.iter().enumerate().filter(|(at, config)| {
            let is_own = found.file == file && found.reference.root == NixRoot::Imported(Some(*at));
            // A set by another name is not what a module gets as `pkgs`.
            let is_another = !config.is_default && is_of_module || config.is_option && tree.are_apart(found.file, file);
            is_own || !is_another
        });
        of_use.into_iter().find_map(|(_, config)| switch(config)).map(|span| Place { file, span })
    })
}

/// A change of the package set that builds PyTorch for ROCm, for whatever takes it from there.
pub(crate) fn torch_for_rocm(cx: &Context<'_>) -> Option<Place> {
    let is_layered = |found: &Use<'_>| {
        found.layers().any(|layer| layer.kind != NixLayerKind::WithPackages)
            && found
                .reference
                .defines
                .as_deref()
                .is_some_and(|name| name.ends_with("torch") || name.ends_with("pytorch"))
    };
    let torch = |found: &Use<'_>| matches!(found.reference.package(), "torch" | "pytorch");
    let mut all = uses(cx).filter(|found| torch(found) && is_layered(found));
    let found = all.find(|found| found.switches_on("rocmSupport"))?;
    Some(found.place(found.reference.span))
}

/// Whether a change of the package set puts another PyTorch in place, whatever it is.
pub(crate) fn changes_torch(cx: &Context<'_>) -> bool {
    let is_torch = |name: &str| matches!(name, "torch" | "pytorch");
    files(cx).any(|(file, nix)| {
        nix.layers.iter().any(|layer| {
            let names = layer.names.iter().filter(|name| is_torch(&name.name));
            names.into_iter().any(|name| {
                // A change that only sets something else leaves it as it was.
                let own = nix.references.iter().find(|found| {
                    is_torch(found.package())
                        && found.span.start > name.span.end
                        && layer.span.contains(found.span)
                        && found.defines.as_deref().is_some_and(|defines| defines.ends_with(&name.name))
                });
                let _ = file;
                let is_of_before = |path: &[String]| {
                    matches!(path, [set, _] if layer.previous.as_ref() == Some(set)) || path.len() == 1
                };
                own.is_none_or(|found| {
                    found.argument("rocmSupport").is_some() || !found.is_known() || !is_of_before(&found.path)
                })
            })
        })
    })
}
