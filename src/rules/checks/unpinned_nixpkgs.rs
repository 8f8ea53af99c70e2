//! GFX617: package sets for ROCm that are another thing tomorrow.

use crate::context::Context;
use crate::facts::NixPin;
use crate::rules::Findings;
use crate::rules::nix::{files, sign_of_amd, texts};
use crate::span::{FileId, Place};

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
        for option in nix.options.iter().filter(|option| option.dotted().ends_with("permittedInsecurePackages")) {
            for (name, span) in texts(&option.value).into_iter().filter(|(name, _)| name.contains("vllm-")) {
                let message = format!("{name} is marked insecure in this nixpkgs; later ones have a vLLM that is not.");
                out.push(
                    out.finding(Place { file, span }, message)
                        .label("marked insecure")
                        .help("update the nixpkgs that vLLM is taken from"),
                );
            }
        }
    }
}

fn is_moving(pin: &NixPin) -> bool {
    let source = pin.source.as_str();
    let has_commit = source
        .split(['/', '=', '.', '#', '?', '&'])
        .any(|part| part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    !has_commit
        && (source.starts_with('<')
            || source.contains("unstable")
            || source.contains("master")
            || source.contains("channels.nixos.org"))
}

/// Whether a file takes ROCm from the package set.
fn is_about_rocm(cx: &Context<'_>, file: FileId) -> bool {
    sign_of_amd(cx, file).is_some_and(|at| at.file == file)
        || files(cx)
            .any(|(own, nix)| own == file && nix.configs.iter().any(|config| config.argument("rocmSupport").is_some()))
}
