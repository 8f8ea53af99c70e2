//! A script that is made of pieces of a file, and where each of its bytes stands there.

use std::borrow::Cow;
use std::ops::Range;

use crate::facts::TextPart;
use crate::span::Span;

/// Pieces of a file put together. Ranges are bytes of the joined text, spans are bytes of the file.
pub(crate) struct Joined<'a> {
    text: Cow<'a, str>,
    /// Where each piece starts in the joined text, and the piece.
    pieces: Vec<(usize, Span)>,
}

impl<'a> Joined<'a> {
    /// Joins pieces of `source`; empty ones, and ones that lie outside of it, are left out.
    pub fn new(source: &'a str, pieces: &[Span]) -> Self {
        let kept: Vec<Span> = pieces.iter().copied().filter(|piece| !piece.text(source).is_empty()).collect();
        if let [only] = kept.as_slice() {
            return Self { text: Cow::Borrowed(only.text(source)), pieces: vec![(0, *only)] };
        }
        let mut text = String::new();
        let mut starts = Vec::with_capacity(kept.len());
        for piece in kept {
            starts.push((text.len(), piece));
            text.push_str(piece.text(source));
        }
        Self { text: Cow::Owned(text), pieces: starts }
    }

    /// The joined text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A part of the joined text; empty where the range is none of characters.
    pub fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// Where a range stands in the file, skipped bytes within it included.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.offset(range.start);
        let end = if range.end > range.start { self.offset(range.end - 1) + 1 } else { start };
        Span::new(start, end)
    }

    /// The pieces of the file that make up a range.
    pub fn spans(&self, range: Range<usize>) -> impl Iterator<Item = Span> + '_ {
        let first = self.pieces.partition_point(|&(start, _)| start <= range.start).saturating_sub(1);
        let pieces = self.pieces.get(first..).unwrap_or_default();
        pieces.iter().take_while(move |&&(start, _)| start < range.end).filter_map(move |&(start, piece)| {
            let length = piece.range().len();
            let from = range.start.saturating_sub(start).min(length);
            let to = (range.end - start).min(length);
            (from < to).then(|| Span::new(piece.start as usize + from, piece.start as usize + to))
        })
    }

    /// A range as known text, one part for each piece of the file.
    pub fn literal(&self, range: Range<usize>) -> impl Iterator<Item = TextPart> + '_ {
        let mut at = range.start;
        self.spans(range).map(move |span| {
            let start = at;
            at += span.range().len();
            TextPart::Literal(self.slice(start..at).to_owned(), Some(span))
        })
    }

    /// Where a byte stands in the file; for the text's end, behind its last byte.
    fn offset(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|&(start, _)| start <= at).saturating_sub(1);
        self.pieces.get(index).map_or(0, |&(start, piece)| piece.start as usize + (at - start).min(piece.range().len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_map_back_to_the_file() {
        let source = "export X=a\\\nb && c";
        let joined = Joined::new(source, &[Span::new(0, 10), Span::new(12, 18)]);
        assert_eq!(joined.text(), "export X=ab && c");
        assert_eq!(joined.span(9..11).text(source), "a\\\nb");
        assert_eq!(joined.spans(9..11).map(|span| span.text(source)).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(joined.span(16..16), Span::new(18, 18));
    }
}
