//! PyTorch wheels that hold no kernels for the target of the image or script that installs them.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::deployment::{Found, ImageFacts, Reach, TorchKind};
use crate::facts::{Install, Package};
use crate::span::Place;
use crate::version::{Known, Version};

/// A torch without code for some targets.
pub(crate) struct WheelGap {
    /// The package.
    pub(crate) at: Place,
    /// The targets that it lacks.
    pub(crate) targets: ArchSet,
    /// What lacks them: "PyTorch's wheels for ROCm 6.4".
    pub(crate) what: String,
}

/// The gap of the torch that an image ends up with, given the targets that it is for.
pub(crate) fn of_image(cx: &Context<'_>, image: &ImageFacts<'_>, targets: ArchSet) -> Option<WheelGap> {
    let torch = image.torch().filter(|torch| torch.kind == TorchKind::Rocm)?;
    let install = image.path.installs(Reach::Whole).find(|install| {
        install.file == torch.at.file && install.packages.iter().any(|package| package.word.span == torch.at.span)
    })?;
    let at = install.place(install.span);
    let text = |text: &crate::facts::Text| image.path.text(text, at);
    gap(cx, install, targets, &text)
}

/// The gap of an installation in a script.
pub(crate) fn of_script(cx: &Context<'_>, install: Found<'_, Install>, targets: ArchSet) -> Option<WheelGap> {
    gap(cx, install, targets, &crate::facts::Text::by_default)
}

fn gap(
    cx: &Context<'_>,
    install: Found<'_, Install>,
    targets: ArchSet,
    text: &dyn Fn(&crate::facts::Text) -> Option<String>,
) -> Option<WheelGap> {
    let package = install.fact.packages.iter().find(|package| package.name == "torch" && package.source.is_none())?;
    let indexes = install.fact.index.iter().chain(&install.fact.extra_indexes);
    let address = indexes.filter_map(|word| text(&word.text)).find(|address| is_for_rocm(address))?;
    let place = install.place(package.word.span);
    let found = |targets: ArchSet, what: String| (!targets.is_empty()).then_some(WheelGap { at: place, targets, what });
    if address.contains("whl-multi-arch") {
        let named: ArchSet =
            package.extras.iter().filter_map(|extra| cx.universe().find(extra.strip_prefix("device-")?)).collect();
        let all = package.extras.iter().any(|extra| extra.contains("all"));
        let what = if named.is_empty() {
            "torch without an extra such as torch[device-gfx1151]"
        } else {
            "the extra that torch is asked for with"
        };
        return found(targets.difference(named), what.to_owned()).filter(|_| !all);
    }
    if let Some(family) = family(cx, &address) {
        return found(targets.difference(family), "the index, which is for another family of GPUs,".to_owned());
    }
    if !cx.knowledge.wheels().is_index(&address) {
        return None;
    }
    let rocm = number(address.split("/rocm").nth(1)?)?;
    let version = torch_version(package, text);
    let lacks = |name: &str| cx.knowledge.wheels().have(name, version.as_ref(), Some(&rocm)) == Known::No;
    let affected = targets.iter().filter(|&arch| lacks(cx.universe().name(arch))).collect();
    let torch = version.map_or_else(|| "PyTorch".to_owned(), |version| format!("PyTorch {version}"));
    found(affected, format!("{torch} of the index for ROCm {rocm}"))
}

fn is_for_rocm(address: &str) -> bool {
    ["rocm", "amd.com", "gfx"].iter().any(|part| address.contains(part))
}

/// The targets that an index of TheRock is for, by its address: `/v2/gfx1151/`, `/v2/gfx110X-all/`.
fn family(cx: &Context<'_>, address: &str) -> Option<ArchSet> {
    let part = address.split('/').find(|part| part.starts_with("gfx"))?;
    let name = part.split('-').next()?;
    let set: ArchSet = match name.strip_suffix(['X', 'x']) {
        Some(start) => cx.universe().all().iter().filter(|&arch| cx.universe().name(arch).starts_with(start)).collect(),
        None => cx.universe().find(name).into_iter().collect(),
    };
    // `gfx94X-dcgpu` and the like name what they hold; a name that fits nothing says nothing.
    (!set.is_empty()).then_some(set)
}

fn number(text: &str) -> Option<Version> {
    let end = text.find(|next: char| !next.is_ascii_digit() && next != '.').unwrap_or(text.len());
    Version::parse(text[..end].trim_end_matches('.'))
}

/// The version that is pinned; none where another may come.
fn torch_version(package: &Package, text: &dyn Fn(&crate::facts::Text) -> Option<String>) -> Option<Version> {
    let written = text(&package.word.text)?;
    let (_, version) = written.split_once("==")?;
    number(version.trim_start_matches('='))
}
