//! What is known of an image: its platform, its versions, what is built in it, for which targets.

use super::archs::arch_lists;
use super::declared::declared;
use super::rocm::rocm_versions;
use super::{ArchListUse, Basis, Builds, Platform, StagePath, Stated, Step, Targets, Version, VllmRelease, sources};
use crate::span::{FileId, Place};

/// What is known of the image that a stage of a container file is.
#[derive(Debug, Clone)]
pub struct ImageFacts<'a> {
    /// The stages that it comes from.
    pub path: StagePath<'a>,
    /// Whether it is what the file is for: the last stage, a stage that a build of the run names, or one that no other
    /// stage of the file uses.
    pub is_final: bool,
    /// Whether it is an image for AMD GPUs, and what says so.
    pub platform: Platform,
    /// The ROCm versions that it is said to hold, in build order.
    pub rocm: Vec<RocmVersion>,
    /// Python's version (major and minor), in the order in which it is named; the last one counts.
    pub python: Vec<Stated<(u32, u32)>>,
    /// Where PyTorch comes from, in build order; the last one counts.
    pub torch: Vec<TorchSource>,
    /// Where vLLM comes from, in build order; the last one counts.
    pub vllm: Vec<VllmSource>,
    /// The command that builds vLLM from source on the way to this image.
    pub builds_vllm: Option<Place>,
    /// Lists of targets in stages within reach.
    pub arch_lists: Vec<ArchListUse<'a>>,
    /// The targets that the image declares that it is for.
    pub declared: Targets,
}

/// A ROCm version, where an image says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RocmVersion {
    /// The version.
    pub version: Version,
    /// Where it is said.
    pub at: Place,
    /// How it is said.
    pub origin: RocmOrigin,
}

/// How a ROCm version is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RocmOrigin {
    /// The base image's tag.
    BaseImage,
    /// A package repository or installer for the system: `repo.radeon.com/rocm/apt/7.0`, `amdgpu-install`.
    System,
    /// An index of Python packages that need the system's ROCm: `download.pytorch.org/whl/rocm6.4`.
    Index,
    /// An index or wheel that brings its own ROCm: TheRock, `repo.amd.com/rocm/whl`.
    Bundled,
    /// A wheel's local version: `torch==2.9.1+rocm7.2`.
    Wheel,
    /// A path: `/opt/rocm-7.0.0`.
    Path,
    /// `ARG ROCM_VERSION`, `ENV ROCM_VERSION`.
    Variable,
    /// A label.
    Label,
    /// `amdsmi==7.0.2`, which goes with a ROCm version.
    Amdsmi,
}

/// Where PyTorch comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TorchSource {
    /// How.
    pub kind: TorchKind,
    /// Its version, where one is named.
    pub version: Option<Version>,
    /// Where.
    pub at: Place,
}

/// How PyTorch comes into an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TorchKind {
    /// From an index or wheel for ROCm.
    Rocm,
    /// From an index for NVIDIA or the CPU, or from PyPI, whose wheels are for NVIDIA.
    Other,
    /// With the base image.
    BaseImage,
    /// Built from source.
    Source,
    /// From a place that does not tell.
    Unknown,
}

/// Where vLLM comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VllmSource {
    /// How.
    pub kind: VllmKind,
    /// Its release, as far as it is known.
    pub release: VllmRelease,
    /// Where.
    pub at: Place,
}

/// How vLLM comes into an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VllmKind {
    /// From a package index.
    Package,
    /// From a wheel file.
    Wheel,
    /// From a repository.
    Checkout,
    /// A tree that is copied in from the build context.
    Tree,
    /// With the base image.
    BaseImage,
}

impl<'a> ImageFacts<'a> {
    pub(super) fn new(basis: Basis<'a>, builds: &Builds<'a>, file: FileId, stage: usize) -> Self {
        let path = StagePath::new(basis.workspace, builds, file, stage);
        let vllm = sources::vllms(basis, &path);
        let built = |source: &&VllmSource| matches!(source.kind, VllmKind::Checkout | VllmKind::Tree);
        let builds_vllm = vllm.iter().rev().find(built).map(|source| source.at);
        Self {
            is_final: is_final(basis, builds, Step { file, stage }),
            platform: Platform::of_path(basis, &path),
            rocm: rocm_versions(&path),
            python: sources::pythons(basis, &path),
            torch: sources::torches(basis, &path),
            arch_lists: arch_lists(basis, builds, &path, builds_vllm),
            declared: declared(basis, builds, &path),
            vllm,
            builds_vllm,
            path,
        }
    }

    /// The targets that it is for: those that it is built for, or declares.
    pub fn targets(&self) -> Targets {
        super::aim::of_image(self)
    }

    /// The ROCm of the system (`/opt/rocm`), by the best source that names it; none where sources contradict one
    /// another.
    pub fn system_rocm(&self) -> Option<&RocmVersion> {
        let best = self.rocm.iter().filter(|rocm| rocm.origin.is_system()).min_by_key(|rocm| rocm.origin)?;
        let agree = self.rocm.iter().filter(|rocm| rocm.origin == best.origin);
        agree.into_iter().all(|rocm| rocm.version.series() == best.version.series()).then_some(best)
    }

    /// Where PyTorch comes from in the end.
    pub fn torch(&self) -> Option<&TorchSource> {
        self.torch.last()
    }

    /// Where vLLM comes from in the end.
    pub fn vllm(&self) -> Option<&VllmSource> {
        self.vllm.last()
    }

    /// Python's version in the end.
    pub fn python(&self) -> Option<&Stated<(u32, u32)>> {
        self.python.last()
    }

    /// Whether vLLM is in the image: built, installed, copied or brought by the base image.
    pub fn has_vllm(&self) -> bool {
        !self.vllm.is_empty() || self.builds_vllm.is_some()
    }

    /// The list that the build of vLLM gets.
    pub fn vllm_targets(&self) -> Option<&ArchListUse<'a>> {
        self.arch_lists.iter().rev().find(|list| list.reaches_vllm)
    }
}

/// Whether a stage is what its file is for: the last one, one that a build names, or one that no other stage uses.
fn is_final(basis: Basis<'_>, builds: &Builds<'_>, step: Step) -> bool {
    let facts = basis.workspace.facts(step.file);
    let is_mounted = || facts.stages[step.stage].name.as_ref().is_some_and(|name| is_mounted(basis, step, name));
    step.stage + 1 == facts.stages.len() || builds.of(step).next().is_some() || !builds.uses(step) && !is_mounted()
}

/// Whether a later stage mounts a stage (`RUN --mount=type=bind,from=build`).
fn is_mounted(basis: Basis<'_>, step: Step, name: &str) -> bool {
    let text = basis.workspace.sources().get(step.file).text();
    let behind = basis.workspace.facts(step.file).stages[step.stage].span.range().end;
    let rest = text.get(behind..).unwrap_or_default();
    rest.match_indices("from=").any(|(at, word)| {
        let value = &rest[at + word.len()..];
        value.strip_prefix(name).is_some_and(|after| after.starts_with([',', ' ', '\n', '\r', '\\']))
    })
}

impl RocmOrigin {
    /// Whether it is about the system's own ROCm, not about Python packages or a promise.
    pub fn is_system(self) -> bool {
        matches!(self, Self::BaseImage | Self::System | Self::Path | Self::Variable)
    }

    /// Its name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::BaseImage => "base-image",
            Self::System => "system",
            Self::Index => "index",
            Self::Bundled => "bundled",
            Self::Wheel => "wheel",
            Self::Path => "path",
            Self::Variable => "variable",
            Self::Label => "label",
            Self::Amdsmi => "amdsmi",
        }
    }
}
