//! What the grammar makes of text that is no instruction.
//!
//! Instructions are split by line, as the builder does it: the grammar loses whole instructions to a local fault. Where
//! a line is none, the grammar tells which part of it is at fault.

use std::cell::OnceCell;

use tree_sitter::{Node, Parser, Tree};

use crate::lang::tree;
use crate::span::Span;

/// The grammar's view of a file, made when it is first asked for.
pub(super) struct Grammar<'a> {
    text: &'a str,
    tree: OnceCell<Option<Tree>>,
}

impl<'a> Grammar<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, tree: OnceCell::new() }
    }

    /// The part of `line` that the grammar cannot place; the whole line where it sees no fault in it.
    pub(super) fn fault_in(&self, line: Span) -> Span {
        let Some(tree) = self.tree.get_or_init(|| self.parse()) else { return line };
        let mut faults: Option<Span> = None;
        let mut pending = vec![tree.root_node()];
        while let Some(node) = pending.pop() {
            let span = Span::of(node);
            if !node.has_error() || span.end <= line.start || span.start >= line.end {
                continue;
            }
            if node.is_error() && line.contains(span) && span.start < span.end {
                faults = Some(faults.map_or(span, |before| before.hull(span)));
            } else {
                pending.extend(children(node));
            }
        }
        faults.unwrap_or(line)
    }

    fn parse(&self) -> Option<Tree> {
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_dockerfile::LANGUAGE.into()).ok()?;
        tree::parse(&mut parser, self.text)
    }
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_fault_is_whole() {
        let text = "FROM a\nRUN true\n";
        assert_eq!(Grammar::new(text).fault_in(Span::new(7, 15)), Span::new(7, 15));
    }

    #[test]
    fn the_fault_lies_in_its_line() {
        let text = "FROM a\n?? what\nRUN true\n";
        let line = Span::new(7, 14);
        assert!(line.contains(Grammar::new(text).fault_in(line)));
    }
}
