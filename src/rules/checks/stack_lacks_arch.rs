//! GFX317: vLLM's images and packages on targets that they hold no code for.

use std::collections::BTreeSet;

use crate::arch::ArchSet;
use crate::context::Context;
use crate::deployment::{Answer, Found, ImageFacts, ImageRef, Reach, Targets, VllmKind, VllmRelease, overridden};
use crate::finding::{Finding, Severity};
use crate::rules::Findings;
use crate::rules::launches::cases;
use crate::rules::wheels;
use crate::span::Place;

/// Reports each image and each installation once.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut found = Vec::new();
    for view in cx.containers().filter(|view| view.built.is_none() && !view.is_gpu_work.is_no()) {
        if let Some(image) = &view.image {
            let pretended = view.variable("HSA_OVERRIDE_GFX_VERSION").and_then(|seen| seen.value);
            found.extend(in_image(cx, out, image, view.targets, pretended, view.is_shown));
        }
    }
    for image in cx.images() {
        let pretended = image.path.env("HSA_OVERRIDE_GFX_VERSION").and_then(|env| env.fact.value.by_default());
        let targets = targets_of(cx, image);
        if pretended.is_none() {
            // An index for other GPUs contradicts the file's own name, which leaves no target.
            let path = &cx.workspace.sources().get(image.path.file).path;
            let aim = if targets.is_unknown() { Targets::of_path(cx.knowledge, path) } else { targets };
            let gap = wheels::of_image(cx, image, aim.set);
            found.extend(gap.map(|gap| without_kernels(cx, out, &gap, &aim)));
        }
        match image.vllm().map(|vllm| vllm.kind) {
            Some(VllmKind::BaseImage) if image.builds_vllm.is_none() => {
                let base = image.path.base.as_ref().filter(|_| !image.path.has_base_file);
                found.extend(base.and_then(|base| in_image(cx, out, base, targets, pretended, false)));
            }
            Some(_) => found.extend(installed(cx, out, image, targets)),
            None => {}
        }
    }
    for case in cases(cx).filter(|case| case.launch.image.is_none() && case.launch.image_ref.is_none()) {
        let release = &case.launch.vllm;
        let is_own = names_target(cx, case.launch.file(), &case.launch.targets);
        if let (Some(at), Answer::No, false) = (release.at, release.is_fork, is_own) {
            found.extend(without_triton(cx, out, at, case.launch.targets, case.launch.is_shown));
        }
    }
    found.extend(scripts(cx, out));
    let mut told = BTreeSet::new();
    found.retain(|finding| told.insert(finding.at));
    found.into_iter().for_each(|finding| out.push(finding));
}

/// Installations of torch in scripts that are for one target.
fn scripts(cx: &Context<'_>, out: &Findings) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, source, facts) in cx.files().filter(|(_, source, _)| source.language == "shell") {
        let targets = super::launches::asked(cx).unwrap_or_else(|| Targets::of_path(cx.knowledge, &source.path));
        let is_built = facts
            .checkouts
            .iter()
            .any(|checkout| checkout.repository.as_deref().is_some_and(|name| name.ends_with("/pytorch")));
        if targets.is_unknown() || is_built {
            continue;
        }
        for install in facts.installs.iter().filter(|install| install.home.stage.is_none() && !install.home.is_shown) {
            let gap = wheels::of_script(cx, Found { file, fact: install }, targets.set);
            found.extend(gap.map(|gap| without_kernels(cx, out, &gap, &targets)));
        }
    }
    found
}

/// A torch that holds no kernels for the target.
fn without_kernels(cx: &Context<'_>, out: &Findings, gap: &wheels::WheelGap, targets: &Targets) -> Finding {
    let list = cx.universe().list(gap.targets);
    let message = format!(
        "{} has no kernels for {list}: the first operation on the GPU stops with \"invalid device function\" or \"no kernel image\".",
        capitalised(&gap.what)
    );
    let steps = steps(targets, gap.targets, targets.set, false);
    let help = format!(
        "take torch from an index that holds {list} (a newer ROCm, or AMD's own wheels for it), or build PyTorch for it"
    );
    finding(cx, out, gap.at, targets, gap.targets, steps, message, &help)
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    first + letters.as_str()
}

/// The targets that an image is for: those that were asked for, or that it declares.
fn targets_of(cx: &Context<'_>, image: &ImageFacts<'_>) -> Targets {
    let launched = cx.joins().deployments().iter().find(|launch| {
        launch.image.as_ref().is_some_and(|own| own.path.file == image.path.file && own.path.stage == image.path.stage)
    });
    launched.map_or_else(|| super::launches::asked(cx).unwrap_or_else(|| image.targets()), |launch| launch.targets)
}

/// Code for a target that the image lacks.
fn in_image(
    cx: &Context<'_>,
    out: &Findings,
    image: &ImageRef,
    targets: Targets,
    pretended: Option<String>,
    is_shown: bool,
) -> Option<Finding> {
    let described = cx.knowledge.images().describe(&image.text);
    let repository = image.repository.as_str();
    let is_vllms = repository == "vllm/vllm-openai-rocm";
    let is_upstream = is_vllms || repository == "rocm/vllm" || repository == "rocm/vllm-dev";
    if !is_upstream || described.is_fork() || !described.targets.is_empty() {
        return None;
    }
    let release = VllmRelease::of_image(cx.knowledge, image).unwrap_or_default();
    let pretended = pretended.and_then(|value| overridden(&value)).and_then(|name| cx.universe().find(&name));
    let seen: ArchSet = match pretended {
        Some(arch) => std::iter::once(arch).collect(),
        None => targets.set,
    };
    let releases = cx.knowledge.releases();
    let lacks = |name: &str| {
        let is_in = |list: &Vec<String>| list.iter().any(|own| own == name);
        let listed = releases.agreed(&release.range, |release| release.image_targets.as_ref());
        match listed.filter(|_| is_vllms && !release.is_unknown()) {
            Some(listed) => !is_in(listed),
            None => !releases.all().iter().filter_map(|release| release.image_targets.as_ref()).any(is_in),
        }
    };
    let affected: ArchSet = seen.iter().filter(|&arch| lacks(cx.universe().name(arch))).collect();
    if affected.is_empty() {
        return None;
    }
    let list = cx.universe().list(affected);
    let tag = if release.is_unknown() { String::new() } else { format!(" of vLLM {}", release.range) };
    let no_triton = lacking_triton(cx, affected);
    let also = if no_triton.is_empty() {
        String::new()
    } else {
        format!(" Upstream Triton cannot compile for {} either.", cx.universe().list(no_triton))
    };
    let message = format!(
        "The image {}{tag} holds no code for {list}: the first kernel stops with \"invalid device function\".{also}",
        image.repository
    );
    let help = if no_triton.is_empty() {
        format!(
            "use a release whose image is built for {list}, or build vLLM with `PYTORCH_ROCM_ARCH={}`",
            joined(cx, affected)
        )
    } else {
        format!("use a fork that is made for {list}; CMake's list of targets alone does not make it work")
    };
    let steps = steps(&targets, affected, seen, is_shown)
        + usize::from(release.certainty.is_some_and(crate::deployment::Certainty::is_guess));
    Some(finding(cx, out, image.at, &targets, affected, steps, message, &help))
}

/// vLLM's own packages and sources on a target that Triton has no code for.
fn installed(cx: &Context<'_>, out: &Findings, image: &ImageFacts<'_>, targets: Targets) -> Option<Finding> {
    let vllm = image.vllm()?;
    let own = |text: &str| text.contains("gfx906") || text.contains("gfx900") || text.contains("gcn5");
    let has_own =
        image.path.installs(Reach::Whole).any(|install| {
            install.fact.packages.iter().any(|package| {
                own(&package.name) || own(&package.version) || package.source.as_deref().is_some_and(own)
            })
        }) || image.path.checkouts(Reach::Whole).any(|checkout| checkout.fact.repository.as_deref().is_some_and(own))
            || image.path.base.as_ref().is_some_and(|base| own(&base.text));
    if vllm.release.is_fork != Answer::No || has_own {
        return None;
    }
    without_triton(cx, out, vllm.at, targets, false)
}

fn without_triton(cx: &Context<'_>, out: &Findings, at: Place, targets: Targets, is_shown: bool) -> Option<Finding> {
    let affected = lacking_triton(cx, targets.set);
    if affected.is_empty() {
        return None;
    }
    let list = cx.universe().list(affected);
    let message = format!(
        "Upstream vLLM does not run on {list}: Triton, FlashAttention, AITER and MORI have no code for it, although CMake may list it."
    );
    let help = format!("use a fork of vLLM and of Triton that is made for {list}");
    let steps = steps(&targets, affected, targets.set, is_shown);
    Some(finding(cx, out, at, &targets, affected, steps, message, &help))
}

/// Those of the targets that Triton's AMD backend refuses: old ones of the gfx9 line.
fn lacking_triton(cx: &Context<'_>, targets: ArchSet) -> ArchSet {
    let Some(triton) = cx.knowledge.component("triton") else { return ArchSet::EMPTY };
    let Some(support) = triton.support_at(None).0 else { return ArchSet::EMPTY };
    let old = targets.iter().filter(|&arch| cx.universe().name(arch).starts_with("gfx90"));
    old.filter(|&arch| !support.supported.contains(arch)).collect()
}

/// Whether a file fetches sources or packages that are made for the target.
fn names_target(cx: &Context<'_>, file: crate::span::FileId, targets: &Targets) -> bool {
    let names = cx.universe().names(targets.set);
    let facts = cx.workspace.facts(file);
    let own = |text: &str| names.iter().any(|name| text.contains(name.as_str()));
    facts.checkouts.iter().any(|checkout| checkout.repository.as_deref().is_some_and(own))
        || facts
            .installs
            .iter()
            .flat_map(|install| &install.packages)
            .any(|package| own(&package.version) || package.source.as_deref().is_some_and(own))
}

fn joined(cx: &Context<'_>, set: ArchSet) -> String {
    cx.universe().names(set).join(";")
}

fn steps(targets: &Targets, affected: ArchSet, all: ArchSet, is_shown: bool) -> usize {
    usize::from(targets.is_guess()) + usize::from(affected != all) + usize::from(is_shown)
}

#[allow(clippy::too_many_arguments, reason = "one place for what both kinds of finding hold")]
fn finding(
    cx: &Context<'_>,
    out: &Findings,
    at: Place,
    targets: &Targets,
    affected: ArchSet,
    steps: usize,
    message: String,
    help: &str,
) -> Finding {
    let severity: Severity = out.severity().lowered_by(steps);
    let mut finding = out
        .finding(at, message)
        .label(format!("nothing for {}", cx.universe().list(affected)))
        .severity(severity)
        .doubts(usize::from(targets.is_guess()))
        .help(help)
        .data("arch", cx.universe().names(affected));
    if let Some(read) = targets.at.filter(|read| *read != at) {
        finding = finding.related(read, format!("it is for {}", cx.universe().list(targets.set)));
    }
    finding
}
