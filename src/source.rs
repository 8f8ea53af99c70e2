//! The files of one run: their names, and the text of those that something was read from.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::span::{FileId, LineIndex, Place, Position};

/// What part of a project a file belongs to, by its path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Section {
    /// What is built or shipped.
    Product,
    /// Tests.
    Tests,
    /// Benchmarks.
    Benchmarks,
    /// Examples and recipes.
    Examples,
    /// Documentation.
    Docs,
    /// Continuous integration.
    Ci,
}

impl Section {
    /// The section of a path below the root, with `/`.
    pub fn of(path: &str) -> Self {
        let mut section = Self::Product;
        for part in path.rsplit_once('/').map_or("", |(folder, _)| folder).split('/') {
            section = match part {
                "tests" | "test" | "testing" => return Self::Tests,
                "benchmarks" | "benchmark" => return Self::Benchmarks,
                "examples" | "example" | "recipes" | "cookbook" => return Self::Examples,
                "docs" | "doc" => Self::Docs,
                ".github" | ".buildkite" | ".gitlab" | ".circleci" | ".ci" => Self::Ci,
                _ => section,
            };
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if section == Self::Product && (name == "conftest.py" || name.starts_with("test_") && name.ends_with(".py")) {
            return Self::Tests;
        }
        section
    }
}

/// How a file compares to what the package manager says it installed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Recorded {
    /// No record speaks of it.
    #[default]
    Unknown,
    /// It is as it was installed.
    Same,
    /// It was changed since.
    Differs,
    /// It lies in an installed package and was not installed with it.
    Unlisted,
}

/// A file that was read.
#[derive(Debug)]
pub struct SourceFile {
    /// Path below the root of the run, with `/`.
    pub path: String,
    /// The path that opens it: absolute, or relative to the working directory.
    pub location: std::path::PathBuf,
    /// Whether imports are looked up in it and nothing is reported there (`--against`).
    pub is_reference: bool,
    /// Whether it is read for what it says of other files, and nothing is reported there: what lies around files that
    /// are named one by one.
    pub is_context: bool,
    /// How it compares to what was installed.
    pub recorded: Recorded,
    /// What part of the project it belongs to.
    pub section: Section,
    /// The language's name; empty where no front end claims the file.
    pub language: &'static str,
    /// Its text without a byte-order mark, once it is needed: where nothing was found in it, it is not kept.
    text: OnceLock<Arc<str>>,
    /// The length of the byte-order mark that was cut off, in bytes.
    pub bom: u32,
    lines: OnceLock<LineIndex>,
}

impl SourceFile {
    /// A file with its text.
    pub fn new(
        path: String,
        location: std::path::PathBuf,
        language: &'static str,
        text: Option<Arc<str>>,
        bom: u32,
    ) -> Self {
        Self {
            section: Section::of(&path),
            path,
            location,
            is_reference: false,
            is_context: false,
            recorded: Recorded::Unknown,
            language,
            text: text.map_or_else(OnceLock::new, OnceLock::from),
            bom,
            lines: OnceLock::new(),
        }
    }

    /// The text. A file that was let go of is read again: few findings stand in such files.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| {
            let text = std::fs::read_to_string(&self.location).unwrap_or_default();
            Arc::from(text.strip_prefix('\u{feff}').unwrap_or(&text))
        })
    }

    /// Where its lines start.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(self.text()))
    }
}

/// All files of a run, sorted by path.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Takes files in their final order.
    pub fn new(files: Vec<SourceFile>) -> Self {
        Self { files }
    }

    /// A file of this run.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Every file with its id, in order.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().zip(0u32..).map(|(file, id)| (FileId(id), file))
    }

    /// The file of that path.
    pub fn find(&self, path: &str) -> Option<FileId> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        u32::try_from(at).ok().map(FileId)
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text at a place.
    pub fn text(&self, at: Place) -> &str {
        at.span.text(self.get(at.file).text())
    }

    /// Line and column at which a place starts.
    pub fn start(&self, at: Place) -> Position {
        let file = self.get(at.file);
        file.lines().position(file.text(), at.span.start)
    }

    /// Line and column just behind a place.
    pub fn end(&self, at: Place) -> Position {
        let file = self.get(at.file);
        file.lines().position(file.text(), at.span.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_sections() {
        let cases = [
            ("vllm/platforms/rocm.py", Section::Product),
            ("tests/a/b.py", Section::Tests),
            ("docs/x.md", Section::Docs),
            (".buildkite/x.yaml", Section::Ci),
            ("benchmarks/b.py", Section::Benchmarks),
            ("vllm/test_it.py", Section::Tests),
        ];
        for (path, section) in cases {
            assert_eq!(Section::of(path), section, "{path}");
        }
    }
}
