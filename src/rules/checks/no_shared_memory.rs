//! GFX504: vLLM in containers with little shared memory.

use crate::context::Context;
use crate::deployment::ContainerView;
use crate::facts::{ContainerKind, Word};
use crate::finding::{Finding, Severity};
use crate::rules::Findings;

/// Looks at containers that start vLLM.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for view in cx.containers().filter(|view| !view.is_shown && view.platform.is_rocm.is_yes()) {
        let is_judged =
            !view.launches.is_empty() && !matches!(view.container.kind, ContainerKind::Unit | ContainerKind::Toolbox);
        if is_judged {
            out.push_some(missing(out, view).or_else(|| doubled(out, view)));
        }
    }
}

fn missing(out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let container = &view.container;
    let is_mounted =
        container.mounts.iter().any(|mount| mount.by_default().is_none_or(|mount| mount.contains("/dev/shm")));
    if container.is_open || container.ipc.is_some() || container.shm_size.is_some() || is_mounted {
        return None;
    }
    let ranks = |word: &Word| word.by_default().and_then(|count| count.parse::<u32>().ok());
    let several = view.launches.iter().any(|launch| {
        launch
            .option("tensor-parallel-size")
            .and_then(|option| option.value.as_ref())
            .and_then(ranks)
            .is_some_and(|count| count > 1)
    });
    let message = if several {
        "Several GPUs share data through /dev/shm, of which a container has 64 MiB unless told otherwise: RCCL stops for lack of space."
    } else {
        "A container has 64 MiB of shared memory unless told otherwise; vLLM's processes exchange data through it."
    };
    let help = match container.kind {
        ContainerKind::Compose => "add `ipc: host` or `shm_size: 16g`",
        ContainerKind::Nix => "add `\"--ipc=host\"` or `\"--shm-size=16g\"` to `extraOptions`",
        _ => "add `--ipc=host` or `--shm-size 16g`",
    };
    Some(
        out.finding(view.place(container.anchor), message)
            .severity(if several { Severity::Warning } else { out.severity() })
            .label("64 MiB of shared memory")
            .help(help),
    )
}

/// A size that the host's namespace makes void.
fn doubled(out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let container = &view.container;
    let size = container.shm_size.as_ref()?;
    let is_host = container.ipc.as_ref().and_then(Word::by_default).is_some_and(|ipc| ipc == "host");
    is_host.then(|| {
        out.finding(
            view.place(size.span),
            "With the host's IPC namespace the container uses the host's /dev/shm, and this size does nothing.",
        )
        .label("does nothing")
        .help("keep one of the two")
    })
}
