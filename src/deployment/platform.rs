//! Which GPUs an image or a container is for.

use super::{Answer, Basis, ContainerView, Found, Reach, StagePath};
use crate::facts::{Command, Container, Install, InstallTool, Setting, SettingKind, Word};
use crate::knowledge;
use crate::span::Place;

use super::spelled::Spelled;

/// What GPUs an image or a container is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Platform {
    /// Whether it holds ROCm.
    pub is_rocm: Answer,
    /// What says so, or that it is not so.
    pub because: Option<Place>,
    /// What says that it is for NVIDIA GPUs.
    pub nvidia: Option<Place>,
}

impl Platform {
    fn rocm(at: Place) -> Self {
        Self { is_rocm: Answer::Yes, because: Some(at), nvidia: None }
    }

    fn other(at: Place, is_nvidia: bool) -> Self {
        Self { is_rocm: Answer::No, because: Some(at), nvidia: is_nvidia.then_some(at) }
    }

    /// The platform of a named image; none where the name does not tell.
    pub(super) fn of_name(basis: Basis<'_>, name: &str, at: Place) -> Option<Self> {
        match basis.knowledge.images().describe(name).platform? {
            knowledge::Platform::Rocm => Some(Self::rocm(at)),
            knowledge::Platform::Cuda => Some(Self::other(at, true)),
            knowledge::Platform::Other => Some(Self::other(at, false)),
        }
    }

    /// That of an image that is built.
    pub(super) fn of_path(basis: Basis<'_>, path: &StagePath<'_>) -> Self {
        let root = |reach| {
            path.roots(reach).find_map(|(step, image)| {
                let at = Place { file: step.file, span: path.stage_of(step).image_span };
                Self::of_name(basis, &image.text, at)
            })
        };
        let own = root(Reach::Chain);
        let signs =
            own.filter(|own| own.is_rocm.is_yes()).and_then(|own| own.because).or_else(|| sign(path, Reach::Chain));
        match (own, signs) {
            (Some(own), _) if own.is_rocm.is_yes() => own,
            // An image for other GPUs with ROCm's variables in it contradicts itself.
            (Some(own), Some(_)) => Self { is_rocm: Answer::Unknown, ..own },
            (Some(own), None) => own,
            (None, Some(at)) => Self::rocm(at),
            (None, None) => {
                let copied = root(Reach::Whole).filter(|root| root.is_rocm.is_yes());
                copied.or_else(|| sign(path, Reach::Whole).map(Self::rocm)).unwrap_or_default()
            }
        }
    }
}

/// The first thing within reach that only makes sense with ROCm.
fn sign(path: &StagePath<'_>, reach: Reach) -> Option<Place> {
    let settings =
        path.settings(reach).filter(|setting| is_rocm_setting(*setting)).map(|setting| setting.place(setting.span));
    let installs =
        path.installs(reach).filter_map(|install| rocm_install(install).map(|word| install.place(word.span)));
    let commands =
        path.commands(reach).filter_map(|command| rocm_command(command).map(|word| command.place(word.span)));
    let mut found: Vec<Place> = settings.chain(installs).chain(commands).collect();
    path.sort(&mut found, |at| Some(*at));
    found.first().copied()
}

/// Whether a variable is one that only ROCm's software reads.
pub fn is_rocm_variable(name: &str) -> bool {
    [
        "ROCM_",
        "HIP_",
        "HSA_",
        "ROCR_",
        "AITER_",
        "VLLM_ROCM_",
        "PYTORCH_ROCM_",
        "TORCH_ROCM_",
        "ROCBLAS_",
        "MIOPEN_",
        "AMDGPU_",
    ]
    .iter()
    .any(|start| name.starts_with(start))
        || matches!(name, "PYTORCH_HIP_ALLOC_CONF" | "FLASH_ATTENTION_TRITON_AMD_ENABLE")
}

fn is_rocm_setting(setting: Found<'_, Setting>) -> bool {
    let value = || setting.fact.value.by_default().unwrap_or_default();
    match setting.kind {
        SettingKind::DockerLabel | SettingKind::Comment => false,
        _ if is_rocm_variable(&setting.name) => !value().is_empty(),
        _ if setting.name == "VLLM_TARGET_DEVICE" => value() == "rocm",
        _ => setting.fact.value.may_hold("/opt/rocm") && value().contains("/opt/rocm"),
    }
}

/// The word of an installation that brings or needs ROCm.
fn rocm_install(install: Found<'_, Install>) -> Option<&Word> {
    let install = install.fact;
    let spelled = |word: &&Word| {
        word.text.may_hold_any(&["rocm", "radeon", "amd", "rock"]) && is_rocm_address(&Spelled::word(word).text)
    };
    match install.tool {
        InstallTool::Uninstall => None,
        InstallTool::Apt | InstallTool::Dnf => {
            let starts = ["rocm", "amdrocm", "hip-", "hipblas", "amdgpu", "rocblas", "miopen", "amd-smi"];
            let is_rocm = |word: &&Word| {
                let text = Spelled::word(word).text.to_ascii_lowercase();
                starts.iter().any(|start| text.starts_with(start)) || is_rocm_address(&text)
            };
            install.packages.iter().map(|package| &package.word).find(is_rocm)
        }
        _ => {
            let indexes = install.index.iter().chain(&install.extra_indexes).chain(&install.find_links);
            indexes.chain(install.packages.iter().map(|package| &package.word)).find(spelled)
        }
    }
}

/// Whether an address or a requirement is about ROCm's packages.
pub(super) fn is_rocm_address(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["/rocm", "+rocm", "rocm-rel", "rocm.", "repo.radeon.com", "repo.amd.com", "therock", "rocm-sdk"]
        .iter()
        .any(|part| text.contains(part))
}

fn rocm_command(command: Found<'_, Command>) -> Option<&Word> {
    let signs = ["/opt/rocm", "repo.radeon.com", "amdgpu-install", "therock"];
    command.fact.words.iter().filter(|word| word.text.may_hold_any(&signs)).find(|word| {
        let text = Spelled::word(word).text.to_ascii_lowercase();
        signs.iter().any(|sign| text.contains(sign))
    })
}

impl ContainerView<'_> {
    /// The platform of a container: by its image, else by what it is given.
    pub(super) fn platform_of(&self, basis: Basis<'_>) -> Platform {
        let container = self.container;
        let by_image = self
            .built
            .as_ref()
            .map(|image| image.platform)
            .filter(|platform| platform.is_rocm != Answer::Unknown)
            .or_else(|| Platform::of_name(basis, &self.image.as_ref()?.text, self.image.as_ref()?.at));
        let request = container.nvidia.first().map(|word| container.place(word.span));
        let given = amd_sign(container).or_else(|| {
            let facts = basis.workspace.facts(container.file);
            let is_own = |setting: &&Setting| setting.container == Some(self.index) && is_rocm_variable(&setting.name);
            facts.settings.iter().find(is_own).map(|setting| container.place(setting.span))
        });
        let mut platform = match (by_image, given) {
            (Some(image), _) => image,
            (None, Some(at)) => Platform::rocm(at),
            (None, None) => request.map_or_else(Platform::default, |at| Platform::other(at, true)),
        };
        platform.nvidia = platform.nvidia.or(request);
        platform
    }
}

/// What a container is given that only AMD's driver or runtime serves.
fn amd_sign(container: Found<'_, Container>) -> Option<Place> {
    let is_amd = |word: &&Word| {
        let text = Spelled::word(word).text;
        text.contains("/dev/kfd") || text.contains("amd.com/gpu") || text == "amd"
    };
    let fact = container.fact;
    let words = fact.devices.iter().chain(&fact.resources).chain(&fact.runtime);
    words.into_iter().find(is_amd).map(|word| container.place(word.span))
}
