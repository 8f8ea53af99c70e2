//! Python: conditions on the target, lists of targets, predicates and their calls, and the names that imports bind.

mod built;
mod condition;
mod imports;
mod literals;
pub mod outline;
mod predicates;
mod walk;

use std::cell::RefCell;

use tree_sitter::{Node, Parser, Tree};

use super::{Candidate, FrontEnd};
use crate::facts::{FileFacts, Gap};
use crate::span::Span;

/// The front end for Python.
///
/// A file without any of these words is parsed only when it calls a predicate that another file defines.
pub static FRONT_END: FrontEnd =
    FrontEnd { language: "python", claims, words: &["gfx", "_capability", "on_mi3", "ROCM_ARCH", "GPU_ARCH", "__version_tuple__"], extract };

fn claims(candidate: &Candidate<'_>) -> bool {
    candidate.has_extension(&["py", "pyi"])
}

thread_local! {
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// Parses Python; none if the grammar cannot be loaded or the parse is cut short.
fn parse(text: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
            *slot = Some(parser);
        }
        slot.as_mut()?.parse(text, None)
    })
}

/// Reads what matters to import resolution: every file's outline, and what `setup.py` builds.
pub fn modules(path: &str, text: &str, facts: &mut FileFacts) {
    facts.outline = Some(outline::read(text));
    if path == "setup.py" || path.ends_with("/setup.py") {
        built::extract(text, &mut facts.built);
    }
}

fn extract(text: &str, facts: &mut FileFacts) {
    let Some(tree) = parse(text) else {
        facts.gaps.push(Gap { span: Span::new(0, text.len().min(1)), what: "Python".to_owned() });
        return;
    };
    if tree.root_node().has_error() {
        gaps(tree.root_node(), facts);
    }
    walk::Walker::new(text, facts).module(tree.root_node());
}

/// Records the outermost regions that did not parse.
fn gaps(root: Node<'_>, facts: &mut FileFacts) {
    let mut pending = vec![root];
    while let Some(node) = pending.pop() {
        if node.is_error() || node.is_missing() {
            facts.gaps.push(Gap { span: Span::of(node), what: "a Python statement".to_owned() });
        } else if node.has_error() {
            pending.extend((0..node.child_count()).rev().filter_map(|at| u32::try_from(at).ok().and_then(|at| node.child(at))));
        }
    }
}

/// The named children of a node, comments left out.
fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// A dotted name as written: an identifier, or attributes of one; a call in it (`platform().x`) makes none.
fn dotted(node: Node<'_>, text: &str) -> Option<String> {
    match node.kind() {
        "identifier" => Some(Span::of(node).text(text).to_owned()),
        "attribute" => {
            let object = dotted(node.child_by_field_name("object")?, text)?;
            let attribute = node.child_by_field_name("attribute")?;
            Some(format!("{object}.{}", Span::of(attribute).text(text)))
        }
        _ => None,
    }
}
