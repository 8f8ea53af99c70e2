//! A fact other than a set of targets: its kind, its place and its own fields.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use crate::context::Context;
use crate::facts::{Text, TextPart, Word};
use crate::report::json::Range;
use crate::report::{Paths, printable};
use crate::span::{FileId, Place, Span};

/// A fact; its first field is what it is about.
pub(super) struct Entry {
    pub(super) fact: &'static str,
    pub(super) range: Range,
    fields: Vec<(&'static str, Value)>,
}

/// Makes facts of a run.
pub(super) struct Maker<'c, 'a> {
    pub(super) cx: &'c Context<'a>,
    pub(super) paths: &'c Paths,
}

impl Maker<'_, '_> {
    /// A fact at a place.
    pub(super) fn entry(&self, fact: &'static str, file: FileId, span: Span) -> Entry {
        let range = Range::new(self.cx.workspace.sources(), self.paths, Place { file, span });
        Entry { fact, range, fields: Vec::new() }
    }

    /// `path:line` of a place.
    pub(super) fn place(&self, at: Place) -> String {
        let sources = self.cx.workspace.sources();
        format!("{}:{}", self.paths.relative(sources.get(at.file)), sources.start(at).line)
    }
}

impl Entry {
    /// Adds a field.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Adds a field with a value as written; null where there is none.
    pub(super) fn word(self, name: &'static str, word: Option<&Word>) -> Self {
        self.with(name, word.map(|word| spelled(&word.text)))
    }

    /// Adds a list of values as written.
    pub(super) fn words(self, name: &'static str, words: &[Word]) -> Self {
        let list: Vec<String> = words.iter().map(|word| spelled(&word.text)).collect();
        self.with(name, list)
    }

    /// Kind, subject, the other fields that say something, and nothing.
    pub(super) fn cells(&self) -> [String; 4] {
        let subject = self.fields.first().map(|(_, value)| shown(value)).unwrap_or_default();
        let rest: Vec<String> = self.fields.iter().skip(1).filter_map(|(name, value)| told(name, value)).collect();
        [self.fact.to_owned(), subject, rest.join(" "), String::new()]
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("fact", self.fact)?;
        map.serialize_entry("path", &self.range.path)?;
        map.serialize_entry("line", &self.range.line)?;
        map.serialize_entry("column", &self.range.column)?;
        map.serialize_entry("end_line", &self.range.end_line)?;
        map.serialize_entry("end_column", &self.range.end_column)?;
        for (name, value) in &self.fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// `name=value`; nothing for what is empty, unknown or off.
fn told(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::Bool(true) => Some(name.to_owned()),
        Value::Array(list) if list.is_empty() => None,
        Value::Object(map) if map.is_empty() => None,
        Value::String(text) if text.is_empty() => None,
        value => Some(format!("{name}={}", shown(value))),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => printable(text),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(","),
        Value::Object(map) => {
            let pair = |(name, value): (&String, &Value)| match value {
                Value::Null => printable(name),
                value => format!("{}={}", printable(name), shown(value)),
            };
            map.iter().map(pair).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

/// A value as the file has it: what comes from elsewhere is a variable again, what nobody knows is `*`.
pub(super) fn spelled(text: &Text) -> String {
    let part = |part: &TextPart| match part {
        TextPart::Literal(text, _) => text.clone(),
        TextPart::Outer { name, default: None } => format!("${{{}}}", name.trim_start_matches('#')),
        TextPart::Outer { name, default: Some(default) } => format!("${{{name}:-{}}}", spelled(default)),
        TextPart::Unknown => "*".to_owned(),
    };
    text.parts.iter().map(part).collect()
}
