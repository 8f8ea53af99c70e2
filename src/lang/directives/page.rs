//! A file as lines: which of them belong together, and where its comments are.

use crate::span::{LineIndex, Span};

/// A line of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// Its bytes, without the line end.
    pub(super) span: Span,
    /// Whether anything but comments and blanks stands on it.
    pub(super) has_code: bool,
    /// Whether a comment stands on it.
    pub(super) has_comment: bool,
    /// Whether the statement goes on on the next line.
    pub(super) joined: bool,
    /// Whether the smaller statement within it (a command of a script) goes on on the next line.
    pub(super) joined_within: bool,
    /// How many brackets are open in front of it, and behind it.
    pub(super) height: (usize, usize),
}

/// A comment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comment {
    /// All of it, with what opens and closes it.
    pub(super) span: Span,
    /// Whether it stands where the language has no comments, so that it is part of a value.
    pub(super) is_value: bool,
    /// Whether it stands in an example that a document shows.
    pub(super) is_shown: bool,
}

/// How statements that hold others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocks {
    /// A statement is the lines that are joined.
    Joined,
    /// It goes on to where its brackets are closed.
    Brackets,
    /// It goes on while lines are indented deeper than its first.
    Indent,
    /// It goes on to the next blank line, or the next item.
    Paragraph,
}

/// A file as lines.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) lines: Vec<Line>,
    pub(super) comments: Vec<Comment>,
    pub(super) blocks: Blocks,
}

impl Page {
    /// The lines of a text of which nothing else is known yet.
    pub(super) fn new(text: &str, blocks: Blocks) -> Self {
        let index = LineIndex::new(text);
        let line = |at| {
            let span = index.line_span(text, at);
            Line {
                span,
                has_code: !span.text(text).trim().is_empty(),
                has_comment: false,
                joined: false,
                joined_within: false,
                height: (0, 0),
            }
        };
        Self { lines: (0..index.lines()).map(line).collect(), comments: Vec::new(), blocks }
    }

    /// The line that holds an offset.
    pub(super) fn line_of(&self, offset: u32) -> usize {
        self.lines.partition_point(|line| line.span.start <= offset).saturating_sub(1)
    }

    /// The regions that a directive in the comment covers, nearest first.
    pub(super) fn reach(&self, text: &str, comment: &Comment) -> Vec<Span> {
        let (first, last) = (self.line_of(comment.span.start), self.line_of(comment.span.end));
        let stands_alone = !self.lines[first].has_code;
        let whole = self.joined(first, |line| line.joined);
        let is_within = whole.0 < whole.1;
        if !stands_alone {
            let own = self.joined(first, |line| line.joined_within);
            let all = self.statement(text, first);
            return if is_within && first > whole.0 || self.blocks == Blocks::Indent {
                self.spans(&[own, all])
            } else {
                self.spans(&[all])
            };
        }
        let Some(next) = self.next_code(last) else { return Vec::new() };
        if is_within && next <= whole.1 && first > whole.0 {
            return self.spans(&[self.joined(next, |line| line.joined_within), whole]);
        }
        self.spans(&[self.statement(text, next)])
    }

    /// The next line with code, right below a comment and other comments.
    fn next_code(&self, line: usize) -> Option<usize> {
        let mut below = self.lines.iter().enumerate().skip(line + 1);
        let may_pass = |line: &Line| line.has_comment || line.joined || self.blocks == Blocks::Paragraph;
        below.find(|(_, line)| line.has_code || !may_pass(line)).filter(|(_, line)| line.has_code).map(|(at, _)| at)
    }

    /// The first and last of the lines that belong together with one.
    fn joined(&self, line: usize, joined: impl Fn(&Line) -> bool) -> (usize, usize) {
        let (mut first, mut last) = (line, line);
        while first > 0 && joined(&self.lines[first - 1]) {
            first -= 1;
        }
        while last + 1 < self.lines.len() && joined(&self.lines[last]) {
            last += 1;
        }
        (first, last)
    }

    /// The first and last line of the statement that a line is part of, with the block that it opens.
    fn statement(&self, text: &str, line: usize) -> (usize, usize) {
        let (first, mut last) = self.joined(line, |line| line.joined);
        let mut goes_on: Box<dyn FnMut(usize) -> bool + '_> = match self.blocks {
            Blocks::Joined => return (first, last),
            Blocks::Brackets => {
                let height = self.lines[first].height.0;
                Box::new(move |next| self.lines[next - 1].height.1 > height)
            }
            Blocks::Indent => Box::new(self.deeper_than(text, first)),
            Blocks::Paragraph => {
                let indent = self.indent(text, first);
                let is_item = |at: usize| is_item(self.lines[at].span.text(text));
                let starts = is_item(first);
                Box::new(move |next| {
                    let ends = starts && is_item(next) && self.indent(text, next) <= indent;
                    self.lines[next].has_code && !ends
                })
            }
        };
        while last + 1 < self.lines.len() && goes_on(last + 1) {
            last = self.joined(last + 1, |line| line.joined).1;
        }
        (first, last)
    }

    /// Whether a line of YAML belongs to what starts on the first: it is indented deeper, or an item of its list.
    fn deeper_than<'a>(&'a self, text: &'a str, first: usize) -> impl FnMut(usize) -> bool + use<'a> {
        let indent = self.indent(text, first);
        let is_item = |at: usize| self.lines[at].span.text(text).trim_start().starts_with("- ");
        let opens_list = !is_item(first) && self.lines[first].span.text(text).trim_end().ends_with(':');
        move |next| {
            let is_empty = self.lines[next].span.text(text).trim().is_empty();
            is_empty
                || self.indent(text, next) > indent
                || opens_list && self.indent(text, next) == indent && is_item(next)
        }
    }

    fn indent(&self, text: &str, line: usize) -> usize {
        let line = self.lines[line].span.text(text);
        line.len() - line.trim_start().len()
    }

    fn spans(&self, ranges: &[(usize, usize)]) -> Vec<Span> {
        let mut spans: Vec<Span> =
            ranges.iter().map(|&(first, last)| self.lines[first].span.hull(self.lines[last].span)).collect();
        spans.dedup();
        spans
    }
}

/// Whether a line of Markdown starts an item of a list.
fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    ["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark))
        || digits.len() < line.len() && (digits.starts_with(". ") || digits.starts_with(") "))
}
