//! The parts of a module that are worth a parse.
//!
//! A grammar-driven parse costs a hundred times more than a scan of the bytes, and most statements of a file say nothing
//! of targets. So functions without a word that matters, and simple statements without one elsewhere, are left out:
//! `...` stands for them, and the parser skips the rest. Offsets stay those of the file.

use std::ops::Range;

use rustc_hash::FxHashSet;
use tree_sitter::Point;

use super::lines::{Line, LineKind, lines};

/// A module with what is left out.
pub(super) struct Focus<'a> {
    text: &'a str,
    lines: Vec<Line>,
    /// The outermost functions, as ranges of lines: the `def` line first.
    functions: Vec<Range<usize>>,
}

impl<'a> Focus<'a> {
    /// Splits a module into lines and functions.
    pub(super) fn new(text: &'a str) -> Self {
        let lines = lines(text);
        let functions = outermost_functions(&lines);
        Self { text, lines, functions }
    }

    /// The bytes of the outermost functions.
    pub(super) fn functions(&self) -> impl Iterator<Item = Range<usize>> {
        self.functions.iter().map(|lines| self.bytes(lines))
    }

    fn bytes(&self, lines: &Range<usize>) -> Range<usize> {
        self.lines[lines.start].first..self.lines[lines.end - 1].end
    }

    /// The text with `...` for what is left out: functions that are not among `kept`, and simple statements without
    /// one of `words` (offsets at which words stand, in order); and the ranges that remain to be parsed. Empty ranges
    /// mean the whole text.
    pub(super) fn text(&self, kept: &[Range<usize>], words: &[usize]) -> (String, Vec<tree_sitter::Range>) {
        let mut masked = Masked { bytes: self.text.as_bytes().to_vec(), skipped: Vec::new() };
        let holds: Vec<bool> = self.lines.iter().map(|line| holds_one(words, &(line.first..line.end))).collect();
        let assigned: FxHashSet<&str> = self
            .lines
            .iter()
            .zip(&holds)
            .filter(|&(_, &holds)| holds)
            .filter_map(|(line, _)| self.target(line))
            .collect();
        let mut functions = self.functions.iter().peekable();
        let mut at = 0;
        while at < self.lines.len() {
            let function = functions.next_if(|function| function.start == at);
            if let Some(function) = function
                && !kept.contains(&self.bytes(function))
            {
                if function.len() > 1 {
                    masked.stub(self.lines[function.start + 1].first, self.lines[function.end - 1].end);
                }
                at = function.end;
                continue;
            }
            // A statement that reads or rebinds a name which a kept statement binds must stay.
            let is_idle = |at: usize| {
                let line = &self.lines[at];
                line.kind == LineKind::Simple && !holds[at] && !self.names(line).any(|name| assigned.contains(name))
            };
            let mut end = at;
            while end < self.lines.len() && self.lines[end].indent == self.lines[at].indent && is_idle(end) {
                end += 1;
            }
            if end > at {
                masked.stub(self.lines[at].first, self.lines[end - 1].end);
                at = end;
            } else {
                at += 1;
            }
        }
        masked.finish()
    }

    /// The identifiers of a line, those in strings and comments among them.
    fn names(&self, line: &Line) -> impl Iterator<Item = &'a str> {
        self.text[line.first..line.end]
            .split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
            .filter(|name| !name.is_empty())
    }

    /// The name that a line assigns to, if it is a plain assignment.
    fn target(&self, line: &Line) -> Option<&'a str> {
        let text = &self.text[line.first..line.end];
        let name = &text
            [..text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')).count()];
        let rest = text[name.len()..].trim_start();
        let assigns =
            rest.starts_with('=') && !rest.starts_with("==") || rest.starts_with(':') || rest.get(1..2) == Some("=");
        let name = name.strip_prefix("self.").unwrap_or(name);
        (assigns && !name.is_empty()).then_some(name)
    }
}

/// Whether one of the offsets, which are in order, lies in a range.
pub(super) fn holds_one(offsets: &[usize], range: &Range<usize>) -> bool {
    offsets.get(offsets.partition_point(|&at| at < range.start)).is_some_and(|&at| at < range.end)
}

/// A copy of the text in the making.
struct Masked {
    bytes: Vec<u8>,
    skipped: Vec<Range<usize>>,
}

impl Masked {
    /// Puts `...` at `start` and leaves out the rest up to `end`.
    fn stub(&mut self, start: usize, end: usize) {
        const STUB: &[u8] = b"...";
        let end =
            start + self.bytes[start..end].iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at + 1);
        if end > start + STUB.len() {
            self.bytes[start..start + STUB.len()].copy_from_slice(STUB);
            self.bytes[start + STUB.len()..end].fill(b' ');
            self.skipped.push(start + STUB.len()..end);
        }
    }

    fn finish(self) -> (String, Vec<tree_sitter::Range>) {
        let mut ranges = Vec::new();
        let mut from = 0;
        for skipped in &self.skipped {
            ranges.push(range(from, skipped.start));
            from = skipped.end;
        }
        if !ranges.is_empty() && from < self.bytes.len() {
            ranges.push(range(from, self.bytes.len()));
        }
        // Only whole characters were replaced, so this is UTF-8 still.
        (String::from_utf8(self.bytes).unwrap_or_default(), ranges)
    }
}

/// Rows and columns are read by nobody: all that uses the tree counts bytes.
fn range(start_byte: usize, end_byte: usize) -> tree_sitter::Range {
    tree_sitter::Range {
        start_byte,
        end_byte,
        start_point: Point::new(0, start_byte),
        end_point: Point::new(0, end_byte),
    }
}

/// The functions that no other function encloses, as ranges of lines.
fn outermost_functions(lines: &[Line]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at].kind != LineKind::Function {
            at += 1;
            continue;
        }
        let indent = lines[at].indent;
        let length = lines[at + 1..].iter().take_while(|line| line.indent > indent).count();
        found.push(at..at + 1 + length);
        at += 1 + length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = "import os\nTABLE = {\n  'é': 1,\n}\nA = 1\n\n@cache\ndef first(a,\n          b):\n    '''def no(): x'''\n    return {\n  'x': 1}\n\nclass K:\n    def second(self):\n        x = 1\n        y = \"gfx942\"\n        x = 2; z = 3\n        y = f(x)\n        return y\n\n    # a remark\n    async def third(self): return 1\n\nX = 1\n";

    fn focused(text: &str) -> (String, Vec<tree_sitter::Range>) {
        let focus = Focus::new(text);
        let words: Vec<usize> = text.match_indices("gfx").map(|(at, _)| at).collect();
        let kept: Vec<_> = focus.functions().filter(|function| holds_one(&words, function)).collect();
        focus.text(&kept, &words)
    }

    #[test]
    fn outermost_functions_are_found_with_their_bodies() {
        let focus = Focus::new(MODULE);
        let texts: Vec<_> = focus.functions().map(|bytes| &MODULE[bytes]).collect();
        assert_eq!(texts.len(), 3);
        assert!(texts[0].starts_with("def first(a") && texts[0].trim_end().ends_with("'x': 1}"));
        assert!(texts[1].starts_with("def second") && texts[1].trim_end().ends_with("return y"));
    }

    #[test]
    fn what_is_left_out_keeps_its_length_and_leaves_a_statement() {
        let (masked, ranges) = focused(MODULE);
        assert_eq!(masked.len(), MODULE.len());
        let parsed: String = ranges.iter().map(|range| &masked[range.start_byte..range.end_byte]).collect();
        assert_eq!(
            parsed,
            "import os\n...\n\n@cache\ndef first(a,\n          b):\n    ...\n\nclass K:\n    def second(self):\n        ...\n        y = \"gfx942\"\n        ...\n        y = f(x)\n        return y\n\n    # a remark\n    async def third(self): return 1\n\n...\n"
        );
    }

    #[test]
    fn nothing_to_leave_out_is_the_whole_text() {
        assert_eq!(focused("gfx = 1\n").1, []);
    }

    proptest::proptest! {
        #[test]
        fn any_text_keeps_its_length_and_its_ranges_in_order(text in "(def |class |async |if x:|[a-z(){}'\"#\\\\:=\n\t ]|\"\"\"|é|gfx){0,80}") {
            let (masked, ranges) = focused(&text);
            proptest::prop_assert_eq!(masked.len(), text.len());
            proptest::prop_assert!(ranges.windows(2).all(|pair| pair[0].end_byte <= pair[1].start_byte));
        }
    }
}
