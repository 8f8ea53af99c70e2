//! How the Nix files of a run hang together: which file a path names, which files are parts of one system, what files
//! hand to each other.

mod calls;

use std::collections::{BTreeMap, BTreeSet};

use self::calls::Callers;

use crate::facts::{NixFile, NixUser, NixValue};
use crate::source::Sources;
use crate::span::FileId;
use crate::workspace::Workspace;

/// Files that import files that import files are followed so deep.
const DEPTH: usize = 24;
/// So many files are looked at to tell whether one imports another.
const REACH: usize = 2000;

/// The Nix files of a run and what they import.
#[derive(Debug, Default)]
pub struct NixTree {
    /// The systems that each file is a part of, by file; a file that nothing imports is one by itself.
    systems: Vec<BTreeSet<usize>>,
    /// Files that another file imports.
    imported: BTreeSet<FileId>,
    /// Whether some file puts systems together from lists of modules, or from whatever lies in a folder.
    has_systems: bool,
    /// Whether some file takes in whatever lies in a folder.
    reads_folders: bool,
    /// Calls of files that are functions.
    callers: Callers,
    /// The facts of files of which others tell more than they say themselves.
    joined: BTreeMap<FileId, NixFile>,
}

impl NixTree {
    /// Follows the literal paths in all files.
    pub(super) fn new(workspace: &Workspace) -> Self {
        let sources = workspace.sources();
        let mut tree = Self { systems: vec![BTreeSet::new(); sources.len()], ..Self::default() };
        let nix: Vec<(FileId, &NixFile)> =
            workspace.files().filter_map(|(file, _, facts)| Some((file, facts.nix.as_ref()?))).collect();
        let mut roots: Vec<Vec<FileId>> = Vec::new();
        for (file, own) in &nix {
            let mut by_system: Vec<(u32, Vec<FileId>)> = Vec::new();
            for import in &own.imports {
                let Some(target) = imported(sources, *file, &import.path).filter(|target| target != file) else {
                    continue;
                };
                tree.imported.insert(target);
                if let Some(system) = import.system {
                    match by_system.iter_mut().find(|(known, _)| *known == system) {
                        Some((_, files)) => files.push(target),
                        None => by_system.push((system, vec![target])),
                    }
                }
            }
            tree.reads_folders |= own.reads_folders;
            tree.has_systems |= !by_system.is_empty() || own.reads_folders;
            // What the only system's file says itself holds for that system.
            if let [(_, files)] = by_system.as_mut_slice() {
                files.push(*file);
            }
            roots.extend(by_system.into_iter().map(|(_, files)| files));
        }
        for (file, _) in &nix {
            if !tree.imported.contains(file) {
                roots.push(vec![*file]);
            }
        }
        for (system, files) in roots.into_iter().enumerate() {
            for file in files {
                tree.spread(workspace, file, system, 0);
            }
        }
        tree.callers = Callers::find(workspace);
        let joined = |(file, own): &(FileId, &NixFile)| Some((*file, tree.joined(workspace, *file, own)?));
        tree.joined = nix.iter().filter_map(joined).collect();
        tree
    }

    fn spread(&mut self, workspace: &Workspace, file: FileId, system: usize, depth: usize) {
        let is_new = self.systems.get_mut(file.0 as usize).is_some_and(|systems| systems.insert(system));
        let Some(nix) = workspace.facts(file).nix.as_ref().filter(|_| is_new && depth < DEPTH) else { return };
        for import in nix.imports.iter().filter(|import| import.system.is_none()) {
            if let Some(target) = imported(workspace.sources(), file, &import.path) {
                self.spread(workspace, target, system, depth + 1);
            }
        }
    }

    /// Whether two files are parts of one system. In a folder without lists of modules, files that nothing imports are.
    pub fn are_together(&self, sources: &Sources, one: FileId, other: FileId) -> bool {
        if one == other {
            return true;
        }
        let systems = |file: FileId| self.systems.get(file.0 as usize);
        let share = |one: &BTreeSet<usize>, other: &BTreeSet<usize>| one.intersection(other).next().is_some();
        if let (Some(first), Some(second)) = (systems(one), systems(other))
            && share(first, second)
        {
            return true;
        }
        let is_loose = |file: &FileId| !self.imported.contains(file);
        let (first, second) = (folder(sources, one), folder(sources, other));
        !self.has_systems && [one, other].iter().all(is_loose) && first == second
    }

    /// Whether two files are parts of systems, and of no system together.
    pub fn are_apart(&self, one: FileId, other: FileId) -> bool {
        let systems = |file: FileId| self.systems.get(file.0 as usize).filter(|systems| !systems.is_empty());
        let (Some(first), Some(second)) = (systems(one), systems(other)) else { return false };
        self.has_systems && !self.reads_folders && self.imported.contains(&one) && first.is_disjoint(second)
    }

    /// Whether another file imports it.
    pub fn is_imported(&self, file: FileId) -> bool {
        self.imported.contains(&file)
    }
}

impl Workspace {
    /// The Nix files of the run with their facts.
    pub fn nix_files(&self) -> impl Iterator<Item = (FileId, &NixFile)> {
        self.files().filter_map(|(file, _, facts)| Some((file, facts.nix.as_ref()?)))
    }

    /// What the Nix files of the run say of a user's groups; where the name is not known, of anybody's.
    pub fn nix_groups<'w>(&'w self, user: Option<&'w str>) -> impl Iterator<Item = &'w NixUser> {
        let may_be = move |own: &&NixUser| user.is_none() || own.name.is_none() || own.name.as_deref() == user;
        self.nix_files().flat_map(|(_, nix)| &nix.users).filter(may_be)
    }

    /// What the file that a literal path names amounts to.
    pub fn nix_import(&self, from: FileId, path: &str) -> Option<(FileId, &NixValue)> {
        let file = imported(self.sources(), from, path)?;
        Some((file, &self.facts(file).nix.as_ref()?.value))
    }

    /// What a Nix file says, and what others say of it.
    pub fn nix_file(&self, file: FileId) -> Option<&NixFile> {
        let own = self.facts(file).nix.as_ref()?;
        Some(self.nix().joined.get(&file).unwrap_or(own))
    }

    /// A value, followed into the file that it is imported from, and to the call that gives it; and the file that it
    /// stands in.
    pub fn nix_value<'v>(&'v self, file: FileId, value: &'v NixValue) -> Option<(FileId, &'v NixValue)> {
        self.nix().value(self, file, value, 0)
    }

    /// What a value takes from outside of its file: `./gpu.nix#uuid` from another file, `#uuid` from the call of this one.
    pub fn nix_outer(&self, file: FileId, name: &str) -> Option<(FileId, NixValue)> {
        let (path, names) = name.split_once('#')?;
        let names = names.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let outer = if path.is_empty() { NixValue::Reference(names) } else { NixValue::Import(path.to_owned(), names) };
        self.nix_value(file, &outer).map(|(file, value)| (file, value.clone()))
    }
}

impl NixTree {
    /// A value, followed through files.
    fn value<'v>(
        &self,
        workspace: &'v Workspace,
        file: FileId,
        value: &'v NixValue,
        depth: usize,
    ) -> Option<(FileId, &'v NixValue)> {
        let (file, value) = self.read(workspace, file, value)?;
        match value {
            NixValue::Reference(path) => match path.as_slice() {
                [name] => self.parameter(workspace, file, name, depth).or(Some((file, value))),
                _ => Some((file, value)),
            },
            _ => Some((file, value)),
        }
    }

    /// A value, followed into the file that it is imported from.
    fn read<'v>(&self, workspace: &'v Workspace, file: FileId, value: &'v NixValue) -> Option<(FileId, &'v NixValue)> {
        let (mut file, mut value) = (file, value);
        for _ in 0..DEPTH {
            let NixValue::Import(path, names) = value else { return Some((file, value)) };
            file = imported(workspace.sources(), file, path)?;
            value = &workspace.facts(file).nix.as_ref()?.value;
            for name in names {
                let NixValue::Set(attributes, _) = value else { return None };
                value = &attributes.iter().rfind(|attribute| attribute.name == *name)?.value;
            }
        }
        None
    }
}

impl Workspace {
    /// Whether a Nix file is another one, or imports it, itself or through others.
    pub fn nix_reaches(&self, from: FileId, to: FileId) -> bool {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(file) = open.pop() {
            if file == to {
                return true;
            }
            if seen.insert(file) && seen.len() < REACH {
                let imports = self.facts(file).nix.iter().flat_map(|nix| &nix.imports);
                open.extend(imports.filter_map(|import| imported(self.sources(), file, &import.path)));
            }
        }
        false
    }
}

/// The file that a path in another one names: the file itself, or `default.nix` in a folder.
fn imported(sources: &Sources, from: FileId, path: &str) -> Option<FileId> {
    let mut parts: Vec<&str> = folder(sources, from).split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let start = if sources.get(from).path.starts_with('/') { "/" } else { "" };
    let whole = format!("{start}{}", parts.join("/"));
    let inner = if whole.is_empty() { "default.nix".to_owned() } else { format!("{whole}/default.nix") };
    sources.find(&whole).or_else(|| sources.find(&inner))
}

fn folder(sources: &Sources, file: FileId) -> &str {
    sources.get(file).path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
