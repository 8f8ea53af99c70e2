//! A YAML file as mappings and sequences, with aliases and merge keys followed.

use std::cell::Cell;

use rustc_hash::{FxHashMap, FxHashSet};
use tree_sitter::{Node, Tree};

use super::scalar::Scalar;
use crate::facts::{Text, Word};
use crate::lang::interpolate::{self, Split, Syntax};
use crate::lang::shell::Joined;
use crate::span::Span;

/// So many pairs and items are looked at in one file; aliases of aliases would have no end.
const BUDGET: usize = 20_000;
/// How deep aliases and merges are followed.
const DEPTH: usize = 8;

/// A file.
pub(super) struct Document<'t> {
    pub text: &'t str,
    /// How references in it are written.
    pub syntax: Syntax,
    /// Whether parts of it may be missing: it does not parse, or a template makes it.
    pub is_template: bool,
    anchors: FxHashMap<&'t str, Node<'t>>,
    budget: Cell<usize>,
}

/// A key with its value.
#[derive(Clone, Copy)]
pub(super) struct Pair<'t> {
    pub key: Scalar,
    /// The value; none where nothing is written.
    pub value: Option<Node<'t>>,
    /// Key and value.
    pub span: Span,
}

impl<'t> Document<'t> {
    /// A view of a tree; `is_broken` where it does not parse as a whole.
    pub fn new(text: &'t str, tree: &'t Tree, syntax: Syntax, is_broken: bool) -> Self {
        let has_template = text.match_indices("{{").any(|(at, _)| !text[..at].ends_with('$'));
        let mut anchors = FxHashMap::default();
        if memchr::memchr(b'&', text.as_bytes()).is_some() {
            collect(text, tree, &mut anchors);
        }
        Self { text, syntax, is_template: is_broken || has_template, anchors, budget: Cell::new(BUDGET) }
    }

    /// The top-level nodes of the file's documents.
    pub fn roots(&self, tree: &'t Tree) -> Vec<Node<'t>> {
        let mut cursor = tree.walk();
        let documents: Vec<Node<'t>> = tree.root_node().named_children(&mut cursor).collect();
        documents
            .into_iter()
            .filter(|node| node.kind() == "document")
            .filter_map(|document| {
                let mut cursor = document.walk();
                document.named_children(&mut cursor).find(|child| matches!(child.kind(), "block_node" | "flow_node"))
            })
            .collect()
    }

    /// Whether so much has been looked at that the rest is not.
    pub fn is_exhausted(&self) -> bool {
        self.budget.get() == 0
    }

    fn spend(&self) -> bool {
        let left = self.budget.get();
        self.budget.set(left.saturating_sub(1));
        left > 0
    }

    /// The collection or scalar in a node that wraps it, aliases followed.
    pub fn resolve(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut node = node;
        for _ in 0..DEPTH {
            match node.kind() {
                "block_node" | "flow_node" => {
                    let mut cursor = node.walk();
                    node = node
                        .named_children(&mut cursor)
                        .find(|child| !matches!(child.kind(), "anchor" | "tag" | "comment"))?;
                }
                "alias" => {
                    node = *self.anchors.get(Span::of(node).text(self.text).trim_start_matches('*'))?;
                }
                _ => return Some(node),
            }
        }
        None
    }

    /// The pairs of a mapping, those that `<<` merges in behind its own; empty for anything else.
    pub fn pairs(&self, node: Node<'t>) -> Vec<Pair<'t>> {
        let mut found = Vec::new();
        self.collect_pairs(node, DEPTH, &mut found, &mut FxHashSet::default());
        found
    }

    fn collect_pairs(&self, node: Node<'t>, depth: usize, found: &mut Vec<Pair<'t>>, seen: &mut FxHashSet<&'t str>) {
        let Some(mapping) = self.resolve(node).filter(|node| node.kind().ends_with("_mapping")) else { return };
        let mut merged = Vec::new();
        let mut cursor = mapping.walk();
        for child in mapping.named_children(&mut cursor) {
            if !child.kind().ends_with("_pair") || !self.spend() {
                continue;
            }
            let Some(key) = child.child_by_field_name("key").and_then(|key| Scalar::of(self.text, key)) else {
                continue;
            };
            let value = child.child_by_field_name("value");
            let name = key.text(self.text);
            if name == "<<" {
                merged.extend(value);
            } else if seen.insert(name) {
                let span = value.map_or(key.span, |value| key.span.hull(trimmed(self.text, Span::of(value))));
                found.push(Pair { key, value, span });
            }
        }
        if depth == 0 {
            return;
        }
        for value in merged {
            let Some(target) = self.resolve(value) else { continue };
            if target.kind().ends_with("_sequence") {
                self.items(target).into_iter().for_each(|item| self.collect_pairs(item, depth - 1, found, seen));
            } else {
                self.collect_pairs(target, depth - 1, found, seen);
            }
        }
    }

    /// The bytes that a value stands in, and those of the anchor that it names.
    pub fn places(&self, node: Node<'t>) -> Vec<Span> {
        let own = Span::of(node);
        let resolved = self.resolve(node).map(Span::of).filter(|&resolved| !own.contains(resolved));
        std::iter::once(own).chain(resolved).collect()
    }

    /// The value under a key.
    pub fn get(&self, node: Node<'t>, name: &str) -> Option<Node<'t>> {
        self.pairs(node).into_iter().find(|pair| pair.key.text(self.text) == name)?.value
    }

    /// The items of a sequence; empty for anything else.
    pub fn items(&self, node: Node<'t>) -> Vec<Node<'t>> {
        let Some(sequence) = self.resolve(node).filter(|node| node.kind().ends_with("_sequence")) else {
            return Vec::new();
        };
        let mut cursor = sequence.walk();
        sequence
            .named_children(&mut cursor)
            .filter(|child| child.kind() != "comment" && self.spend())
            .filter_map(|child| match child.kind() {
                "block_sequence_item" => {
                    let mut inner = child.walk();
                    child.named_children(&mut inner).find(|part| part.kind() != "comment")
                }
                _ => Some(child),
            })
            .collect()
    }

    /// The items of a sequence, or the one value that is no sequence.
    pub fn one_or_more(&self, node: Node<'t>) -> Vec<Node<'t>> {
        match self.resolve(node) {
            Some(resolved) if resolved.kind().ends_with("_sequence") => self.items(resolved),
            Some(_) => vec![node],
            None => Vec::new(),
        }
    }

    pub fn is_mapping(&self, node: Node<'t>) -> bool {
        self.resolve(node).is_some_and(|node| node.kind().ends_with("_mapping"))
    }

    /// The scalar in a node, aliases followed.
    pub fn scalar(&self, node: Node<'t>) -> Option<Scalar> {
        Scalar::of(self.text, self.resolve(node)?)
    }

    /// A scalar as written, without quotes.
    pub fn written(&self, node: Node<'t>) -> Option<&'t str> {
        Some(self.scalar(node)?.span.text(self.text))
    }

    /// What a scalar amounts to.
    pub fn value(&self, scalar: Scalar) -> Text {
        let pieces = scalar.pieces(self.text);
        let joined = Joined::new(self.text, &pieces);
        interpolate::value(&joined, 0..joined.text().len(), self.syntax)
    }

    /// What bytes of the file amount to.
    pub fn evaluated(&self, span: Span) -> Text {
        let joined = Joined::new(self.text, &[span]);
        interpolate::value(&joined, 0..joined.text().len(), self.syntax)
    }

    /// A scalar as one word.
    pub fn word(&self, node: Node<'t>) -> Option<Word> {
        let scalar = self.scalar(node)?;
        Some(Word { text: self.value(scalar), span: trimmed(self.text, scalar.span) })
    }

    /// The scalars of a sequence, or the one scalar, each as a word.
    pub fn words(&self, node: Node<'t>) -> Vec<Word> {
        self.one_or_more(node).into_iter().filter_map(|item| self.word(item)).collect()
    }

    /// A command: the items of a list, or the words of a line. None for a value that is null.
    pub fn command(&self, node: Node<'t>) -> Option<Vec<Split>> {
        let resolved = self.resolve(node)?;
        if resolved.kind().ends_with("_sequence") {
            let item = |item| {
                let scalar = self.scalar(item)?;
                let word = Word { text: self.value(scalar), span: trimmed(self.text, scalar.span) };
                Some(Split { word, pieces: scalar.pieces(self.text) })
            };
            return Some(self.items(resolved).into_iter().filter_map(item).collect());
        }
        let scalar = Scalar::of(self.text, resolved)?;
        if scalar.style == super::scalar::Style::Plain && matches!(scalar.text(self.text), "null" | "~" | "") {
            return None;
        }
        let pieces = scalar.pieces(self.text);
        let joined = Joined::new(self.text, &pieces);
        Some(interpolate::words(&joined, 0..joined.text().len(), self.syntax))
    }
}

/// A span without line ends and blanks behind it.
pub(super) fn trimmed(text: &str, span: Span) -> Span {
    let written = span.text(text);
    Span::new(span.start as usize, span.start as usize + written.trim_end().len())
}

/// Finds what anchors name, without recursion.
fn collect<'t>(text: &'t str, tree: &'t Tree, anchors: &mut FxHashMap<&'t str, Node<'t>>) {
    let mut cursor = tree.walk();
    // A node finds its parent by going down from the root; the way here is known.
    let mut above: Vec<Node<'t>> = Vec::new();
    loop {
        let node = cursor.node();
        if node.kind() == "anchor"
            && let Some(&parent) = above.last()
        {
            anchors.insert(Span::of(node).text(text).trim_start_matches('&'), parent);
        }
        if cursor.goto_first_child() {
            above.push(node);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            above.pop();
        }
    }
}
