//! The gap set of a target.

use super::routes::opened;
use super::{Gap, blocking};
use crate::arch::{Arch, ArchSet};
use crate::context::Context;
use crate::finding::Edit;
use crate::span::{FileId, Place};
use crate::stack::{self, AllowList, Image};
use crate::workspace::{ResolvedSite, arch_list};

/// Routes that are named one by one before the rest is counted.
const MOST_ROUTES: usize = 4;

/// Every place that the target needs and that lacks it, in working order.
pub fn gaps(cx: &Context<'_>, arch: Arch) -> Vec<Gap> {
    let target = Target { cx, arch, name: cx.universe().name(arch), rejecting: rejecting_builds(cx, arch) };
    let mut gaps = target.build();
    gaps.extend(target.image());
    gaps.extend(target.components());
    gaps.extend(target.host_gates());
    gaps.extend(target.device_guards());
    // A target that has all it needs runs without these kernels; one that is being added may want them.
    if !gaps.is_empty() {
        gaps.extend(target.closed_kernels(&gaps));
    }
    gaps.extend(target.docs());
    gaps
}

/// A component build that would be given the target with the image's list, and that stops on it.
struct Rejecting {
    title: String,
    at: Place,
    pin: Option<String>,
}

struct Target<'c, 'a> {
    cx: &'c Context<'a>,
    arch: Arch,
    name: &'c str,
    rejecting: Vec<Rejecting>,
}

impl<'a> Target<'_, 'a> {
    fn gap(&self, at: Place, layer: &'static str, why: String, edit: Option<Edit>) -> Gap {
        Gap { at, layer, why, edit, is_optional: false }
    }

    fn optional(&self, at: Place, layer: &'static str, why: String) -> Gap {
        Gap { at, layer, why, edit: None, is_optional: true }
    }

    /// The allow list, and conditions under which kernels that are written for the target are left out.
    fn build(&self) -> Vec<Gap> {
        let lacking = stack::allow_lists(self.cx).into_iter().filter(|site| !site.effective.contains(self.arch));
        let mut gaps: Vec<Gap> = lacking
            .map(|site| {
                let why = format!("{} does not list {}, so CMake drops it without a word", site.symbol, self.name);
                self.gap(self.cx.value(site), "build", why, self.insertion(site))
            })
            .collect();
        let built = stack::built(self.cx).unwrap_or_default().union(self.alone());
        for narrow in stack::narrow_gates(self.cx, built).into_iter().filter(|narrow| narrow.lost.contains(self.arch)) {
            let why = format!(
                "needs more than a list entry: the condition leaves {} out of a build for {} alone, although its kernels are written for it; widen the condition once the kernels are tried",
                narrow.path, self.name
            );
            gaps.push(self.gap(narrow.condition, "build", why, None));
        }
        gaps
    }

    fn alone(&self) -> ArchSet {
        [self.arch].into_iter().collect()
    }

    /// The entry that a list takes; none where its elements are not written out.
    fn insertion(&self, site: &'a ResolvedSite) -> Option<Edit> {
        let list = arch_list(&self.cx.workspace.setting(site)?.value, self.cx.universe())?;
        let edit = AllowList { site, list }.insertion(self.cx, self.arch)?;
        // Elements that stand elsewhere belong to the list that this one takes over.
        site.at.span.contains(edit.at.span).then_some(edit)
    }

    fn image(&self) -> Vec<Gap> {
        let images = stack::images(self.cx);
        let main: Vec<&Image<'a>> = images.iter().filter(|image| image.own && !image.for_one_target).collect();
        let ships = |image: &&Image<'_>| image.targets.contains(self.arch);
        if let Some(image) = images.iter().filter(ships).max_by_key(|image| image.own) {
            return self.copies(image);
        }
        let blocked = blocking(self.cx, self.arch).next().is_some();
        let mut gaps = Vec::new();
        for image in main {
            let rejecting = self.rejecting.iter().find(|build| build.at.file == image.file);
            let mut why =
                format!("{} does not list {}, so the image has no kernels for it", image.list.symbol, self.name);
            if let Some(build) = rejecting {
                why = format!(
                    "{why}; not the entry alone: {} is built from the same list at {} and stops on it",
                    build.title,
                    self.cx.describe(build.at)
                );
            }
            let edit = if rejecting.is_some() || blocked { None } else { self.insertion(image.list) };
            gaps.push(self.gap(self.cx.value(image.list), "image", why, edit));
            gaps.extend(self.copies(image));
        }
        gaps
    }

    /// Lists elsewhere that repeat the image's.
    fn copies(&self, image: &Image<'_>) -> Vec<Gap> {
        let is_copy = |site: &&ResolvedSite| {
            site.at != image.list.at
                && site.at.file != image.file
                && site.via.is_none()
                && site.written.len() > 1
                && site.symbol.to_ascii_uppercase().replace('-', "_").ends_with("ROCM_ARCH")
                && !site.effective.contains(self.arch)
                && site.effective == image.targets.difference(self.alone())
        };
        self.cx
            .sites()
            .filter(is_copy)
            .map(|site| {
                let why = format!(
                    "a copy of the list at {}: it has to change with that one, or better be read from there",
                    self.cx.describe(image.list.at)
                );
                self.gap(self.cx.value(site), "image", why, None)
            })
            .collect()
    }

    /// Pins of components that cannot do without work, and builds that stop on the target.
    fn components(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for state in blocking(self.cx, self.arch) {
            let at = state.pin.as_ref().map(|pin| pin.at).or_else(|| {
                let image = stack::images(self.cx).into_iter().find(|image| image.own);
                image
                    .map(|image| self.cx.value(image.list))
                    .or_else(|| stack::allow_lists(self.cx).first().map(|site| site.at))
            });
            let Some(at) = at else { continue };
            let pinned = state.pin.as_ref().map(|pin| format!(" at {}", pin.value)).unwrap_or_default();
            let blocks = state.component.blocks.as_deref().map(|blocks| format!(" ({blocks})")).unwrap_or_default();
            let why = format!(
                "needs more than a list entry: {}{pinned} does not support {}{blocks}; pin a version or a fork that does",
                state.component.title, self.name
            );
            gaps.push(self.gap(at, "component", why, None));
        }
        for build in &self.rejecting {
            let pinned = build.pin.as_ref().map(|pin| format!(" at {pin}")).unwrap_or_default();
            let why = format!(
                "needs more than a list entry: {}{pinned} has no kernels for {} and its build stops on it; this line hands it the image's list, so let the filter drop {} or build the image without {}",
                build.title, self.name, self.name, build.title
            );
            gaps.push(self.gap(build.at, "component", why, None));
        }
        gaps
    }

    /// Predicates named after the target's family, where none of them holds for it.
    fn host_gates(&self) -> Vec<Gap> {
        let gates = stack::family_predicates(self.cx, self.arch);
        if gates.iter().any(|gate| gate.site.effective.contains(self.arch)) {
            return Vec::new();
        }
        gates
            .iter()
            .map(|gate| {
                let symbol = gate.site.symbol.rsplit('.').next().unwrap_or_default();
                let routes = opened(self.cx, gate.site);
                let named: Vec<String> = routes.iter().take(MOST_ROUTES).map(|route| self.cx.describe(route.at)).collect();
                let rest = routes.len().saturating_sub(named.len());
                let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
                let what = if named.is_empty() {
                    String::new()
                } else {
                    format!(": it decides at {}{more}", named.join(", "))
                };
                let why = format!(
                    "needs more than a list entry: {symbol} leaves {} out, and widening it opens paths written for {}{what}; define a predicate for {} and use it where a path is known to work",
                    self.name,
                    self.cx.universe().list(gate.site.effective),
                    self.name
                );
                self.gap(gate.site.at, "host-gate", why, None)
            })
            .collect()
    }

    /// Kernels that are stubs for the target once it is built, and guards that name its siblings one by one.
    fn device_guards(&self) -> Vec<Gap> {
        let mut gaps = self.stubs();
        for site in stack::sibling_guards(self.cx, self.arch) {
            if gaps.iter().any(|gap| gap.at == site.at) {
                continue;
            }
            let why = format!(
                "needs more than a list entry: {} names {} one by one and leaves {} out, so the kernels behind it are not compiled for {}; extend it if they work there",
                site.symbol,
                site.written.join(", "),
                self.name,
                self.name
            );
            gaps.push(self.gap(site.at, "device-guard", why, None));
        }
        gaps
    }

    /// Kernels that exist for other targets alone, behind gates that keep this one away.
    fn closed_kernels(&self, known: &[Gap]) -> Vec<Gap> {
        let closed = stack::closed_stubs(self.cx, self.arch);
        let is_new = |file: FileId| !known.iter().any(|gap| gap.layer == "device-guard" && gap.at.file == file);
        closed
            .into_iter()
            .filter(|closed| is_new(closed.guard.file))
            .map(|closed| {
                let why = format!(
                    "optional, needs kernels: {} and its like exist for {} alone and are stubs for {}; the host gate at {} keeps it away, so it runs without them until that gate is widened",
                    closed.kernel,
                    self.cx.universe().list(closed.guarded),
                    self.name,
                    self.cx.describe(closed.gate)
                );
                self.optional(closed.guard, "device-guard", why)
            })
            .collect()
    }

    fn stubs(&self) -> Vec<Gap> {
        let open = stack::open_guards_with(self.cx, self.alone());
        open.into_iter()
            .filter(|open| open.targets.contains(self.arch))
            .map(|open| {
                let why = format!(
                    "needs more than a list entry: the host gate at {} lets {} through, and kernels such as {} are stubs that stop the process there; extend the guard if they work on {}",
                    self.cx.describe(open.gate),
                    self.name,
                    open.kernel,
                    self.name
                );
                self.gap(open.guard, "device-guard", why, None)
            })
            .collect()
    }

    fn docs(&self) -> Vec<Gap> {
        let blocked = blocking(self.cx, self.arch).next().is_some();
        let lacking = stack::docs_lists(self.cx).into_iter().filter(|site| !site.effective.contains(self.arch));
        lacking
            .map(|site| {
                let why = format!(
                    "the requirement list does not name {}: its users are told that it does not work",
                    self.name
                );
                let edit =
                    (!blocked && self.rejecting.is_empty()).then(|| stack::documented(self.cx, site.at, self.alone()));
                self.gap(site.at, "docs", why, edit)
            })
            .collect()
    }
}

/// The component builds that would be given the target if the image's list had it, and that stop on it.
fn rejecting_builds(cx: &Context<'_>, arch: Arch) -> Vec<Rejecting> {
    let name = cx.universe().name(arch);
    let images = stack::images(cx);
    let mut found = Vec::new();
    for build in stack::component_builds(cx) {
        let state = stack::state_of(cx, build.component, arch, Some(build.at().file));
        let rejects = state.support.is_some_and(|support| {
            support.rejects_others && !support.supported.contains(arch) && !support.experimental.contains(arch)
        });
        let given = build.given(cx, &joined(cx, &images, build.at().file, name));
        if !rejects || build.switched_off(cx).is_some() || !given.is_some_and(|given| given.contains(arch)) {
            continue;
        }
        let place = Rejecting {
            title: build.component.short_title().to_owned(),
            at: build.at(),
            pin: state.pin.map(|pin| pin.value),
        };
        if !found.iter().any(|known: &Rejecting| known.at == place.at) {
            found.push(place);
        }
    }
    found
}

/// The list of the image that a file builds with the target behind what it has: filters look at separators.
fn joined(cx: &Context<'_>, images: &[Image<'_>], file: FileId, name: &str) -> String {
    let own = images.iter().find(|image| image.file == file);
    let mut names = own.map(|image| cx.universe().names(image.targets)).unwrap_or_default();
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
    names.join(";")
}
