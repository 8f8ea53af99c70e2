//! Python: conditions on the target, lists of targets, predicates and their calls, and the names that imports bind.

mod condition;
mod focus;
mod imports;
mod literals;
mod predicates;
mod walk;

use std::cell::RefCell;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use tree_sitter::{Node, Parser, Tree};

use self::focus::Function;
use super::{Candidate, FrontEnd};
use crate::facts::{FileFacts, Gap};
use crate::span::Span;

/// Words of which a function must hold one to be worth a parse.
const WORDS: &[&str] = &["gfx", "device_capability", "min_capability", "on_mi3", "ROCM_ARCH", "GPU_ARCH"];

/// The front end for Python.
///
/// A function without any of these words is parsed only when it calls a predicate that another file defines.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "python",
    claims,
    words: &["gfx", "device_capability", "min_capability", "on_mi3", "ROCM_ARCH", "GPU_ARCH", "__version_tuple__"],
    extract,
    extract_callers: Some(extract_callers),
};

static SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(WORDS).ok());

fn claims(candidate: &Candidate<'_>) -> bool {
    candidate.has_extension(&["py", "pyi"])
}

/// How deep a tree may be: it is read recursively, on a thread's stack. Written code stays below a hundred.
const DEEPEST: usize = 1_000;

/// Whether some node has more than `limit` nodes above it. Only nodes with that many below them are looked at.
fn is_deeper_than(root: Node<'_>, limit: usize) -> bool {
    let mut pending = vec![(root, 0)];
    let mut cursor = root.walk();
    while let Some((node, depth)) = pending.pop() {
        if depth > limit {
            return true;
        }
        pending.extend(node.children(&mut cursor).filter(|child| depth + child.descendant_count() > limit).map(|child| (child, depth + 1)));
    }
    false
}

thread_local! {
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// Parses the functions of a module that are `wanted`, and all that stands outside of functions. None if the grammar
/// cannot be loaded.
fn parse(text: &str, functions: &[Function], wanted: impl Fn(&Function) -> bool) -> Option<Tree> {
    let focused = focus::focus(text, functions, wanted);
    let (text, ranges) = match &focused {
        Some((text, ranges)) => (text.as_str(), ranges.as_slice()),
        None => (text, [].as_slice()),
    };
    PARSER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
            *slot = Some(parser);
        }
        let parser = slot.as_mut()?;
        parser.set_included_ranges(ranges).ok()?;
        parser.parse(text, None)
    })
}

fn extract(text: &str, facts: &mut FileFacts) {
    let functions = focus::functions(text);
    let held = |function: &Function| SEARCH.as_ref().is_none_or(|search| search.is_match(&text[function.start..function.end]));
    let Some(tree) = parse(text, &functions, held) else {
        facts.gaps.push(Gap { span: Span::new(0, text.len().min(1)), what: "Python".to_owned() });
        return;
    };
    if is_deeper_than(tree.root_node(), DEEPEST) {
        facts.gaps.push(Gap { span: Span::new(0, text.len().min(1)), what: "Python: it is nested too deeply".to_owned() });
        return;
    }
    if tree.root_node().has_error() {
        gaps(tree.root_node(), facts);
    }
    walk::Walker::new(text, facts).module(tree.root_node());
}

/// Reads the functions that call what `callers` finds and that `extract` passed over.
fn extract_callers(text: &str, callers: &AhoCorasick, seen: bool, facts: &mut FileFacts) {
    if !callers.is_match(text) {
        return;
    }
    let functions = focus::functions(text);
    let calls = |function: &Function| {
        let body = &text[function.start..function.end];
        callers.is_match(body) && !(seen && SEARCH.as_ref().is_none_or(|search| search.is_match(body)))
    };
    let fresh: Vec<Span> = functions.iter().filter(|function| calls(function)).map(|function| Span::new(function.start, function.end)).collect();
    if seen && fresh.is_empty() {
        return;
    }
    let Some(tree) = parse(text, &functions, calls).filter(|tree| !is_deeper_than(tree.root_node(), DEEPEST)) else { return };
    let mut found = FileFacts::default();
    walk::Walker::new(text, &mut found).module(tree.root_node());
    if seen {
        // What stands outside of these functions is known from the first reading.
        let is_fresh = |span: Span| fresh.iter().any(|function| function.contains(span));
        found.arch_sites.retain(|site| is_fresh(site.span));
        found.definitions.retain(|definition| is_fresh(definition.span));
        found.imports.retain(|import| is_fresh(import.span));
        found.prose.retain(|prose| is_fresh(prose.span));
        found.versions.clear();
    }
    facts.arch_sites.append(&mut found.arch_sites);
    facts.definitions.append(&mut found.definitions);
    facts.imports.append(&mut found.imports);
    facts.prose.append(&mut found.prose);
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
