//! Tree-sitter queries of users' rules: those of one language are one query, and a file is parsed once for all of them.

use std::collections::BTreeMap;

use minijinja::Value;
use rayon::prelude::*;
use tree_sitter::{Language, Node, Parser, Query, QueryCursor, QueryErrorKind, QueryMatch, StreamingIterator};

use super::Declared;
use super::expression::Fault;
use crate::context::Context;
use crate::error::RunError;
use crate::span::{FileId, Place, Span};

/// The languages that have grammars.
pub(super) const LANGUAGES: [&str; 5] = ["python", "dockerfile", "cmake", "yaml", "hcl"];

/// The grammar of a language.
pub(super) fn language(name: &str) -> Option<Grammar> {
    let language = match name {
        "python" => tree_sitter_python::LANGUAGE.into(),
        "dockerfile" => tree_sitter_dockerfile::LANGUAGE.into(),
        "cmake" => tree_sitter_cmake::LANGUAGE.into(),
        "yaml" => tree_sitter_yaml::LANGUAGE.into(),
        "hcl" => tree_sitter_hcl::LANGUAGE.into(),
        _ => return None,
    };
    let name = LANGUAGES.into_iter().find(|known| *known == name)?;
    Some(Grammar { name, language })
}

/// A language and its grammar.
pub(super) struct Grammar {
    name: &'static str,
    language: Language,
}

/// The patterns of one rule.
pub(super) struct Pattern {
    language: &'static str,
    text: String,
    patterns: usize,
    captures: Vec<String>,
    /// Words of which a file must hold one to be parsed; none means any file.
    words: Vec<String>,
}

/// A match, and what its captures hold.
pub(super) struct Hit {
    pub(super) at: Place,
    pub(super) values: Value,
}

impl Pattern {
    /// Reads a query.
    ///
    /// # Errors
    /// A query that the grammar does not take.
    pub(super) fn new(grammar: Grammar, text: &str, words: Vec<String>) -> Result<Self, Fault> {
        let query = Query::new(&grammar.language, text).map_err(|error| {
            let cause = match error.kind {
                QueryErrorKind::NodeType => format!("{} has no node called `{}`", grammar.name, error.message),
                QueryErrorKind::Field => format!("{} has no field called `{}`", grammar.name, error.message),
                QueryErrorKind::Capture => {
                    format!("nothing is captured as `@{}`", error.message.trim_start_matches('@'))
                }
                QueryErrorKind::Structure => "no such node can stand here".to_owned(),
                QueryErrorKind::Predicate => format!("not a predicate: {}", error.message),
                QueryErrorKind::Syntax | QueryErrorKind::Language => "this is no query".to_owned(),
            };
            let start = error.offset.min(text.len());
            let length = match error.kind {
                QueryErrorKind::NodeType | QueryErrorKind::Field | QueryErrorKind::Capture => error.message.len(),
                _ => text[start..].chars().next().map_or(0, char::len_utf8),
            };
            Fault { cause, at: Some(start..(start + length).min(text.len())) }
        })?;
        if query.pattern_count() == 0 {
            return Err(Fault { cause: "the query holds no pattern".to_owned(), at: None });
        }
        if query.capture_names().is_empty() {
            return Err(Fault {
                cause: "the query captures nothing; put @at behind what is at fault".to_owned(),
                at: None,
            });
        }
        let captures = query.capture_names().iter().map(|&name| name.to_owned()).collect();
        Ok(Self { language: grammar.name, text: text.to_owned(), patterns: query.pattern_count(), captures, words })
    }

    /// The names that a message may use.
    pub(super) fn names(&self) -> Vec<String> {
        super::views::COMMON.iter().map(|&name| name.to_owned()).chain(self.captures.iter().cloned()).collect()
    }

    fn may_match(&self, text: &str) -> bool {
        let holds = |word: &String| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        self.words.is_empty() || self.words.iter().any(holds)
    }
}

/// Runs all queries, language by language.
///
/// # Errors
/// None: each was compiled before.
pub(super) fn run<'r>(
    cx: &Context<'_>,
    rules: &[(&'r Declared, &'r Pattern)],
) -> Result<Vec<(&'r Declared, Hit)>, RunError> {
    let mut found = Vec::new();
    for name in LANGUAGES {
        let own: Vec<(&Declared, &Pattern)> =
            rules.iter().filter(|(_, pattern)| pattern.language == name).copied().collect();
        if own.is_empty() {
            continue;
        }
        let Some(grammar) = language(name) else { continue };
        let patterns: Vec<&Pattern> = own.iter().map(|(_, pattern)| *pattern).collect();
        let text: String = own.iter().map(|(_, pattern)| format!("{}\n", pattern.text)).collect();
        // What compiles alone compiles together: patterns share nothing but the names of captures.
        let Ok(query) = Query::new(&grammar.language, &text) else { continue };
        let owners: Vec<usize> =
            own.iter().enumerate().flat_map(|(at, (_, pattern))| std::iter::repeat_n(at, pattern.patterns)).collect();
        let files: Vec<FileId> = cx
            .workspace
            .files()
            .filter(|(_, source, _)| source.language == name && !source.is_context)
            .map(|(file, _, _)| file)
            .collect();
        let hits: Vec<Vec<(usize, Hit)>> = files
            .into_par_iter()
            .map(|file| {
                let text = cx.workspace.sources().get(file).text();
                if patterns.iter().any(|pattern| pattern.may_match(text)) {
                    in_file(cx, file, &grammar, &query, &owners, &patterns)
                } else {
                    Vec::new()
                }
            })
            .collect();
        found.extend(hits.into_iter().flatten().map(|(owner, hit)| (own[owner].0, hit)));
    }
    Ok(found)
}

fn in_file(
    cx: &Context<'_>,
    file: FileId,
    grammar: &Grammar,
    query: &Query,
    owners: &[usize],
    patterns: &[&Pattern],
) -> Vec<(usize, Hit)> {
    let text = cx.workspace.sources().get(file).text();
    let mut parser = Parser::new();
    if parser.set_language(&grammar.language).is_err() {
        return Vec::new();
    }
    let Some(tree) = parser.parse(text, None) else { return Vec::new() };
    let mut cursor = QueryCursor::new();
    let mut matches = cursor.matches(query, tree.root_node(), text.as_bytes());
    let mut found = Vec::new();
    while let Some(matched) = matches.next() {
        let Some(&owner) = owners.get(matched.pattern_index) else { continue };
        let Some(pattern) = patterns.get(owner).filter(|pattern| pattern.may_match(text)) else { continue };
        found.extend(hit(cx, file, query, matched, pattern).map(|hit| (owner, hit)));
    }
    found
}

fn hit(cx: &Context<'_>, file: FileId, query: &Query, matched: &QueryMatch<'_, '_>, pattern: &Pattern) -> Option<Hit> {
    let source = cx.workspace.sources().get(file);
    let names = query.capture_names();
    // The names of all rules' captures are there; those that did not match here are empty.
    let mut values: BTreeMap<&str, Value> =
        pattern.captures.iter().map(|name| (name.as_str(), Value::from(""))).collect();
    values.insert("path", Value::from(source.path.as_str()));
    values.insert("language", Value::from(source.language));
    values.insert("section", Value::from(super::views::section(source.section)));
    let mut at: Option<Node<'_>> = None;
    for capture in matched.captures() {
        let name = names.get(capture.index as usize).copied().unwrap_or_default();
        values.insert(name, Value::from(Span::of(capture.node).text(source.text())));
        if name == "at" || at.is_none() {
            at = Some(capture.node);
        }
    }
    Some(Hit { at: Place { file, span: Span::of(at?) }, values: Value::from_pairs(values) })
}
