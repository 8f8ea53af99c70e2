//! Facts of builds: variables, stages, installations, sources, files, edits, images.

use serde_json::{Map, Value, json};

use super::entry::{Entry, Maker, spelled};
use crate::deployment::{Answer, ImageFacts, TorchKind, VllmKind, VllmRelease};
use crate::facts::{FileFacts, Install, Package, Setting};
use crate::span::FileId;

/// Adds them, file by file.
pub(super) fn add(maker: &Maker<'_, '_>, out: &mut Vec<Entry>) {
    for (file, _, facts) in maker.cx.workspace.files() {
        out.extend(facts.settings.iter().map(|setting| setting_fact(maker, file, facts, setting)));
        out.extend(facts.installs.iter().map(|install| install_fact(maker, file, facts, install)));
        for checkout in &facts.checkouts {
            let directory = checkout.directory.as_ref().map(spelled);
            let entry = maker.entry("checkout", file, checkout.span);
            out.push(
                entry
                    .with("repository", checkout.repository.clone())
                    .word("reference", checkout.reference.as_ref())
                    .with("directory", directory)
                    .with("stage", stage(facts, checkout.home.stage)),
            );
        }
        for copy in &facts.copies {
            out.push(
                maker
                    .entry("copy", file, copy.span)
                    .word("destination", copy.destination.as_ref())
                    .words("sources", &copy.sources)
                    .word("from", copy.from.as_ref())
                    .with("stage", stage(facts, copy.stage)),
            );
        }
        for patch in &facts.patches {
            let is_understood = patch.filters.is_some();
            let entry = maker.entry("patch", file, patch.span);
            out.push(entry.with("files", patch.files.clone()).with("understood", is_understood));
        }
        for package in &facts.versions {
            let entry = maker.entry("package-version", file, package.span);
            out.push(entry.with("package", package.package.as_str()).with("version", package.version.as_str()));
        }
        for mention in &facts.host {
            let entry = maker.entry("host", file, mention.span);
            out.push(entry.with("name", mention.kind.name()).with("value", mention.value.as_str()));
        }
        for gap in &facts.gaps {
            out.push(maker.entry("unparsed", file, gap.span).with("expected", gap.what.as_str()));
        }
    }
    out.extend(maker.cx.joins().images().iter().map(|image| image_fact(maker, image)));
    for built in maker.cx.joins().builds().all() {
        let build = built.build.fact;
        let arguments: Map<String, Value> = build
            .arguments
            .iter()
            .map(|argument| (spelled(&argument.name.text), json!(argument.value.as_ref().map(spelled))))
            .collect();
        let builds = built.step.map(|step| {
            let span = maker.cx.workspace.facts(step.file).stages[step.stage].span;
            maker.place(maker.cx.place(step.file, span))
        });
        out.push(
            maker
                .entry("image-build", built.build.file, build.span)
                .words("tags", &build.tags)
                .word("file", build.file.as_ref())
                .word("context", build.context.as_ref())
                .word("target", build.target.as_ref())
                .with("arguments", arguments)
                .with("builds", builds)
                .with("open", build.is_open)
                .with("shown", build.home.is_shown),
        );
    }
}

/// The stage's name, or its number where it has none.
pub(super) fn stage(facts: &FileFacts, index: Option<usize>) -> Value {
    let Some(index) = index else { return Value::Null };
    facts.stages.get(index).and_then(|stage| stage.name.clone()).map_or_else(|| json!(index.to_string()), Value::from)
}

fn setting_fact(maker: &Maker<'_, '_>, file: FileId, facts: &FileFacts, setting: &Setting) -> Entry {
    let container = setting.container.and_then(|at| facts.containers.get(at)).and_then(|own| own.name.clone());
    maker
        .entry("setting", file, setting.span)
        .with("name", setting.name.as_str())
        .with("value", spelled(&setting.value))
        .with("kind", setting.kind.name())
        .with("known", setting.value.known().is_some())
        .with("stage", stage(facts, setting.stage))
        .with("container", container)
        .with("via", setting.via.map(|span| maker.place(maker.cx.place(file, span))))
}

fn install_fact(maker: &Maker<'_, '_>, file: FileId, facts: &FileFacts, install: &Install) -> Entry {
    let packages: Vec<String> = install.packages.iter().map(written).collect();
    maker
        .entry("install", file, install.span)
        .with("packages", packages)
        .with("tool", install.tool.name())
        .words("requirements", &install.requirement_files)
        .words("constraints", &install.constraint_files)
        .word("index", install.index.as_ref())
        .words("extra_indexes", &install.extra_indexes)
        .words("find_links", &install.find_links)
        .with("switches", install.switches.clone())
        .with("stage", stage(facts, install.home.stage))
        .with("open", install.is_open)
        .with("shown", install.home.is_shown)
}

/// A package as it is asked for.
fn written(package: &Package) -> String {
    if package.name.is_empty() || package.source.is_some() {
        return spelled(&package.word.text);
    }
    let extras = if package.extras.is_empty() { String::new() } else { format!("[{}]", package.extras.join(",")) };
    format!("{}{extras}{}", package.name, package.version)
}

/// What a stage of a container file is.
fn image_fact(maker: &Maker<'_, '_>, image: &ImageFacts<'_>) -> Entry {
    let file = image.path.file;
    let last = image.path.last();
    let torch = image.torch().map(|torch| match &torch.version {
        Some(version) => format!("{version} ({})", torch_kind(torch.kind)),
        None => torch_kind(torch.kind).to_owned(),
    });
    let vllm = image.vllm().map(|vllm| format!("{} ({})", release(&vllm.release), vllm_kind(vllm.kind)));
    let universe = maker.cx.universe();
    maker
        .entry("image", file, last.fact.span)
        .with("stage", stage(maker.cx.workspace.facts(file), Some(image.path.stage)))
        .with("from", spelled(&last.fact.image))
        .with("base", image.path.base.as_ref().map(|base| base.text.clone()))
        .with("final", image.is_final)
        .with("rocm", answer(image.platform.is_rocm))
        .with("rocm_version", image.system_rocm().map(|rocm| rocm.version.to_string()))
        .with("python", image.python().map(|python| format!("{}.{}", python.value.0, python.value.1)))
        .with("torch", torch)
        .with("vllm", vllm)
        .with("targets", universe.names(image.targets().set))
        .with("declares", universe.names(image.declared.set))
}

/// A yes, a no, or null.
pub(super) fn answer(answer: Answer) -> Option<bool> {
    match answer {
        Answer::Yes => Some(true),
        Answer::No => Some(false),
        Answer::Unknown => None,
    }
}

/// A release of vLLM, or that it may be any.
pub(super) fn release(release: &VllmRelease) -> String {
    let range = if release.is_unknown() { "any".to_owned() } else { release.range.to_string() };
    if release.is_fork.is_yes() { format!("{range}, a fork") } else { range }
}

fn torch_kind(kind: TorchKind) -> &'static str {
    match kind {
        TorchKind::Rocm => "for ROCm",
        TorchKind::Other => "for other GPUs",
        TorchKind::BaseImage => "base image",
        TorchKind::Source => "from source",
        TorchKind::Unknown => "unknown",
    }
}

fn vllm_kind(kind: VllmKind) -> &'static str {
    match kind {
        VllmKind::Package => "package",
        VllmKind::Wheel => "wheel",
        VllmKind::Checkout => "checkout",
        VllmKind::Tree => "tree",
        VllmKind::BaseImage => "base image",
    }
}
