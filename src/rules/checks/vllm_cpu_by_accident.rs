//! GFX606: vLLM as nixpkgs builds it, on a machine with an AMD GPU.

use crate::context::Context;
use crate::facts::{NixLayerKind, NixRole, NixRoot};
use crate::finding::Finding;
use crate::rules::Findings;
use crate::rules::nix::{Use, changes_torch, files, is_for_nvidia, rocm_config, sign_of_amd, torch_for_rocm, uses};
use crate::span::Place;

/// Looks at every use of plain vLLM.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let is_changed = || {
        files(cx).any(|(_, nix)| {
            let layers = nix.layers.iter().filter(|layer| layer.kind != NixLayerKind::WithPackages);
            layers.flat_map(|layer| &layer.names).any(|name| name.name == "vllm")
        })
    };
    if torch_for_rocm(cx).is_some() || changes_torch(cx) || is_changed() {
        return;
    }
    for found in uses(cx).filter(is_plain) {
        out.push_some(judge(cx, out, &found));
    }
}

/// Whether it is vLLM from a package set for no GPU in particular.
fn is_plain(found: &Use<'_>) -> bool {
    let is_used = match found.reference.role {
        NixRole::Installed | NixRole::Dependency | NixRole::Interpolated | NixRole::Package => true,
        NixRole::Argument | NixRole::Other => found.reference.is_fallback,
    };
    let is_local = found.reference.path.len() < 2;
    found.reference.package() == "vllm"
        && is_used
        && !is_local
        && found.reference.root != NixRoot::Computed
        && found.reference.argument("rocmSupport").is_none()
        && found.reference.argument("torch").is_none()
        && found.reference.argument("cudaSupport").is_none()
        && found.reference.argument("gpuTargets").is_none()
        && found.reference.argument("rocmPackages").is_none()
        && !found.mentions("rocm")
        && !found.mentions("cuda")
}

/// The package for ROCm that this one stands in for: `pkgs.pkgsRocm.vllm or pkgs.vllm`.
fn preferred(cx: &Context<'_>, found: &Use<'_>) -> Option<Place> {
    let text = cx.workspace.sources().get(found.file).text();
    let is_before = |other: &Use<'_>| {
        let between = other.reference.name.range().end..found.reference.span.range().start;
        other.file == found.file && other.mentions("rocm") && text.get(between).is_some_and(|gap| gap.trim() == "or")
    };
    found.reference.is_fallback.then(|| uses(cx).find(is_before))?.map(|other| other.place(other.reference.span))
}

fn judge(cx: &Context<'_>, out: &Findings, found: &Use<'_>) -> Option<Finding> {
    let sign = sign_of_amd(cx, found.file).or_else(|| preferred(cx, found))?;
    if is_for_nvidia(cx, found.file) || rocm_config(cx, found).is_some() {
        return None;
    }
    let message = "vLLM from plain nixpkgs is built for the CPU (VLLM_TARGET_DEVICE=cpu), in a configuration for an AMD GPU; it \
                   may also need AVX-512, and then dies of an illegal instruction on processors without it.";
    Some(
        out.finding(found.place(found.reference.name), message)
            .label("built for the CPU")
            .related(sign, "what tells of an AMD GPU")
            .help("take `pkgs.pkgsRocm.vllm`, or set `nixpkgs.config.rocmSupport = true`"),
    )
}
