//! Parts of words, with where they stand.

use crate::facts::{Text, TextPart, Word};
use crate::span::Span;

/// What stands behind the first `count` bytes of a word, which are literal.
pub(super) fn from(word: &Word, count: usize) -> Word {
    let mut parts = word.text.parts.clone();
    if let Some(TextPart::Literal(text, at)) = parts.first_mut() {
        *at = at
            .filter(|at| at.range().len() == text.len())
            .map(|at| Span::new(at.range().start + count, at.range().end));
        *text = text.get(count..).unwrap_or_default().to_owned();
    }
    let start = (word.span.range().start + count).min(word.span.range().end);
    Word { text: Text { parts }, span: Span::new(start, word.span.range().end) }
}

/// The parts of a word between separators. Brackets and quotes do not count: no value that matters holds any.
pub(in crate::lang::programs) fn split(word: &Word, separator: char) -> Vec<Word> {
    let mut found = vec![Word { text: Text::default(), span: Span::new(word.span.range().end, word.span.range().end) }];
    for part in &word.text.parts {
        let TextPart::Literal(text, at) = part else {
            add(&mut found, part.clone(), word.span);
            continue;
        };
        // Where the text is not what stands in the file, the whole word has to do.
        let at = at.filter(|at| at.range().len() == text.len());
        let mut offset = 0;
        for (index, piece) in text.split(separator).enumerate() {
            let span = at.map(|at| Span::new(at.range().start + offset, at.range().start + offset + piece.len()));
            let place = span.unwrap_or(word.span);
            if index > 0 {
                found.push(Word { text: Text::default(), span: place });
            }
            if !piece.is_empty() {
                add(&mut found, TextPart::Literal(piece.to_owned(), span), place);
            }
            offset += piece.len() + separator.len_utf8();
        }
    }
    found
}

fn add(found: &mut [Word], part: TextPart, place: Span) {
    if let Some(last) = found.last_mut() {
        last.span = if last.text.parts.is_empty() { place } else { last.span.hull(place) };
        last.text.parts.push(part);
    }
}
