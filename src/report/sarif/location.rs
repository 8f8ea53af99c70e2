//! Places as SARIF writes them.

use super::model::{ArtifactLocation, ContextRegion, Location, PhysicalLocation, Region, Text};
use super::{ROOT, plain, sentence};
use crate::report::Report;
use crate::source::SourceFile;
use crate::span::{FileId, Place, Span};

/// Above this number of findings a log carries no text of files: GitHub takes 10 MB.
const MOST_WITH_TEXT: usize = 2_000;
/// Longer excerpts, in bytes, are left out.
const LONGEST_TEXT: usize = 2_000;
/// The bytes that are shown on either side of a place in a line that is longer than that.
const CONTEXT: usize = 1_000;

/// Turns places into locations.
pub(super) struct Locator<'a> {
    report: &'a Report<'a>,
    with_text: bool,
}

impl<'a> Locator<'a> {
    pub(super) fn new(report: &'a Report<'a>) -> Self {
        Self { report, with_text: report.findings().len() <= MOST_WITH_TEXT }
    }

    pub(super) fn location(&self, at: Place) -> Location {
        let file = self.report.sources.get(at.file);
        let region = self.region(file, at);
        let context_region = self.context(file, at);
        Location {
            id: None,
            physical_location: PhysicalLocation { artifact_location: self.artifact(at.file), region, context_region },
            message: None,
        }
    }

    pub(super) fn labelled(&self, at: Place, message: &str) -> Location {
        let message = (!message.is_empty()).then(|| Text { text: sentence(&plain(message)) });
        Location { message, ..self.location(at) }
    }

    pub(super) fn artifact(&self, file: FileId) -> ArtifactLocation {
        ArtifactLocation {
            uri: encoded(&self.report.paths.in_repository(self.report.sources.get(file))),
            uri_base_id: ROOT,
        }
    }

    /// The bytes of an edit; an insertion is empty.
    pub(super) fn exact_region(&self, at: Place) -> Region {
        let (start, end) = (self.report.sources.start(at), self.report.sources.end(at));
        Region {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
            snippet: None,
        }
    }

    /// The part of a place that stands on its first line: GitHub annotates a change only where all lines of a region
    /// are in it.
    fn region(&self, file: &SourceFile, at: Place) -> Region {
        let (text, lines) = (file.text(), file.lines());
        let mut span = at.span;
        span.end = span.end.min(lines.line_span(text, lines.line_of(span.start)).end).max(span.start);
        let region = self.exact_region(Place { span, ..at });
        let snippet = Some(span.text(text))
            .filter(|excerpt| self.with_text && !excerpt.is_empty() && excerpt.len() <= LONGEST_TEXT);
        Region { snippet: snippet.map(|excerpt| Text { text: excerpt.to_owned() }), ..region }
    }

    /// The lines around a place; where they are too long, the bytes around it in its own line.
    fn context(&self, file: &SourceFile, at: Place) -> Option<ContextRegion> {
        if !self.with_text || file.text().is_empty() {
            return None;
        }
        let (text, lines) = (file.text(), file.lines());
        let line = lines.line_of(at.span.start);
        // A final newline starts no line of its own.
        let count = lines.lines() - usize::from(text.ends_with(['\n', '\r']));
        let (first, last) = (line.saturating_sub(1), (line + 1).min(count.saturating_sub(1)).max(line));
        let around = lines.line_span(text, first).hull(lines.line_span(text, last));
        if around.range().len() <= LONGEST_TEXT {
            let excerpt = around.text(text);
            let region = ContextRegion {
                start_line: one_based(first),
                start_column: None,
                end_line: one_based(last),
                end_column: None,
                snippet: Text { text: excerpt.to_owned() },
            };
            return (!excerpt.is_empty()).then_some(region);
        }
        let own = lines.line_span(text, line).range();
        let (from, to) = (at.span.range().start, at.span.range().end.min(own.end));
        if to > from + LONGEST_TEXT {
            return None;
        }
        let boundary = |mut bytes: std::ops::RangeInclusive<usize>| bytes.find(|&at| text.is_char_boundary(at));
        let start = boundary(from.saturating_sub(CONTEXT).max(own.start)..=from)?;
        let end = boundary((to + CONTEXT).min(own.end)..=own.end)?;
        let span = Span::new(start, end);
        let region = self.exact_region(Place { span, ..at });
        let (start_column, end_column) = (Some(region.start_column), Some(region.end_column));
        Some(ContextRegion {
            start_line: region.start_line,
            start_column,
            end_line: region.end_line,
            end_column,
            snippet: Text { text: span.text(text).to_owned() },
        })
    }
}

fn one_based(line: usize) -> u32 {
    u32::try_from(line + 1).unwrap_or(u32::MAX)
}

/// A path as a relative URI reference: all but unreserved characters and `/` percent-encoded.
pub(in crate::report) fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend(
                [byte >> 4, byte & 15]
                    .into_iter()
                    .filter_map(|digit| char::from_digit(digit.into(), 16))
                    .map(|digit| digit.to_ascii_uppercase()),
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(encoded("a b/é.py"), "a%20b/%C3%A9.py");
        assert_eq!(encoded("::error::\n%41"), "%3A%3Aerror%3A%3A%0A%2541");
    }
}
