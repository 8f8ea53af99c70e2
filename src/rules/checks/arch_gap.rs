//! GFX101: one chain for each target that was asked for and that a required layer lacks.

use crate::arch::Arch;
use crate::context::Context;
use crate::facts::SiteKind;
use crate::rules::Findings;
use crate::span::Place;
use crate::stack;

/// A place in the chain: which layer, where, and what it says of the target.
struct Link {
    layer: &'static str,
    at: Place,
    missing: bool,
    message: String,
}

/// Reports the chain of each target.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for arch in cx.options.targets.iter() {
        let chain = chain(cx, arch);
        // Documentation follows what is shipped; it is no gap on its own.
        let Some(first) = chain.iter().find(|link| link.missing && link.layer != "docs") else { continue };
        let name = cx.universe().name(arch);
        let mut layers: Vec<_> = chain.iter().filter(|link| link.missing).map(|link| link.layer).collect();
        layers.dedup();
        let product =
            cx.knowledge.arch(arch).products.first().map(|product| format!(" ({product})")).unwrap_or_default();
        let message = format!(
            "'{name}'{product} does not get through this tree: {}. Layers that lack it: {}.",
            first.message,
            layers.join(", ")
        );
        let mut finding =
            out.finding(first.at, message).label(first.message.clone()).data("arch", name).data("layers", layers);
        for link in chain.iter().filter(|link| link.at != first.at || link.layer != first.layer) {
            finding = finding.related(link.at, format!("{}: {}", link.layer, link.message));
        }
        out.push(finding.help(help(cx, arch)));
    }
}

/// Every layer of the tree for a target, from build to documentation.
fn chain(cx: &Context<'_>, arch: Arch) -> Vec<Link> {
    let name = cx.universe().name(arch);
    let mut links = Vec::new();
    let mut push = |layer, at, missing, message: String| links.push(Link { layer, at, missing, message });
    for site in stack::allow_lists(cx) {
        let missing = !site.effective.contains(arch);
        push(
            "build",
            cx.value(site),
            missing,
            if missing {
                format!("CMake drops it: {} does not list it", site.symbol)
            } else {
                format!("{} lists it", site.symbol)
            },
        );
    }
    let images = stack::images(cx);
    let shipped = images.iter().find(|image| image.targets.contains(arch));
    match shipped {
        Some(image) => push("image", cx.value(image.list), false, format!("{} lists it", image.list.symbol)),
        None => {
            for image in images.iter().filter(|image| image.own && !image.for_one_target) {
                push(
                    "image",
                    cx.value(image.list),
                    true,
                    format!("the image is not built for it: {} does not list it", image.list.symbol),
                );
            }
        }
    }
    // Where no image is built, packages of Nix are what is shipped.
    let lists = || cx.sites().filter(|site| site.kind == SiteKind::NixList);
    if images.is_empty() && !lists().any(|site| site.effective.contains(arch)) {
        for site in lists() {
            let message = format!("the package is not built for it: {} does not list it", site.symbol);
            push("image", cx.value(site), true, message);
        }
    }
    for component in cx.knowledge.components.iter().filter(|component| component.required) {
        let state = stack::state_of(cx, component, arch, shipped.map(|image| image.file));
        if let (Some(pin), "unsupported") = (&state.pin, state.verdict) {
            let reason = component.blocks.as_deref().map(|blocks| format!(" ({blocks})")).unwrap_or_default();
            push("component", pin.at, true, format!("{} does not support it{reason}", component.title));
        }
    }
    let gates = stack::family_predicates(cx, arch);
    if !gates.iter().any(|gate| gate.site.effective.contains(arch)) {
        for gate in &gates {
            push("host gate", gate.site.at, true, format!("{} leaves it out", gate.site.symbol));
        }
    }
    for open in stack::open_guards(cx).into_iter().filter(|open| open.targets.contains(arch)) {
        push("device guard", open.guard, true, format!("kernels such as {} are stubs for it", open.kernel));
    }
    for site in stack::docs_lists(cx) {
        let missing = !site.effective.contains(arch);
        push(
            "docs",
            site.at,
            missing,
            format!("the documentation {} {name}", if missing { "does not list" } else { "lists" }),
        );
    }
    links
}

/// What to do, and what not to.
fn help(cx: &Context<'_>, arch: Arch) -> String {
    let name = cx.universe().name(arch);
    let mut parts = Vec::new();
    for component in cx.knowledge.components.iter().filter(|component| component.required) {
        let state = stack::state_of(cx, component, arch, None);
        if state.verdict == "unsupported" {
            let pin = state.pin.map(|pin| format!(" at {}", pin.value)).unwrap_or_default();
            parts.push(format!(
                "{}{pin} cannot compile for {name}, so no list in this tree can make it work; a port of {} comes first",
                component.title, component.name
            ));
        }
    }
    let rejecting = rejecting_builds(cx, arch);
    if rejecting.is_empty() {
        parts.push(format!("`gfxlint audit --arch {name}` shows every site and component"));
    } else {
        parts.push(format!(
            "do not just add {name} to the image's list: the build of {} gets the same list and rejects it",
            rejecting.join(" and of ")
        ));
    }
    parts.join("; ")
}

/// The component builds that would be given the target if the image's list had it, and that stop on it; each component
/// once, with the places of its builds.
fn rejecting_builds(cx: &Context<'_>, arch: Arch) -> Vec<String> {
    let name = cx.universe().name(arch);
    let mut found: Vec<(&str, Vec<String>)> = Vec::new();
    for build in stack::component_builds(cx) {
        let state = stack::state_of(cx, build.component, arch, Some(build.at().file));
        let rejects = state.support.is_some_and(|support| support.rejects_others && !support.supported.contains(arch));
        if !rejects || !build.given(cx, name).is_some_and(|given| given.contains(arch)) {
            continue;
        }
        let place = cx.describe(build.at());
        match found.iter_mut().find(|(title, _)| *title == build.component.title) {
            Some((_, places)) => places.push(place),
            None => found.push((&build.component.title, vec![place])),
        }
    }
    found.into_iter().map(|(title, places)| format!("{title} ({})", places.join(", "))).collect()
}
