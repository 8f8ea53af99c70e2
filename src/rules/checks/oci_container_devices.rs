//! GFX609: containers of NixOS for AMD GPUs: devices, tags that move, ports that do nothing.

use crate::context::Context;
use crate::deployment::ContainerView;
use crate::facts::{ContainerKind, Word};
use crate::finding::{Finding, Severity};
use crate::knowledge::Platform;
use crate::rules::Findings;

/// What a GPU is reached through.
const NODES: [&str; 2] = ["/dev/kfd", "/dev/dri"];

/// Looks at every container of NixOS, quadlet-nix or home-manager that is for AMD GPUs.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for view in cx.containers().filter(|view| view.container.kind == ContainerKind::Nix) {
        if !view.platform.is_rocm.is_yes() {
            continue;
        }
        if !view.is_gpu_work.is_no() {
            out.push_some(missing(out, view));
        }
        out.push_some(moving(cx, out, view));
        out.push_some(ports(out, view));
    }
}

fn missing(out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let container = &view.container;
    let is_given_otherwise = container.privileged.is_some()
        || container.is_open
        || !container.nvidia.is_empty()
        || container.runtime.is_some();
    let paths: Option<Vec<String>> = container.devices.iter().map(Word::by_default).collect();
    let paths = paths.filter(|_| !is_given_otherwise)?;
    // A CDI name stands for all nodes.
    if paths.iter().any(|path| path.contains('=')) {
        return None;
    }
    let mounts: Vec<String> = container.mounts.iter().filter_map(Word::by_default).collect();
    let is_given = |node: &&str| paths.iter().chain(&mounts).any(|path| path.starts_with(node) || path == "/dev");
    let absent: Vec<&str> = NODES.into_iter().filter(|node| !is_given(node)).collect();
    if absent.is_empty() {
        return None;
    }
    let options: Vec<String> = absent.iter().map(|node| format!("\"--device={node}\"")).collect();
    let message =
        format!("This container is for AMD GPUs but is not given {}: ROCm finds no GPU in it.", absent.join(" and "));
    Some(
        out.finding(view.place(container.anchor), message)
            .label(format!("no {}", absent.join(", no ")))
            .help(format!("add the paths to `devices`, or {} to the options of the engine", options.join(" and ")))
            .data("devices", absent.iter().map(|node| (*node).to_owned()).collect::<Vec<_>>()),
    )
}

/// An image for ROCm whose content depends on when it was fetched.
fn moving(cx: &Context<'_>, out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let image = view.image.as_ref().filter(|image| !image.by_default)?;
    let name = image.text.rsplit('/').next().unwrap_or_default();
    let is_rocm = cx.knowledge.images().describe(&image.text).platform == Some(Platform::Rocm);
    let moves = is_rocm && !name.contains('@') && (!name.contains(':') || name.ends_with(":latest"));
    moves.then(|| {
        let message = format!(
            "{} is another image after each release: a rebuild of this configuration does not bring it back.",
            image.text
        );
        out.finding(image.at, message)
            .severity(Severity::Warning)
            .label("moves")
            .help("name a release, or a digest (`image@sha256:...`)")
    })
}

/// Ports beside the host's network.
fn ports(out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let container = &view.container;
    let host = container.networks.iter().find(|network| network.known().as_deref() == Some("host"))?;
    let port = container.ports.first()?;
    let message = "With the host's network the container's ports are the host's, and this mapping does nothing.";
    Some(
        out.finding(view.place(port.span), message)
            .severity(Severity::Note)
            .label("does nothing")
            .related(view.place(host.span), "the host's network")
            .help("keep one of the two"),
    )
}
