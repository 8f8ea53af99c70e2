//! Host code that tests the target's name, and calls of functions that do.

use rustc_hash::FxHashMap;

use super::atoms::{Atom, name_in, test_of};
use super::boolean::{Root, Use, roots};
use super::brackets::Brackets;
use super::chains::Chains;
use super::lex::{Source, TokenKind};
use super::predicates::predicate;
use super::stored::resolve;
use super::structure::Structure;
use crate::facts::{ArchExpr, ArchSite, Definition, DefinitionKind, FileFacts, Sense, SiteKind};

/// How often functions are read again for calls of those that were found: a chain of predicates is that long at most.
const ROUNDS: usize = 3;

/// A file's own functions that test the target: their name's token and when they return true.
type Predicates<'a> = FxHashMap<&'a str, (usize, ArchExpr)>;

/// Adds host tests and the functions that they define.
pub(super) fn extract(source: &Source<'_>, chains: &Chains, structure: &Structure, facts: &mut FileFacts) {
    let strings = (0..source.tokens.len()).filter(|&at| source.kind(at) == Some(TokenKind::Text));
    let literals: Vec<usize> = strings.filter(|&at| name_in(source, at).is_some()).collect();
    if literals.is_empty() {
        return;
    }
    let brackets = Brackets::read(source);
    let tests: Vec<Atom> = literals.into_iter().filter_map(|at| test_of(source, &brackets, at)).collect();
    let mut predicates = Predicates::default();
    let mut conditions = Vec::new();
    for _ in 0..ROUNDS {
        let known = predicates.len();
        conditions = read(source, &brackets, structure, with_calls(source, &brackets, structure, &tests, &predicates));
        define(source, chains, structure, &brackets, &conditions, &mut predicates);
        if predicates.len() == known {
            break;
        }
    }
    facts.arch_sites.extend(conditions.iter().map(|root| site(source, structure, &brackets, root)));
    let mut defined: Vec<_> = predicates.into_iter().collect();
    defined.sort_by_key(|&(_, (name, _))| name);
    facts.definitions.extend(defined.into_iter().map(|(name, (token, expr))| Definition {
        name: name.to_owned(),
        kind: DefinitionKind::HostFunction,
        span: source.span(token),
        expr,
        ladder: None,
    }));
}

/// The conditions that hold tests; positions that are kept in a variable are followed to where they are compared.
fn read(source: &Source<'_>, brackets: &Brackets, structure: &Structure, atoms: Vec<Atom>) -> Vec<Root> {
    let found = roots(source, brackets, &atoms).into_iter();
    let limit = |root: &Root| structure.enclosing(root.start).map_or(root.start, |function| function.body.end);
    found
        .filter_map(|root| {
            let limit = limit(&root);
            resolve(source, brackets, root, limit)
        })
        .collect()
}

/// The tests, with the calls of known predicates among them.
fn with_calls(
    source: &Source<'_>,
    brackets: &Brackets,
    structure: &Structure,
    tests: &[Atom],
    predicates: &Predicates<'_>,
) -> Vec<Atom> {
    let mut atoms = tests.to_vec();
    if !predicates.is_empty() {
        let names =
            (0..source.tokens.len()).filter(|&at| source.is_ident(at) && predicates.contains_key(source.word(at)));
        atoms.extend(names.filter_map(|at| call(source, brackets, structure, at)));
    }
    atoms.sort_by_key(|atom| atom.start);
    atoms
}

/// The call of the predicate named at `at`, if it is no declaration of it.
fn call(source: &Source<'_>, brackets: &Brackets, structure: &Structure, at: usize) -> Option<Atom> {
    let close = brackets.partner(at + 1).filter(|_| source.is(at + 1, "("))?;
    let before = at.checked_sub(1);
    let declared = before.is_some_and(|before| {
        source.is_ident(before) && !matches!(source.word(before), "return" | "else" | "and" | "or" | "not" | "do")
    });
    let function = structure.functions.binary_search_by_key(&at, |function| function.name).is_ok();
    let member = before.is_some_and(|before| matches!(source.word(before), "." | "->"));
    if declared || function || member {
        return None;
    }
    let expr = ArchExpr::Named(source.word(at).to_owned());
    Some(Atom { start: at, end: close + 1, span: source.hull(at, close), expr, is_position: false })
}

fn define<'a>(
    source: &Source<'a>,
    chains: &Chains,
    structure: &Structure,
    brackets: &Brackets,
    conditions: &[Root],
    predicates: &mut Predicates<'a>,
) {
    let mut from = 0;
    for function in &structure.functions {
        from += conditions[from..].partition_point(|root| root.start < function.body.start);
        let own = &conditions[from..from + conditions[from..].partition_point(|root| root.start < function.body.end)];
        let name = source.word(function.name);
        if own.is_empty() || predicates.contains_key(name) {
            continue;
        }
        if let Some(expr) = predicate(source, chains, brackets, function, own) {
            predicates.insert(name, (function.name, expr));
        }
    }
}

fn site(source: &Source<'_>, structure: &Structure, brackets: &Brackets, root: &Root) -> ArchSite {
    let symbol = structure
        .enclosing(root.start)
        .map_or_else(|| around(source, root), |function| source.word(function.name).to_owned());
    let sense = if refuses(source, brackets, root) { Sense::Refuses } else { Sense::Enables };
    ArchSite {
        kind: SiteKind::HostTest,
        symbol,
        span: root.span,
        expr: root.expr.clone(),
        sense,
        scope: String::new(),
        atoms: Vec::new(),
    }
}

/// What a condition outside functions is about: the variable that it is assigned to.
fn around(source: &Source<'_>, root: &Root) -> String {
    match root.used {
        Use::Assigned(variable) => source.word(variable).to_owned(),
        _ => String::new(),
    }
}

/// Whether the branch of a condition turns the target away: it throws, or returns false.
fn refuses(source: &Source<'_>, brackets: &Brackets, root: &Root) -> bool {
    let Use::Condition(open) = root.used else { return false };
    let Some(close) = brackets.partner(open) else { return false };
    let first = if source.is(close + 1, "{") { close + 2 } else { close + 1 };
    match source.word(first) {
        "throw" | "abort" => true,
        "return" => source.is(first + 1, "false"),
        "TORCH_CHECK" | "STD_TORCH_CHECK" => source.is(first + 2, "false"),
        word => word.starts_with("TORCH_CHECK_NOT_IMPLEMENTED"),
    }
}
