//! The heat map of a tree: an audit for each target that it is about.

use crate::arch::{Arch, ArchSet};
use crate::audit::{Audit, audit};
use crate::context::Context;
use crate::report::Paths;
use crate::stack;

/// Audits of the targets that were asked for, then of all others that are built.
pub(super) fn audits(cx: &Context<'_>, asked: ArchSet, paths: &Paths) -> Vec<Audit> {
    let others = stack::relevant(cx).difference(asked);
    asked.iter().chain(others.iter()).map(|arch| located(cx, arch, paths)).collect()
}

/// An audit with paths as output shows them.
pub(super) fn located(cx: &Context<'_>, arch: Arch, paths: &Paths) -> Audit {
    let mut audit = audit(cx, arch);
    for site in &mut audit.sites {
        site.path = paths.relative(cx.workspace.sources().get(site.file));
    }
    audit
}
