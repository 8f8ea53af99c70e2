//! Collections of string literals.

use super::lexer::{Kind, Lexer, Token};
use crate::facts::outline::{Element, Entry, Literal};

/// Brackets within each other beyond this number are not looked into.
const NESTING: u32 = 16;

/// The items of a collection, or the keys of a dict; `a + b` and `a | b` hold those of both.
pub(super) fn elements(lexer: &Lexer<'_>, tokens: &[Token]) -> Vec<Element> {
    let mut found = Vec::new();
    collect(lexer, tokens, NESTING, &mut found);
    found
}

fn collect(lexer: &Lexer<'_>, tokens: &[Token], nesting: u32, found: &mut Vec<Element>) {
    let Some(first) = tokens.first() else { return };
    let depth = first.depth;
    if nesting == 0 {
        return found.push(Element::Unknown);
    }
    if has_comma(lexer, tokens, depth) {
        return parts(lexer, tokens, depth).for_each(|part| item(lexer, part, nesting, found));
    }
    if is_lambda(lexer, first) {
        return found.push(Element::Unknown);
    }
    let adds = |token: &Token| token.depth == depth && matches!(token.kind, Kind::Sign | Kind::Operator);
    if tokens.iter().any(adds) {
        let only_sums =
            tokens.iter().filter(|token| adds(token)).all(|token| matches!(lexer.written(*token), "+" | "|"));
        return if only_sums {
            tokens.split(adds).for_each(|part| collect(lexer, part, nesting - 1, found))
        } else {
            found.push(Element::Unknown)
        };
    }
    if let Some(inner) = group(tokens) {
        let is_computed = inner
            .iter()
            .any(|token| token.depth == depth + 1 && token.kind == Kind::Name && lexer.written(*token) == "for");
        let is_parenthesis = lexer.written(*first) == "(" && !has_comma(lexer, inner, depth + 1);
        return match () {
            () if is_computed => found.push(Element::Unknown),
            () if is_parenthesis => collect(lexer, inner, nesting - 1, found),
            () => parts(lexer, inner, depth + 1).for_each(|part| item(lexer, key(part), nesting, found)),
        };
    }
    match unwrapped(lexer, tokens) {
        Some(inner) => collect(lexer, inner, nesting - 1, found),
        None => found.push(named(lexer, tokens).map_or(Element::Unknown, |name| Element::Of(name.into()))),
    }
}

/// An item between commas.
fn item(lexer: &Lexer<'_>, tokens: &[Token], nesting: u32, found: &mut Vec<Element>) {
    match tokens {
        [] => {}
        [star, rest @ ..] if star.kind == Kind::Star => collect(lexer, rest, nesting - 1, found),
        _ => found.push(text(lexer, tokens).map_or(Element::Unknown, Element::Text)),
    }
}

/// What stands before the colon of a dict's entry.
fn key(tokens: &[Token]) -> &[Token] {
    colon(tokens).map_or(tokens, |at| &tokens[..at])
}

fn colon(tokens: &[Token]) -> Option<usize> {
    let depth = tokens.first()?.depth;
    tokens.iter().position(|token| token.depth == depth && token.kind == Kind::Colon)
}

/// The entries of a dict, or of another collection.
pub(super) fn entries(lexer: &Lexer<'_>, value: &[Token]) -> Vec<Entry> {
    let mut value = value;
    for _ in 0..NESTING {
        match unwrapped(lexer, value) {
            Some(inner) => value = inner,
            None => break,
        }
    }
    let plain = |key| Entry { key, values: Box::default() };
    let Some(inner) =
        group(value).filter(|inner| parts(lexer, inner, value[0].depth + 1).any(|part| colon(part).is_some()))
    else {
        return elements(lexer, value).into_iter().map(plain).collect();
    };
    let depth = value[0].depth + 1;
    if inner.iter().any(|token| token.depth == depth && token.kind == Kind::Name && lexer.written(*token) == "for") {
        return vec![plain(Element::Unknown)];
    }
    let mut found = Vec::new();
    for part in parts(lexer, inner, depth) {
        let mut keys = Vec::new();
        item(lexer, key(part), NESTING, &mut keys);
        let values = colon(part).map_or_else(Box::default, |at| values(lexer, &part[at + 1..]));
        found.extend(keys.into_iter().map(|key| Entry { key, values: values.clone() }));
    }
    found
}

/// The strings of a dict's value, if it holds nothing else.
fn values(lexer: &Lexer<'_>, value: &[Token]) -> Box<[Literal]> {
    if let Some(text) = text(lexer, value) {
        return Box::new([text]);
    }
    let Some(inner) = group(value) else { return Box::default() };
    let items = parts(lexer, inner, value[0].depth + 1).filter(|part| !part.is_empty());
    items.map(|part| text(lexer, part)).collect::<Option<Vec<_>>>().unwrap_or_default().into()
}

/// The string that adjacent literals are, in parentheses or not.
pub(super) fn text(lexer: &Lexer<'_>, mut tokens: &[Token]) -> Option<Literal> {
    while let Some(inner) = group(tokens).filter(|inner| !inner.is_empty() && lexer.written(tokens[0]) == "(") {
        tokens = inner;
    }
    let (first, last) = (tokens.first()?, tokens.last()?);
    if tokens.iter().any(|token| token.kind != Kind::Text) {
        return None;
    }
    let text: String = tokens.iter().map(|token| lexer.content(*token).text(lexer.text)).collect();
    let span = if tokens.len() == 1 { lexer.content(*first) } else { first.span().hull(last.span()) };
    Some(Literal { text: text.into(), span })
}

/// What one pair of brackets encloses, if it encloses everything else.
pub(super) fn group(tokens: &[Token]) -> Option<&[Token]> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    let inner = tokens.get(1..tokens.len().checked_sub(1)?)?;
    let is_group =
        first.kind == Kind::Open && last.kind == Kind::Close && inner.iter().all(|token| token.depth > first.depth);
    is_group.then_some(inner)
}

/// The collection inside of `sorted(…)`, `list(…)` and the like, or the dict of `….keys()`.
fn unwrapped<'a>(lexer: &Lexer<'_>, tokens: &'a [Token]) -> Option<&'a [Token]> {
    let open = tokens.iter().position(|token| token.kind == Kind::Open)?;
    let inner = group(&tokens[open..]).filter(|_| lexer.written(tokens[open]) == "(")?;
    let (function, depth) = (&tokens[..open], tokens[open].depth + 1);
    if let ([object @ .., dot, keys], []) = (function, inner)
        && dot.kind == Kind::Dot
        && lexer.written(*keys) == "keys"
    {
        return Some(object).filter(|object| !object.is_empty());
    }
    let name = function.last().filter(|name| name.kind == Kind::Name)?;
    if !matches!(
        lexer.written(*name),
        "sorted" | "list" | "tuple" | "set" | "frozenset" | "dict" | "OrderedDict" | "MappingProxyType"
    ) {
        return None;
    }
    let mut arguments = parts(lexer, inner, depth).filter(|argument| !argument.is_empty());
    let first = arguments.next()?;
    let is_keyword = |argument: &[Token]| argument.get(1).is_some_and(|next| next.kind == Kind::Assign);
    (!is_keyword(first) && text(lexer, first).is_none() && arguments.all(is_keyword)).then_some(first)
}

/// The dotted name that all tokens are.
pub(super) fn named(lexer: &Lexer<'_>, tokens: &[Token]) -> Option<String> {
    let mut dotted = String::new();
    for (at, token) in tokens.iter().enumerate() {
        let fits = if at % 2 == 0 {
            token.kind == Kind::Name && !super::words::is_keyword(lexer.written(*token))
        } else {
            token.kind == Kind::Dot
        };
        if !fits {
            return None;
        }
        dotted.push_str(lexer.written(*token));
    }
    (tokens.len() % 2 == 1).then_some(dotted)
}

fn has_comma(lexer: &Lexer<'_>, tokens: &[Token], depth: u32) -> bool {
    parts(lexer, tokens, depth).nth(1).is_some()
}

/// What stands between commas. Those between a lambda's parameters part nothing.
fn parts<'a>(lexer: &Lexer<'_>, tokens: &'a [Token], depth: u32) -> impl Iterator<Item = &'a [Token]> {
    let mut lambdas = 0u32;
    tokens.split(move |token| {
        if token.depth != depth {
            return false;
        }
        match token.kind {
            Kind::Name => lambdas += u32::from(is_lambda(lexer, token)),
            Kind::Colon => lambdas = lambdas.saturating_sub(1),
            _ => {}
        }
        token.kind == Kind::Comma && lambdas == 0
    })
}

fn is_lambda(lexer: &Lexer<'_>, token: &Token) -> bool {
    token.kind == Kind::Name && lexer.written(*token) == "lambda"
}
