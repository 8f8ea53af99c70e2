//! String literals and collections of them.

use tree_sitter::Node;

use super::children;
use crate::arch::{ArchToken, TokenShape, tokens};
use crate::span::Span;

/// The bytes between the quotes of a plain string; none for f-strings with parts in them and for concatenations.
pub(super) fn string_content(node: Node<'_>) -> Option<Span> {
    if node.kind() != "string" {
        return None;
    }
    let mut cursor = node.walk();
    let (mut start, mut end) = (None, None);
    for child in node.children(&mut cursor) {
        match child.kind() {
            "string_start" => start = Some(child.end_byte()),
            "string_end" => end = Some(child.start_byte()),
            "interpolation" => return None,
            _ => {}
        }
    }
    Some(Span::new(start?, end?))
}

/// The one gfx name that a string consists of (`"gfx94"`, also `"gfx9"` as a part of names).
pub(super) fn arch_string(node: Node<'_>, text: &str) -> Option<ArchToken> {
    let content = string_content(node)?;
    let written = content.text(text);
    if written == "gfx" {
        return None;
    }
    let found = tokens(text, content);
    match found.as_slice() {
        [token] if token.span == content => Some(token.clone()),
        // A part of names that is too short to be a token of its own: `"gfx1"`.
        _ if written.strip_prefix("gfx").is_some_and(|rest| {
            !rest.is_empty() && rest.len() <= 4 && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
        }) =>
        {
            Some(ArchToken { name: written.to_owned(), shape: TokenShape::Family, span: content, features: false })
        }
        _ => None,
    }
}

/// The gfx names of a list, tuple or set of strings in which every element is one; `native`, which build scripts
/// allow for the GPU of the machine, may stand among them.
pub(super) fn arch_collection(node: Node<'_>, text: &str) -> Option<Vec<ArchToken>> {
    let node = unwrapped(node);
    match node.kind() {
        "list" | "tuple" | "set" => {
            let found: Option<Vec<_>> = children(node)
                .into_iter()
                .filter(|&element| !is_native(element, text))
                .map(|element| arch_string(element, text))
                .collect();
            found.filter(|found| !found.is_empty())
        }
        "call" => {
            // frozenset({...}), tuple([...]), set([...])
            let function = node.child_by_field_name("function")?;
            let known = matches!(Span::of(function).text(text), "frozenset" | "set" | "tuple" | "list");
            let arguments = children(node.child_by_field_name("arguments")?);
            match arguments.as_slice() {
                [only] if known => arch_collection(*only, text),
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_native(node: Node<'_>, text: &str) -> bool {
    string_content(node).is_some_and(|content| content.text(text) == "native")
}

/// The expression inside parentheses.
pub(super) fn unwrapped(mut node: Node<'_>) -> Node<'_> {
    while node.kind() == "parenthesized_expression" {
        match children(node).first() {
            Some(&inner) => node = inner,
            None => break,
        }
    }
    node
}

/// An integer literal.
pub(super) fn integer(node: Node<'_>, text: &str) -> Option<i64> {
    let node = unwrapped(node);
    match node.kind() {
        "integer" => Span::of(node).text(text).replace('_', "").parse().ok(),
        "unary_operator" => {
            let argument = integer(node.child_by_field_name("argument")?, text)?;
            Span::of(node).text(text).starts_with('-').then_some(-argument)
        }
        _ => None,
    }
}

/// The integers of a tuple, list or set of integers.
pub(super) fn integers(node: Node<'_>, text: &str) -> Option<Vec<i64>> {
    let node = unwrapped(node);
    matches!(node.kind(), "list" | "tuple" | "set")
        .then(|| children(node).into_iter().map(|element| integer(element, text)).collect())?
}
