//! Where a function reads the target's name from the system, and what it does with the raw text.

use tree_sitter::Node;

use super::children;
use super::literals::{string_content, unwrapped};
use crate::facts::{ArchRead, ArchSource};
use crate::span::Span;

/// The words of which a function holds one if it reads the target's name.
pub(super) const WORDS: &[&str] = &["gcnArchName", "target_graphics_version"];

/// Methods that leave a name as it is, but for case and blanks.
const KEEPING: &[&str] = &["lower", "upper", "strip", "rstrip", "lstrip"];

/// The readings in a function or module whose text is used without its features being cut off.
pub(super) fn reads(block: Node<'_>, text: &str, scope: &str) -> Vec<ArchRead> {
    if !WORDS.iter().any(|word| Span::of(block).text(text).contains(word)) {
        return Vec::new();
    }
    let mut nodes = Vec::new();
    collect(block, &mut nodes);
    let mut found = Vec::new();
    for &node in &nodes {
        let Some((source, span, value)) = source_of(node, text) else { continue };
        let mut read = ArchRead { source, span, scope: scope.to_owned(), exact: Vec::new(), returned: false };
        let mut uses = vec![use_of(value, text)];
        if let Some(Use::Bound(name)) = uses.first() {
            let name = name.clone();
            if !nodes.iter().any(|&node| normalises(node, &name, text)) {
                uses.extend(
                    nodes
                        .iter()
                        .filter(|node| node.kind() == "identifier" && Span::of(**node).text(text) == name)
                        .map(|&node| use_of(node, text)),
                );
            }
        }
        for one in uses {
            match one {
                Use::Exact(span) => read.exact.push(span),
                Use::Returned => read.returned = true,
                Use::Bound(_) | Use::Other => {}
            }
        }
        found.push(read);
    }
    found
}

/// What becomes of a name.
enum Use {
    /// It is compared as a whole, or looked up.
    Exact(Span),
    /// It is returned.
    Returned,
    /// It is bound to a variable.
    Bound(String),
    /// Anything else: a part is searched in it, it is printed or cut.
    Other,
}

/// All nodes of a block, inner functions and classes left out.
fn collect<'t>(node: Node<'t>, nodes: &mut Vec<Node<'t>>) {
    nodes.push(node);
    for child in children(node) {
        if !matches!(child.kind(), "function_definition" | "class_definition" | "decorated_definition") {
            collect(child, nodes);
        }
    }
}

/// A reading: what is read, the word that says so, and the expression whose value it is.
fn source_of<'t>(node: Node<'t>, text: &str) -> Option<(ArchSource, Span, Node<'t>)> {
    let word = |span: Span| match span.text(text) {
        "gcnArchName" => Some(ArchSource::GcnArchName),
        "target_graphics_version" => Some(ArchSource::TargetGraphicsVersion),
        _ => None,
    };
    match node.kind() {
        "attribute" => {
            let span = Span::of(node.child_by_field_name("attribute")?);
            Some((word(span)?, span, node))
        }
        "string" => {
            let source = word(string_content(node)?)?;
            let holder = node.parent()?;
            let call = if holder.kind() == "argument_list" { holder.parent()? } else { holder };
            matches!(call.kind(), "call" | "subscript").then(|| (source, Span::of(node), call))
        }
        _ => None,
    }
}

/// What a value is used for, seen from the expression that yields it.
fn use_of(mut node: Node<'_>, text: &str) -> Use {
    while let Some(parent) = node.parent() {
        match parent.kind() {
            "parenthesized_expression" | "boolean_operator" => node = parent,
            "conditional_expression" if children(parent).get(1) != Some(&node) => node = parent,
            "attribute" if parent.child_by_field_name("object") == Some(node) => {
                let keeps = parent
                    .child_by_field_name("attribute")
                    .is_some_and(|method| KEEPING.contains(&Span::of(method).text(text)));
                match parent.parent().filter(|call| keeps && call.kind() == "call") {
                    Some(call) => node = call,
                    None => return Use::Other,
                }
            }
            "assignment" | "named_expression" => {
                let target = parent.child_by_field_name("left").or_else(|| parent.child_by_field_name("name"));
                return match target.filter(|target| target.kind() == "identifier" && *target != node) {
                    Some(target) => Use::Bound(Span::of(target).text(text).to_owned()),
                    None => Use::Other,
                };
            }
            "return_statement" => return Use::Returned,
            "comparison_operator" => {
                return if compares_whole(parent, node, text) { Use::Exact(Span::of(parent)) } else { Use::Other };
            }
            "subscript" if parent.child_by_field_name("value").is_some_and(|table| is_table(table, text)) => {
                return Use::Exact(Span::of(parent));
            }
            "argument_list" => {
                let table = parent.parent().and_then(|call| call.child_by_field_name("function")).filter(|function| {
                    function.child_by_field_name("attribute").is_some_and(|method| Span::of(method).text(text) == "get")
                });
                let is_lookup = table
                    .and_then(|function| function.child_by_field_name("object"))
                    .is_some_and(|table| is_table(table, text));
                return if is_lookup { Use::Exact(Span::of(parent.parent().unwrap_or(parent))) } else { Use::Other };
            }
            _ => return Use::Other,
        }
    }
    Use::Other
}

/// `name == "gfx942"`, `name in ("gfx942", "gfx950")`, `name in TABLE`; not `"gfx94" in name`.
fn compares_whole(comparison: Node<'_>, name: Node<'_>, text: &str) -> bool {
    let [left, right] = children(comparison)[..] else { return false };
    let mut cursor = comparison.walk();
    let operator: Vec<_> =
        comparison.children_by_field_name("operators", &mut cursor).map(|part| part.kind()).collect();
    let other = if left == name { right } else { left };
    match operator.join(" ").as_str() {
        "==" | "!=" => string_content(unwrapped(other)).is_some_and(|content| content.text(text).starts_with("gfx")),
        "in" | "not in" => left == name && unwrapped(right).kind() != "string" && is_table(right, text),
        _ => false,
    }
}

/// A collection that holds gfx names: written out, or a name that is given one in the same file.
fn is_table(node: Node<'_>, text: &str) -> bool {
    let node = unwrapped(node);
    let written = Span::of(node).text(text);
    match node.kind() {
        "dictionary" | "set" | "tuple" | "list" => written.contains("gfx"),
        "identifier" => {
            let opens = |rest: &str| {
                rest.trim_start_matches(|next| next != '=' && next != '\n')
                    .strip_prefix('=')
                    .is_some_and(|value| value.chars().take(120).collect::<String>().contains("gfx"))
            };
            text.match_indices(&format!("\n{written}")).any(|(at, found)| opens(&text[at + found.len()..]))
                || text.strip_prefix(written).is_some_and(opens)
        }
        _ => false,
    }
}

/// `name = name.split(":")[0]` and the like.
fn normalises(node: Node<'_>, name: &str, text: &str) -> bool {
    let is_target = |target: Node<'_>| Span::of(target).text(text) == name;
    node.kind() == "assignment"
        && node.child_by_field_name("left").is_some_and(is_target)
        && node.child_by_field_name("right").is_some_and(|value| {
            [".split(", ".partition(", "re.", "normal"].iter().any(|word| Span::of(value).text(text).contains(word))
        })
}
