//! Trees that imports are looked up in, and what a package manager says of installed packages.

use std::path::{Path, PathBuf};

use super::layout::root;
use super::{Discovered, discover};
use crate::error::RunError;

/// The folders of a vLLM tree that imports are resolved in, and the files that say what its build adds: nothing else
/// of a tree that is only looked up in has to be read.
///
/// # Errors
/// A path that does not exist or cannot be opened.
pub fn discover_reference(path: &Path) -> Result<Discovered, RunError> {
    let entries = |folder: &Path| -> Result<Vec<PathBuf>, RunError> {
        let entries = std::fs::read_dir(folder).map_err(|error| RunError::path(folder, &error))?;
        Ok(entries.filter_map(Result::ok).map(|entry| entry.path()).collect())
    };
    let is_package = |folder: &Path| folder.join("__init__.py").is_file();
    let beside = entries(path)?;
    let wanted = if is_package(path) {
        vec![path.to_owned()]
    } else {
        let is_vllm = beside.iter().any(|entry| entry.ends_with("vllm") && is_package(entry));
        let belongs = |entry: &PathBuf| {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            if entry.is_dir() {
                let is_metadata = name.starts_with("vllm-") && name.ends_with(".dist-info");
                name == "cmake" || if is_vllm { name == "vllm" || is_metadata } else { is_package(entry) }
            } else {
                matches!(name.as_ref(), "setup.py" | "CMakeLists.txt" | "PKG-INFO" | "pyproject.toml")
            }
        };
        beside.into_iter().filter(belongs).collect()
    };
    let mut discovered = discover(&wanted)?;
    discovered.layout.roots = vec![root(path)];
    Ok(discovered)
}

/// What the package manager says of an installed package, beside its folder: release and files.
pub(super) fn metadata_of(package: &Path) -> Vec<PathBuf> {
    let (Some(parent), Some(name)) = (package.parent(), package.file_name()) else { return Vec::new() };
    let folder = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let own = format!("{}-", name.to_string_lossy());
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let infos = entries.filter_map(Result::ok).filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with(&own) && name.ends_with(".dist-info")
    });
    infos
        .flat_map(|info| ["METADATA", "RECORD"].map(|name| parent.join(info.file_name()).join(name)))
        .filter(|path| path.is_file())
        .collect()
}
