//! Device guards that are narrower than the host gates in front of them: targets that are compiled, let through, and
//! then meet a stub.

use crate::arch::{Arch, ArchSet, MatchMode};
use crate::context::Context;
use crate::facts::{ArchExpr, DefinitionKind, GuardBranch, GuardChain, SiteKind};
use crate::span::{FileId, Place};
use crate::workspace::ResolvedSite;

/// A guard with targets that reach it and are not in it.
#[derive(Debug, Clone)]
pub struct OpenGuard {
    /// The list in the guard that should name them: the condition of the macro, or of the branch.
    pub guard: Place,
    /// The targets that end in the stub.
    pub targets: ArchSet,
    /// The stub's directive.
    pub stub: Place,
    /// The host gate that lets them through.
    pub gate: Place,
    /// The first kernel that is a stub for them.
    pub kernel: String,
    /// What the guard is defined for.
    pub guarded: ArchSet,
}

/// All such guards of the run, one for each list that would have to grow.
pub fn open_guards(cx: &Context<'_>) -> Vec<OpenGuard> {
    open_guards_with(cx, ArchSet::EMPTY)
}

/// The same as if the build compiled for these targets as well.
pub fn open_guards_with(cx: &Context<'_>, more: ArchSet) -> Vec<OpenGuard> {
    let Some(built) = super::built(cx).map(|built| built.union(more)) else { return Vec::new() };
    let mut open: Vec<OpenGuard> = Vec::new();
    for (file, _, facts) in cx.files() {
        for chain in &facts.guards {
            for found in stranded(cx, file, chain, built) {
                match open.iter_mut().find(|known| known.guard == found.guard) {
                    Some(known) => known.targets = known.targets.union(found.targets),
                    None => open.push(found),
                }
            }
        }
    }
    open
}

/// Macros of device code that list the siblings of a target by name and not the target: one for each list.
pub fn sibling_guards<'a>(cx: &Context<'a>, arch: Arch) -> Vec<&'a ResolvedSite> {
    let generation = |arch: Arch| cx.knowledge.arch(arch).family.split('.').next().unwrap_or_default();
    let is_sibling = |name: &String| {
        cx.universe().find(name).is_some_and(|other| other != arch && generation(other) == generation(arch))
    };
    let lists_siblings = |site: &&ResolvedSite| {
        let siblings = site.written.iter().filter(|name| is_sibling(name)).count();
        site.kind == SiteKind::DeviceMacro
            && site.mode == MatchMode::Exact
            && !site.negated
            // A guard for one target is for that one on purpose.
            && siblings > 1
            && !site.effective.contains(arch)
    };
    cx.sites().filter(lists_siblings).collect()
}

/// Kernels that are stubs for a target and that its host gate keeps it away from; the first of each file.
pub fn closed_stubs(cx: &Context<'_>, arch: Arch) -> Vec<OpenGuard> {
    let mut found: Vec<OpenGuard> = Vec::new();
    for (file, _, facts) in cx.files() {
        for chain in &facts.guards {
            let live: Vec<&GuardBranch> = live_branches(chain);
            let stub = chain.branches.iter().find(|branch| branch.is_stub);
            let (Some(stub), Some((kernel, gate, admitted)), false) = (stub, gate_of(cx, chain), live.is_empty())
            else {
                continue;
            };
            let holds = |branch: &&GuardBranch| cx.workspace.truth(cx.knowledge, file, "", &branch.condition).can_hold;
            let guarded = live.iter().map(holds).fold(ArchSet::EMPTY, ArchSet::union);
            if guarded.contains(arch) || admitted.contains(arch) || found.iter().any(|known| known.guard.file == file) {
                continue;
            }
            found.push(OpenGuard {
                guard: nearest_list(cx, file, &live, arch),
                targets: [arch].into_iter().collect(),
                stub: Place { file, span: stub.span },
                gate,
                kernel,
                guarded,
            });
        }
    }
    found
}

/// The branches that hold something for some targets.
fn live_branches(chain: &GuardChain) -> Vec<&GuardBranch> {
    chain.branches.iter().filter(|branch| !branch.is_stub && branch.condition != ArchExpr::Constant(true)).collect()
}

/// What a chain strands: built, let through by its kernels' gate, and caught by its stub.
fn stranded(cx: &Context<'_>, file: FileId, chain: &GuardChain, built: ArchSet) -> Vec<OpenGuard> {
    let all = cx.universe().all();
    let stubs: Vec<&GuardBranch> = chain.branches.iter().filter(|branch| branch.is_stub).collect();
    let live = live_branches(chain);
    let (Some(stub), false) = (stubs.first(), live.is_empty()) else { return Vec::new() };
    let Some((kernel, gates, admitted)) = gate_of(cx, chain) else { return Vec::new() };
    let holds = |branch: &GuardBranch| cx.workspace.truth(cx.knowledge, file, "", &branch.condition).can_hold;
    let guarded = live.iter().fold(ArchSet::EMPTY, |set, branch| set.union(holds(branch)));
    // A condition that could not be read may hold for every target: nothing is known then.
    if guarded == all {
        return Vec::new();
    }
    let trapped = trapped_inside(cx, file, &live);
    let targets =
        built.intersection(admitted).difference(guarded).union(built.intersection(admitted).intersection(trapped));
    let mut found: Vec<OpenGuard> = Vec::new();
    for target in targets.iter() {
        let guard = nearest_list(cx, file, &live, target);
        let alone: ArchSet = [target].into_iter().collect();
        match found.iter_mut().find(|known| known.guard == guard) {
            Some(known) => known.targets = known.targets.union(alone),
            None => found.push(OpenGuard {
                guard,
                targets: alone,
                stub: Place { file, span: stub.span },
                gate: gates,
                kernel: kernel.clone(),
                guarded,
            }),
        }
    }
    // One chain with one stub is one fault: the list that most of the targets are nearest to stands for it.
    if found.len() > 1 {
        let union = found.iter().fold(ArchSet::EMPTY, |set, open| set.union(open.targets));
        let largest = found
            .iter()
            .enumerate()
            .max_by_key(|(at, open)| (open.targets.len(), usize::MAX - at))
            .map_or(0, |(at, _)| at);
        let mut kept = found.swap_remove(largest);
        kept.targets = union;
        return vec![kept];
    }
    found
}

/// The kernels' host gate: what it admits, and where it stands.
fn gate_of(cx: &Context<'_>, chain: &GuardChain) -> Option<(String, Place, ArchSet)> {
    let kernels = || chain.branches.iter().flat_map(|branch| &branch.kernels);
    let (entry, kernel) = cx.knowledge.kernels.iter().find_map(|entry| {
        Some((entry, kernels().find(|kernel| entry.names.iter().any(|start| kernel.starts_with(start.as_str())))?))
    })?;
    let in_gate = |symbol: &str| entry.gates.iter().any(|gate| symbol.split('.').any(|part| part == gate));
    let is_gate = |site: &&ResolvedSite| {
        !site.negated && in_gate(&site.symbol) && cx.workspace.sources().get(site.at.file).language == "python"
    };
    let sites: Vec<&ResolvedSite> = cx.sites().filter(is_gate).collect();
    let first = *sites.first()?;
    // A gate that tests for one target alone treats it in a way of its own: what it then starts is unknown.
    let own_way = sites
        .iter()
        .filter(|site| site.effective.len() == 1)
        .fold(ArchSet::EMPTY, |set, site| set.union(site.effective));
    let (widest, admitted) = sites.iter().copied().fold((first, first.effective), |(widest, set), site| {
        (if site.effective.len() > widest.effective.len() { site } else { widest }, set.union(site.effective))
    });
    Some((kernel.clone(), widest.at, admitted.difference(own_way)))
}

/// Targets that a nested guard inside a live branch sends to a trap.
fn trapped_inside(cx: &Context<'_>, file: FileId, live: &[&GuardBranch]) -> ArchSet {
    let nested = cx.workspace.facts(file).guards.iter().flat_map(|chain| &chain.branches);
    nested
        .filter(|branch| {
            branch.is_stub && live.iter().any(|outer| outer.body.contains(branch.body) && outer.body != branch.body)
        })
        .filter(|branch| branch.condition != ArchExpr::Constant(true))
        .map(|branch| cx.workspace.truth(cx.knowledge, file, "", &branch.condition).can_hold)
        .filter(|&set| set != cx.universe().all())
        .fold(ArchSet::EMPTY, ArchSet::union)
}

/// The list of targets that `target` is closest to by name: in the conditions of the branches or of the macros that
/// they test.
fn nearest_list(cx: &Context<'_>, file: FileId, live: &[&GuardBranch], target: Arch) -> Place {
    let facts = cx.workspace.facts(file);
    let name = cx.universe().name(target);
    let mut lists: Vec<(Place, &ArchExpr)> =
        live.iter().map(|branch| (Place { file, span: branch.span }, &branch.condition)).collect();
    for macro_name in live.iter().flat_map(|branch| branch.condition.names()) {
        if facts.definitions.iter().any(|known| known.kind == DefinitionKind::Macro && known.name == macro_name)
            && let Some(site) =
                facts.arch_sites.iter().find(|site| site.symbol == macro_name && !site.expr.tokens().is_empty())
        {
            lists.push((Place { file, span: site.span }, &site.expr));
        }
    }
    let nearness = |expr: &ArchExpr| {
        expr.tokens()
            .iter()
            .map(|token| token.name.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count())
            .max()
            .unwrap_or(0)
    };
    let first = lists.first().map(|(place, _)| *place);
    let best = lists
        .iter()
        .filter(|(_, expr)| nearness(expr) > 3 && !is_family(expr))
        .max_by_key(|(place, expr)| (nearness(expr), std::cmp::Reverse(place.span)));
    best.map(|(place, _)| *place).or(first).unwrap_or(Place { file, span: crate::span::Span::default() })
}

/// Whether a condition tests a whole family (`__GFX11__`), which needs no further names.
fn is_family(expr: &ArchExpr) -> bool {
    let mut family = false;
    expr.visit(&mut |part| family |= matches!(part, ArchExpr::Matches { mode: MatchMode::Prefix, .. }));
    family
}
