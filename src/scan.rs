//! Reads files and extracts their facts, in parallel; each file is read once and parsed at most once.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

use crate::discover::{self, Found};
use crate::error::RunError;
use crate::facts::{DefinitionKind, FileFacts};
use crate::knowledge::Knowledge;
use crate::lang::{self, Candidate, FRONT_ENDS, FrontEnd};
use crate::source::{SourceFile, Sources};
use crate::workspace::{Unreadable, Workspace};

/// Files larger than this are not read, in bytes. Hand-written sources stay far below it.
pub const LARGEST_FILE: u64 = 16 << 20;

/// What to scan.
pub enum Input {
    /// Files and folders.
    Paths(Vec<PathBuf>),
    /// Files in memory: path and content.
    Memory(Vec<(String, Vec<u8>)>),
}

/// Reads everything and joins it.
///
/// # Errors
/// A path that does not exist. Files below it that cannot be read are recorded in the workspace.
pub fn scan(input: Input, knowledge: &Knowledge) -> Result<Workspace, RunError> {
    let mut files: Vec<Reading> = match input {
        Input::Paths(paths) => {
            let discovered = discover::discover(&paths)?;
            let failed = discovered.unreadable.into_iter().map(|(path, cause)| Reading::failed(path.clone(), PathBuf::from(path), None, cause));
            let mut files: Vec<Reading> = discovered.files.into_par_iter().map(read).collect();
            files.extend(failed);
            files.sort_by(|a, b| a.path.cmp(&b.path));
            files.dedup_by(|a, b| a.path == b.path);
            files
        }
        Input::Memory(mut files) => {
            files.sort();
            files.dedup_by(|a, b| a.0 == b.0);
            files.into_par_iter().map(|(path, bytes)| take(path.clone(), PathBuf::from(path), None, bytes)).collect()
        }
    };
    let mut unreadable = Vec::new();
    let callers = predicate_words(&files);
    if let Some(callers) = callers {
        files.par_iter_mut().for_each(|file| file.extract_if_held(&callers));
    }
    let (mut sources, mut facts) = (Vec::with_capacity(files.len()), Vec::with_capacity(files.len()));
    for file in files {
        if let Some(cause) = file.failure {
            unreadable.push(Unreadable { path: file.path.clone(), cause });
        }
        // Text is kept where something was found, so that a finding can show it.
        let text = if file.facts.is_empty() { None } else { file.text };
        sources.push(SourceFile::new(file.path, file.location, file.front_end.map_or("", |front_end| front_end.language), text, file.bom));
        facts.push(file.facts);
    }
    Ok(Workspace::join(Sources::new(sources), facts, unreadable, knowledge))
}

/// A file on its way to facts.
struct Reading {
    path: String,
    location: PathBuf,
    front_end: Option<&'static FrontEnd>,
    text: Option<Arc<str>>,
    bom: u32,
    facts: FileFacts,
    extracted: bool,
    failure: Option<String>,
}

impl Reading {
    /// A file that could not be read.
    fn failed(path: String, location: PathBuf, front_end: Option<&'static FrontEnd>, cause: String) -> Self {
        Self { path, location, front_end, text: None, bom: 0, facts: FileFacts::default(), extracted: true, failure: Some(cause) }
    }

    /// Extracts a file that was passed over, if it calls one of these predicates.
    fn extract_if_held(&mut self, words: &AhoCorasick) {
        let (Some(front_end), Some(text), false) = (self.front_end, &self.text, self.extracted) else { return };
        if words.is_match(text.as_bytes()) {
            (front_end.extract)(text, &mut self.facts);
        }
    }
}

fn read(found: Found) -> Reading {
    match content(&found.location) {
        Ok(bytes) => take(found.path, found.location, found.front_end, bytes),
        Err(cause) => Reading::failed(found.path, found.location, found.front_end, cause),
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
fn take(path: String, location: PathBuf, front_end: Option<&'static FrontEnd>, bytes: Vec<u8>) -> Reading {
    let head = &bytes[..bytes.len().min(512)];
    let front_end = front_end.or_else(|| lang::front_end(&Candidate { path: &path, name: path.rsplit('/').next().unwrap_or_default(), head }));
    let mut reading = Reading { path, location, front_end, text: None, bom: 0, facts: FileFacts::default(), extracted: true, failure: None };
    let Some(front_end) = front_end else { return reading };
    let wanted = holds_word(front_end, &bytes);
    if !wanted && front_end.language != "python" {
        return reading;
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let text = match text.strip_prefix('\u{feff}') {
                Some(rest) => {
                    reading.bom = 3;
                    Arc::from(rest)
                }
                None => Arc::from(text),
            };
            if wanted {
                (front_end.extract)(&text, &mut reading.facts);
            }
            reading.extracted = wanted;
            reading.text = Some(text);
        }
        Err(error) if wanted => reading.failure = Some(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to())),
        Err(_) => {}
    }
    reading
}

/// Whether the text holds a word that the front end looks for.
fn holds_word(front_end: &'static FrontEnd, bytes: &[u8]) -> bool {
    static SEARCHES: LazyLock<Vec<(&'static str, Option<AhoCorasick>)>> =
        LazyLock::new(|| FRONT_ENDS.iter().map(|front_end| (front_end.language, AhoCorasick::new(front_end.words).ok().filter(|_| !front_end.words.is_empty()))).collect());
    match SEARCHES.iter().find(|(language, _)| *language == front_end.language) {
        Some((_, Some(search))) => search.is_match(bytes),
        _ => true,
    }
}

/// The names of predicates that some file defines, to find the files that call them.
fn predicate_words(files: &[Reading]) -> Option<AhoCorasick> {
    let mut names: Vec<String> = files
        .iter()
        .filter(|file| file.front_end.is_some_and(|front_end| front_end.language == "python"))
        .flat_map(|file| &file.facts.definitions)
        .filter(|definition| matches!(definition.kind, DefinitionKind::Function) && is_predicate(definition))
        .filter_map(|definition| definition.name.rsplit('.').next())
        .filter(|name| name.len() > 5)
        .map(|name| format!("{name}("))
        .collect();
    names.sort();
    names.dedup();
    if names.is_empty() { None } else { AhoCorasick::new(names).ok() }
}

/// Whether a function tests the target itself: those that only call others are found through these.
fn is_predicate(definition: &crate::facts::Definition) -> bool {
    definition.ladder.is_some() || !definition.expr.tokens().is_empty()
}
