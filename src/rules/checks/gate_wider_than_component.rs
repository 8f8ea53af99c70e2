//! GFX105: host gates of a component that admit targets which the image does not build the component for.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::facts::{ArchExpr, Definition, DefinitionKind, Sense, SiteKind};
use crate::finding::Finding;
use crate::knowledge::Component;
use crate::rules::Findings;
use crate::span::{FileId, Place};
use crate::stack::{self, ComponentBuild, ImageFamily};
use crate::workspace::ResolvedSite;

/// A place that decides for which targets a component is used.
struct Gate<'a> {
    component: &'a Component,
    site: &'a ResolvedSite,
    admitted: ArchSet,
}

/// Reports each gate once, with the first image family that it is too wide for.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let families = stack::image_families(cx);
    for gate in gates(cx) {
        for family in &families {
            let builds: Vec<_> =
                family.builds_of(gate.component).filter(|build| build.switched_off(cx).is_none()).collect();
            let built = builds.iter().fold(ArchSet::EMPTY, |set, build| set.union(build.site.effective));
            let reached = gate.admitted.intersection(family.targets());
            let extra = reached.difference(built);
            // A gate that shares nothing with the build is for another path, such as kernels in Triton.
            if !builds.is_empty() && !extra.is_empty() && !reached.intersection(built).is_empty() {
                out.push(report(cx, out, &gate, family, &builds, extra, built));
                break;
            }
        }
    }
}

/// The gates of the run: a predicate that bears a component's name or stands in its module, and conditions that turn
/// targets away there.
fn gates<'a>(cx: &Context<'a>) -> Vec<Gate<'a>> {
    let mut found: Vec<Gate<'a>> = Vec::new();
    let all = cx.universe().all();
    for site in cx
        .sites()
        .filter(|site| matches!(site.kind, SiteKind::PythonTest | SiteKind::PythonPredicate | SiteKind::PythonOrdinal))
    {
        let Some(component) = stack::component_of(cx, site.at.file, &site.symbol) else { continue };
        let definition = definition(cx, site.at.file, &site.symbol);
        let admitted = match definition {
            Some(_) => {
                cx.workspace.truth(cx.knowledge, site.at.file, "", &ArchExpr::Named(site.symbol.clone())).can_hold
            }
            None if site.sense == Sense::Refuses || is_asserted(cx, site) || asks_for_support(&site.symbol) => {
                site.effective
            }
            None => continue,
        };
        let derived = site.via.is_some_and(|via| via_names(cx, via, component));
        let twice = found.iter().any(|gate| gate.site.at.file == site.at.file && gate.site.symbol == site.symbol);
        let narrowed = admitted == all || admitted.is_empty() || site.negated;
        if !derived && !twice && !narrowed && !is_compiled_at_run_time(cx, site, definition) {
            found.push(Gate { component, site, admitted });
        }
    }
    found
}

/// Whether a condition stands in an `assert`.
fn is_asserted(cx: &Context<'_>, site: &ResolvedSite) -> bool {
    let before = cx.workspace.sources().get(site.at.file).text().get(..site.at.span.start as usize).unwrap_or_default();
    let mut lines = before.lines().rev().map(str::trim_start);
    let (own, above) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    own.starts_with("assert") || above.trim_end() == "assert ("
}

/// Whether a function decides if something is used at all, by its name: `if_aiter_supported.wrapper`.
fn asks_for_support(symbol: &str) -> bool {
    stack::words(symbol).iter().any(|word| matches!(word.as_str(), "supported" | "available" | "enabled" | "usable"))
}

fn definition<'a>(cx: &Context<'a>, file: FileId, symbol: &str) -> Option<&'a Definition> {
    cx.workspace.facts(file).definitions.iter().find(|definition| {
        definition.name == symbol && matches!(definition.kind, DefinitionKind::Function | DefinitionKind::Constant)
    })
}

/// Whether the set comes from another gate of the same component, which is reported itself.
fn via_names(cx: &Context<'_>, via: Place, component: &Component) -> bool {
    let facts = cx.workspace.facts(via.file);
    facts.definitions.iter().any(|definition| {
        definition.span == via.span
            && stack::component_of(cx, via.file, &definition.name).is_some_and(|other| other.name == component.name)
    })
}

/// Whether the gate is for kernels that Triton compiles at run time, for any target: its name or its text says so.
fn is_compiled_at_run_time(cx: &Context<'_>, site: &ResolvedSite, definition: Option<&Definition>) -> bool {
    let text = cx.workspace.sources().get(site.at.file).text();
    let body = definition
        .and_then(|definition| text.get(definition.span.start as usize..site.at.span.end as usize))
        .unwrap_or_default();
    [site.symbol.as_str(), body].iter().any(|text| text.to_ascii_lowercase().contains("triton"))
}

fn report(
    cx: &Context<'_>,
    out: &Findings,
    gate: &Gate<'_>,
    family: &ImageFamily<'_>,
    builds: &[&ComponentBuild<'_>],
    extra: ArchSet,
    built: ArchSet,
) -> Finding {
    let universe = cx.universe();
    let (title, missing) = (gate.component.short_title(), universe.list(extra));
    let message = format!(
        "{} lets {missing} through to {title}, but the image builds {title} for {} only.",
        gate.site.symbol,
        universe.list(built)
    );
    let mut finding = out
        .finding(gate.site.at, message)
        .label(format!("admits {missing}"))
        .data("arch", universe.names(extra))
        .data("component", gate.component.name.clone());
    if let Some(via) = gate.site.via {
        finding = finding.related(via, "the predicate that decides");
    }
    for build in builds.iter().filter(|build| build.site.via.is_none() || build.setting.filter.is_some()) {
        finding = finding.related(cx.value(build.site), format!("{title} is built for this list"));
    }
    if let Some(image) = family.images.first() {
        finding = finding.related(cx.value(image.list), format!("the image itself is built for {missing} as well"));
    }
    finding.help(format!("narrow the gate to what {title} is built for; do not lengthen the component's list without kernels for {missing}"))
}
