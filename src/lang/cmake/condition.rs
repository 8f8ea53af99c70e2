//! What the condition of an `if` says of the target.

use super::command::{Argument, Form};
use crate::arch::{MatchMode, TokenShape};
use crate::facts::ArchExpr;
use crate::lang::remarks;
use crate::span::Span;

/// How deeply parentheses may nest before a condition counts as unknown.
const NESTING: usize = 32;
/// Tests of one operand.
const UNARY: &[&str] =
    &["COMMAND", "DEFINED", "EXISTS", "IS_ABSOLUTE", "IS_DIRECTORY", "IS_SYMLINK", "POLICY", "TARGET", "TEST"];
/// Tests between two operands, besides those of versions.
const BINARY: &[&str] = &[
    "EQUAL",
    "GREATER",
    "GREATER_EQUAL",
    "IN_LIST",
    "IS_NEWER_THAN",
    "LESS",
    "LESS_EQUAL",
    "MATCHES",
    "PATH_EQUAL",
    "STREQUAL",
    "STRGREATER",
    "STRGREATER_EQUAL",
    "STRLESS",
    "STRLESS_EQUAL",
];

/// A condition.
#[derive(Debug, Clone)]
pub struct Condition {
    /// What it says.
    pub expr: ArchExpr,
    /// The patterns and names in it that decide; none if the target decides nothing, or through a variable only.
    pub span: Option<Span>,
    /// The variable that is tested first.
    pub symbol: String,
}

impl Condition {
    fn unknown() -> Self {
        Self { expr: ArchExpr::Unknown, span: None, symbol: String::new() }
    }

    fn join(self, other: Self, combine: fn(Vec<ArchExpr>) -> ArchExpr) -> Self {
        let span = match (self.span, other.span) {
            (Some(one), Some(two)) => Some(one.hull(two)),
            (one, two) => one.or(two),
        };
        let symbol = if self.span.is_some() { self.symbol } else { other.symbol };
        Self { expr: combine(vec![self.expr, other.expr]), span, symbol }
    }
}

/// Reads the arguments of an `if`; `named` tells what it means that a variable is true.
pub fn read(text: &str, arguments: &[Argument], named: &dyn Fn(&str) -> Option<ArchExpr>) -> Condition {
    let mut reader = Reader { text, arguments, at: 0, named };
    let condition = reader.any(0);
    if reader.at == arguments.len() { condition } else { Condition::unknown() }
}

struct Reader<'a> {
    text: &'a str,
    arguments: &'a [Argument],
    at: usize,
    named: &'a dyn Fn(&str) -> Option<ArchExpr>,
}

impl Reader<'_> {
    fn next_is(&self, words: &[&str]) -> bool {
        self.arguments.get(self.at).is_some_and(|argument| words.iter().any(|word| argument.is(self.text, word)))
    }

    fn take(&mut self) -> Option<Argument> {
        let argument = self.arguments.get(self.at).copied();
        self.at += usize::from(argument.is_some());
        argument
    }

    fn any(&mut self, depth: usize) -> Condition {
        let mut left = self.all(depth);
        while self.next_is(&["OR"]) {
            self.at += 1;
            left = left.join(self.all(depth), ArchExpr::Any);
        }
        left
    }

    fn all(&mut self, depth: usize) -> Condition {
        let mut left = self.negation(depth);
        while self.next_is(&["AND"]) {
            self.at += 1;
            left = left.join(self.negation(depth), ArchExpr::All);
        }
        left
    }

    fn negation(&mut self, depth: usize) -> Condition {
        let mut negated = false;
        while self.next_is(&["NOT"]) {
            self.at += 1;
            negated = !negated;
        }
        let inner = self.test(depth);
        match (negated, &inner.expr) {
            (true, ArchExpr::Unknown) | (false, _) => inner,
            (true, _) => Condition { expr: ArchExpr::Not(Box::new(inner.expr)), ..inner },
        }
    }

    fn test(&mut self, depth: usize) -> Condition {
        if self.next_is(UNARY) {
            self.at += 2;
            self.at = self.at.min(self.arguments.len());
            return Condition::unknown();
        }
        let Some(left) = self.take() else { return Condition::unknown() };
        match left.form {
            Form::Open if depth < NESTING => {
                let inner = self.any(depth + 1);
                self.at +=
                    usize::from(self.arguments.get(self.at).is_some_and(|argument| argument.form == Form::Close));
                inner
            }
            Form::Open | Form::Close => Condition::unknown(),
            _ if self.next_is(BINARY) || self.next_starts_with("VERSION_") => self.comparison(left),
            Form::Unquoted => Condition {
                expr: (self.named)(left.span.text(self.text)).unwrap_or(ArchExpr::Unknown),
                ..Condition::unknown()
            },
            _ => Condition::unknown(),
        }
    }

    fn next_starts_with(&self, prefix: &str) -> bool {
        self.arguments.get(self.at).is_some_and(|argument| {
            argument.form == Form::Unquoted && argument.span.text(self.text).starts_with(prefix)
        })
    }

    fn comparison(&mut self, left: Argument) -> Condition {
        let operator = self.take().map_or("", |operator| operator.span.text(self.text));
        let Some(right) = self.take() else { return Condition::unknown() };
        match operator {
            "MATCHES" => self.pattern(left, right),
            "STREQUAL" => self.name(right, left).or_else(|| self.name(left, right)).unwrap_or_else(Condition::unknown),
            "IN_LIST" => self.name(left, right).unwrap_or_else(Condition::unknown),
            _ => Condition::unknown(),
        }
    }

    fn pattern(&self, left: Argument, right: Argument) -> Condition {
        let pattern = right.span.text(self.text);
        if !pattern.contains("gfx") || pattern.contains("${") {
            return Condition::unknown();
        }
        Condition {
            expr: ArchExpr::Regex(pattern.replace("\\\\", "\\")),
            span: Some(right.span),
            symbol: self.variable(left),
        }
    }

    /// A comparison of a variable with a name that is written out.
    fn name(&self, written: Argument, variable: Argument) -> Option<Condition> {
        let tokens = remarks::list(self.text, written.span)
            .filter(|tokens| tokens.len() == 1 && tokens[0].shape != TokenShape::Family)?;
        let expr = ArchExpr::Matches { tokens, mode: MatchMode::Exact };
        Some(Condition { expr, span: Some(written.span), symbol: self.variable(variable) })
    }

    /// The name of a variable, whether it is written `X` or `${X}`.
    fn variable(&self, argument: Argument) -> String {
        let name = argument.span.text(self.text);
        name.strip_prefix("${").and_then(|name| name.strip_suffix('}')).unwrap_or(name).to_owned()
    }
}
