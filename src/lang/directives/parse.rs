//! The words of a directive: `gfxlint: ignore[GFX101, arch-gap] until=2027-01-01 reason`.

use crate::facts::{Date, Directive, Reach, Selector};
use crate::span::Span;

/// What every directive starts with.
pub(super) const MARK: &str = "gfxlint:";

/// Words that people use for what is called `ignore` here.
const MEANT: [&str; 9] =
    ["ignore-next-line", "ignore-line", "disable", "allow", "noqa", "skip", "suppress", "off", "nolint"];

/// Reads a directive whose mark starts at `start`; `end` is where its comment's text ends. None where the comment only
/// speaks of gfxlint.
pub(super) fn parse(text: &str, start: usize, end: usize) -> Option<Directive> {
    let mut at = start + MARK.len();
    at += blanks(&text[at..end]);
    let word_length = text[at..end].bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
    let (word, word_span) = (&text[at..at + word_length], Span::new(at, at + word_length));
    let mut directive = Directive {
        reach: if word == "ignore-file" { Reach::File } else { Reach::Regions(Vec::new()) },
        selectors: Vec::new(),
        reason: String::new(),
        until: None,
        span: Span::new(start, at + word_length),
        removal: Span::default(),
        is_value: false,
        is_shown: false,
        fault: None,
    };
    if !matches!(word, "ignore" | "ignore-file") {
        let is_meant = word.starts_with("ignore") || MEANT.contains(&word.to_ascii_lowercase().as_str());
        directive.fault = Some((format!("`{word}` is no word of gfxlint's; `ignore[...]` is"), word_span));
        return is_meant.then_some(directive);
    }
    at += word_length;
    at += blanks(&text[at..end]);
    let Some(close) = text[at..end].starts_with('[').then(|| text[at..end].find(']')).flatten() else {
        directive.fault = Some((format!("`{word}` names no rule; write `{word}[GFX101]`"), directive.span));
        return Some(directive);
    };
    let list = Span::new(at + 1, at + close);
    directive.span.end = Span::new(at, at + close + 1).end;
    directive.selectors = selectors(text, list);
    if directive.selectors.is_empty() {
        directive.fault = Some((format!("`{word}` names no rule; write `{word}[GFX101]`"), directive.span));
    }
    rest(text, at + close + 1, end, &mut directive);
    Some(directive)
}

/// The names in a list, each with what is cut out to remove it.
fn selectors(text: &str, list: Span) -> Vec<Selector> {
    let mut found: Vec<Selector> = Vec::new();
    let mut at = list.range().start;
    for part in list.text(text).split(',') {
        let name = part.trim();
        let start = at + part.len() - part.trim_start().len();
        let span = Span::new(start, start + name.len());
        // The comma in front goes with a name; the first one takes the comma behind it.
        let removal = if at == list.range().start {
            let behind = (at + part.len() + 1).min(list.range().end);
            Span::new(at, behind + blanks(&text[behind..list.range().end]))
        } else {
            Span::new(at - 1, at + part.len())
        };
        if !name.is_empty() {
            found.push(Selector { text: name.to_owned(), span, removal });
        }
        at += part.len() + 1;
    }
    found
}

/// The day and the reason behind the list.
fn rest(text: &str, start: usize, end: usize, directive: &mut Directive) {
    let rest = &text[start..end];
    let mut reason = rest.to_owned();
    if let Some(found) = rest.find("until=").filter(|&at| at == 0 || rest[..at].ends_with([' ', '\t', ',', ';', '('])) {
        let value = &rest[found + 6..];
        let length = value
            .find(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | ')'))
            .unwrap_or(value.len());
        let span = Span::new(start + found, start + found + 6 + length);
        match Date::parse(&value[..length]) {
            Some(date) => directive.until = Some((date, span)),
            None => {
                let cause = format!("`{}` is no day; write it as in until=2027-01-31", &value[..length]);
                directive.fault.get_or_insert((cause, span));
            }
        }
        directive.span = directive.span.hull(span);
        reason = format!("{} {}", rest[..found].trim_end(), value[length..].trim_start());
    }
    // What follows a blank and another `#` speaks to another tool.
    let own = reason.find(" #").map_or(reason.as_str(), |other| &reason[..other]);
    own.trim().trim_start_matches([':', '-', ',', ';', '\u{2014}']).trim().clone_into(&mut directive.reason);
}

pub(super) fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}
