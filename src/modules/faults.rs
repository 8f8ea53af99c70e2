//! Imports that fail.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::graph::parent;
use super::{Answer, Found, Imports, Mode, ModuleId};
use crate::facts::Outline;
use crate::facts::outline::{Context, Import, ImportedName, Reach};
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

/// What absolute names mean, by the places where they are looked up.
type Seen<'a> = FxHashMap<(usize, &'a str), Found>;

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

    /// The same, worked out once for all files that look it up in the same places.
    fn absolute_once(&self, file: FileId, dotted: &'a str, seen: &mut Seen<'a>) -> Found {
        let folder = parent(&self.sources.get(file).path);
        let Some(list) = self.graph().bases_of(folder) else { return self.graph().absolute(folder, dotted) };
        *seen.entry((list, dotted)).or_insert_with(|| self.graph().absolute(folder, dotted))
    }

    /// The imports of the run that fail, by file and place.
    pub fn faults(&self) -> Vec<Fault<'a>> {
        let files: Vec<(FileId, &Outline)> = self.checked().collect();
        let mut faults: Vec<Fault<'a>> = files
            .par_iter()
            .map_init(Seen::default, |seen, &(file, outline)| self.faults_of(file, outline, seen))
            .flatten_iter()
            .collect();
        self.add_followers(&files, &mut faults);
        faults.sort_by_key(Fault::place);
        faults
    }

    /// The Python files whose imports are judged; what is no Python fails before any import does.
    pub(super) fn checked(&self) -> impl Iterator<Item = (FileId, &'a Outline)> {
        let files = self.sources.iter().filter(|(_, file)| !file.is_reference && file.path.ends_with(".py"));
        files
            .filter_map(|(id, _)| self.outline(id).map(|outline| (id, outline)))
            .filter(|(_, outline)| outline.syntax_ok)
    }

    fn faults_of(&self, file: FileId, outline: &'a Outline, seen: &mut Seen<'a>) -> Vec<Fault<'a>> {
        let mut faults = Vec::new();
        for import in outline.imports.iter().filter(|import| import.context.reach != Reach::Dead) {
            self.judge(file, import, seen, &mut faults);
        }
        if !faults.is_empty() && !outline.gates.is_empty() {
            faults.retain(|fault| self.is_live(outline, fault));
        }
        faults
    }

    fn judge(&self, file: FileId, import: &'a Import, seen: &mut Seen<'a>, faults: &mut Vec<Fault<'a>>) {
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
                if let Found::Missing(last) = self.absolute_once(file, &item.name, seen) {
                    faults.push(fault(Some(item), Failure::Module, item.name.to_string(), last));
                }
            }
            return;
        };
        let found = match source.level {
            0 => self.absolute_once(file, &source.module, seen),
            _ => self.source_of(file, import),
        };
        match found {
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
    pub(super) fn is_foreign(&self, file: FileId, target: Option<ModuleId>) -> bool {
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
}
