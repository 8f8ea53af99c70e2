//! GFX102: targets that an image or a build asks for and CMake drops without a word.

use crate::context::Context;
use crate::deployment::{ImageFacts, Reach, VllmKind};
use crate::facts::{Setting, SettingKind, SiteKind};
use crate::finding::{Applicability, Finding};
use crate::rules::Findings;
use crate::source::Section;
use crate::span::Place;
use crate::stack::{self, AllowList, TARGETS_VARIABLE};
use crate::workspace::{ListItem, ResolvedSite, arch_list};

/// Reports each element of a build's list that the allow list of its tree drops.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen: Vec<Place> = Vec::new();
    let others: Vec<Place> = stack::component_builds(cx)
        .iter()
        .filter(|build| build.component.name != "pytorch-wheel")
        .map(stack::ComponentBuild::at)
        .collect();
    for (site, setting) in cx.sites().filter_map(|site| Some((site, cx.workspace.setting(site)?))) {
        // A list that another component's build is given never reaches vLLM's CMake.
        if !is_build_list(cx, site, setting) || others.contains(&site.at) {
            continue;
        }
        let Some(allow) = stack::allow_list_for(cx, site.at.file) else { continue };
        let Some(list) = arch_list(&setting.value, cx.universe()) else { continue };
        for item in list.items.iter().filter(|item| !item.covers.is_empty() && !allow.keeps(&item.text)) {
            let at = item.span.map_or_else(|| cx.value(site), |span| Place { file: site.at.file, span });
            if allow.patched_in(cx, site.at.file, &item.text) || seen.contains(&at) {
                continue;
            }
            seen.push(at);
            out.push(report(cx, out, &allow, site, item, at));
        }
    }
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes()) {
        for finding in by_release(cx, out, image) {
            if !seen.contains(&finding.at) {
                seen.push(finding.at);
                out.push(finding);
            }
        }
    }
}

/// Targets that the release of vLLM which an image builds does not list, where its tree is not of the run.
fn by_release(cx: &Context<'_>, out: &Findings, image: &ImageFacts<'_>) -> Vec<Finding> {
    let (Some(list), Some(vllm)) = (image.vllm_targets(), image.vllm()) else { return Vec::new() };
    let is_upstream = vllm.kind == VllmKind::Checkout && vllm.release.is_fork.is_no();
    let listed = cx.knowledge.releases().agreed(&vllm.release.range, |release| release.cmake_targets.as_ref());
    let (Some(listed), true, false) = (listed, is_upstream, edits_list(image)) else { return Vec::new() };
    if stack::allow_list_for(cx, list.at.file).is_some() || vllm.release.is_unknown() {
        return Vec::new();
    }
    let dropped: Vec<String> = cx
        .universe()
        .names(list.targets)
        .into_iter()
        .filter(|name| !listed.contains(name) && list.written.contains(name))
        .collect();
    if dropped.is_empty() {
        return Vec::new();
    }
    let names = dropped.join(", ");
    let end = if dropped.len() == list.written.len() {
        "nothing is left of the list, and the build stops"
    } else {
        "the build goes on, and nothing is compiled for it"
    };
    let message = format!(
        "vLLM {} does not list {names} in HIP_SUPPORTED_ARCHS of its CMakeLists.txt and drops it from {}: {end}.",
        vllm.release.range, list.setting.name
    );
    let finding = out
        .finding(list.at, message)
        .label("dropped by CMake")
        .related(vllm.release.at.unwrap_or(vllm.at), "this release")
        .help(format!("build a release whose CMakeLists.txt lists {names}"))
        .data("arch", dropped)
        .data("list", list.setting.name.clone());
    vec![finding]
}

/// Whether the container file changes vLLM's list, or may.
fn edits_list(image: &ImageFacts<'_>) -> bool {
    let speaks = |word: &crate::facts::Word| {
        word.by_default().is_none_or(|text| {
            text.contains("CMakeLists")
                || text.contains("HIP_SUPPORTED_ARCHS")
                || text.ends_with(".patch")
                || text == "apply"
        })
    };
    image.path.patches(Reach::Whole).any(|patch| patch.files.iter().any(|file| file.contains("CMakeLists")))
        || image.path.commands(Reach::Whole).any(|command| {
            matches!(command.program().as_str(), "sed" | "patch" | "git" | "cp" | "perl")
                && command.words.iter().any(speaks)
        })
        || image.path.copies(Reach::Whole).any(|copy| copy.sources.iter().any(speaks))
}

/// Whether a setting is a list that a build of vLLM may be given.
fn is_build_list(cx: &Context<'_>, site: &ResolvedSite, setting: &Setting) -> bool {
    let builds = matches!(
        setting.kind,
        SettingKind::DockerArg
            | SettingKind::DockerEnv
            | SettingKind::ShellAssign
            | SettingKind::ShellDefault
            | SettingKind::ShellEcho
            | SettingKind::BuildFlag
            | SettingKind::BuildArg
            | SettingKind::BakeDefault
    );
    builds
        && setting.name.ends_with(TARGETS_VARIABLE)
        && site.kind != SiteKind::CommentList
        && cx.workspace.sources().get(site.at.file).section != Section::Docs
}

fn report(
    cx: &Context<'_>,
    out: &Findings,
    allow: &AllowList<'_>,
    site: &ResolvedSite,
    item: &ListItem,
    at: Place,
) -> Finding {
    let target = stack::exact_target(cx, &item.text);
    let processor = item.text.split(':').next().unwrap_or_default();
    let (why, remedy) = match target {
        Some(_) if processor != item.text => (
            format!("{} holds no target ID features", allow.site.symbol),
            format!(
                "write `{processor}`; CMake compares whole strings, so `{}` is dropped even where `{processor}` is listed",
                item.text
            ),
        ),
        Some(_) => (
            format!("{} does not list it", allow.site.symbol),
            format!(
                "add {processor} to {}, or take it out of {}; a target that is listed still needs device code and host gates (`gfxlint audit --arch {processor}`)",
                allow.site.symbol, site.symbol
            ),
        ),
        None => (
            format!("{} lists processors only", allow.site.symbol),
            format!(
                "name the processors that {processor} stands for; do not add {processor} to {}, which device guards and host gates do not know",
                allow.site.symbol
            ),
        ),
    };
    let mut finding = out
        .finding(
            at,
            format!(
                "{} asks for '{}', but CMake drops it without a word: {why}. Nothing in vLLM is compiled for it.",
                site.symbol, item.text
            ),
        )
        .label("dropped by CMake")
        .related(cx.value(allow.site), "the allow list")
        .data("arch", item.text.clone())
        .data("list", site.symbol.clone())
        .help(remedy);
    for place in allow.intersections(cx) {
        finding = finding.related(place, "what is not in the allow list is left out here");
    }
    if let Some(edit) = target.filter(|_| processor == item.text).and_then(|target| allow.insertion(cx, target)) {
        finding = finding.fix(format!("add {processor} to {}", allow.site.symbol), Applicability::Unsafe, vec![edit]);
    }
    finding
}
