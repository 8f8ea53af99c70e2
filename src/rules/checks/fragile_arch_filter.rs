//! GFX107: filters that delete targets from a list, and leave some of them where the list is short or in another order.

use crate::arch::{Arch, ArchSet, tokens};
use crate::context::Context;
use crate::facts::{Filter, FilterUse, Setting};
use crate::rules::Findings;
use crate::span::{FileId, Place, Span};
use crate::stack;
use crate::workspace::arch_list;

/// A list for which a filter fails.
struct Counterexample {
    input: String,
    output: String,
    left: Arch,
}

/// Reports each deleting filter for which there is a list that it fails on.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, _, facts) in cx.files() {
        let mut seen: Vec<Span> = Vec::new();
        for setting in &facts.settings {
            let Some(filter) = setting.filter.as_ref().filter(|filter| deletes(filter)) else { continue };
            if seen.contains(&filter.span) {
                continue;
            }
            seen.push(filter.span);
            if let Some(found) = counterexample(cx, filter) {
                report(cx, out, file, setting, &found);
            }
        }
    }
}

/// Whether a filter takes elements away: a substitution by nothing, or lines that are dropped.
fn deletes(filter: &FilterUse) -> bool {
    filter.filters.iter().any(|filter| match filter {
        Filter::Substitute { replacement, .. } => replacement.chars().all(|char| matches!(char, ';' | ',' | ' ')),
        Filter::Lines { keep, .. } => !keep,
        Filter::Translate { .. } | Filter::Join(_) => false,
    })
}

/// The first list that the filter leaves something in that it means to remove: single targets of the list that it is
/// written for, then all others, then that list in every rotation.
fn counterexample(cx: &Context<'_>, filter: &FilterUse) -> Option<Counterexample> {
    let universe = cx.universe();
    let written = arch_list(&filter.input, universe);
    let separator = written.as_ref().map_or(';', |list| list.separator);
    let names: Vec<String> =
        written.map(|list| list.items.into_iter().map(|item| item.text).collect()).unwrap_or_default();
    let meant = meant(cx, filter, separator)?;
    if meant.is_empty() {
        return None;
    }
    // The last one is the newest, and the one that a list was extended for.
    let singles = names.iter().rev().cloned().chain(universe.names(meant));
    let rotations = (0..names.len())
        .map(|by| names[by..].iter().chain(&names[..by]).cloned().collect::<Vec<_>>().join(&separator.to_string()));
    singles.chain(rotations).find_map(|input| {
        let output = filter.evaluate(&input)?;
        let left = targets(cx, &output).intersection(meant).intersection(targets(cx, &input)).iter().next()?;
        Some(Counterexample { input, output, left })
    })
}

/// What a filter means to remove: every target that it takes out of some list. None where it cannot be followed.
fn meant(cx: &Context<'_>, filter: &FilterUse, separator: char) -> Option<ArchSet> {
    let universe = cx.universe();
    let mut meant = ArchSet::EMPTY;
    for arch in universe.all().iter() {
        let name = universe.name(arch);
        // Between names that differ from it, in front of them, behind them.
        let other = if name == "gfx90a" { "gfx942" } else { "gfx90a" };
        for list in [vec![other, name, other], vec![name, other], vec![other, name]] {
            let output = filter.evaluate(&list.join(&separator.to_string()))?;
            if !targets(cx, &output).contains(arch) {
                meant.insert(arch);
            }
        }
    }
    // A filter that empties every list picks something else out of the text.
    (meant != universe.all()).then_some(meant)
}

/// The targets that a text names one by one; generic targets are none of them.
fn targets(cx: &Context<'_>, text: &str) -> ArchSet {
    tokens(text, Span::new(0, text.len())).iter().filter_map(|token| stack::exact_target(cx, &token.name)).collect()
}

fn report(cx: &Context<'_>, out: &mut Findings, file: FileId, setting: &Setting, found: &Counterexample) {
    let name = cx.universe().name(found.left);
    let at = Place { file, span: setting.filter.as_ref().map_or(setting.span, |filter| filter.span) };
    let made = if found.input == found.output {
        format!("leaves `{}` as it is", found.input)
    } else {
        format!("makes `{}` of `{}`", found.output, found.input)
    };
    let message = format!(
        "This filter drops targets such as {name} in some places of the list only: it {made}, so {name} reaches a build that it is meant to be kept from."
    );
    // Where nothing is compiled from the list, nothing is refused.
    let is_off = stack::component_builds(cx)
        .iter()
        .any(|build| build.at() == Place { file, span: setting.span } && build.switched_off(cx).is_some());
    let mut finding = out
        .finding(at, message)
        .severity(if is_off { out.severity().lowered() } else { out.severity() })
        .label(format!("leaves {name}"))
        .data("arch", name)
        .data("list", setting.name.clone())
        .data("input", found.input.clone())
        .data("output", found.output.clone());
    if let Some(via) = setting.via {
        finding = finding.related(Place { file, span: via }, "the list that it reads");
    }
    out.push(finding.help("compare whole elements instead of a separator on one side: `tr ';' '\\n' | grep -v '^gfx1' | paste -sd';'`, with the pattern of this filter; the result may be empty, which the build must handle"));
}
