//! What a function's value says of the target: its returns, folded into one condition.

use tree_sitter::Node;

use super::children;
use super::condition::Reader;
use super::literals::integer;
use crate::facts::{ArchExpr, Ladder};

/// Paths through a function that are followed before it is given up as unknown.
const MOST_PATHS: u32 = 256;

/// When a function with this body returns something true.
pub(super) fn summary(reader: &Reader<'_>, body: Node<'_>) -> ArchExpr {
    let mut budget = MOST_PATHS;
    let folded = Fold { reader, budget: &mut budget }.block(&children(body), &Rest::End);
    folded.unwrap_or(ArchExpr::Unknown)
}

/// What is left to do behind a nested block.
enum Rest<'a, 't> {
    End,
    Then(&'a [Node<'t>], &'a Rest<'a, 't>),
}

struct Fold<'a> {
    reader: &'a Reader<'a>,
    budget: &'a mut u32,
}

impl Fold<'_> {
    /// None when there are too many paths.
    fn block(&mut self, statements: &[Node<'_>], rest: &Rest<'_, '_>) -> Option<ArchExpr> {
        *self.budget = self.budget.checked_sub(1)?;
        let Some((first, behind)) = statements.split_first() else {
            return match rest {
                Rest::End => Some(ArchExpr::Constant(false)),
                Rest::Then(next, after) => self.block(next, after),
            };
        };
        match first.kind() {
            "return_statement" => Some(
                children(*first)
                    .first()
                    .map_or(ArchExpr::Constant(false), |&value| self.reader.condition(first_of_pair(value))),
            ),
            "raise_statement" | "break_statement" | "continue_statement" => Some(ArchExpr::Constant(false)),
            "if_statement" => self.branch(*first, behind, rest),
            "try_statement" => {
                let behind = Rest::Then(behind, rest);
                let mut parts = children(*first)
                    .into_iter()
                    .filter_map(|part| if part.kind() == "block" { Some(part) } else { last_block(part) });
                let body = self.block(&children(parts.next()?), &behind)?;
                parts.try_fold(body, |so_far, handler| {
                    let handled = self.block(&children(handler), &behind)?;
                    Some(ArchExpr::Select(Box::new([ArchExpr::Unknown, so_far, handled])))
                })
            }
            "with_statement" => {
                let inner = last_block(*first)?;
                self.block(&children(inner), &Rest::Then(behind, rest))
            }
            "for_statement" | "while_statement" => {
                let behind = Rest::Then(behind, rest);
                let after = self.block(&[], &behind)?;
                let inside = self.block(&children(last_block(*first)?), &behind)?;
                Some(ArchExpr::Select(Box::new([ArchExpr::Unknown, inside, after])))
            }
            _ => self.block(behind, rest),
        }
    }

    fn branch(&mut self, statement: Node<'_>, behind: &[Node<'_>], rest: &Rest<'_, '_>) -> Option<ArchExpr> {
        let behind = Rest::Then(behind, rest);
        let mut cursor = statement.walk();
        let alternatives: Vec<_> = statement.children_by_field_name("alternative", &mut cursor).collect();
        let mut otherwise = None;
        // From the last alternative to the first, so that each finds what is done when it does not hold.
        for alternative in alternatives.into_iter().rev() {
            let body = last_block(alternative)?;
            let taken = self.block(&children(body), &behind)?;
            otherwise = Some(match alternative.child_by_field_name("condition") {
                Some(condition) => {
                    let not_taken = match otherwise {
                        Some(otherwise) => otherwise,
                        None => self.block(&[], &behind)?,
                    };
                    select(self.reader.condition(condition), taken, not_taken)
                }
                None => taken,
            });
        }
        let condition = self.reader.condition(statement.child_by_field_name("condition")?);
        let taken = self.block(&children(statement.child_by_field_name("consequence")?), &behind)?;
        let not_taken = match otherwise {
            Some(otherwise) => otherwise,
            None => self.block(&[], &behind)?,
        };
        Some(select(condition, taken, not_taken))
    }
}

fn select(condition: ArchExpr, then: ArchExpr, otherwise: ArchExpr) -> ArchExpr {
    ArchExpr::Select(Box::new([condition, then, otherwise]))
}

/// The first element of a bare tuple: `True, None` answers the question with `True`.
fn first_of_pair(value: Node<'_>) -> Node<'_> {
    match value.kind() {
        "expression_list" | "tuple" => children(value).first().copied().unwrap_or(value),
        _ => value,
    }
}

/// The block of a clause or a compound statement.
fn last_block(node: Node<'_>) -> Option<Node<'_>> {
    children(node).into_iter().rev().find(|child| child.kind() == "block")
}

/// The ladder that a function is: `if A(): return 2`, `if B(): return 3`, `return 0`, and nothing else.
pub(super) fn ladder(reader: &Reader<'_>, body: Node<'_>) -> Option<Ladder> {
    let statements = children(body);
    let (last, steps) = statements.split_last()?;
    let returned =
        |node: Node<'_>| (node.kind() == "return_statement").then(|| integer(*children(node).first()?, reader.text))?;
    let mut found = Vec::new();
    for step in steps {
        match step.kind() {
            "expression_statement" | "import_from_statement" | "import_statement" => {}
            "if_statement" if step.child_by_field_name("alternative").is_none() => {
                let consequence = children(step.child_by_field_name("consequence")?);
                let [only] = consequence.as_slice() else { return None };
                found.push((reader.condition(step.child_by_field_name("condition")?), returned(*only)?));
            }
            _ => return None,
        }
    }
    let otherwise = returned(*last)?;
    (!found.is_empty()).then_some(Ladder { steps: found, otherwise })
}

/// Whether a branch turns the target away: it does nothing but log, and raises or returns nothing true.
pub(super) fn refuses(block: Node<'_>) -> bool {
    let statements = children(block);
    let Some((last, before)) = statements.split_last() else { return false };
    let only_talks = before.iter().all(|statement| match statement.kind() {
        "import_statement" | "import_from_statement" => true,
        "expression_statement" => children(*statement)
            .first()
            .is_some_and(|inner| matches!(inner.kind(), "call" | "string" | "assignment" | "ellipsis")),
        _ => false,
    });
    only_talks
        && match last.kind() {
            "raise_statement" => true,
            // `return False, "reason"` refuses as well.
            "return_statement" => children(*last).first().is_none_or(|&value| {
                let value = first_of_pair(value);
                matches!(value.kind(), "false" | "none" | "string" | "concatenated_string")
            }),
            _ => false,
        }
}
