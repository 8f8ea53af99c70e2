//! The files as they lie in a checkout, compared with a commit.

use std::path::Path;

use gix::ObjectId;
use gix::bstr::BStr;
use rayon::prelude::*;

use super::{Files, Side, Store};
use crate::discover;
use crate::error::RunError;
use crate::review::tree::location;

/// The files whose text is not what it was in the commit; files that git does not know yet count as new.
pub(super) fn differing(store: &Store, before: &Files) -> Result<Vec<Side>, RunError> {
    let known = Known::read(store);
    let altered: Vec<(&String, &ObjectId)> =
        before.par_iter().filter(|(path, id)| !known.is_same(path, **id)).collect();
    let mut sides: Vec<Side> = Vec::new();
    for (path, id) in altered {
        let (old, new) = (store.text(*id)?, content(&location(&store.path, path)));
        // Line ends that a checkout turns are no change.
        if new.as_ref().is_none_or(|new| without_returns(new) != without_returns(&old)) {
            sides.push((path.clone(), Some(old), new));
        }
    }
    let root = format!("{}/", discover::shown(discover::below_working(&store.path)));
    // What a submodule holds is its own repository's.
    let modules: Vec<String> = modules(store).into_keys().map(|module| format!("{module}/")).collect();
    for file in discover::discover(std::slice::from_ref(&store.path))?.files {
        let absolute = discover::shown(&file.location);
        let below = absolute.strip_prefix(&root).unwrap_or(&absolute);
        let is_foreign = modules.iter().any(|module| below.starts_with(module.as_str()));
        if !before.contains_key(below) && !is_foreign && !file.location.is_symlink() {
            sides.extend(content(&file.location).map(|text| (below.to_owned(), None, Some(text))));
        }
    }
    sides.sort();
    Ok(sides)
}

/// The submodules that the index names.
pub(super) fn modules(store: &Store) -> Files {
    let Ok(index) = store.repository.index_or_empty() else { return Files::new() };
    let below = |path: &BStr| path.to_string().strip_prefix(&store.prefix).map(str::to_owned);
    let modules = index.entries().iter().filter(|entry| entry.mode.is_submodule());
    modules.filter_map(|entry| Some((below(entry.path(&index))?, entry.id))).collect()
}

/// What a file holds; none where it is gone, or something else stands in its place: a link may lead anywhere.
fn content(path: &Path) -> Option<Vec<u8>> {
    std::fs::symlink_metadata(path).is_ok_and(|entry| entry.is_file()).then(|| std::fs::read(path).ok()).flatten()
}

fn without_returns(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for (at, byte) in text.iter().enumerate() {
        if *byte != b'\r' || text.get(at + 1) != Some(&b'\n') {
            out.push(*byte);
        }
    }
    out
}

/// What the index knows of files: one whose size and time it has need not be read.
struct Known<'s> {
    path: &'s Path,
    prefix: &'s str,
    index: Option<gix::worktree::Index>,
    written: Option<u32>,
}

impl<'s> Known<'s> {
    fn read(store: &'s Store) -> Self {
        let index = store.repository.index_or_empty().ok();
        let written = index.as_ref().and_then(|index| {
            let time = index.timestamp();
            u32::try_from(time.unix_seconds()).ok()
        });
        Self { path: &store.path, prefix: &store.prefix, index, written }
    }

    /// Whether a file holds what an object does.
    fn is_same(&self, path: &str, id: ObjectId) -> bool {
        let place = location(self.path, path);
        let Ok(metadata) = std::fs::symlink_metadata(&place) else { return false };
        let name = format!("{}{path}", self.prefix);
        let entry = self.index.as_ref().and_then(|index| index.entry_by_path(BStr::new(name.as_bytes())));
        if let Some(entry) = entry {
            let seconds = metadata
                .modified()
                .ok()
                .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
                .and_then(|since| u32::try_from(since.as_secs()).ok());
            let is_settled = self.written.is_some_and(|written| entry.stat.mtime.secs < written);
            let is_unread = seconds == Some(entry.stat.mtime.secs) && metadata.len() == u64::from(entry.stat.size);
            if is_settled && is_unread {
                return entry.id == id;
            }
        }
        let Some(text) = content(&place) else { return false };
        gix::objs::compute_hash(id.kind(), gix::objs::Kind::Blob, &text).is_ok_and(|own| own == id)
    }
}
