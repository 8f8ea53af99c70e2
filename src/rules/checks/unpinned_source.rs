//! GFX401: sources that are another thing tomorrow.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{Found, ImageFacts, Reach, TorchKind};
use crate::facts::{Checkout, Command, Install, InstallTool, SettingKind};
use crate::finding::{Finding, Severity};
use crate::knowledge::Platform;
use crate::rules::Findings;
use crate::source::Section;
use crate::span::{Place, Span};

/// Sources of the stack that are built against one another.
const STACK: &[&str] =
    &["vllm", "pytorch", "triton", "aiter", "flash-attention", "bitsandbytes", "flash-attention-triton"];
/// Names of branches.
const BRANCHES: &[&str] = &["main", "master", "develop", "dev", "nightly", "HEAD", "amd-mainline", "main_perf"];

/// Looks at base images, checkouts and nightly packages on the way to every image for AMD GPUs.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    // Images share stages: every source is reported once.
    let mut seen = BTreeSet::new();
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes()) {
        let found = base(cx, out, image)
            .into_iter()
            .chain(checkouts(out, image))
            .chain(nightlies(cx, out, image))
            .chain(requirements(cx, out, image));
        // What documentation shows is an example, and is not built every night.
        let source = cx.workspace.sources().get(image.path.file);
        let is_shown = source.language == "markdown" || source.section == Section::Docs;
        for finding in found.collect::<Vec<_>>() {
            if seen.insert(finding.at) {
                out.push(if is_shown { finding.severity(Severity::Note) } else { finding });
            }
        }
    }
}

/// A base image without a version.
fn base(cx: &Context<'_>, out: &Findings, image: &ImageFacts<'_>) -> Option<Finding> {
    let base = image.path.base.as_ref().filter(|base| base.digest.is_none() && !base.is_partial)?;
    let known = cx.knowledge.images().describe(&base.text);
    if known.platform != Some(Platform::Rocm) || !known.is_moving() {
        return None;
    }
    let what = match &base.tag {
        Some(tag) => format!("the tag '{tag}' of {} moves", base.repository),
        None => format!("{} without a tag means ':latest', which moves", base.repository),
    };
    let pinned = image.torch.iter().find(|torch| torch.kind == TorchKind::Rocm && torch.version.is_some());
    let finding = out.finding(image.path.base_at, String::new()).label("moves").data("image", base.text.as_str());
    let help = "name a release in the tag, or pin a digest (`@sha256:...`)";
    Some(match pinned.filter(|pinned| image.path.holds(pinned.at)) {
        Some(pinned) => {
            let version = pinned.version.as_ref().map(ToString::to_string).unwrap_or_default();
            let mut finding = finding
                .severity(Severity::Error)
                .related(pinned.at, format!("torch {version} is pinned here"))
                .help(format!("{help}: the one that torch {version} was built for"));
            finding.message = format!(
                "In this image {what}, while torch {version} is pinned, which fits one ROCm and Python alone: the next \
                 base may not be the one that it was built for."
            );
            finding
        }
        None => {
            let mut finding = finding.help(help);
            finding.message = format!(
                "In this image {what}: the next build may get another ROCm, Python or torch than the last one that worked."
            );
            finding
        }
    })
}

/// Checkouts of the stack's sources that follow a branch.
fn checkouts(out: &Findings, image: &ImageFacts<'_>) -> Vec<Finding> {
    let all: Vec<Found<'_, Checkout>> = image.path.checkouts(Reach::Whole).collect();
    let of_stack = |checkout: &&Found<'_, Checkout>| {
        let name = checkout.repository.as_deref().and_then(|repository| repository.rsplit('/').next());
        name.is_some_and(|name| STACK.contains(&name.to_ascii_lowercase().as_str()))
    };
    let chosen: Vec<Found<'_, Checkout>> =
        all.iter().filter(|checkout| checkout.reference.is_some()).copied().collect();
    let later_pin = |checkout: &Found<'_, Checkout>| {
        chosen.iter().any(|later| {
            later.file == checkout.file
                && later.home.stage == checkout.home.stage
                && later.span.start > checkout.span.start
                && same_folder(checkout, later)
                && later.reference.as_ref().is_some_and(|word| !is_branch(image, later, word))
        })
    };
    let later_branch = |checkout: &Found<'_, Checkout>| {
        chosen.iter().copied().find(|later| {
            later.file == checkout.file
                && later.repository.is_none()
                && later.home.stage == checkout.home.stage
                && later.span.start > checkout.span.start
                && same_folder(checkout, later)
                && later.reference.as_ref().is_some_and(|word| is_branch(image, later, word))
        })
    };
    all.iter()
        .filter(of_stack)
        .filter(|checkout| !later_pin(checkout))
        .filter_map(|checkout| {
            let later = later_branch(checkout).filter(|_| checkout.reference.is_none());
            branch(out, image, checkout, later.as_ref().unwrap_or(checkout))
        })
        .collect()
}

/// Whether a later `git checkout` is about the folder that the clone made.
fn same_folder(clone: &Found<'_, Checkout>, later: &Found<'_, Checkout>) -> bool {
    let last = |checkout: &Found<'_, Checkout>| {
        let folder = checkout.directory.as_ref()?.by_default()?;
        folder.trim_end_matches('/').rsplit('/').next().map(str::to_owned)
    };
    match (last(clone), last(later)) {
        (Some(made), Some(entered)) => made == entered || made == ".",
        _ => true,
    }
}

/// Whether a reference is known to be a branch; what is not known may be anything.
fn is_branch(image: &ImageFacts<'_>, checkout: &Found<'_, Checkout>, word: &crate::facts::Word) -> bool {
    let at = checkout.place(checkout.span);
    image.path.text(&word.text, at).is_some_and(|text| BRANCHES.contains(&text.trim_start_matches("origin/")))
}

/// A clone of which what is built is a branch; `checkout` is the clone itself, or the `git checkout` in it.
fn branch(
    out: &Findings,
    image: &ImageFacts<'_>,
    clone: &Found<'_, Checkout>,
    checkout: &Found<'_, Checkout>,
) -> Option<Finding> {
    let repository = clone.repository.as_deref().unwrap_or_default();
    let finding = match &checkout.reference {
        None => {
            let message = format!(
                "{repository} is cloned at its default branch: what is built depends on the day, and the parts of the \
                 stack fit together at some revisions only."
            );
            out.finding(checkout.place(checkout.span), message).label("default branch")
        }
        Some(word) if is_branch(image, checkout, word) => {
            let name = image.path.text(&word.text, checkout.place(checkout.span)).unwrap_or_default();
            let message = format!(
                "{repository} is built from the branch '{name}': what is built depends on the day, and the parts of the \
                 stack fit together at some revisions only."
            );
            let finding = out.finding(checkout.place(word.span), message).label("a branch");
            let default = default_of(image, &name).filter(|at| !at.span.contains(finding.at.span));
            match default {
                Some(at) => finding.related(at, "the branch is chosen here"),
                None => finding,
            }
        }
        Some(_) => return None,
    };
    Some(finding.help("check out a tag or a commit").data("repository", repository))
}

/// Where an argument names the branch.
fn default_of(image: &ImageFacts<'_>, name: &str) -> Option<Place> {
    let settings = image.path.global_arguments().chain(image.path.settings(Reach::Whole));
    let mut named = settings.filter(|setting| {
        setting.kind == SettingKind::DockerArg
            && !setting.value_span.range().is_empty()
            && setting.value.known().as_deref() == Some(name)
    });
    named.next().map(|setting| setting.place(setting.span))
}

/// `pip install git+https://...` without a reference, in commands and in the lists that they read.
fn requirements(cx: &Context<'_>, out: &Findings, image: &ImageFacts<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for install in image.path.installs(Reach::Whole).filter(|install| install.tool != InstallTool::Uninstall) {
        let lines = image.path.listed(cx.workspace, install);
        for entry in std::iter::once(install).chain(lines) {
            let at = install.place(install.span);
            for package in &entry.fact.packages {
                let Some(text) = image.path.text(&package.word.text, at) else { continue };
                found.extend(unpinned_address(out, entry.place(package.word.span), &text));
            }
        }
    }
    found
}

fn unpinned_address(out: &Findings, at: Place, text: &str) -> Option<Finding> {
    let address = text[text.find("git+")? + 4..].split(['#', ' ', ';']).next()?;
    let path = address.split_once("://").map_or(address, |(_, rest)| rest);
    // The user's name of an address may hold an `@` as well.
    let tail = &path[path.find('/')?..];
    let repository = crate::lang::programs::git::repository(address)?;
    let is_of_stack = STACK.contains(&repository.rsplit('/').next()?.to_ascii_lowercase().as_str());
    let what = match tail.split_once('@') {
        None => "its default branch".to_owned(),
        Some((_, reference)) if BRANCHES.contains(&reference) => format!("the branch '{reference}'"),
        Some(_) => return None,
    };
    is_of_stack.then(|| {
        let message = format!(
            "{repository} is installed from {what}: what is built depends on the day, and the parts of the stack fit \
             together at some revisions only."
        );
        let help = "name a tag or a commit behind the address: `.git@<tag>`";
        out.finding(at, message).label("no revision").help(help).data("repository", repository)
    })
}

/// Nightly builds without a date, and downloads of whatever is newest.
fn nightlies(cx: &Context<'_>, out: &Findings, image: &ImageFacts<'_>) -> Vec<Finding> {
    let installs = image.path.installs(Reach::Whole).filter_map(|install| nightly(out, image, &install));
    let newest = image.path.commands(Reach::Whole).filter_map(|command| newest(cx, out, &command));
    installs.chain(newest).collect()
}

/// `pip install --pre torch --index-url .../nightly/rocm7.0` without a version.
fn nightly(out: &Findings, image: &ImageFacts<'_>, install: &Found<'_, Install>) -> Option<Finding> {
    let at = install.place(install.span);
    let address = |word: &crate::facts::Word| image.path.text(&word.text, at).unwrap_or_default().to_ascii_lowercase();
    let is_nightly = |text: &str| text.contains("nightl") && (text.contains("rocm") || text.contains("amd"));
    install.index.iter().chain(&install.extra_indexes).find(|word| is_nightly(&address(word)))?;
    let package = install.packages.iter().find(|package| {
        package.source.is_none()
            && matches!(package.name.as_str(), "torch" | "rocm" | "vllm" | "triton")
            && (package.version.is_empty() || package.version.starts_with('>'))
            && !install.packages.iter().any(|other| other.name == package.name && other.version.starts_with('='))
    })?;
    let message =
        format!("{} comes from a nightly index without a version: each build gets last night's.", package.name);
    let help = format!("pin the build that works, with its date: `{}==<version>`", package.name);
    Some(out.finding(install.place(package.word.span), message).label("any night's").help(help))
}

/// `... | sort -V | tail -n1`: the newest of a listing of ROCm's.
fn newest(cx: &Context<'_>, out: &Findings, command: &Found<'_, Command>) -> Option<Finding> {
    let words: Vec<String> = command.words.iter().filter_map(crate::facts::Word::known).collect();
    let is_check = words.iter().any(|word| matches!(word.as_str(), "-C" | "--check" | "-c"));
    let is_pick = command.program() == "sort" && words.iter().any(|word| word.contains('V')) && !is_check;
    let span: Span = command.span;
    let pipeline =
        is_pick.then(|| pipeline(cx.workspace.sources().get(command.file).text(), span))?.to_ascii_lowercase();
    let is_rocm = ["rocm", "therock", "amdgpu", "hip"].iter().any(|word| pipeline.contains(word));
    let takes_one = ["tail", "head"].iter().any(|word| pipeline.contains(word));
    (is_rocm && takes_one).then(|| {
        out.finding(command.place(span), "The newest entry of a listing is taken: each build may get another ROCm.")
            .label("picks by version")
            .help("name the file that works")
    })
}

/// The commands that a command is piped together with, as written; as much of them as is near.
fn pipeline(text: &str, at: Span) -> &str {
    const NEAR: usize = 2_000;
    let floor = (0..=at.range().start.saturating_sub(NEAR)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let ceiling = (at.range().end + NEAR..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    let (before, behind) = (&text[floor..at.range().start], &text[at.range().end..ceiling]);
    let start = ["&&", ";", "\nRUN", "$("].iter().filter_map(|end| before.rfind(end)).max().unwrap_or_default();
    let end = ["&&", ";", "\nRUN"].iter().filter_map(|end| behind.find(end)).min().unwrap_or(behind.len());
    &text[floor + start..at.range().end + end]
}
