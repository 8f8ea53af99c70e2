//! Single tests of the target's name on the host: `arch.find("gfx95") != npos`, `strncmp(s, "gfx950", 6) == 0`.

use super::brackets::Brackets;
use super::condition::negate;
use super::lex::{Source, TokenKind};
use super::macros::one_token;
use crate::arch::{ArchToken, MatchMode};
use crate::facts::ArchExpr;
use crate::span::Span;

/// A test, as it stands in an expression.
#[derive(Debug, Clone)]
pub(super) struct Atom {
    /// Its first token.
    pub start: usize,
    /// The token behind its last one.
    pub end: usize,
    /// Where it stands: from the object or function to the end of the comparison.
    pub span: Span,
    /// What it says.
    pub expr: ArchExpr,
    /// Whether it is a position that something else must compare.
    pub is_position: bool,
}

/// What a value is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Constant {
    /// `std::string::npos`, `-1`
    Nowhere,
    /// `0`
    Zero,
    /// `nullptr`
    Null,
    /// `true`
    True,
    /// `false`
    False,
}

/// A comparison around a value.
pub(super) struct Comparison {
    /// Whether it holds where both are equal.
    pub equal: bool,
    /// The other side.
    pub with: Constant,
    /// The first token, the value included.
    pub start: usize,
    /// The token behind the last one.
    pub end: usize,
}

/// How many steps an object expression (`a.b->c(x).d`) is followed to its start.
const MAX_STEPS: usize = 64;

/// The target name that is the whole of a string literal.
pub(super) fn name_in(source: &Source<'_>, at: usize) -> Option<ArchToken> {
    let content = source.content(at);
    let written = content.text(source.text);
    if source.kind(at) != Some(TokenKind::Text) || !written.starts_with("gfx") {
        return None;
    }
    one_token(written, content)
}

/// The test that the string literal at `at` belongs to.
pub(super) fn test_of(source: &Source<'_>, brackets: &Brackets, at: usize) -> Option<Atom> {
    let token = name_in(source, at)?;
    let reader = Reader { source, brackets, literal: at, token };
    match brackets.around(at).filter(|&open| open > 0 && source.is_ident(open - 1) && source.is(open, "(")) {
        Some(open) => reader.argument(open).or_else(|| reader.equality(at, at + 1)),
        None => reader.equality(at, at + 1),
    }
}

/// The comparison with a constant in which the value `start..end` stands.
pub(super) fn comparison(source: &Source<'_>, start: usize, end: usize) -> Option<Comparison> {
    let behind = source.word(end);
    if let ("==" | "!=" | ">=" | "<", Some((with, next))) = (behind, constant_at(source, end + 1)) {
        return match (behind, with) {
            ("==" | "!=", _) => Some(Comparison { equal: behind == "==", with, start, end: next }),
            // `>= 0` and `< npos` say of a signed position that there is one.
            (">=", Constant::Zero) | ("<", Constant::Nowhere) => {
                Some(Comparison { equal: false, with: Constant::Nowhere, start, end: next })
            }
            ("<", Constant::Zero) => Some(Comparison { equal: true, with: Constant::Nowhere, start, end: next }),
            _ => None,
        };
    }
    let before = source.word(start.checked_sub(1)?);
    if !matches!(before, "==" | "!=") {
        return None;
    }
    let last = start.checked_sub(2)?;
    let first = object_start(source, None, last).0;
    let (with, next) = constant_at(source, first)?;
    (next == last + 1).then_some(Comparison { equal: before == "==", with, start: first, end })
}

/// The constant that starts at `at`, and the token behind it.
fn constant_at(source: &Source<'_>, at: usize) -> Option<(Constant, usize)> {
    if source.is(at, "-") && source.is(at + 1, "1") {
        return Some((Constant::Nowhere, at + 2));
    }
    if source.is(at, "(")
        && source.is_ident(at + 1)
        && source.is(at + 2, ")")
        && source.is(at + 3, "-")
        && source.is(at + 4, "1")
    {
        return Some((Constant::Nowhere, at + 5));
    }
    let mut last = at;
    while source.is_ident(last) && matches!(source.word(last + 1), "::" | ".") && last < at + MAX_STEPS {
        last += 2;
    }
    let constant = match source.word(last) {
        "npos" => Constant::Nowhere,
        "0" => Constant::Zero,
        "nullptr" | "NULL" => Constant::Null,
        "true" => Constant::True,
        "false" => Constant::False,
        _ => return None,
    };
    Some((constant, last + 1))
}

/// Where the object expression that ends with the token at `at` starts, and whether it holds brackets.
fn object_start(source: &Source<'_>, brackets: Option<&Brackets>, at: usize) -> (usize, bool) {
    let (mut start, mut calls) = (at, false);
    for _ in 0..MAX_STEPS {
        if matches!(source.word(start), ")" | "]") {
            let Some(open) = brackets.and_then(|brackets| brackets.partner(start)) else { break };
            calls = true;
            start = open;
            if open > 0 && (source.is_ident(open - 1) || matches!(source.word(open - 1), ")" | "]")) {
                start = open - 1;
                continue;
            }
        }
        let joined = start > 1 && matches!(source.word(start - 1), "." | "->" | "::");
        if !joined || !(source.is_ident(start - 2) || matches!(source.word(start - 2), ")" | "]")) {
            break;
        }
        start -= 2;
    }
    (start, calls)
}

struct Reader<'a> {
    source: &'a Source<'a>,
    brackets: &'a Brackets,
    literal: usize,
    token: ArchToken,
}

impl Reader<'_> {
    /// The literal as an argument of the call whose parenthesis is at `open`.
    fn argument(&self, open: usize) -> Option<Atom> {
        let close = self.brackets.partner(open)?;
        let callee = open - 1;
        let (first, only) = (self.literal == open + 1, self.literal + 1 == close);
        let method = callee > 0 && matches!(self.source.word(callee - 1), "." | "->");
        match self.source.word(callee) {
            "string" | "string_view" if first && only => {
                self.equality(object_start(self.source, Some(self.brackets), callee).0, close + 1)
            }
            "find" if method && first => Some(self.position(callee, close, MatchMode::Substring)),
            "rfind" if method && first => {
                let anchored = self.source.is(self.literal + 1, ",") && self.source.is(self.literal + 2, "0");
                Some(self.position(callee, close, if anchored { MatchMode::Prefix } else { MatchMode::Substring }))
            }
            "starts_with" | "StartsWith" | "startswith" | "startsWith" if first == method => {
                Some(self.truth(callee, close, MatchMode::Prefix))
            }
            "contains" if method && first && only => Some(self.truth(callee, close, MatchMode::Substring)),
            "strstr" => Some(self.pointer(callee, close)),
            "strncmp" | "strcmp" => self.order(callee, close),
            "compare" if method => self.order(callee, close),
            _ => None,
        }
    }

    fn matches(&self, mode: MatchMode) -> ArchExpr {
        ArchExpr::Matches { tokens: vec![self.token.clone()], mode }
    }

    fn atom(&self, callee: usize, start: usize, end: usize, expr: ArchExpr) -> Atom {
        let (object, calls) = object_start(self.source, Some(self.brackets), callee);
        // An object that is itself a call may start lines above: the test is what is called on it.
        let place = if start < object {
            start
        } else if calls {
            callee
        } else {
            object
        };
        Atom {
            start: start.min(object),
            end,
            span: self.source.hull(place, end.saturating_sub(1)),
            expr,
            is_position: false,
        }
    }

    fn compared(&self, callee: usize, close: usize) -> (Option<Comparison>, usize, usize) {
        let start = object_start(self.source, Some(self.brackets), callee).0;
        let found = comparison(self.source, start, close + 1);
        let (from, to) = found.as_ref().map_or((start, close + 1), |found| (found.start, found.end));
        (found, from, to)
    }

    /// `find` and `rfind`: a position.
    fn position(&self, callee: usize, close: usize, mode: MatchMode) -> Atom {
        let (found, start, end) = self.compared(callee, close);
        let expr = found.as_ref().and_then(|found| placed(&self.matches(mode), found));
        match expr {
            Some(expr) => self.atom(callee, start, end, expr),
            None => Atom { is_position: true, ..self.atom(callee, start, end, self.matches(mode)) },
        }
    }

    /// `starts_with` and the like: a truth value.
    fn truth(&self, callee: usize, close: usize, mode: MatchMode) -> Atom {
        let (found, start, end) = self.compared(callee, close);
        let turned = found.is_some_and(|found| found.equal == (found.with == Constant::False));
        let expr = self.matches(mode);
        self.atom(callee, start, end, if turned { negate(expr) } else { expr })
    }

    /// `strstr`: a pointer, null where the name is not found.
    fn pointer(&self, callee: usize, close: usize) -> Atom {
        let (found, start, end) = self.compared(callee, close);
        let turned = found.is_some_and(|found| found.equal);
        let expr = self.matches(MatchMode::Substring);
        self.atom(callee, start, end, if turned { negate(expr) } else { expr })
    }

    /// `strcmp`, `strncmp` and `compare`: zero where they are equal.
    fn order(&self, callee: usize, close: usize) -> Option<Atom> {
        let (found, start, end) = self.compared(callee, close);
        let equal = match found {
            Some(found) if matches!(found.with, Constant::Zero | Constant::False) => found.equal,
            Some(_) => return None,
            None => false,
        };
        let expr = self.first_characters(callee, close);
        Some(self.atom(callee, start, end, if equal { expr } else { negate(expr) }))
    }

    /// What a comparison of the first characters says: the literal, cut to as many as are compared.
    fn first_characters(&self, callee: usize, close: usize) -> ArchExpr {
        let number = match self.source.word(callee) {
            "strncmp" if self.source.is(close - 2, ",") => self.source.word(close - 1).parse().ok(),
            "strncmp" => Some(self.token.name.len()),
            "compare" if self.source.is(self.literal - 1, ",") => self.source.word(self.literal - 2).parse().ok(),
            _ => return self.matches(MatchMode::Exact),
        };
        let length: usize = number.unwrap_or(self.token.name.len());
        if length > self.token.name.len() {
            return self.matches(MatchMode::Exact);
        }
        match self.token.name.get(..length).and_then(|cut| one_token(cut, self.token.span)) {
            Some(token) => ArchExpr::Matches { tokens: vec![token], mode: MatchMode::Prefix },
            None => ArchExpr::Unknown,
        }
    }

    /// `x == "gfx942"`, the literal with a wrapper around it at `start..end`.
    fn equality(&self, start: usize, end: usize) -> Option<Atom> {
        if start > 1 && matches!(self.source.word(start - 1), "==" | "!=") {
            let last = start - 2;
            let (object, calls) = object_start(self.source, Some(self.brackets), last);
            let expr = self.substring_equality(last);
            let place = if calls { last } else { object };
            let expr = if self.source.is(start - 1, "==") { expr } else { negate(expr) };
            let place = self.method_before(last).unwrap_or(place);
            return Some(Atom { start: object, end, span: self.source.hull(place, end - 1), expr, is_position: false });
        }
        if !matches!(self.source.word(end), "==" | "!=") {
            return None;
        }
        let expr = self.matches(MatchMode::Exact);
        let expr = if self.source.is(end, "==") { expr } else { negate(expr) };
        Some(Atom { start, end: end + 2, span: self.source.hull(start, end + 1), expr, is_position: false })
    }

    /// The method whose call ends at `last`.
    fn method_before(&self, last: usize) -> Option<usize> {
        let open = self.brackets.partner(last)?;
        open.checked_sub(1).filter(|&callee| self.source.is_ident(callee))
    }

    /// What equality with the literal says of the name: its start alone where the other side is `substr(0, n)`.
    fn substring_equality(&self, last: usize) -> ArchExpr {
        let cut = self.method_before(last).filter(|&callee| self.source.is(callee, "substr"));
        let Some(callee) = cut else { return self.matches(MatchMode::Exact) };
        let from_start = self.source.is(callee + 2, "0") && self.source.is(callee + 3, ",");
        let length = self.source.word(callee + 4).parse::<usize>().ok().filter(|_| callee + 5 == last);
        match length {
            _ if !from_start => ArchExpr::Unknown,
            Some(length) if length > self.token.name.len() => self.matches(MatchMode::Exact),
            // Fewer characters never equal the longer literal.
            Some(length) if length < self.token.name.len() => ArchExpr::Constant(false),
            _ => self.matches(MatchMode::Prefix),
        }
    }
}

/// What a comparison of a position says, if it is one with "nowhere" or the start.
pub(super) fn placed(found: &ArchExpr, comparison: &Comparison) -> Option<ArchExpr> {
    let expr = match (comparison.with, found) {
        (Constant::Nowhere, _) => negate(found.clone()),
        (Constant::Zero, ArchExpr::Matches { tokens, .. }) => {
            ArchExpr::Matches { tokens: tokens.clone(), mode: MatchMode::Prefix }
        }
        _ => return None,
    };
    Some(if comparison.equal { expr } else { negate(expr) })
}
