//! Words of commands that a template engine fills in before any shell sees them: Helm, Jinja, autoconf.

use crate::facts::{Text, TextPart, Word};
use crate::span::Span;

/// What a template's expression starts and ends with.
const MARKS: &[(&str, &str)] = &[("{{", "}}"), ("{%", "%}"), ("<%", "%>")];

/// Words in which expressions of a template are values that nobody knows. An expression with blanks in it is one word.
pub(super) fn unknown_where_filled(words: Vec<Word>) -> Vec<Word> {
    let is_open = |word: &Word| literal(word).is_some_and(|text| MARKS.iter().any(|(start, _)| text.contains(start)));
    if !words.iter().any(is_open) {
        return words;
    }
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    // The word that an expression began in, and what ends it.
    let mut begun: Option<(Word, &str)> = None;
    for word in words {
        let text = literal(&word).unwrap_or_default().to_owned();
        if let Some((mut whole, end)) = begun.take() {
            whole.span = whole.span.hull(word.span);
            match text.find(end) {
                Some(at) => {
                    push_tail(&mut whole, &text[at + end.len()..], word.span);
                    out.push(whole);
                }
                None => begun = Some((whole, end)),
            }
            continue;
        }
        let found = MARKS.iter().filter_map(|(start, end)| Some((text.find(start)?, start.len(), *end))).min();
        let Some((at, length, end)) = found else {
            out.push(word);
            continue;
        };
        let start = word.span.range().start;
        let mut whole = Word { text: Text::default(), span: word.span };
        if at > 0 {
            whole.text.parts.push(TextPart::Literal(text[..at].to_owned(), Some(Span::new(start, start + at))));
        }
        whole.text.parts.push(TextPart::Unknown);
        match text[at + length..].find(end) {
            Some(behind) => {
                push_tail(&mut whole, &text[at + length + behind + end.len()..], word.span);
                out.push(whole);
            }
            None => begun = Some((whole, end)),
        }
    }
    out.extend(begun.map(|(whole, _)| whole));
    out
}

/// The text of a word that stands in the file as it is.
fn literal(word: &Word) -> Option<&str> {
    match word.text.parts.as_slice() {
        [TextPart::Literal(text, Some(_))] => Some(text),
        _ => None,
    }
}

/// What follows an expression in the word that ends it.
fn push_tail(whole: &mut Word, tail: &str, word: Span) {
    let more = MARKS.iter().any(|(start, _)| tail.contains(start));
    if more {
        whole.text.parts.push(TextPart::Unknown);
    } else if !tail.is_empty() {
        let end = word.range().end;
        whole.text.parts.push(TextPart::Literal(tail.to_owned(), Some(Span::new(end - tail.len(), end))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Vec<Option<String>> {
        let mut at = 0;
        let words = text
            .split(' ')
            .map(|word| {
                let start = at;
                at += word.len() + 1;
                Word::literal(word, Span::new(start, start + word.len()))
            })
            .collect();
        unknown_where_filled(words).iter().map(Word::known).collect()
    }

    #[test]
    fn expressions_are_one_unknown_word() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(filled("vllm serve --dtype half"), ["vllm", "serve", "--dtype", "half"].map(some));
        assert_eq!(filled("--dtype {{ .Values.dtype }} x"), [some("--dtype"), None, some("x")]);
        assert_eq!(filled("{{x}} --tag=v{{ y | quote }}b z"), [None, None, some("z")]);
        assert_eq!(filled("a {% if x %} b"), [some("a"), None, some("b")]);
        assert_eq!(filled("a {{ b c"), [some("a"), None]);
    }
}
