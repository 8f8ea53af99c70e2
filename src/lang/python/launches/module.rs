//! A module as lines, and the values that its names have.

use tree_sitter::Node;

use crate::lang::python::focus::holds_one;
use crate::lang::python::lines::{Line, LineKind, lines};
use crate::lang::python::{children, is_deeper_than, parse_all};

use super::value::{Evaluator, Value};

/// A logical line that is deeper is not read: it is read recursively.
const DEEPEST: usize = 200;

/// A module.
pub(super) struct Module<'a> {
    pub(super) text: &'a str,
    lines: Vec<Line>,
}

impl<'a> Module<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, lines: lines(text) }
    }

    /// The text of a line, by its index.
    pub(super) fn line(&self, at: usize) -> &'a str {
        self.lines.get(at).and_then(|line| self.text.get(line.first..line.end)).unwrap_or_default()
    }

    pub(super) fn indent(&self, at: usize) -> usize {
        self.lines.get(at).map_or(0, |line| line.indent)
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The lines that hold one of these places. Lines that start with a quote are documentation.
    pub(super) fn lines_with(&self, places: &[usize]) -> impl Iterator<Item = usize> {
        let is_code = |line: &Line| !self.text[line.first..line.end].starts_with(['"', '\'']);
        self.lines
            .iter()
            .enumerate()
            .filter(move |(_, line)| holds_one(places, &(line.first..line.end)) && is_code(line))
            .map(|(at, _)| at)
    }

    /// The lines that hold one of these words.
    pub(super) fn lines_that(&self, holds: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
        (0..self.lines.len()).filter(move |&at| holds(self.line(at)))
    }

    /// Hands the tree of a line to `read`, with the line's place in the file.
    pub(super) fn parsed<T>(&self, at: usize, read: impl FnOnce(Node<'_>, usize) -> T) -> Option<T> {
        let line = self.lines.get(at)?;
        let tree = parse_all(&self.text[line.first..line.end])?;
        (!is_deeper_than(tree.root_node(), DEEPEST)).then(|| read(tree.root_node(), line.first))
    }

    /// Whether a name is imported from vLLM, or the module `vllm` itself for dotted ones.
    pub(super) fn is_from_vllm(&self, name: &str) -> bool {
        let root = name.split('.').next().unwrap_or_default();
        let mut imports = self.lines.iter().filter(|line| line.kind == LineKind::Import);
        imports.any(|line| {
            let text = &self.text[line.first..line.end];
            match text.strip_prefix("from") {
                Some(rest) if root == name => {
                    rest.trim_start().strip_prefix("vllm").is_some_and(|rest| names(rest).any(|own| own == name))
                }
                None if root != name => names(text).any(|own| own == "vllm") && names(text).any(|own| own == root),
                _ => false,
            }
        })
    }

    /// The value of a name, if one line alone gives it one and no function has a parameter of that name.
    pub(super) fn value_of<T>(&self, name: &str, read: impl FnOnce(Value) -> T, depth: usize) -> Option<T> {
        let at = self.assignment_of(name)?;
        self.parsed(at, |root, offset| {
            let right = assigned(root)?;
            Some(read(Evaluator { module: self, offset, depth }.value(right)))
        })?
    }

    /// The line that assigns a name, if there is exactly one.
    pub(super) fn assignment_of(&self, name: &str) -> Option<usize> {
        let mut found = None;
        for (at, line) in self.lines.iter().enumerate() {
            let text = &self.text[line.first..line.end];
            match line.kind {
                LineKind::Function if names(text).any(|own| own == name) => return None,
                LineKind::Other if target(text) == Some(name) && found.replace(at).is_some() => {
                    return None;
                }
                LineKind::Other
                    if ["for ", "with ", "global "].iter().any(|word| text.starts_with(word))
                        && names(text.split(" in ").next().unwrap_or_default()).any(|own| own == name) =>
                {
                    return None;
                }
                _ => {}
            }
        }
        found
    }
}

/// The identifiers of a text.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').filter(|name| !name.is_empty())
}

/// The name that a line assigns to by `=`, typed or not.
fn target(line: &str) -> Option<&str> {
    let name = &line[..line.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()];
    let rest = line[name.len()..].trim_start();
    let assigns = rest.starts_with('=') && !rest.starts_with("==") || rest.starts_with(':') && !name.is_empty();
    (assigns && !matches!(name, "else" | "try" | "finally" | "lambda")).then_some(name)
}

/// The right side of the assignment that a line consists of.
pub(super) fn assigned(root: Node<'_>) -> Option<Node<'_>> {
    let statement = *children(root).first()?;
    let assignment = *children(statement).first()?;
    (assignment.kind() == "assignment").then(|| assignment.child_by_field_name("right"))?
}
