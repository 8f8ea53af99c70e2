//! Two revisions of a repository, read from its object store: nothing is checked out, nothing is written.

mod moves;
mod worktree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gix::bstr::{BStr, ByteSlice as _};
use gix::{ObjectId, Repository};
use rayon::prelude::*;

use super::tree::location;
use super::{Change, FileChange};
use crate::discover;
use crate::error::RunError;
use crate::report::printable;
use crate::scan::{Input, Replaced};

/// What is scanned of a tree: paths below the root of the review, with their objects.
type Files = BTreeMap<String, ObjectId>;

/// The change from `base` to `head`, or to the files as they lie there. As in a pull request, what the base gained
/// since the two parted does not count.
///
/// # Errors
/// No repository, a revision that nobody knows, a clone without the history that is needed.
pub fn change(path: &Path, base: &str, head: Option<&str>) -> Result<(Input, Change, Vec<Replaced>), RunError> {
    let store = Store::open(path)?;
    let tip = match head {
        Some(head) => store.commit(head)?,
        None => store.commit("HEAD")?,
    };
    let parted = store.parted(base, store.commit(base)?, tip)?;
    let (before, old_modules) = store.files(parted)?;
    match head {
        Some(_) => {
            let (after, new_modules) = store.files(tip)?;
            let texts = store.texts(&after)?;
            let differs = |path: &&String| before.get(*path) != after.get(*path);
            let mut paths: Vec<&String> = before.keys().chain(after.keys()).filter(differs).collect();
            paths.sort();
            paths.dedup();
            let sides = paths
                .into_iter()
                .map(|path| {
                    let old = before.get(path).map(|id| store.text(*id)).transpose()?;
                    Ok((path.clone(), old, texts.get(path).cloned()))
                })
                .collect::<Result<Vec<_>, RunError>>()?;
            let memory = texts.into_iter().map(|(path, text)| (store.shown(&path), text)).collect();
            let (mut change, replaced) = store.replaced(sides);
            change.skipped.extend(changed_modules(&old_modules, &new_modules));
            Ok((Input::Memory(memory), change, replaced))
        }
        None => {
            let sides = worktree::differing(&store, &before)?;
            let (mut change, replaced) = store.replaced(sides);
            change.skipped.extend(changed_modules(&old_modules, &worktree::modules(&store)));
            Ok((Input::Paths(vec![store.path.clone()]), change, replaced))
        }
    }
}

/// Submodules that lead to another commit.
fn changed_modules(old: &Files, new: &Files) -> Vec<(String, &'static str)> {
    let paths = old.keys().chain(new.keys().filter(|path| !old.contains_key(*path)));
    paths
        .filter(|path| old.get(*path) != new.get(*path))
        .map(|path| (path.clone(), "a submodule: review it in its own repository"))
        .collect()
}

/// A file by its path, with its text before and after; none where it does not exist.
type Side = (String, Option<Vec<u8>>, Option<Vec<u8>>);

/// A repository, and the folder of it that is reviewed.
struct Store {
    repository: Repository,
    /// The folder, as given.
    path: PathBuf,
    /// The folder below the root of the repository, with a `/` at its end; empty for the root.
    prefix: String,
}

fn usage(what: String, help: impl Into<String>) -> RunError {
    RunError::Usage { what, help: help.into() }
}

impl Store {
    fn open(path: &Path) -> Result<Self, RunError> {
        let shown = || printable(&path.display().to_string());
        let real = path.canonicalize().map_err(|error| RunError::path(path, &error))?;
        if !real.is_dir() {
            return Err(usage(format!("{} is a file", shown()), "review a folder of the repository"));
        }
        let repository = gix::discover(&real).map_err(|error| {
            usage(
                format!("{} lies in no git repository that can be read: {}", shown(), printable(&reason(&error))),
                "review a plain folder with --patch FILE, or run gfxlint in a clone",
            )
        })?;
        let Some(root) = repository.workdir() else {
            return Err(usage(
                format!("{} is a bare repository", shown()),
                "run gfxlint in a clone, or in a worktree of it (`git worktree add`)",
            ));
        };
        let root = root.canonicalize().map_err(|error| RunError::path(root, &error))?;
        let below = real.strip_prefix(&root).map(discover::shown).unwrap_or_default();
        let prefix = if below.is_empty() { below } else { format!("{below}/") };
        Ok(Self { repository, path: path.to_owned(), prefix })
    }

    /// What to do about history that is not here.
    fn help(&self, revision: &str) -> String {
        if self.repository.is_shallow().unwrap_or_default() {
            "this clone is shallow: fetch the rest with `git fetch --unshallow`, or check out with `fetch-depth: 0` on GitHub".to_owned()
        } else if revision.starts_with("HEAD") {
            "does the repository have so many commits? `git log --oneline` shows them".to_owned()
        } else {
            format!(
                "`git fetch origin {}` if it is a branch of the remote, then name it origin/{}",
                printable(revision),
                printable(revision)
            )
        }
    }

    /// The commit that a revision names.
    fn commit(&self, revision: &str) -> Result<ObjectId, RunError> {
        let unknown = |cause: String| {
            usage(format!("no commit is known as `{}`{cause}", printable(revision)), self.help(revision))
        };
        let no_commit =
            |_| usage(format!("`{}` names no commit", printable(revision)), "name a commit, a branch or a tag");
        let id = self.repository.rev_parse_single(BStr::new(revision)).map_err(|_| unknown(String::new()))?;
        let object = id.object().map_err(|_| unknown(": its object is missing".to_owned()))?;
        let commit = object.peel_to_commit().map_err(no_commit)?;
        Ok(commit.id)
    }

    /// The commit at which the head left the base.
    fn parted(&self, revision: &str, base: ObjectId, head: ObjectId) -> Result<ObjectId, RunError> {
        if base == head {
            return Ok(base);
        }
        match self.repository.merge_base(base, head) {
            Ok(Some(parted)) => Ok(parted.detach()),
            Ok(None) => Err(usage(
                format!("`{}` and the head have no commit in common", printable(revision)),
                if self.repository.is_shallow().unwrap_or_default() {
                    self.help(revision)
                } else {
                    "name a revision that the head started from".to_owned()
                },
            )),
            Err(error) => Err(usage(
                format!(
                    "the history between `{}` and the head cannot be read: {}",
                    printable(revision),
                    printable(&reason(&error))
                ),
                self.help(revision),
            )),
        }
    }

    /// The files of a commit that a scan would read, and its submodules.
    fn files(&self, commit: ObjectId) -> Result<(Files, Files), RunError> {
        let broken = |error: gix::Error| {
            usage(
                format!("the files of commit {commit} cannot be read: {}", printable(&reason(&error))),
                "is this a partial or damaged clone? `git fsck` tells; `git fetch --refetch` mends",
            )
        };
        let tree = self.repository.find_commit(commit).map_err(broken)?.tree().map_err(broken)?;
        let (mut files, mut modules) = (Files::new(), Files::new());
        for entry in tree.traverse().breadthfirst.files().map_err(broken)? {
            let Ok(path) = entry.filepath.to_str() else { continue };
            let Some(path) = path.strip_prefix(&self.prefix) else { continue };
            if entry.mode.is_commit() {
                modules.insert(path.to_owned(), entry.oid);
            } else if entry.mode.is_blob() && discover::is_walked(path) {
                files.insert(path.to_owned(), entry.oid);
            }
        }
        Ok((files, modules))
    }

    fn text(&self, id: ObjectId) -> Result<Vec<u8>, RunError> {
        text(&self.repository, id)
    }

    /// The texts of files, read in parallel.
    fn texts(&self, files: &Files) -> Result<BTreeMap<String, Vec<u8>>, RunError> {
        let shared = self.repository.clone().into_sync();
        let entries: Vec<(&String, &ObjectId)> = files.iter().collect();
        let read = |repository: &mut Repository, (path, id): &(&String, &ObjectId)| {
            Ok(((*path).clone(), text(repository, **id)?))
        };
        entries.par_iter().map_init(|| shared.to_thread_local(), read).collect()
    }

    /// The path of a file in the scan.
    fn shown(&self, path: &str) -> String {
        discover::shown(discover::below_working(&location(&self.path, path)))
    }

    /// Both sides of files as a change and as input of a scan.
    fn replaced(&self, sides: Vec<Side>) -> (Change, Vec<Replaced>) {
        let mut change = Change::default();
        let mut replaced = Vec::new();
        let is_binary =
            |text: &Option<Vec<u8>>| text.as_ref().is_some_and(|text| text[..text.len().min(8000)].contains(&0));
        let moves = moves::find(&sides);
        for (path, old, new) in &sides {
            if is_binary(old) || is_binary(new) {
                change.skipped.push((self.shown(path), "binary"));
                continue;
            }
            replaced.push(Replaced { location: location(&self.path, path), old: old.clone(), new: new.clone() });
            if moves.iter().any(|(from, _)| from == path) {
                continue;
            }
            let from =
                moves.iter().find(|(_, to)| to == path).and_then(|(from, _)| sides.iter().find(|side| side.0 == *from));
            let (old_path, before) = match from {
                Some((from, before, _)) => (Some(self.shown(from)), before),
                None => (old.as_ref().map(|_| self.shown(path)), old),
            };
            change.files.push(FileChange::new(
                old_path,
                new.as_ref().map(|_| self.shown(path)),
                before.clone().unwrap_or_default(),
                new.clone().unwrap_or_default(),
            ));
        }
        (change, replaced)
    }
}

fn text(repository: &Repository, id: ObjectId) -> Result<Vec<u8>, RunError> {
    let object = repository.find_object(id).map_err(|error| {
        usage(
            format!("object {id} cannot be read: {}", printable(&reason(&error))),
            "a partial clone fetches files when git asks for them: run `git checkout` of that revision once, or clone without --filter",
        )
    })?;
    Ok(object.detach().data)
}

/// An error of the store in one line.
fn reason(error: &gix::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}
