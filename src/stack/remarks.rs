//! What people wrote beside code: comments and strings near a place.

use crate::context::Context;
use crate::span::{Place, Span};

/// The comments and strings on the line of a place and on `lines` lines before and behind it, in order. Lines are
/// read one by one, so the inside of a string that spans lines is not found.
pub fn remarks_near(cx: &Context<'_>, at: Place, lines: usize) -> Vec<Place> {
    let source = cx.workspace.sources().get(at.file);
    let index = source.lines();
    let (first, last) = (index.line_of(at.span.start).saturating_sub(lines), index.line_of(at.span.end) + lines);
    let marker = if matches!(source.language, "cpp" | "hip" | "native") { "//" } else { "#" };
    (first..=last.min(index.lines().saturating_sub(1)))
        .flat_map(|line| {
            let span = index.line_span(source.text(), line);
            remarks_in(span.text(source.text()), marker)
                .into_iter()
                .map(move |found| Place { file: at.file, span: found.shifted(span.range().start) })
        })
        .collect()
}

/// The strings of a line, and the comment at its end.
fn remarks_in(line: &str, marker: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut open: Option<(char, usize)> = None;
    for (at, character) in line.char_indices() {
        match open {
            Some((quote, start)) if character == quote => {
                found.push(Span::new(start, at));
                open = None;
            }
            Some(_) => {}
            None if matches!(character, '"' | '\'') => open = Some((character, at + 1)),
            None if line[at..].starts_with(marker) => {
                found.push(Span::new(at + marker.len(), line.len()));
                return found;
            }
            None => {}
        }
    }
    found.retain(|span| span.start < span.end);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_the_comment_of_a_line_are_remarks() {
        let line = r#"    f("only # MI300", 'x')  # not "gfx9""#;
        let found: Vec<_> = remarks_in(line, "#").into_iter().map(|span| span.text(line)).collect();
        assert_eq!(found, ["only # MI300", "x", " not \"gfx9\""]);
    }
}
