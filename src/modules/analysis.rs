//! What is wrong with the imports of a run, worked out once for all rules.

use std::collections::BTreeMap;

use super::mixture::{self, Mixture};
use super::{Failure, Home, Homes, Imports};
use crate::facts::outline::{Context, Sink};
use crate::span::{FileId, Place, Span};

/// An import that fails, with where to import from instead.
#[derive(Debug, Clone)]
pub struct BrokenImport {
    /// The name on its own line, or the statement where the module is missing.
    pub at: Place,
    /// The statement.
    pub statement: Span,
    /// Where it stands.
    pub context: Context,
    /// How it fails.
    pub failure: Failure,
    /// The absolute dotted name of the module.
    pub module: String,
    /// The name that is missing; none where it is the module.
    pub name: Option<String>,
    /// Whether the file belongs to another project than the vLLM tree that it imports from.
    pub is_foreign: bool,
    /// Whether something of that name exists anywhere in the package that is imported from.
    pub exists_somewhere: bool,
    /// The release of the vLLM tree that is imported from, where its metadata tells.
    pub release: Option<String>,
    /// Where it lives now, best first.
    pub homes: Vec<Home>,
}

/// An entry of `__all__` that nothing defines.
#[derive(Debug, Clone)]
pub struct BrokenExport {
    /// The entry.
    pub at: Place,
    /// The dotted name of the module.
    pub module: String,
    /// The entry's text.
    pub name: String,
    /// Where the name lives, best first.
    pub homes: Vec<Home>,
}

/// A string that is used as a qualified name and leads nowhere.
#[derive(Debug, Clone)]
pub struct BrokenName {
    /// The string.
    pub at: Place,
    /// The string's text.
    pub text: String,
    /// The dotted module that it names.
    pub module: String,
    /// The name in it that is missing; none where it is the module.
    pub name: Option<String>,
    /// What is done with the string.
    pub sink: Sink,
    /// Where the expression stands.
    pub context: Context,
    /// Where the name lives, best first.
    pub homes: Vec<Home>,
}

/// Everything that is wrong with the imports of a run.
#[derive(Debug, Default)]
pub struct Analysis {
    /// Imports, by file and place.
    pub imports: Vec<BrokenImport>,
    /// Entries of `__all__`, by file and place.
    pub exports: Vec<BrokenExport>,
    /// Strings, by file and place.
    pub names: Vec<BrokenName>,
    /// Trees that files of another release are mixed into.
    pub mixtures: Vec<Mixture>,
}

impl Imports<'_> {
    /// Finds everything that is wrong.
    pub fn analyse(&self) -> Analysis {
        let faults = self.faults();
        let entries = self.all_broken_entries();
        let strings = self.broken_strings();
        let more: Vec<&str> = entries
            .iter()
            .map(|entry| &*entry.entry.text)
            .chain(strings.iter().filter_map(|string| string.name.as_deref()))
            .collect();
        let homes = Homes::of(self, &faults, &more);
        let mut releases: BTreeMap<&str, Option<String>> = BTreeMap::new();
        let imports: Vec<BrokenImport> = faults
            .iter()
            .map(|fault| BrokenImport {
                at: fault.place(),
                statement: fault.import.span,
                context: fault.context(),
                failure: fault.failure,
                module: fault.module.clone(),
                name: fault.name().map(str::to_owned),
                is_foreign: fault.is_foreign,
                exists_somewhere: homes.exists(fault),
                release: fault.target.and_then(|target| {
                    let tree = self.graph().vllm_around(target)?;
                    releases.entry(tree).or_insert_with(|| self.release_around(target)).clone()
                }),
                homes: homes.of_fault(fault),
            })
            .collect();
        let exports = entries
            .iter()
            .map(|entry| BrokenExport {
                at: Place { file: entry.file, span: entry.entry.span },
                module: self.graph().name(entry.module),
                name: entry.entry.text.to_string(),
                homes: homes.of_name(&entry.entry.text, entry.module, None),
            })
            .collect();
        let names = strings
            .iter()
            .map(|string| BrokenName {
                at: string.at,
                text: string.text.clone(),
                module: string.module.clone(),
                name: string.name.clone(),
                sink: string.sink.clone(),
                context: string.context,
                homes: string
                    .name
                    .as_deref()
                    .map(|name| homes.of_name(name, string.target, Some(string.at.file)))
                    .unwrap_or_default(),
            })
            .collect();
        let mixtures = mixture::find(self, &imports);
        Analysis { imports, exports, names, mixtures }
    }

    fn all_broken_entries(&self) -> Vec<super::BrokenEntry<'_>> {
        let modules = self.checked().filter_map(|(file, _)| self.module_that_is(file));
        let mut entries: Vec<_> = modules.flat_map(|module| self.broken_entries(module)).collect();
        entries.sort_by_key(|entry| (entry.file, entry.entry.span));
        entries
    }

    /// The module that a file is, unless another one of its name hides it.
    fn module_that_is(&self, file: FileId) -> Option<super::ModuleId> {
        self.graph().of_file(file).filter(|&module| self.graph().get(module).file == Some(file))
    }
}
