//! Finds the files of a run: walks the paths that were given, honours gitignore files, picks front ends.

mod around;
mod exclude;
mod layout;
mod reference;
mod walk;

pub use around::{Around, discover_around, repository};
pub use exclude::Exclude;
pub use layout::{Layout, Root};
pub use reference::{discover_reference, discover_surroundings};

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use crate::error::RunError;
use crate::lang::{self, Candidate, FrontEnd};

use layout::root;
use walk::walk;

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
    /// Those of the files that are symbolic links, sorted.
    pub links: Vec<PathBuf>,
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
    discovered.links.sort();
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
