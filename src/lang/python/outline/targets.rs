//! Names that expressions, targets and patterns bind.

use super::lexer::{Kind, Token};
use super::scanner::Scanner;
use super::words::is_keyword;
use crate::facts::outline::BindingKind;
use crate::span::Span;

impl Scanner<'_> {
    /// Binds the names of a list of targets: `a, (b, *c), d.e, f[g]` binds `a`, `b` and `c`.
    pub(super) fn targets(&mut self, tokens: &[Token], kind: BindingKind) {
        self.aliased_targets(tokens, kind, None);
    }

    /// Binds the names of a list of targets; a single one to what the dotted name `alias_of` denotes.
    pub(super) fn aliased_targets(&mut self, tokens: &[Token], kind: BindingKind, alias_of: Option<&str>) {
        for name in names(tokens) {
            self.bind(name.span(), kind, alias_of);
        }
    }

    /// Binds the names before `:=`, unless a lambda keeps them.
    pub(super) fn walruses(&mut self, tokens: &[Token]) {
        let may_bind = |token: &Token| token.kind == Kind::Walrus || self.has_field_walrus(*token);
        if !tokens.iter().any(may_bind) {
            return;
        }
        // Lambdas around the current token: their depth, and whether their body has begun. Defaults of parameters
        // are computed outside of the lambda.
        let mut lambdas: Vec<(u32, bool)> = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let word = if token.kind == Kind::Name { self.lexer.written(*token) } else { "" };
            let ends = |&(depth, body): &(u32, bool)| match token.kind {
                Kind::Close => token.depth < depth,
                Kind::Comma | Kind::Colon => body && token.depth == depth,
                _ => body && token.depth == depth && word == "for",
            };
            let before = lambdas.len();
            while lambdas.last().is_some_and(ends) {
                lambdas.pop();
            }
            match token.kind {
                Kind::Colon if lambdas.len() == before => {
                    if let Some(last) = lambdas.last_mut().filter(|(depth, body)| *depth == token.depth && !body) {
                        last.1 = true;
                    }
                }
                Kind::Name if word == "lambda" => lambdas.push((token.depth, false)),
                Kind::OtherText if !lambdas.iter().any(|(_, body)| *body) => self.field_walruses(*token),
                Kind::Walrus if !lambdas.iter().any(|(_, body)| *body) => {
                    if let Some(name) =
                        at.checked_sub(1).and_then(|at| tokens.get(at)).filter(|name| name.kind == Kind::Name)
                    {
                        self.bind(name.span(), BindingKind::Walrus, None);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a string with fields holds `:=`.
    fn has_field_walrus(&self, token: Token) -> bool {
        let has_fields = |prefix: &str| prefix.bytes().any(|byte| matches!(byte, b'f' | b'F' | b't' | b'T'));
        token.kind == Kind::OtherText && {
            let text = self.lexer.written(token);
            text.split(['"', '\'']).next().is_some_and(has_fields) && text.contains(":=")
        }
    }

    /// Binds the names before `:=` in the fields of a string. Without brackets around it, it starts a format: `{x:=9}`.
    fn field_walruses(&mut self, token: Token) {
        if !self.has_field_walrus(token) {
            return;
        }
        let text = self.lexer.written(token);
        let names: Vec<Span> = text
            .match_indices(":=")
            .filter_map(|(at, _)| {
                let before = text[..at].trim_end();
                let is_part = |character: char| character.is_alphanumeric() || character == '_';
                let start = before.trim_end_matches(is_part).len();
                let is_bracketed = before[..start].trim_end().ends_with(['(', '[', ',']);
                let offset = token.span().range().start;
                (start < before.len() && is_bracketed).then(|| Span::new(offset + start, offset + before.len()))
            })
            .collect();
        for name in names {
            self.bind(name, BindingKind::Walrus, None);
        }
    }

    /// Binds the targets of `with a as b, c as (d, e)`.
    pub(super) fn with_targets(&mut self, items: &[Token]) {
        for (at, token) in items.iter().enumerate() {
            if token.kind == Kind::Name && self.lexer.written(*token) == "as" {
                let target = &items[at + 1..];
                let length = target
                    .iter()
                    .take_while(|inner| {
                        inner.depth > token.depth
                            || inner.depth == token.depth && !matches!(inner.kind, Kind::Comma | Kind::Close)
                    })
                    .count();
                // The bracket that closes a group of items lies outside of them; one that closes the target does not.
                let closes = target.get(length).is_some_and(|next| {
                    next.kind == Kind::Close
                        && target.first().is_some_and(|first| first.kind == Kind::Open && first.depth == next.depth)
                });
                self.targets(&target[..length + usize::from(closes)], BindingKind::With);
            }
        }
    }

    /// Binds the captures of a `case` pattern, and the names of its guard.
    pub(super) fn captures(&mut self, pattern: &[Token]) {
        let depth = pattern.first().map_or(0, |token| token.depth);
        let length =
            pattern.iter().take_while(|token| token.depth != depth || self.lexer.written(**token) != "if").count();
        let pattern = &pattern[..length];
        for (at, token) in pattern.iter().enumerate() {
            let word = self.lexer.written(*token);
            if token.kind != Kind::Name || word == "_" || is_keyword(word) {
                continue;
            }
            let after_dot = at.checked_sub(1).is_some_and(|before| pattern[before].kind == Kind::Dot);
            let names_other =
                pattern.get(at + 1).is_some_and(|next| matches!(next.kind, Kind::Dot | Kind::Open | Kind::Assign));
            if !after_dot && !names_other {
                self.bind(token.span(), BindingKind::Match, None);
            }
        }
    }
}

/// The plain names of a list of targets.
pub(super) fn names(tokens: &[Token]) -> Vec<Token> {
    let mut names = Vec::new();
    // For each bracket that is open around targets, the number of names before it.
    let mut groups = Vec::new();
    let mut at = 0;
    while let Some(&token) = tokens.get(at) {
        at += 1;
        // What follows an operand belongs to it: attributes, indices, calls.
        let is_object = matches!(tokens.get(at).map(|next| next.kind), Some(Kind::Dot | Kind::Open));
        match token.kind {
            Kind::Open => groups.push(names.len()),
            Kind::Close => {
                let before = groups.pop().unwrap_or_default();
                if is_object {
                    names.truncate(before);
                    at = behind_trailers(tokens, at);
                }
            }
            Kind::Name if is_object => at = behind_trailers(tokens, at),
            Kind::Name => names.push(token),
            _ => {}
        }
    }
    names
}

/// The index behind attributes, indices and calls that start at `at`.
fn behind_trailers(tokens: &[Token], mut at: usize) -> usize {
    while let Some(token) = tokens.get(at) {
        match token.kind {
            Kind::Dot => at += 2,
            Kind::Open => {
                let inside = tokens[at + 1..].iter().take_while(|inner| inner.depth > token.depth).count();
                at += inside + 2;
            }
            _ => break,
        }
    }
    at
}
