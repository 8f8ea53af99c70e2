//! What a configuration says of the GPUs of its machine.

use super::{files, texts, uses};
use crate::context::Context;
use crate::deployment::is_rocm_variable;
use crate::facts::{ContainerKind, NixOption, NixValue, SettingKind, Word};
use crate::span::{FileId, Place};

/// Something in the same configuration as `file` that only makes sense with an AMD GPU.
pub(crate) fn sign_of_amd(cx: &Context<'_>, file: FileId) -> Option<Place> {
    let sources = cx.workspace.sources();
    let tree = cx.workspace.nix();
    let is_near = |other: FileId| tree.are_together(sources, file, other);
    let by_package = || {
        uses(cx).filter(|found| is_near(found.file)).find_map(|found| {
            let package = found.reference.package();
            let is_rocm = found.mentions("rocmpackages")
                || package.ends_with("-rocm") && package != "vllm-rocm"
                || found.switches_on("rocmSupport")
                || found.reference.argument("acceleration").is_some_and(|given| is_text(&given.value, "rocm"));
            is_rocm.then(|| found.place(found.reference.span))
        })
    };
    let by_option = || {
        files(cx).filter(|(other, _)| is_near(*other)).find_map(|(other, nix)| {
            let option = nix.options.iter().find(|option| is_amd(option))?;
            Some(Place { file: other, span: option.name.hull(option.value_span) })
        })
    };
    let by_setting = || {
        files(cx).filter(|(other, _)| is_near(*other)).find_map(|(other, _)| {
            let facts = cx.workspace.facts(other);
            let is_set = |kind| matches!(kind, SettingKind::UnitEnv | SettingKind::NixEnv | SettingKind::ContainerEnv);
            let setting = facts
                .settings
                .iter()
                .find(|setting| {
                    is_set(setting.kind) && is_rocm_variable(&setting.name) && setting.value.known().is_some()
                })
                .map(|setting| setting.span);
            let device = || {
                let containers = facts.containers.iter().filter(|container| container.kind == ContainerKind::Nix);
                let mut devices = containers.flat_map(|container| &container.devices);
                devices.find(|device| is_kfd(device)).map(|device| device.span)
            };
            setting.or_else(device).map(|span| Place { file: other, span })
        })
    };
    by_option().or_else(by_package).or_else(by_setting)
}

/// Whether the same configuration is for NVIDIA GPUs as well, or instead.
pub(crate) fn is_for_nvidia(cx: &Context<'_>, file: FileId) -> bool {
    let sources = cx.workspace.sources();
    let tree = cx.workspace.nix();
    files(cx).filter(|(other, _)| tree.are_together(sources, file, *other)).any(|(_, nix)| {
        nix.options.iter().any(is_nvidia)
            || nix
                .configs
                .iter()
                .any(|config| config.argument("cudaSupport").is_some_and(|given| given.value != NixValue::Bool(false)))
    })
}

fn is_kfd(device: &Word) -> bool {
    device.by_default().is_some_and(|device| device.contains("/dev/kfd"))
}

fn is_text(value: &NixValue, wanted: &str) -> bool {
    matches!(value, NixValue::Text(text) if text.known().as_deref() == Some(wanted))
}

fn lists(option: &NixOption, wanted: &str) -> bool {
    texts(&option.value).iter().any(|(text, _)| text == wanted)
}

fn is_amd(option: &NixOption) -> bool {
    let path = option.dotted().to_ascii_lowercase();
    let is_off = matches!(option.value, NixValue::Bool(false) | NixValue::Null);
    if path.ends_with("videodrivers") || path.ends_with("kernelmodules") {
        return lists(option, "amdgpu");
    }
    // `nixpkgs.config` is about packages, and judged by its own rules.
    let is_hardware = path.starts_with("hardware.amdgpu") || path.starts_with("services.") && path.contains("rocm");
    is_hardware && !is_off || path.ends_with(".acceleration") && is_text(&option.value, "rocm")
}

fn is_nvidia(option: &NixOption) -> bool {
    let path = option.dotted().to_ascii_lowercase();
    let is_off = matches!(option.value, NixValue::Bool(false) | NixValue::Null);
    path.ends_with("videodrivers") && lists(option, "nvidia")
        || path.starts_with("hardware.nvidia") && !is_off
        || path.ends_with(".acceleration") && is_text(&option.value, "cuda")
}
