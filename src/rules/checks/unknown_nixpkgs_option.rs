//! GFX604: settings of `nixpkgs.config` that nothing reads.

use crate::context::Context;
use crate::facts::NixArgument;
use crate::finding::{Applicability, Edit, Finding};
use crate::knowledge::distance;
use crate::rules::Findings;
use crate::rules::nix::{files, texts};
use crate::span::FileId;

/// Looks at every configuration of a package set.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    // An overlay of its own reads such settings.
    let has_overlay = files(cx).any(|(_, nix)| {
        nix.pins.iter().any(|pin| pin.source.contains("nixos-rocm"))
            || nix.known_names.iter().any(|name| name == "nixos-rocm")
    });
    if has_overlay {
        return;
    }
    for (file, nix) in files(cx) {
        for argument in nix.configs.iter().flat_map(|config| &config.arguments) {
            if is_about_amd(&argument.name) {
                out.push_some(judge(cx, out, file, argument));
            }
        }
    }
}

/// Whether a setting is meant for AMD GPUs, by its name.
fn is_about_amd(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["rocm", "amdgpu", "gpu_target", "gputarget", "gfx", "hipsupport"].iter().any(|part| lower.contains(part))
        // Names of packages may be keys: predicates and version pins.
        && !lower.contains("package")
}

fn judge(cx: &Context<'_>, out: &Findings, file: FileId, argument: &NixArgument) -> Option<Finding> {
    let name = argument.name.as_str();
    let known = cx.knowledge.nixpkgs().options();
    let wanted = format!("config.{name}");
    let is_read = files(cx).any(|(_, nix)| nix.known_names.contains(&wanted));
    if known.iter().any(|option| option == name) || is_read {
        return None;
    }
    let at = cx.place(file, argument.name_span);
    let message = format!("nixpkgs has no setting `config.{name}`: it is taken without a word and does nothing.");
    let finding = out.finding(at, message).label("does nothing").data("option", name);
    if let Some(near) = known.iter().find(|option| distance(option, name) <= 2) {
        let edit = vec![Edit::new(at, near.as_str())];
        return Some(finding.help(format!("did you mean {near}?")).fix(
            format!("Write {near}"),
            Applicability::Unsafe,
            edit,
        ));
    }
    let help = match texts(&argument.value).as_slice() {
        [(target, _)] if target.starts_with("gfx") => format!(
            "to build for {target} alone, add the overlay `final: prev: {{ rocmPackages = prev.rocmPackages.{target}; }}`, or \
             give `gpuTargets` to the packages"
        ),
        _ => {
            "set `rocmSupport = true`, and give `gpuTargets` to the packages that are to be built for some targets only"
                .to_owned()
        }
    };
    Some(finding.help(help))
}
