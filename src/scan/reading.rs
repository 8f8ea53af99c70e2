//! One file: read, decoded, and its facts extracted.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use super::past::Known;
use super::{Overlay, overlay_key};
use crate::cache::Asking;
use crate::discover::Found;
use crate::facts::FileFacts;
use crate::lang::{self, Callers, Candidate, FRONT_ENDS, FrontEnd, Words};
use crate::source::{Recorded, Section, SourceFile};
use crate::timings::{Phase, spend};

/// Files larger than this are not read, in bytes. Hand-written sources stay far below it.
pub const LARGEST_FILE: u64 = 16 << 20;

/// How much of a file is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Depth {
    /// Everything that it says.
    Whole,
    /// What other files need of it.
    Joined,
    /// What imports need of it.
    Imports,
}

/// A file on its way to facts.
#[derive(Clone)]
pub(super) struct Reading {
    pub(super) path: String,
    pub(super) location: PathBuf,
    pub(super) front_end: Option<&'static FrontEnd>,
    pub(super) text: Option<String>,
    /// The same, where several workspaces take it.
    pub(super) shared_text: Option<Arc<str>>,
    /// Whether its text was read and is not kept.
    pub(super) is_let_go: bool,
    /// Whether its text stands nowhere else.
    pub(super) is_held: bool,
    pub(super) bom: u32,
    pub(super) facts: Arc<FileFacts>,
    pub(super) section: Section,
    pub(super) depth: Depth,
    pub(super) is_reference: bool,
    pub(super) is_context: bool,
    pub(super) recorded: Recorded,
    pub(super) failure: Option<String>,
    /// What is kept of it for the next run, where that is done.
    pub(super) known: Option<Known>,
    /// Its bytes, where its facts are still to be extracted.
    pub(super) pending: Option<Vec<u8>>,
}

impl Reading {
    /// A file that could not be read.
    pub(super) fn failed(found: Found, cause: String) -> Self {
        Self { failure: Some(cause), ..Self::new(found, Depth::Whole) }
    }

    /// A file of which nothing has been read yet.
    pub(super) fn new(found: Found, depth: Depth) -> Self {
        Self {
            section: Section::of(&found.path),
            depth,
            path: found.path,
            location: found.location,
            front_end: found.front_end,
            text: None,
            shared_text: None,
            is_let_go: false,
            is_held: false,
            bom: 0,
            facts: Arc::default(),
            is_reference: false,
            is_context: false,
            recorded: Recorded::Unknown,
            failure: None,
            known: None,
            pending: None,
        }
    }

    /// A file of a tree that imports are looked up in: what else it says is of no interest.
    pub(super) fn for_lookup(self) -> Self {
        let FileFacts { outline, built, versions, recorded, .. } = Arc::unwrap_or_clone(self.facts);
        let facts = FileFacts { outline, built, versions, recorded, ..FileFacts::default() };
        Self { facts: Arc::new(facts), is_reference: true, failure: None, ..self }
    }

    /// What it holds, if that was read and is still there.
    pub(super) fn text(&self) -> Option<&str> {
        self.shared_text.as_deref().or(self.text.as_deref())
    }

    /// Makes the text one that copies of this reading share.
    pub(super) fn share(&mut self) {
        if let Some(text) = self.text.take() {
            self.shared_text = Some(Arc::from(text));
        }
    }

    /// Lets go of a text that nothing more is extracted from, and in which nothing was found that may be shown.
    pub(super) fn kept(mut self, keeps_texts: bool) -> Self {
        let is_done = self.depth != Depth::Whole || !self.has_callers() && self.facts.is_empty();
        if is_done && !keeps_texts {
            self.is_let_go |= self.text.take().is_some();
        }
        self
    }

    /// Extracts what calls these predicates, in a language that has such facts.
    pub(super) fn extract_callers(&mut self, callers: &Callers) {
        let text = self.shared_text.as_deref().or(self.text.as_deref());
        let extract = self.front_end.and_then(|front_end| front_end.extract_callers);
        if let (Some(extract), Some(text), Depth::Whole) = (extract, text, self.depth)
            && callers.fresh.is_match(text.as_bytes())
        {
            if let Some(known) = &mut self.known {
                known.before_following(&self.facts);
            }
            spend(Phase::Extract, || extract(text, callers, Arc::make_mut(&mut self.facts)));
        }
    }

    /// Loads the text of a file that other files' predicates may be looked for in, where it was not read.
    pub(super) fn load_text(&mut self) {
        if self.text.is_none() && self.has_callers() && self.failure.is_none() {
            self.text = content(&self.location).ok().and_then(|bytes| String::from_utf8(bytes).ok()).map(without_mark);
        }
    }

    /// Reads a file whose facts could not be taken from elsewhere.
    pub(super) fn read_again(&mut self) {
        let found = Found { path: self.path.clone(), location: self.location.clone(), front_end: self.front_end };
        let read = read(found, self.depth, &Overlay::new());
        (self.facts, self.text, self.failure) = (read.facts, read.text, read.failure);
    }

    /// Whether predicates of other files may add to its facts.
    fn has_callers(&self) -> bool {
        self.depth == Depth::Whole && self.front_end.is_some_and(|front_end| front_end.extract_callers.is_some())
    }

    /// A file whose facts are still to be extracted from these bytes.
    pub(super) fn pending(found: Found, depth: Depth, bytes: Vec<u8>) -> Self {
        let bom = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        let reading = Self::new(claimed(found, &bytes), depth);
        Self { bom, is_let_go: true, pending: Some(bytes), ..reading }
    }

    /// Adds to a question what tells the file from any other; none where its bytes are not known, or where it is read
    /// for another one's sake and not kept.
    pub(super) fn ask(&self, asking: &mut Asking) -> Option<()> {
        asking.part(self.path.as_bytes());
        match (&self.known, &self.failure) {
            (Some(known), _) => {
                let (path, hash) = known.identity();
                asking.part(path.as_bytes());
                asking.part(&hash.bytes());
            }
            (None, Some(failure)) => asking.part(failure.as_bytes()),
            (None, None) => return None,
        }
        asking.part(&[self.section as u8, u8::from(self.is_context)]);
        Some(())
    }

    /// The file as the run keeps it. Text is kept where something was found, so that a finding can show it.
    pub(super) fn into_source(self, keeps_text: bool) -> SourceFile {
        let text = match (self.shared_text, self.text) {
            (Some(_), _) | (_, Some(_)) if !keeps_text => None,
            (Some(text), _) => Some(text),
            (None, None) if self.is_let_go => None,
            // What could not be read is not tried again.
            (None, text) => Some(Arc::from(text.unwrap_or_default())),
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

/// Reads a file, or what an overlay has in its place.
pub(super) fn read(found: Found, depth: Depth, overlay: &Overlay) -> Reading {
    if depth == Depth::Imports && found.front_end.is_some_and(|front_end| !front_end.serves_imports()) {
        return Reading::new(found, depth);
    }
    match overlaid(overlay, &found.location).map_or_else(|| content(&found.location), Ok) {
        Ok(bytes) => take(found, depth, bytes),
        Err(cause) => Reading::failed(found, cause),
    }
}

/// What a file holds, or why it is not read. A device has no length and may never end, so reading is bounded too.
pub(super) fn content(path: &Path) -> Result<Vec<u8>, String> {
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
    let (length, bytes) = spend(Phase::Read, open).map_err(|error: std::io::Error| error.to_string())?;
    if length > LARGEST_FILE { Err(format!("it is larger than {} MiB", LARGEST_FILE >> 20)) } else { Ok(bytes) }
}

/// Decodes a file, and extracts its facts if it holds one of its language's words.
pub(super) fn take(found: Found, depth: Depth, bytes: Vec<u8>) -> Reading {
    let mut reading = Reading::new(claimed(found, &bytes), depth);
    let is_setup = reading.path.rsplit('/').next() == Some("setup.py");
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
            if text.starts_with(MARK) {
                reading.bom = 3;
                text.drain(..3);
            }
            let mut facts = FileFacts::default();
            if is_python {
                spend(Phase::Outline, || lang::python::modules(&reading.path, &text, &mut facts));
            }
            spend(Phase::Extract, || {
                if wanted {
                    (front_end.extract)(&text, &mut facts);
                    lang::host::mentions(front_end.language, &text, &mut facts);
                }
                if wanted && !is_python || is_setup {
                    lang::reads::extract(front_end.language, &text, &mut facts);
                }
                if is_python && depth == Depth::Whole {
                    lang::python::starts(&text, &mut facts);
                }
                if may_hold_directive {
                    lang::directives::extract(front_end.language, &reading.path, &text, &mut facts);
                }
                if front_end.language == "nix" {
                    lang::nix::outline(&text, &mut facts);
                }
            });
            reading.facts = Arc::new(facts);
            reading.text = Some(text);
        }
        Err(error) if wanted => {
            reading.failure = Some(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to()))
        }
        Err(_) => {}
    }
    reading
}

/// The file with the front end that claims it. Where a name alone says what a file may be, its first bytes decide.
pub(super) fn claimed(mut found: Found, bytes: &[u8]) -> Found {
    let head = &bytes[..bytes.len().min(512)];
    let name = found.path.rsplit('/').next().unwrap_or_default();
    let candidate = Candidate { path: &found.path, name, head };
    let by_name = found.front_end.filter(|front_end| (front_end.claims)(&candidate));
    found.front_end = by_name.or_else(|| lang::front_end(&candidate));
    found
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

/// The byte-order mark.
const MARK: char = '\u{feff}';

fn without_mark(text: String) -> String {
    match text.strip_prefix(MARK) {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

pub(super) fn overlaid(overlay: &Overlay, location: &Path) -> Option<Vec<u8>> {
    if overlay.is_empty() { None } else { overlay.get(&overlay_key(location)).cloned() }
}
