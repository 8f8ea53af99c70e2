//! GFX117: a source that CMake adds for fewer targets than its own guard and host test are written for.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::facts::{ArchExpr, SiteKind};
use crate::rules::Findings;
use crate::span::{FileId, Place, Span};
use crate::stack;

/// Reports each source behind a CMake condition that is narrower than the source.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let Some(built) = stack::built(cx) else { return };
    for (file, source, facts) in cx.files() {
        let folder = source.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        for gate in &facts.gates {
            let admitted = cx.workspace.truth(cx.knowledge, file, "", &gate.expr).can_hold;
            for (path, span) in &gate.sources {
                let Some(kernel) = cx.workspace.sources().find(&format!("{folder}{path}")) else { continue };
                let Some((guard, covered)) = device_guard(cx, kernel) else { continue };
                let Some((test, tested)) = host_test(cx, kernel) else { continue };
                let lost = covered.intersection(tested).intersection(built).difference(admitted);
                if lost.is_empty() || covered.intersection(admitted).is_empty() {
                    continue;
                }
                let names = cx.universe().list(lost);
                out.push(
                    out.finding(
                        Place { file, span: gate.condition_span },
                        format!(
                            "A build for {names} alone leaves '{path}' out, although its kernels are written for {}.",
                            plural(lost)
                        ),
                    )
                    .label(format!("does not name {names}"))
                    .related(Place { file, span: *span }, "the source that it adds")
                    .related(guard, "its device guard")
                    .related(test, "its host test")
                    .data("arch", cx.universe().names(lost))
                    .data("source", path.clone())
                    .help(format!(
                        "widen the condition to the family that the guard names, if the kernel was tried on {names}"
                    )),
                );
            }
        }
    }
}

fn plural(lost: ArchSet) -> &'static str {
    if lost.len() == 1 { "it" } else { "them" }
}

/// The widest guard around kernels of a file that is no stub, and the targets that all such guards cover.
fn device_guard(cx: &Context<'_>, file: FileId) -> Option<(Place, ArchSet)> {
    let all = cx.universe().all();
    let branches = cx.workspace.facts(file).guards.iter().flat_map(|chain| &chain.branches);
    let guards = branches
        .filter(|branch| !branch.is_stub && branch.condition != ArchExpr::Constant(true) && !branch.kernels.is_empty());
    let covered: Vec<(Span, ArchSet)> = guards
        .map(|branch| (branch.span, cx.workspace.truth(cx.knowledge, file, "", &branch.condition).can_hold))
        .collect();
    let widest = covered
        .iter()
        .filter(|(_, set)| *set != all)
        .max_by_key(|(span, set)| (set.len(), std::cmp::Reverse(*span)))?;
    let together = covered.iter().map(|(_, set)| *set).filter(|&set| set != all).reduce(ArchSet::intersection)?;
    Some((Place { file, span: widest.0 }, together))
}

/// What the file's own host tests let through.
fn host_test(cx: &Context<'_>, file: FileId) -> Option<(Place, ArchSet)> {
    let sites =
        cx.sites().filter(|site| site.at.file == file && site.kind == SiteKind::HostTest && !site.written.is_empty());
    sites.map(|site| (site.at, site.effective)).reduce(|(at, set), (_, other)| (at, set.intersection(other)))
}
