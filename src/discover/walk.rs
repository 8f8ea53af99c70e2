//! Walks a folder: level by level, its folders in parallel, by the rules of its gitignore files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rayon::prelude::*;
use walkdir::{DirEntry, Error, WalkDir};

use super::{Discovered, Exclude, Layout, folder, found, is_skipped_folder, shown};

/// The lock file of a flake, ignored or not.
const LOCK: &str = "flake.lock";

/// Adds everything below `root`, in no order.
pub(super) fn walk(root: &Path, exclude: &Exclude, discovered: &mut Discovered) {
    let walk = Walk { root, exclude };
    let absolute = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let ignores = Ignores::above(&absolute);
    let mut level = vec![Folder { path: root.to_path_buf(), absolute, ignores }];
    while !level.is_empty() {
        let parts: Vec<(Discovered, Vec<Folder>)> = level.into_par_iter().map(|folder| walk.enter(folder)).collect();
        level = Vec::new();
        for (part, folders) in parts {
            discovered.files.extend(part.files);
            discovered.unreadable.extend(part.unreadable);
            discovered.links.extend(part.links);
            discovered.layout.folders.extend(part.layout.folders);
            discovered.layout.files.extend(part.layout.files);
            level.extend(folders);
        }
    }
}

/// A folder that is still to be entered.
struct Folder {
    /// As the walk came to it.
    path: PathBuf,
    /// As the file system has it; links are not followed below the root.
    absolute: PathBuf,
    /// The rules of the folders above it.
    ignores: Option<Arc<Ignores>>,
}

/// A walk below one folder.
struct Walk<'a> {
    root: &'a Path,
    /// What the configuration leaves out, whatever gitignore files say.
    exclude: &'a Exclude,
}

impl Walk<'_> {
    /// What lies in a folder itself, and the folders in it.
    fn enter(&self, entered: Folder) -> (Discovered, Vec<Folder>) {
        let (mut own, mut folders) = (Discovered::default(), Vec::new());
        own.layout.folders.push(folder(&entered.path));
        let ignores = Ignores::with(entered.ignores, &entered.path, &entered.absolute);
        for entry in WalkDir::new(&entered.path).min_depth(1).max_depth(1) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    own.unreadable.push(self.unreadable(&error));
                    continue;
                }
            };
            let is_folder = entry.file_type().is_dir();
            let absolute = entered.absolute.join(entry.file_name());
            let skipped = is_skipped(&entry);
            if skipped || self.is_ignored(ignores.as_deref(), &absolute, is_folder) {
                if entry.file_name() == LOCK {
                    own.layout.files.push(shown(entry.path()));
                } else if !skipped && entered.path.join("__init__.py").is_file() {
                    exists(entry.path(), &mut own.layout);
                }
            } else if is_folder {
                folders.push(Folder { path: entry.into_path(), absolute, ignores: ignores.clone() });
            } else {
                self.take(&entry, &mut own);
            }
        }
        (own, folders)
    }

    /// Takes in an entry that is no folder.
    fn take(&self, entry: &DirEntry, own: &mut Discovered) {
        let name = entry.file_name().to_string_lossy();
        if matters_by_itself(&name) {
            own.layout.files.push(shown(entry.path()));
        }
        let file = found(entry.path().to_path_buf(), shown(entry.path()));
        match is_file_within(entry, self.root) {
            Ok(true) if file.front_end.is_some() || !name.contains('.') => {
                own.links.extend(entry.path_is_symlink().then(|| file.location.clone()));
                own.files.push(file);
            }
            Err(error) if file.front_end.is_some() => own.unreadable.push((file.path, error.to_string())),
            _ => {}
        }
    }

    fn is_ignored(&self, ignores: Option<&Ignores>, absolute: &Path, is_folder: bool) -> bool {
        self.exclude.leaves_out(absolute, is_folder) || ignores.is_some_and(|rules| rules.ignore(absolute, is_folder))
    }

    /// The path that could not be looked at, and why.
    fn unreadable(&self, error: &Error) -> (String, String) {
        let path = error.path().map_or_else(|| shown(self.root), shown);
        let cause = error
            .io_error()
            .map_or_else(|| "a symbolic link leads back to a folder above it".to_owned(), ToString::to_string);
        (path, cause)
    }
}

/// Notes what a gitignore file hides inside a Python package: builds put modules there.
fn exists(hidden: &Path, layout: &mut Layout) {
    for entry in WalkDir::new(hidden).into_iter().filter_entry(|entry| !is_skipped(entry)).filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy();
        if entry.file_type().is_dir() {
            layout.folders.push(folder(entry.path()));
        } else if name.ends_with(".py") || matters_by_itself(&name) {
            layout.files.push(shown(entry.path()));
        }
    }
}

/// Whether it matters that a file exists, whatever is in it: extension modules, what marks a project, the lock of a flake.
pub(super) fn matters_by_itself(name: &str) -> bool {
    [".so", ".pyd", ".pyx"].iter().any(|end| name.ends_with(end)) || name == "pyproject.toml" || name == LOCK
}

/// Whether an entry is a file, or a symbolic link to one within the root; links to folders and out of the root are not
/// followed.
///
/// # Errors
/// A link that leads nowhere.
fn is_file_within(entry: &DirEntry, root: &Path) -> std::io::Result<bool> {
    if !entry.path_is_symlink() {
        return Ok(entry.file_type().is_file());
    }
    let target = entry.path().canonicalize()?;
    Ok(target.is_file() && target.starts_with(root.canonicalize()?))
}

fn is_skipped(entry: &DirEntry) -> bool {
    entry.file_type().is_dir() && is_skipped_folder(&entry.file_name().to_string_lossy())
}

/// The rules of a gitignore file, and of those in folders above it.
struct Ignores {
    /// The folder that it lies in, as the file system has it.
    owner: PathBuf,
    rules: Gitignore,
    outer: Option<Arc<Self>>,
}

impl Ignores {
    /// Those of the folders above a root, up to the repository's own.
    fn above(root: &Path) -> Option<Arc<Self>> {
        let is_repository = |folder: &&Path| folder.join(".git").exists();
        let depth = root.ancestors().position(|folder| is_repository(&folder))?;
        let above: Vec<&Path> = root.ancestors().take(depth + 1).skip(1).collect();
        above.into_iter().rev().fold(None, |outer, folder| Self::with(outer, folder, folder))
    }

    /// Those in force in a folder: its own, if it has any, and those above it.
    fn with(outer: Option<Arc<Self>>, path: &Path, absolute: &Path) -> Option<Arc<Self>> {
        match gitignore(path) {
            Some(rules) => Some(Arc::new(Self { owner: absolute.to_path_buf(), rules, outer })),
            None => outer,
        }
    }

    /// Whether they leave out an entry; the innermost that speaks of it decides.
    fn ignore(&self, absolute: &Path, is_folder: bool) -> bool {
        let mut next = Some(self);
        while let Some(ignores) = next {
            let below = absolute.strip_prefix(&ignores.owner).unwrap_or(absolute);
            match ignores.rules.matched(below, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => next = ignores.outer.as_deref(),
            }
        }
        false
    }
}

/// The rules of a folder's `.gitignore`, if it has one. Bad lines in it are left out, as git does.
fn gitignore(folder: &Path) -> Option<Gitignore> {
    let file = folder.join(".gitignore");
    if !file.is_file() {
        return None;
    }
    let mut builder = GitignoreBuilder::new("");
    builder.add(&file);
    builder.build().ok()
}
