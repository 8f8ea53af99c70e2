//! The parts of a module that are worth a parse.
//!
//! A grammar-driven parse costs a hundred times more than a scan of the bytes, and most statements of a file say nothing
//! of targets. So functions without a word that matters, and simple statements without one elsewhere, are left out:
//! `...` stands for them, and the parser skips the rest. Offsets stay those of the file.

use std::ops::Range;

use rustc_hash::FxHashSet;
use tree_sitter::Point;

use super::lines::{Line, LineKind, lines};

/// Where a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// Outside of functions.
    Outside,
    /// In a function that is read.
    Kept,
    /// In one that is not.
    LeftOut,
}

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

    /// The text with `...` for what is left out: functions that are not among `kept`, and statements that do not touch
    /// `words` (offsets at which words stand, in order); and the ranges that remain to be parsed. Empty ranges mean the
    /// whole text.
    pub(super) fn text(&self, kept: &[Range<usize>], words: &[usize]) -> (String, Vec<tree_sitter::Range>) {
        let interest = self.interest(kept, words);
        let mut masked = Masked { bytes: self.text.as_bytes().to_vec(), skipped: Vec::new() };
        self.mask(0..self.lines.len(), &interest, &mut masked);
        masked.finish()
    }

    /// Whether each line has to be parsed: it holds a word, or a name that such a line binds; it imports a name that
    /// such a line uses; or the value of a kept function depends on it.
    fn interest(&self, kept: &[Range<usize>], words: &[usize]) -> Vec<bool> {
        let mut state = vec![Where::Outside; self.lines.len()];
        for function in &self.functions {
            let place = if kept.contains(&self.bytes(function)) { Where::Kept } else { Where::LeftOut };
            state[function.clone()].fill(place);
        }
        let holds: Vec<bool> = self
            .lines
            .iter()
            .zip(&state)
            .map(|(line, place)| *place != Where::LeftOut && holds_one(words, &(line.first..line.end)))
            .collect();
        let told = || self.lines.iter().zip(&holds).filter(|&(_, &holds)| holds).map(|(line, _)| line);
        let bound: FxHashSet<&str> = told().filter_map(|line| self.target(line)).collect();
        let used: FxHashSet<&str> = told().flat_map(|line| self.names(line)).collect();
        let touches = |line: &Line, names: &FxHashSet<&str>| {
            !names.is_empty() && self.names(line).any(|name| names.contains(name))
        };
        let interesting = |(at, line): (usize, &Line)| match (state[at], line.kind) {
            (Where::LeftOut, _) => false,
            _ if holds[at] => true,
            (_, LineKind::Import) => touches(line, &used),
            (Where::Kept, LineKind::Function) | (_, LineKind::Exit) => true,
            _ => touches(line, &bound),
        };
        self.lines.iter().enumerate().map(interesting).collect()
    }

    /// Leaves out the statements of a block in which no line is of interest.
    fn mask(&self, block: Range<usize>, interest: &[bool], masked: &mut Masked) {
        let mut at = block.start;
        let mut idle: Option<Range<usize>> = None;
        while at < block.end {
            let statement = self.statement(at, block.end);
            // `...` cannot stand for the cases of a `match`.
            let is_case = self.lines[at].kind == LineKind::Clause;
            if is_case || statement.clone().any(|line| interest[line]) {
                if let Some(idle) = idle.take() {
                    masked.stub(self.bytes(&idle));
                }
                self.mask_bodies(&statement, interest, masked);
            } else {
                idle = Some(idle.map_or(statement.start, |idle| idle.start)..statement.end);
            }
            at = statement.end;
        }
        if let Some(idle) = idle {
            masked.stub(self.bytes(&idle));
        }
    }

    /// Goes into the bodies of a statement that is kept.
    fn mask_bodies(&self, statement: &Range<usize>, interest: &[bool], masked: &mut Masked) {
        let indent = self.lines[statement.start].indent;
        let mut at = statement.start;
        while at < statement.end {
            let body = at + 1
                ..at + 1 + self.lines[at + 1..statement.end].iter().take_while(|line| line.indent > indent).count();
            if !body.is_empty() {
                self.mask(body.clone(), interest, masked);
            }
            at = body.end;
        }
    }

    /// The statement that starts at a line: its decorators, its body, and the clauses that go with it.
    fn statement(&self, start: usize, end: usize) -> Range<usize> {
        let indent = self.lines[start].indent;
        let mut at = start;
        loop {
            let decorates = self.lines[at].kind == LineKind::Decorator;
            at += 1;
            while at < end && self.lines[at].indent > indent {
                at += 1;
            }
            let goes_on =
                at < end && self.lines[at].indent == indent && (decorates || self.lines[at].kind == LineKind::Clause);
            if !goes_on {
                return start..at;
            }
        }
    }

    /// The identifiers of a line, those in strings and comments among them.
    fn names(&self, line: &Line) -> impl Iterator<Item = &'a str> {
        let text = &self.text[line.first..line.end];
        let mut rest = text.as_bytes();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        std::iter::from_fn(move || {
            rest = &rest[rest.iter().position(is_part)?..];
            let start = text.len() - rest.len();
            let length = rest.iter().take_while(|byte| is_part(byte)).count();
            rest = &rest[length..];
            text.get(start..start + length)
        })
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
    /// Puts `...` at the start of a part and leaves out the rest of it.
    fn stub(&mut self, part: Range<usize>) {
        const STUB: &[u8] = b"...";
        let Range { start, end } = part;
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
        let kept = "...\n\nclass K:\n    def second(self):\n        ...\n        y = \"gfx942\"\n        ...\n        y = f(x)\n        return y\n\n    # a remark\n    ...\n\n...\n";
        assert_eq!(parsed, kept);
    }

    #[test]
    fn control_flow_is_kept_where_a_function_depends_on_it() {
        let text = "from a import (\n  on_it,\n)\nfrom b import c\nif c:\n    D = 1\ndef f(x):\n    for y in x:\n        y()\n    if x:\n        zed()\n        return False\n    elif on_it('gfx9'):\n        wow()\n    match x:\n        case 1:\n            vim()\n        case _:\n            return 1\n    return g()\n";
        let (masked, ranges) = focused(text);
        let parsed: String = ranges.iter().map(|range| &masked[range.start_byte..range.end_byte]).collect();
        let kept = "from a import (\n  on_it,\n)\n...\ndef f(x):\n    ...\n    if x:\n        ...\n        return False\n    elif on_it('gfx9'):\n        ...\n    match x:\n        case 1:\n            ...\n        case _:\n            return 1\n    return g()\n";
        assert_eq!(parsed, kept);
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
