//! GFX615: vLLM for ROCm that is packaged by hand, without what its build or its start needs.

use crate::context::Context;
use crate::facts::{NixArgument, NixDerivation, NixValue};
use crate::rules::Findings;
use crate::rules::nix::files;
use crate::span::Place;

/// Looks at every Python package called vLLM.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, nix) in files(cx) {
        // nixpkgs' own.
        if cx.workspace.sources().get(file).path.contains("python-modules/vllm/") {
            continue;
        }
        for derivation in nix.derivations.iter().filter(|own| own.name == "vllm" || own.name.starts_with("vllm-rocm")) {
            let missing = missing(derivation);
            let Some(first) = missing.first() else { continue };
            let message = format!("This builds vLLM for ROCm {}.", missing.join(", and "));
            let at = Place { file, span: derivation.name_span };
            let label = first.split(':').next().unwrap_or_default().to_owned();
            let help = "compare it with `pkgs/development/python-modules/vllm` of nixpkgs, or override that: \
                        `pkgs.pkgsRocm.vllm.overridePythonAttrs`";
            out.push(out.finding(at, message).label(label).help(help));
        }
    }
}

/// What is missing, as parts of a sentence.
fn missing(derivation: &NixDerivation) -> Vec<String> {
    let variable = |name: &str| derivation.environment.iter().rfind(|variable| variable.name == name);
    let is_rocm = variable("VLLM_TARGET_DEVICE").is_some_and(|device| is_text(device, "rocm"));
    let mut found = Vec::new();
    if !is_rocm {
        return found;
    }
    let is_missing = |name: &str| variable(name).is_none() && !derivation.is_open;
    if is_missing("PYTORCH_ROCM_ARCH") {
        found.push(
            "without PYTORCH_ROCM_ARCH: the sandbox has no GPU to ask, so the list of targets is not known".to_owned(),
        );
    }
    if is_missing("ROCM_PATH") && variable("ROCM_HOME").is_some() {
        found.push("with ROCM_HOME alone: its CMake files look for ROCM_PATH".to_owned());
    }
    if !derivation.has_open_inputs && !derivation.inputs.iter().any(|input| input == "amdsmi") {
        found.push("without amdsmi: vLLM then sees no ROCm when it starts".to_owned());
    }
    found
}

fn is_text(argument: &NixArgument, wanted: &str) -> bool {
    matches!(&argument.value, NixValue::Text(text) if text.known().as_deref() == Some(wanted))
}
