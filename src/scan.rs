//! Reads files and extracts their facts, in parallel; each file is read once and parsed at most once.

mod past;
mod predicates;
mod reading;
mod scanned;
mod sides;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use self::past::Past;
use self::reading::{Depth, Reading, overlaid, read, take};
use crate::cache::Folder;
use crate::discover::{self, Around, Discovered, Exclude, Found, Layout};
use crate::error::RunError;
use crate::facts::RecordedFile;
use crate::knowledge::Knowledge;
use crate::record::Records;
use crate::source::{Section, Sources};
use crate::timings::{Phase, spend};
use crate::workspace::{Unreadable, Workspace};

pub use reading::LARGEST_FILE;
pub use scanned::Scanned;
pub use sides::{Replaced, Sides, scan_sides};

/// What to scan.
#[derive(Debug, Clone)]
pub enum Input {
    /// Files and folders.
    Paths(Vec<PathBuf>),
    /// The same, without what the configuration leaves out.
    Without(Vec<PathBuf>, Exclude),
    /// The same; where all are files of one repository, its other files are read for what they say of these.
    Around(Vec<PathBuf>, Exclude),
    /// Files in memory, which are all there is: path and content.
    Memory(Vec<(String, Vec<u8>)>),
    /// One file in memory, of a tree that is not shown: path and content.
    Text(String, Vec<u8>),
}

/// What files are taken to hold, by [`overlay_key`]: edits that are not written yet.
pub type Overlay = BTreeMap<PathBuf, Vec<u8>>;

/// How an overlay names a file: by what it really is, since links lead to one file by several paths.
pub fn overlay_key(location: &Path) -> PathBuf {
    location.canonicalize().unwrap_or_else(|_| location.to_owned())
}

/// What a run wants of the files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Everything that they say.
    Facts,
    /// What rules judge.
    Rules,
    /// What rules about imports judge.
    Imports,
}

impl Purpose {
    /// How much is read of a file in this section: no rule judges tests, benchmarks and examples, but for their imports.
    fn depth(self, section: Section) -> Depth {
        match (self, section) {
            (Self::Imports, _) => Depth::Imports,
            (Self::Rules, Section::Tests | Section::Benchmarks | Section::Examples) => Depth::Joined,
            (Self::Facts, _) | (Self::Rules, Section::Product | Section::Docs | Section::Ci) => Depth::Whole,
        }
    }
}

/// Whether files are compared with what the package manager says it installed: then all texts are kept until that.
fn is_installed(found: &[Found]) -> bool {
    found.iter().any(|file| file.front_end.is_some_and(|front_end| front_end.language == "record"))
}

/// What a run reads, and how.
#[derive(Clone)]
pub struct Request<'a> {
    /// What the run wants of the files.
    pub purpose: Purpose,
    /// The files.
    pub input: Input,
    /// Another vLLM tree to look imports up in: a source tree, or an installed package.
    pub against: Option<&'a Path>,
    /// Files that are taken to hold something else than they do.
    pub overlay: &'a Overlay,
    /// Where facts are kept from run to run; none to read every file.
    pub cache: Option<&'a Folder>,
}

impl Request<'_> {
    /// What earlier runs left of a folder. Only a run for rules uses it, since others read more of a file, or less; and
    /// none with edits that are not written.
    fn past(&self, root: &Path) -> Option<Past> {
        let cache = self.cache.filter(|_| self.purpose == Purpose::Rules && self.overlay.is_empty());
        cache.and_then(|folder| Past::open(folder, root))
    }
}

/// Reads everything that the files say, and joins it.
///
/// # Errors
/// A path that does not exist. Files below it that cannot be read are recorded in the workspace.
pub fn scan(input: Input, knowledge: &Knowledge) -> Result<Workspace, RunError> {
    scan_for(Purpose::Facts, input, knowledge)
}

/// Reads what the purpose needs, and joins it.
///
/// # Errors
/// A path that does not exist.
pub fn scan_for(purpose: Purpose, input: Input, knowledge: &Knowledge) -> Result<Workspace, RunError> {
    scan_as(Request { purpose, input, against: None, overlay: &Overlay::new(), cache: None }, knowledge)
}

/// Reads what is asked for, and joins it.
///
/// # Errors
/// A path that does not exist.
pub fn scan_as(request: Request<'_>, knowledge: &Knowledge) -> Result<Workspace, RunError> {
    Ok(scan_files(request)?.join(knowledge))
}

/// Reads what is asked for.
///
/// # Errors
/// A path that does not exist.
pub fn scan_files(request: Request<'_>) -> Result<Scanned, RunError> {
    let Request { input, against, overlay, .. } = request.clone();
    // What came from memory, or is not written yet, cannot be read again.
    let keeps_texts = matches!(input, Input::Memory(_) | Input::Text(..)) || !overlay.is_empty();
    let Read { mut files, mut discovered, past } = read_input(input, &request)?;
    if let Some(against) = against {
        read_reference(discover::discover_reference(against)?, &mut files, &mut discovered.layout, overlay);
    }
    compare_with_records(&mut files);
    Ok(Scanned { files, layout: discovered.layout, past, keeps_texts })
}

/// Joins files that have been read; texts that cannot be read again are kept.
fn joined(files: Vec<Reading>, layout: Layout, keeps_texts: bool, knowledge: &Knowledge) -> Workspace {
    let failed = |file: &Reading| Some(Unreadable { path: file.path.clone(), cause: file.failure.clone()? });
    let unreadable = files.iter().filter_map(failed).collect();
    let apart = |file: Reading| {
        let facts = Arc::clone(&file.facts);
        let is_of_interest = keeps_texts || file.is_held || !facts.is_empty();
        (file.into_source(is_of_interest), facts)
    };
    let (sources, facts) = files.into_par_iter().map(apart).unzip();
    Workspace::join(Sources::new(sources), facts, layout, unreadable, knowledge)
}

/// Files that were read, sorted by path, how they lie, and what earlier runs left of them.
struct Read {
    files: Vec<Reading>,
    discovered: Discovered,
    past: Option<Past>,
}

/// Reads what is to be checked, and what lies around it.
fn read_input(input: Input, request: &Request<'_>) -> Result<Read, RunError> {
    let Request { purpose, overlay, .. } = request;
    match input {
        Input::Around(paths, exclude) => {
            let Some(repository) = discover::repository(&paths) else {
                return read_input(Input::Without(paths, exclude), request);
            };
            let around = || discover::discover_around(&paths, &repository, &exclude);
            let (around, past) = spend(Phase::Discover, || rayon::join(around, || request.past(&repository)));
            let Some(Around { discovered, named, root }) = around? else {
                return read_input(Input::Without(paths, exclude), request);
            };
            let mut read = read_paths(&[root], discovered, past, request)?;
            for file in &mut read.files {
                file.is_context = named.binary_search(&file.path).is_err();
            }
            Ok(read)
        }
        Input::Paths(paths) => read_input(Input::Without(paths, Exclude::default()), request),
        Input::Without(paths, exclude) => {
            let past = || if let [root] = paths.as_slice() { request.past(root) } else { None };
            let (discovered, past) =
                spend(Phase::Discover, || rayon::join(|| discover::discover_without(&paths, &exclude), past));
            read_paths(&paths, discovered?, past, request)
        }
        Input::Text(path, bytes) => {
            let mut read = read_input(Input::Memory(vec![(path, bytes)]), request)?;
            read.discovered.layout.is_part = true;
            Ok(read)
        }
        Input::Memory(mut files) => {
            files.sort();
            files.dedup_by(|a, b| a.0 == b.0);
            let layout = Layout::of_files(files.iter().map(|(path, _)| path.as_str()));
            let take = |(path, bytes): (String, Vec<u8>)| {
                let section = Section::of(&path);
                let location = PathBuf::from(&path);
                let bytes = overlaid(overlay, &location).unwrap_or(bytes);
                Reading { section, ..take(Found { path, location, front_end: None }, purpose.depth(section), bytes) }
            };
            let mut discovered = Discovered::default();
            discovered.layout = layout;
            Ok(Read { files: files.into_par_iter().map(take).collect(), discovered, past: None })
        }
    }
}

/// Reads what was found at these paths, and what lies around them.
fn read_paths(
    paths: &[PathBuf],
    mut discovered: Discovered,
    past: Option<Past>,
    request: &Request<'_>,
) -> Result<Read, RunError> {
    let Request { purpose, overlay, .. } = request;
    let failed = std::mem::take(&mut discovered.unreadable)
        .into_iter()
        .map(|(path, cause)| Reading::failed(Found { location: PathBuf::from(&path), path, front_end: None }, cause));
    let found = std::mem::take(&mut discovered.files);
    let keeps_texts = is_installed(&found) || !overlay.is_empty();
    let past = past.filter(|_| !keeps_texts && Past::is_of_use(&found));
    let read = |found: Found| {
        let section = Section::of(discovered.within_project(&found.path));
        let depth = purpose.depth(section);
        let reading = match &past {
            Some(past) => past.read(found, section, depth),
            None => Reading { section, ..read(found, depth, overlay) },
        };
        reading.kept(keeps_texts)
    };
    let mut files: Vec<Reading> = found.into_par_iter().map(read).collect();
    files.extend(failed);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    read_reference(discover::discover_surroundings(paths)?, &mut files, &mut discovered.layout, overlay);
    Ok(Read { files, discovered, past })
}

/// Reads files that imports are looked up in, without those that are checked themselves.
fn read_reference(reference: Discovered, files: &mut Vec<Reading>, layout: &mut Layout, overlay: &Overlay) {
    layout.append(reference.layout);
    let is_new = |found: &Found| files.binary_search_by(|file| file.path.cmp(&found.path)).is_err();
    let fresh: Vec<Found> = reference.files.into_iter().filter(is_new).collect();
    let keeps_texts = is_installed(&fresh) || !overlay.is_empty();
    let read = |found: Found| read(found, Depth::Imports, overlay).for_lookup().kept(keeps_texts);
    files.extend(fresh.into_par_iter().map(read).collect::<Vec<_>>());
    files.sort_by(|a, b| a.path.cmp(&b.path));
}

/// Tells files of installed packages that are not what was installed.
fn compare_with_records(files: &mut [Reading]) {
    let recorded: Vec<(String, Vec<RecordedFile>)> = files
        .iter()
        .filter(|file| !file.facts.recorded.is_empty())
        .map(|file| (file.path.clone(), file.facts.recorded.clone()))
        .collect();
    if recorded.is_empty() {
        return;
    }
    let mut records = Records::default();
    for (path, recorded) in &recorded {
        records.add(path, recorded);
    }
    files.par_iter_mut().filter(|file| file.path.ends_with(".py")).for_each(|file| {
        if let Some(text) = file.text() {
            let mark: &[u8] = if file.bom > 0 { "\u{feff}".as_bytes() } else { b"" };
            file.recorded = records.compare(&file.path, &[mark, text.as_bytes()]);
        }
    });
}
