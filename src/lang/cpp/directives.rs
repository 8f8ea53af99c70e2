//! Preprocessor directives.

use std::ops::Range;

use super::lex::{Source, Token, TokenKind};

/// What a directive does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DirectiveKind {
    /// `#if`, `#ifdef`, `#ifndef`
    If(Test),
    /// `#elif`, `#elifdef`, `#elifndef`
    Elif(Test),
    /// `#else`
    Else,
    /// `#endif`
    Endif,
    /// `#define`
    Define,
    /// `#undef`
    Undef,
    /// `#error`, `#warning`
    Message,
    /// Any other.
    Other,
}

/// How a conditional directive words its condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    /// An expression.
    Expression,
    /// A name that must be defined.
    Defined,
    /// A name that must not be defined.
    Undefined,
}

/// A directive, as token indices.
#[derive(Debug, Clone)]
pub(super) struct Directive {
    /// What it does.
    pub kind: DirectiveKind,
    /// The `#`.
    pub hash: usize,
    /// What follows the directive's name.
    pub operands: Range<usize>,
    /// The [`TokenKind::End`] token.
    pub end: usize,
}

/// All directives of a source, after what stands under `#if 0` has been dropped from its tokens.
pub(super) fn without_dead_code(source: &mut Source<'_>) -> Vec<Directive> {
    if let Some(live) = live_tokens(source) {
        source.tokens = live;
    }
    read(source)
}

fn read(source: &Source<'_>) -> Vec<Directive> {
    let mut directives = Vec::new();
    let mut at = 0;
    while at < source.tokens.len() {
        if source.kind(at) != Some(TokenKind::Hash) {
            at += 1;
            continue;
        }
        let directive = directive_at(source, at);
        at = directive.end + 1;
        directives.push(directive);
    }
    directives
}

fn directive_at(source: &Source<'_>, hash: usize) -> Directive {
    let ends = source.tokens[hash..].iter().position(|token| token.kind == TokenKind::End);
    let end = hash + ends.unwrap_or(source.tokens.len() - hash);
    let kind = kind_of(source.word(hash + 1));
    Directive { kind, hash, operands: (hash + 2).min(end)..end, end }
}

fn kind_of(name: &str) -> DirectiveKind {
    match name {
        "if" => DirectiveKind::If(Test::Expression),
        "ifdef" => DirectiveKind::If(Test::Defined),
        "ifndef" => DirectiveKind::If(Test::Undefined),
        "elif" => DirectiveKind::Elif(Test::Expression),
        "elifdef" => DirectiveKind::Elif(Test::Defined),
        "elifndef" => DirectiveKind::Elif(Test::Undefined),
        "else" => DirectiveKind::Else,
        "endif" => DirectiveKind::Endif,
        "define" => DirectiveKind::Define,
        "undef" => DirectiveKind::Undef,
        "error" | "warning" => DirectiveKind::Message,
        _ => DirectiveKind::Other,
    }
}

/// The tokens without the bodies of `#if 0`; none where there is no such body.
fn live_tokens(source: &Source<'_>) -> Option<Vec<Token>> {
    let directives = read(source);
    let is_zero = |directive: &Directive| {
        let literal = directive.operands.len() == 1 && source.is(directive.operands.start, "0");
        literal && matches!(directive.kind, DirectiveKind::If(Test::Expression) | DirectiveKind::Elif(Test::Expression))
    };
    if !directives.iter().any(is_zero) {
        return None;
    }
    let (mut live, mut resume) = (Vec::with_capacity(source.tokens.len()), 0);
    // Depth within the dead body: its own branch is 1, conditionals nested in it count on.
    let mut dead = 0_usize;
    for directive in &directives {
        if dead == 0 {
            if is_zero(directive) {
                live.extend_from_slice(
                    source
                        .tokens
                        .get(resume..=directive.end.min(source.tokens.len().saturating_sub(1)))
                        .unwrap_or_default(),
                );
                dead = 1;
            }
            continue;
        }
        match directive.kind {
            DirectiveKind::If(_) => dead += 1,
            DirectiveKind::Endif => dead -= 1,
            DirectiveKind::Else | DirectiveKind::Elif(_) if dead == 1 => dead = 0,
            _ => {}
        }
        if dead == 0 {
            resume = directive.hash;
            if is_zero(directive) {
                live.extend_from_slice(
                    source
                        .tokens
                        .get(resume..=directive.end.min(source.tokens.len().saturating_sub(1)))
                        .unwrap_or_default(),
                );
                dead = 1;
            }
        }
    }
    if dead == 0 {
        live.extend_from_slice(source.tokens.get(resume..).unwrap_or_default());
    }
    Some(live)
}
