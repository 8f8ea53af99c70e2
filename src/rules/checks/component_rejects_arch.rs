//! GFX106: lists that a component's own build refuses.

use crate::context::Context;
use crate::facts::Filter;
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::knowledge::Support;
use crate::rules::Findings;
use crate::span::{Place, Span};
use crate::stack::{self, ComponentBuild, Pin};
use crate::workspace::{ArchList, arch_list};

/// Reports each component build that is given a target which the component refuses.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let builds = stack::component_builds(cx);
    for build in &builds {
        let Some(list) = arch_list(&build.setting.value, cx.universe()) else { continue };
        // `GPU_ARCHS=${AITER_ROCM_ARCH}` only hands on what the other setting says.
        let handed_on = build.setting.filter.is_none()
            && builds
                .iter()
                .any(|other| other.component.name == build.component.name && build.site.via == Some(other.at()));
        if handed_on || build.switched_off(cx).is_some() {
            continue;
        }
        let pin = stack::pin_of(cx, build.component, Some(build.at().file));
        let (Some(support), exact) = build.component.support_at(pin.as_ref().map(|pin| pin.value.as_str())) else {
            continue;
        };
        let refused = refused(cx, &list, support);
        if support.rejects_others && !refused.is_empty() {
            out.push(report(cx, out, build, &refused, support, pin.as_ref(), exact));
        }
    }
}

/// The elements that the component's list does not hold. Generic targets are in none of them.
fn refused(cx: &Context<'_>, list: &ArchList, support: &Support) -> Vec<String> {
    let accepts = |name: &str| {
        stack::exact_target(cx, name)
            .is_some_and(|arch| support.supported.contains(arch) || support.experimental.contains(arch))
    };
    let mut refused: Vec<String> = list
        .items
        .iter()
        .filter(|item| !item.covers.is_empty() && !accepts(&item.text))
        .map(|item| item.text.clone())
        .collect();
    refused.dedup();
    refused
}

fn report(
    cx: &Context<'_>,
    out: &Findings,
    build: &ComponentBuild<'_>,
    refused: &[String],
    support: &Support,
    pin: Option<&Pin>,
    exact: bool,
) -> Finding {
    let title = build.component.short_title();
    let names = refused.join(", ");
    let at_ref = pin.map(|pin| format!(" at {}", pin.value)).unwrap_or_default();
    let message = if exact {
        format!(
            "The build of {title}{at_ref} is given {names} and stops: it accepts {} only.",
            cx.universe().list(support.supported)
        )
    } else {
        format!(
            "The build of {title}{at_ref} is given {names}, which the nearest known version refuses: it accepts {} only.",
            cx.universe().list(support.supported)
        )
    };
    let mut finding = out
        .finding(build.at(), message)
        .severity(if exact { out.severity() } else { Severity::Note })
        .label(format!("passes {names} on"))
        .data("arch", refused.to_vec())
        .data("component", build.component.name.clone());
    if let Some(via) = source(cx, build) {
        finding = finding.related(via, "the list comes from here");
    }
    if let Some(pin) = pin {
        finding = finding.related(pin.at, format!("{title} is pinned here"));
    }
    match widened(cx, build, refused) {
        Some(edit) => finding
            .help(format!("let the filter take {names} out, or do without {title} on such images; adding to {title}'s own list does not give it kernels"))
            .fix(format!("let the filter drop {names} as well"), Applicability::DisplayOnly, vec![edit]),
        None => finding.help(format!("hand {title} a list of its own without {names}, or do without it on such images; a newer version may accept more")),
    }
}

/// Where the list that goes into the build is written: behind references, as far as this file has it.
fn source(cx: &Context<'_>, build: &ComponentBuild<'_>) -> Option<Place> {
    let file = build.at().file;
    let settings = &cx.workspace.facts(file).settings;
    let mut at = build.site.via.filter(|via| via.file == file)?.span;
    for _ in 0..8 {
        let next = settings.iter().find(|setting| setting.span == at).and_then(|setting| setting.via);
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    Some(Place { file, span: at })
}

/// The edit that lets a `sed` of one substitution drop the names as well: another expression behind the filter.
fn widened(cx: &Context<'_>, build: &ComponentBuild<'_>, refused: &[String]) -> Option<Edit> {
    let filter = build.setting.filter.as_ref()?;
    let [Filter::Substitute { replacement, .. }] = filter.filters.as_slice() else { return None };
    let text = cx.workspace.sources().text(Place { file: build.at().file, span: filter.span });
    // Without `-e`, a further one would make a file's name of the first expression.
    if !replacement.is_empty() || !text.contains("sed ") || !text.contains(" -e ") {
        return None;
    }
    let drops: Vec<String> = refused.iter().map(|name| format!(" -e 's/{name};//g; s/;{name}//g'")).collect();
    let end = filter.span.end as usize - (text.len() - text.trim_end().len());
    Some(Edit::new(Place { file: build.at().file, span: Span::new(end, end) }, drops.concat()))
}
