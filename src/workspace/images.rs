//! Container files that build on one another.

use rustc_hash::FxHashMap;

use super::Workspace;
use crate::facts::{Setting, SettingKind};
use crate::span::FileId;

/// The container file of the same folder that builds the base image of `file`: vLLM names it like the file with
/// `base` added (`Dockerfile.rocm` and `Dockerfile.rocm_base`, `Dockerfile.rocm_72` and `Dockerfile.rocm_72_base`).
pub(super) fn base_of(workspace: &Workspace, file: FileId) -> Option<FileId> {
    let own = workspace.sources().get(file).path.as_str();
    let name = &own[folder_of(own).len()..];
    if words(name).any(|word| word == "base") {
        return None;
    }
    let beside = workspace.container_files.get_or_init(|| by_folder(workspace)).get(folder_of(own))?;
    let is_base = |other: &&FileId| {
        let other = workspace.sources().get(**other).path.as_str();
        let other = &other[folder_of(other).len()..];
        words(other).any(|word| word == "base") && words(other).filter(|&word| word != "base").eq(words(name))
    };
    beside.iter().find(is_base).copied()
}

/// The container files of the run, by the folder that they lie in.
fn by_folder(workspace: &Workspace) -> FxHashMap<String, Vec<FileId>> {
    let mut found: FxHashMap<String, Vec<FileId>> = FxHashMap::default();
    for (id, file) in workspace.sources().iter().filter(|(_, file)| file.language == "dockerfile") {
        found.entry(folder_of(&file.path).to_owned()).or_default().push(id);
    }
    found
}

/// The folder of a path, with a `/` at its end; empty where there is none.
fn folder_of(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..=at])
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
