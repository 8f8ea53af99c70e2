//! Expressions as conditions on the target.

use tree_sitter::Node;

use super::literals::{arch_collection, arch_string, integer, integers, unwrapped};
use super::{children, dotted};
use crate::arch::{ArchToken, MatchMode};
use crate::facts::{ArchExpr, Relation};
use crate::span::Span;

/// What conditions are read with: the text, and the lists that names stand for.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    /// The list of gfx names that a name stands for here; the reader reports in what mode it was compared.
    pub(super) list_of: &'a dyn Fn(&str, MatchMode) -> Option<Vec<ArchToken>>,
}

impl Reader<'_> {
    /// The condition that an expression is.
    pub(super) fn condition(&self, node: Node<'_>) -> ArchExpr {
        let node = unwrapped(node);
        match node.kind() {
            "true" => ArchExpr::Constant(true),
            "false" | "none" => ArchExpr::Constant(false),
            "boolean_operator" => self.boolean(node).unwrap_or(ArchExpr::Unknown),
            "not_operator" => node
                .child_by_field_name("argument")
                .map_or(ArchExpr::Unknown, |inner| ArchExpr::Not(Box::new(self.condition(inner)))),
            "comparison_operator" => self.comparison(node).unwrap_or(ArchExpr::Unknown),
            "conditional_expression" => match children(node).as_slice() {
                [then, condition, otherwise] => ArchExpr::Select(Box::new([
                    self.condition(*condition),
                    self.condition(*then),
                    self.condition(*otherwise),
                ])),
                _ => ArchExpr::Unknown,
            },
            "named_expression" => {
                node.child_by_field_name("value").map_or(ArchExpr::Unknown, |value| self.condition(value))
            }
            "call" => self.call(node).unwrap_or(ArchExpr::Unknown),
            "identifier" | "attribute" => dotted(node, self.text).map_or(ArchExpr::Unknown, ArchExpr::Named),
            _ => ArchExpr::Unknown,
        }
    }

    fn boolean(&self, node: Node<'_>) -> Option<ArchExpr> {
        let left = self.condition(node.child_by_field_name("left")?);
        let right = self.condition(node.child_by_field_name("right")?);
        let operator = node.child_by_field_name("operator")?.kind();
        let is_and = operator == "and";
        let mut parts = Vec::new();
        // `a and b and c` is one conjunction, not two.
        for part in [left, right] {
            match part {
                ArchExpr::All(inner) if is_and => parts.extend(inner),
                ArchExpr::Any(inner) if !is_and => parts.extend(inner),
                other => parts.push(other),
            }
        }
        Some(if is_and { ArchExpr::All(parts) } else { ArchExpr::Any(parts) })
    }

    fn comparison(&self, node: Node<'_>) -> Option<ArchExpr> {
        let [left, right] = children(node).try_into().ok()?;
        let mut cursor = node.walk();
        let operator: Vec<_> = node.children_by_field_name("operators", &mut cursor).map(|part| part.kind()).collect();
        let operator = operator.join(" ");
        match operator.as_str() {
            "in" => self.membership(left, right),
            "not in" => self.membership(left, right).map(|inner| ArchExpr::Not(Box::new(inner))),
            "==" | "!=" => {
                self.equality(left, right, operator == "!=").or_else(|| self.number(left, right, relation(&operator)?))
            }
            "is" | "is not" => self.identity(left, right, operator == "is not"),
            _ => self.number(left, right, relation(&operator)?),
        }
    }

    /// `x is True`, `x is not False`.
    fn identity(&self, left: Node<'_>, right: Node<'_>, negated: bool) -> Option<ArchExpr> {
        let wanted = match right.kind() {
            "true" => true,
            "false" => false,
            _ => return None,
        };
        let inner = self.condition(left);
        Some(if wanted != negated { inner } else { ArchExpr::Not(Box::new(inner)) })
    }

    /// `"gfx94" in name`, `name in ("gfx942", "gfx950")`, `name in ARCHS`, `get_version() in (3, 4)`.
    fn membership(&self, left: Node<'_>, right: Node<'_>) -> Option<ArchExpr> {
        if let Some(tokens) = arch_collection(right, self.text) {
            return Some(ArchExpr::Matches { tokens, mode: MatchMode::Exact });
        }
        // A string on the right, parentheses or not, is searched for a substring.
        if let Some(token) = arch_string(unwrapped(right), self.text) {
            return Some(ArchExpr::Matches { tokens: vec![token], mode: MatchMode::Exact });
        }
        if let Some(token) = arch_string(left, self.text) {
            return match dotted(right, self.text).and_then(|name| (self.list_of)(&name, MatchMode::Exact)) {
                Some(list) => Some(ArchExpr::Constant(list.iter().any(|known| known.name == token.name))),
                None => Some(ArchExpr::Matches { tokens: vec![token], mode: MatchMode::Substring }),
            };
        }
        if let Some(numbers) = integers(right, self.text) {
            return Some(ArchExpr::Ordinal { ladder: self.called(left)?, relation: Relation::Equal, numbers });
        }
        let tokens = (self.list_of)(&dotted(right, self.text)?, MatchMode::Exact)?;
        Some(ArchExpr::Matches { tokens, mode: MatchMode::Exact })
    }

    fn equality(&self, left: Node<'_>, right: Node<'_>, negated: bool) -> Option<ArchExpr> {
        let token = arch_string(left, self.text).or_else(|| arch_string(right, self.text))?;
        let matches = ArchExpr::Matches { tokens: vec![token], mode: MatchMode::Exact };
        Some(if negated { ArchExpr::Not(Box::new(matches)) } else { matches })
    }

    /// `get_cdna_version() > 2`, `capability.to_int() >= 94`, `get_device_capability() >= (9, 4)`.
    fn number(&self, left: Node<'_>, right: Node<'_>, relation: Relation) -> Option<ArchExpr> {
        let capability = |node: Node<'_>| {
            let text = Span::of(unwrapped(node)).text(self.text);
            text.ends_with("get_device_capability()")
                || text.ends_with("get_device_capability().to_int()")
                || text.ends_with("capability.to_int()")
        };
        if capability(left) {
            let number = integer(right, self.text).or_else(|| match integers(right, self.text)?.as_slice() {
                [major, minor] => Some(major * 10 + minor),
                [major] => Some(major * 10),
                _ => None,
            })?;
            return Some(ArchExpr::Capability { relation, number });
        }
        match (integer(left, self.text), integer(right, self.text)) {
            (None, Some(number)) => {
                Some(ArchExpr::Ordinal { ladder: self.called(left)?, relation, numbers: vec![number] })
            }
            (Some(number), None) => Some(ArchExpr::Ordinal {
                ladder: self.called(right)?,
                relation: flipped(relation),
                numbers: vec![number],
            }),
            _ => None,
        }
    }

    /// The name of a function that is called without arguments, or of a name that holds such a call's value.
    fn called(&self, node: Node<'_>) -> Option<String> {
        let node = unwrapped(node);
        match node.kind() {
            "call" if children(node.child_by_field_name("arguments")?).is_empty() => {
                dotted(node.child_by_field_name("function")?, self.text)
            }
            "identifier" | "attribute" => dotted(node, self.text),
            _ => None,
        }
    }

    fn call(&self, node: Node<'_>) -> Option<ArchExpr> {
        let function = node.child_by_field_name("function")?;
        let arguments = node.child_by_field_name("arguments")?;
        let name = dotted(function, self.text);
        if arguments.kind() == "generator_expression" {
            return (name.as_deref() == Some("any")).then(|| self.any(arguments))?;
        }
        let arguments = children(arguments);
        if let (Some("any"), [only]) = (name.as_deref(), arguments.as_slice()) {
            return self.any(*only);
        }
        if let (Some("bool"), [only]) = (name.as_deref(), arguments.as_slice()) {
            return Some(self.condition(*only));
        }
        let method = function.child_by_field_name("attribute").map(|attribute| Span::of(attribute).text(self.text));
        match (method, arguments.as_slice()) {
            (Some("startswith"), [argument]) => {
                let tokens = arch_collection(*argument, self.text)
                    .or_else(|| arch_string(*argument, self.text).map(|token| vec![token]))?;
                Some(ArchExpr::Matches { tokens, mode: MatchMode::Prefix })
            }
            (Some("has_device_capability"), [first, ..]) => self.capability(*first, Relation::GreaterOrEqual),
            (Some("is_device_capability"), [first, ..]) => self.capability(*first, Relation::Equal),
            (_, []) => name.map(ArchExpr::Named),
            _ => None,
        }
    }

    /// `has_device_capability(94)` and `has_device_capability((9, 4))`.
    fn capability(&self, argument: Node<'_>, relation: Relation) -> Option<ArchExpr> {
        let number = integer(argument, self.text).or_else(|| match integers(argument, self.text)?.as_slice() {
            [major, minor] => Some(major * 10 + minor),
            _ => None,
        })?;
        Some(ArchExpr::Capability { relation, number })
    }

    /// `any(arch in NAME for arch in [...])` and its relatives.
    fn any(&self, generator: Node<'_>) -> Option<ArchExpr> {
        if !matches!(generator.kind(), "generator_expression" | "list_comprehension") {
            return None;
        }
        let body = unwrapped(generator.child_by_field_name("body")?);
        let clauses: Vec<_> = children(generator).into_iter().filter(|child| child.kind() == "for_in_clause").collect();
        let [clause] = clauses.as_slice() else { return None };
        let variable = Span::of(clause.child_by_field_name("left")?).text(self.text);
        let mode = self.compared_in(body, variable)?;
        let source = clause.child_by_field_name("right")?;
        let tokens =
            arch_collection(source, self.text).or_else(|| (self.list_of)(&dotted(source, self.text)?, mode))?;
        Some(ArchExpr::Matches { tokens, mode })
    }

    /// How `any`'s body compares its variable.
    fn compared_in(&self, body: Node<'_>, variable: &str) -> Option<MatchMode> {
        let is_variable = |node: Node<'_>| Span::of(unwrapped(node)).text(self.text) == variable;
        match body.kind() {
            "comparison_operator" => {
                let [left, right] = <[Node<'_>; 2]>::try_from(children(body)).ok()?;
                let mut cursor = body.walk();
                let operator = body.children_by_field_name("operators", &mut cursor).next()?.kind();
                match operator {
                    "in" if is_variable(left) => Some(MatchMode::Substring),
                    "==" if is_variable(left) || is_variable(right) => Some(MatchMode::Exact),
                    _ => None,
                }
            }
            "call" => {
                let function = body.child_by_field_name("function")?;
                let method =
                    function.child_by_field_name("attribute").map(|attribute| Span::of(attribute).text(self.text))?;
                let arguments = children(body.child_by_field_name("arguments")?);
                (method == "startswith" && arguments.len() == 1 && is_variable(arguments[0]))
                    .then_some(MatchMode::Prefix)
            }
            _ => None,
        }
    }
}

fn relation(operator: &str) -> Option<Relation> {
    Some(match operator {
        "==" => Relation::Equal,
        "!=" => Relation::NotEqual,
        "<" => Relation::Less,
        "<=" => Relation::LessOrEqual,
        ">" => Relation::Greater,
        ">=" => Relation::GreaterOrEqual,
        _ => return None,
    })
}

fn flipped(relation: Relation) -> Relation {
    match relation {
        Relation::Less => Relation::Greater,
        Relation::LessOrEqual => Relation::GreaterOrEqual,
        Relation::Greater => Relation::Less,
        Relation::GreaterOrEqual => Relation::LessOrEqual,
        same => same,
    }
}
