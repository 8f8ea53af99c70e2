//! GFX614: overlays whose packages are made of themselves, or of the version before the change.

use crate::context::Context;
use crate::facts::{NixLayer, NixLayerKind, NixValue};
use crate::finding::{Applicability, Edit, Finding};
use crate::rules::Findings;
use crate::rules::nix::{Use, uses};
use crate::span::Place;

/// Looks at what changes of package sets are made of.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen: Vec<Place> = Vec::new();
    for found in uses(cx) {
        let layers: Vec<&NixLayer> = found.layers().filter(|layer| layer.kind != NixLayerKind::WithPackages).collect();
        let finding =
            layers.iter().find_map(|layer| of_itself(out, &found, layer).or_else(|| before(out, &found, layer)));
        if let Some(finding) = finding.filter(|finding| !seen.contains(&finding.at)) {
            seen.push(finding.at);
            out.push(finding);
        }
    }
}

/// `torch = final.torch.override { ... }`.
fn of_itself(out: &Findings, found: &Use<'_>, layer: &NixLayer) -> Option<Finding> {
    let last = layer.last.as_deref()?;
    let [first, name] = found.reference.path.as_slice() else { return None };
    let is_own = first == last && found.reference.defines.as_deref() == Some(name.as_str());
    let is_change = found.reference.overrides.iter().any(|change| found.reference.span.contains(change.span));
    if !is_own || !is_change || !layer.names.iter().any(|own| own.name == *name) {
        return None;
    }
    let previous = layer.previous.as_deref().filter(|previous| *previous != "_").unwrap_or("prev");
    let message = format!(
        "`{name}` is made of `{last}.{name}`, which is itself: the evaluation does not end (infinite recursion)."
    );
    let at = found.reference.span;
    let start = crate::span::Span::new(at.range().start, at.range().start + last.len());
    Some(
        out.finding(found.place(found.reference.name), message)
            .label("is itself")
            .help(format!("take the version before the change: `{previous}.{name}`"))
            .fix(
                format!("Write {previous}.{name}"),
                Applicability::Unsafe,
                vec![Edit::new(found.place(start), previous)],
            ),
    )
}

/// `vllm = prev.vllm.override { torch = prev.torch; }` beside `torch = ...`.
fn before(out: &Findings, found: &Use<'_>, layer: &NixLayer) -> Option<Finding> {
    let (last, previous) = (layer.last.as_deref()?, layer.previous.as_deref()?);
    let argument = found
        .reference
        .overrides
        .iter()
        .filter(|change| found.reference.span.contains(change.span))
        .flat_map(|change| &change.arguments)
        .find(|argument| match &argument.value {
            NixValue::Reference(path) => {
                path.len() == 2
                    && path[0] == previous
                    && layer.names.iter().any(|own| own.name == path[1])
                    && found.reference.defines.as_deref() != Some(path[1].as_str())
            }
            _ => false,
        })?;
    let NixValue::Reference(path) = &argument.value else { return None };
    let message = format!(
        "{} gets `{previous}.{}`, the one before this overlay changes it; packages that take it from the set get the other one.",
        found.reference.package(),
        path[1]
    );
    Some(
        out.finding(found.place(argument.value_span), message)
            .label("before the change")
            .help(format!("write `{last}.{}`", path[1])),
    )
}
