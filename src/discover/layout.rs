//! How the folders of a run lie, for import resolution.

use std::path::Path;

use serde::Serialize;

use super::folder;

/// What imports can reach, beside the files that are read.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Layout {
    /// Folders that were walked, the roots among them (the working directory as an empty path), sorted.
    pub folders: Vec<String>,
    /// Entries of which it matters that they exist, sorted: compiled modules, `pyproject.toml` (which marks a project),
    /// lock files, and what a gitignore file hides inside a package.
    pub files: Vec<String>,
    /// The folders that the run starts from; those that are only looked up in come last.
    pub roots: Vec<Root>,
    /// Whether the files were cut out of a tree: what is not among them may still be there.
    pub is_part: bool,
}

impl Layout {
    /// The layout of files that are all there is.
    pub fn of_files<'p>(paths: impl Iterator<Item = &'p str>) -> Self {
        let (mut folders, mut files) = (vec![String::new()], Vec::new());
        for path in paths {
            if super::walk::matters_by_itself(path.rsplit('/').next().unwrap_or_default()) {
                files.push(path.to_owned());
            }
            folders.extend(path.match_indices('/').map(|(at, _)| path[..at].to_owned()));
        }
        let mut layout = Self { folders, files, roots: vec![Root::default()], is_part: false };
        layout.sort();
        layout
    }

    /// Whether a folder was walked, and holds no entry of this name, read or not.
    pub fn lacks(&self, folder: &str, name: &str) -> bool {
        let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let has = |all: &[String], wanted: &str| all.binary_search_by(|own| own.as_str().cmp(wanted)).is_ok();
        !self.is_part && has(&self.folders, folder) && !has(&self.files, &path)
    }

    /// Takes in the layout of a tree that imports are looked up in.
    pub fn append(&mut self, reference: Self) {
        self.folders.extend(reference.folders);
        self.files.extend(reference.files);
        self.roots.extend(reference.roots);
        self.sort();
    }

    pub(super) fn sort(&mut self) {
        for entries in [&mut self.folders, &mut self.files] {
            entries.sort();
            entries.dedup();
        }
    }
}

/// A folder that a run starts from; for a path that is a file, the folder that it lies in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Root {
    /// The folder as paths begin with it; empty for the working directory.
    pub folder: String,
    /// The dotted name of the Python package that the folder is, if it is one.
    pub package: Option<String>,
}

/// A folder that a run starts from, and which package it is.
pub(super) fn root(path: &Path) -> Root {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let names: Vec<_> = real
        .ancestors()
        .take_while(|folder| folder.join("__init__.py").is_file())
        .filter_map(|folder| folder.file_name().map(|name| name.to_string_lossy().into_owned()))
        .collect();
    let package = (!names.is_empty()).then(|| names.into_iter().rev().collect::<Vec<_>>().join("."));
    Root { folder: folder(path), package }
}
