//! Python: conditions on the target, lists of targets, predicates and their calls, and the names that imports bind.

mod blocks;
mod built;
mod condition;
mod eager;
mod focus;
mod imports;
mod launches;
mod lines;
mod literals;
pub mod outline;
mod predicates;
mod reads;
mod registry;
mod walk;

use std::cell::RefCell;
use std::ops::Range;
use std::sync::LazyLock;

use tree_sitter::{Node, Parser, Tree};

use self::focus::Focus;
use super::{Callers, Candidate, FrontEnd, Words, tree};
use crate::facts::{FileFacts, Gap};
use crate::span::Span;

/// The front end for Python.
///
/// A function without any of these words is parsed only when it calls a predicate that another file defines.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "python",
    claims,
    words: &[
        "gfx",
        "device_capability",
        "min_capability",
        "on_mi3",
        "ROCM_ARCH",
        "GPU_ARCH",
        "target_graphics_version",
        "gcnArchName",
        "__version_tuple__",
    ],
    joined: Some(&["__version_tuple__"]),
    extract,
    extract_callers: Some(extract_callers),
};

/// The same words, and the one whose line tells a version.
static SEARCH: LazyLock<Words> = LazyLock::new(|| Words::new(&[FRONT_END.words, &["__version__"]].concat()));

/// Words that are looked for in every file, in one pass.
static ALWAYS_SEARCHED: LazyLock<Words> =
    LazyLock::new(|| Words::new(&[launches::WORDS, registry::WORDS, eager::WORDS].concat()));

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
        pending.extend(
            node.children(&mut cursor)
                .filter(|child| depth + child.descendant_count() > limit)
                .map(|child| (child, depth + 1)),
        );
    }
    false
}

thread_local! {
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// Parses what [`Focus`] leaves of a module. None if the grammar cannot be loaded.
fn parse(focus: &Focus<'_>, kept: &[Range<usize>], words: &[usize]) -> Option<Tree> {
    let (text, ranges) = focus.text(kept, words);
    parse_ranges(&text, &ranges)
}

/// Parses all of a text. None if the grammar cannot be loaded.
fn parse_all(text: &str) -> Option<Tree> {
    parse_ranges(text, &[])
}

/// Parses these ranges of a text; all of it where there are none.
fn parse_ranges(text: &str, ranges: &[tree_sitter::Range]) -> Option<Tree> {
    PARSER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
            *slot = Some(parser);
        }
        let parser = slot.as_mut()?;
        parser.set_included_ranges(ranges).ok()?;
        tree::parse(parser, text)
    })
}

/// Reads what imports need of every module: its outline, and what `setup.py` builds.
pub fn modules(path: &str, text: &str, facts: &mut FileFacts) {
    facts.outline = Some(Box::new(outline::read(text)));
    if path == "setup.py" || path.ends_with("/setup.py") {
        built::extract(text, &mut facts.built);
        built::entry_points(text, &mut facts.entry_points);
    }
}

/// Reads what has words of its own: starts of vLLM, registries, and what runs when a module is imported.
pub fn starts(text: &str, facts: &mut FileFacts) {
    let words = ALWAYS_SEARCHED.positions(text.as_bytes());
    let places = |own: &[&str]| -> Vec<usize> {
        let is_own = |&at: &usize| own.iter().any(|word| text[at..].starts_with(word));
        words.iter().copied().filter(is_own).collect()
    };
    launches::extract(text, &places(launches::WORDS), facts);
    registry::extract(text, &places(registry::WORDS), facts);
    eager::extract(text, &places(eager::WORDS), facts);
}

fn extract(text: &str, facts: &mut FileFacts) {
    let focus = Focus::new(text);
    let words = SEARCH.positions(text.as_bytes());
    let kept: Vec<_> = focus.functions().filter(|function| focus::holds_one(&words, function)).collect();
    let Some(tree) = parse(&focus, &kept, &words) else {
        facts.gaps.push(Gap { span: Span::new(0, text.len().min(1)), what: "Python of ordinary shape".to_owned() });
        return;
    };
    if is_deeper_than(tree.root_node(), DEEPEST) {
        facts.gaps.push(Gap { span: Span::new(0, text.len().min(1)), what: "Python of ordinary depth".to_owned() });
        return;
    }
    if tree.root_node().has_error() {
        gaps(tree.root_node(), facts);
    }
    walk::Walker::new(text, facts).module(tree.root_node());
}

/// Reads a module again for predicates that were not known before: what stands outside of functions, and the functions
/// that name one of them. What the first reading found in other functions stays.
fn extract_callers(text: &str, callers: &Callers, facts: &mut FileFacts) {
    let focus = Focus::new(text);
    let fresh = callers.fresh.positions(text.as_bytes());
    let (read, kept): (Vec<_>, Vec<_>) = focus.functions().partition(|function| focus::holds_one(&fresh, function));
    let mut words = SEARCH.positions(text.as_bytes());
    words.extend(callers.all.positions(text.as_bytes()));
    words.sort_unstable();
    let Some(tree) = parse(&focus, &read, &words).filter(|tree| !is_deeper_than(tree.root_node(), DEEPEST)) else {
        return;
    };
    let mut found = FileFacts::default();
    walk::Walker::new(text, &mut found).module(tree.root_node());
    let stays = |span: Span| {
        kept.iter().any(|function| function.start <= span.range().start && span.range().end <= function.end)
    };
    merge(&mut facts.arch_sites, found.arch_sites, |site| stays(site.span));
    merge(&mut facts.definitions, found.definitions, |definition| stays(definition.span));
    merge(&mut facts.imports, found.imports, |import| stays(import.span));
    merge(&mut facts.prose, found.prose, |prose| stays(prose.span));
    merge(&mut facts.arch_reads, found.arch_reads, |read| stays(read.span));
}

/// Keeps the old facts that stay, and adds the new ones.
fn merge<T>(old: &mut Vec<T>, mut new: Vec<T>, stays: impl Fn(&T) -> bool) {
    old.retain(stays);
    old.append(&mut new);
}

/// Records the outermost regions that did not parse.
fn gaps(root: Node<'_>, facts: &mut FileFacts) {
    let mut pending = vec![root];
    while let Some(node) = pending.pop() {
        if node.is_error() || node.is_missing() {
            facts.gaps.push(Gap { span: Span::of(node), what: "a Python statement".to_owned() });
        } else if node.has_error() {
            pending.extend((0..node.child_count()).rev().filter_map(|at| node.child(at)));
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
