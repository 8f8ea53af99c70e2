//! Finds configuration files and reads what they extend. Nothing outside of the repository is read.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::origin::{ConfigFile, Given};
use super::read::{Part, read};
use crate::error::RunError;
use crate::report::printable;

/// Files larger than this hold no configuration, in bytes.
const LARGEST: u64 = 1 << 20;

/// More than so many files that extend one another are nobody's intent.
const DEEPEST: usize = 32;

/// The file that the environment names, wherever it lies.
pub(super) fn named() -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os("GFXLINT_CONFIG").filter(|path| !path.is_empty())?);
    Some(path.canonicalize().unwrap_or(path))
}

/// The file that holds for what lies at `start`: `gfxlint.toml`, or `pyproject.toml` with a table for gfxlint, in the
/// nearest folder upward, as far as the repository goes.
pub(super) fn upward(start: &Path) -> Option<PathBuf> {
    let start = start.canonicalize().ok()?;
    for folder in start.ancestors().filter(|folder| !folder.is_file()) {
        let own = folder.join("gfxlint.toml");
        if own.is_file() {
            return Some(own);
        }
        let project = folder.join("pyproject.toml");
        if project.is_file() && has_table(&project) {
            return Some(project);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// Whether a project's file has a table for gfxlint.
fn has_table(path: &Path) -> bool {
    let is_small = fs::metadata(path).is_ok_and(|file| file.len() <= LARGEST);
    is_small && fs::read(path).is_ok_and(|text| memchr::memmem::find(&text, b"tool.gfxlint").is_some())
}

/// The parts of a configuration: the file and all that it extends, the farthest first.
///
/// # Errors
/// A file that cannot be read, that holds what it must not, or that extends itself.
pub(super) fn chain(path: &Path, shown: &impl Fn(&Path) -> String) -> Result<Vec<(Arc<ConfigFile>, Part)>, RunError> {
    let root = root_of(path);
    let mut found = Vec::new();
    let failed = |cause| RunError::Path { path: printable(&shown(path)), cause };
    if let (Ok(real), Ok(root)) = (path.canonicalize(), root.canonicalize())
        && !real.starts_with(root)
    {
        return Err(failed(
            "it is a link that leads out of the repository, and no configuration is read there".to_owned(),
        ));
    }
    let file = load(path, shown).map_err(failed)?;
    follow(&file, &root, &mut vec![file.path.clone()], &mut found, shown)?;
    Ok(found)
}

fn follow(
    file: &Arc<ConfigFile>,
    root: &Path,
    open: &mut Vec<PathBuf>,
    found: &mut Vec<(Arc<ConfigFile>, Part)>,
    shown: &impl Fn(&Path) -> String,
) -> Result<(), RunError> {
    let part = read(file)?;
    for extended in &part.extends {
        let path = within(root, &file.folder, &extended.value)
            .map_err(|cause| extended.origin.error(cannot(extended, &cause), "named here", None))?;
        // Several files may extend the same one: it counts once, where it was met first.
        if found.iter().any(|(known, _)| known.path == path) {
            continue;
        }
        if open.contains(&path) {
            let names: Vec<String> = open.iter().chain([&path]).map(|path| shown(path)).collect();
            let what = format!("a configuration extends itself: {}", names.join(" -> "));
            return Err(extended.origin.error(what, "closes the circle", Some("take one of the links out".to_owned())));
        }
        if open.len() > DEEPEST {
            let what = format!("more than {DEEPEST} configurations extend one another");
            return Err(extended.origin.error(what, "one more", Some("extend fewer, each saying more".to_owned())));
        }
        let next =
            load(&path, shown).map_err(|cause| extended.origin.error(cannot(extended, &cause), "named here", None))?;
        open.push(path);
        follow(&next, root, open, found, shown)?;
        open.pop();
    }
    found.push((Arc::clone(file), part));
    Ok(())
}

fn cannot(extended: &Given<String>, cause: &str) -> String {
    format!("cannot extend {}: {cause}", printable(&extended.value))
}

fn load(path: &Path, shown: &impl Fn(&Path) -> String) -> Result<Arc<ConfigFile>, String> {
    let length = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > LARGEST {
        return Err("it is larger than 1 MiB, which no configuration is".to_owned());
    }
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
    // Spans count from behind a byte-order mark.
    let text = text.strip_prefix('\u{feff}').map_or(text.clone(), ToOwned::to_owned);
    Ok(Arc::new(ConfigFile { shown: printable(&shown(path)), path: path.to_owned(), folder, text }))
}

/// The folder that a configuration may read from: its repository, or its own folder where there is none.
pub(super) fn root_of(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(Path::new("/"));
    folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder).to_owned()
}

/// A path that a configuration in `folder` names, absolute; links are followed.
///
/// # Errors
/// Why it may not be read: it does not exist, is absolute, or leads out of `root`.
pub(super) fn within(root: &Path, folder: &Path, named: &str) -> Result<PathBuf, String> {
    let path = Path::new(named);
    if path.is_absolute() || path.components().any(|part| matches!(part, Component::Prefix(_))) {
        return Err("it is absolute; a configuration names paths relative to its own file".to_owned());
    }
    let leads_out = || "it leads out of the repository, and a configuration reads nothing from there".to_owned();
    // Before asking the file system: whether something exists out there is nobody's business.
    let mut depth = folder.strip_prefix(root).map_or(0, |below| below.components().count());
    for part in path.components() {
        match part {
            Component::ParentDir => depth = depth.checked_sub(1).ok_or_else(leads_out)?,
            Component::Normal(_) => depth += 1,
            _ => {}
        }
    }
    let real = folder.join(path).canonicalize().map_err(|error| error.to_string())?;
    let root = root.canonicalize().map_err(|error| error.to_string())?;
    if real.starts_with(root) { Ok(real) } else { Err(leads_out()) }
}
