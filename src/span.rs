//! Where something stands: bytes inside the tool, lines and columns only at its edge.

use serde::{Deserialize, Serialize};

/// The index of a file in one run's [`crate::source::Sources`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just behind the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `start..end`; offsets beyond 4 GiB do not occur, since such files are refused on reading.
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The span of a syntax node.
    pub fn of(node: tree_sitter::Node<'_>) -> Self {
        Self::new(node.start_byte(), node.end_byte())
    }

    /// The smallest span that covers both.
    pub fn hull(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `other` lies within this span.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The span as a range of `usize`, to slice text with.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The bytes of `text` that the span covers; empty where it lies outside.
    pub fn text(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }

    /// Moves the span by `by` bytes to the right.
    pub fn shifted(self, by: usize) -> Self {
        Self::new(self.start as usize + by, self.end as usize + by)
    }
}

/// A span in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes in it.
    pub span: Span,
}

/// A 1-based line and column, the column counted in UTF-16 code units.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in UTF-16 code units.
    pub column: u32,
}

/// The offsets at which the lines of a text start; computed for files with findings only.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// UTF-16 units before each [`CHUNK`] of the text, so that a place far into a long line is found as fast as any;
    /// empty where every byte is one.
    units: Vec<u32>,
}

/// Bytes between two entries of `LineIndex::units`.
const CHUNK: usize = 1024;

/// The UTF-16 units of UTF-8 text, also of a part that is cut within a character: each is counted where it starts.
fn units(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(byte & 0xc0 != 0x80) + u32::from(*byte >= 0xf0)).sum()
}

/// The UTF-16 units in front of each chunk.
fn units_before_chunks(bytes: &[u8]) -> Vec<u32> {
    let mut before = 0;
    let mut found = Vec::with_capacity(bytes.len() / CHUNK + 1);
    for chunk in bytes.chunks(CHUNK) {
        found.push(before);
        before += units(chunk);
    }
    found
}

impl LineIndex {
    /// Indexes `text`. `\n`, `\r\n` and a lone `\r` end a line, as editors count them.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                continue;
            }
            starts.push(Span::new(at + 1, at + 1).start);
        }
        let units = if text.is_ascii() { Vec::new() } else { units_before_chunks(bytes) };
        Self { starts, units }
    }

    /// The UTF-16 units in front of an offset.
    fn units_before(&self, text: &str, offset: usize) -> u32 {
        match self.units.get(offset / CHUNK) {
            Some(before) => before + units(&text.as_bytes()[offset / CHUNK * CHUNK..offset]),
            None => self.units.last().map_or(Span::new(offset, offset).start, |before| {
                before + units(&text.as_bytes()[(self.units.len() - 1) * CHUNK..offset])
            }),
        }
    }

    /// The number of lines; a final newline starts one more, empty line.
    pub fn lines(&self) -> usize {
        self.starts.len()
    }

    /// The 0-based line that holds the byte at `offset`.
    pub fn line_of(&self, offset: u32) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// The bytes of a 0-based line, without its line end.
    pub fn line_span(&self, text: &str, line: usize) -> Span {
        let start = self.starts.get(line).map_or(text.len(), |&at| at as usize);
        let end = self.starts.get(line + 1).map_or(text.len(), |&at| at as usize);
        let body = text.get(start..end).unwrap_or_default();
        Span::new(start, start + body.trim_end_matches(['\n', '\r']).len())
    }

    /// The line and UTF-16 column of the byte at `offset`.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let offset = offset.min(Span::new(text.len(), text.len()).start);
        let line = self.line_of(offset);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let column = self.units_before(text, offset as usize) - self.units_before(text, start as usize);
        Position { line: u32::try_from(line + 1).unwrap_or(u32::MAX), column: column + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_utf16_units_and_all_line_ends() {
        let text = "a\r\né😀x\rlast";
        let index = LineIndex::new(text);
        let at = |needle: &str| {
            let offset = text.find(needle).unwrap();
            index.position(text, Span::new(offset, offset).start)
        };
        assert_eq!(at("x"), Position { line: 2, column: 4 });
        assert_eq!(at("last"), Position { line: 3, column: 1 });
        assert_eq!(index.lines(), 3);
        assert_eq!(index.line_span(text, 1).text(text), "é😀x");
    }

    #[test]
    fn columns_of_long_lines_are_counted_like_those_of_short_ones() {
        let text = format!("{}\n{}", "aé😀".repeat(700), "😀é€b".repeat(900));
        let index = LineIndex::new(&text);
        let mut expected = Position { line: 1, column: 1 };
        for (offset, letter) in text.char_indices() {
            assert_eq!(index.position(&text, Span::new(offset, offset).start), expected, "{offset}");
            expected.column += u32::from(letter.len_utf16() == 2) + 1;
            if letter == '\n' {
                expected = Position { line: 2, column: 1 };
            }
        }
        assert_eq!(index.position(&text, u32::MAX), expected);
        let whole = "é".repeat(CHUNK);
        assert_eq!(LineIndex::new(&whole).position(&whole, u32::MAX).column, Span::new(CHUNK, CHUNK).start + 1);
    }

    #[test]
    fn an_offset_behind_the_end_is_the_end() {
        let index = LineIndex::new("ab");
        assert_eq!(index.position("ab", 99), Position { line: 1, column: 3 });
    }
}
