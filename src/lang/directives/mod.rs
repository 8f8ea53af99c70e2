//! Reads the comments that speak to gfxlint, in every language that has comments.

mod page;
mod parse;
mod prose;
mod scanner;
mod syntax;
#[cfg(test)]
mod tests;

use self::page::{Comment, Page};
use crate::facts::{Directive, FileFacts, Reach};
use crate::span::Span;

/// Whether a file may hold a directive: most do not, and are not looked at any further.
pub fn may_hold(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, parse::MARK.as_bytes()).is_some()
}

/// Reads the directives of a file.
pub fn extract(language: &str, path: &str, text: &str, facts: &mut FileFacts) {
    let page = match language {
        "yaml" => prose::yaml(text),
        "markdown" => prose::markdown(text),
        language => match syntax::of(language, path) {
            Some(syntax) => scanner::scan(text, &syntax),
            None => return,
        },
    };
    for comment in &page.comments {
        facts.directives.extend(in_comment(text, &page, comment));
    }
}

/// The directives of a comment. In one line there may be other tools' words before and behind ours.
fn in_comment(text: &str, page: &Page, comment: &Comment) -> Vec<Directive> {
    let content = comment.span.text(text);
    let close = ["*/", "-->"].into_iter().find(|close| content.ends_with(close)).map_or(0, str::len);
    let end = comment.span.range().end - close;
    let mut found = Vec::new();
    for (at, _) in content.match_indices(parse::MARK) {
        let start = comment.span.range().start + at;
        let Some(opener) = opener(text, comment.span.range().start, start) else { continue };
        let line_end = text[start..end].find(['\n', '\r']).map_or(end, |length| start + length);
        let Some(mut directive) = parse::parse(text, start, line_end) else { continue };
        if let Reach::Regions(regions) = &mut directive.reach {
            *regions = page.reach(text, comment);
        }
        directive.is_value = comment.is_value;
        directive.is_shown = comment.is_shown;
        directive.removal = removal(text, page, comment, opener, line_end);
        found.push(directive);
    }
    found
}

/// Where the comment sign in front of a directive stands: nothing but blanks lies between.
fn opener(text: &str, comment: usize, mark: usize) -> Option<usize> {
    let before = text[comment..mark].trim_end_matches([' ', '\t']);
    let sign = before.trim_end_matches(['#', '/', '*', '!', '-', '<', ';']);
    // Within a comment of several lines, a directive may stand on a line of its own.
    let starts_line = sign.ends_with('\n');
    (sign.len() < before.len() || starts_line).then_some(comment + sign.len())
}

/// What is cut out to remove a directive: its line where nothing else stands there, else its comment with the blanks
/// in front of it.
fn removal(text: &str, page: &Page, comment: &Comment, opener: usize, line_end: usize) -> Span {
    let whole = comment.span.range();
    // Another tool's comment on the same line stays.
    let next = text[opener + 1..line_end].find(" #").map(|at| opener + 1 + at);
    let first = page.lines[page.line_of(comment.span.start)];
    let own = if opener == whole.start && next.is_none() && !text[whole.clone()].trim_end().contains('\n') {
        whole
    } else {
        opener..next.unwrap_or(line_end)
    };
    let line = page.lines[page.line_of(Span::new(own.start, own.start).start)].span.range();
    let stands_alone =
        text[line.start..own.start].trim().is_empty() && text[own.end..line.end.max(own.end)].trim().is_empty();
    if stands_alone && !(first.has_code && comment.span.range().start == own.start) {
        let line_break = text[line.end..].bytes().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let line_break = if text[line.end..].starts_with("\n\n") { 1 } else { line_break };
        return Span::new(line.start, line.end + line_break);
    }
    let before = text[line.start..own.start].trim_end_matches([' ', '\t']).len();
    // Behind a block comment, code may go on.
    let start = if text[own.end..line.end.max(own.end)].trim().is_empty() { line.start + before } else { own.start };
    Span::new(start, own.end)
}
