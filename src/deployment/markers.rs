//! What makes the vLLM of a launch another than upstream's.

use super::{Answer, Basis, Found, ImageFacts, Marker, MarkerKind, Reach, VllmRelease};
use crate::facts::{Install, Launch};
use crate::span::Place;

/// Parts of vLLM whose edits change which targets, types and methods it takes. How it finds out that the platform is
/// ROCm (`platforms/__init__.py`) is none of them.
const PATCHED: &[&str] = &[
    "platforms/rocm",
    "platforms/interface",
    "quantization/",
    "_aiter_ops",
    "attention/",
    "gguf",
    "config/model.py",
    "config/vllm.py",
    "utils/torch_utils",
];

/// The markers of a launch, forks first.
pub(super) fn markers(
    basis: Basis<'_>,
    launch: Found<'_, Launch>,
    image: Option<&ImageFacts<'_>>,
    vllm: &VllmRelease,
) -> Vec<Marker> {
    let mut found = Vec::new();
    if let (Answer::Yes, Some(at)) = (vllm.is_fork, vllm.at) {
        found.push(Marker { kind: MarkerKind::Fork, name: basis.workspace.sources().text(at).to_owned(), at });
    }
    let here = basis.workspace.facts(launch.file).installs.iter().filter(|install| install.home == launch.fact.home);
    let here = here.map(|fact| Found { file: launch.file, fact });
    let in_image: Vec<Found<'_, Install>> =
        image.map_or_else(Vec::new, |image| image.path.installs(Reach::Whole).collect());
    for install in in_image.into_iter().chain(here.filter(|install| install.home.stage.is_none())) {
        for package in &install.fact.packages {
            let is_plugin = package.name.starts_with("vllm-") && package.name.ends_with("-plugin");
            if is_plugin {
                found.push(marker(MarkerKind::Plugin, &package.name, install.place(package.word.span)));
            }
        }
    }
    if let Some(image) = image {
        for patch in image.path.patches(Reach::Whole) {
            let file = patch.fact.files.iter().find(|file| PATCHED.iter().any(|part| file.contains(part)));
            found.extend(file.map(|file| marker(MarkerKind::Patch, file, patch.place(patch.span))));
        }
    }
    found
}

fn marker(kind: MarkerKind, name: &str, at: Place) -> Marker {
    Marker { kind, name: name.to_owned(), at }
}
