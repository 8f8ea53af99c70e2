//! Files of one release in the tree of another, told by the pattern of the imports that break.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::parent;
use super::{BrokenImport, Failure, Imports};
use crate::source::Recorded;
use crate::span::{FileId, Place, Span};

/// Files of another release in a vLLM tree.
#[derive(Debug, Clone)]
pub struct Mixture {
    /// The release of the tree, where its metadata tells.
    pub release: Option<String>,
    /// The files and folders that do not belong to it, as paths.
    pub foreign: Vec<String>,
    /// The broken imports that show it, as indices into [`super::Analysis::imports`].
    pub imports: Vec<usize>,
    /// Files that differ from what the package manager installed, or that it did not install.
    pub changed: Vec<(FileId, Recorded)>,
    /// Another release that a file of the tree states, and where.
    pub stated: Option<(String, Place)>,
    /// The place to show.
    pub at: Place,
}

/// How many different names have to be broken in one place. One fault, or two, is a slip.
const LEAST_NAMES: usize = 3;

/// The length of `from`, in bytes.
const LENGTH_OF_FROM: u32 = 4;

/// One file in so many of a folder has to show that it is foreign for the folder to count as a whole.
const LEAST_SHARE: usize = 4;

/// What explains broken imports: one set of files is from another release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Cluster {
    /// A file that imports.
    File(String),
    /// A folder whose files import.
    Importers(String),
    /// A module, or a folder of modules, that is imported from.
    Source(String),
}

/// A broken import as evidence.
struct Unit<'u> {
    index: usize,
    path: &'u str,
    /// The stem of the module that is imported from, or would be.
    source: String,
    import: &'u BrokenImport,
}

/// Looks for mixtures, one a tree.
pub(super) fn find(imports: &Imports<'_>, broken: &[BrokenImport]) -> Vec<Mixture> {
    let mut mixtures = Vec::new();
    for tree in trees(imports) {
        let within = |path: &str| path.strip_prefix(tree.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let units: Vec<Unit<'_>> = broken
            .iter()
            .enumerate()
            .filter(|(_, import)| {
                !import.is_foreign
                    && !import.homes.is_empty()
                    && matches!(import.failure, Failure::Module | Failure::Name)
            })
            .filter_map(|(index, import)| {
                let path = imports.sources.get(import.at.file).path.as_str();
                let source = import
                    .module
                    .split_once('.')
                    .map_or(tree.clone(), |(_, rest)| format!("{tree}/{}", rest.replace('.', "/")));
                within(path).then_some(Unit { index, path, source, import })
            })
            .collect();
        let clusters = explain(&tree, units);
        let changed = changed(imports, &tree);
        let stated = stated(imports, &tree);
        let indices: Vec<usize> = clusters.iter().flat_map(|(_, units)| units.iter().map(|unit| unit.index)).collect();
        let Some(at) = place(imports, broken, &indices, &changed, stated.as_ref()) else { continue };
        let mut foreign: Vec<String> =
            clusters.iter().flat_map(|(cluster, units)| cluster.foreign(units, imports)).collect();
        foreign.extend(changed.iter().map(|(file, _)| imports.sources.get(*file).path.clone()));
        foreign.sort();
        foreign.dedup();
        let release = imports.graph().at(&tree).and_then(|module| imports.release_around(module));
        mixtures.push(Mixture { release, foreign, imports: indices, changed, stated, at });
    }
    mixtures
}

/// The vLLM trees that are checked, by the stem of their package.
fn trees(imports: &Imports<'_>) -> BTreeSet<String> {
    let checked = imports.checked().filter_map(|(file, _)| imports.graph().of_file(file));
    checked.filter_map(|module| imports.graph().vllm_around(module)).map(str::to_owned).collect()
}

impl Cluster {
    /// The files or the folder that do not belong: a folder only where much of it shows that.
    fn foreign(&self, units: &[Unit<'_>], imports: &Imports<'_>) -> Vec<String> {
        match self {
            Self::File(path) | Self::Source(path) => vec![path.clone()],
            Self::Importers(folder) => {
                let files: BTreeSet<String> = units.iter().map(|unit| unit.path.to_owned()).collect();
                let is_below =
                    |path: &str| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
                let all = imports.checked().filter(|(file, _)| is_below(&imports.sources.get(*file).path)).count();
                if files.len() * LEAST_SHARE >= all { vec![folder.clone()] } else { files.into_iter().collect() }
            }
        }
    }

    fn explains(&self, unit: &Unit<'_>) -> bool {
        let below = |stem: &str, folder: &str| {
            stem.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match self {
            Self::File(path) => unit.path == path,
            Self::Importers(folder) => below(unit.path, folder),
            Self::Source(folder) => below(&unit.source, folder) && !below(unit.path, folder),
        }
    }
}

/// Finds the fewest sets of foreign files that explain as many of the broken imports as possible.
fn explain<'u>(tree: &str, mut units: Vec<Unit<'u>>) -> Vec<(Cluster, Vec<Unit<'u>>)> {
    let mut found = Vec::new();
    loop {
        let mut candidates: BTreeSet<Cluster> = BTreeSet::new();
        for unit in &units {
            candidates.insert(Cluster::File(unit.path.to_owned()));
            candidates.extend(folders(parent(unit.path), tree).map(|folder| Cluster::Importers(folder.to_owned())));
            candidates.extend(folders(&unit.source, tree).map(|folder| Cluster::Source(folder.to_owned())));
        }
        // The smaller of two that explain the same comes first, since sorting puts inner folders behind outer ones.
        let weighed =
            candidates.into_iter().filter_map(|cluster| weight(&cluster, &units).map(|weight| (weight, cluster)));
        let Some((_, best)) = weighed.max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.cmp(&a.1))) else { return found };
        let (explained, rest): (Vec<_>, Vec<_>) = units.into_iter().partition(|unit| best.explains(unit));
        found.push((best, explained));
        units = rest;
    }
}

/// The folders from `stem` up to, and without, the tree.
fn folders<'s>(stem: &'s str, tree: &'s str) -> impl Iterator<Item = &'s str> {
    std::iter::successors(Some(stem), |folder| Some(parent(folder))).take_while(move |folder| folder.len() > tree.len())
}

/// How many different names a cluster explains, with how narrow it is; none where that shows nothing.
fn weight(cluster: &Cluster, units: &[Unit<'_>]) -> Option<(usize, usize, usize)> {
    let explained: Vec<_> = units.iter().filter(|unit| cluster.explains(unit)).collect();
    let names: BTreeSet<_> = explained.iter().map(|unit| (&unit.import.module, &unit.import.name)).collect();
    let modules: BTreeSet<_> = explained.iter().map(|unit| &unit.source).collect();
    let homes: BTreeSet<_> =
        explained.iter().filter_map(|unit| unit.import.homes.first()).map(|home| &home.dotted).collect();
    let files: BTreeSet<_> = explained.iter().map(|unit| unit.path).collect();
    let is_spread = match cluster {
        Cluster::File(_) => true,
        // One file is the narrower explanation.
        Cluster::Importers(_) => files.len() > 1,
        Cluster::Source(_) => files.len() >= LEAST_NAMES,
    };
    let is_telling = names.len() >= LEAST_NAMES && (modules.len() > 1 || homes.len() > 1) && is_spread;
    let depth = match cluster {
        Cluster::File(path) | Cluster::Importers(path) | Cluster::Source(path) => path.matches('/').count(),
    };
    is_telling.then_some((names.len(), explained.len(), depth))
}

/// Python files of an installed package that are not what was installed.
fn changed(imports: &Imports<'_>, tree: &str) -> Vec<(FileId, Recorded)> {
    let within = |path: &str| path.strip_prefix(tree).is_some_and(|rest| rest.starts_with('/'));
    let files = imports
        .sources
        .iter()
        .filter(|(_, file)| !file.is_reference && within(&file.path) && file.language == "python");
    files
        .filter(|(_, file)| matches!(file.recorded, Recorded::Differs | Recorded::Unlisted))
        .map(|(id, file)| (id, file.recorded))
        .collect()
}

/// A release that `_version.py` states and the package's metadata contradicts.
fn stated(imports: &Imports<'_>, tree: &str) -> Option<(String, Place)> {
    let release = imports.graph().at(tree).and_then(|module| imports.release_around(module))?;
    let file = imports.sources.find(&format!("{tree}/_version.py"))?;
    let version = imports.facts.get(file.0 as usize)?.versions.first()?;
    (!super::release::is_same(&version.version, &release))
        .then(|| (version.version.clone(), Place { file, span: version.span }))
}

/// The place to show: the first broken import, else the first changed file, else the contradicting version.
fn place(
    imports: &Imports<'_>,
    broken: &[BrokenImport],
    indices: &[usize],
    changed: &[(FileId, Recorded)],
    stated: Option<&(String, Place)>,
) -> Option<Place> {
    let by_file: BTreeMap<FileId, usize> = indices.iter().rev().map(|&index| (broken[index].at.file, index)).collect();
    let first =
        indices.first().and_then(|index| by_file.get(&broken[*index].at.file)).map(|&index| keyword(&broken[index]));
    let start = |(file, _): &(FileId, Recorded)| Place { file: *file, span: imports.start_of(*file) };
    first.or_else(|| changed.first().map(start)).or_else(|| stated.map(|(_, at)| *at))
}

/// The keyword that a broken import starts with: the summary stands before the findings that it sums up.
fn keyword(import: &BrokenImport) -> Place {
    let start = import.statement.start;
    Place { file: import.at.file, span: Span { start, end: (start + LENGTH_OF_FROM).min(import.statement.end) } }
}
