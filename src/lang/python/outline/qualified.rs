//! Strings that have the form of a qualified name, and what is done with them.

use super::collections::named;
use super::lexer::{Kind, Token};
use super::scanner::Scanner;
use super::words::is_keyword;
use crate::facts::outline::{Literal, QualifiedString, Sink};

/// Functions that import what their arguments name: two segments suffice there.
const IMPORTERS: &[&str] = &["import_module", "resolve_obj_by_qualname", "LazyLoader", "__import__"];

/// Records the qualified names in a statement's strings.
pub(super) fn collect(scanner: &mut Scanner<'_>, tokens: &[Token]) {
    // Brackets around the current token: the index of each, and the number of commas met in it.
    let mut brackets: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.kind {
            Kind::Open => brackets.push((at, 0)),
            Kind::Close => {
                brackets.pop();
            }
            Kind::Comma => {
                if let Some(last) = brackets.last_mut() {
                    last.1 += 1;
                }
            }
            Kind::Text => {
                let length = tokens[at..].iter().take_while(|token| token.kind == Kind::Text).count();
                string(scanner, tokens, (at, at + length), &brackets);
                at += length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

/// Records the string that the literals `from..to` are, if it is a qualified name.
fn string(scanner: &mut Scanner<'_>, tokens: &[Token], (from, to): (usize, usize), brackets: &[(usize, usize)]) {
    let joins_format =
        |at: Option<usize>| at.and_then(|at| tokens.get(at)).is_some_and(|token| token.kind == Kind::OtherText);
    let is_docstring = from == 0 && to == tokens.len();
    if is_docstring || joins_format(from.checked_sub(1)) || joins_format(Some(to)) {
        return;
    }
    let Some(literal) = super::collections::text(&scanner.lexer, &tokens[from..to]) else { return };
    let Some(segments) = segments(&literal.text) else { return };
    let sink = sink(scanner, tokens, (from, to), brackets);
    let imports = match &sink {
        Sink::Argument { function, .. } | Sink::Keyword { function, .. } => {
            IMPORTERS.contains(&function.rsplit('.').next().unwrap_or_default())
        }
        _ => false,
    };
    if segments >= 3 || imports && segments == 2 {
        let (context, function) = (scanner.context(), scanner.block().function);
        scanner.found.qualified.push((QualifiedString { literal, sink, context }, function));
    }
}

/// The number of segments of a qualified name; none where the text is none. A leading dot makes it relative.
fn segments(text: &str) -> Option<usize> {
    let (path, attribute) = text.split_once(':').map_or((text, None), |(path, attribute)| (path, Some(attribute)));
    let parts =
        path.trim_start_matches('.').split('.').chain(attribute.into_iter().flat_map(|attribute| attribute.split('.')));
    let mut count = usize::from(path.starts_with('.'));
    for part in parts {
        if part.is_empty()
            || part.starts_with(|first: char| first.is_ascii_digit())
            || !part.chars().all(|letter| letter == '_' || letter.is_alphanumeric())
        {
            return None;
        }
        count += 1;
    }
    Some(count)
}

fn sink(
    scanner: &Scanner<'_>,
    tokens: &[Token],
    (mut from, mut to): (usize, usize),
    mut brackets: &[(usize, usize)],
) -> Sink {
    let lexer = &scanner.lexer;
    let before = |from: usize| from.checked_sub(1).and_then(|at| tokens.get(at)).copied();
    let is_call = |open: usize| {
        before(open).is_some_and(|name| match name.kind {
            Kind::Name => !is_keyword(lexer.written(name)),
            Kind::Close => true,
            _ => false,
        })
    };
    // Parentheses around nothing but the string.
    while let [outer @ .., (open, 0)] = brackets
        && !is_call(*open)
        && lexer.written(tokens[*open]) == "("
        && *open + 1 == from
        && tokens.get(to).is_some_and(|next| next.kind == Kind::Close)
    {
        (from, to, brackets) = (*open, to + 1, outer);
    }
    let previous = before(from);
    let Some(&(open, commas)) = brackets.last() else { return top_sink(scanner, tokens, from) };
    if lexer.written(tokens[open]) != "(" || !is_call(open) {
        let is_item = previous.is_some_and(|previous| matches!(previous.kind, Kind::Open | Kind::Comma | Kind::Colon));
        return if is_item { Sink::Item } else { Sink::Other };
    }
    let start =
        tokens[..open].iter().rposition(|token| !matches!(token.kind, Kind::Name | Kind::Dot)).map_or(0, |at| at + 1);
    let callee = tokens[start..open]
        .iter()
        .rposition(|token| token.kind == Kind::Name && is_keyword(lexer.written(*token)))
        .map_or(start, |at| start + at + 1);
    let function: Box<str> = named(lexer, &tokens[callee..open]).unwrap_or_default().into();
    match previous.map(|previous| previous.kind) {
        Some(Kind::Open | Kind::Comma) => Sink::Argument {
            function,
            index: u8::try_from(commas).unwrap_or(u8::MAX),
            next: following(scanner, tokens, to),
        },
        Some(Kind::Assign) => match from.checked_sub(2).and_then(|at| tokens.get(at)) {
            Some(keyword) => Sink::Keyword { function, keyword: lexer.written(*keyword).into() },
            None => Sink::Other,
        },
        _ => Sink::Other,
    }
}

/// The plain string that is the next argument.
fn following(scanner: &Scanner<'_>, tokens: &[Token], to: usize) -> Option<Box<str>> {
    let [comma, rest @ ..] = tokens.get(to..)? else { return None };
    let length = rest.iter().take_while(|token| token.kind == Kind::Text).count();
    let ends = rest.get(length).is_some_and(|next| matches!(next.kind, Kind::Comma | Kind::Close));
    let next: Literal =
        super::collections::text(&scanner.lexer, &rest[..length]).filter(|_| comma.kind == Kind::Comma && ends)?;
    Some(next.text)
}

/// The sink of a string outside of brackets.
fn top_sink(scanner: &Scanner<'_>, tokens: &[Token], from: usize) -> Sink {
    let lexer = &scanner.lexer;
    let Some(previous) = from.checked_sub(1).and_then(|at| tokens.get(at)) else { return Sink::Other };
    let returns = tokens.first().is_some_and(|first| lexer.written(*first) == "return");
    match (previous.kind, lexer.written(*previous)) {
        (Kind::Name, "return") => Sink::Returned,
        // `return "a" if condition else "b"`
        (Kind::Name, "else") if returns => Sink::Returned,
        (Kind::Assign, _) => {
            let target = &tokens[..from - 1];
            let end =
                target.iter().position(|token| token.depth == 0 && token.kind == Kind::Colon).unwrap_or(target.len());
            match target[..end].last() {
                Some(name) if name.kind == Kind::Name => Sink::Assigned(lexer.written(*name).into()),
                _ => Sink::Other,
            }
        }
        _ => Sink::Other,
    }
}
