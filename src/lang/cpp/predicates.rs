//! Functions whose return value says something of the target.

use super::boolean::{Root, Use};
use super::brackets::Brackets;
use super::chains::Chains;
use super::condition::negate;
use super::lex::Source;
use super::structure::Function;
use crate::facts::ArchExpr;

/// How far conditional chains around a statement are followed.
const MAX_DEPTH: usize = 128;

/// More early returns make no predicate: bounds how deep the expression nests.
const MAX_STEPS: usize = 32;

/// When a function returns true, as far as its tests say; none where it is not understood.
///
/// Understood are early returns of `true` and `false`, a returned condition, and a condition that is kept in a variable
/// and returned. A lambda's `return` counts as the function's own: `static const bool result = [] { return ...; }();`.
pub(super) fn predicate(
    source: &Source<'_>,
    chains: &Chains,
    brackets: &Brackets,
    function: &Function,
    conditions: &[Root],
) -> Option<ArchExpr> {
    if !function.returns_bool || conditions.len() > MAX_STEPS {
        return None;
    }
    let mut reader = Reader { source, chains, brackets, conditions, steps: Vec::new(), seen: 0 };
    let last = reader.read(function)?;
    // A test that no return depends on is used for something else.
    if reader.seen < conditions.len() {
        return None;
    }
    Some(reader.steps.into_iter().rev().fold(last, |rest, (condition, value)| select(condition, value, rest)))
}

fn select(condition: ArchExpr, value: bool, rest: ArchExpr) -> ArchExpr {
    match rest {
        ArchExpr::Constant(other) if other == value => ArchExpr::Constant(value),
        ArchExpr::Constant(_) if value => condition,
        ArchExpr::Constant(_) => negate(condition),
        rest => ArchExpr::Select(Box::new([condition, ArchExpr::Constant(value), rest])),
    }
}

struct Reader<'a> {
    source: &'a Source<'a>,
    chains: &'a Chains,
    brackets: &'a Brackets,
    conditions: &'a [Root],
    /// Early returns: the condition and the value.
    steps: Vec<(ArchExpr, bool)>,
    /// How many of the conditions a return depends on.
    seen: usize,
}

impl Reader<'_> {
    /// Reads the returns of a function; what it returns when no early return is taken.
    fn read(&mut self, function: &Function) -> Option<ArchExpr> {
        let home = self.branches_around(self.conditions.first()?.start)?;
        let returns: Vec<usize> = function.body.clone().filter(|&at| self.source.is(at, "return")).collect();
        let mut last = None;
        for (index, &at) in returns.iter().enumerate() {
            if self.compiled_apart(at, &home)? {
                continue;
            }
            let is_last = index + 1 == returns.len();
            match self.constant(at + 1) {
                Some(value) => self.early(at, value, is_last, &mut last)?,
                None => self.value(at + 1, &mut last)?,
            }
        }
        last
    }

    fn constant(&self, at: usize) -> Option<bool> {
        match self.source.word(at) {
            "true" if self.source.is(at + 1, ";") => Some(true),
            "false" if self.source.is(at + 1, ";") => Some(false),
            _ => None,
        }
    }

    /// A returned constant: under a condition that is known, under one that is not, or at the end.
    fn early(&mut self, at: usize, value: bool, is_last: bool, last: &mut Option<ArchExpr>) -> Option<()> {
        if self.steps.len() >= MAX_STEPS || last.is_some() {
            return None;
        }
        match self.condition_before(at) {
            Some(expr) => {
                self.seen += 1;
                self.steps.push((expr, value));
            }
            None if is_last => *last = Some(ArchExpr::Constant(value)),
            None => self.steps.push((ArchExpr::Unknown, value)),
        }
        Some(())
    }

    /// The condition whose branch starts with the `return` at `at`.
    fn condition_before(&self, at: usize) -> Option<ArchExpr> {
        let brace = self.source.is(at.checked_sub(1)?, "{");
        let close = at.checked_sub(if brace { 2 } else { 1 })?;
        let open = self.brackets.partner(close)?;
        self.conditions.iter().find(|root| root.used == Use::Condition(open)).map(|root| root.expr.clone())
    }

    /// A returned value that is no constant: a condition, or a variable that keeps one.
    fn value(&mut self, at: usize, last: &mut Option<ArchExpr>) -> Option<()> {
        let name = self.source.word(at);
        let is_name = self.source.is_ident(at) && self.source.is(at + 1, ";");
        let keeps =
            |root: &&Root| matches!(root.used, Use::Assigned(variable) if is_name && self.source.is(variable, name));
        let found = self.conditions.iter().find(|root| (root.start == at && root.used == Use::Returned) || keeps(root));
        match found {
            Some(root) if last.is_none() => {
                self.seen += 1;
                *last = Some(root.expr.clone());
                Some(())
            }
            // `return result` behind the lambda that made it.
            None => is_name.then_some(()),
            Some(_) => None,
        }
    }

    /// The branches around a token, innermost first.
    fn branches_around(&self, at: usize) -> Option<Vec<usize>> {
        let branches = &self.chains.branches;
        let mut around = Vec::new();
        let mut id = branches.partition_point(|branch| branch.body.start <= at).checked_sub(1);
        for _ in 0..MAX_DEPTH {
            let Some(branch) = id else { return Some(around) };
            if branches[branch].body.contains(&at) {
                around.push(branch);
            }
            id = self.chains.outer(branch);
        }
        None
    }

    /// Whether a token is in another branch of a chain that one of `home` belongs to: both are never compiled together.
    fn compiled_apart(&self, at: usize, home: &[usize]) -> Option<bool> {
        let branches = &self.chains.branches;
        let own = self.branches_around(at)?;
        Some(
            own.iter()
                .any(|&one| home.iter().any(|&other| one != other && branches[one].chain == branches[other].chain)),
        )
    }
}
