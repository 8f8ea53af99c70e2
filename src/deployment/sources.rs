//! Where Python, PyTorch and vLLM come from in an image.

use super::names::number_at;
use super::spelled::Spelled;
use super::trees::{is_torch_tree, is_vllm_tree, tree_builds};
use super::{
    Basis, Certainty, Found, ImageRef, Reach, StagePath, Stated, TorchKind, TorchSource, Version, VllmKind,
    VllmRelease, VllmSource,
};
use crate::facts::{Command, Install, InstallTool, Package, SettingKind, Word};
use crate::knowledge::Part;
use crate::lang::programs::git::repository;
use crate::span::Place;

/// Python's versions in the order in which they are named.
pub(super) fn pythons(basis: Basis<'_>, path: &StagePath<'_>) -> Vec<Stated<(u32, u32)>> {
    let mut found = Vec::new();
    for (step, image) in path.roots(Reach::Chain) {
        let at = Place { file: step.file, span: path.stage_of(step).image_span };
        let described = basis.knowledge.images().describe(&image.text);
        let plain =
            || number_at(described.reference.tag.as_deref()?, 0).filter(|_| described.reference.repository == "python");
        let told = described.python.as_ref().map(|told| told.version.clone()).or_else(|| Some(plain()?.0));
        found.extend(match told {
            Some(version) => Some(Stated::new(version.series(), at, Certainty::Named)),
            None => described.system_python.map(|python| Stated::new(python, at, Certainty::Hinted)),
        });
    }
    for install in path.installs(Reach::Chain) {
        let packages = install.fact.packages.iter().filter_map(|package| Some((package, installed_python(package)?)));
        let place = |package: &Package| install.place(package.word.span);
        found.extend(packages.map(|(package, python)| Stated::new(python, place(package), Certainty::Named)));
    }
    for setting in path.settings(Reach::Chain).filter(|setting| setting.name.ends_with("PYTHON_VERSION")) {
        let at = setting.place(setting.value_span);
        let version = path.text(&setting.fact.value, at).and_then(|text| python_number(&text));
        found.extend(version.map(|version| Stated::new(version, at, Certainty::Declared)));
    }
    for command in path.commands(Reach::Chain) {
        let word = python_word(command);
        found.extend(word.and_then(|word| {
            let text = word.by_default()?;
            let digits = text.find(|next: char| next.is_ascii_digit())?;
            Some(Stated::new(python_number(&text[digits..])?, command.place(word.span), Certainty::Declared))
        }));
    }
    path.sort(&mut found, |known| known.at);
    found
}

/// `3.12` of `3.12.4`.
fn python_number(text: &str) -> Option<(u32, u32)> {
    let (version, _) = number_at(text, 0)?;
    (version.numbers()[0] == 3).then(|| version.series())
}

/// The Python that a package is: `python3.11` of a distribution, `python=3.11` of conda.
fn installed_python(package: &Package) -> Option<(u32, u32)> {
    let text = Spelled::word(&package.word).text;
    let rest = text.strip_prefix("python")?.trim_start_matches('=');
    let end = rest.find(|next: char| !next.is_ascii_digit() && next != '.').unwrap_or(rest.len());
    // Development files and modules are for the Python that they name; without it they are of no use.
    python_number(&rest[..end])
}

/// The word of a command that chooses a Python: `python3.11 -m venv`, `uv venv --python 3.12`.
fn python_word(command: Found<'_, Command>) -> Option<&Word> {
    let words = &command.fact.words;
    let known = |word: &Word| word.by_default().unwrap_or_default();
    let has = |wanted: &str| words.iter().any(|word| known(word) == wanted);
    let program = command.program();
    if program.starts_with("python3.") && has("venv") {
        return words.first();
    }
    if program != "uv" || !has("venv") && !has("python") {
        return None;
    }
    let option = words.iter().position(|word| matches!(known(word).as_str(), "--python" | "-p" | "install" | "pin"));
    words.get(option? + 1)
}

/// Where PyTorch comes from, in build order.
pub(super) fn torches(basis: Basis<'_>, path: &StagePath<'_>) -> Vec<TorchSource> {
    let own = torches_within(basis, path, Reach::Chain);
    if own.is_empty() { torches_within(basis, path, Reach::Whole) } else { own }
}

fn torches_within(basis: Basis<'_>, path: &StagePath<'_>, reach: Reach) -> Vec<TorchSource> {
    let mut found = Vec::new();
    for (step, image) in path.roots(reach) {
        let at = Place { file: step.file, span: path.stage_of(step).image_span };
        let described = basis.knowledge.images().describe(&image.text);
        if !described.has(Part::Torch).is_yes() && described.torch.is_none() {
            continue;
        }
        let version = described.torch.as_ref().map(|told| told.version.clone());
        found.push(TorchSource { kind: TorchKind::BaseImage, version, at });
    }
    for install in path.installs(reach).filter(|install| install.tool.installs_python()) {
        for package in install.fact.packages.iter().filter(|package| is_package(package, "torch")) {
            let at = install.place(package.word.span);
            let version = package_version(package);
            found.push(TorchSource { kind: torch_kind(path, install, package), version, at });
        }
    }
    for build in tree_builds(path, reach).into_iter().filter(is_torch_tree) {
        let version = build.checkout.and_then(|checkout| {
            let reference = checkout.fact.reference.as_ref()?.by_default()?;
            Some(number_at(&reference, 0)?.0)
        });
        found.push(TorchSource { kind: TorchKind::Source, version, at: build.at });
    }
    path.sort(&mut found, |torch| Some(torch.at));
    found
}

/// Whether an entry of an installation is that package, from an index or as a wheel.
pub(super) fn is_package(package: &Package, name: &str) -> bool {
    let wheel = || {
        let source = package.source.as_deref()?;
        let file = source.rsplit('/').next()?;
        Some(file.ends_with(".whl") && file.split('-').next()?.eq_ignore_ascii_case(name))
    };
    package.name == name || wheel().unwrap_or(false)
}

fn package_version(package: &Package) -> Option<Version> {
    let text = match &package.source {
        Some(source) => source.rsplit('/').next()?.split_once('-')?.1.to_owned(),
        None => package.version.trim_start_matches(['=', '~', '>', '<', ' ']).to_owned(),
    };
    Some(number_at(&text, 0)?.0)
}

/// What kind of PyTorch an installation brings.
fn torch_kind(path: &StagePath<'_>, install: Found<'_, Install>, package: &Package) -> TorchKind {
    let text = Spelled::word(&package.word).text.to_ascii_lowercase();
    let for_rocm = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("rocm")
            || text.contains("amd.com")
            || text.contains("repo.radeon.com")
            || text.contains("therock")
    };
    if for_rocm(&text) || package.extras.iter().any(|extra| extra.contains("gfx")) {
        return TorchKind::Rocm;
    }
    if ["+cu", "+cpu", "+xpu"].iter().any(|local| text.contains(local)) {
        return TorchKind::Other;
    }
    let at = install.place(install.span);
    let spell = |word: &Word| path.text(&word.text, at);
    let from_environment = || path.value_of(index_variable(install.tool), Some(at));
    let index = match &install.fact.index {
        Some(word) => Some(spell(word)),
        None => from_environment().map(Some),
    };
    let others: Vec<Option<String>> =
        install.fact.extra_indexes.iter().chain(&install.fact.find_links).map(spell).collect();
    let any_rocm = others.iter().flatten().any(|text| for_rocm(text));
    match index {
        Some(Some(index)) if for_rocm(&index) => TorchKind::Rocm,
        Some(None) => TorchKind::Unknown,
        _ if any_rocm && install.tool == InstallTool::Uv => TorchKind::Rocm,
        _ if any_rocm || others.contains(&None) || install.is_open || package.source.is_some() => TorchKind::Unknown,
        // Any other index than PyPI may mirror anything.
        Some(Some(index)) if !["pypi.org", "download.pytorch.org"].iter().any(|host| index.contains(host)) => {
            TorchKind::Unknown
        }
        _ => TorchKind::Other,
    }
}

fn index_variable(tool: InstallTool) -> &'static str {
    if tool == InstallTool::Uv { "UV_INDEX_URL" } else { "PIP_INDEX_URL" }
}

/// Where vLLM comes from, in build order.
pub(super) fn vllms(basis: Basis<'_>, path: &StagePath<'_>) -> Vec<VllmSource> {
    let own = vllms_within(basis, path, Reach::Chain);
    if own.is_empty() { vllms_within(basis, path, Reach::Whole) } else { own }
}

fn vllms_within(basis: Basis<'_>, path: &StagePath<'_>, reach: Reach) -> Vec<VllmSource> {
    let mut found = Vec::new();
    for (step, image) in path.roots(reach) {
        let at = Place { file: step.file, span: path.stage_of(step).image_span };
        let Some(name) = ImageRef::parse(&image.text, at) else { continue };
        found.extend(VllmRelease::of_image(basis.knowledge, &name).map(|release| VllmSource {
            kind: VllmKind::BaseImage,
            release,
            at,
        }));
    }
    for install in path.installs(reach).filter(|install| install.tool.installs_python()) {
        for package in install.fact.packages.iter().filter(|package| is_package(package, "vllm")) {
            found.push(of_package(path, install, package));
        }
    }
    for build in tree_builds(path, reach).into_iter().filter(is_vllm_tree) {
        found.push(match build.checkout {
            Some(checkout) => {
                let reference = checkout.fact.reference.as_ref();
                let at = checkout.place(reference.map_or(checkout.span, |reference| reference.span));
                let text = reference.and_then(|word| path.text(&word.text, at));
                let repository = checkout.fact.repository.as_deref();
                let release = VllmRelease::of_reference(repository, text.as_deref(), at);
                VllmSource { kind: VllmKind::Checkout, release, at: build.at }
            }
            None => VllmSource { kind: VllmKind::Tree, release: tree_release(basis, path), at: build.at },
        });
    }
    path.sort(&mut found, |vllm| Some(vllm.at));
    found
}

fn of_package(path: &StagePath<'_>, install: Found<'_, Install>, package: &Package) -> VllmSource {
    let at = install.place(package.word.span);
    let fill = |name: &str| path.value_of(name, Some(at));
    let spelled = Spelled::new(&package.word.text, package.word.span, &fill).text;
    let git = package.source.as_deref().and_then(|source| source.strip_prefix("git+"));
    if git.is_some() || spelled.starts_with("git+") {
        let (address, reference) = match spelled.rsplit_once('@') {
            Some((address, reference)) if address.contains("://") => (address, Some(reference)),
            _ => (spelled.as_str(), None),
        };
        let repository = repository(address.trim_start_matches("git+"));
        let release = VllmRelease::of_reference(repository.as_deref(), reference, at);
        return VllmSource { kind: VllmKind::Checkout, release, at };
    }
    if package.source.is_some() {
        let release =
            VllmRelease::of_address(&spelled, at).unwrap_or(VllmRelease { at: Some(at), ..Default::default() });
        return VllmSource { kind: VllmKind::Wheel, release, at };
    }
    let version = spelled.find(['=', '<', '>', '~', '!']).map_or("", |start| &spelled[start..]);
    let mut release = VllmRelease::of_condition(version, at);
    if release.is_unknown() {
        let indexes = install.fact.index.iter().chain(&install.fact.extra_indexes);
        let mut named = indexes
            .filter_map(|index| VllmRelease::of_address(&path.text(&index.text, at)?, install.place(index.span)));
        release = named.next_back().unwrap_or(release);
    }
    VllmSource { kind: VllmKind::Package, release, at }
}

/// The release of a tree that is copied in: that of the scanned vLLM, where the container file lies in it; else what
/// an argument says.
fn tree_release(basis: Basis<'_>, path: &StagePath<'_>) -> VllmRelease {
    let own = &basis.workspace.sources().get(path.file).path;
    let in_tree = basis.workspace.vllm_root().is_some_and(|root| own.starts_with(root));
    let version = basis.workspace.vllm_version().filter(|_| in_tree);
    version.and_then(|version| VllmRelease::of_number(version, None)).or_else(|| stated(path)).unwrap_or_default()
}

/// What `ARG VLLM_VERSION` states.
fn stated(path: &StagePath<'_>) -> Option<VllmRelease> {
    let is_kind = |kind| matches!(kind, SettingKind::DockerArg | SettingKind::DockerEnv);
    let setting =
        path.settings(Reach::Whole).find(|setting| setting.name == "VLLM_VERSION" && is_kind(setting.kind))?;
    let at = setting.place(setting.value_span);
    VllmRelease::of_number(&path.text(&setting.fact.value, at)?, Some(at))
}

impl InstallTool {
    /// Whether it installs Python packages.
    pub(super) fn installs_python(self) -> bool {
        matches!(self, Self::Pip | Self::Uv | Self::Conda | Self::Requirements)
    }
}
