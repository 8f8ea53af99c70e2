//! Packages that files list: pip's requirements and constraints files, and `pyproject.toml`.

mod project;
#[cfg(test)]
mod tests;

use super::interpolate::{self, Syntax};
use super::programs::pip::package;
use super::shell::Joined;
use super::{Candidate, FrontEnd, remarks};
use crate::facts::{FileFacts, Home, Install, InstallTool, Word};
use crate::span::Span;

/// Lists of packages.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "requirements",
    claims,
    words: &["torch", "vllm", "rocm", "amdsmi", "triton", "aiter", "numpy", "xformers", "bitsandbytes", "flash"],
    joined: None,
    extract,
    extract_callers: None,
};

/// `requirements-rocm.txt`, `requirements/rocm.txt`, `constraints.txt`, `pyproject.toml`.
fn claims(candidate: &Candidate<'_>) -> bool {
    let name = candidate.name.to_ascii_lowercase();
    let is_list = candidate.has_extension(&["txt", "in"]);
    let says_so = ["requirement", "constraint"].iter().any(|word| name.contains(word));
    let folder = candidate.path.rsplit('/').nth(1).unwrap_or_default();
    candidate.name == "pyproject.toml" || is_list && (says_so || folder.eq_ignore_ascii_case("requirements"))
}

fn extract(text: &str, facts: &mut FileFacts) {
    // Requirements have no tables; a project without one lists nothing.
    if text.lines().any(|line| line.trim_start().starts_with('[') && line.trim_end().ends_with(']')) {
        project::extract(text, facts);
    } else {
        requirements(text, facts);
    }
}

fn requirements(text: &str, facts: &mut FileFacts) {
    let mut list = List { text, options: install(Span::new(0, 0)), lines: Vec::new() };
    for pieces in logical_lines(text, facts) {
        list.line(&pieces);
    }
    list.finish(facts);
}

/// An installation of nothing yet.
fn install(span: Span) -> Install {
    Install {
        tool: InstallTool::Requirements,
        span,
        packages: Vec::new(),
        requirement_files: Vec::new(),
        constraint_files: Vec::new(),
        index: None,
        extra_indexes: Vec::new(),
        find_links: Vec::new(),
        switches: Vec::new(),
        is_open: false,
        home: Home::default(),
        command: None,
    }
}

/// Lines without comments, those that a backslash joins as one.
fn logical_lines(text: &str, facts: &mut FileFacts) -> Vec<Vec<Span>> {
    let (mut found, mut open): (Vec<Vec<Span>>, Vec<Span>) = (Vec::new(), Vec::new());
    for line in remarks::lines(text, Span::new(0, text.len())) {
        let written = line.text(text);
        // A comment starts the line or stands behind a blank.
        let comment = written
            .match_indices('#')
            .map(|(at, _)| at)
            .find(|&at| written[..at].trim().is_empty() || written[..at].ends_with([' ', '\t']));
        if let Some(at) = comment {
            remarks::comment(text, Span::new(line.range().start + at, line.range().end), facts);
        }
        let content = remarks::trimmed(
            text,
            Span::new(line.range().start, line.range().start + comment.unwrap_or(written.len())),
        );
        let goes_on = comment.is_none() && content.text(text).ends_with('\\');
        open.push(if goes_on { Span::new(content.range().start, content.range().end - 1) } else { content });
        if !goes_on {
            found.push(std::mem::take(&mut open));
        }
    }
    found.push(open);
    found
}

/// A requirements file that is being read.
struct List<'a> {
    text: &'a str,
    /// Options, which hold for the whole file.
    options: Install,
    lines: Vec<Install>,
}

impl List<'_> {
    fn line(&mut self, pieces: &[Span]) {
        let joined = Joined::new(self.text, pieces);
        let written = joined.text();
        let Some(first) = written.split_whitespace().next() else { return };
        let whole = joined.span(0..written.len());
        if first.starts_with('-') {
            self.option(&joined, whole);
            return;
        }
        // What follows a requirement are its own options.
        let end = written.find(" --").unwrap_or(written.len());
        let word = Word { text: interpolate::value(&joined, 0..end, Syntax::EnvFile), span: trimmed(&joined, end) };
        let mut line = install(whole);
        line.packages.extend(package(word));
        self.lines.push(line);
    }

    /// `--index-url URL`, `--index-url=URL`, `-rFILE`.
    fn option(&mut self, joined: &Joined<'_>, whole: Span) {
        let written = joined.text();
        let long = written.split(['=', ' ', '\t']).next().unwrap_or_default();
        let name = if written.starts_with("--") { long } else { written.get(..2).unwrap_or(written) };
        let rest = &written[name.len()..];
        let value = rest.trim_start_matches(['=', ' ', '\t']);
        let start = written.len() - value.len();
        let range = start..start + value.trim_end().len();
        let word = (!range.is_empty()).then(|| Word {
            text: interpolate::value(joined, range.clone(), Syntax::EnvFile),
            span: joined.span(range),
        });
        let options = &mut self.options;
        match (name, word) {
            ("--index-url" | "-i" | "--pypi-url", Some(word)) => options.index = Some(word),
            ("--extra-index-url", Some(word)) => options.extra_indexes.push(word),
            ("--find-links" | "-f", Some(word)) => options.find_links.push(word),
            ("--requirement" | "-r", Some(word)) => {
                self.lines.push(Install { requirement_files: vec![word], ..install(whole) });
            }
            ("--constraint" | "-c", Some(word)) => {
                self.lines.push(Install { constraint_files: vec![word], ..install(whole) });
            }
            ("--editable" | "-e", Some(word)) => {
                let packages = package(word).into_iter().collect();
                self.lines.push(Install { packages, switches: vec!["editable".to_owned()], ..install(whole) });
            }
            ("--pre" | "--no-index", None) => options.switches.push(name.trim_start_matches('-').to_owned()),
            _ => return,
        }
        options.span = whole;
    }

    fn finish(mut self, facts: &mut FileFacts) {
        let options = &self.options;
        let says_something =
            options.index.is_some() || !options.extra_indexes.is_empty() || !options.find_links.is_empty();
        if self.lines.is_empty() && says_something {
            facts.installs.push(self.options);
            return;
        }
        for line in &mut self.lines {
            line.index.clone_from(&options.index);
            line.extra_indexes.clone_from(&options.extra_indexes);
            line.find_links.clone_from(&options.find_links);
            line.switches.extend(options.switches.iter().cloned());
            line.switches.sort();
        }
        facts.installs.append(&mut self.lines);
    }
}

/// The span of the text up to `end` without blanks behind it.
fn trimmed(joined: &Joined<'_>, end: usize) -> Span {
    let written = joined.slice(0..end);
    joined.span(0..written.trim_end().len())
}
