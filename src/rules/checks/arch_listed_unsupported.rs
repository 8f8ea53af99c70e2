//! GFX103: targets that CMake's allow list names and nothing else of the tree does.

use crate::arch::{Arch, ArchSet};
use crate::context::Context;
use crate::facts::{ArchExpr, DefinitionKind, SiteKind};
use crate::finding::{Finding, Severity};
use crate::rules::Findings;
use crate::span::Place;
use crate::stack::{self, Image, TARGETS_VARIABLE};
use crate::workspace::{ListItem, ResolvedSite, arch_list};

/// Reports each listed target that no image ships, no host gate admits and no kernel is guarded for.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let images = stack::images(cx);
    let admitted = admitted(cx);
    // Without an image and a gate, the run does not hold what the list is to be compared with.
    if images.is_empty() || admitted.is_empty() {
        return;
    }
    let known = shipped(cx, &images).union(admitted).union(guarded(cx));
    for site in stack::allow_lists(cx) {
        let Some(list) = cx.workspace.setting(site).and_then(|setting| arch_list(&setting.value, cx.universe())) else {
            continue;
        };
        if built_from_source_only(cx, site.at) {
            continue;
        }
        for item in &list.items {
            let Some(arch) = stack::exact_target(cx, &item.text).filter(|&arch| !known.contains(arch)) else {
                continue;
            };
            out.push(report(cx, out, site, item, arch, &images));
        }
    }
}

/// What images are built for, those for one target and lists of build scripts included.
fn shipped(cx: &Context<'_>, images: &[Image<'_>]) -> ArchSet {
    let by_image = images.iter().fold(ArchSet::EMPTY, |set, image| set.union(image.targets));
    cx.sites()
        .filter(|site| site.kind != SiteKind::CmakeSet && site.symbol.ends_with(TARGETS_VARIABLE))
        .fold(by_image, |set, site| set.union(site.effective))
}

/// What host gates admit by name; those made of capability numbers are written for NVIDIA's. A gate that more than half
/// of all targets pass (`"gfx1" in name`) is for the vendor, not for a target.
fn admitted(cx: &Context<'_>) -> ArchSet {
    let half = cx.universe().all().len() / 2;
    let is_gate =
        |site: &&ResolvedSite| matches!(site.kind, SiteKind::PythonTest | SiteKind::PythonList | SiteKind::HostTest);
    cx.sites()
        .filter(is_gate)
        .filter(|site| !site.negated && site.effective.len() <= half)
        .fold(ArchSet::EMPTY, |set, site| set.union(site.effective))
}

/// What kernels are compiled for under a guard. A macro that no kernel depends on says nothing.
fn guarded(cx: &Context<'_>) -> ArchSet {
    let all = cx.universe().all();
    let mut set = ArchSet::EMPTY;
    for (file, _, facts) in cx.files() {
        for branch in facts
            .guards
            .iter()
            .flat_map(|chain| &chain.branches)
            .filter(|branch| !branch.is_stub && !branch.kernels.is_empty())
        {
            let holds = cx.workspace.truth(cx.knowledge, file, "", &branch.condition).can_hold;
            if !matches!(branch.condition, ArchExpr::Constant(_)) && holds.len() <= all.len() / 2 {
                set = set.union(holds);
            }
        }
    }
    set
}

/// Whether a comment on the list says that it is for builds from source.
fn built_from_source_only(cx: &Context<'_>, list: Place) -> bool {
    let file = cx.workspace.sources().get(list.file);
    let (text, lines) = (file.text(), file.lines());
    let own = lines.line_of(list.span.start);
    let above = (0..own)
        .rev()
        .map(|line| lines.line_span(text, line).text(text).trim())
        .take_while(|line| line.starts_with('#'));
    let beside = lines
        .line_span(text, lines.line_of(list.span.end))
        .text(text)
        .split_once('#')
        .map_or("", |(_, comment)| comment);
    above
        .chain([beside])
        .map(str::to_ascii_lowercase)
        .any(|line| line.contains("source build") || line.contains("source-build") || line.contains("from source"))
}

fn report(
    cx: &Context<'_>,
    out: &Findings,
    site: &ResolvedSite,
    item: &ListItem,
    arch: Arch,
    images: &[Image<'_>],
) -> Finding {
    let name = cx.universe().name(arch);
    let at = item.span.map_or_else(|| cx.value(site), |span| Place { file: site.at.file, span });
    let refusals: Vec<_> = cx
        .knowledge
        .components
        .iter()
        .filter(|component| component.required)
        .map(|component| stack::state_of(cx, component, arch, None))
        .filter(|state| state.verdict == "unsupported")
        .collect();
    let refused = if refusals.is_empty() {
        String::new()
    } else {
        format!(
            ", and {} refuses it",
            refusals.iter().map(|state| state.component.short_title()).collect::<Vec<_>>().join(", ")
        )
    };
    let mut finding = out
        .finding(at, format!("{} lists '{name}', but no image of this tree is built for it, no host gate admits it and no kernel is guarded for it{refused}.", site.symbol))
        .severity(if refusals.is_empty() { out.severity() } else { Severity::Warning })
        .label("listed here alone")
        .data("arch", name)
        .data("list", site.symbol.clone())
        .data("components", refusals.iter().map(|state| state.component.name.clone()).collect::<Vec<_>>());
    for image in images.iter().filter(|image| image.own && !image.for_one_target) {
        finding = finding.related(cx.value(image.list), format!("this image is not built for {name}"));
    }
    for gate in stack::family_predicates(cx, arch).into_iter().filter(|gate| is_definition(cx, gate.site)) {
        finding = finding.related(gate.site.at, format!("{} leaves {name} out", gate.site.symbol));
    }
    for state in &refusals {
        if let Some(pin) = &state.pin {
            finding = finding
                .related(pin.at, format!("{} at this ref does not support {name}", state.component.short_title()));
        }
    }
    finding.help(format!("a build for {name} succeeds and then falls back or fails; say in a comment that it is for source builds only, or complete the other layers (`gfxlint audit --arch {name}`); do not add it to a predicate such as on_gfx9(), which opens paths that it has no kernels for"))
}

/// Whether a gate is a predicate's own test, not a method of that name elsewhere.
fn is_definition(cx: &Context<'_>, site: &ResolvedSite) -> bool {
    cx.workspace
        .facts(site.at.file)
        .definitions
        .iter()
        .any(|definition| definition.name == site.symbol && definition.kind != DefinitionKind::Macro)
}
