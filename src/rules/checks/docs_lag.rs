//! GFX115: the documentation's requirement list and the images' lists differ.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::finding::{Applicability, Severity};
use crate::rules::Findings;
use crate::span::FileId;
use crate::stack::{Image, docs_lists, documented, images, is_well_formed};
use crate::workspace::ResolvedSite;

/// Compares each requirement list with what the images are built for.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let images = images(cx);
    if images.iter().any(|image| !is_well_formed(cx, image.list)) {
        return;
    }
    let (main, special): (Vec<&Image<'_>>, Vec<&Image<'_>>) =
        images.iter().partition(|image| !image.for_one_target && !is_in_progress(cx, image.file));
    let shipped = main.iter().fold(ArchSet::EMPTY, |set, image| set.union(image.targets));
    let docs = docs_lists(cx);
    for list in &docs {
        if let Some(image) = main.iter().find(|image| image.own).or(main.first()) {
            lacking(cx, out, list, image, shipped.difference(list.effective));
            let known_elsewhere = special.iter().fold(ArchSet::EMPTY, |set, image| set.union(image.targets));
            unshipped(cx, out, list, image, list.effective.difference(shipped).difference(known_elsewhere));
        }
    }
    let Some(first) = docs.first() else { return };
    let mut reported = docs.iter().fold(shipped, |set, list| set.union(list.effective));
    // The image that users run comes before the one that it is built on.
    let mut special = special;
    special.sort_by_key(|image| (cx.workspace.sources().get(image.file).path.contains("base"), image.file));
    for image in special {
        let missing = image.targets.difference(reported);
        if missing.is_empty() {
            continue;
        }
        reported = reported.union(missing);
        let names = cx.universe().list(missing);
        let at = image.list.via.filter(|via| via.file == image.file).unwrap_or_else(|| cx.value(image.list));
        let message = format!("This image is built for {names}, which no requirement in the documentation lists.");
        let finding = out
            .finding(at, message)
            .severity(Severity::Note)
            .label("built here")
            .related(first.at, "the requirement list");
        out.push(finding.help("list it once the image is released").data("archs", cx.universe().names(missing)));
    }
}

/// Targets that are shipped and not documented.
fn lacking(cx: &Context<'_>, out: &mut Findings, list: &ResolvedSite, image: &Image<'_>, missing: ArchSet) {
    if missing.is_empty() {
        return;
    }
    let names = cx.universe().list(missing);
    let message = format!(
        "The image is built for {names}, which this requirement list leaves out: users of that GPU are told that it does not work."
    );
    let finding =
        out.finding(list.at, message).label(format!("lacks {names}")).related(cx.value(image.list), "the image's list");
    let finding = finding.help(format!("add {names} to the list")).data("archs", cx.universe().names(missing));
    let edit = documented(cx, list.at, missing);
    out.push(finding.fix("Add what the image is built for", Applicability::Unsafe, vec![edit]));
}

/// Targets that are documented and not shipped.
fn unshipped(cx: &Context<'_>, out: &mut Findings, list: &ResolvedSite, image: &Image<'_>, extra: ArchSet) {
    if extra.is_empty() {
        return;
    }
    let names = cx.universe().list(extra);
    let message = format!(
        "This requirement list promises {names}, for which the image is not built: it starts there and finds no kernels."
    );
    let finding = out
        .finding(list.at, message)
        .label(format!("promises {names}"))
        .related(cx.value(image.list), "the image's list");
    out.push(
        finding
            .help(format!("build the image for {names}, or say that it needs a build from source"))
            .data("archs", cx.universe().names(extra)),
    );
}

/// Whether an image is not yet meant for users: its base image or a branch that it is built from says so.
fn is_in_progress(cx: &Context<'_>, file: FileId) -> bool {
    let facts = cx.workspace.facts(file);
    let says = |text: &str| {
        text.to_ascii_lowercase().split(|next: char| !next.is_ascii_alphanumeric()).any(|word| word == "wip")
    };
    facts.settings.iter().any(|setting| setting.value.known().is_some_and(|value| says(&value)))
        || facts.stages.iter().any(|stage| stage.image.known().is_some_and(|image| says(&image)))
}
