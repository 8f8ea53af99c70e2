//! Imports that fail.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::parent;
use super::names::local_name;
use super::{Answer, Found, Imports, Kind, Mode, ModuleId};
use crate::facts::Outline;
use crate::facts::outline::{Context, Import, ImportedName, Reach, Scope};
use crate::span::{FileId, Place};

/// How an import fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// The module does not exist.
    Module,
    /// The module exists and does not offer the name.
    Name,
    /// The module's own import of the name fails, which is reported there.
    Follows(FileId),
}

/// An import that fails, or one of its names.
#[derive(Debug, Clone)]
pub struct Fault<'a> {
    /// The file that imports.
    pub file: FileId,
    /// The statement.
    pub import: &'a Import,
    /// The name, or the module of an `import` statement; none where the module of a `from` statement is missing.
    pub item: Option<&'a ImportedName>,
    /// What is wrong.
    pub failure: Failure,
    /// The absolute dotted name of the module.
    pub module: String,
    /// The module, or the innermost one around it that exists.
    pub target: Option<ModuleId>,
    /// Whether the file belongs to another project than the vLLM tree that it imports from.
    pub is_foreign: bool,
}

impl Fault<'_> {
    /// The name that is missing; none where it is a module.
    pub fn name(&self) -> Option<&str> {
        match self.failure {
            Failure::Module => None,
            Failure::Name | Failure::Follows(_) => self.item.map(|item| &*item.name),
        }
    }

    /// Where it stands: the name on its own line, or the statement.
    pub fn place(&self) -> Place {
        let span = match (self.failure, self.item) {
            (Failure::Name | Failure::Follows(_), Some(item)) => item.span,
            _ => self.import.span,
        };
        Place { file: self.file, span }
    }

    /// Where the statement stands.
    pub fn context(&self) -> Context {
        self.import.context
    }
}

impl<'a> Imports<'a> {
    /// The module that a file imports from; for `from` statements.
    pub(super) fn source_of(&self, file: FileId, import: &Import) -> Found {
        let folder = parent(&self.sources.get(file).path);
        match &import.from {
            Some(source) if source.level > 0 => self.graph().relative(folder, source.level, &source.module),
            Some(source) => self.graph().absolute(folder, &source.module),
            None => Found::Unknown,
        }
    }

    /// The module that an absolute name means in a file.
    pub fn absolute(&self, file: FileId, dotted: &str) -> Found {
        self.graph().absolute(parent(&self.sources.get(file).path), dotted)
    }

    /// The imports of the run that fail, by file and place.
    pub fn faults(&self) -> Vec<Fault<'a>> {
        let files: Vec<(FileId, &Outline)> = self.checked().collect();
        let mut faults: Vec<Fault<'a>> =
            files.par_iter().flat_map_iter(|&(file, outline)| self.faults_of(file, outline)).collect();
        self.add_followers(&files, &mut faults);
        faults.sort_by_key(Fault::place);
        faults
    }

    /// The Python files whose imports are judged.
    pub(super) fn checked(&self) -> impl Iterator<Item = (FileId, &'a Outline)> {
        let files = self.sources.iter().filter(|(_, file)| !file.is_reference && file.path.ends_with(".py"));
        files.filter_map(|(id, _)| self.outline(id).map(|outline| (id, outline)))
    }

    fn faults_of(&self, file: FileId, outline: &'a Outline) -> Vec<Fault<'a>> {
        let mut faults = Vec::new();
        for import in outline.imports.iter().filter(|import| import.context.reach != Reach::Dead) {
            self.judge(file, import, &mut faults);
        }
        if !faults.is_empty() && !outline.gates.is_empty() {
            faults.retain(|fault| self.is_live(outline, fault));
        }
        faults
    }

    fn judge(&self, file: FileId, import: &'a Import, faults: &mut Vec<Fault<'a>>) {
        let guard = import.context.guard;
        let fault = |item, failure, module, target| Fault {
            file,
            import,
            item,
            failure,
            module,
            target,
            is_foreign: self.is_foreign(file, target),
        };
        let Some(source) = &import.from else {
            for item in import.names.iter().filter(|_| !guard.module) {
                if let Found::Missing(last) = self.absolute(file, &item.name) {
                    faults.push(fault(Some(item), Failure::Module, item.name.to_string(), last));
                }
            }
            return;
        };
        match self.source_of(file, import) {
            Found::Unknown => {}
            Found::Missing(last) if !guard.module => {
                let module = if source.level == 0 {
                    source.module.to_string()
                } else {
                    self.relative_name(file, source.level, &source.module)
                };
                faults.push(fault(None, Failure::Module, module, last));
            }
            Found::Missing(_) => {}
            Found::Module(module) if !guard.name => {
                let mode = if import.context.reach == Reach::TypeOnly { Mode::Types } else { Mode::Run };
                for item in import.names.iter().filter(|item| &*item.name != "*") {
                    if self.lookup(module, &item.name, mode) == Answer::Missing {
                        faults.push(fault(Some(item), Failure::Name, self.graph().name(module), Some(module)));
                    }
                }
            }
            Found::Module(_) => {}
        }
    }

    /// Whether a fault stands in a branch that runs with the release of vLLM that it is checked against.
    fn is_live(&self, outline: &Outline, fault: &Fault<'a>) -> bool {
        let mut gates = outline.gates(fault.context()).peekable();
        if gates.peek().is_none() {
            return true;
        }
        let Some(release) = fault.target.and_then(|target| self.release_around(target)) else { return false };
        gates.all(|gate| gate.versions.iter().any(|version| super::release::is_same(version, &release)) == gate.holds)
    }

    /// Whether a file belongs to another project than the vLLM tree that a module lies in.
    fn is_foreign(&self, file: FileId, target: Option<ModuleId>) -> bool {
        let Some(tree) = target.and_then(|target| self.graph().vllm_around(target)) else { return false };
        let path = self.sources.get(file).path.as_str();
        let is_within =
            |folder: &str| folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        if is_within(tree) {
            return false;
        }
        let around = parent(tree);
        let is_reference = self
            .graph()
            .at(tree)
            .and_then(|tree| self.graph().get(tree).file)
            .is_some_and(|file| self.sources.get(file).is_reference);
        is_reference || self.graph().bases.is_site(around) || !is_within(around)
    }

    /// Adds the imports that fail because what they import from fails itself.
    fn add_followers(&self, files: &[(FileId, &'a Outline)], faults: &mut Vec<Fault<'a>>) {
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
        for (file, outline) in files {
            self.add_broken_stars(*file, outline, &mut known, faults);
        }
    }

    /// Names that modules bind by failing imports alone, and the files of those.
    fn broken_bindings(
        &self,
        faults: &[Fault<'a>],
        known: &FxHashSet<Place>,
    ) -> FxHashMap<(ModuleId, &'a str), FileId> {
        let mut broken = FxHashMap::default();
        for fault in faults.iter().filter(|fault| fault.context().scope == Scope::Module && fault.context().runs()) {
            let (Some(module), Some(outline)) = (self.graph().of_file(fault.file), self.outline(fault.file)) else {
                continue;
            };
            let items = fault.item.map_or_else(|| fault.import.names.iter().collect(), |item| vec![item]);
            for item in items.into_iter().filter(|item| &*item.name != "*") {
                let local = local_name(fault.import, item);
                let is_bound_otherwise =
                    outline.bindings.iter().any(|binding| &*binding.name == local && binding.context.runs())
                        || outline
                            .imports
                            .iter()
                            .filter(|import| import.context.scope == Scope::Module && import.context.runs())
                            .any(|import| {
                                let is_known = |item: &ImportedName| {
                                    known.contains(&Place { file: fault.file, span: item.span })
                                        || known.contains(&Place { file: fault.file, span: import.span })
                                };
                                import.names.iter().any(|item| local_name(import, item) == local && !is_known(item))
                            });
                if !is_bound_otherwise {
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
        known: &mut FxHashSet<Place>,
        faults: &mut Vec<Fault<'a>>,
    ) {
        for import in outline
            .imports
            .iter()
            .filter(|import| import.from.is_some() && import.context.runs() && !import.context.guard.name)
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

    /// The file whose `__all__` makes a star import of this module fail.
    fn broken_star(&self, module: ModuleId) -> Option<FileId> {
        self.names(module).stars.iter().filter(|star| star.when.run).find_map(|star| match star.from {
            Found::Module(source) if !self.broken_entries(source).is_empty() => self.graph().get(source).file,
            _ => None,
        })
    }
}
