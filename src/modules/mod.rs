//! The Python modules of a run as CPython's import system sees them: which exist, what each offers, which imports fail.
//!
//! A module is known by its *stem*: its path without `.py` or `/__init__.py`. `vllm/utils` is the module `vllm.utils` if
//! the folder above `vllm` is on Python's path; [`bases`] tells which folders that are, for each importing file.
//! Whatever cannot be known is [`Found::Unknown`] or [`Answer::Unknown`], and nothing is reported about it.

mod all;
mod analysis;
mod bases;
mod built;
mod definers;
mod dotted;
mod entries;
mod faults;
mod followers;
mod graph;
mod homes;
mod lookup;
mod mixture;
mod names;
mod pairs;
mod release;
mod resolve;
mod similar;
mod stdlib;
mod strings;
#[cfg(test)]
mod tests;
mod usage;

pub use all::BrokenEntry;
pub use analysis::{Analysis, BrokenExport, BrokenImport, BrokenName};
pub use faults::{Failure, Fault};
pub use graph::{Graph, Kind, Module, ModuleId};
pub use homes::{Home, Homes};
pub use lookup::{Answer, Mode};
pub use mixture::Mixture;
pub use resolve::Found;
pub use similar::is_similar;
pub use strings::BrokenString;

use std::sync::{Arc, OnceLock};

use crate::facts::{FileFacts, Outline};
use crate::source::Sources;
use crate::span::{FileId, Span};

use self::names::Names;

/// The modules of a run with what their files say: answers questions about imports.
pub struct Imports<'a> {
    sources: &'a Sources,
    facts: &'a [Arc<FileFacts>],
    graph: &'a Graph,
    /// What each module binds, worked out when first asked for.
    names: Vec<OnceLock<Names<'a>>>,
}

impl<'a> Imports<'a> {
    /// Joins the graph with the facts that it was built from.
    pub fn new(sources: &'a Sources, facts: &'a [Arc<FileFacts>], graph: &'a Graph) -> Self {
        let names = std::iter::repeat_with(OnceLock::new).take(graph.len()).collect();
        Self { sources, facts, graph, names }
    }

    /// The modules of the run.
    pub fn graph(&self) -> &'a Graph {
        self.graph
    }

    /// The outline of a file, if it is Python and could be read.
    fn outline(&self, file: FileId) -> Option<&'a Outline> {
        self.facts.get(file.0 as usize).and_then(|facts| facts.outline.as_deref())
    }

    /// The outline of a module's file; none for folders, compiled modules and files that were not read.
    fn outline_of(&self, module: ModuleId) -> Option<&'a Outline> {
        self.graph.get(module).file.and_then(|file| self.outline(file))
    }

    /// The first line of a file.
    fn start_of(&self, file: FileId) -> Span {
        let text = self.sources.get(file).text();
        Span::new(0, text.lines().next().unwrap_or_default().len())
    }

    /// What a module binds.
    fn names(&self, module: ModuleId) -> &Names<'a> {
        self.names[module.index()].get_or_init(|| Names::read(self, module))
    }
}
