//! Files of one release in the tree of another, told by the pattern of the imports that break.

mod blame;
mod part;
mod unit;

use std::collections::{BTreeMap, BTreeSet};

use super::{BrokenImport, Imports};
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

/// The length of `from`, in bytes.
const LENGTH_OF_FROM: u32 = 4;

/// Looks for mixtures, one a tree.
pub(super) fn find(imports: &Imports<'_>, broken: &[BrokenImport]) -> Vec<Mixture> {
    let mut mixtures = Vec::new();
    for tree in trees(imports) {
        let told = blame::blame(imports, &tree, broken);
        let changed = changed(imports, &tree);
        let stated = stated(imports, &tree);
        let Some(at) = place(imports, broken, &told.imports, &changed, stated.as_ref()) else { continue };
        let mut foreign = told.foreign;
        foreign.extend(changed.iter().map(|(file, _)| imports.sources.get(*file).path.clone()));
        foreign.extend(stated.iter().map(|(_, at)| imports.sources.get(at.file).path.clone()));
        foreign.sort();
        foreign.dedup();
        let release = imports.graph().at(&tree).and_then(|module| imports.release_around(module));
        mixtures.push(Mixture { release, foreign, imports: told.imports, changed, stated, at });
    }
    mixtures
}

/// The vLLM trees that are checked, by the stem of their package.
fn trees(imports: &Imports<'_>) -> BTreeSet<String> {
    let checked = imports.checked().filter_map(|(file, _)| imports.graph().of_file(file));
    checked.filter_map(|module| imports.graph().vllm_around(module)).map(str::to_owned).collect()
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
