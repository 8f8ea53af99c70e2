//! Follows a function for a name that it knows nothing of.

use tree_sitter::Node;

use super::super::super::children;
use super::super::condition::Truth;
use super::values::collection;
use crate::facts::outline::Element;
use crate::span::Span;

/// How running something may end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) raises: bool,
    /// Returns `None`.
    pub(super) none: bool,
    /// Returns something that is not known.
    pub(super) value: bool,
    /// Goes on with the next statement.
    pub(super) continues: bool,
}

const CONTINUES: Ends = Ends { raises: false, none: false, value: false, continues: true };
const RAISES: Ends = Ends { raises: true, none: false, value: false, continues: false };
const NONE: Ends = Ends { raises: false, none: true, value: false, continues: false };
const VALUE: Ends = Ends { raises: false, none: false, value: true, continues: false };

/// Statements and expressions within each other beyond this number are not followed.
pub(super) const NESTING: u32 = 64;

/// What is known while a function is followed.
pub(super) struct Flow<'t> {
    pub(super) text: &'t str,
    pub(super) parameter: &'t str,
    /// Names that the parameter is tested for.
    pub(super) names: Vec<Element>,
    /// Local collections.
    pub(super) locals: Vec<(&'t str, Vec<Element>)>,
    /// Local names that are `None`.
    pub(super) nones: Vec<&'t str>,
    pub(super) depth: u32,
}

impl<'t> Flow<'t> {
    /// Starts at a function's definition; none where its parameter is of no use.
    pub(super) fn of(definition: Node<'_>, text: &'t str) -> Option<Self> {
        let parameters = children(definition.child_by_field_name("parameters")?);
        let first = parameters.first()?;
        let name = if first.kind() == "identifier" {
            *first
        } else {
            first.child_by_field_name("name").or_else(|| first.named_child(0))?
        };
        (name.kind() == "identifier").then(|| Self {
            text,
            parameter: Span::of(name).text(text),
            names: Vec::new(),
            locals: Vec::new(),
            nones: Vec::new(),
            depth: 0,
        })
    }

    /// How the function ends, and the names that it tests for.
    pub(super) fn follow(mut self, definition: Node<'_>) -> (Ends, Vec<Element>) {
        let ends = definition.child_by_field_name("body").map_or(VALUE, |body| self.block(body));
        (ends, self.names)
    }

    pub(super) fn written(&self, node: Node<'_>) -> &'t str {
        Span::of(node).text(self.text)
    }

    fn block(&mut self, block: Node<'_>) -> Ends {
        if self.depth >= NESTING {
            return VALUE;
        }
        self.depth += 1;
        let mut ends = CONTINUES;
        for statement in children(block) {
            let next = self.statement(statement);
            ends = Ends { continues: false, ..ends }.or(next);
            if !next.continues {
                break;
            }
        }
        self.depth -= 1;
        ends
    }

    fn statement(&mut self, node: Node<'_>) -> Ends {
        match node.kind() {
            "return_statement" => node.named_child(0).map_or(NONE, |value| self.returned(value)),
            // An import error says that what stands behind the name is not installed, not that the name is wrong.
            "raise_statement" if self.written(node).contains("ImportError") => VALUE,
            "raise_statement" => RAISES,
            "if_statement" => self.choice(node),
            "try_statement" => self.attempt(node),
            "with_statement" => node.child_by_field_name("body").map_or(VALUE, |body| self.block(body)),
            "for_statement" | "while_statement" => {
                node.child_by_field_name("body").map_or(VALUE, |body| self.block(body)).or(CONTINUES)
            }
            "match_statement" => VALUE,
            "function_definition" | "class_definition" | "decorated_definition" => CONTINUES,
            _ => self.effect(node),
        }
    }

    /// An assignment or another statement that is run for its effect.
    fn effect(&mut self, node: Node<'_>) -> Ends {
        if self.looks_up(node) {
            return RAISES;
        }
        if let Some(assignment) = node.named_child(0).filter(|inner| inner.kind() == "assignment")
            && let (Some(left), Some(right)) =
                (assignment.child_by_field_name("left"), assignment.child_by_field_name("right"))
            && left.kind() == "identifier"
        {
            let name = self.written(left);
            self.nones.retain(|none| *none != name);
            if self.is_none(right) {
                self.nones.push(name);
            } else if matches!(right.kind(), "dictionary" | "list" | "tuple" | "set") {
                self.locals.push((name, collection(right, self.text)));
            }
        }
        CONTINUES
    }

    fn returned(&mut self, value: Node<'_>) -> Ends {
        if self.looks_up(value) {
            return RAISES;
        }
        if self.is_none(value) {
            return NONE;
        }
        if self.depth >= NESTING {
            return VALUE;
        }
        self.depth += 1;
        let ends = match (value.kind(), children(value).as_slice()) {
            ("parenthesized_expression", [inner]) => self.returned(*inner),
            ("conditional_expression", [yes, condition, no]) => match self.truth(*condition) {
                Truth::Yes => self.returned(*yes),
                Truth::No => self.returned(*no),
                Truth::Maybe => self.returned(*yes).or(self.returned(*no)),
            },
            _ => VALUE,
        };
        self.depth -= 1;
        ends
    }

    fn choice(&mut self, node: Node<'_>) -> Ends {
        let mut ends = Ends::default();
        let mut branches = vec![node];
        let mut cursor = node.walk();
        branches.extend(node.children_by_field_name("alternative", &mut cursor));
        for branch in branches {
            let truth = branch.child_by_field_name("condition").map_or(Truth::Yes, |condition| self.truth(condition));
            let body = branch.child_by_field_name("consequence").or_else(|| branch.child_by_field_name("body"));
            if truth != Truth::No {
                ends = ends.or(body.map_or(VALUE, |body| self.block(body)));
            }
            if truth == Truth::Yes {
                return ends;
            }
        }
        ends.or(CONTINUES)
    }

    fn attempt(&mut self, node: Node<'_>) -> Ends {
        let mut ends = node.child_by_field_name("body").map_or(VALUE, |body| self.block(body));
        let handlers: Vec<_> = children(node)
            .into_iter()
            .filter(|child| matches!(child.kind(), "except_clause" | "except_group_clause"))
            .collect();
        if !handlers.is_empty() {
            ends.raises = false;
        }
        for handler in handlers {
            let body = children(handler).into_iter().rfind(|child| child.kind() == "block");
            ends = ends.or(body.map_or(VALUE, |body| self.block(body)));
        }
        for clause in
            children(node).into_iter().filter(|child| matches!(child.kind(), "else_clause" | "finally_clause"))
        {
            if ends.continues
                && let Some(body) = children(clause).into_iter().rfind(|child| child.kind() == "block")
            {
                ends = Ends { continues: false, ..ends }.or(self.block(body));
            }
        }
        ends
    }

    /// Whether something looks the parameter up in a table, and so raises `KeyError`.
    fn looks_up(&mut self, node: Node<'_>) -> bool {
        let mut found = false;
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            if node.kind() == "subscript"
                && let (Some(table), Some(key)) =
                    (node.child_by_field_name("value"), node.child_by_field_name("subscript"))
                && self.is_parameter(key)
                && !is_stored(node)
            {
                self.tested(table);
                found = true;
            }
            if !matches!(node.kind(), "lambda" | "conditional_expression" | "boolean_operator") {
                pending.extend(children(node));
            }
        }
        found
    }
}

/// Whether a subscript is assigned to.
fn is_stored(node: Node<'_>) -> bool {
    node.parent()
        .is_some_and(|parent| parent.kind() == "assignment" && parent.child_by_field_name("left") == Some(node))
}
