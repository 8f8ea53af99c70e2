//! Values that commands make: `$(echo $X | sed ...)`, `$(lookup || echo "v")`, `${X//a/b}`.

use std::ops::Range;

use super::expand::{Expander, Variable, referenced};
use super::items::{Item, Simple, Then, items};
use super::joined::Joined;
use super::{operator, scan, sed};
use crate::facts::{Filter, FilterUse, Text, TextPart};
use crate::span::Span;

/// A word's value and where it comes from.
#[derive(Debug, Clone, Default)]
pub(super) struct Value {
    pub text: Text,
    /// Where the variable was set of which the word is a plain reference, or that goes into the filter.
    pub via: Option<Span>,
    pub filter: Option<FilterUse>,
    /// What is printed when a look-up fails: the word that says so, and what it amounts to.
    pub fallback: Option<(Range<usize>, Text)>,
}

impl Value {
    fn of(text: Text) -> Self {
        Self { text, ..Self::default() }
    }
}

impl Expander<'_> {
    /// The value of a word.
    pub(super) fn word(&self, word: Range<usize>) -> Value {
        let raw = self.joined.slice(word.clone());
        if let Some(inner) = whole_substitution(self.joined, word.clone()) {
            return self.output(inner);
        }
        if let Some((name, filter)) = operator::whole_replacement(raw) {
            let input = self.scope.variable(name);
            let via = input.as_ref().and_then(|variable| variable.at);
            return filtered(self.joined.span(word), self.value(name), vec![filter], true, via);
        }
        let via = referenced(raw).and_then(|name| self.scope.variable(name)).and_then(|variable: Variable| variable.at);
        Value { via, ..Value::of(self.expand(word, false)) }
    }

    /// What the commands of a substitution print.
    pub(super) fn output(&self, script: Range<usize>) -> Value {
        let unknown = || Value::of(Text::unknown());
        let Some(commands) = commands(self.joined.text(), script.clone()) else { return unknown() };
        let [first, rest @ ..] = commands.as_slice() else { return Value::default() };
        let piped = commands.iter().rev().skip(1).all(|command| command.then == Then::Pipe);
        if !piped {
            let fallback = match commands.as_slice() {
                [.., before, last] if before.then == Then::Or => self.printed_word(last),
                _ => None,
            };
            return Value { fallback, ..unknown() };
        }
        let span = self.joined.span(script);
        if let Some(here) = &first.here_string {
            let source = self.word(here.clone());
            let (filters, complete) = self.filters(&commands);
            return filtered(span, source.text, filters, complete, source.via);
        }
        let Some(source) = self.printed(first) else { return unknown() };
        if rest.is_empty() {
            return source;
        }
        let (filters, complete) = self.filters(rest);
        filtered(span, source.text, filters, complete, source.via)
    }

    /// The filters of these commands up to the first that is not understood, and whether all are.
    fn filters(&self, commands: &[Simple]) -> (Vec<Filter>, bool) {
        let mut found = Vec::new();
        for command in commands {
            let known: Option<Vec<String>> =
                command.words.iter().map(|word| self.expand(word.clone(), false).known()).collect();
            let Some((name, arguments)) = known.as_deref().and_then(<[String]>::split_first) else {
                return (found, false);
            };
            let Some(filters) = sed::filters(name, arguments) else { return (found, false) };
            found.extend(filters);
        }
        (found, true)
    }

    /// What `echo` or `printf` prints.
    fn printed(&self, command: &Simple) -> Option<Value> {
        match self.printed_words(command)?.as_slice() {
            [] => Some(Value::default()),
            [only] => Some(self.word(only.clone())),
            several => {
                let mut text = Text::default();
                for (index, word) in several.iter().enumerate() {
                    if index > 0 {
                        text.parts.push(TextPart::Literal(" ".to_owned(), None));
                    }
                    text.parts.extend(self.expand(word.clone(), false).parts);
                }
                Some(Value::of(text))
            }
        }
    }

    /// The single word that a command prints, without quotes, and what it amounts to.
    fn printed_word(&self, command: &Simple) -> Option<(Range<usize>, Text)> {
        let words = self.printed_words(command)?;
        let [word] = words.as_slice() else { return None };
        Some((unquoted(self.joined, word.clone()), self.expand(word.clone(), false)))
    }

    /// The words that a command prints; none if it is another command.
    fn printed_words(&self, command: &Simple) -> Option<Vec<Range<usize>>> {
        let raw = |word: &Range<usize>| self.joined.slice(word.clone());
        let (name, words) = command.words.split_first()?;
        match raw(name) {
            "echo" => Some(words.iter().skip_while(|word| matches!(raw(word), "-n" | "-e" | "-ne")).cloned().collect()),
            "printf" => match words {
                [only] if !raw(only).contains(['%', '\\']) => Some(vec![only.clone()]),
                [format, only] if matches!(raw(format).trim_matches(['"', '\'']), "%s" | "%s\\n") => {
                    Some(vec![only.clone()])
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// The simple commands of a script; none if it has brackets or is incomplete.
fn commands(text: &str, script: Range<usize>) -> Option<Vec<Simple>> {
    let items = items(text, script).into_iter().filter(|item| !matches!(item, Item::Comment(_)));
    items.map(|item| if let Item::Command(command) = item { Some(command) } else { None }).collect()
}

fn filtered(span: Span, input: Text, filters: Vec<Filter>, complete: bool, via: Option<Span>) -> Value {
    let filter = FilterUse { span, input, filters };
    let made = filter.input.known().filter(|_| complete).and_then(|input| filter.evaluate(&input));
    Value {
        text: made.map_or_else(Text::unknown, |made| Text::literal(made, None)),
        via,
        filter: Some(filter),
        fallback: None,
    }
}

/// The script of a word that is one command substitution and nothing else, quotes aside.
pub(super) fn whole_substitution(joined: &Joined<'_>, word: Range<usize>) -> Option<Range<usize>> {
    let word = unquoted(joined, word);
    let (bytes, raw) = (joined.text().as_bytes(), joined.slice(word.clone()));
    if raw.starts_with("$(") && !raw.starts_with("$((") {
        return (scan::paren_end(bytes, word.start + 2, word.end) == Some(word.end))
            .then(|| word.start + 2..word.end - 1);
    }
    let whole = raw.starts_with('`') && scan::plain_end(bytes, word.start + 1, word.end, b'`') == Some(word.end);
    whole.then(|| word.start + 1..word.end - 1)
}

/// A word without the quotes around it, if one pair encloses it.
pub(super) fn unquoted(joined: &Joined<'_>, word: Range<usize>) -> Range<usize> {
    let raw = joined.slice(word.clone());
    let inner = word.start + 1..word.end.saturating_sub(1);
    let bytes = joined.text().as_bytes();
    let quotation_end = match raw.as_bytes() {
        [b'\'', _, ..] => scan::plain_end(bytes, word.start + 1, word.end, b'\''),
        [b'"', _, ..] => scan::quotation_end(bytes, word.start, word.end),
        _ => None,
    };
    // `"a"b"c"` is not one quotation.
    if quotation_end == Some(word.end) { inner } else { word }
}
