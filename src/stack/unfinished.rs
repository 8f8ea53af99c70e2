//! Comments of a build stage.

use crate::context::Context;
use crate::span::{FileId, Place};

/// The first comment of a stage, or right above it, that says that something in it is yet to be done.
pub fn unfinished(cx: &Context<'_>, file: FileId, stage: Option<usize>) -> Option<Place> {
    let source = cx.workspace.sources().get(file);
    let (text, lines) = (source.text(), source.lines());
    let stages = &cx.workspace.facts(file).stages;
    let own = stages.get(stage?)?;
    let next = stages.iter().map(|stage| stage.span.start).filter(|&start| start > own.span.start).min();
    let is_comment = |line: &usize| lines.line_span(text, *line).text(text).trim_start().starts_with('#');
    let first = lines.line_of(own.span.start);
    let heading = (0..first).rev().take_while(is_comment).count();
    // What stands right above the next stage is that one's heading.
    let end = next.map_or(lines.lines(), |start| lines.line_of(start));
    let end = if next.is_some() { end - (first..end).rev().take_while(is_comment).count() } else { end };
    (first - heading..end)
        .filter(is_comment)
        .map(|line| lines.line_span(text, line))
        .find(|span| says_unfinished(span.text(text)))
        .map(|span| Place { file, span })
}

fn says_unfinished(comment: &str) -> bool {
    let lower = comment.to_ascii_lowercase();
    ["todo", "fixme", "needs fixing", "need fixing", "needs to be fixed", "to be fixed", "xxx:"]
        .iter()
        .any(|word| lower.contains(word))
}
