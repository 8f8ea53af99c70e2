//! The layers that a target must pass on its way from a build to a running model: allow list, image, components,
//! host gates, device guards, documentation. Rules and `audit` read them from here.

mod allow;
mod builds;
mod components;
mod declarations;
mod docs;
mod families;
mod gates;
mod guards;
mod images;
mod narrow;
mod owner;
mod remarks;
mod unfinished;

pub use allow::{AllowList, allow_list_for, exact_target};
pub use builds::{ComponentBuild, component_builds, stages_of};
pub use components::{ComponentState, Pin, pin_of, state_of};
pub use declarations::{Declaration, declarations};
pub use docs::documented;
pub use families::{ImageFamily, image_families};
pub use gates::{FamilyPredicate, family_predicates, promised_family};
pub use guards::{OpenGuard, closed_stubs, open_guards, open_guards_with, sibling_guards};
pub use images::{Image, images};
pub use narrow::{NarrowGate, narrow_gates};
pub use owner::{component_of, words};
pub use remarks::remarks_near;
pub use unfinished::unfinished;

use crate::arch::ArchSet;
use crate::context::Context;
pub use crate::deployment::TARGETS_VARIABLE;
use crate::facts::SiteKind;
use crate::workspace::{ListItem, ResolvedSite, arch_list};

/// The allow lists of the build: CMake lists that cut down what the environment asks for.
pub fn allow_lists<'a>(cx: &Context<'a>) -> Vec<&'a ResolvedSite> {
    cx.sites().filter(|site| site.kind == SiteKind::CmakeSet && site.symbol.ends_with("SUPPORTED_ARCHS")).collect()
}

/// What the build compiles for; none where the run holds no allow list.
pub fn built(cx: &Context<'_>) -> Option<ArchSet> {
    allow_lists(cx).into_iter().map(|site| site.effective).reduce(ArchSet::union)
}

/// The targets by which sites are compared with one another: what the build compiles for, or, where the run holds no
/// allow list, every target that is current.
pub fn relevant(cx: &Context<'_>) -> ArchSet {
    built(cx).unwrap_or_else(|| cx.knowledge.select(|fact| fact.status == "current"))
}

/// Whether every item of a list is a target that compilers know. A list with a misspelt item (GFX119) is not compared
/// with others: it would differ from all of them for that one reason.
pub fn is_well_formed(cx: &Context<'_>, site: &ResolvedSite) -> bool {
    let via = site.via.filter(|via| via.file != site.at.file);
    let file = via.map_or(site.at.file, |via| via.file);
    let place = via.unwrap_or(site.at);
    let facts = cx.workspace.facts(file);
    let mut settings = facts.settings.iter().filter(|setting| setting.span == place.span);
    let lists = settings.by_ref().filter_map(|setting| arch_list(&setting.value, cx.universe()));
    let is_known = |item: &ListItem| {
        item.text == "native"
            || item.text == "all"
            || (!item.covers.is_empty() && item.covers.iter().all(|arch| cx.knowledge.arch(arch).status != "withdrawn"))
    };
    lists.flat_map(|list| list.items).all(|item| is_known(&item))
}

/// The documentation's requirement lists.
pub fn docs_lists<'a>(cx: &Context<'a>) -> Vec<&'a ResolvedSite> {
    cx.workspace.sites().iter().filter(|site| site.kind == SiteKind::DocsList).collect()
}
