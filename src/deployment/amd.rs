//! Whether a file has to do with AMD GPUs at all: rules about builds say nothing of other files.

use super::platform::{is_rocm_address, is_rocm_variable};
use super::spelled::Spelled;
use super::{Answer, Joins};
use crate::facts::{FileFacts, NixValue, SettingKind, Word};
use crate::span::FileId;
use crate::workspace::Workspace;

impl Joins<'_> {
    /// Whether a file is about AMD GPUs: a container file by its images, any other file by what it names (ROCm, a gfx
    /// target, the driver's device, a variable that ROCm's software reads).
    pub fn touches_amd(&self, workspace: &Workspace, file: FileId) -> bool {
        let facts = workspace.facts(file);
        if !facts.stages.is_empty() {
            return self.images().iter().any(|image| image.path.file == file && image.platform.is_rocm == Answer::Yes);
        }
        let path = workspace.sources().get(file).path.to_ascii_lowercase();
        let name = path.rsplit('/').next().unwrap_or_default();
        name.contains("rocm") || name.contains("gfx") || speaks_of_amd(facts)
    }
}

fn speaks_of_amd(facts: &FileFacts) -> bool {
    let any = |words: &[Word]| words.iter().any(|word| is_amd(&Spelled::word(word).text));
    let settings = facts.settings.iter().filter(|setting| setting.kind != SettingKind::Comment);
    settings.into_iter().any(|setting| {
        let value = setting.value.by_default().unwrap_or_default();
        // PyTorch's own switch: off, it says that the build is for other GPUs.
        let is_switched_on = setting.name == "USE_ROCM" && matches!(value.as_str(), "1" | "ON" | "on" | "true");
        is_rocm_variable(&setting.name) || is_switched_on || is_amd(&value)
    }) || facts.commands.iter().any(|command| any(&command.words))
        || facts.containers.iter().any(|container| {
            let image = container.image.as_ref().is_some_and(|word| is_amd(&Spelled::word(word).text));
            image || any(&container.devices) || any(&container.resources)
        })
        || facts.nix.iter().flat_map(|nix| &nix.references).any(|found| {
            let gives_rocm = found.argument("rocmSupport").is_some_and(|given| given.value == NixValue::Bool(true));
            gives_rocm || found.path.iter().any(|name| name.to_ascii_lowercase().contains("rocm"))
        })
        || facts.checkouts.iter().any(|checkout| {
            checkout.repository.as_ref().is_some_and(|repository| repository.to_ascii_lowercase().starts_with("rocm/"))
        })
}

fn is_amd(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let names_target =
        || text.match_indices("gfx").any(|(at, _)| text[at + 3..].starts_with(|next: char| next.is_ascii_digit()));
    is_rocm_address(&text)
        || ["rocm", "/dev/kfd", "amdgpu", "amdsmi", "amd.com/gpu"].iter().any(|word| text.contains(word))
        || names_target()
}
