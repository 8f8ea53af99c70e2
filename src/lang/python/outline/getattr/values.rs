//! Collections of strings in a syntax tree.

use tree_sitter::Node;

use super::super::super::{children, dotted, literals::string_content};
use crate::facts::outline::{Element, Literal};
use crate::span::Span;

/// The items of a collection or the keys of a dict. A single string is one item.
pub(super) fn collection(node: Node<'_>, text: &str) -> Vec<Element> {
    let mut found = Vec::new();
    let mut pending = vec![node];
    while let Some(node) = pending.pop() {
        let parts = children(node);
        match node.kind() {
            "string" | "concatenated_string" => found.push(literal(node, text).map_or(Element::Unknown, Element::Text)),
            "list" | "tuple" | "set" | "parenthesized_expression" | "list_splat" | "dictionary_splat" => {
                pending.extend(parts.into_iter().rev())
            }
            "dictionary" => {
                pending.extend(parts.into_iter().rev().map(|part| part.child_by_field_name("key").unwrap_or(part)))
            }
            "binary_operator"
                if node
                    .child_by_field_name("operator")
                    .is_some_and(|operator| matches!(operator.kind(), "+" | "|")) =>
            {
                pending.extend(parts.into_iter().rev())
            }
            // Attributes of attributes are followed one by one: not too many of them.
            "identifier" | "attribute" if node.byte_range().len() < 400 => {
                found.push(dotted(node, text).map_or(Element::Unknown, |name| Element::Of(name.into())))
            }
            "call" => match unwrapped(node, text) {
                Some(inner) => pending.push(inner),
                None => found.push(Element::Unknown),
            },
            _ => found.push(Element::Unknown),
        }
    }
    found
}

/// Whether an expression is `globals()` or another view of what the module binds anyway.
pub(super) fn is_namespace(node: Node<'_>, text: &str) -> bool {
    node.kind() == "call"
        && node.child_by_field_name("arguments").is_some_and(|arguments| children(arguments).is_empty())
        && node
            .child_by_field_name("function")
            .is_some_and(|function| matches!(Span::of(function).text(text), "globals" | "vars" | "dir" | "locals"))
}

/// The collection in `set(…)` and the like, or the dict of `….keys()`.
fn unwrapped<'t>(call: Node<'t>, text: &str) -> Option<Node<'t>> {
    let function = call.child_by_field_name("function")?;
    let arguments = children(call.child_by_field_name("arguments")?);
    match (function.child_by_field_name("attribute"), arguments.as_slice()) {
        (Some(keys), []) if Span::of(keys).text(text) == "keys" => function.child_by_field_name("object"),
        (None, [only])
            if matches!(Span::of(function).text(text), "sorted" | "list" | "tuple" | "set" | "frozenset" | "dict") =>
        {
            Some(*only)
        }
        _ => None,
    }
}

fn literal(node: Node<'_>, text: &str) -> Option<Literal> {
    if node.kind() == "string" {
        let span = string_content(node)?;
        return Some(Literal { text: span.text(text).into(), span });
    }
    let parts: Option<Vec<Span>> = children(node).into_iter().map(string_content).collect();
    let joined: String = parts?.into_iter().map(|span| span.text(text)).collect();
    Some(Literal { text: joined.into(), span: Span::of(node) })
}
