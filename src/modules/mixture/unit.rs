//! Broken imports as evidence.

use crate::modules::graph::parent;
use crate::modules::{BrokenImport, Failure, Imports, Kind};

/// A broken import between two files of one tree.
///
/// Files are given by their path without `.py`, so that `vllm/utils/__init__` lies within `vllm/utils`.
#[derive(Debug)]
pub(super) struct Unit<'u> {
    /// Its index in the analysis.
    pub(super) index: usize,
    /// The file that imports.
    pub(super) importer: String,
    /// The file that lacks the name; where the module is missing, the file that it would be.
    pub(super) source: String,
    /// What is missing: the module that lacks it, by stem, and the name in it.
    pub(super) key: (String, Option<&'u str>),
    /// The file that has it.
    pub(super) home: Option<String>,
    /// Whether the module that lacks it is a file, which may have been exchanged.
    pub(super) has_source: bool,
}

impl<'u> Unit<'u> {
    /// Reads a broken import; none if it says nothing about files of this tree.
    pub(super) fn read(imports: &Imports<'_>, tree: &str, index: usize, import: &'u BrokenImport) -> Option<Self> {
        let stem = |path: &str| path.strip_suffix(".py").unwrap_or(path).to_owned();
        let importer = stem(&imports.sources.get(import.at.file).path);
        let is_own = is_within(&importer, tree) && !import.is_foreign;
        if !is_own || !matches!(import.failure, Failure::Module | Failure::Name) {
            return None;
        }
        let graph = imports.graph();
        let rest = import.module.split_once('.').map(|(_, rest)| rest.replace('.', "/"));
        let module = rest.map_or_else(|| tree.to_owned(), |rest| format!("{tree}/{rest}"));
        let file = graph.at(&module).filter(|&id| graph.get(id).kind >= Kind::Plain);
        let source = file.and_then(|id| graph.get(id).file).map(|file| stem(&imports.sources.get(file).path));
        let home = import.homes.first().map(|home| stem(&imports.sources.get(home.at.file).path));
        if !import.context.runs() && home.is_none() {
            return None;
        }
        // A folder that lost its `__init__.py` lacks that one file, not each name that is wanted from it.
        let name = import.name.as_deref().filter(|_| source.is_some());
        Some(Self {
            index,
            importer,
            has_source: source.is_some(),
            source: source.unwrap_or_else(|| module.clone()),
            key: (module, name),
            home,
        })
    }

    /// What is missing; modules that are missing side by side were moved or left out together, and count as one.
    pub(super) fn slot(&self) -> (&str, Option<&str>) {
        match self.key.1 {
            Some(name) => (&self.key.0, Some(name)),
            None => (parent(&self.key.0), None),
        }
    }
}

/// Whether a file or folder is another one or lies in it.
pub(super) fn is_within(stem: &str, folder: &str) -> bool {
    stem.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
