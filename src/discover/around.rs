//! The repository around files that are named one by one, as commit hooks do: what stands in one file is judged by what
//! the others say, and nothing is reported there.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Discovered, Exclude, Found, discover, discover_without};
use crate::error::RunError;

/// A repository with more files to read is left alone: a hook on one file is not to wait for all of it.
const MOST_FILES: usize = 20_000;

/// Files that were named, amid the repository that they lie in.
pub struct Around {
    /// All files of the repository.
    pub discovered: Discovered,
    /// The paths among them that were named, sorted.
    pub named: Vec<String>,
    /// The repository's folder.
    pub root: PathBuf,
}

/// The files that were named and the rest of the repository that they lie in. None where nothing is read of them, or the
/// repository is too large.
///
/// # Errors
/// A path that does not exist or cannot be opened.
pub fn discover_around(paths: &[PathBuf], repository: &Path, exclude: &Exclude) -> Result<Option<Around>, RunError> {
    let own = discover(paths)?;
    // Nobody reads these, so nothing around them matters.
    if !own.files.iter().any(|file| file.front_end.is_some() || !file.path.rsplit('/').next().is_some_and(has_ending)) {
        return Ok(None);
    }
    let root = from_working(repository);
    let mut discovered = discover_without(std::slice::from_ref(&root), exclude)?;
    if discovered.files.len() > MOST_FILES {
        return Ok(None);
    }
    let within = |path: PathBuf| path.strip_prefix(repository).map_or_else(|_| path.clone(), Path::to_path_buf);
    let mut wanted: BTreeMap<OsString, Found> =
        own.files.into_iter().map(|file| (within(real(&file.location)).into(), file)).collect();
    let mut named = Vec::with_capacity(wanted.len());
    for file in &mut discovered.files {
        // The folders that the walk leads through are none of them links.
        let own = match discovered.links.binary_search(&file.location) {
            Ok(_) => wanted.remove(within(real(&file.location)).as_os_str()),
            Err(_) => wanted.remove(file.location.strip_prefix(&root).unwrap_or(&file.location).as_os_str()),
        };
        // It is reported under the name that it was given.
        if let Some(own) = own {
            file.location = own.location;
            named.push(file.path.clone());
        }
    }
    // What the walk passes over, since it is ignored or in no language of ours, was named all the same.
    named.extend(wanted.values().map(|file| file.path.clone()));
    discovered.files.extend(wanted.into_values());
    discovered.files.sort_by(|a, b| a.path.cmp(&b.path));
    discovered.files.dedup_by(|a, b| a.path == b.path);
    named.sort();
    discovered.unreadable = own.unreadable;
    Ok(Some(Around { discovered, named, root }))
}

/// The folder of the one repository that all these files lie in; none where a folder is named, or they lie in several or
/// in none.
pub fn repository(paths: &[PathBuf]) -> Option<PathBuf> {
    let mut found: Option<PathBuf> = None;
    for path in paths {
        let path = path.canonicalize().ok().filter(|path| path.is_file())?;
        let root = path.ancestors().skip(1).find(|folder| folder.join(".git").exists())?;
        if *found.get_or_insert_with(|| root.to_owned()) != root {
            return None;
        }
    }
    found
}

/// A folder as seen from the working directory, so that paths below it are as short as they can be.
fn from_working(folder: &Path) -> PathBuf {
    let Ok(working) = std::env::current_dir().and_then(|working| working.canonicalize()) else {
        return folder.to_owned();
    };
    match (folder.strip_prefix(&working), working.strip_prefix(folder)) {
        (Ok(below), _) if below.as_os_str().is_empty() => PathBuf::from("."),
        (Ok(below), _) => below.to_owned(),
        (_, Ok(above)) => above.components().map(|_| "..").collect(),
        _ => folder.to_owned(),
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn has_ending(name: &str) -> bool {
    name.contains('.')
}
