//! Whole conditions of host code: tests joined by `&&`, `||`, `!` and parentheses.

use rustc_hash::FxHashSet;

use super::atoms::Atom;
use super::brackets::Brackets;
use super::condition::{combine, negate};
use super::lex::{Source, TokenKind};
use crate::facts::ArchExpr;
use crate::span::Span;

/// Parentheses nested deeper than this are not understood.
const MAX_DEPTH: usize = 64;

/// What is done with a condition's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// `return value`
    Returned,
    /// `name = value`, with the name's token.
    Assigned(usize),
    /// `if (value)`, with the parenthesis.
    Condition(usize),
    /// Anything else.
    Other,
}

/// A condition of host code that holds at least one test.
#[derive(Debug, Clone)]
pub(super) struct Root {
    /// Its first token.
    pub start: usize,
    /// From the first test to the last one.
    pub span: Span,
    /// What it says, operands on other things included.
    pub expr: ArchExpr,
    /// What is done with its value.
    pub used: Use,
    /// Whether it is the bare position of a name.
    pub is_position: bool,
}

/// The conditions that hold the given tests, which are sorted by their start.
pub(super) fn roots(source: &Source<'_>, brackets: &Brackets, atoms: &[Atom]) -> Vec<Root> {
    let mut reader = Reader { source, brackets, atoms, groups: FxHashSet::default() };
    // Conditions that are still open at the atom at hand, outermost first: their end and level.
    let mut open: Vec<(usize, Option<usize>)> = Vec::new();
    let mut found = Vec::new();
    for atom in atoms {
        while open.last().is_some_and(|&(end, _)| end <= atom.start) {
            open.pop();
        }
        let level = brackets.around(atom.start);
        let known = open.last().is_some_and(|&(_, own)| own == level)
            || level.is_some_and(|level| reader.groups.contains(&level));
        if known {
            continue;
        }
        let (start, end) = reader.extent(atom);
        open.push((end, brackets.around(start)));
        found.extend(reader.root(start, end));
    }
    found
}

struct Reader<'a> {
    source: &'a Source<'a>,
    brackets: &'a Brackets,
    atoms: &'a [Atom],
    /// Grouping parentheses that belong to a condition that has been read.
    groups: FxHashSet<usize>,
}

/// A part of a condition.
struct Part {
    expr: ArchExpr,
    span: Option<Span>,
    is_position: bool,
}

impl Reader<'_> {
    /// The condition around a test, through the parentheses that only group.
    fn extent(&self, atom: &Atom) -> (usize, usize) {
        let (mut start, mut end) = (atom.start, atom.end);
        loop {
            start = self.left(start);
            end = self.right(end);
            let group = start.checked_sub(1).filter(|&open| {
                self.source.is(open, "(") && self.brackets.partner(open) == Some(end) && self.only_groups(open)
            });
            let Some(open) = group else { return (start, end) };
            (start, end) = (open, end + 1);
        }
    }

    fn left(&self, mut start: usize) -> usize {
        while let Some(before) = start.checked_sub(1) {
            if self.separates(before) || matches!(self.source.word(before), "(" | "[") {
                break;
            }
            start = if matches!(self.source.word(before), ")" | "]") {
                let Some(open) = self.brackets.partner(before) else { break };
                open
            } else {
                before
            };
        }
        start
    }

    fn right(&self, mut end: usize) -> usize {
        while end < self.source.tokens.len() && !self.separates(end) && !matches!(self.source.word(end), ")" | "]") {
            let Some(next) = self.behind(end) else { break };
            end = next;
        }
        end
    }

    /// The token behind the one at `at`, or behind the brackets that open there; none where they are never closed.
    fn behind(&self, at: usize) -> Option<usize> {
        let last = if matches!(self.source.word(at), "(" | "[") { self.brackets.partner(at)? } else { at };
        Some(last.max(at) + 1)
    }

    fn separates(&self, at: usize) -> bool {
        match self.source.kind(at) {
            Some(TokenKind::Punct) => matches!(self.source.word(at), "," | ";" | "{" | "}" | "?" | ":" | "="),
            Some(TokenKind::Ident) => {
                matches!(self.source.word(at), "return" | "co_return" | "else" | "case" | "throw" | "do")
            }
            Some(TokenKind::Hash | TokenKind::End) | None => true,
            _ => false,
        }
    }

    /// Whether a parenthesis groups, and is no call's.
    fn only_groups(&self, open: usize) -> bool {
        let Some(before) = open.checked_sub(1) else { return true };
        match self.source.kind(before) {
            Some(TokenKind::Ident) => matches!(self.source.word(before), "return" | "co_return" | "and" | "or" | "not"),
            Some(TokenKind::Punct) => !matches!(self.source.word(before), ")" | "]" | ">"),
            Some(TokenKind::End | TokenKind::Hash) => true,
            _ => false,
        }
    }

    fn root(&mut self, start: usize, end: usize) -> Option<Root> {
        let part = self.either(start, end, 0);
        let span = part.span?;
        let expr = self.selected(end, part.expr);
        Some(Root { start, span, expr, used: self.used(start), is_position: part.is_position })
    }

    fn used(&self, start: usize) -> Use {
        let Some(before) = start.checked_sub(1) else { return Use::Other };
        match self.source.word(before) {
            "return" | "co_return" => Use::Returned,
            "=" if before > 0 && self.source.is_ident(before - 1) => Use::Assigned(before - 1),
            "(" if before > 0 && matches!(self.source.word(before - 1), "if" | "while" | "constexpr") => {
                Use::Condition(before)
            }
            _ => Use::Other,
        }
    }

    /// What a condition says where it chooses between two values: those values may turn it around; numbers do not
    /// tell which of both is the special one, so a negation is dropped.
    fn selected(&self, end: usize, expr: ArchExpr) -> ArchExpr {
        if !self.source.is(end, "?") {
            return expr;
        }
        match (self.source.word(end + 1), self.source.word(end + 3), expr) {
            ("true", "false", expr) => expr,
            ("false", "true", expr) => negate(expr),
            (_, _, ArchExpr::Not(inner)) => *inner,
            (_, _, expr) => expr,
        }
    }

    fn either(&mut self, start: usize, end: usize, depth: usize) -> Part {
        let pieces = self.split(start, end, &["||", "or"]);
        let parts = pieces.into_iter().map(|(from, to)| self.both(from, to, depth)).collect();
        join(parts, ArchExpr::Any)
    }

    fn both(&mut self, start: usize, end: usize, depth: usize) -> Part {
        let pieces = self.split(start, end, &["&&", "and"]);
        let parts = pieces.into_iter().map(|(from, to)| self.operand(from, to, depth)).collect();
        join(parts, ArchExpr::All)
    }

    fn split(&self, start: usize, end: usize, operators: &[&str]) -> Vec<(usize, usize)> {
        let (mut pieces, mut from, mut at) = (Vec::new(), start, start);
        while at < end {
            if operators.contains(&self.source.word(at)) {
                pieces.push((from, at));
                from = at + 1;
            }
            at = self.behind(at).unwrap_or(end);
        }
        pieces.push((from, end));
        pieces
    }

    fn operand(&mut self, mut start: usize, end: usize, depth: usize) -> Part {
        let mut negated = false;
        while start < end && matches!(self.source.word(start), "!" | "not") {
            negated = !negated;
            start += 1;
        }
        let grouped = self.source.is(start, "(") && start + 1 < end && self.brackets.partner(start) == Some(end - 1);
        let part = if grouped && depth < MAX_DEPTH {
            self.groups.insert(start);
            self.either(start + 1, end - 1, depth + 1)
        } else {
            self.leaf(start, end)
        };
        if negated { Part { expr: negate(part.expr), ..part } } else { part }
    }

    /// An operand without operators: a test, or something else. The first test in it decides; one that is deeper in it
    /// (a call's argument) is a condition of its own.
    fn leaf(&self, start: usize, end: usize) -> Part {
        let first = self.atoms.get(self.atoms.partition_point(|atom| atom.start < start));
        match first.filter(|atom| atom.end <= end && self.brackets.same_level(atom.start, start)) {
            Some(atom) => Part { expr: atom.expr.clone(), span: Some(atom.span), is_position: atom.is_position },
            None => Part { expr: ArchExpr::Unknown, span: None, is_position: false },
        }
    }
}

fn join(mut parts: Vec<Part>, operator: fn(Vec<ArchExpr>) -> ArchExpr) -> Part {
    if parts.len() == 1 {
        return parts.swap_remove(0);
    }
    let span = parts.iter().filter_map(|part| part.span).reduce(Span::hull);
    // A position among the operands of `&&` is true almost everywhere: it says nothing.
    let exprs = parts.into_iter().map(|part| if part.is_position { ArchExpr::Unknown } else { part.expr }).collect();
    Part { expr: combine(exprs, operator), span, is_position: false }
}
