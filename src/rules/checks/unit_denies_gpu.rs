//! GFX616: services that work with an AMD GPU and may not open it.

use crate::context::Context;
use crate::deployment::{ContainerView, is_rocm_variable};
use crate::facts::{Confinement, ContainerKind};
use crate::finding::{Finding, Severity};
use crate::rules::Findings;
use crate::rules::nix::{is_for_nvidia, sign_of_amd};

/// Services that modules of nixpkgs start, with the groups that a GPU takes.
const OF_MODULES: &[&str] = &["ollama", "llama-cpp", "llama-swap"];

/// Looks at every service that starts vLLM, or is given variables of ROCm, on a machine with an AMD GPU.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for view in cx.containers().filter(|view| view.container.kind == ContainerKind::Unit) {
        if works_with_gpu(cx, view) {
            let denied = denied(out, view);
            let is_denied = denied.is_some();
            out.push_some(denied);
            if !is_denied {
                out.push_some(hidden(out, view).or_else(|| groups(cx, out, view)));
            }
            out.push_some(memory(out, view));
        }
    }
}

fn works_with_gpu(cx: &Context<'_>, view: &ContainerView<'_>) -> bool {
    let file = view.file();
    let facts = cx.workspace.facts(file);
    let has_variable = facts.settings.iter().any(|setting| {
        setting.container == Some(view.index) && is_rocm_variable(&setting.name) && setting.value.known().is_some()
    });
    let is_amd = || facts.nix.is_some() && sign_of_amd(cx, file).is_some() && !is_for_nvidia(cx, file);
    has_variable || view.platform.is_rocm.is_yes() || !view.launches.is_empty() && (cx.touches_amd(file) || is_amd())
}

fn find<'v>(view: &'v ContainerView<'_>, name: &str) -> Option<&'v Confinement> {
    view.container.fact.confinement.iter().rfind(|own| own.name == name)
}

fn is_on(confinement: &Confinement) -> bool {
    let value = confinement.values.first().and_then(|word| word.known());
    value.is_some_and(|value| matches!(value.as_str(), "true" | "yes" | "on" | "1"))
}

fn denied(out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let own = find(view, "PrivateDevices").filter(|own| is_on(own))?;
    let message =
        "PrivateDevices gives the service a /dev of its own, without /dev/kfd and /dev/dri: ROCm finds no GPU.";
    Some(
        out.finding(view.place(own.span), message)
            .label("no GPU in it")
            .help("set it to false; the groups `render` and `video` decide who opens the GPU"),
    )
}

/// A list of devices without the GPU's.
fn hidden(out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let own = find(view, "DeviceAllow")?;
    let words: Option<Vec<String>> = own.values.iter().map(|word| word.known()).collect();
    let words = words.filter(|words| !words.is_empty())?;
    let absent: Vec<&str> = [("kfd", "char-kfd"), ("dr", "char-drm")]
        .into_iter()
        .filter(|(part, _)| {
            !words.iter().any(|word| word.contains(&format!("/{part}")) || word.contains(&format!("char-{part}")))
        })
        .map(|(_, name)| name)
        .collect();
    (!absent.is_empty()).then(|| {
        let message =
            format!("DeviceAllow lets the service open only what it lists, and {} is not in it.", absent.join(" and "));
        out.finding(view.place(own.span), message)
            .severity(Severity::Note)
            .label(format!("no {}", absent.join(", no ")))
            .help("add \"char-kfd\" and \"char-drm\"")
    })
}

/// A user of its own without the groups.
fn groups(cx: &Context<'_>, out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    // What a module of NixOS starts gets its groups from the module.
    let is_of_module = view.container.fact.name.as_deref().is_some_and(|name| OF_MODULES.contains(&name));
    if is_of_module && cx.workspace.facts(view.file()).nix.is_some() {
        return None;
    }
    let dynamic = find(view, "DynamicUser").filter(|own| is_on(own)).map(|own| own.span);
    let user = view.container.fact.user.as_ref().filter(|user| user.known().is_none_or(|name| name != "root"));
    let at = dynamic.or(user.map(|user| user.span))?;
    if !view.container.groups.is_empty() || find(view, "SupplementaryGroups").is_some() {
        return None;
    }
    // A user that is declared elsewhere may have the groups by itself.
    if dynamic.is_none() && may_be_in_groups(cx, user.and_then(|user| user.known()).as_deref()) {
        return None;
    }
    let message = "The service runs as a user of its own that is not in the groups which may open the GPU.";
    Some(
        out.finding(view.place(at), message)
            .severity(Severity::Note)
            .label("not in render and video")
            .help("add `SupplementaryGroups = [ \"render\" \"video\" ];`"),
    )
}

/// Whether the configuration may put a user into a group that opens the GPU.
fn may_be_in_groups(cx: &Context<'_>, user: Option<&str>) -> bool {
    let opens = |group: &String| matches!(group.as_str(), "render" | "video");
    cx.workspace.nix_groups(user).any(|own| own.is_open || own.groups.iter().any(opens))
}

fn memory(out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let own = find(view, "MemoryDenyWriteExecute").filter(|own| is_on(own))?;
    let message = "ROCm and Triton compile at run time, and memory that is written and then run is denied here.";
    Some(
        out.finding(view.place(own.span), message)
            .severity(Severity::Note)
            .label("denies compiled kernels")
            .help("set it to false"),
    )
}
