//! GFX501: containers for AMD GPUs that are not given one.

use crate::context::Context;
use crate::deployment::ContainerView;
use crate::facts::{ContainerKind, Word};
use crate::finding::{Finding, Severity};
use crate::rules::Findings;

/// What a GPU is reached through: the driver's node, and one or more render nodes.
const NODES: [&str; 2] = ["/dev/kfd", "/dev/dri"];

/// Looks at every container that works with an AMD GPU.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for view in cx.containers().filter(|view| takes_devices(view.container.kind)) {
        let is_judged = view.platform.is_rocm.is_yes() && view.is_gpu_work.is_yes();
        // A slip beside the right path of the other node is one whatever image follows.
        let gets_node =
            || view.container.devices.iter().filter_map(Word::by_default).any(|path| path.starts_with(NODES[0]));
        let slip = if is_judged || gets_node() { misspelt(out, view) } else { None };
        out.push_some(slip.or_else(|| if is_judged { missing(out, view) } else { None }));
    }
}

/// Whether devices are given one by one. Kubernetes' device plugins and claims are many, and stand elsewhere; NixOS has
/// a rule of its own (GFX609).
fn takes_devices(kind: ContainerKind) -> bool {
    !matches!(kind, ContainerKind::Unit | ContainerKind::Kubernetes | ContainerKind::Toolbox | ContainerKind::Nix)
}

/// A path that only resembles one of the nodes.
fn misspelt(out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let known = |word: &Word| word.by_default();
    let wrong = view.container.devices.iter().find(|word| {
        known(word).is_some_and(|path| {
            let host = path.split(':').next().unwrap_or_default();
            matches!(host, "/dri" | "/kfd" | "/dev/kdf" | "/dev/fkd" | "/dev/dir" | "dev/kfd" | "dev/dri")
        })
    })?;
    let path = known(wrong)?;
    let message = format!("There is no device '{path}': the engine refuses to start, or the container sees no GPU.");
    let help = if path.contains('r') { "write /dev/dri" } else { "write /dev/kfd" };
    Some(out.finding(view.place(wrong.span), message).severity(shown(out, view)).label("no such device").help(help))
}

fn missing(out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let container = &view.container;
    let is_given_otherwise = container.privileged.is_some()
        || container.is_open
        || !container.nvidia.is_empty()
        || container.runtime.as_ref().is_some_and(|runtime| runtime.by_default().as_deref() != Some("runc"))
        || !container.resources.is_empty();
    // A variable may stand for any device, and a CDI name for all.
    let paths: Option<Vec<String>> = container.devices.iter().map(Word::by_default).collect();
    let paths = paths.filter(|_| !is_given_otherwise)?;
    if paths.iter().any(|path| path.contains('=')) {
        return None;
    }
    let mounts = || container.mounts.iter().filter_map(Word::by_default);
    let is_given = |node: &&str| {
        paths.iter().any(|path| path.starts_with(node) || path == "/dev")
            || mounts().any(|path| path.starts_with(node) || path.starts_with("/dev:"))
    };
    let absent: Vec<&str> = NODES.into_iter().filter(|node| !is_given(node)).collect();
    if absent.is_empty() {
        return None;
    }
    let message =
        format!("This container is for AMD GPUs but is not given {}: ROCm finds no GPU in it.", absent.join(" and "));
    let options: Vec<String> = absent.iter().map(|node| format!("`--device {node}`")).collect();
    let help = match container.kind {
        ContainerKind::Compose => format!("add {} under `devices:`", absent.join(" and ")),
        ContainerKind::Quadlet => format!("add `AddDevice={}`", absent.join("` and `AddDevice=")),
        _ => format!("add {}", options.join(" and ")),
    };
    Some(
        out.finding(view.place(container.anchor), message)
            .severity(shown(out, view))
            .label(format!("no {}", absent.join(", no ")))
            .help(help)
            .data("devices", absent.iter().map(|node| (*node).to_owned()).collect::<Vec<_>>()),
    )
}

/// Documentation shows fragments.
fn shown(out: &Findings, view: &ContainerView<'_>) -> Severity {
    if view.is_shown { Severity::Note } else { out.severity() }
}
