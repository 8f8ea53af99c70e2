//! The variables that a file sets for the scripts in it: `env:` beside or above them.

use rustc_hash::FxHashMap;
use tree_sitter::Node;

use super::scalar::{Scalar, evaluate};
use crate::facts::Text;
use crate::span::Span;

/// Mappings around a node, outermost first, with the variables that each sets.
#[derive(Debug, Default)]
pub struct Environment {
    mappings: Vec<Mapping>,
}

#[derive(Debug)]
struct Mapping {
    /// How deep in the tree it stands.
    depth: usize,
    /// The value of a key `key` in it.
    label: Option<String>,
    variables: FxHashMap<String, Span>,
}

impl Environment {
    /// Enters a mapping.
    pub fn enter(&mut self, text: &str, node: Node<'_>, depth: usize) {
        let mut mapping = Mapping { depth, label: None, variables: FxHashMap::default() };
        for (key, value) in pairs(text, node) {
            match key.text(text) {
                "key" => mapping.label = Scalar::of(text, value).map(|label| label.text(text).to_owned()),
                "env" | "environment" => mapping.variables = variables(text, value),
                _ => {}
            }
        }
        self.mappings.push(mapping);
    }

    /// Leaves a mapping at that depth or below, if there is one.
    pub fn leave(&mut self, depth: usize) {
        self.mappings.pop_if(|mapping| mapping.depth >= depth);
    }

    /// The name that the innermost mapping bears.
    pub fn label(&self) -> Option<&str> {
        self.mappings.last().and_then(|mapping| mapping.label.as_deref())
    }

    /// The value of a variable, set in the innermost mapping that sets it.
    pub fn lookup(&self, text: &str, name: &str) -> Option<(Text, Option<Span>)> {
        let span = *self.mappings.iter().rev().find_map(|mapping| mapping.variables.get(name))?;
        Some((evaluate(text, span), Some(span)))
    }
}

/// The scalar values of a mapping, by key.
fn variables(text: &str, node: Node<'_>) -> FxHashMap<String, Span> {
    let mapping = match node.kind() {
        "block_node" | "flow_node" => {
            let mut cursor = node.walk();
            node.named_children(&mut cursor).find(|child| child.kind().ends_with("_mapping"))
        }
        _ => None,
    };
    let values = mapping.into_iter().flat_map(|mapping| pairs(text, mapping));
    values.filter_map(|(key, value)| Some((key.text(text).to_owned(), Scalar::of(text, value)?.span))).collect()
}

/// The pairs of a mapping that have a scalar key and a value.
fn pairs<'t>(text: &str, mapping: Node<'t>) -> Vec<(Scalar, Node<'t>)> {
    let mut cursor = mapping.walk();
    let pair = |pair: Node<'t>| {
        Some((Scalar::of(text, pair.child_by_field_name("key")?)?, pair.child_by_field_name("value")?))
    };
    mapping.named_children(&mut cursor).filter_map(pair).collect()
}
