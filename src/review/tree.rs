//! A patch on a tree that lies on the disk.

use std::path::{Path, PathBuf};

use super::patch::{self, FilePatch, Opaque};
use super::{Change, FileChange};
use crate::discover;
use crate::error::RunError;
use crate::report::printable;
use crate::scan::Replaced;

/// Applies a patch in memory: nothing is written. Paths in the change are those of the scan.
///
/// # Errors
/// A patch that is none, or that does not apply.
pub fn apply(root: &Path, text: &[u8]) -> Result<(Change, Vec<Replaced>), RunError> {
    let mut tree = Tree { root, files: Vec::new(), change: Change::default() };
    for file in patch::parse(text)? {
        tree.take(&file)?;
    }
    tree.finish()
}

/// A file that the patch touches, by its path below the root.
struct Touched {
    path: String,
    /// The path that it had before, if it moved here.
    from: Option<String>,
    old: Option<Vec<u8>>,
    new: Option<Vec<u8>>,
}

struct Tree<'r> {
    root: &'r Path,
    files: Vec<Touched>,
    change: Change,
}

impl Tree<'_> {
    fn take(&mut self, file: &FilePatch) -> Result<(), RunError> {
        if let Some(opaque) = file.opaque {
            let path = file.new.as_deref().or(file.old.as_deref()).unwrap_or_default();
            let why = match opaque {
                Opaque::Binary => "binary",
                Opaque::Submodule => "a submodule: review it in its own repository",
            };
            self.change.skipped.push((stripped(path).to_owned(), why));
            return Ok(());
        }
        // Before the file system is asked: whether something exists outside is nobody's business.
        file.old.iter().chain(&file.new).try_for_each(|path| is_within(path))?;
        let old = file.old.as_deref().map(|path| self.existing(path)).transpose()?;
        let new = match (&file.new, &old) {
            (Some(new), Some((_, is_stripped))) => Some(if *is_stripped { stripped(new) } else { new }.to_owned()),
            (Some(new), None) => Some(stripped(new).to_owned()),
            (None, _) => None,
        };
        let path = old.as_ref().map(|(path, _)| path.clone());
        let text = match &path {
            Some(path) => self.text(path)?,
            None => Vec::new(),
        };
        if let (None, Some(new)) = (&path, &new)
            && self.now(new).is_some()
        {
            return Err(RunError::Usage {
                what: format!("the patch does not apply: {} is new in it and exists already", printable(new)),
                help: "is the patch applied already? Then review it with --base and the revision before it".to_owned(),
            });
        }
        let shown = path.as_ref().or(new.as_ref()).map_or("", String::as_str);
        let made = patch::apply(&text, &file.hunks).map_err(|hunk| {
            let is_applied = patch::apply(&text, &patch::reversed(&file.hunks)).is_ok();
            patch::does_not_apply(shown, hunk, is_applied)
        })?;
        match (path, new) {
            (Some(old), Some(new)) if old == new || file.is_copy => {
                self.set(&new, (!file.is_copy).then_some(old), Some(made))
            }
            (Some(old), Some(new)) => {
                self.set(&old, None, None)?;
                self.set(&new, Some(old), Some(made))
            }
            (None, Some(new)) => self.set(&new, None, Some(made)),
            (Some(old), None) => self.set(&old, None, None),
            (None, None) => Ok(()),
        }
    }

    /// The path of a file that has to exist: without its first folder as git writes it, or as it stands.
    fn existing(&self, path: &str) -> Result<(String, bool), RunError> {
        let short = stripped(path);
        if self.now(short).is_some() || self.is_file(short)? {
            return Ok((short.to_owned(), true));
        }
        if self.now(path).is_some() || self.is_file(path)? {
            return Ok((path.to_owned(), false));
        }
        Err(RunError::Usage {
            what: format!(
                "the patch does not apply: there is no {} below {}",
                printable(short),
                printable(&self.root.display().to_string())
            ),
            help: "give the folder that the patch's paths count from: the root of the repository that it was made in"
                .to_owned(),
        })
    }

    /// Whether a file lies at a path.
    ///
    /// # Errors
    /// A link on the way to it leads out of the tree.
    fn is_file(&self, path: &str) -> Result<bool, RunError> {
        let whole = self.root.join(path);
        if !whole.is_file() {
            return Ok(false);
        }
        let real = |path: &Path| path.canonicalize().map_err(|error| RunError::path(path, &error));
        if real(&whole)?.starts_with(real(self.root)?) { Ok(true) } else { Err(outside(path)) }
    }

    /// What an earlier part of the patch made of a file.
    fn now(&self, path: &str) -> Option<&Vec<u8>> {
        self.files.iter().find(|file| file.path == path).and_then(|file| file.new.as_ref())
    }

    fn text(&self, path: &str) -> Result<Vec<u8>, RunError> {
        match self.now(path) {
            Some(text) => Ok(text.clone()),
            None => read(&self.root.join(path)),
        }
    }

    fn set(&mut self, path: &str, from: Option<String>, text: Option<Vec<u8>>) -> Result<(), RunError> {
        if let Some(file) = self.files.iter_mut().find(|file| file.path == path) {
            file.new = text;
            return Ok(());
        }
        let old = if self.is_file(path)? { Some(read(&self.root.join(path))?) } else { None };
        let from = from.filter(|from| from != path);
        self.files.push(Touched { path: path.to_owned(), from, old, new: text });
        Ok(())
    }

    fn finish(mut self) -> Result<(Change, Vec<Replaced>), RunError> {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        let shown = |path: &str| discover::shown(discover::below_working(&self.root.join(path)));
        let mut replaced = Vec::new();
        for file in &self.files {
            if file.old == file.new {
                continue;
            }
            let before = file.from.as_ref().and_then(|from| self.files.iter().find(|other| other.path == *from));
            let (old_path, old) = match before {
                Some(before) => (Some(before.path.as_str()), before.old.clone()),
                None => (file.old.as_ref().map(|_| file.path.as_str()), file.old.clone()),
            };
            let is_source =
                file.new.is_none() && self.files.iter().any(|other| other.from.as_deref() == Some(&file.path));
            if !is_source {
                self.change.files.push(FileChange::new(
                    old_path.map(shown),
                    file.new.as_ref().map(|_| shown(&file.path)),
                    old.unwrap_or_default(),
                    file.new.clone().unwrap_or_default(),
                ));
            }
            replaced.push(Replaced {
                location: location(self.root, &file.path),
                old: file.old.clone(),
                new: file.new.clone(),
            });
        }
        Ok((self.change, replaced))
    }
}

/// The path that opens a file below the root.
pub(super) fn location(root: &Path, path: &str) -> PathBuf {
    if root == Path::new(".") || root.as_os_str().is_empty() { PathBuf::from(path) } else { root.join(path) }
}

fn read(path: &Path) -> Result<Vec<u8>, RunError> {
    std::fs::read(path).map_err(|error| RunError::path(path, &error))
}

/// A path without the one letter that git puts in front.
fn stripped(path: &str) -> &str {
    match path.split_once('/') {
        Some((first, rest)) if first.len() == 1 || first == "." => rest,
        _ => path,
    }
}

/// Nothing outside of the tree is read.
fn is_within(path: &str) -> Result<(), RunError> {
    if !path.starts_with('/') && path.split('/').all(|part| part != "..") {
        return Ok(());
    }
    Err(outside(path))
}

fn outside(path: &str) -> RunError {
    RunError::Usage {
        what: format!("the patch names a file outside of the tree: {}", printable(path)),
        help: "paths in a patch count from the root of its repository".to_owned(),
    }
}
