//! CMake conditions that add a source for fewer targets than its own guard and host test are written for.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::facts::{ArchExpr, SiteKind};
use crate::span::{FileId, Place, Span};

/// A condition that leaves a source out.
#[derive(Debug, Clone)]
pub struct NarrowGate {
    /// The condition.
    pub condition: Place,
    /// The source that it adds, as written, and where.
    pub path: String,
    /// Where the source is named.
    pub source: Place,
    /// The device guard of its kernels.
    pub guard: Place,
    /// Its host test.
    pub test: Place,
    /// The targets that it is written for, that are built, and for which it is left out.
    pub lost: ArchSet,
}

/// All such conditions, if these targets are built.
pub fn narrow_gates(cx: &Context<'_>, built: ArchSet) -> Vec<NarrowGate> {
    let mut found = Vec::new();
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
                found.push(NarrowGate {
                    condition: Place { file, span: gate.condition_span },
                    path: path.clone(),
                    source: Place { file, span: *span },
                    guard,
                    test,
                    lost,
                });
            }
        }
    }
    found
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
