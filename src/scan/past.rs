//! Files that have not changed since an earlier run: what was read of them then is taken from the cache.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rayon::prelude::*;

use super::Overlay;
use super::reading::{Depth, Reading, content, read, take};
use crate::cache::{Cache, Encoded, Entry, Folder, Hash, Rounds, Stamp, Store, Writer, predicates_of};
use crate::discover::Found;
use crate::facts::FileFacts;
use crate::lang::FRONT_ENDS;
use crate::source::Section;
use crate::timings::{Phase, spend};

/// Fewer files are read faster than a cache is.
const FEWEST_FILES: usize = 100;

/// A cache is written anew where more files than this changed, or more than this part of them: reading a few again each
/// time costs less.
const MOST_CHANGED: (usize, usize) = (8, 64);

/// What is known of a file, for the next run.
#[derive(Clone)]
pub(super) struct Known {
    /// Its path, absolute.
    path: Box<str>,
    entry: Entry,
    /// Whether its facts are those of an earlier run.
    is_kept: bool,
    /// Whether the entry is another than that of the earlier run.
    is_new: bool,
    /// Its own facts, where predicates of other files added to them in this run.
    own: Option<Arc<FileFacts>>,
}

impl Known {
    /// The file's path, and what its bytes are.
    pub(super) fn identity(&self) -> (&str, Hash) {
        (&self.path, self.entry.hash)
    }

    /// Notes the facts before predicates of other files add to them for the first time.
    pub(super) fn before_following(&mut self, facts: &Arc<FileFacts>) {
        self.own.get_or_insert_with(|| Arc::clone(facts));
    }
}

/// What earlier runs left.
pub(super) struct Past {
    cache: Cache,
    store: Store,
    working: PathBuf,
    now: SystemTime,
}

impl Past {
    /// The cache of a run on all of a repository, or of a folder outside of one.
    pub(super) fn open(folder: &Folder, root: &Path) -> Option<Self> {
        let root = root.canonicalize().ok().filter(|root| root.is_dir())?;
        let repository = root.ancestors().find(|folder| folder.join(".git").exists());
        if repository.is_some_and(|repository| repository != root) {
            return None;
        }
        let cache = Cache::new(folder.clone(), &root)?;
        let working = std::env::current_dir().and_then(|folder| folder.canonicalize()).ok()?;
        Some(Self { store: cache.read(), cache, working, now: SystemTime::now() })
    }

    /// Where it is kept.
    pub(super) fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Whether a cache is faster than reading what was found.
    pub(super) fn is_of_use(found: &[Found]) -> bool {
        found.len() >= FEWEST_FILES
    }

    /// Reads a file, unless what an earlier run read still holds; then its facts are still to be taken.
    pub(super) fn read(&self, found: Found, section: Section, depth: Depth) -> Reading {
        let Ok(metadata) = spend(Phase::Read, || std::fs::metadata(&found.location)) else {
            return Reading { section, ..read(found, depth, &Overlay::new()) };
        };
        let path = self.absolute(&found.location);
        let kept = self.store.find(&path).filter(|kept| is_for(kept.entry(), &found, section));
        let stamp = Stamp::of(&metadata);
        if let Some(kept) = kept.filter(|kept| kept.entry().stamp == Some(stamp)) {
            return taken(
                found,
                depth,
                Known { path, entry: kept.entry().clone(), is_kept: true, is_new: false, own: None },
            );
        }
        let bytes = match content(&found.location) {
            Ok(bytes) => bytes,
            Err(cause) => return Reading { section, ..Reading::failed(found, cause) },
        };
        let (stamp, hash) = (Some(stamp).filter(|stamp| stamp.is_settled(self.now)), Hash::of(&bytes));
        if let Some(kept) = kept.filter(|kept| kept.entry().hash == hash) {
            let entry = Entry { stamp, ..kept.entry().clone() };
            let is_new = entry != *kept.entry();
            return taken(found, depth, Known { path, entry, is_kept: true, is_new, own: None });
        }
        let is_changed = kept.is_some();
        let reading = if is_changed { Reading::pending(found, depth, bytes) } else { take(found, depth, bytes) };
        let mut reading = Reading { section, ..reading };
        let entry = entry(&reading, stamp, hash);
        reading.known = Some(Known { path, entry, is_kept: false, is_new: true, own: None });
        reading
    }

    /// Extracts the facts of files that changed. That was put off, since there may be an answer for these bytes too.
    pub(super) fn take_changed(files: &mut [Reading]) {
        files.par_iter_mut().for_each(|file| {
            let Some(bytes) = file.pending.take() else { return };
            let found = Found { path: file.path.clone(), location: file.location.clone(), front_end: file.front_end };
            let mut read =
                Reading { section: file.section, is_context: file.is_context, ..take(found, file.depth, bytes) };
            read.known = file
                .known
                .take()
                .map(|known| Known { entry: entry(&read, known.entry.stamp, known.entry.hash), ..known });
            *file = read.kept(false);
        });
    }

    /// A path from the root of the file system, without `..`.
    fn absolute(&self, location: &Path) -> Box<str> {
        let mut path = self.working.clone();
        for part in location.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => drop(path.pop()),
                part => path.push(part),
            }
        }
        path.to_string_lossy().into()
    }

    /// The predicates that were followed in the earlier run, if the files define those that they did then.
    pub(super) fn rounds(&self, defined: u64) -> Option<&Rounds> {
        Some(&self.store.rounds).filter(|rounds| rounds.defined == defined && !self.store.is_empty())
    }

    /// Takes the facts of files that have not changed: with what predicates added, or without and with the texts that
    /// predicates are still to be looked for in.
    pub(super) fn take_facts(&self, files: &mut [Reading], is_followed: bool) {
        files.par_iter_mut().for_each(|file| {
            let Some(known) = file.known.as_ref().filter(|known| known.is_kept) else { return };
            let facts = self.store.find(&known.path).and_then(|kept| spend(Phase::Extract, || kept.facts(is_followed)));
            match facts {
                Some(facts) => file.facts = Arc::new(facts),
                // Facts that cannot be taken after all are read like those of a file that is new.
                None => {
                    file.read_again();
                    file.known = None;
                }
            }
            if !is_followed {
                file.load_text();
            }
        });
    }

    /// Keeps what this run found, if enough of it is new.
    pub(super) fn write(&self, files: &[Reading], rounds: Rounds) {
        let known = || files.iter().filter_map(|file| Some((file, file.known.as_ref()?)));
        let changed = known().filter(|(_, known)| known.is_new).count() + self.store.len().abs_diff(known().count());
        let is_old = changed > MOST_CHANGED.0 || changed * MOST_CHANGED.1 > self.store.len();
        if rounds == self.store.rounds && !is_old {
            return;
        }
        let is_followed = rounds == self.store.rounds;
        let encoded: Vec<_> = files
            .par_iter()
            .filter_map(|file| {
                let known = file.known.as_ref()?;
                let followed = known.own.is_some().then_some(&*file.facts);
                let facts = match self.store.find(&known.path).filter(|_| known.is_kept) {
                    Some(kept) if is_followed => Encoded::kept(kept),
                    Some(kept) => Encoded::kept(kept)?.followed_by(followed),
                    None => Encoded::new(known.own.as_deref().unwrap_or(&file.facts), followed),
                };
                Some((known, facts?))
            })
            .collect();
        let mut writer = Writer::new(rounds);
        for (known, facts) in &encoded {
            writer.add(&known.path, known.entry.clone(), facts);
        }
        self.cache.write(&writer);
    }
}

/// What is known of a file that has been read.
fn entry(reading: &Reading, stamp: Option<Stamp>, hash: Hash) -> Entry {
    Entry {
        stamp,
        hash,
        section: reading.section,
        language: reading.front_end.map_or("", |front_end| front_end.language).into(),
        bom: reading.bom,
        has_text: reading.text.is_some(),
        failure: reading.failure.as_deref().map(Into::into),
        predicates: predicates_of(&reading.facts),
    }
}

/// Whether what was kept of a file is what this run would read of it.
fn is_for(entry: &Entry, found: &Found, section: Section) -> bool {
    entry.section == section && found.front_end.is_none_or(|front_end| *front_end.language == *entry.language)
}

/// A file whose facts are still to be taken.
fn taken(found: Found, depth: Depth, known: Known) -> Reading {
    let named = FRONT_ENDS.iter().copied().find(|front_end| *front_end.language == *known.entry.language);
    let mut reading = Reading::new(Found { front_end: found.front_end.or(named), ..found }, depth);
    reading.section = known.entry.section;
    reading.bom = known.entry.bom;
    reading.failure = known.entry.failure.as_deref().map(str::to_owned);
    reading.is_let_go = known.entry.has_text;
    reading.known = Some(known);
    reading
}

/// What tells whether the files of a run define the predicates that they did: what each defines and imports, and where.
pub(super) fn defined(files: &[Reading]) -> u64 {
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    for file in files {
        let Some(known) = &file.known else { continue };
        if known.entry.predicates != 0 || file.path.ends_with("__init__.py") {
            hash.update(known.path.as_bytes());
            hash.update(&known.entry.predicates.to_le_bytes());
        }
    }
    hash.digest()
}
