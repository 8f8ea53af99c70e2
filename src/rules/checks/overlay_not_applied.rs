//! GFX613: overlays that no package set gets.

use crate::context::Context;
use crate::facts::{NixFile, NixLayer, NixLayerKind, NixOption, NixRoot, NixValue};
use crate::finding::Finding;
use crate::rules::Findings;
use crate::rules::nix::{Use, files, uses};
use crate::span::{FileId, Place};

/// Looks at overlays that are bound to a variable and never named, and at files that are overlays and never imported.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, nix) in files(cx) {
        let overlays = nix.layers.iter().filter(|layer| layer.kind == NixLayerKind::Overlay && layer.parent.is_none());
        for layer in overlays.filter(|layer| is_about_gpus(nix, layer)) {
            if layer.variable.is_some() && !layer.is_used {
                out.push(unused(cx, out, file, layer));
            } else if layer.is_file {
                out.push_some(not_imported(cx, out, file, layer));
            }
        }
    }
    for (file, nix) in files(cx) {
        for option in nix.options.iter().filter(|option| option.dotted() == "home-manager.useGlobalPkgs") {
            if option.value == NixValue::Bool(false) {
                at_home(cx, out, Place { file, span: option.name.hull(option.value_span) });
            }
        }
    }
}

/// Packages of a home that only an overlay of the system adds, where the home has a package set of its own.
fn at_home(cx: &Context<'_>, out: &mut Findings, option: Place) {
    let sources = cx.workspace.sources();
    let tree = cx.workspace.nix();
    let overlays: Vec<FileId> =
        files(cx).filter(|(_, nix)| nix.options.iter().any(is_overlays)).map(|(file, _)| file).collect();
    let is_system = |file: FileId| tree.are_together(sources, file, option.file);
    // What several homes share is not told apart from the system.
    let is_shared = overlays.iter().any(|file| sources.get(*file).text().contains("sharedModules"));
    if is_shared || !overlays.iter().any(|file| is_system(*file)) {
        return;
    }
    let is_of_home = |found: &Use<'_>| {
        found.reference.is_home
            && found.reference.root == NixRoot::Given
            && found.reference.path.len() == 2
            && found.reference.package().contains('-')
            && is_system(found.file)
            // A home that is written in the system's file may use the system's packages.
            && tree.is_imported(found.file)
            && !overlays.iter().any(|file| cx.workspace.nix_reaches(found.file, *file))
    };
    for found in uses(cx).filter(is_of_home) {
        let name = found.reference.package();
        let added = files(cx).find_map(|(file, nix)| {
            let layers = nix.layers.iter().filter(|layer| {
                layer.kind == NixLayerKind::Overlay
                    && layer.parent.is_none()
                    && layer.is_used
                    && is_about_gpus(nix, layer)
            });
            let own = layers.flat_map(|layer| &layer.names).find(|own| own.name == name)?;
            Some(Place { file, span: own.span })
        });
        let Some(added) = added else { continue };
        let message = format!(
            "home-manager makes a package set of its own here (useGlobalPkgs = false), without the overlays of the system: \
             `{name}` is missing in it."
        );
        let finding = out
            .finding(found.place(found.reference.name), message)
            .label("only the system has it")
            .related(option, "the home has its own package set")
            .related(added, format!("the overlay that adds {name}"))
            .help("set `home-manager.useGlobalPkgs = true`, or put the overlay into `nixpkgs.overlays` of the home as well");
        out.push(finding);
    }
}

fn is_overlays(option: &NixOption) -> bool {
    option.path == ["nixpkgs", "overlays"]
}

/// Whether an overlay changes packages for GPUs.
fn is_about_gpus(nix: &NixFile, layer: &NixLayer) -> bool {
    let has_change = nix.references.iter().any(|found| {
        layer.span.contains(found.span)
            && ["rocmSupport", "gpuTargets", "rocmPackages", "rocmGpuTargets", "localGpuTargets"]
                .iter()
                .any(|name| found.argument(name).is_some())
    });
    has_change || layer.names.iter().any(|name| name.name.contains("rocm"))
}

fn unused(cx: &Context<'_>, out: &Findings, file: FileId, layer: &NixLayer) -> Finding {
    let name = layer.variable.as_deref().unwrap_or_default();
    let message = format!("The overlay '{name}' is given to no package set: what it changes stays as nixpkgs has it.");
    let finding = out
        .finding(Place { file, span: layer.anchor }, message)
        .label("not applied")
        .help("add it to `nixpkgs.overlays`, or to `overlays` where nixpkgs is imported");
    match used_name(cx, file, layer) {
        Some((name, at)) => finding.related(at, format!("{name} comes from it")),
        None => finding,
    }
}

/// An overlay in a file of its own: a name that only it adds is used, and nothing imports it.
fn not_imported(cx: &Context<'_>, out: &Findings, file: FileId, layer: &NixLayer) -> Option<Finding> {
    // Folders that are read as a whole name no files.
    let reads_folders = files(cx).any(|(_, nix)| nix.reads_folders);
    if cx.workspace.nix().is_imported(file) || reads_folders {
        return None;
    }
    let (name, at) = used_name(cx, file, layer).filter(|(_, at)| at.file != file)?;
    let message = format!("Nothing imports this overlay: {name}, which it adds, is missing where it is used.");
    Some(
        out.finding(Place { file, span: layer.anchor }, message)
            .label("not applied")
            .related(at, format!("{name} comes from it"))
            .help("add `(import ./this-file.nix)` to `nixpkgs.overlays`"),
    )
}

/// A name that the overlay alone adds to nixpkgs, and where it is used.
fn used_name(cx: &Context<'_>, file: FileId, layer: &NixLayer) -> Option<(String, Place)> {
    layer.names.iter().filter(|name| name.name.contains('-')).find_map(|name| {
        let found = uses(cx).find(|found| {
            found.reference.package() == name.name
                && found.reference.path.len() == 2
                && !(found.file == file && layer.span.contains(found.reference.span))
        })?;
        Some((name.name.clone(), found.place(found.reference.name)))
    })
}
