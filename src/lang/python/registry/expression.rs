//! What a line lists.

use tree_sitter::Node;

use super::LISTS;
use crate::facts::{ListedName, NameList, NameListKind};
use crate::lang::python::literals::{string_content, unwrapped};
use crate::lang::python::{children, dotted};
use crate::span::Span;

/// Reads the tree of a line.
pub(super) struct Read<'a> {
    pub(super) text: &'a str,
    /// Where the line stands in the file.
    pub(super) offset: usize,
}

impl Read<'_> {
    fn span(&self, node: Node<'_>) -> Span {
        Span::of(node).shifted(self.offset)
    }

    pub(super) fn statement(&self, root: Node<'_>) -> Option<NameList> {
        let statement = *children(root).first()?;
        let inner = *children(statement).first()?;
        match inner.kind() {
            "assignment" => {
                let (left, right) = (inner.child_by_field_name("left")?, inner.child_by_field_name("right")?);
                if left.kind() == "subscript" {
                    let key = self.string(left.child_by_field_name("subscript")?);
                    let value = dotted(right, self.text_here());
                    let names = key.map(|key| ListedName { value, ..key });
                    return self.started(left.child_by_field_name("value")?, NameListKind::Added, names.into_iter());
                }
                // `X = ["a"] + X` adds to what is there.
                let added = (right.kind() == "binary_operator").then(|| self.other_operand(right, left)).flatten();
                let (kind, names, is_open) = match added {
                    Some(added) => {
                        let (_, names, is_open) = self.value(added);
                        (NameListKind::Added, names, is_open)
                    }
                    None => self.value(right),
                };
                Some(NameList { is_open, ..self.started(left, kind, names.into_iter())? })
            }
            "augmented_assignment" => {
                let (_, names, is_open) = self.value(inner.child_by_field_name("right")?);
                let left = inner.child_by_field_name("left")?;
                Some(NameList { is_open, ..self.started(left, NameListKind::Added, names.into_iter())? })
            }
            "call" => self.call(inner),
            _ => None,
        }
    }

    /// `X.append("a")`, `X.extend([...])`, `X.update({...})`, `X.setdefault("a", ...)`.
    fn call(&self, call: Node<'_>) -> Option<NameList> {
        let function = call.child_by_field_name("function").filter(|function| function.kind() == "attribute")?;
        let method = self.span(function.child_by_field_name("attribute")?).text(self.text);
        let first = *children(call.child_by_field_name("arguments")?).first()?;
        let (names, is_open) = match method {
            "append" | "setdefault" | "add" => match self.string(first) {
                Some(name) => (vec![name], false),
                None => (Vec::new(), true),
            },
            "extend" | "update" => {
                let (_, names, is_open) = self.value(first);
                (names, is_open)
            }
            _ => return None,
        };
        let object = function.child_by_field_name("object")?;
        let taken_from = dotted(first, self.text_here());
        Some(NameList { is_open, taken_from, ..self.started(object, NameListKind::Added, names.into_iter())? })
    }

    /// The operand of a sum that is not the variable itself, where the other one is.
    fn other_operand<'t>(&self, sum: Node<'t>, variable: Node<'_>) -> Option<Node<'t>> {
        let (left, right) = (sum.child_by_field_name("left")?, sum.child_by_field_name("right")?);
        let is_variable = |node: Node<'_>| self.span(node).text(self.text) == self.span(variable).text(self.text);
        if is_variable(right) { Some(left) } else { is_variable(left).then_some(right) }
    }

    /// The text of the line, to which its nodes' offsets belong.
    fn text_here(&self) -> &str {
        &self.text[self.offset..]
    }

    /// A list of that name, if it is one of those that are read.
    fn started(&self, name: Node<'_>, kind: NameListKind, names: impl Iterator<Item = ListedName>) -> Option<NameList> {
        let name = match name.kind() {
            "attribute" => name.child_by_field_name("attribute")?,
            _ => name,
        };
        let span = self.span(name);
        let written = span.text(self.text);
        LISTS.contains(&written).then(|| NameList {
            name: written.to_owned(),
            scope: String::new(),
            span,
            kind,
            names: names.collect(),
            is_open: false,
            taken_from: None,
            is_conditional: false,
        })
    }

    /// The strings that an expression lists, and whether there may be more.
    fn value(&self, node: Node<'_>) -> (NameListKind, Vec<ListedName>, bool) {
        let node = unwrapped(node);
        let (kind, elements) = match node.kind() {
            "list" | "tuple" | "set" => (NameListKind::Sequence, children(node)),
            "dictionary" => {
                let pairs = children(node);
                let keys = pairs.iter().map(|pair| pair.child_by_field_name("key").unwrap_or(*pair)).collect();
                (NameListKind::Keys, keys)
            }
            "subscript"
                if node
                    .child_by_field_name("value")
                    .is_some_and(|value| self.span(value).text(self.text).rsplit('.').next() == Some("Literal")) =>
            {
                let mut cursor = node.walk();
                let items = node.children_by_field_name("subscript", &mut cursor).collect();
                (NameListKind::Literal, items)
            }
            _ => return (NameListKind::Sequence, Vec::new(), true),
        };
        let named = |&element: &Node<'_>| {
            let pair = element.parent().filter(|parent| parent.kind() == "pair");
            let value = pair.and_then(|pair| dotted(pair.child_by_field_name("value")?, self.text_here()));
            Some(ListedName { value, ..self.string(element)? })
        };
        let names: Vec<ListedName> = elements.iter().filter_map(named).collect();
        let is_open = names.len() != elements.len();
        (kind, names, is_open)
    }

    fn string(&self, node: Node<'_>) -> Option<ListedName> {
        let span = string_content(unwrapped(node))?.shifted(self.offset);
        Some(ListedName { name: span.text(self.text).to_owned(), span, value: None })
    }
}
