//! Imports that fail because of another one: reported as notes, since the cause is reported where it stands.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::names::local_name;
use super::{Failure, Fault, Found, Imports, Kind, ModuleId};
use crate::facts::Outline;
use crate::facts::outline::{Import, ImportedName, Scope};
use crate::span::{FileId, Place};

impl<'a> Imports<'a> {
    /// Adds the imports that fail because what they import from fails itself.
    pub(super) fn add_followers(&self, files: &[(FileId, &'a Outline)], faults: &mut Vec<Fault<'a>>) {
        let mut known: FxHashSet<Place> = faults.iter().map(Fault::place).collect();
        let mut news = faults.len();
        while news > 0 {
            let broken = self.broken_bindings(&faults[faults.len() - news..], &known);
            if broken.is_empty() {
                break;
            }
            let names: FxHashSet<&str> = broken.keys().map(|(_, name)| *name).collect();
            let followers: Vec<Fault<'a>> = files
                .par_iter()
                .flat_map_iter(|&(file, outline)| self.followers(file, outline, &names, &broken))
                .collect();
            news = 0;
            for follower in followers {
                if known.insert(follower.place()) {
                    news += 1;
                    faults.push(follower);
                }
            }
        }
        let starred: FxHashSet<&str> =
            files.iter().filter(|(_, outline)| has_star(outline)).map(|(file, _)| self.last_name(*file)).collect();
        for (file, outline) in files.iter().filter(|_| !starred.is_empty()) {
            self.add_broken_stars(*file, outline, &starred, &mut known, faults);
        }
    }

    /// Names that modules bind by failing imports alone, and the files of those.
    fn broken_bindings(
        &self,
        faults: &[Fault<'a>],
        known: &FxHashSet<Place>,
    ) -> FxHashMap<(ModuleId, &'a str), FileId> {
        let mut broken = FxHashMap::default();
        let mut bound: FxHashMap<FileId, FxHashSet<&str>> = FxHashMap::default();
        for fault in faults.iter().filter(|fault| fault.context().scope == Scope::Module && fault.context().runs()) {
            let (Some(module), Some(outline)) = (self.graph().of_file(fault.file), self.outline(fault.file)) else {
                continue;
            };
            let bound = bound.entry(fault.file).or_insert_with(|| bound_without_faults(fault.file, outline, known));
            let items = fault.item.map_or_else(|| fault.import.names.iter().collect(), |item| vec![item]);
            for item in items.into_iter().filter(|item| &*item.name != "*") {
                let local = local_name(fault.import, item);
                if !bound.contains(local) {
                    broken.insert((module, local), fault.file);
                }
            }
        }
        broken
    }

    /// The imports of a file that take a broken binding.
    fn followers(
        &self,
        file: FileId,
        outline: &'a Outline,
        names: &FxHashSet<&str>,
        broken: &FxHashMap<(ModuleId, &'a str), FileId>,
    ) -> Vec<Fault<'a>> {
        let mut followers = Vec::new();
        for import in outline
            .imports
            .iter()
            .filter(|import| import.from.is_some() && import.context.runs() && !import.context.guard.name)
        {
            for item in import.names.iter().filter(|item| names.contains(&*item.name)) {
                let Found::Module(module) = self.source_of(file, import) else { break };
                let Some((_, &cause)) = broken.get_key_value(&(module, &*item.name)) else { continue };
                followers.push(self.follower(file, import, item, module, cause));
            }
        }
        followers
    }

    fn follower(
        &self,
        file: FileId,
        import: &'a Import,
        item: &'a ImportedName,
        module: ModuleId,
        cause: FileId,
    ) -> Fault<'a> {
        let is_foreign = self.is_foreign(file, Some(module));
        Fault {
            file,
            import,
            item: Some(item),
            failure: Failure::Follows(cause),
            module: self.graph().name(module),
            target: Some(module),
            is_foreign,
        }
    }

    /// Adds names that come through a star import that fails, because the `__all__` that it follows lists what is not
    /// there. Only plain modules are followed: what fails in a package fails for everything below it, which the one
    /// finding at `__all__` says.
    fn add_broken_stars(
        &self,
        file: FileId,
        outline: &'a Outline,
        starred: &FxHashSet<&str>,
        known: &mut FxHashSet<Place>,
        faults: &mut Vec<Fault<'a>>,
    ) {
        // Most imports name other modules: they are told by their last word, before anything is resolved.
        let may_be_starred = |import: &&Import| {
            let module = import.from.as_ref().map(|from| &*from.module);
            module.is_some_and(|module| starred.contains(module.rsplit('.').next().unwrap_or(module)))
        };
        for import in outline
            .imports
            .iter()
            .filter(|import| import.context.runs() && !import.context.guard.name)
            .filter(may_be_starred)
        {
            let Found::Module(module) = self.source_of(file, import) else { continue };
            if self.graph().get(module).kind != Kind::Plain {
                continue;
            }
            let Some(cause) = self.broken_star(module) else { continue };
            for item in
                import.names.iter().filter(|item| &*item.name != "*" && !self.names(module).bound(&item.name).run)
            {
                let fault = self.follower(file, import, item, module, cause);
                if known.insert(fault.place()) {
                    faults.push(fault);
                }
            }
        }
    }

    /// The last word of the name of the plain module that a file is.
    fn last_name(&self, file: FileId) -> &'a str {
        let path = self.sources.get(file).path.as_str();
        let name = path.rsplit('/').next().unwrap_or(path);
        name.strip_suffix(".py").unwrap_or(name)
    }

    /// The file whose `__all__` makes a star import of this module fail.
    fn broken_star(&self, module: ModuleId) -> Option<FileId> {
        self.names(module).stars.iter().filter(|star| star.when.run).find_map(|star| match star.from {
            Found::Module(source) if !self.broken_entries(source).is_empty() => self.graph().get(source).file,
            _ => None,
        })
    }
}

/// Whether a module imports all that another one offers.
fn has_star(outline: &Outline) -> bool {
    outline.imports.iter().any(|import| import.from.is_some() && import.names.iter().any(|name| &*name.name == "*"))
}

/// The names that a module binds when it runs, but for imports that are known to fail.
fn bound_without_faults<'a>(file: FileId, outline: &'a Outline, known: &FxHashSet<Place>) -> FxHashSet<&'a str> {
    let bindings = outline.bindings.iter().filter(|binding| binding.context.runs()).map(|binding| &*binding.name);
    let imports =
        outline.imports.iter().filter(|import| import.context.scope == Scope::Module && import.context.runs());
    let imported = imports.flat_map(|import| {
        let fails = |item: &ImportedName| {
            [item.span, import.span].into_iter().any(|span| known.contains(&Place { file, span }))
        };
        import.names.iter().filter(move |item| !fails(item)).map(|item| local_name(import, item))
    });
    bindings.chain(imported).collect()
}
