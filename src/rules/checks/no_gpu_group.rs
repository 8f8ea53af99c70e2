//! GFX503: containers that may not open the GPU's devices.

use crate::context::Context;
use crate::facts::{ContainerKind, Word};
use crate::rules::Findings;

/// Looks at containers that are given a GPU but no group.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for view in cx.containers().filter(|view| !view.is_shown) {
        let container = &view.container;
        let is_given = container.devices.iter().filter_map(Word::by_default).any(|path| path.starts_with("/dev/kfd"));
        let has_engine = matches!(
            container.kind,
            ContainerKind::Docker
                | ContainerKind::Podman
                | ContainerKind::Compose
                | ContainerKind::Quadlet
                | ContainerKind::Nix
        );
        let is_fine = container.is_open || container.privileged.is_some() || !container.groups.is_empty();
        let user = container.user.as_ref().map(Word::by_default);
        let is_root = user.is_some_and(|user| {
            user.is_none_or(|user| user == "0" || user.starts_with("root") || user.starts_with("0:"))
        });
        if !is_given || !has_engine || is_fine || is_root {
            continue;
        }
        let message = "The container gets the GPU's devices but not the groups that may open them: a user other than root has no GPU in it.";
        let help = match container.kind {
            ContainerKind::Compose => {
                "add the numbers of the host's groups under `group_add:` (`getent group render video`)"
            }
            ContainerKind::Nix => "add `\"--group-add=video\"` and `\"--group-add=render\"` to `extraOptions`",
            ContainerKind::Podman | ContainerKind::Quadlet => "add `--group-add keep-groups`, or the groups' numbers",
            _ => "add `--group-add video --group-add <number of render>` (`getent group render`)",
        };
        out.push(out.finding(view.place(container.anchor), message).label("no groups").help(help));
    }
}
