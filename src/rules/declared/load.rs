//! Reads folders of users' rules; what is wrong is shown at its place in the TOML.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use toml::de::DeTable;
use walkdir::WalkDir;

use super::expression::{Condition, Fault, Message};
use super::{Body, Declared, keys, query, views};
use crate::config::{ConfigFile, Origin, check_table, severity};
use crate::context::Context;
use crate::discover::{Exclude, shown};
use crate::error::RunError;
use crate::report::printable;
use crate::rules::{Life, RULES, RuleMeta, Status};
use crate::span::Place;

/// The fields of a file, once its keys are known to be right.
#[derive(Deserialize)]
struct Fields {
    id: Option<String>,
    name: Option<String>,
    severity: Option<String>,
    summary: Option<String>,
    status: Option<Status>,
    since: Option<String>,
    instead: Option<String>,
    #[serde(default)]
    formerly: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    why: String,
    #[serde(default)]
    fix: String,
    fact: Option<String>,
    when: Option<String>,
    language: Option<String>,
    query: Option<String>,
    #[serde(default)]
    words: Vec<String>,
    message: Option<String>,
    help: Option<String>,
    paths: Option<Vec<String>>,
}

/// A rule's file, and where its values stand.
pub(super) struct Source {
    file: Arc<ConfigFile>,
    spans: BTreeMap<String, Range<usize>>,
}

impl Source {
    /// An error at a value, or at the start of the file where it is missing.
    pub(super) fn error(&self, key: &str, what: impl Into<String>, label: &str, help: Option<String>) -> RunError {
        let at = self.spans.get(key).cloned().unwrap_or_default();
        Origin::File(Arc::clone(&self.file), at).error(what.into(), label, help)
    }

    /// An error within the text of a value.
    pub(super) fn fault(&self, key: &str, text: &str, fault: Fault) -> RunError {
        let span = self.spans.get(key).cloned().unwrap_or_default();
        let whole = self.file.text.get(span.clone()).unwrap_or_default();
        // Where escapes make the text another one than the file's, the whole of it is shown.
        let start = whole.find(text).filter(|_| !text.is_empty()).map(|at| span.start + at);
        let at = match (start, fault.at) {
            (Some(start), Some(at)) if at.end <= text.len() => start + at.start..start + at.end.max(at.start),
            _ => span,
        };
        let what = format!("{}: {}", self.file.shown, printable(&fault.cause));
        Origin::File(Arc::clone(&self.file), at).error(what, "here", None)
    }

    /// An error that only showed when a condition or a message met a fact.
    pub(super) fn failed(&self, cx: &Context<'_>, key: &str, fault: Fault, at: Place) -> RunError {
        let cause = format!("`{key}` cannot be computed for {}: {}", cx.describe(at), fault.cause);
        let text = self.spans.get(key).and_then(|span| self.file.text.get(span.clone())).unwrap_or_default();
        let bare = text.trim_matches(['"', '\'']).to_owned();
        self.fault(key, &bare, Fault { cause, at: fault.at })
    }
}

/// Reads every `*.toml` below these folders, by path.
///
/// # Errors
/// A folder that cannot be read; a rule that means nothing, or that two files have.
pub fn read_folders(folders: &[PathBuf]) -> Result<Vec<Declared>, RunError> {
    let working = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
    let mut rules: Vec<Declared> = Vec::new();
    for folder in folders {
        for path in files(folder)? {
            let name = printable(&shown(path.strip_prefix(&working).unwrap_or(&path)));
            let text = std::fs::read_to_string(&path).map_err(|error| RunError::path(&path, &error))?;
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            let rule = read(Arc::new(ConfigFile { shown: name, path, folder, text }))?;
            if let Some(other) =
                rules.iter().find(|other| other.meta.id == rule.meta.id || other.meta.name == rule.meta.name)
            {
                let key = if other.meta.id == rule.meta.id { "id" } else { "name" };
                let what = format!("{} has the same {key}", other.source.file.shown);
                return Err(rule.source.error(key, what, "taken", None));
            }
            rules.push(rule);
        }
    }
    rules.sort_by_key(|rule| rule.meta.id);
    Ok(rules)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, RunError> {
    let mut found = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let cause = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
            RunError::Path { path: printable(&folder.display().to_string()), cause }
        })?;
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|extension| extension == "toml") {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}

fn read(file: Arc<ConfigFile>) -> Result<Declared, RunError> {
    let wrong = |error: &toml::de::Error| {
        let what = format!("{} is not TOML: {}", file.shown, error.message());
        Origin::File(Arc::clone(&file), error.span().unwrap_or_default()).error(what, "here", None)
    };
    let table = DeTable::parse(&file.text).map_err(|error| wrong(&error))?;
    check_table(&file, table.get_ref(), keys::KEYS)?;
    let spans = table.get_ref().iter().map(|(key, value)| (key.get_ref().to_string(), value.span())).collect();
    let fields: Fields = toml::from_str(&file.text).map_err(|error| wrong(&error))?;
    let source = Source { file: Arc::clone(&file), spans };
    let meta = meta(&source, &fields)?;
    let (body, names) = body(&source, &fields)?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let message = |key: &str, text: &str| Message::new(text, &names).map_err(|fault| source.fault(key, text, fault));
    let text = fields.message.as_deref().ok_or_else(|| missing(&source, "message"))?;
    let (text, help) =
        (message("message", text)?, fields.help.as_deref().map(|help| message("help", help)).transpose()?);
    let paths = fields.paths.as_ref().map(|paths| patterns(&source, paths)).transpose()?;
    Ok(Declared { meta, body, message: text, help, paths, source })
}

fn missing(source: &Source, key: &str) -> RunError {
    source.error("", format!("{}: the rule has no `{key}`", source.file.shown), "in this file", None)
}

/// What the rule is; its texts live as long as the run.
fn meta(source: &Source, fields: &Fields) -> Result<&'static RuleMeta, RunError> {
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let leak_all = |words: &[String]| -> &'static [&'static str] {
        Box::leak(words.iter().map(|word| leak(word)).collect::<Vec<_>>().into_boxed_slice())
    };
    let field = |key: &str, value: &Option<String>| value.clone().ok_or_else(|| missing(source, key));
    let id = field("id", &fields.id)?;
    let letters = id.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let is_id = letters.len() < id.len() && (1..=8).contains(&letters.len()) && id.len() - letters.len() <= 6;
    if !is_id || !letters.bytes().all(|letter| letter.is_ascii_uppercase()) {
        let help = Some("write capital letters and a number, as in LAB001".to_owned());
        return Err(source.error("id", format!("`{}` is no id", printable(&id)), "not an id", help));
    }
    if letters == "GFX" {
        let help = Some("take letters of your own, as in LAB001".to_owned());
        return Err(source.error("id", "ids that start with GFX are gfxlint's own", "not yours", help));
    }
    let name = field("name", &fields.name)?;
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !name.split('-').all(is_word) {
        let help = Some("write small letters and dashes, as in no-old-base".to_owned());
        return Err(source.error("name", format!("`{}` is no name", printable(&name)), "not a name", help));
    }
    if RULES.iter().any(|rule| rule.name == name) {
        return Err(source.error("name", format!("gfxlint has a rule called `{name}`"), "taken", None));
    }
    let is_taken = |word: &String| RULES.iter().any(|rule| rule.is_called(word)) || *word == name || *word == id;
    for key in ["formerly", "tags"] {
        let words = if key == "tags" { &fields.tags } else { &fields.formerly };
        if let Some(word) = words.iter().find(|word| is_taken(word)) {
            return Err(source.error(key, format!("a rule is called `{}`", printable(word)), "taken", None));
        }
    }
    let summary = field("summary", &fields.summary)?;
    let or_summary = |text: &str| leak(if text.trim().is_empty() { summary.trim() } else { text.trim() });
    Ok(Box::leak(Box::new(RuleMeta {
        id: leak(&id),
        name: leak(&name),
        severity: severity(&field("severity", &fields.severity)?).ok_or_else(|| missing(source, "severity"))?,
        life: Life {
            status: fields.status.unwrap_or(Status::Stable),
            since: fields.since.as_deref().map(leak),
            instead: fields.instead.as_deref().map(leak),
            formerly: leak_all(&fields.formerly),
        },
        tags: leak_all(&fields.tags),
        summary: leak(summary.trim()),
        why: or_summary(&fields.why),
        fix: or_summary(&fields.fix),
        path: leak(&source.file.shown),
        source: leak(&source.file.text),
        check: None,
    })))
}

/// What the rule looks for, and the names that its message may use.
fn body(source: &Source, fields: &Fields) -> Result<(Body, Vec<String>), RunError> {
    match (&fields.fact, &fields.when, &fields.language, &fields.query) {
        (Some(fact), Some(when), None, None) => {
            let Some((kind, _)) = views::KINDS.iter().find(|(kind, _)| kind == fact) else {
                let kinds: Vec<&str> = views::KINDS.iter().map(|(kind, _)| *kind).collect();
                let help = Some(format!("there are {}", kinds.join(", ")));
                return Err(source.error(
                    "fact",
                    format!("no fact is called `{}`", printable(fact)),
                    "no such fact",
                    help,
                ));
            };
            if !fields.words.is_empty() {
                return Err(source.error("words", "`words` goes with a query", "not here", None));
            }
            let names = views::names(kind).unwrap_or_default();
            let condition = Condition::new(when, &names).map_err(|fault| source.fault("when", when, fault))?;
            Ok((Body::When { kind, condition }, names.into_iter().map(str::to_owned).collect()))
        }
        (None, None, Some(language), Some(text)) => {
            let Some(grammar) = query::language(language) else {
                let help = Some(format!("there are {}", query::LANGUAGES.join(", ")));
                let what = format!("there are no queries for `{}`", printable(language));
                return Err(source.error("language", what, "no such language", help));
            };
            let pattern = query::Pattern::new(grammar, text, fields.words.clone())
                .map_err(|fault| source.fault("query", text, fault))?;
            let names = pattern.names();
            Ok((Body::Query(pattern), names))
        }
        (None, None, None, None) => {
            let help = "give it a `fact` and a condition `when`, or a `language` and a `query`".to_owned();
            Err(source.error(
                "",
                format!("{}: the rule looks for nothing", source.file.shown),
                "in this file",
                Some(help),
            ))
        }
        (Some(_), None, None, None) => Err(missing(source, "when")),
        (None, Some(_), None, None) => Err(missing(source, "fact")),
        (None, None, Some(_), None) => Err(missing(source, "query")),
        (None, None, None, Some(_)) => Err(missing(source, "language")),
        _ => {
            let key = if fields.query.is_some() { "query" } else { "language" };
            let help = Some("write two rules".to_owned());
            Err(source.error(key, "a rule has either a condition over facts or a query", "one too many", help))
        }
    }
}

fn patterns(source: &Source, paths: &[String]) -> Result<Exclude, RunError> {
    let mut patterns = Exclude::default();
    let texts: Vec<&str> = paths.iter().map(String::as_str).collect();
    patterns
        .add(Path::new("/"), &texts)
        .map_err(|(_, cause)| source.error("paths", format!("not a pattern: {cause}"), "here", None))?;
    Ok(patterns)
}
