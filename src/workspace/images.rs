//! Container files that build on one another.

use super::Workspace;
use crate::facts::{Setting, SettingKind};
use crate::span::FileId;

/// The container file of the same folder that builds the base image of `file`: vLLM names it like the file with
/// `base` added (`Dockerfile.rocm` and `Dockerfile.rocm_base`, `Dockerfile.rocm_72` and `Dockerfile.rocm_72_base`).
pub(super) fn base_of(workspace: &Workspace, file: FileId) -> Option<FileId> {
    let own = &workspace.sources().get(file).path;
    let (folder, name) = own.rsplit_once('/').unwrap_or(("", own));
    if words(name).any(|word| word == "base") {
        return None;
    }
    let wanted: Vec<_> = words(name).collect();
    workspace
        .sources()
        .iter()
        .filter(|(_, other)| {
            other.language == "dockerfile" && other.path.rsplit_once('/').map_or("", |(folder, _)| folder) == folder
        })
        .find(|(_, other)| {
            let other = other.path.rsplit('/').next().unwrap_or_default();
            words(other).any(|word| word == "base")
                && words(other).filter(|&word| word != "base").eq(wanted.iter().copied())
        })
        .map(|(id, _)| id)
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['.', '_', '-'])
}

/// The environment variable that the last stage of a container file leaves to images built on it, as an index into
/// its settings.
pub(super) fn final_env(workspace: &Workspace, file: FileId, name: &str) -> Option<usize> {
    let facts = workspace.facts(file);
    let mut stage = facts.stages.len().checked_sub(1);
    while let Some(current) = stage {
        let sets = |(_, setting): &(usize, &Setting)| {
            setting.kind == SettingKind::DockerEnv && setting.stage == Some(current) && setting.name == name
        };
        if let Some((at, _)) = facts.settings.iter().enumerate().rev().find(sets) {
            return Some(at);
        }
        stage = facts.stages[current].parent;
    }
    None
}
