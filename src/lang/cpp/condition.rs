//! Conditions of `#if` and its kin.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::directives::{Directive, DirectiveKind, Test};
use super::lex::{Source, TokenKind};
use super::macros::{built_in, names_targets};
use crate::facts::ArchExpr;
use crate::span::Span;

/// Parentheses nested deeper than this are not understood: no real condition has them, and evaluation recurses.
const MAX_DEPTH: usize = 64;

/// Macros that are defined whenever clang compiles device code for an AMD GPU (LLVM `clang/lib/Frontend/
/// InitPreprocessor.cpp`).
const DEVICE_PASS: &[&str] = &["__HIP_DEVICE_COMPILE__", "__HIPCC__", "__HIP_PLATFORM_AMD__", "__HIP__"];

/// A condition that has been read.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    /// What it says.
    pub expr: ArchExpr,
    /// From the first operand on the target to the last one; none where there is no such operand.
    pub relevant: Option<Span>,
    /// The first macro on the target, as written.
    pub first: String,
    /// The first of the project's own macros on the target.
    pub derived: Option<String>,
}

/// Reads the condition of a directive; `known` are the project's macros on the target.
pub(super) fn read(source: &Source<'_>, directive: &Directive, known: &FxHashSet<String>) -> Condition {
    let operands = &directive.operands;
    let mut parser = Parser {
        source,
        known,
        at: operands.start,
        end: operands.end,
        depth: 0,
        relevant: None,
        first: String::new(),
        derived: None,
    };
    let expr = match directive.kind {
        DirectiveKind::If(Test::Expression) | DirectiveKind::Elif(Test::Expression) => parser.any(),
        DirectiveKind::If(Test::Defined) | DirectiveKind::Elif(Test::Defined) => {
            parser.name(operands.start..operands.start + 1)
        }
        DirectiveKind::If(Test::Undefined) | DirectiveKind::Elif(Test::Undefined) => {
            negate(parser.name(operands.start..operands.start + 1))
        }
        _ => ArchExpr::Unknown,
    };
    Condition { expr, relevant: parser.relevant, first: parser.first, derived: parser.derived }
}

/// The opposite, without a double negation.
pub(super) fn negate(expr: ArchExpr) -> ArchExpr {
    match expr {
        ArchExpr::Not(inner) => *inner,
        ArchExpr::Unknown => ArchExpr::Unknown,
        ArchExpr::Constant(value) => ArchExpr::Constant(!value),
        other => ArchExpr::Not(Box::new(other)),
    }
}

/// Several operands as one: a single one stands for itself, those that say nothing are kept once.
pub(super) fn combine(mut parts: Vec<ArchExpr>, join: fn(Vec<ArchExpr>) -> ArchExpr) -> ArchExpr {
    let mut unknown = false;
    parts.retain(|part| *part != ArchExpr::Unknown || !std::mem::replace(&mut unknown, true));
    match parts.len() {
        0 => ArchExpr::Unknown,
        1 => parts.swap_remove(0),
        _ => join(parts),
    }
}

struct Parser<'a> {
    source: &'a Source<'a>,
    known: &'a FxHashSet<String>,
    at: usize,
    end: usize,
    depth: usize,
    relevant: Option<Span>,
    first: String,
    derived: Option<String>,
}

impl Parser<'_> {
    fn peek(&self) -> &str {
        if self.at < self.end { self.source.word(self.at) } else { "" }
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.at < self.end && self.source.is(self.at, word);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> ArchExpr {
        let mut parts = vec![self.all()];
        while self.take("||") || self.take("or") {
            parts.push(self.all());
        }
        combine(parts, ArchExpr::Any)
    }

    fn all(&mut self) -> ArchExpr {
        let mut parts = vec![self.operand()];
        while self.take("&&") || self.take("and") {
            parts.push(self.operand());
        }
        combine(parts, ArchExpr::All)
    }

    /// An operand of `&&`, with its `!` and with a comparison behind it.
    fn operand(&mut self) -> ArchExpr {
        let start = self.at;
        let mut negated = false;
        while self.take("!") || self.take("not") {
            negated = !negated;
        }
        let before = (self.relevant, self.first.clone(), self.derived.clone());
        let mut expr = self.primary();
        if !self.at_boundary() {
            expr = self.compared(expr);
            if !expr.mentions_target() {
                (self.relevant, self.first, self.derived) = before;
                return ArchExpr::Unknown;
            }
        }
        if negated && expr.mentions_target() {
            let bang = self.source.span(start);
            // What the `!` turns around starts with it, for a plain operand; a group's own operands keep their span.
            self.relevant = self.relevant.map(|span| if before.0.is_none() { bang.hull(span) } else { span });
        }
        if negated { negate(expr) } else { expr }
    }

    fn at_boundary(&self) -> bool {
        self.at >= self.end || matches!(self.peek(), "&&" | "||" | ")" | "and" | "or")
    }

    fn primary(&mut self) -> ArchExpr {
        let at = self.at;
        if self.take("(") {
            return self.group();
        }
        if self.at >= self.end || self.at_boundary() {
            return ArchExpr::Unknown;
        }
        self.at += 1;
        match (self.source.kind(at), self.source.word(at)) {
            (Some(TokenKind::Ident), "defined") => self.defined(at),
            (Some(TokenKind::Ident), "true") => ArchExpr::Constant(true),
            (Some(TokenKind::Ident), "false") => ArchExpr::Constant(false),
            (Some(TokenKind::Ident), _) if self.peek() == "(" => {
                self.skip_group();
                ArchExpr::Unknown
            }
            (Some(TokenKind::Ident), _) => self.name(at..at + 1),
            (Some(TokenKind::Number), "0") => ArchExpr::Constant(false),
            (Some(TokenKind::Number), "1") => ArchExpr::Constant(true),
            _ => ArchExpr::Unknown,
        }
    }

    fn group(&mut self) -> ArchExpr {
        if self.depth >= MAX_DEPTH {
            self.at = self.end;
            return ArchExpr::Unknown;
        }
        self.depth += 1;
        let inner = self.any();
        self.depth -= 1;
        if self.take(")") { inner } else { self.skip_rest(inner) }
    }

    /// A group that holds more than conditions is not understood: skips to its end.
    fn skip_rest(&mut self, inner: ArchExpr) -> ArchExpr {
        let unclosed = self.at >= self.end;
        self.skip_to_closing();
        if unclosed { inner } else { ArchExpr::Unknown }
    }

    fn skip_group(&mut self) {
        self.at += 1;
        self.skip_to_closing();
    }

    fn skip_to_closing(&mut self) {
        let mut open = 1_usize;
        while self.at < self.end && open > 0 {
            match self.source.word(self.at) {
                "(" => open += 1,
                ")" => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// `defined X` and `defined(X)`; the keyword is at `start`.
    fn defined(&mut self, start: usize) -> ArchExpr {
        let parenthesized = self.take("(");
        let name = self.at;
        if name >= self.end || !self.source.is_ident(name) {
            return ArchExpr::Unknown;
        }
        self.at += 1;
        if parenthesized {
            self.take(")");
        }
        let operand = start..self.at;
        self.macro_at(name, operand)
    }

    /// A macro's name that is the whole operand.
    fn name(&mut self, operand: Range<usize>) -> ArchExpr {
        if operand.start >= self.end || !self.source.is_ident(operand.start) {
            return ArchExpr::Unknown;
        }
        self.macro_at(operand.start, operand)
    }

    fn macro_at(&mut self, name: usize, operand: Range<usize>) -> ArchExpr {
        let word = self.source.word(name);
        let expr = match built_in(word, self.source.span(name)) {
            Some(expr) => expr,
            None if self.known.contains(word) || names_targets(word) => {
                self.derived.get_or_insert_with(|| word.to_owned());
                ArchExpr::Named(word.to_owned())
            }
            // These conditions are read for the pass that compiles device code for an AMD GPU.
            None if DEVICE_PASS.contains(&word) => return ArchExpr::Constant(true),
            None => return ArchExpr::Unknown,
        };
        if self.first.is_empty() {
            word.clone_into(&mut self.first);
        }
        let span = self.source.hull(operand.start, operand.end.saturating_sub(1));
        self.relevant = Some(self.relevant.map_or(span, |before| before.hull(span)));
        expr
    }

    /// A comparison or sum with `left` on its left: understood for `X == 1`, `X != 0` and the like.
    fn compared(&mut self, left: ArchExpr) -> ArchExpr {
        let operator = self.peek().to_owned();
        self.at += 1;
        let number = self.peek().to_owned();
        self.at += usize::from(self.at < self.end && number != ")" && number != "(");
        let simple = self.at_boundary();
        while !self.at_boundary() {
            let opens = self.source.is(self.at, "(");
            self.at += 1;
            if opens {
                self.skip_to_closing();
            }
        }
        match (simple, operator.as_str(), number.as_str()) {
            (true, "==", "1") | (true, "!=" | ">", "0") | (true, ">=", "1") => left,
            (true, "==", "0") | (true, "!=" | "<", "1") => negate(left),
            _ => ArchExpr::Unknown,
        }
    }
}
