//! Lists of packages that a command writes: `echo "torch==2.9.1+rocm7.2" > constraints.txt`.

use super::package;
use crate::facts::{Command, FileFacts, Install, InstallTool, TextPart, Word};
use crate::span::Span;

/// Notes the packages of a list that is written to a text file.
pub(in super::super) fn written(command: &Command, facts: &mut FileFacts) {
    let is_list = |word: &Word| {
        let name = word.by_default().unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        name.ends_with(".txt") && ["require", "constrain", "override"].iter().any(|part| name.contains(part))
    };
    if !command.outputs.iter().any(is_list) {
        return;
    }
    let words = command.arguments().iter().flat_map(|word| &word.text.parts).flat_map(lines);
    // Without a version an entry says nothing; options of the writer have none.
    let packages: Vec<_> = words.filter_map(package).filter(|package| !package.version.is_empty()).collect();
    if !packages.is_empty() {
        facts.installs.push(Install {
            tool: InstallTool::Requirements,
            span: command.span,
            packages,
            requirement_files: Vec::new(),
            constraint_files: Vec::new(),
            index: None,
            extra_indexes: Vec::new(),
            find_links: Vec::new(),
            switches: Vec::new(),
            is_open: true,
            home: command.home,
            command: None,
        });
    }
}

/// The lines of a known part of a word; `echo` and `printf` write `\\n` as a line's end.
fn lines(part: &TextPart) -> Vec<Word> {
    let TextPart::Literal(text, at) = part else { return Vec::new() };
    let Some(at) = at else { return Vec::new() };
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split('\n').flat_map(|line| line.split("\\n")) {
        let offset = text[start..].find(line).map_or(start, |found| start + found);
        let from = at.range().start + offset;
        if !line.is_empty() {
            found.push(Word::literal(line, Span::new(from, from + line.len())));
        }
        start = offset + line.len();
    }
    found
}
