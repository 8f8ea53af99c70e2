//! What lies around the files of a run, and trees that imports are looked up in: read for the module graph alone.

use std::path::{Path, PathBuf};

use super::layout::{Root, root};
use super::{Discovered, below_working, discover};
use crate::error::RunError;

/// Files that say what a build adds to a package, or which release it is.
const BUILD_FILES: &[&str] = &["setup.py", "CMakeLists.txt", "PKG-INFO", "pyproject.toml", "cmake"];

/// The packages of a tree, and the files that say what its build adds: nothing else of a tree that is only looked up in
/// has to be read. `path` is a source tree, a folder that packages are installed in, or a package.
///
/// # Errors
/// A path that does not exist or cannot be opened.
pub fn discover_reference(path: &Path) -> Result<Discovered, RunError> {
    let path = below_working(path);
    let beside = entries(path)?;
    if is_package(path) {
        return read(&with_build(&top_of(path)), path);
    }
    let is_vllm = |entry: &PathBuf| entry.ends_with("vllm") && is_package(entry);
    let mut wanted: Vec<PathBuf> = match beside.iter().find(|entry| is_vllm(entry)) {
        Some(vllm) => vec![vllm.clone()],
        None => beside.into_iter().filter(|entry| is_package(entry)).collect(),
    };
    wanted.extend(build_files(path, "vllm"));
    read(&wanted, path)
}

/// The rest of the packages that these paths are parts of, and what their builds add.
///
/// # Errors
/// A path that vanished meanwhile.
pub fn discover_surroundings(paths: &[PathBuf]) -> Result<Discovered, RunError> {
    let mut wanted = Vec::new();
    let mut roots = Vec::new();
    for path in paths {
        let path = below_working(path);
        let folder = if path.is_dir() { path.to_owned() } else { up(path) };
        if is_package(&folder) {
            let top = top_of(&folder);
            roots.push(root(&top));
            wanted.extend(with_build(&top));
        }
    }
    wanted.sort();
    wanted.dedup();
    let mut discovered = discover(&wanted)?;
    roots.dedup();
    discovered.layout.roots = roots;
    Ok(discovered)
}

fn read(wanted: &[PathBuf], path: &Path) -> Result<Discovered, RunError> {
    let mut discovered = discover(wanted)?;
    let top = if is_package(path) { root(&top_of(path)) } else { root(path) };
    discovered.layout.roots = vec![Root { folder: top.folder, package: top.package }];
    Ok(discovered)
}

/// The outermost package that a package lies in.
fn top_of(package: &Path) -> PathBuf {
    let mut top = package.to_owned();
    loop {
        let around = up(&top);
        if !is_package(&around) {
            return top;
        }
        top = around;
    }
}

/// A package and the files beside it that say what its build adds.
fn with_build(package: &Path) -> Vec<PathBuf> {
    let name =
        package.canonicalize().ok().and_then(|real| real.file_name().map(|name| name.to_string_lossy().into_owned()));
    let mut files = build_files(&up(package), &name.unwrap_or_default());
    files.push(package.to_owned());
    files
}

/// The files of a folder that say what the build of a package in it adds, which release it is, and what was installed.
fn build_files(folder: &Path, package: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        BUILD_FILES.iter().map(|name| folder.join(name)).filter(|path| path.exists()).collect();
    let prefix = format!("{package}-");
    for entry in entries(folder).unwrap_or_default() {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(&prefix) && name.ends_with(".dist-info") {
            files.extend(["METADATA", "RECORD"].map(|name| entry.join(name)).into_iter().filter(|path| path.is_file()));
        }
    }
    files
}

fn is_package(folder: &Path) -> bool {
    folder.join("__init__.py").is_file()
}

/// The folder that a path lies in, as it is written.
fn up(path: &Path) -> PathBuf {
    match (path.file_name(), path.parent()) {
        (Some(_), Some(parent)) if parent.as_os_str().is_empty() => PathBuf::from("."),
        (Some(_), Some(parent)) => parent.to_owned(),
        _ => path.join(".."),
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, RunError> {
    let entries = std::fs::read_dir(folder).map_err(|error| RunError::path(folder, &error))?;
    let mut entries: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    entries.sort();
    Ok(entries)
}
