//! Arguments as vLLM's own parser takes them: an argparse parser that also allows underscores in names, dotted names
//! for parts of JSON values, and options that are cut short.

use super::json;
use super::names::{self, Arity};
use super::pieces;
use crate::facts::{LaunchOption, TextPart, Word};
use crate::lang::programs::options::{literal_start, split_at_equals};
use crate::lang::programs::template::unknown_where_filled;
use crate::span::Span;

/// What a launch's arguments say.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Arguments {
    pub(crate) model: Option<Word>,
    pub(crate) options: Vec<LaunchOption>,
    /// Whether there may be more than was read.
    pub(crate) is_open: bool,
}

/// Reads arguments; none where they only ask for help or the version.
pub(super) fn read(words: &[Word]) -> Option<Arguments> {
    let filled = unknown_where_filled(words.to_vec());
    let words = filled.as_slice();
    let mut reader = Reader { words, at: 0, found: Arguments::default(), named_model: None };
    while let Some(word) = words.get(reader.at) {
        reader.at += 1;
        reader.word(word)?;
    }
    let Reader { mut found, named_model, .. } = reader;
    found.model = found.model.or(named_model);
    Some(found)
}

struct Reader<'a> {
    words: &'a [Word],
    /// The next word.
    at: usize,
    found: Arguments,
    /// The model by `--model`.
    named_model: Option<Word>,
}

impl Reader<'_> {
    /// Takes one word and the values that belong to it; none for a call for help.
    fn word(&mut self, word: &Word) -> Option<()> {
        match literal_start(word) {
            None => self.unknown(word),
            Some(start) if start.starts_with('-') && start.len() > 1 && !is_number(start) => return self.option(word),
            Some(_) => self.operand(word),
        }
        Some(())
    }

    /// The first operand is the model.
    fn operand(&mut self, word: &Word) {
        let is_stray_value = word.known().is_some_and(|word| matches!(word.as_str(), "" | "true" | "True" | "false"));
        if self.found.model.is_none() && !is_stray_value {
            self.found.model = Some(word.clone());
        }
    }

    /// A word that starts with a variable: the model, or any number of arguments.
    fn unknown(&mut self, word: &Word) {
        let may_be_more = match word.text.parts.as_slice() {
            [TextPart::Outer { name, default: None }] => {
                !name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_') || names::are_many(name)
            }
            [TextPart::Outer { name, default: Some(default) }] => {
                names::are_many(name) || default.by_default().is_none_or(|value| value.starts_with('-'))
            }
            [TextPart::Outer { .. }, ..] => false,
            _ => true,
        };
        if may_be_more || self.found.model.is_some() {
            self.found.is_open = true;
        } else {
            self.found.model = Some(word.clone());
        }
    }

    fn option(&mut self, word: &Word) -> Option<()> {
        let (written, glued) = match split_at_equals(word) {
            Some((name, value)) => (name, Some(value)),
            None => match word.known() {
                Some(name) => (name, None),
                // `--dtype$X`: nobody knows what it is.
                None => {
                    self.found.is_open = true;
                    return Some(());
                }
            },
        };
        if matches!(written.as_str(), "-h" | "--help" | "-v" | "--version") || written.starts_with("--help") {
            return None;
        }
        let start = word.span.range().start;
        let span = Span::new(start, start + written.len());
        let (name, span, glued) = match names::resolve(&written) {
            Some(name) => (name, span, glued),
            // `-O3`, `-qawq`: a value without a blank.
            None if !written.starts_with("--") && written.is_char_boundary(2) => {
                let name = names::resolve(&written[..2])?;
                let value = pieces::from(word, 2);
                let name = if name == "compilation-config"
                    && value.known().is_some_and(|value| value.bytes().all(|byte| byte.is_ascii_digit()))
                {
                    "optimization-level".to_owned()
                } else {
                    name
                };
                (name, Span::new(start, start + 2), Some(value))
            }
            None => return Some(()),
        };
        self.named(name, span, glued);
        Some(())
    }

    fn named(&mut self, name: String, span: Span, glued: Option<Word>) {
        if let Some(positive) = name.strip_prefix("no-").filter(|_| glued.is_none()) {
            let value = Some(Word::literal("false", span));
            self.found.options.push(LaunchOption { name: positive.to_owned(), span, value });
            return;
        }
        let value = match (glued, names::arity(&name)) {
            (Some(value), _) => Some(value),
            (None, Arity::Switch) => None,
            (None, Arity::One) => self.value(),
            (None, Arity::Many) => {
                let first = self.value();
                while self.value().is_some() {}
                first
            }
        };
        match name.as_str() {
            "model" | "model-tag" => self.named_model = value.or(self.named_model.take()),
            _ => {
                self.found.is_open |= name == "config";
                let parts = value.as_ref().map(|value| json::parts(&name, span, value)).unwrap_or_default();
                self.found.options.push(LaunchOption { name, span, value });
                self.found.options.extend(parts);
            }
        }
    }

    /// The next word, if it can be a value.
    fn value(&mut self) -> Option<Word> {
        let word = self.words.get(self.at)?;
        let is_option = literal_start(word).is_some_and(|start| start.starts_with('-') && !is_number(start));
        if is_option || is_all_arguments(word) {
            return None;
        }
        self.at += 1;
        Some(word.clone())
    }
}

/// `$@`, `$*`: any number of arguments, so that none of them is surely a value.
fn is_all_arguments(word: &Word) -> bool {
    matches!(word.text.parts.as_slice(), [TextPart::Outer { name, .. }] if matches!(name.as_str(), "@" | "*"))
}

/// `-1` is a value, not an option.
fn is_number(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}
