//! GFX608: lists of targets in Nix that leave out the one that is meant, or differ between packages that go together.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::facts::{NixArgument, NixCall, NixLayerKind, NixValue};
use crate::finding::{Finding, Severity};
use crate::knowledge::RocmScope;
use crate::rules::Findings;
use crate::rules::nix::{Use, files, lock_of, texts, uses};
use crate::span::{FileId, Place, Span};

/// Names of lists of targets among the arguments of functions.
const LISTS: &[&str] = &["gpuTargets", "rocmGpuTargets", "localGpuTargets"];

/// Looks at overrides with lists, and at the scopes of `rocmPackages`.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for found in uses(cx) {
        let list = named(cx, out, &found).or_else(|| differs_from_torch(cx, out, &found));
        out.push_some(list.or_else(|| torch_for_all(cx, out, &found)));
        out.push_some(scope(cx, out, &found));
    }
    for (file, nix) in files(cx) {
        for call in &nix.calls {
            out.push_some(called(cx, out, file, call));
        }
    }
}

/// A list and where it is given.
struct List<'a> {
    argument: &'a NixArgument,
    targets: ArchSet,
}

/// The list of targets that an override gives, where all of it is known.
fn list<'a>(cx: &Context<'_>, found: &Use<'a>) -> Option<List<'a>> {
    let package = cx.knowledge.nixpkgs().package(found.reference.package())?;
    // A variable that stands for an override is judged where the override is written.
    let argument = found
        .reference
        .argument(package.targets.as_deref()?)
        .filter(|given| found.reference.span.contains(given.name_span))?;
    Some(List { argument, targets: targets(cx, found.file, &argument.value)? })
}

/// The targets that a value lists, where all of it is known.
fn targets(cx: &Context<'_>, file: FileId, value: &NixValue) -> Option<ArchSet> {
    let (_, value) = cx.workspace.nix_value(file, value)?;
    let NixValue::List(items, false) = value else { return None };
    let known = texts(value);
    let targets: Option<ArchSet> = known.iter().map(|(name, _)| cx.universe().find(name)).collect();
    targets.filter(|targets| !targets.is_empty() && known.len() == items.len())
}

/// `vllm-gfx1151 = vllm.override { gpuTargets = [ "gfx1100" ]; }`.
fn named(cx: &Context<'_>, out: &Findings, found: &Use<'_>) -> Option<Finding> {
    let list = list(cx, found)?;
    let name = found.reference.defines.as_deref()?.rsplit('.').next()?;
    lacks_its_own(cx, out, name, list.targets, found.place(list.argument.value_span))
}

/// `vllm-gfx1151 = callPackage ./vllm.nix { gpuTargets = [ "gfx1100" ]; }`.
fn called(cx: &Context<'_>, out: &Findings, file: FileId, call: &NixCall) -> Option<Finding> {
    let argument = LISTS.iter().find_map(|name| call.argument(name))?;
    let name = &call.defines.as_ref()?.name;
    lacks_its_own(cx, out, name, targets(cx, file, &argument.value)?, Place { file, span: argument.value_span })
}

/// The name that something is bound to says which target it is for, and its list says another one.
fn lacks_its_own(cx: &Context<'_>, out: &Findings, name: &str, targets: ArchSet, at: Place) -> Option<Finding> {
    let words: Vec<&str> = name.split(['-', '_']).filter(|word| word.starts_with("gfx")).collect();
    let meant = words.iter().find_map(|word| cx.universe().find(word))?;
    if targets.contains(meant) {
        return None;
    }
    let target = cx.universe().name(meant);
    let message = format!(
        "{name} is for {target} by its name, but is built for {} only: it holds no code for {target}.",
        cx.universe().names(targets).join(", ")
    );
    Some(out.finding(at, message).label(format!("no {target}")).help(format!("add \"{target}\"")).data("arch", target))
}

/// The uses of PyTorch in the layer that changes a package; none where it is changed for one environment alone.
fn torches_beside<'a>(cx: &Context<'a>, found: &Use<'_>) -> Option<impl Iterator<Item = Use<'a>> + use<'a>> {
    let layer = found.layers().next().filter(|layer| layer.kind != NixLayerKind::WithPackages)?;
    let (file, around) = (found.file, layer.span);
    Some(uses(cx).filter(move |other| {
        let is_torch = matches!(other.reference.package(), "torch" | "pytorch");
        is_torch && other.file == file && other.layers().next().is_some_and(|layer| layer.span == around)
    }))
}

/// vLLM is built for targets that its PyTorch is not built for.
fn differs_from_torch(cx: &Context<'_>, out: &Findings, found: &Use<'_>) -> Option<Finding> {
    cx.knowledge.nixpkgs().package(found.reference.package()).filter(|package| package.torch)?;
    let own = list(cx, found)?;
    let torch = torches_beside(cx, found)?.find_map(|other| list(cx, &other).map(|list| (other, list)))?;
    let missing = own.targets.difference(torch.1.targets);
    if missing.is_empty() {
        return None;
    }
    let names = cx.universe().names(missing).join(", ");
    let message = format!(
        "{} is built for {names}, its torch is not: on that GPU torch has no kernels.",
        found.reference.package()
    );
    Some(
        out.finding(found.place(own.argument.value_span), message)
            .severity(Severity::Warning)
            .label(format!("torch has no {names}"))
            .related(torch.0.place(torch.1.argument.value_span), "the list of torch")
            .help("give both the same list, from one variable"),
    )
}

/// vLLM is built for some targets, its PyTorch for all of them.
fn torch_for_all(cx: &Context<'_>, out: &Findings, found: &Use<'_>) -> Option<Finding> {
    cx.knowledge.nixpkgs().package(found.reference.package()).filter(|package| package.torch)?;
    let own = list(cx, found)?;
    let torch = torches_beside(cx, found)?.find(|other| {
        other.switches_on("rocmSupport")
            && other.reference.is_known()
            && ["gpuTargets", "rocmPackages"].iter().all(|name| other.reference.argument(name).is_none())
    })?;
    // ROCm's packages may be narrowed elsewhere: torch then follows them.
    let is_narrowed = uses(cx).any(|other| {
        other.reference.argument("localGpuTargets").is_some()
            || other.reference.path.windows(2).any(|pair| pair[0] == "rocmPackages" && pair[1].starts_with("gfx"))
    }) || files(cx).any(|(_, nix)| {
        nix.layers.iter().flat_map(|layer| &layer.names).any(|own| matches!(own.name.as_str(), "rocmPackages" | "clr"))
    });
    if is_narrowed {
        return None;
    }
    let names = cx.universe().names(own.targets).join(", ");
    let message = format!(
        "{} is built for {names} only, its torch for every target of nixpkgs' ROCm: the build takes hours longer.",
        found.reference.package()
    );
    Some(
        out.finding(torch.place(torch.reference.name), message)
            .severity(Severity::Note)
            .label("no `gpuTargets`")
            .related(found.place(own.argument.value_span), "the list beside it")
            .help("give torch the same list, or narrow `rocmPackages` for all of them"),
    )
}

/// `rocmPackages.gfx1153`, which nixpkgs does not have.
fn scope(cx: &Context<'_>, out: &Findings, found: &Use<'_>) -> Option<Finding> {
    let path = &found.reference.path;
    let at = path.iter().position(|name| name == "rocmPackages")?;
    let name = path.get(at + 1).filter(|name| name.starts_with("gfx"))?;
    let nixpkgs = cx.knowledge.nixpkgs();
    // An overlay may add what nixpkgs lacks.
    let is_added =
        files(cx).any(|(_, nix)| nix.layers.iter().flat_map(|layer| &layer.names).any(|own| own.name == *name));
    if is_added || found.reference.is_fallback || has_default(cx, found) {
        return None;
    }
    let at = if at + 2 == path.len() { found.reference.name } else { within(cx, found, name) };
    let at = found.place(at);
    let help = format!(
        "for a target that it does not have, override clr: `rocmPackages.overrideScope (_: prev: {{ clr = prev.clr.override \
         {{ localGpuTargets = [ \"{name}\" ]; }}; }})`"
    );
    let since = match nixpkgs.scope(name) {
        RocmScope::Usual => return None,
        RocmScope::Never => {
            let message = format!(
                "nixpkgs has no `rocmPackages.{name}`: its ROCm is not built for that target, and the evaluation stops."
            );
            let has = nixpkgs.last_targets().join(", ");
            let finding = out.finding(at, message).label("no such attribute").help(format!("it has {has}; {help}"));
            return Some(finding.data("arch", name.as_str()));
        }
        RocmScope::Recent(since) => since,
    };
    let finding = match lock_of(cx, at) {
        Some((day, _)) if day >= since => return None,
        Some((day, lock)) => {
            let message = format!(
                "The nixpkgs of {day}, which the lock file holds, has no `rocmPackages.{name}`: the evaluation stops."
            );
            out.finding(at, message).label("no such attribute").related(lock, format!("nixpkgs of {day}"))
        }
        None => {
            let message =
                format!("nixpkgs has `rocmPackages.{name}` since {since} at the earliest: an older one stops here.");
            out.finding(at, message).severity(Severity::Note).label("new in nixpkgs")
        }
    };
    Some(finding.help(format!("update nixpkgs; {help}")).data("arch", name.as_str()))
}

/// Whether something else is taken where the attribute is missing.
fn has_default(cx: &Context<'_>, found: &Use<'_>) -> bool {
    let text = cx.workspace.sources().get(found.file).text();
    let behind = text.get(found.reference.name.range().end..).unwrap_or_default().trim_start();
    behind.starts_with("or ") || behind.starts_with("or\n")
}

/// Where a name stands within a use.
fn within(cx: &Context<'_>, found: &Use<'_>, name: &str) -> Span {
    let span = found.reference.span;
    let written = span.text(cx.workspace.sources().get(found.file).text());
    written.find(name).map_or(span, |at| Span::new(span.range().start + at, span.range().start + at + name.len()))
}
