//! GFX605: arguments of `.override` that the package does not take, or takes as a list.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::Context;
use crate::facts::{NixArgument, NixLayerKind, NixRoot, NixValue};
use crate::finding::{Applicability, Edit, Finding};
use crate::knowledge::{NixPackage, distance};
use crate::rules::Findings;
use crate::rules::nix::{Use, files, uses};

/// From so many letters on, two wrong ones are a slip of the pen and no other word.
const LONG: usize = 9;
/// An override that starts so many bytes behind a name at most is what the name is bound to.
const NEAR: u32 = 400;
/// Names that are about GPUs in any package.
const ABOUT_GPUS: &[&str] = &["rocm", "hip", "gfx", "gpu"];

/// Looks at every override of a package whose arguments are known.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let own_names = own_packages(cx);
    for found in uses(cx) {
        let Some(package) = cx.knowledge.nixpkgs().package(found.reference.package()) else { continue };
        if own_names.contains(found.reference.package()) || found.reference.root == NixRoot::Computed {
            continue;
        }
        // A variable that stands for an override is judged where the override is written.
        let own = found.reference.overrides.iter().filter(|change| found.reference.span.contains(change.span));
        for change in own.filter(|change| change.method == "override") {
            // What comes from another file is judged by what stands there.
            let is_here = |own: &&NixArgument| {
                cx.workspace.sources().text(found.place(own.name_span)).trim_matches('"') == own.name
            };
            for argument in change.arguments.iter().filter(is_here) {
                let finding = unknown(cx, out, &found, package, argument);
                out.push_some(finding.or_else(|| text(cx, out, &found, package, argument)));
            }
        }
    }
}

/// Names of packages that the repository builds itself, or puts something else in place of.
fn own_packages<'a>(cx: &Context<'a>) -> BTreeSet<&'a str> {
    let mut own = BTreeSet::new();
    for (_, nix) in files(cx) {
        own.extend(nix.derivations.iter().map(|derivation| derivation.name.as_str()));
        // Where overrides of a package start.
        let mut overridden: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for found in nix.references.iter().filter(|found| !found.overrides.is_empty()) {
            overridden.entry(found.package()).or_default().push(found.span.start);
        }
        overridden.values_mut().for_each(|starts| starts.sort_unstable());
        let layers = nix.layers.iter().filter(|layer| layer.kind != NixLayerKind::WithPackages);
        own.extend(layers.flat_map(|layer| &layer.names).filter_map(|name| {
            // What a name is bound to may be an override of the package of that name.
            let starts = overridden.get(name.name.as_str()).map(Vec::as_slice).unwrap_or_default();
            let next = starts.get(starts.partition_point(|start| *start <= name.span.start));
            let is_override = next.is_some_and(|start| start - name.span.start < NEAR);
            (!is_override).then_some(name.name.as_str())
        }));
    }
    own
}

fn unknown(
    cx: &Context<'_>,
    out: &Findings,
    found: &Use<'_>,
    package: &NixPackage,
    argument: &NixArgument,
) -> Option<Finding> {
    let name = argument.name.as_str();
    let lower = name.to_ascii_lowercase();
    let near =
        package.arguments.iter().filter(|known| distance(known, name) <= 2).min_by_key(|known| distance(known, name));
    let is_about_gpus = ABOUT_GPUS.iter().any(|part| lower.contains(part));
    let is_known = package.arguments.iter().any(|known| known == name)
        || files(cx).any(|(_, nix)| nix.known_names.iter().any(|known| known == name));
    // Packages that are handed in are named like packages.
    let is_package = lower.ends_with("packages") || lower.contains("-") || lower.starts_with("lib");
    // Where the package has another source too, that one's arguments are not known.
    let is_sure = near.is_some() && (is_about_gpus || name.len() >= LONG)
        || is_about_gpus && (!package.text || lower.contains("target"));
    if is_known || is_package || !is_sure {
        return None;
    }
    let title = found.reference.package();
    let meant = near.map(String::as_str).or_else(|| package.targets.as_deref().filter(|_| lower.contains("target")));
    let message =
        format!("{title} in nixpkgs takes no argument '{name}': the evaluation stops as soon as the package is used.");
    let at = found.place(argument.name_span);
    let finding = out.finding(at, message).label("no such argument").data("package", title).data("argument", name);
    Some(match meant {
        Some(meant) => finding.help(format!("did you mean {meant}?")).fix(
            format!("Write {meant}"),
            Applicability::Unsafe,
            vec![Edit::new(at, meant)],
        ),
        None if package.arguments.is_empty() => {
            finding.help("it is built for what its torch is built for: hand in another one (`torch = ...`)")
        }
        None => finding.help(format!("its arguments about GPUs are {}", package.arguments.join(", "))),
    })
}

/// A list of targets that is one string.
fn text(
    cx: &Context<'_>,
    out: &Findings,
    found: &Use<'_>,
    package: &NixPackage,
    argument: &NixArgument,
) -> Option<Finding> {
    if package.targets.as_deref() != Some(argument.name.as_str()) || package.text {
        return None;
    }
    let NixValue::Text(text) = &argument.value else { return None };
    let known = text.known()?;
    let message = format!(
        "{} of {} is a list of strings; one string stops the evaluation.",
        argument.name,
        found.reference.package()
    );
    let at = found.place(argument.value_span);
    let finding = out.finding(at, message).label("a string").help("write a list: `[ \"gfx1151\" ]`");
    let is_written = cx.workspace.sources().text(at) == known && !known.contains([';', ',', ' ']);
    let whole = crate::span::Span::new(at.span.range().start.saturating_sub(1), at.span.range().end + 1);
    let edit = Edit::new(found.place(whole), format!("[ \"{known}\" ]"));
    Some(if is_written { finding.fix("Write a list", Applicability::Safe, vec![edit]) } else { finding })
}
