//! Reads files and extracts their facts, in parallel; each file is read once and parsed at most once.

mod sides;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use rayon::prelude::*;

use crate::discover::{self, Around, Discovered, Exclude, Found, Layout};
use crate::error::RunError;
use crate::facts::{DefinitionKind, FileFacts, RecordedFile};
use crate::knowledge::Knowledge;
use crate::lang::{self, Callers, Candidate, FRONT_ENDS, FrontEnd, Words};
use crate::record::Records;
use crate::source::{Recorded, Section, SourceFile, Sources};
use crate::workspace::{Unreadable, Workspace};

pub use sides::{Replaced, Sides, scan_sides};

/// Files larger than this are not read, in bytes. Hand-written sources stay far below it.
pub const LARGEST_FILE: u64 = 16 << 20;

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

fn overlaid(overlay: &Overlay, location: &Path) -> Option<Vec<u8>> {
    if overlay.is_empty() { None } else { overlay.get(&overlay_key(location)).cloned() }
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

/// How much of a file is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Depth {
    /// Everything that it says.
    Whole,
    /// What other files need of it.
    Joined,
    /// What imports need of it.
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

/// A file on its way to facts.
#[derive(Clone)]
struct Reading {
    path: String,
    location: PathBuf,
    front_end: Option<&'static FrontEnd>,
    text: Option<String>,
    /// Whether its text was read and is not kept.
    is_let_go: bool,
    /// Whether its text stands nowhere else.
    is_held: bool,
    bom: u32,
    facts: FileFacts,
    section: Section,
    depth: Depth,
    is_reference: bool,
    is_context: bool,
    recorded: Recorded,
    failure: Option<String>,
}

impl Reading {
    /// A file that could not be read.
    fn failed(found: Found, cause: String) -> Self {
        Self { failure: Some(cause), ..Self::new(found, Depth::Whole) }
    }

    /// A file of which nothing has been read yet.
    fn new(found: Found, depth: Depth) -> Self {
        Self {
            section: Section::of(&found.path),
            depth,
            path: found.path,
            location: found.location,
            front_end: found.front_end,
            text: None,
            is_let_go: false,
            is_held: false,
            bom: 0,
            facts: FileFacts::default(),
            is_reference: false,
            is_context: false,
            recorded: Recorded::Unknown,
            failure: None,
        }
    }

    /// A file of a tree that imports are looked up in: what else it says is of no interest.
    fn for_lookup(self) -> Self {
        let FileFacts { outline, built, versions, recorded, .. } = self.facts;
        let facts = FileFacts { outline, built, versions, recorded, ..FileFacts::default() };
        Self { facts, is_reference: true, failure: None, ..self }
    }

    /// Lets go of a text that nothing more is extracted from.
    fn kept(mut self, keeps_texts: bool) -> Self {
        if self.depth != Depth::Whole && !keeps_texts {
            self.is_let_go = self.text.take().is_some();
        }
        self
    }

    /// Extracts what calls these predicates, in a language that has such facts.
    fn extract_callers(&mut self, callers: &Callers) {
        if let (Some(extract), Some(text), Depth::Whole) =
            (self.front_end.and_then(|front_end| front_end.extract_callers), &self.text, self.depth)
        {
            extract(text, callers, &mut self.facts);
        }
    }

    /// The file as the run keeps it. Text is kept where something was found, so that a finding can show it.
    fn into_source(self, keeps_text: bool) -> SourceFile {
        let text = match self.text {
            Some(_) if !keeps_text => None,
            None if self.is_let_go => None,
            // What could not be read is not tried again.
            text => Some(Arc::from(text.unwrap_or_default())),
        };
        let language = self.front_end.map_or("", |front_end| front_end.language);
        let mut source = SourceFile::new(self.path, self.location, language, text, self.bom);
        source.section = self.section;
        source.is_reference = self.is_reference;
        source.is_context = self.is_context;
        source.recorded = self.recorded;
        source
    }
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
        if let Some(text) = &file.text {
            let mark: &[u8] = if file.bom > 0 { "\u{feff}".as_bytes() } else { b"" };
            file.recorded = records.compare(&file.path, &[mark, text.as_bytes()]);
        }
    });
}

fn read(found: Found, depth: Depth, overlay: &Overlay) -> Reading {
    if depth == Depth::Imports && found.front_end.is_some_and(|front_end| !front_end.serves_imports()) {
        return Reading::new(found, depth);
    }
    match overlaid(overlay, &found.location).map_or_else(|| content(&found.location), Ok) {
        Ok(bytes) => take(found, depth, bytes),
        Err(cause) => Reading::failed(found, cause),
    }
}

/// What a file holds, or why it is not read. A device has no length and may never end, so reading is bounded too.
fn content(path: &Path) -> Result<Vec<u8>, String> {
    let open = || {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut bytes = Vec::new();
        if length <= LARGEST_FILE {
            bytes.reserve_exact(usize::try_from(length).unwrap_or_default() + 1);
            file.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
        }
        Ok((length.max(bytes.len() as u64), bytes))
    };
    let (length, bytes) = open().map_err(|error: std::io::Error| error.to_string())?;
    if length > LARGEST_FILE { Err(format!("it is larger than {} MiB", LARGEST_FILE >> 20)) } else { Ok(bytes) }
}

/// Decodes a file, and extracts its facts if it holds one of its language's words.
fn take(mut found: Found, depth: Depth, bytes: Vec<u8>) -> Reading {
    let head = &bytes[..bytes.len().min(512)];
    found.front_end = found.front_end.or_else(|| {
        let name = found.path.rsplit('/').next().unwrap_or_default();
        lang::front_end(&Candidate { path: &found.path, name, head })
    });
    let mut reading = Reading::new(found, depth);
    let Some(front_end) = reading.front_end else { return reading };
    if depth == Depth::Imports && !front_end.serves_imports() {
        return reading;
    }
    let is_python = front_end.language == "python";
    // What git-crypt has encrypted is nobody's to read.
    let wanted = !bytes.starts_with(b"\0GITCRYPT\0") && holds_word(front_end, depth, &bytes);
    let may_hold_directive = lang::directives::may_hold(&bytes);
    // Of Python and Nix every file matters to how the files of a tree hang together.
    if !wanted && !may_hold_directive && !matches!(front_end.language, "python" | "nix") {
        return reading;
    }
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                reading.bom = 3;
                text.drain(..3);
            }
            if wanted {
                (front_end.extract)(&text, &mut reading.facts);
                lang::host::mentions(front_end.language, &text, &mut reading.facts);
            }
            if is_python {
                lang::python::modules(&reading.path, &text, &mut reading.facts);
                if depth == Depth::Whole {
                    lang::python::starts(&text, &mut reading.facts);
                }
            }
            if may_hold_directive {
                lang::directives::extract(front_end.language, &reading.path, &text, &mut reading.facts);
            }
            if front_end.language == "nix" {
                lang::nix::outline(&text, &mut reading.facts);
            }
            reading.text = Some(text);
        }
        Err(error) if wanted => {
            reading.failure = Some(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to()))
        }
        Err(_) => {}
    }
    reading
}

/// Whether the text holds a word that the front end looks for.
fn holds_word(front_end: &'static FrontEnd, depth: Depth, bytes: &[u8]) -> bool {
    struct Search {
        language: &'static str,
        whole: Option<Words>,
        joined: Option<Words>,
    }
    static SEARCHES: LazyLock<Vec<Search>> = LazyLock::new(|| {
        let search = |words: &[&str]| (!words.is_empty()).then(|| Words::new(words));
        FRONT_ENDS
            .iter()
            .map(|front_end| Search {
                language: front_end.language,
                whole: search(front_end.words),
                joined: search(front_end.joined.unwrap_or(front_end.words)),
            })
            .collect()
    });
    let search = SEARCHES.iter().find(|search| search.language == front_end.language);
    let words = search.and_then(|search| match depth {
        Depth::Whole => search.whole.as_ref(),
        Depth::Joined | Depth::Imports => search.joined.as_ref(),
    });
    words.is_none_or(|words| words.is_match(bytes))
}

/// Wrappers of wrappers are followed so many times.
const MOST_ROUNDS: usize = 4;

/// Reads the callers of predicates that were found, then the callers of what these define, until nothing is new.
fn follow_predicates(files: &mut [Reading], knowledge: &Knowledge) {
    let mut known = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        let fresh: Vec<String> =
            predicate_names(files, knowledge).into_iter().filter(|name| !known.contains(name)).collect();
        if fresh.is_empty() {
            return;
        }
        known.extend(fresh.iter().cloned());
        let all: Vec<&String> = known.iter().collect();
        let callers = Callers { fresh: Words::new(&fresh), all: Words::new(&all) };
        files.par_iter_mut().for_each(|file| file.extract_callers(&callers));
    }
}

/// How predicates that some file defines are called: `name()` for functions, the name for constants. What they say is
/// resolved on the facts that have been read so far.
fn predicate_names(files: &[Reading], knowledge: &Knowledge) -> Vec<String> {
    // Packages are told by their `__init__.py`; other files without named conditions take no part.
    let takes_part = |file: &&Reading| {
        let facts = &file.facts;
        !facts.definitions.is_empty() || !facts.imports.is_empty() || file.path.ends_with("__init__.py")
    };
    let files = || files.iter().filter(takes_part);
    let facts = files().map(|file| FileFacts {
        definitions: file.facts.definitions.clone(),
        imports: file.facts.imports.clone(),
        ..FileFacts::default()
    });
    let sources = files().map(|file| {
        SourceFile::new(
            file.path.clone(),
            PathBuf::new(),
            file.front_end.map_or("", |front_end| front_end.language),
            None,
            0,
        )
    });
    let workspace =
        Workspace::join(Sources::new(sources.collect()), facts.collect(), Layout::default(), Vec::new(), knowledge);
    let mut names: Vec<String> = workspace
        .predicates(knowledge)
        .into_iter()
        .filter(|(at, _)| workspace.sources().get(at.file).language == "python")
        .filter_map(|(_, definition)| {
            let name = definition.name.rsplit('.').next().filter(|name| name.len() > 5)?;
            // Names inside a function are of no use to other functions.
            let is_shared = definition.kind == DefinitionKind::Function || !definition.name.contains('.');
            is_shared.then(|| {
                if definition.kind == DefinitionKind::Function { format!("{name}()") } else { name.to_owned() }
            })
        })
        .collect();
    names.sort();
    names.dedup();
    names
}
