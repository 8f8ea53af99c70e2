//! Whether conditions hold for a name that nothing is known of.

use tree_sitter::Node;

use super::super::super::children;
use super::super::condition::Truth;
use super::flow::{Flow, NESTING};
use super::values::{collection, is_namespace};
use crate::facts::outline::{Element, Literal};

impl Flow<'_> {
    /// Whether a condition holds for the name that nothing is known of.
    pub(super) fn truth(&mut self, node: Node<'_>) -> Truth {
        if self.depth >= NESTING {
            return Truth::Maybe;
        }
        self.depth += 1;
        let parts = children(node);
        let truth = match (node.kind(), parts.as_slice()) {
            ("parenthesized_expression", [inner]) => self.truth(*inner),
            ("not_operator", [inner]) => self.truth(*inner).not(),
            ("boolean_operator", [left, right]) => {
                let (left, right) = (self.truth(*left), self.truth(*right));
                if node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "and") {
                    left.and(right)
                } else {
                    left.or(right)
                }
            }
            ("comparison_operator", [left, right]) => self.comparison(node, *left, *right),
            ("named_expression", [name, value]) if self.is_none(*value) => {
                self.nones.push(self.written(*name));
                Truth::No
            }
            _ if self.is_none(node) => Truth::No,
            ("true", _) => Truth::Yes,
            ("false", _) => Truth::No,
            _ => Truth::Maybe,
        };
        self.depth -= 1;
        truth
    }

    fn comparison(&mut self, node: Node<'_>, left: Node<'_>, right: Node<'_>) -> Truth {
        let operator = node.child_by_field_name("operators").map_or("", |operator| operator.kind());
        let is_negated = matches!(operator, "!=" | "not in" | "is not");
        let answer = if is_negated { Truth::Yes } else { Truth::No };
        match operator {
            "==" | "!=" => {
                let (left, right) = if self.is_parameter(right) { (right, left) } else { (left, right) };
                match collection(right, self.text).as_slice() {
                    [Element::Text(literal)] if self.is_parameter(left) => {
                        self.names.push(Element::Text(Literal::clone(literal)));
                        answer
                    }
                    _ => Truth::Maybe,
                }
            }
            "in" | "not in" if self.is_parameter(left) => {
                self.tested(right);
                answer
            }
            "is" | "is not" if right.kind() == "none" => {
                let tested =
                    if left.kind() == "parenthesized_expression" { left.named_child(0).unwrap_or(left) } else { left };
                let none = match tested.kind() {
                    "named_expression" => self.truth(tested) == Truth::No,
                    _ => self.is_none(tested),
                };
                match none {
                    true => answer.not(),
                    false => Truth::Maybe,
                }
            }
            _ => Truth::Maybe,
        }
    }

    /// Gathers the names of a collection that the parameter is looked up in.
    pub(super) fn tested(&mut self, found_in: Node<'_>) {
        if is_namespace(found_in, self.text) {
            return;
        }
        for element in collection(found_in, self.text) {
            match &element {
                Element::Of(name) => match self.locals.iter().rfind(|(local, _)| **local == **name) {
                    Some((_, elements)) => self.names.extend(elements.iter().cloned()),
                    None => self.names.push(element),
                },
                _ => self.names.push(element),
            }
        }
    }

    pub(super) fn is_parameter(&self, node: Node<'_>) -> bool {
        node.kind() == "identifier" && self.written(node) == self.parameter
    }

    /// Whether an expression is `None`: the literal, a name that is, or `table.get(parameter)`.
    pub(super) fn is_none(&mut self, node: Node<'_>) -> bool {
        match node.kind() {
            "none" => true,
            "identifier" => self.nones.contains(&self.written(node)),
            "call" => {
                let (Some(function), Some(arguments)) =
                    (node.child_by_field_name("function"), node.child_by_field_name("arguments"))
                else {
                    return false;
                };
                let (Some(object), Some(method)) =
                    (function.child_by_field_name("object"), function.child_by_field_name("attribute"))
                else {
                    return false;
                };
                let default_is_none = match children(arguments).as_slice() {
                    [key] => self.is_parameter(*key),
                    [key, default] => self.is_parameter(*key) && default.kind() == "none",
                    _ => false,
                };
                let is_get = default_is_none && matches!(self.written(method), "get" | "pop");
                if is_get {
                    self.tested(object);
                }
                is_get
            }
            _ => false,
        }
    }
}
