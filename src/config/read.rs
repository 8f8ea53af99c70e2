//! Reads one configuration file: TOML to values with their places; whatever is unknown is an error.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, Key, Kind, meant, nearest};
use super::origin::{ConfigFile, Given, Origin};
use crate::error::RunError;
use crate::finding::{Confidence, FailOn, Severity};
use crate::report::printable;

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) extends: Vec<Given<String>>,
    pub(super) targets: Option<Given<Vec<String>>>,
    pub(super) select: Vec<Given<String>>,
    pub(super) ignore: Vec<Given<String>>,
    pub(super) preview: Option<Given<bool>>,
    pub(super) pedantic: Option<Given<bool>>,
    pub(super) fail_on: Option<Given<FailOn>>,
    pub(super) min_severity: Option<Given<Severity>>,
    pub(super) min_confidence: Option<Given<Confidence>>,
    pub(super) exclude: Vec<Given<String>>,
    pub(super) rules: Vec<Given<String>>,
    pub(super) knowledge: Vec<Given<String>>,
    pub(super) baseline: Option<Given<String>>,
    pub(super) vllm: Option<Given<String>>,
    pub(super) rocm: Option<Given<String>>,
    pub(super) severity: Vec<Given<(String, Severity)>>,
    pub(super) require_reason: Option<Given<bool>>,
    pub(super) forbid: Vec<Given<String>>,
    pub(super) per_path: Vec<PathPart>,
}

/// What a file says of some files.
#[derive(Debug)]
pub(super) struct PathPart {
    pub(super) origin: Origin,
    pub(super) paths: Vec<Given<String>>,
    pub(super) select: Vec<Given<String>>,
    pub(super) ignore: Vec<Given<String>>,
    pub(super) severity: Vec<Given<(String, Severity)>>,
    pub(super) targets: Option<Given<Vec<String>>>,
}

/// Reads a file.
///
/// # Errors
/// What is not TOML, and keys and values that mean nothing.
pub(super) fn read(file: &Arc<ConfigFile>) -> Result<Part, RunError> {
    let reader = Reader { file };
    let whole = DeTable::parse(&file.text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        reader.error(span, format!("{} is not TOML: {}", file.shown, error.message()), "here", None)
    })?;
    let whole = whole.into_inner();
    if !file.path.ends_with("pyproject.toml") {
        return reader.part(&whole);
    }
    let tool = whole.get("tool").and_then(|tool| tool.get_ref().get("gfxlint"));
    match tool.map(|own| (own.get_ref().as_table(), own.span())) {
        Some((Some(own), _)) => reader.part(own),
        Some((None, span)) => {
            Err(reader.error(span, "`tool.gfxlint` is not a table".to_owned(), "a table goes here", None))
        }
        None => Ok(Part::default()),
    }
}

/// Checks that a table of a file holds what its keys allow, and nothing else.
///
/// # Errors
/// The first key or value that means nothing.
pub(crate) fn check_table(file: &Arc<ConfigFile>, table: &DeTable<'_>, keys: &'static [Key]) -> Result<(), RunError> {
    Reader { file }.check(table, keys, "")
}

struct Reader<'f> {
    file: &'f Arc<ConfigFile>,
}

type Value<'v> = Spanned<DeValue<'v>>;

impl Reader<'_> {
    fn part(&self, table: &DeTable<'_>) -> Result<Part, RunError> {
        self.check(table, KEYS, "")?;
        let get = |key: &str| table.get(key);
        let in_table = |outer: &str, key: &'static str| get(outer).and_then(|value| value.get_ref().get(key));
        Ok(Part {
            extends: self.texts(get("extends")),
            targets: self.targets(get("targets")),
            select: self.texts(get("select")),
            ignore: self.texts(get("ignore")),
            preview: self.flag(get("preview")),
            pedantic: self.flag(get("pedantic")),
            fail_on: self.word(get("fail-on")),
            min_severity: self.word(get("min-severity")),
            min_confidence: self.word(get("min-confidence")),
            exclude: self.texts(get("exclude")),
            rules: self.texts(get("rules")),
            knowledge: self.texts(get("knowledge")),
            baseline: self.one_text(get("baseline")),
            vllm: self.one_text(in_table("versions", "vllm")),
            rocm: self.one_text(in_table("versions", "rocm")),
            severity: self.severities(get("severity")),
            require_reason: self.flag(in_table("suppressions", "require-reason")),
            forbid: self.texts(in_table("suppressions", "forbid")),
            per_path: self.per_path(get("per-path"))?,
        })
    }

    /// Checks that a table holds what its keys allow, and nothing else.
    fn check(&self, table: &DeTable<'_>, keys: &'static [Key], within: &str) -> Result<(), RunError> {
        for (name, value) in table {
            let Some(key) = keys.iter().find(|key| key.name == name.get_ref().as_ref()) else {
                return Err(self.unknown_key(name, keys, within));
            };
            self.check_value(value, key.kind, key.name)?;
        }
        Ok(())
    }

    fn check_value(&self, value: &Value<'_>, kind: Kind, name: &str) -> Result<(), RunError> {
        let wrong = |wanted: &str| {
            let what = format!("`{name}` is {wanted}, not {}", described(value.get_ref()));
            Err(self.error(value.span(), what, &format!("{wanted} goes here"), None))
        };
        match (kind, value.get_ref()) {
            (Kind::Flag, DeValue::Boolean(_)) => Ok(()),
            (Kind::Flag, _) => wrong("true or false"),
            (Kind::Text | Kind::TextOrStrings, DeValue::String(text)) => self.check_text(value.span(), text, name),
            (Kind::AnyText, DeValue::String(_)) => Ok(()),
            (Kind::Text | Kind::AnyText, _) => wrong("a string"),
            (Kind::Number, DeValue::Integer(number))
                if number.as_str().parse::<u32>().is_ok_and(|number| number > 0) =>
            {
                Ok(())
            }
            (Kind::Number, _) => wrong("a number from 1 on"),
            (Kind::Texts, DeValue::Table(table)) => match table.values().find(|value| !value.get_ref().is_str()) {
                Some(value) => {
                    Err(self.error(value.span(), format!("`{name}` holds strings"), "a string goes here", None))
                }
                None => Ok(()),
            },
            (Kind::Strings | Kind::TextOrStrings, DeValue::Array(items)) => {
                for item in items {
                    let DeValue::String(text) = item.get_ref() else {
                        let what = format!("`{name}` is a list of strings, and this is {}", described(item.get_ref()));
                        return Err(self.error(item.span(), what, "a string goes here", None));
                    };
                    self.check_text(item.span(), text, name)?;
                }
                Ok(())
            }
            (Kind::Strings, DeValue::String(text)) => {
                let help = Some(format!("write {name} = [{text:?}]"));
                Err(self.error(value.span(), format!("`{name}` is a list of strings"), "a list goes here", help))
            }
            (Kind::Strings | Kind::TextOrStrings, _) => wrong("a list of strings"),
            (Kind::Choice(words), DeValue::String(word)) => self.check_word(value.span(), word, words, name),
            (Kind::Choice(_), _) => wrong("a string"),
            (Kind::Named(words), DeValue::Table(table)) => {
                for (own, value) in table {
                    let DeValue::String(word) = value.get_ref() else {
                        let what = format!("the severity of `{}` is not a string", printable(own.get_ref()));
                        return Err(self.error(value.span(), what, "a string goes here", None));
                    };
                    self.check_word(value.span(), word, words, name)?;
                }
                Ok(())
            }
            (Kind::Table(keys), DeValue::Table(table)) => self.check(table, keys, name),
            (Kind::Named(_) | Kind::Table(_) | Kind::Texts, _) => wrong("a table"),
            (Kind::Tables(keys), DeValue::Array(items)) => {
                for item in items {
                    let DeValue::Table(table) = item.get_ref() else {
                        let what = format!("`{name}` is a list of tables, and this is {}", described(item.get_ref()));
                        return Err(self.error(item.span(), what, &format!("write [[{name}]]"), None));
                    };
                    self.check(table, keys, name)?;
                }
                Ok(())
            }
            (Kind::Tables(_), _) => {
                let what = format!("`{name}` is a list of tables, not {}", described(value.get_ref()));
                Err(self.error(value.span(), what, "here", Some(format!("write [[{name}]], with two brackets"))))
            }
        }
    }

    fn check_text(&self, span: Range<usize>, text: &str, name: &str) -> Result<(), RunError> {
        if text.trim().is_empty() {
            return Err(self.error(span, format!("`{name}` holds an empty string"), "nothing stands here", None));
        }
        Ok(())
    }

    fn check_word(&self, span: Range<usize>, word: &str, words: &[&'static str], name: &str) -> Result<(), RunError> {
        if words.contains(&word) {
            return Ok(());
        }
        let help = if name == "severity" && matches!(word, "off" | "ignore" | "none" | "allow") {
            "to leave a rule out, put it into `ignore`".to_owned()
        } else {
            let meant = nearest(words.iter().copied(), &word.to_lowercase());
            let meant = meant.map(|meant| format!("did you mean {meant:?}? ")).unwrap_or_default();
            format!("{meant}`{name}` takes {}", words.join(", "))
        };
        let what = format!("`{}` is no value of `{name}`", printable(word));
        Err(self.error(span, what, "not a value", Some(help)))
    }

    fn unknown_key(&self, name: &Spanned<std::borrow::Cow<'_, str>>, keys: &'static [Key], within: &str) -> RunError {
        let written = name.get_ref();
        let place = if within.is_empty() { String::new() } else { format!(" in `{within}`") };
        let what = format!("there is no key `{}`{place}", printable(written));
        let help = meant(keys, written).map_or_else(
            || format!("the keys are {}", keys.iter().map(|key| key.name).collect::<Vec<_>>().join(", ")),
            |meant| format!("did you mean `{meant}`?"),
        );
        self.error(name.span(), what, "unknown", Some(help))
    }

    fn texts(&self, value: Option<&Value<'_>>) -> Vec<Given<String>> {
        let given = |item: &Value<'_>| {
            Some(Given { value: item.get_ref().as_str()?.to_owned(), origin: self.origin(item.span()) })
        };
        match value.map(Spanned::get_ref) {
            Some(DeValue::Array(items)) => items.iter().filter_map(given).collect(),
            _ => value.and_then(given).into_iter().collect(),
        }
    }

    fn one_text(&self, value: Option<&Value<'_>>) -> Option<Given<String>> {
        self.texts(value).pop()
    }

    /// One of several words, as the command line writes them.
    fn word<T: clap::ValueEnum>(&self, value: Option<&Value<'_>>) -> Option<Given<T>> {
        let given = self.one_text(value)?;
        Some(Given { value: T::from_str(&given.value, false).ok()?, origin: given.origin })
    }

    fn flag(&self, value: Option<&Value<'_>>) -> Option<Given<bool>> {
        let value = value?;
        Some(Given { value: value.get_ref().as_bool()?, origin: self.origin(value.span()) })
    }

    fn severities(&self, value: Option<&Value<'_>>) -> Vec<Given<(String, Severity)>> {
        let table = value.and_then(|value| value.get_ref().as_table());
        let entry = |(name, value): (&Spanned<std::borrow::Cow<'_, str>>, &Value<'_>)| {
            let severity = severity(value.get_ref().as_str()?)?;
            let at = name.span().start..value.span().end;
            Some(Given { value: (name.get_ref().to_string(), severity), origin: self.origin(at) })
        };
        table.into_iter().flatten().filter_map(entry).collect()
    }

    /// Targets are one value: a file's list takes the place of another's.
    fn targets(&self, value: Option<&Value<'_>>) -> Option<Given<Vec<String>>> {
        let value = value?;
        let names = self.texts(Some(value)).into_iter().map(|given| given.value).collect();
        Some(Given { value: names, origin: self.origin(value.span()) })
    }

    fn per_path(&self, value: Option<&Value<'_>>) -> Result<Vec<PathPart>, RunError> {
        let mut found = Vec::new();
        for item in value.and_then(|value| value.get_ref().as_array()).into_iter().flatten() {
            let get = |key: &'static str| item.get_ref().get(key);
            let part = PathPart {
                origin: self.origin(item.span()),
                paths: self.texts(get("paths")),
                select: self.texts(get("select")),
                ignore: self.texts(get("ignore")),
                severity: self.severities(get("severity")),
                targets: self.targets(get("targets")),
            };
            if part.paths.is_empty() {
                let help = Some("add paths = [\"tests/\"], or whatever it is about".to_owned());
                return Err(self.error(item.span(), "`per-path` without `paths`".to_owned(), "which files?", help));
            }
            found.push(part);
        }
        Ok(found)
    }

    fn origin(&self, at: Range<usize>) -> Origin {
        Origin::File(Arc::clone(self.file), at)
    }

    fn error(&self, at: Range<usize>, what: String, label: &str, help: Option<String>) -> RunError {
        self.origin(at).error(what, label, help)
    }
}

fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The severity of that name.
pub(crate) fn severity(name: &str) -> Option<Severity> {
    [Severity::Error, Severity::Warning, Severity::Note].into_iter().find(|severity| severity.name() == name)
}
