//! Places as SARIF writes them.

use super::model::{ArtifactLocation, ContextRegion, Location, PhysicalLocation, Region, Text};
use super::{ROOT, plain, sentence};
use crate::report::Report;
use crate::source::SourceFile;
use crate::span::{FileId, Place};

/// Above this number of findings a log carries no text of files: GitHub takes 10 MB.
const MOST_WITH_TEXT: usize = 2_000;
/// Longer excerpts, in bytes, are left out.
const LONGEST_TEXT: usize = 2_000;

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
        let context_region = self.context(file, &region);
        Location { id: None, physical_location: PhysicalLocation { artifact_location: self.artifact(at.file), region, context_region }, message: None }
    }

    pub(super) fn labelled(&self, at: Place, message: &str) -> Location {
        let message = (!message.is_empty()).then(|| Text { text: sentence(&plain(message)) });
        Location { message, ..self.location(at) }
    }

    pub(super) fn artifact(&self, file: FileId) -> ArtifactLocation {
        ArtifactLocation { uri: encoded(&self.report.paths.in_repository(self.report.sources.get(file))), uri_base_id: ROOT }
    }

    /// The bytes of an edit; an insertion is empty.
    pub(super) fn exact_region(&self, at: Place) -> Region {
        let (start, end) = (self.report.sources.start(at), self.report.sources.end(at));
        Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column, snippet: None }
    }

    /// The part of a place that stands on its first line: GitHub annotates a change only where all lines of a region
    /// are in it.
    fn region(&self, file: &SourceFile, at: Place) -> Region {
        let (text, lines) = (file.text(), file.lines());
        let mut span = at.span;
        span.end = span.end.min(lines.line_span(text, lines.line_of(span.start)).end).max(span.start);
        let region = self.exact_region(Place { span, ..at });
        let snippet = Some(span.text(text)).filter(|excerpt| self.with_text && !excerpt.is_empty() && excerpt.len() <= LONGEST_TEXT);
        Region { snippet: snippet.map(|excerpt| Text { text: excerpt.to_owned() }), ..region }
    }

    /// The lines around a region.
    fn context(&self, file: &SourceFile, region: &Region) -> Option<ContextRegion> {
        if !self.with_text || file.text.is_none() {
            return None;
        }
        let (text, lines) = (file.text(), file.lines());
        // Lines count from 1 in a region, from 0 in the index; a final newline starts no line of its own.
        let count = lines.lines() - usize::from(text.ends_with(['\n', '\r']));
        let first = (region.start_line as usize).saturating_sub(2);
        let last = (region.end_line as usize).min(count.saturating_sub(1)).max(first);
        let excerpt = lines.line_span(text, first).hull(lines.line_span(text, last)).text(text);
        let one_based = |line: usize| u32::try_from(line + 1).unwrap_or(u32::MAX);
        (!excerpt.is_empty() && excerpt.len() <= LONGEST_TEXT)
            .then(|| ContextRegion { start_line: one_based(first), end_line: one_based(last), snippet: Text { text: excerpt.to_owned() } })
    }
}

/// A path as a relative URI reference: all but unreserved characters and `/` percent-encoded.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].into_iter().filter_map(|digit| char::from_digit(digit.into(), 16)).map(|digit| digit.to_ascii_uppercase()));
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
