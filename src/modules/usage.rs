//! From where the files of a run import names: what is usual in a tree.

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::parent;
use super::{Found, Imports, ModuleId};
use crate::span::FileId;

/// How often names are imported from modules.
#[derive(Debug, Default)]
pub(super) struct Usage<'a> {
    /// In all files.
    everywhere: FxHashMap<(ModuleId, &'a str), u32>,
    /// In the files that are checked: what another project's files do is no habit of theirs.
    checked: FxHashMap<(ModuleId, &'a str), u32>,
    /// The same, by folder.
    by_folder: FxHashMap<(&'a str, ModuleId, &'a str), u32>,
}

impl<'a> Usage<'a> {
    /// Counts the imports of these names, in the files that are checked and in those that they are checked against.
    pub(super) fn read(imports: &Imports<'a>, wanted: &FxHashSet<&str>) -> Self {
        let mut usage = Self::default();
        for (file, data) in imports.sources.iter() {
            let Some(outline) = imports.outline(file) else { continue };
            for import in outline.imports.iter().filter(|import| import.from.is_some()) {
                if !import.names.iter().any(|item| wanted.contains(&*item.name)) {
                    continue;
                }
                let Found::Module(source) = imports.source_of(file, import) else { continue };
                for item in import.names.iter().filter(|item| wanted.contains(&*item.name)) {
                    *usage.everywhere.entry((source, &*item.name)).or_default() += 1;
                    if data.is_reference {
                        continue;
                    }
                    *usage.checked.entry((source, &*item.name)).or_default() += 1;
                    *usage.by_folder.entry((parent(&data.path), source, &*item.name)).or_default() += 1;
                }
            }
        }
        usage
    }

    /// How many imports of the files that are checked take a name from a module.
    fn of_checked(&self, module: ModuleId, name: &str) -> u32 {
        self.checked.get(&(module, name)).copied().unwrap_or_default()
    }

    /// How many imports take a name from a module.
    pub(super) fn of(&self, module: ModuleId, name: &str) -> u32 {
        self.everywhere.get(&(module, name)).copied().unwrap_or_default()
    }

    /// How many of the files in one folder do.
    fn in_folder(&self, folder: &str, module: ModuleId, name: &str) -> u32 {
        self.by_folder.get(&(folder, module, name)).copied().unwrap_or_default()
    }

    /// From which of the modules that offer a name a file should import it: the module that defines it, and the packages
    /// around that one that re-export it, inside out.
    ///
    /// The files beside it show what is usual there. Else a package that lists the name in `__all__` is meant for that,
    /// if anyone uses it so; from within such a package one imports from the definition. Else the most usual one.
    pub(super) fn best(
        &self,
        imports: &Imports<'_>,
        offers: &[ModuleId],
        name: &str,
        user: Option<FileId>,
    ) -> Option<ModuleId> {
        let first_of_most = |count: &dyn Fn(ModuleId) -> u32| {
            let most = offers.iter().map(|module| count(*module)).max()?;
            offers.iter().copied().find(|module| count(*module) == most).map(|module| (module, most))
        };
        if let Some(user) = user {
            let path = &imports.sources.get(user).path;
            let beside = first_of_most(&|module| self.in_folder(parent(path), module, name));
            if let Some((module, _)) = beside.filter(|(_, count)| *count > 0) {
                return Some(module);
            }
            let is_outside = |module: &&ModuleId| {
                let package = imports.graph().get(**module).stem.as_ref();
                path.strip_prefix(package).is_none_or(|rest| !rest.starts_with('/'))
            };
            let is_meant = |module: &&ModuleId| {
                self.of_checked(**module, name) > 0 && imports.all(**module).is_some_and(|all| all.contains(name))
            };
            let packages = offers.iter().skip(1).rev();
            if let Some(module) = packages.filter(is_outside).find(is_meant) {
                return Some(*module);
            }
        }
        first_of_most(&|module| self.of_checked(module, name)).map(|(module, _)| module)
    }
}
