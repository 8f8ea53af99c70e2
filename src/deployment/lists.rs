//! Lists of packages of the run that an image's installations are told to read (`pip install -r requirements.txt`).

use super::builds::join;
use super::trees::{folder_of, last_part};
use super::{Found, Reach, StagePath};
use crate::facts::{Install, Word};
use crate::span::FileId;
use crate::workspace::Workspace;

/// Lists that include lists are followed so far.
const DEEPEST: usize = 4;
/// A build's context is at most so many folders above its container file.
const HIGHEST: usize = 3;

impl<'a> StagePath<'a> {
    /// The lines of the lists of this run that an installation reads; none for lists of a tree that is fetched, and for
    /// vLLM's own.
    pub fn listed(&self, workspace: &'a Workspace, install: Found<'a, Install>) -> Vec<Found<'a, Install>> {
        let mut lines = Vec::new();
        if self.is_in_checkout(install) {
            return lines;
        }
        let at = install.place(install.span);
        for word in &install.fact.requirement_files {
            let name = self.text(&word.text, at);
            if let Some(file) = name.and_then(|name| self.list_file(workspace, install.file, &name)) {
                add(workspace, file, 0, &mut lines);
            }
        }
        lines
    }

    /// Whether an installation runs in a folder that a clone made: its lists are those of the tree.
    pub fn is_in_checkout(&self, install: Found<'_, Install>) -> bool {
        let command = install.command.and_then(|at| self.facts(install.file).commands.get(at));
        let Some(folder) = command.and_then(|command| command.directory.as_ref()).and_then(last_part) else {
            return false;
        };
        self.checkouts(Reach::Whole).any(|checkout| folder_of(&checkout).is_some_and(|own| own == folder))
    }

    /// The file of the run that a path in the image is: by the `COPY` that brings it, else by its name.
    fn list_file(&self, workspace: &Workspace, container_file: FileId, name: &str) -> Option<FileId> {
        let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let renamed = self.copies(Reach::Chain).find_map(|copy| {
            let to = copy.fact.destination.as_ref().and_then(Word::by_default)?;
            let [source] = copy.fact.sources.as_slice() else { return None };
            (copy.fact.from.is_none() && base(&to) == base(name)).then(|| source.by_default())?
        });
        let own = &workspace.sources().get(container_file).path;
        let mut folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
        for _ in 0..=HIGHEST {
            let found = renamed.iter().map(String::as_str).chain([name]).find_map(|path| {
                let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
                (0..parts.len()).find_map(|from| list_at(workspace, &join(folder, &parts[from..].join("/"))))
            });
            if found.is_some() || folder.is_empty() {
                return found;
            }
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
        None
    }
}

fn list_at(workspace: &Workspace, path: &str) -> Option<FileId> {
    let file = workspace.sources().find(path)?;
    let in_vllm = workspace.vllm_root().is_some_and(|root| path.starts_with(root));
    (workspace.sources().get(file).language == "requirements" && !in_vllm).then_some(file)
}

fn add<'a>(workspace: &'a Workspace, file: FileId, depth: usize, lines: &mut Vec<Found<'a, Install>>) {
    if depth > DEEPEST || lines.iter().any(|line| line.file == file) {
        return;
    }
    let own = &workspace.sources().get(file).path;
    let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
    for fact in &workspace.facts(file).installs {
        lines.push(Found { file, fact });
        for other in fact.requirement_files.iter().filter_map(Word::by_default) {
            if let Some(next) = list_at(workspace, &join(folder, &other)) {
                add(workspace, next, depth + 1, lines);
            }
        }
    }
}
