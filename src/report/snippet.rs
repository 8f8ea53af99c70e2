//! Excerpts of files as one small text that miette draws frames around.
//!
//! miette searches a source for lines from its first byte, for each finding anew. Here only the lines that are shown
//! are cut out, by the file's line index, cropped and escaped on the way; labels move along, so carets stay aligned.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::{Paths, Style, printable, printable_path, push_printable};
use crate::source::{SourceFile, Sources};
use crate::span::{FileId, Place, Position, Span};

/// Labels at most this many lines apart share an excerpt.
const CLOSE: usize = 4;
/// Excerpts of one finding; further places are listed without text.
const MOST_CHUNKS: usize = 6;
/// A line with more characters than this is cropped around its label.
const LONGEST_LINE: usize = 200;
/// Characters that are kept before the label of a cropped line, and from there on.
const KEPT_BEFORE: usize = 50;
const KEPT_AFTER: usize = 110;

/// A place to mark.
#[derive(Clone, Copy)]
pub(super) struct Mark<'a> {
    pub(super) at: Place,
    pub(super) message: &'a str,
}

/// The excerpts of one finding, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Snippets {
    text: String,
    chunks: Vec<Chunk>,
    /// Labels in `text`; the first mark's is primary.
    pub(super) labels: Vec<LabeledSpan>,
}

/// Adjacent lines of one file.
#[derive(Debug)]
struct Chunk {
    name: String,
    /// Bytes in the excerpts' text.
    text: std::ops::Range<usize>,
    /// 0-based number of the first line, and how many there are.
    line: usize,
    lines: usize,
    /// Where the mark stands for which the excerpt is shown.
    at: Position,
}

/// The marks of one excerpt, by their index, and the 0-based lines that they stand in.
struct Group {
    file: FileId,
    first: usize,
    last: usize,
    marks: Vec<usize>,
}

impl Snippets {
    /// Cuts out what `marks` need; also returns the marks that no excerpt shows.
    pub(super) fn new<'a>(
        sources: &Sources,
        paths: &Paths,
        marks: &[Mark<'a>],
        style: &Style,
    ) -> (Self, Vec<Mark<'a>>) {
        let (groups, mut rest) = group(sources, marks);
        let mut snippets = Self::default();
        for group in groups {
            let file = sources.get(group.file);
            let hidden = snippets.add(file, printable_path(&paths.relative(file)), &group, marks, style);
            rest.extend(hidden);
        }
        rest.sort_unstable();
        (snippets, rest.into_iter().map(|mark| marks[mark]).collect())
    }

    /// Appends the lines of a group; returns the marks that cropping cut off.
    fn add(&mut self, file: &SourceFile, name: String, group: &Group, marks: &[Mark<'_>], style: &Style) -> Vec<usize> {
        let (text, index) = (file.text(), file.lines());
        let is_blank = |line: usize| index.line_span(text, line).text(text).trim().is_empty();
        // The fault itself is read in its context; a place elsewhere is known by its own line.
        let context = usize::from(group.marks.contains(&0));
        let (mut first, mut last) =
            (group.first.saturating_sub(context), (group.last + context).min(index.lines().saturating_sub(1)));
        first += usize::from(first < group.first && is_blank(first));
        last -= usize::from(last > group.last && is_blank(last));
        let start = self.text.len();
        let mut hidden = Vec::new();
        for line in first..=last {
            let span = index.line_span(text, line);
            let own: Vec<usize> =
                group.marks.iter().copied().filter(|&mark| index.line_of(marks[mark].at.span.start) == line).collect();
            hidden.extend(self.add_line(span, text, &own, marks, style));
        }
        let at = index.position(text, group.marks.first().map_or(0, |&mark| marks[mark].at.span.start));
        self.chunks.push(Chunk { name, text: start..self.text.len(), line: first, lines: last - first + 1, at });
        hidden
    }

    /// Appends one line, cropped and escaped, and its labels; returns the marks that cropping cut off.
    fn add_line(&mut self, line: Span, text: &str, own: &[usize], marks: &[Mark<'_>], style: &Style) -> Vec<usize> {
        let window = window(line, text, own.first().map(|&mark| marks[mark].at.span.start));
        let shown = |span: Span| window.contains(Span { start: span.start, end: span.start });
        let (own, hidden): (Vec<usize>, Vec<usize>) = own.iter().copied().partition(|&mark| shown(marks[mark].at.span));
        if window.start > line.start {
            self.text.push_str(style.ellipsis());
        }
        // The offsets in the excerpt of the bytes at which labels start and end.
        let mut edges: Vec<(u32, usize)> = Vec::new();
        for (at, character) in window.text(text).char_indices() {
            edges.push((Span::new(window.range().start + at, 0).start, self.text.len()));
            if character == '\t' { self.text.push(character) } else { push_printable(&mut self.text, character) }
        }
        edges.push((window.end, self.text.len()));
        let moved = |offset: u32| edges.iter().find(|(from, _)| *from >= offset).map_or(self.text.len(), |&(_, to)| to);
        for mark in own {
            let span = marks[mark].at.span;
            // A label that runs over several lines marks its first.
            let (start, end) = (moved(span.start), moved(span.end.min(window.end)));
            let message = Some(printable(marks[mark].message)).filter(|message| !message.is_empty());
            let at = SourceSpan::new(start.into(), end.saturating_sub(start));
            self.labels.push(if mark == 0 {
                LabeledSpan::new_primary_with_span(message, at)
            } else {
                LabeledSpan::new_with_span(message, at)
            });
        }
        if window.end < line.end {
            self.text.push_str(style.ellipsis());
        }
        self.text.push('\n');
        hidden
    }
}

/// Puts marks that stand close together into one excerpt, in the order of the marks; also returns the marks that get
/// none: those in files whose text is not at hand, and those beyond the limit.
fn group(sources: &Sources, marks: &[Mark<'_>]) -> (Vec<Group>, Vec<usize>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut rest = Vec::new();
    for (mark, Mark { at, .. }) in marks.iter().enumerate() {
        let file = sources.get(at.file);
        if file.text().is_empty() {
            rest.push(mark);
            continue;
        }
        let line = file.lines().line_of(at.span.start);
        if let Some(near) = groups
            .iter_mut()
            .find(|group| group.file == at.file && line + CLOSE >= group.first && line <= group.last + CLOSE)
        {
            near.first = near.first.min(line);
            near.last = near.last.max(line);
            near.marks.push(mark);
        } else if groups.len() < MOST_CHUNKS {
            groups.push(Group { file: at.file, first: line, last: line, marks: vec![mark] });
        } else {
            rest.push(mark);
        }
    }
    (groups, rest)
}

/// The part of a line that is shown: all of it, or what lies around `focus`.
fn window(line: Span, text: &str, focus: Option<u32>) -> Span {
    let body = line.text(text);
    if body.len() <= LONGEST_LINE || body.chars().nth(LONGEST_LINE).is_none() {
        return line;
    }
    let focus = focus.map_or(0, |focus| (focus - line.start) as usize).min(body.len());
    let (before, after) = body.split_at_checked(focus).unwrap_or(("", body));
    let start = before.char_indices().rev().nth(KEPT_BEFORE).map_or(0, |(at, character)| at + character.len_utf8());
    let end = after.char_indices().nth(KEPT_AFTER).map_or(body.len(), |(at, _)| before.len() + at);
    Span::new(start, end).shifted(line.range().start)
}

impl SourceCode for Snippets {
    /// Without context lines, the place that the excerpt is shown for, for its heading; else the whole excerpt.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let range = span.offset()..span.offset() + span.len();
        let holds = |chunk: &&Chunk| {
            chunk.text.start <= range.start && range.start < chunk.text.end && range.end <= chunk.text.end
        };
        let chunk = self.chunks.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        let contents = |range: std::ops::Range<usize>, line: usize, column: usize| {
            let data = self.text.as_bytes().get(range.clone()).unwrap_or_default();
            MietteSpanContents::new_named(
                chunk.name.clone(),
                data,
                SourceSpan::new(range.start.into(), range.len()),
                line,
                column,
                chunk.lines,
            )
        };
        Ok(Box::new(if before == 0 {
            contents(range, chunk.at.line as usize - 1, chunk.at.column as usize - 1)
        } else {
            contents(chunk.text.clone(), chunk.line, 0)
        }))
    }
}
