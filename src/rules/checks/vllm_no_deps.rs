//! GFX413: vLLM installed without what it needs.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{Found, ImageFacts, Reach, VllmKind, copied_stage};
use crate::facts::{Install, InstallTool, Package, TextPart, Word};
use crate::finding::Finding;
use crate::knowledge::Part;
use crate::rules::Findings;
use crate::span::{FileId, Place};

/// Some of what `requirements/common.txt` lists; whoever installs several of them does it by hand.
const COMMON: &[&str] = &[
    "aiohttp",
    "blake3",
    "cachetools",
    "cloudpickle",
    "compressed-tensors",
    "depyf",
    "einops",
    "fastapi",
    "gguf",
    "lark",
    "llguidance",
    "lm-format-enforcer",
    "mistral-common",
    "msgspec",
    "openai",
    "outlines",
    "outlines-core",
    "partial-json-parser",
    "prometheus-client",
    "prometheus-fastapi-instrumentator",
    "protobuf",
    "psutil",
    "py-cpuinfo",
    "pydantic",
    "pyzmq",
    "sentencepiece",
    "tiktoken",
    "tokenizers",
    "transformers",
    "uvicorn",
    "xgrammar",
];
/// With that many of them the list was made on purpose.
const BY_HAND: usize = 5;

/// Looks at the installations of vLLM in every image for AMD GPUs.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = BTreeSet::new();
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes()) {
        if has_in_base(cx, image) {
            continue;
        }
        let installs: Vec<Found<'_, Install>> = image.path.installs(Reach::Whole).collect();
        if brings_dependencies(cx, image, &installs) {
            continue;
        }
        let bare = installs.iter().filter(|install| image.path.holds(install.place(install.span)));
        for install in bare.filter(|install| without(install) && brings_vllm(image, install)) {
            let at = switch(cx, install);
            if seen.insert(at) {
                out.push(report(out, image, install, at));
            }
        }
    }
}

/// Whether the base image may hold vLLM with all it needs: it does, or nobody described it.
fn has_in_base(cx: &Context<'_>, image: &ImageFacts<'_>) -> bool {
    let Some(base) = image.path.base.as_ref().filter(|base| !base.is_partial) else { return true };
    let described = cx.knowledge.images().describe(&base.text);
    described.entry.is_none()
        || described.has(Part::Vllm).is_yes()
        || image.vllm.iter().any(|vllm| vllm.kind == VllmKind::BaseImage)
}

fn without(install: &Install) -> bool {
    matches!(install.tool, InstallTool::Pip | InstallTool::Uv) && install.has("no-deps")
}

fn brings_vllm(image: &ImageFacts<'_>, install: &Found<'_, Install>) -> bool {
    image.vllm.iter().any(|vllm| {
        vllm.kind != VllmKind::BaseImage && vllm.at.file == install.file && install.span.contains(vllm.at.span)
    })
}

/// Whether anything on the way to the image may bring what vLLM needs.
fn brings_dependencies(cx: &Context<'_>, image: &ImageFacts<'_>, installs: &[Found<'_, Install>]) -> bool {
    let is_python =
        |install: &&Found<'_, Install>| matches!(install.tool, InstallTool::Pip | InstallTool::Uv | InstallTool::Conda);
    let by_install = installs.iter().filter(is_python).any(|install| {
        let lists = install.requirement_files.iter().any(|file| !is_for_building(&shown(file)));
        let with_dependencies = !install.has("no-deps") && install.packages.iter().any(may_depend);
        lists || install.is_open || with_dependencies
    });
    let named: BTreeSet<&str> = installs
        .iter()
        .filter(is_python)
        .flat_map(|install| &install.fact.packages)
        .filter_map(|package| COMMON.iter().find(|name| package.name == **name).copied())
        .collect();
    by_install || named.len() >= BY_HAND || takes_environment(cx, image) || names_lists(cx, image)
}

/// Whether a package may have vLLM's dependencies among its own: vLLM itself, a tree, or wheels that are not named.
fn may_depend(package: &Package) -> bool {
    let source = package.source.as_deref();
    // ROCm's own modules have none of vLLM's requirements.
    let is_rocm = source.is_some_and(|source| source.contains("amd_smi") || source.starts_with("/opt/rocm"));
    let is_file = is_rocm || source.is_some_and(|source| source.ends_with(".whl") && !source.contains('*'));
    package.name == "vllm" || package.extras.iter().any(|extra| extra.contains("vllm")) || source.is_some() && !is_file
}

fn is_for_building(path: &str) -> bool {
    ["build", "test", "lint", "docs"].iter().any(|word| path.contains(word))
}

/// Whether files come from an image that nobody reads here.
fn takes_environment(cx: &Context<'_>, image: &ImageFacts<'_>) -> bool {
    image.path.copies(Reach::Whole).any(|copy| {
        let facts = cx.workspace.facts(copy.file);
        let from_image = || copy.stage.is_none_or(|stage| copied_stage(facts, stage, copy.fact).is_none());
        let is_tool = || copy.from.as_ref().is_some_and(|from| shown(from).contains("uv"));
        copy.from.is_some() && from_image() && !is_tool()
    })
}

/// Whether the container file speaks of vLLM's lists, or of a script that may install something, in any other way.
fn names_lists(cx: &Context<'_>, image: &ImageFacts<'_>) -> bool {
    let lists =
        ["requirements/common", "requirements/rocm.txt", "requirements-common", "requirements-rocm.txt", "common.txt"];
    // Many stages may stand in one file.
    let files: BTreeSet<FileId> = image.path.steps(Reach::Whole).map(|step| step.file).collect();
    files.into_iter().any(|file| {
        let text = cx.workspace.sources().get(file).text();
        let mut scripts = text.split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ';'));
        let may_install = |word: &str| {
            let name = word.rsplit('/').next().unwrap_or_default();
            name.ends_with(".sh") && ["dep", "req", "install", "setup"].iter().any(|part| name.contains(part))
        };
        lists.iter().any(|list| text.contains(list)) || scripts.any(may_install)
    })
}

fn shown(word: &Word) -> String {
    let part = |part: &TextPart| match part {
        TextPart::Literal(text, _) => text.clone(),
        TextPart::Outer { default: Some(default), .. } => default.by_default().unwrap_or_default(),
        TextPart::Outer { .. } | TextPart::Unknown => String::new(),
    };
    word.text.parts.iter().map(part).collect()
}

/// The option; the whole command where a variable says it.
fn switch(cx: &Context<'_>, install: &Found<'_, Install>) -> Place {
    let command = install.command.and_then(|at| cx.workspace.facts(install.file).commands.get(at));
    let word =
        command.and_then(|command| command.words.iter().find(|word| word.known().as_deref() == Some("--no-deps")));
    install.place(word.map_or(install.span, |word| word.span))
}

fn report(out: &Findings, image: &ImageFacts<'_>, install: &Found<'_, Install>, at: Place) -> Finding {
    let message = "vLLM is installed without its dependencies, and nothing else in this image installs them: some forty \
                   packages are missing (transformers, fastapi with uvicorn and python-multipart, numpy, ...), and it ends \
                   with ModuleNotFoundError when it starts.";
    let finding = out.finding(at, message).label("leaves out its requirements").help(
        "install vLLM's `requirements/rocm.txt` (it includes common.txt) beside it, with the ROCm torch pinned by a \
         constraints file",
    );
    match image.platform.because.filter(|because| !install.place(install.span).span.contains(because.span)) {
        Some(because) => finding.related(because, "the image is for ROCm"),
        None => finding,
    }
}
