//! GFX402: vLLM for ROCm without the module by which it finds GPUs.

use crate::context::Context;
use crate::deployment::{ImageFacts, Reach};
use crate::facts::{InstallTool, Text, TextPart, Word};
use crate::finding::{Applicability, Finding, Severity};
use crate::knowledge::Part;
use crate::rules::Findings;
use crate::span::Place;
use crate::version::{Known, Version};

/// Where ROCm keeps the module's source (ROCm/amdsmi, `py-interface`).
const SHARE: &str = "/opt/rocm/share/amd_smi";

/// Programs that name the module in what they look for or write.
const EDITORS: &[&str] = &["sed", "perl", "awk", "grep", "patch", "echo", "printf"];

/// Looks for amdsmi in every image that holds vLLM for ROCm.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes() && image.has_vllm()) {
        let in_base = in_base(cx, image);
        if in_base == Known::Yes || is_installed(image) || may_be_installed(image) || is_older(image) {
            continue;
        }
        // vLLM that came with the base image came with what it needs.
        let Some(needs) = place_of_vllm(image) else { continue };
        out.push(report(out, image, needs, in_base));
    }
}

/// Whether the image is from a time at which vLLM asked PyTorch alone: it asks amdsmi since 0.5.4, ROCm 6.1.
fn is_older(image: &ImageFacts<'_>) -> bool {
    let first = Version::parse("6.1");
    image.system_rocm().is_some_and(|rocm| first.is_some_and(|first| rocm.version < first))
}

/// Whether the base image has the module.
fn in_base(cx: &Context<'_>, image: &ImageFacts<'_>) -> Known {
    let Some(base) = image.path.base.as_ref().filter(|base| !base.is_partial) else { return Known::Unknown };
    cx.knowledge.images().describe(&base.text).has(Part::Amdsmi)
}

/// The instruction on the chain that brings vLLM.
fn place_of_vllm(image: &ImageFacts<'_>) -> Option<Place> {
    let own = image.vllm().map(|vllm| vllm.at).filter(|&at| at != image.path.base_at);
    // What is only handed on (`FROM scratch`, a stage of wheels) runs nothing.
    own.or(image.builds_vllm)
        .filter(|&at| image.path.holds(at))
        .filter(|_| !image.vllm.iter().any(|vllm| vllm.at == image.path.base_at))
}

/// Whether something on the chain installs the module, or copies a Python environment that has it.
fn is_installed(image: &ImageFacts<'_>) -> bool {
    if names_module(image, Reach::Chain) {
        return true;
    }
    let takes_environment = image.path.copies(Reach::Chain).any(|copy| {
        copy.from.is_some()
            && copy.sources.iter().chain(&copy.destination).any(|word| is_environment(&written(&word.text)))
    });
    takes_environment && names_module(image, Reach::Whole)
}

/// Whether anything within reach speaks of the module.
fn names_module(image: &ImageFacts<'_>, reach: Reach) -> bool {
    let path = &image.path;
    let speaks = |words: &[Word]| words.iter().any(|word| is_module(&written(&word.text)));
    path.commands(reach).filter(|command| !EDITORS.contains(&command.program().as_str())).any(|command| {
        speaks(&command.words) || command.directory.as_ref().is_some_and(|folder| is_module(&written(folder)))
    }) || path.installs(reach).any(|install| {
        speaks(&install.requirement_files) || install.packages.iter().any(|package| is_module(&package.name))
    }) || path.copies(reach).any(|copy| speaks(&copy.sources))
        || path.settings(reach).any(|setting| is_module(&written(&setting.value)))
}

/// Whether packages are installed of which the names are not known: wheels of a folder, a list from the context, what
/// another command hands over (`xargs pip install`).
fn may_be_installed(image: &ImageFacts<'_>) -> bool {
    let mut installs = image.path.installs(Reach::Chain).filter(|install| install.tool != InstallTool::Requirements);
    installs.any(|install| {
        let any_wheel = install.packages.iter().any(|package| {
            let source = package.source.as_deref().unwrap_or_default();
            source.ends_with("*.whl") && !source.contains("vllm")
        });
        let is_of_tree = image.path.is_in_checkout(install);
        let own_list = !is_of_tree
            && install.requirement_files.iter().any(|file| {
                let name = written(&file.text);
                // vLLM's own lists do not hold it; those for builds do.
                name.contains("rocm-build") || !name.contains("rocm") && !name.contains("common")
            });
        any_wheel || own_list || install.is_open
    })
}

fn is_module(text: &str) -> bool {
    ["amdsmi", "amd_smi", "amd-smi"].iter().any(|name| text.contains(name))
}

/// Whether a path is a Python environment or a whole installation.
fn is_environment(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    path.is_empty()
        || [
            "site-packages",
            "dist-packages",
            "venv",
            "/lib/python3",
            "/opt/conda",
            "/usr/local",
            "pyenv",
            "/opt/python",
        ]
        .iter()
        .any(|part| path.contains(part))
        || path == "/opt"
}

/// The known parts of a text.
fn written(text: &Text) -> String {
    let part = |part: &TextPart| match part {
        TextPart::Literal(text, _) => text.clone(),
        TextPart::Outer { default: Some(default), .. } => default.by_default().unwrap_or_default(),
        TextPart::Outer { .. } | TextPart::Unknown => String::new(),
    };
    text.parts.iter().map(part).collect()
}

/// Whether a Python script of the build context is run on the sources: it may change how GPUs are found.
fn runs_own_script(image: &ImageFacts<'_>) -> bool {
    let name = |word: &Word| word.by_default().map(|path| path.rsplit('/').next().unwrap_or_default().to_owned());
    let copies = image.path.copies(Reach::Whole).filter(|copy| copy.from.is_none());
    let own: Vec<String> = copies.flat_map(|copy| copy.fact.sources.iter().filter_map(name)).collect();
    image.path.commands(Reach::Whole).filter(|command| command.program().starts_with("python")).any(|command| {
        let script = command.words.get(1).and_then(name).filter(|name| name.ends_with(".py"));
        script.is_some_and(|script| script.contains("patch") && own.contains(&script))
    })
}

fn report(out: &Findings, image: &ImageFacts<'_>, needs: Place, in_base: Known) -> Finding {
    let patch =
        image.path.patches(Reach::Whole).find(|patch| patch.files.iter().any(|file| file.contains("platforms/")));
    // An image that nobody described may hold it, and a patched detection may not need it.
    let is_own = image.path.base.as_ref().is_none_or(|base| base.registry.is_some()) && in_base == Known::Unknown;
    let severity = match (is_own || runs_own_script(image), &patch) {
        (true, _) => Severity::Note,
        (false, Some(_)) => out.severity().lowered(),
        (false, None) => out.severity(),
    };
    let message = "vLLM runs on ROCm here, but nothing installs the Python module amdsmi: vLLM asks it for GPUs when it \
                   starts, and without it ends with 'Failed to infer device type'.";
    let mut finding = out
        .finding(needs, message)
        .severity(severity)
        .doubts(usize::from(is_own || runs_own_script(image)) + usize::from(patch.is_some()))
        .label("needs amdsmi")
        .help(format!("add `RUN pip install {SHARE}` behind the ROCm packages, in the Python that runs vLLM"));
    if let Some(at) = image.platform.because.filter(|&at| at != needs) {
        finding = finding.related(at, "ROCm comes from here");
    }
    if let Some(patch) = &patch {
        finding = finding.related(patch.place(patch.span), "platform detection is patched here");
    }
    let end = Place { file: needs.file, span: needs.span };
    finding.fix(
        "Install the module that ROCm ships",
        Applicability::DisplayOnly,
        vec![crate::finding::Edit::insert(end, end.span.end, format!("\nRUN pip install {SHARE}"))],
    )
}
