//! GFX617: package sets for ROCm that are another thing tomorrow.

use crate::context::Context;
use crate::facts::{NixFile, NixPin, NixValue};
use crate::finding::Finding;
use crate::rules::Findings;
use crate::rules::nix::{Use, files, sign_of_amd, texts, uses};
use crate::span::{FileId, Place, Span};

/// The setting that lets packages through which are marked insecure.
const PERMITTED: &str = "permittedInsecurePackages";

/// Looks at where files that are about ROCm take their packages from.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, nix) in files(cx) {
        for pin in nix.pins.iter().filter(|pin| !pin.is_input && is_moving(pin)) {
            if !is_about_rocm(cx, file) {
                continue;
            }
            let message = format!(
                "{} is another nixpkgs after each update: the ROCm stack is built anew then, for hours.",
                pin.source
            );
            let help = "pin a revision: a flake with its lock file, or `fetchTarball` with a commit and `sha256`";
            out.push(out.finding(Place { file, span: pin.span }, message).label("moves").help(help));
        }
        out.push_some(unlocked(cx, out, file, nix));
        insecure(out, file, nix);
    }
}

/// A vLLM that is let through though it is marked insecure.
fn insecure(out: &mut Findings, file: FileId, nix: &NixFile) {
    let options = nix.options.iter().filter(|option| option.dotted().ends_with(PERMITTED)).map(|option| &option.value);
    let configs = nix.configs.iter().filter_map(|config| config.argument(PERMITTED)).map(|argument| &argument.value);
    let mut names: Vec<(String, Span)> = options.chain(configs).flat_map(texts).collect();
    names.retain(|(name, _)| name.contains("vllm-"));
    names.sort_by_key(|(_, span)| *span);
    names.dedup();
    for (name, span) in names {
        let message = format!("{name} is marked insecure in this nixpkgs; later ones have a vLLM that is not.");
        out.push(
            out.finding(Place { file, span }, message)
                .label("marked insecure")
                .help("update the nixpkgs that vLLM is taken from"),
        );
    }
}

/// A flake that names a branch, without the lock file that says which commit of it.
fn unlocked(cx: &Context<'_>, out: &Findings, file: FileId, nix: &NixFile) -> Option<Finding> {
    let path = &cx.workspace.sources().get(file).path;
    let folder = path.strip_suffix("flake.nix").filter(|folder| folder.is_empty() || folder.ends_with('/'))?;
    let folder = folder.trim_end_matches('/');
    // Whoever starts from a template locks it.
    let is_template = folder.split('/').any(|part| matches!(part, "template" | "templates"));
    if is_template || !cx.workspace.lacks(folder, "flake.lock") {
        return None;
    }
    let pin = nix.pins.iter().find(|pin| pin.is_input && names_no_release(pin))?;
    if !describes_rocm(cx, file) {
        return None;
    }
    let message = format!(
        "No flake.lock lies beside this flake, and {} is another nixpkgs tomorrow: the ROCm stack is built anew then, \
         for hours.",
        pin.source
    );
    Some(
        out.finding(Place { file, span: pin.span }, message)
            .label("not locked")
            .help("run `nix flake lock` and commit flake.lock, or write a commit into the address"),
    )
}

fn is_moving(pin: &NixPin) -> bool {
    let source = pin.source.as_str();
    !pin.is_fixed
        && !has_commit(source)
        && (source.starts_with('<')
            || source.contains("unstable")
            || source.contains("master")
            || source.contains("channels.nixos.org"))
}

/// Whether an input is a branch, or whatever the registry holds: neither a commit, nor a tag, nor a folder.
fn names_no_release(pin: &NixPin) -> bool {
    let source = pin.source.as_str();
    let reference = source.split('?').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let is_tag = source.contains("refs/tags/") || reference.starts_with(|first: char| first.is_ascii_digit());
    let is_fixed = pin.is_fixed || has_commit(source) || source.contains("rev=") || source.contains("narHash=");
    !is_fixed && !is_tag && !source.starts_with("path:")
}

fn has_commit(source: &str) -> bool {
    source
        .split(['/', '=', '.', '#', '?', '&'])
        .any(|part| part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a file takes ROCm from the package set.
fn is_about_rocm(cx: &Context<'_>, file: FileId) -> bool {
    sign_of_amd(cx, file).is_some_and(|at| at.file == file)
        || files(cx)
            .any(|(own, nix)| own == file && nix.configs.iter().any(|config| config.argument("rocmSupport").is_some()))
}

/// Whether a flake, or a file that it imports, has packages built for ROCm.
fn describes_rocm(cx: &Context<'_>, flake: FileId) -> bool {
    let is_on = |nix: &NixFile| {
        let switches = nix.configs.iter().filter_map(|config| config.argument("rocmSupport"));
        switches.into_iter().any(|switch| !matches!(switch.value, NixValue::Bool(false) | NixValue::Null))
    };
    let is_of_flake = |file: FileId| file == flake || cx.workspace.nix_reaches(flake, file);
    let config = || files(cx).any(|(file, nix)| is_on(nix) && is_of_flake(file));
    let package = || {
        uses(cx).any(|found| {
            let is_ours = if found.file == flake { takes_rocm(&found) } else { is_built(&found) };
            is_ours && is_of_flake(found.file)
        })
    };
    config() || package()
}

/// Whether a package is one for ROCm.
fn takes_rocm(found: &Use<'_>) -> bool {
    found.mentions("rocm") || is_built(found)
}

/// Whether a package is one that takes hours and that no cache holds: PyTorch or what is built on it.
fn is_built(found: &Use<'_>) -> bool {
    let is_large = ["torch", "vllm", "sglang"].iter().any(|part| found.reference.package().contains(part));
    found.mentions("pkgsrocm") || found.switches_on("rocmSupport") || is_large && found.mentions("rocm")
}
