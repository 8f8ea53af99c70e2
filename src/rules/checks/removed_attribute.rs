//! GFX612: attributes and options that nixpkgs no longer has.

use crate::context::Context;
use crate::facts::NixRoot;
use crate::finding::{Finding, Severity};
use crate::knowledge::Removed;
use crate::rules::Findings;
use crate::rules::nix::{Use, files, lock_of, uses};
use crate::span::Place;

/// Looks at every use of such an attribute, and at options.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    // nixpkgs itself, and the overlay that these once came from, define them.
    let is_nixpkgs = cx.workspace.sources().iter().any(|(_, file)| {
        file.path.ends_with("pkgs/top-level/all-packages.nix") || file.path.ends_with("rocm-modules/default.nix")
    });
    if is_nixpkgs {
        return;
    }
    for removed in cx.knowledge.nixpkgs().removed().iter().filter(|removed| !removed.option) {
        let names: Vec<&str> = removed.path.split('.').collect();
        // A package set of that name that the repository makes itself.
        let is_own = files(cx).any(|(_, nix)| {
            nix.layers.iter().flat_map(|layer| &layer.names).any(|own| names.contains(&own.name.as_str()))
        });
        for found in uses(cx).filter(|_| !is_own) {
            let path: Vec<&str> = found.reference.path.iter().map(String::as_str).collect();
            let is_gone = path.windows(names.len()).any(|part| part == names);
            // A name alone is a variable or a parameter.
            if is_gone
                && path.len() > 1
                && !found.reference.is_fallback
                && !is_told_before(&found)
                && !has_default(cx, found.place(found.reference.name))
            {
                let is_last = path.last() == names.last();
                let at = if is_last { found.reference.name } else { found.reference.span };
                out.push(report(cx, out, found.place(at), removed));
            }
        }
    }
    moved(cx, out);
    for (file, nix) in files(cx) {
        for option in &nix.options {
            let dotted = option.dotted();
            let removed =
                cx.knowledge.nixpkgs().removed().iter().find(|removed| removed.option && removed.path == dotted);
            if let Some(removed) = removed {
                out.push(report(cx, out, Place { file, span: option.name }, removed));
            }
        }
    }
}

/// Whether a variable stands for it that is judged where it is bound.
fn is_told_before(found: &Use<'_>) -> bool {
    found.nix.references.iter().any(|other| {
        other.path == found.reference.path
            && other.span != found.reference.span
            && other.defines.as_deref() == Some(found.reference.package())
    })
}

/// Packages of ROCm that were attributes of nixpkgs itself.
fn moved(cx: &Context<'_>, out: &mut Findings) {
    // The overlay of 2020 has them there.
    let has_overlay = files(cx).any(|(_, nix)| nix.known_names.iter().any(|name| name == "nixos-rocm"));
    for found in uses(cx).filter(|_| !has_overlay) {
        let [root, name] = found.reference.path.as_slice() else { continue };
        let Some(removed) = cx.knowledge.nixpkgs().moved(name).filter(|_| matches!(root.as_str(), "pkgs" | "nixpkgs"))
        else {
            continue;
        };
        let is_own =
            || files(cx).any(|(_, nix)| nix.layers.iter().flat_map(|layer| &layer.names).any(|own| own.name == *name));
        let at = found.place(found.reference.name);
        if !found.reference.is_fallback
            && !is_told_before(&found)
            && found.reference.root != NixRoot::Computed
            && !has_default(cx, at)
            && !is_own()
        {
            out.push(report(cx, out, at, &removed));
        }
    }
}

/// Whether something else is taken where the attribute is missing.
fn has_default(cx: &Context<'_>, at: Place) -> bool {
    let text = cx.workspace.sources().get(at.file).text();
    text.get(at.span.range().end..).unwrap_or_default().trim_start().starts_with("or ")
}

fn report(cx: &Context<'_>, out: &Findings, at: Place, removed: &Removed) -> Finding {
    let what = if removed.option { "NixOS has no option" } else { "nixpkgs has no" };
    let since = removed.since.as_ref().map(|since| format!(" since {since}")).unwrap_or_default();
    let lock = lock_of(cx, at);
    // The lock file may hold a nixpkgs that still has it.
    let (severity, then) = match (&lock, &removed.since) {
        (Some((day, _)), Some(since)) if day < since => (Severity::Note, "an update of the lock file stops there"),
        (Some(_), None) => (out.severity().lowered(), "the evaluation stops there"),
        _ => (out.severity(), "the evaluation stops there"),
    };
    let finding = out
        .finding(at, format!("{what} {}{since}: {then}.", removed.path))
        .severity(severity)
        .doubts(usize::from(severity != out.severity()))
        .label("gone")
        .help(format!("write {}", removed.instead))
        .data("attribute", removed.path.clone());
    match lock.filter(|_| severity != out.severity()) {
        Some((day, at)) => finding.related(at, format!("nixpkgs of {day}")),
        None => finding,
    }
}
