//! GFX405: installations that bring the CUDA build of torch into a ROCm image.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{Found, ImageFacts, Reach, TorchKind};
use crate::facts::{Install, InstallTool, Package, Word};
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::rules::Findings;
use crate::rules::nix::{files, is_for_nvidia, sign_of_amd};
use crate::span::Place;

/// Packages whose wheels on PyPI are built for CUDA, or pin a torch that is.
const FOR_CUDA: &[&str] = &["torch", "torchvision", "torchaudio", "vllm", "xformers"];

/// Looks at the installations of every stage for ROCm.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    shells(cx, out);
    let mut seen = BTreeSet::new();
    for image in
        cx.joins().images().iter().filter(|image| image.platform.is_rocm.is_yes() && cx.is_product(image.path.file))
    {
        for install in image.path.installs(Reach::Chain) {
            if !matches!(install.tool, InstallTool::Pip | InstallTool::Uv) {
                continue;
            }
            if let Some(finding) = judge(out, image, &install).filter(|_| seen.insert(install.place(install.span))) {
                out.push(finding);
            }
        }
    }
}

/// Looks at the shells and scripts of Nix files that are about AMD GPUs.
fn shells(cx: &Context<'_>, out: &mut Findings) {
    for (file, _) in files(cx) {
        let installs = cx.workspace.facts(file).installs.iter();
        let plain = installs.filter(|install| {
            let has_index = install.index.is_some()
                || !install.extra_indexes.is_empty()
                || !install.find_links.is_empty()
                || !install.constraint_files.is_empty();
            matches!(install.tool, InstallTool::Pip | InstallTool::Uv)
                && !(install.is_open || has_index || install.has("torch-backend") || install.has("no-deps"))
        });
        let found = plain.filter_map(|install| {
            let is_plain = |package: &&Package| {
                FOR_CUDA.contains(&package.name.as_str())
                    && package.source.is_none()
                    && !package.version.to_ascii_lowercase().contains("rocm")
            };
            install.packages.iter().find(is_plain)
        });
        for package in found {
            let Some(sign) = sign_of_amd(cx, file).filter(|_| !is_for_nvidia(cx, file)) else { break };
            let name = &package.name;
            let message = format!(
                "{name} comes from PyPI here, whose wheels are built for CUDA: in a shell for ROCm it finds no GPU."
            );
            out.push(
                out.finding(Place { file, span: package.word.span }, message)
                    .label("from PyPI")
                    .related(sign, "for AMD GPUs")
                    .help(help(name))
                    .data("package", name.as_str()),
            );
        }
    }
}

/// What an installation takes its packages from.
enum Source<'a> {
    /// PyPI, since nothing else is said.
    Default,
    /// An index for CUDA or the CPU.
    Other(&'a Word),
    /// A ROCm index beside PyPI; pip takes the highest version of both.
    Beside(&'a Word),
    /// A ROCm index, or one that is not known.
    Fine,
}

fn judge(out: &Findings, image: &ImageFacts<'_>, install: &Found<'_, Install>) -> Option<Finding> {
    if install.is_open
        || !install.constraint_files.is_empty()
        || install.has("torch-backend")
        || is_prepared(image, install)
    {
        return None;
    }
    let package = install.packages.iter().find(|package| brings_cuda(image, install, package))?;
    let at = install.place(package.word.span);
    let name = &package.name;
    let brings = if name == "torch" {
        "the CUDA build of torch".to_owned()
    } else {
        format!("the {name} for CUDA, and with it the CUDA build of torch")
    };
    let finding = match source(image, install) {
        Source::Fine => return None,
        Source::Default => out
            .finding(at, format!("{name} comes from PyPI here, whose wheels are built for CUDA: this ROCm image gets {brings}, and no GPU is found."))
            .label("from PyPI")
            .help(help(name)),
        Source::Other(index) => out
            .finding(at, format!("The index that {name} comes from is not for ROCm: this ROCm image gets another build of it, and no GPU is found."))
            .label("not for ROCm")
            .related(install.place(index.span), "the index")
            .help(help(name)),
        Source::Beside(index) => beside(out, install, at, name, index),
    };
    Some(
        match image.platform.because.filter(|because| *because != at) {
            Some(because) => finding.related(because, "the image is for ROCm"),
            None => finding,
        }
        .data("package", name.as_str()),
    )
}

/// A ROCm index as an extra one.
fn beside(out: &Findings, install: &Found<'_, Install>, at: Place, name: &str, index: &Word) -> Finding {
    let message = format!(
        "pip takes the highest version of {name} that any index has: the ROCm index is an extra one beside PyPI, and once \
         PyPI is ahead of it this image gets the CUDA build."
    );
    let finding = out
        .finding(at, message)
        .severity(Severity::Warning)
        .label("from the index that is ahead")
        .related(install.place(index.span), "the ROCm index is an extra one")
        .help("make the ROCm index the main one with `--index-url`, and PyPI the extra one if other packages need it");
    let (Some(url), option) = (index.known(), "--extra-index-url") else { return finding };
    let start = install.place(index.span).span.start;
    let length = u32::try_from(option.len() + 1).unwrap_or_default();
    let option_at =
        Place { file: at.file, span: crate::span::Span { start: start.saturating_sub(length), end: index.span.end } };
    finding.fix(
        "Make the ROCm index the main one",
        Applicability::DisplayOnly,
        vec![Edit::new(option_at, format!("--index-url {url} --extra-index-url https://pypi.org/simple"))],
    )
}

fn help(name: &str) -> String {
    match name {
        "vllm" => "build vLLM from source, or take a wheel for ROCm (`--extra-index-url https://wheels.vllm.ai/rocm/` with uv)".to_owned(),
        _ => format!("name the ROCm index: `--index-url https://download.pytorch.org/whl/rocm<version>` for {name}"),
    }
}

/// Whether a package would come as its CUDA build from an index that has it.
fn brings_cuda(image: &ImageFacts<'_>, install: &Found<'_, Install>, package: &Package) -> bool {
    let local = package.version.split('+').nth(1).unwrap_or_default();
    if package.source.is_some()
        || !FOR_CUDA.contains(&package.name.as_str())
        || local.contains("rocm")
        || package.version.contains('*')
    {
        return false;
    }
    if package.name == "torch" {
        // What is there already is left alone, unless a version or an upgrade is asked for.
        let is_kept = !install.has("upgrade") && !install.has("force-reinstall") && package.version.is_empty();
        return !(is_kept && has_rocm_torch(image, install));
    }
    !install.has("no-deps")
}

/// Whether a torch for ROCm is there before the installation.
fn has_rocm_torch(image: &ImageFacts<'_>, install: &Found<'_, Install>) -> bool {
    let limit = image.path.order(install.place(install.span));
    image.torch.iter().any(|torch| {
        matches!(torch.kind, TorchKind::Rocm | TorchKind::BaseImage | TorchKind::Source)
            && (torch.at == image.path.base_at || image.path.order(torch.at).is_none_or(|order| Some(order) < limit))
    })
}

/// Whether vLLM's `use_existing_torch.py` has taken torch out of the requirements.
fn is_prepared(image: &ImageFacts<'_>, install: &Found<'_, Install>) -> bool {
    let limit = image.path.order(install.place(install.span));
    image.path.commands(Reach::Chain).any(|command| {
        image.path.order(command.place(command.span)) < limit
            && command.words.iter().any(|word| word.known().is_some_and(|word| word.ends_with("use_existing_torch.py")))
    })
}

fn source<'a>(image: &ImageFacts<'_>, install: &'a Found<'_, Install>) -> Source<'a> {
    let at = install.place(install.span);
    let is_rocm = |word: &Word| match image.path.text(&word.text, at) {
        Some(text) => ["rocm", "amd.com", "radeon", "gfx"].iter().any(|mark| text.to_ascii_lowercase().contains(mark)),
        None => true,
    };
    if install.find_links.iter().any(is_rocm) || install.has("no-index") {
        return Source::Fine;
    }
    if let Some(index) = &install.index {
        let address = image.path.text(&index.text, at).unwrap_or_default();
        let is_pypi = address.contains("pypi.org");
        return match is_rocm(index) {
            true => Source::Fine,
            false if is_pypi => extra(install, &is_rocm).unwrap_or(Source::Default),
            // A mirror may hold anything.
            false if address.contains("download.pytorch.org") => Source::Other(index),
            false => Source::Fine,
        };
    }
    let variables = [
        "PIP_INDEX_URL",
        "UV_INDEX_URL",
        "UV_DEFAULT_INDEX",
        "PIP_EXTRA_INDEX_URL",
        "UV_EXTRA_INDEX_URL",
        "UV_INDEX",
        "PIP_CONSTRAINT",
        "UV_CONSTRAINT",
        "PIP_FIND_LINKS",
        "PIP_CONFIG_FILE",
        "UV_TORCH_BACKEND",
    ];
    if variables.iter().any(|name| image.path.in_force(name, Some(at)).is_some()) {
        return Source::Fine;
    }
    extra(install, &is_rocm).unwrap_or(Source::Default)
}

/// What extra indexes make of it; uv prefers them to PyPI, pip does not.
fn extra<'a>(install: &'a Found<'_, Install>, is_rocm: &dyn Fn(&Word) -> bool) -> Option<Source<'a>> {
    let index = install.fact.extra_indexes.iter().find(|index| is_rocm(index))?;
    Some(if install.tool == InstallTool::Uv { Source::Fine } else { Source::Beside(index) })
}
