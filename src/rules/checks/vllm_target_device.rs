//! GFX412: vLLM told to be built for something else than ROCm, in a ROCm image.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::Reach;
use crate::facts::{NixValue, SettingKind};
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::rules::Findings;
use crate::rules::nix::{Use, changes_torch, rocm_config, torch_for_rocm, uses};

/// The variable that chooses the device (vLLM `setup.py`).
const NAME: &str = "VLLM_TARGET_DEVICE";

/// Looks at where each image for ROCm with vLLM sets it, and at packages of Nix.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    images(cx, out);
    for found in uses(cx).filter(|found| found.reference.package() == "vllm") {
        out.push_some(package(cx, out, &found));
    }
}

/// The variable in attributes that an override of a Nix package sets.
fn package(cx: &Context<'_>, out: &Findings, found: &Use<'_>) -> Option<Finding> {
    let changes = found.reference.overrides.iter().filter(|change| change.method != "override");
    let own = changes.filter(|change| found.reference.span.contains(change.span)).flat_map(|change| &change.arguments);
    let within = own.flat_map(|argument| match (&argument.value, argument.name.as_str()) {
        (NixValue::Set(attributes, _), "env") => attributes.iter().collect(),
        _ => vec![argument],
    });
    let argument = within.into_iter().find(|argument| argument.name == NAME)?;
    let NixValue::Text(text) = &argument.value else { return None };
    let value = text.known()?;
    let is_rocm = found.switches_on("rocmSupport") || found.mentions("rocm");
    let at = found.place(argument.value_span);
    if is_rocm && matches!(value.as_str(), "cpu" | "cuda") {
        let message = format!("{NAME}={value} builds vLLM for {}, in a package for ROCm.", value.to_uppercase());
        let finding = out.finding(at, message).severity(Severity::Error).label("not rocm");
        return Some(finding.help("leave it out: the package of nixpkgs sets it"));
    }
    let is_forced = value == "rocm" && !is_rocm && found.reference.argument("rocmSupport").is_none();
    if !is_forced || rocm_config(cx, found).is_some() || torch_for_rocm(cx).is_some() || changes_torch(cx) {
        return None;
    }
    let message = format!(
        "{NAME}=rocm alone changes nothing else: what vLLM is built from and with stays that of the CPU build."
    );
    Some(
        out.finding(at, message)
            .severity(Severity::Error)
            .label("the rest stays for the CPU")
            .help("use `pkgs.pkgsRocm.vllm`, or `.override { rocmSupport = true; }` with a torch for ROCm"),
    )
}

fn images(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = BTreeSet::new();
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes() && image.has_vllm()) {
        for setting in image.path.settings(Reach::Whole).filter(|setting| setting.name == NAME) {
            let at = setting.place(setting.value_span);
            let value = image.path.text(&setting.fact.value, setting.place(setting.span));
            let Some(value) = value.filter(|value| matches!(value.as_str(), "cpu" | "cuda" | "empty" | "tpu" | "xpu"))
            else {
                continue;
            };
            // An argument's default is for the caller to replace, and counts where it is handed on.
            if setting.kind == SettingKind::DockerArg || !seen.insert(at) {
                continue;
            }
            let what = match value.as_str() {
                "empty" => "builds no kernels at all".to_owned(),
                other => format!("builds vLLM for {}", other.to_uppercase()),
            };
            let message = format!("{NAME}={value} {what}, in an image for ROCm.");
            // vLLM until 0.13 took "cuda" for ROCm as well, where torch was built for HIP.
            let is_taken = value == "cuda" && image.vllm().is_none_or(|vllm| !vllm.release.is_from("0.14"));
            let mut finding = out
                .finding(at, message)
                .severity(if is_taken { Severity::Warning } else { Severity::Error })
                .label("not rocm")
                .help(format!("set `{NAME}=rocm`, or leave it out: vLLM 0.14 and later see ROCm by themselves"));
            if let Some(because) = image.platform.because.filter(|because| *because != at) {
                finding = finding.related(because, "the image is for ROCm");
            }
            let is_written = at.span.text(cx.workspace.sources().get(at.file).text()) == value;
            out.push(if is_written {
                finding.fix("Build for ROCm", Applicability::Unsafe, vec![Edit::new(at, "rocm")])
            } else {
                finding
            });
        }
    }
}
