//! Finds the files of a run: walks the paths that were given, honours gitignore files, picks front ends.

mod around;
mod exclude;
mod layout;
mod reference;

pub use around::{Around, discover_around};
pub use exclude::Exclude;
pub use layout::{Layout, Root};
pub use reference::{discover_reference, discover_surroundings};

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use walkdir::{DirEntry, WalkDir};

use crate::error::RunError;
use crate::lang::{self, Candidate, FrontEnd};

use layout::root;

/// A file to read.
#[derive(Clone)]
pub struct Found {
    /// Path in output: below the working directory as given, with `/`.
    pub path: String,
    /// The path that opens it.
    pub location: PathBuf,
    /// Its front end; none where only its content can tell.
    pub front_end: Option<&'static FrontEnd>,
}

/// What a walk found.
#[derive(Default)]
pub struct Discovered {
    /// Files to read, sorted by path, each once.
    pub files: Vec<Found>,
    /// Entries that could not be looked at, and why.
    pub unreadable: Vec<(String, String)>,
    /// How the folders of the run lie, for import resolution.
    pub layout: Layout,
    /// Paths of projects outside of the working directory: what folders above them are called says nothing.
    elsewhere: Vec<String>,
}

impl Discovered {
    /// The part of a file's path that lies within its project.
    pub fn within_project<'p>(&self, path: &'p str) -> &'p str {
        let below = self.elsewhere.iter().filter_map(|project| path.strip_prefix(project.as_str()));
        below.min_by_key(|rest| rest.len()).unwrap_or(path)
    }
}

/// Hidden folders that hold build and CI files; every other hidden folder is skipped.
const HIDDEN_FOLDERS: &[&str] =
    &[".buildkite", ".github", ".gitlab", ".circleci", ".ci", ".devcontainer", ".azure-pipelines"];

/// Folders that hold what tools made, whatever a gitignore file says.
const GENERATED_FOLDERS: &[&str] = &["__pycache__", "node_modules"];

/// Walks the paths. A path that is a file is always scanned, ignored or not.
///
/// # Errors
/// A path that does not exist or cannot be opened.
pub fn discover(paths: &[PathBuf]) -> Result<Discovered, RunError> {
    discover_without(paths, &Exclude::default())
}

/// The same, without what the configuration leaves out. What is left out exists for imports, as an ignored file does.
///
/// # Errors
/// A path that does not exist or cannot be opened.
pub fn discover_without(paths: &[PathBuf], exclude: &Exclude) -> Result<Discovered, RunError> {
    let mut discovered = Discovered::default();
    for path in paths {
        let kind = std::fs::metadata(path).map_err(|error| RunError::path(path, &error))?;
        let path = below_working(path);
        if path.is_absolute() || path.components().any(|part| part == Component::ParentDir) {
            discovered.elsewhere.push(format!("{}/", shown(project(path, kind.is_dir()))));
        }
        if kind.is_dir() {
            discovered.layout.roots.push(root(path));
            walk(path, exclude, &mut discovered);
        } else {
            discovered.layout.roots.push(root(path.parent().unwrap_or(Path::new(""))));
            discovered.files.push(found(path.to_path_buf(), shown(path)));
        }
    }
    discovered.files.sort_by(|a, b| a.path.cmp(&b.path));
    discovered.files.dedup_by(|a, b| a.path == b.path);
    discovered.unreadable.sort();
    discovered.layout.sort();
    Ok(discovered)
}

/// The folder of the repository that a path lies in; where there is none, the folder itself or the file's own.
fn project(path: &Path, is_folder: bool) -> &Path {
    let own = if is_folder { path } else { path.parent().unwrap_or(path) };
    own.ancestors().find(|folder| !folder.as_os_str().is_empty() && folder.join(".git").exists()).unwrap_or(own)
}

/// A path as relative to the working directory, if it lies below that.
pub(crate) fn below_working(path: &Path) -> &Path {
    static WORKING: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::current_dir().ok());
    match WORKING.as_ref().and_then(|working| path.strip_prefix(working).ok()) {
        Some(below) if below.as_os_str().is_empty() => Path::new("."),
        Some(below) => below,
        None => path,
    }
}

fn walk(root: &Path, exclude: &Exclude, discovered: &mut Discovered) {
    let mut ignores = Ignores::above(root, exclude);
    let mut walker = WalkDir::new(root).sort_by_file_name().into_iter();
    while let Some(entry) = walker.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().map_or_else(|| shown(root), shown);
                let cause = error
                    .io_error()
                    .map_or_else(|| "a symbolic link leads back to a folder above it".to_owned(), ToString::to_string);
                discovered.unreadable.push((path, cause));
                continue;
            }
        };
        let is_folder = entry.file_type().is_dir();
        if entry.depth() > 0 {
            let skipped = is_skipped(&entry);
            if skipped || ignores.ignored(entry.path(), is_folder) {
                if is_folder {
                    walker.skip_current_dir();
                }
                if !skipped && entry.path().parent().is_some_and(|folder| folder.join("__init__.py").is_file()) {
                    exists(entry.path(), &mut discovered.layout);
                }
                continue;
            }
        }
        if is_folder {
            ignores.enter(entry.path());
            discovered.layout.folders.push(folder(entry.path()));
            continue;
        }
        if matters_to_imports(&entry.file_name().to_string_lossy()) {
            discovered.layout.files.push(shown(entry.path()));
        }
        let file = found(entry.path().to_path_buf(), shown(entry.path()));
        match is_file_within(&entry, root) {
            Ok(true) if file.front_end.is_some() || !entry.file_name().to_string_lossy().contains('.') => {
                discovered.files.push(file)
            }
            Err(error) if file.front_end.is_some() => discovered.unreadable.push((file.path, error.to_string())),
            _ => {}
        }
    }
}

/// Notes what a gitignore file hides inside a Python package: builds put modules there.
fn exists(hidden: &Path, layout: &mut Layout) {
    for entry in WalkDir::new(hidden).into_iter().filter_entry(|entry| !is_skipped(entry)).filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy();
        if entry.file_type().is_dir() {
            layout.folders.push(folder(entry.path()));
        } else if name.ends_with(".py") || matters_to_imports(&name) {
            layout.files.push(shown(entry.path()));
        }
    }
}

/// Whether a file's existence is all that matters: extension modules, and what marks a project.
fn matters_to_imports(name: &str) -> bool {
    [".so", ".pyd"].iter().any(|end| name.ends_with(end)) || name == "pyproject.toml"
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

fn is_skipped_folder(name: &str) -> bool {
    GENERATED_FOLDERS.contains(&name)
        || (name.starts_with('.') && !HIDDEN_FOLDERS.contains(&name))
        || name.ends_with(".egg-info")
}

/// Whether a walk of the tree would read the file at this path, gitignore files aside.
pub fn is_walked(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_shown = |folder: &str| matches!(folder, "" | "." | "..") || !is_skipped_folder(folder);
    let front_end = || lang::front_end(&Candidate { path, name, head: &[] });
    folders.split('/').all(is_shown) && (!name.contains('.') || front_end().is_some())
}

fn found(location: PathBuf, path: String) -> Found {
    let front_end =
        lang::front_end(&Candidate { path: &path, name: path.rsplit('/').next().unwrap_or_default(), head: &[] });
    Found { path, location, front_end }
}

/// A path as output shows it: with `/`, without a leading `./`.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text =
        if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") };
    text.strip_prefix("./").map_or(text.clone(), ToOwned::to_owned)
}

/// A folder as the start of the paths of what it holds: empty for the working directory.
fn folder(path: &Path) -> String {
    let text = shown(path);
    if text == "." { String::new() } else { text.trim_end_matches('/').to_owned() }
}

/// The gitignore files in force, outermost first.
struct Ignores<'a> {
    /// The folder that is walked, as given.
    root: &'a Path,
    /// The same, as the file system has it. Links are not followed below it.
    absolute_root: PathBuf,
    stack: Vec<(PathBuf, Gitignore)>,
    /// What the configuration leaves out, whatever these say.
    exclude: &'a Exclude,
}

impl<'a> Ignores<'a> {
    /// Those of the folders above `root`, up to the repository's own.
    fn above(root: &'a Path, exclude: &'a Exclude) -> Self {
        let absolute = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let mut outer: Vec<&Path> = Vec::new();
        if !absolute.join(".git").exists() {
            for folder in absolute.ancestors().skip(1) {
                outer.push(folder);
                if folder.join(".git").exists() {
                    break;
                }
            }
            if outer.last().is_none_or(|top| !top.join(".git").exists()) {
                outer.clear();
            }
        }
        let stack = outer
            .into_iter()
            .rev()
            .filter_map(|folder| gitignore(folder).map(|rules| (folder.to_path_buf(), rules)))
            .collect();
        Self { root, absolute_root: absolute, stack, exclude }
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.root).map_or_else(|_| path.to_path_buf(), |below| self.absolute_root.join(below))
    }

    /// Takes in the rules of a folder that the walk enters, and drops those of folders that it left.
    fn enter(&mut self, folder: &Path) {
        let absolute = self.absolute(folder);
        self.stack.retain(|(owner, _)| absolute.starts_with(owner));
        if let Some(rules) = gitignore(folder) {
            self.stack.push((absolute, rules));
        }
    }

    fn ignored(&self, path: &Path, is_folder: bool) -> bool {
        if self.stack.is_empty() && self.exclude.is_empty() {
            return false;
        }
        let absolute = self.absolute(path);
        if self.exclude.leaves_out(&absolute, is_folder) {
            return true;
        }
        for (owner, rules) in self.stack.iter().rev() {
            let Ok(below) = absolute.strip_prefix(owner) else { continue };
            match rules.matched(below, is_folder) {
                ignore::Match::Ignore(_) => return true,
                ignore::Match::Whitelist(_) => return false,
                ignore::Match::None => {}
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
