//! GFX405: installations that bring the CUDA build of torch into a ROCm image.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{Found, ImageFacts, Reach, TorchKind, TorchSource};
use crate::facts::{Install, InstallTool, Package, Word};
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::rules::Findings;
use crate::rules::nix::{files, is_for_nvidia, sign_of_amd};
use crate::span::Place;
use crate::version::VersionRange;

/// Packages whose wheels on PyPI are built for CUDA, or pin a torch that is.
const FOR_CUDA: &[&str] = &["torch", "torchvision", "torchaudio", "vllm", "xformers"];

/// Looks at the installations of every stage for ROCm.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    shells(cx, out);
    let mut seen = BTreeSet::new();
    for image in
        cx.joins().images().iter().filter(|image| image.platform.is_rocm.is_yes() && cx.is_product(image.path.file))
    {
        let prepared = prepared(image);
        for install in image.path.installs(Reach::Chain) {
            // vLLM's script has taken torch out of the requirements by then.
            if prepared.is_some_and(|at| image.path.order(install.place(install.span)) > Some(at)) {
                break;
            }
            if !matches!(install.tool, InstallTool::Pip | InstallTool::Uv) {
                continue;
            }
            if let Some(finding) = judge(out, image, &install).filter(|_| seen.insert(install.place(install.span))) {
                out.push(finding);
            }
            for line in image.path.listed(cx.workspace, install) {
                let finding = judge_line(out, image, &install, &line);
                out.push_some(finding.filter(|finding| seen.insert(finding.at)));
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
    Beside(Beside<'a>),
    /// A ROCm index, or one that is not known.
    Fine,
}

/// A ROCm index that is an extra one: an option of the command, or a variable.
enum Beside<'a> {
    Option(&'a Word),
    Variable(Place),
}

/// vLLM's own lists for CUDA.
const CUDA_LISTS: &[&str] = &["requirements/cuda.txt", "requirements-cuda.txt"];

/// Whether something holds the torch that is there in its place.
fn is_held(install: &Found<'_, Install>) -> bool {
    install.is_open || !install.constraint_files.is_empty() || install.has("torch-backend")
}

/// A line of a list that an installation reads. The options of both hold.
fn judge_line(
    out: &Findings,
    image: &ImageFacts<'_>,
    install: &Found<'_, Install>,
    line: &Found<'_, Install>,
) -> Option<Finding> {
    let is_pinned_there = !line.constraint_files.is_empty();
    let package = line.packages.iter().find(|package| brings_cuda(image, install, package))?;
    if is_held(install) || is_pinned_there || package.word.text.known().is_some_and(|word| word.contains(';')) {
        return None;
    }
    let mut own = install.fact.clone();
    own.index = line.index.clone().or(own.index);
    own.extra_indexes.extend(line.extra_indexes.iter().cloned());
    own.find_links.extend(line.find_links.iter().cloned());
    let both = Found { file: install.file, fact: &own };
    let name = &package.name;
    let message = match source(image, &both) {
        Source::Fine => return None,
        Source::Default | Source::Other(_) => format!(
            "{name} of this list comes from PyPI, whose wheels are built for CUDA; a ROCm image installs it, and finds no GPU then."
        ),
        Source::Beside(_) => format!(
            "pip takes the highest version of {name} that any index has: the ROCm index is an extra one beside PyPI, and once PyPI is ahead of it the image that reads this list gets the CUDA build."
        ),
    };
    let is_beside = matches!(source(image, &both), Source::Beside(_));
    let finding = out
        .finding(line.place(package.word.span), message)
        .severity(if is_beside { Severity::Warning } else { out.severity() })
        .label("from PyPI")
        .related(install.place(install.span), "a ROCm image reads the list here")
        .help(help(name))
        .data("package", name.as_str());
    Some(finding)
}

fn judge(out: &Findings, image: &ImageFacts<'_>, install: &Found<'_, Install>) -> Option<Finding> {
    if is_held(install) {
        return None;
    }
    if let Some(list) = cuda_list(install) {
        let message =
            "This is vLLM's list for CUDA: it pins the CUDA build of torch, and this ROCm image finds no GPU then.";
        let finding = out.finding(install.place(list.span), message).label("for CUDA");
        return Some(finding.help("install `requirements/rocm.txt` in its place").data("package", "torch"));
    }
    let Some(package) = install.packages.iter().find(|package| brings_cuda(image, install, package)) else {
        return no_index(out, image, install);
    };
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
        Source::Beside(index) => beside(out, install, at, name, &index),
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
fn beside(out: &Findings, install: &Found<'_, Install>, at: Place, name: &str, index: &Beside<'_>) -> Finding {
    let message = format!(
        "pip takes the highest version of {name} that any index has: the ROCm index is an extra one beside PyPI, and once \
         PyPI is ahead of it this image gets the CUDA build."
    );
    let finding = out
        .finding(at, message)
        .severity(Severity::Warning)
        .label("from the index that is ahead")
        .related(
            match index {
                Beside::Option(word) => install.place(word.span),
                Beside::Variable(at) => *at,
            },
            "the ROCm index is an extra one",
        )
        .help("make the ROCm index the main one with `--index-url`, and PyPI the extra one if other packages need it");
    let Beside::Option(index) = index else { return finding };
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

/// `https://download.pytorch.org` without the folder that the indexes are in.
fn no_index(out: &Findings, image: &ImageFacts<'_>, install: &Found<'_, Install>) -> Option<Finding> {
    let at = install.place(install.span);
    let is_none = |word: &&Word| {
        let text = image.path.text(&word.text, at).unwrap_or_default();
        text.trim_end_matches('/').ends_with("://download.pytorch.org")
    };
    let word = install.index.iter().chain(&install.extra_indexes).find(is_none)?;
    let message =
        "This address is no package index: it has none of PyTorch's wheels, and PyPI's for CUDA are what is left.";
    let finding = out.finding(install.place(word.span), message).severity(Severity::Warning).label("no index");
    Some(finding.help("name the index for the ROCm of this image: `https://download.pytorch.org/whl/rocm<version>`"))
}

fn cuda_list<'a>(install: &Found<'a, Install>) -> Option<&'a Word> {
    let is_for_cuda =
        |word: &&Word| word.by_default().is_some_and(|name| CUDA_LISTS.iter().any(|list| name.ends_with(list)));
    install.fact.requirement_files.iter().find(is_for_cuda).filter(|_| !install.has("no-deps"))
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
        // What is there already is left alone where it will do, unless an upgrade is asked for.
        let may_stay = !install.has("upgrade") && !install.has("force-reinstall");
        return !(may_stay && rocm_torch(image, install).is_some_and(|torch| will_do(torch, &package.version)));
    }
    !install.has("no-deps")
}

/// The torch for ROCm that is there before the installation.
fn rocm_torch<'b>(image: &'b ImageFacts<'_>, install: &Found<'_, Install>) -> Option<&'b TorchSource> {
    let limit = image.path.order(install.place(install.span));
    image.torch.iter().rfind(|torch| {
        matches!(torch.kind, TorchKind::Rocm | TorchKind::BaseImage | TorchKind::Source)
            && (torch.at == image.path.base_at || image.path.order(torch.at).is_none_or(|order| Some(order) < limit))
    })
}

/// Whether a torch meets a condition (`>=2.6`). Of one whose version is not known, only a pin (`==2.9.1`) tells that
/// another is wanted.
fn will_do(torch: &TorchSource, condition: &str) -> bool {
    match (&torch.version, VersionRange::parse(condition)) {
        _ if condition.is_empty() => true,
        // The build's own mark (`+rocm7.2`) is no part of what is compared.
        (Some(version), Some(range)) => {
            range.contains(version) || range.version().is_some_and(|pinned| pinned.numbers() == version.numbers())
        }
        _ => !condition.contains("=="),
    }
}

/// Where in the build vLLM's `use_existing_torch.py` takes torch out of the requirements.
fn prepared(image: &ImageFacts<'_>) -> Option<(usize, u32)> {
    let mut commands = image.path.commands(Reach::Chain);
    let prepares = commands.find(|command| {
        command.words.iter().any(|word| word.known().is_some_and(|word| word.ends_with("use_existing_torch.py")))
    })?;
    image.path.order(prepares.place(prepares.span))
}

fn source<'a>(image: &ImageFacts<'_>, install: &'a Found<'_, Install>) -> Source<'a> {
    let at = install.place(install.span);
    let names_rocm =
        |text: &str| ["rocm", "amd.com", "radeon", "gfx"].iter().any(|mark| text.to_ascii_lowercase().contains(mark));
    let is_rocm = |word: &Word| image.path.text(&word.text, at).is_none_or(|text| names_rocm(&text));
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
    if let Some(setting) = image.path.in_force("PIP_EXTRA_INDEX_URL", Some(at)) {
        let place = setting.place(setting.value_span);
        let text = image.path.text(&setting.fact.value, place);
        return match text.is_none_or(|text| names_rocm(&text)) {
            true if install.tool == InstallTool::Pip => Source::Beside(Beside::Variable(place)),
            _ => Source::Fine,
        };
    }
    extra(install, &is_rocm).unwrap_or(Source::Default)
}

/// What extra indexes make of it; uv prefers them to PyPI, pip does not.
fn extra<'a>(install: &'a Found<'_, Install>, is_rocm: &dyn Fn(&Word) -> bool) -> Option<Source<'a>> {
    let index = install.fact.extra_indexes.iter().find(|index| is_rocm(index))?;
    Some(if install.tool == InstallTool::Uv { Source::Fine } else { Source::Beside(Beside::Option(index)) })
}
