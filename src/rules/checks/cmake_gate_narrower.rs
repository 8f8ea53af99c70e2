//! GFX117: a source that CMake adds for fewer targets than its own guard and host test are written for.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::rules::Findings;
use crate::stack;

/// Reports each source behind a CMake condition that is narrower than the source.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let Some(built) = stack::built(cx) else { return };
    for gate in stack::narrow_gates(cx, built) {
        let names = cx.universe().list(gate.lost);
        out.push(
            out.finding(
                gate.condition,
                format!(
                    "A build for {names} alone leaves '{}' out, although its kernels are written for {}.",
                    gate.path,
                    plural(gate.lost)
                ),
            )
            .label(format!("does not name {names}"))
            .related(gate.source, "the source that it adds")
            .related(gate.guard, "its device guard")
            .related(gate.test, "its host test")
            .data("arch", cx.universe().names(gate.lost))
            .data("source", gate.path)
            .help(format!(
                "widen the condition to the family that the guard names, if the kernel was tried on {names}"
            )),
        );
    }
}

fn plural(lost: ArchSet) -> &'static str {
    if lost.len() == 1 { "it" } else { "them" }
}
