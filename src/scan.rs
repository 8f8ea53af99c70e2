//! Reads files and extracts their facts, in parallel; each file is read once and parsed at most once.

mod predicates;
mod reading;
mod sides;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use self::predicates::follow_predicates;
use self::reading::{Depth, Reading, overlaid, read, take};
use crate::discover::{self, Around, Discovered, Exclude, Found, Layout};
use crate::error::RunError;
use crate::facts::RecordedFile;
use crate::knowledge::Knowledge;
use crate::record::Records;
use crate::source::{Section, Sources};
use crate::workspace::{Unreadable, Workspace};

pub use reading::LARGEST_FILE;
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
    /// Files in memory: path and content.
    Memory(Vec<(String, Vec<u8>)>),
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

/// Reads everything that the files say, and joins it.
///
/// # Errors
/// A path that does not exist. Files below it that cannot be read are recorded in the workspace.
pub fn scan(input: Input, knowledge: &Knowledge) -> Result<Workspace, RunError> {
    scan_for(Purpose::Facts, input, None, knowledge)
}

/// Reads what the purpose needs, and joins it; with another vLLM tree to look imports up in, a source tree or an
/// installed package.
///
/// # Errors
/// A path that does not exist.
pub fn scan_for(
    purpose: Purpose,
    input: Input,
    against: Option<&Path>,
    knowledge: &Knowledge,
) -> Result<Workspace, RunError> {
    scan_over(purpose, input, against, &Overlay::new(), knowledge)
}

/// The same of everything, with files that are taken to hold something else than they do.
///
/// # Errors
/// A path that does not exist.
pub fn scan_over(
    purpose: Purpose,
    input: Input,
    against: Option<&Path>,
    overlay: &Overlay,
    knowledge: &Knowledge,
) -> Result<Workspace, RunError> {
    // What came from memory, or is not written yet, cannot be read again.
    let keeps_texts = matches!(input, Input::Memory(_)) || !overlay.is_empty();
    let (mut files, mut discovered) = read_input(input, purpose, overlay)?;
    if let Some(against) = against {
        read_reference(discover::discover_reference(against)?, &mut files, &mut discovered.layout, overlay);
    }
    compare_with_records(&mut files);
    follow_predicates(&mut files, knowledge);
    Ok(joined(files, discovered.layout, keeps_texts, knowledge))
}

/// Joins files that have been read; texts that cannot be read again are kept.
fn joined(files: Vec<Reading>, layout: Layout, keeps_texts: bool, knowledge: &Knowledge) -> Workspace {
    let mut unreadable = Vec::new();
    let (mut sources, mut facts) = (Vec::with_capacity(files.len()), Vec::with_capacity(files.len()));
    for mut file in files {
        if let Some(cause) = file.failure.take() {
            unreadable.push(Unreadable { path: file.path.clone(), cause });
        }
        facts.push(std::mem::take(&mut file.facts));
        let is_of_interest = keeps_texts || file.is_held || facts.last().is_some_and(|facts| !facts.is_empty());
        sources.push(file.into_source(is_of_interest));
    }
    Workspace::join(Sources::new(sources), facts, layout, unreadable, knowledge)
}

/// Reads what is to be checked, and what lies around it; sorted by path.
fn read_input(input: Input, purpose: Purpose, overlay: &Overlay) -> Result<(Vec<Reading>, Discovered), RunError> {
    match input {
        Input::Around(paths, exclude) => match discover::discover_around(&paths, &exclude)? {
            Some(Around { discovered, named, root }) => {
                let (mut files, discovered) = read_paths(&[root], discovered, purpose, overlay)?;
                for file in &mut files {
                    file.is_context = named.binary_search(&file.path).is_err();
                }
                Ok((files, discovered))
            }
            None => read_input(Input::Without(paths, exclude), purpose, overlay),
        },
        Input::Paths(paths) => read_input(Input::Without(paths, Exclude::default()), purpose, overlay),
        Input::Without(paths, exclude) => {
            let discovered = discover::discover_without(&paths, &exclude)?;
            read_paths(&paths, discovered, purpose, overlay)
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
            Ok((files.into_par_iter().map(take).collect(), discovered))
        }
    }
}

/// Reads what was found at these paths, and what lies around them; sorted by path.
fn read_paths(
    paths: &[PathBuf],
    mut discovered: Discovered,
    purpose: Purpose,
    overlay: &Overlay,
) -> Result<(Vec<Reading>, Discovered), RunError> {
    let failed = std::mem::take(&mut discovered.unreadable)
        .into_iter()
        .map(|(path, cause)| Reading::failed(Found { location: PathBuf::from(&path), path, front_end: None }, cause));
    let found = std::mem::take(&mut discovered.files);
    let keeps_texts = is_installed(&found) || !overlay.is_empty();
    let read = |found: Found| {
        let section = Section::of(discovered.within_project(&found.path));
        Reading { section, ..read(found, purpose.depth(section), overlay) }.kept(keeps_texts)
    };
    let mut files: Vec<Reading> = found.into_par_iter().map(read).collect();
    files.extend(failed);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    read_reference(discover::discover_surroundings(paths)?, &mut files, &mut discovered.layout, overlay);
    Ok((files, discovered))
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
