//! Functions of a file that it calls once, with a set that is written out: what their parameters stand for is known.

use rustc_hash::{FxHashMap, FxHashSet};

use super::syntax::{Attr, Bound, Id, Kind, Syntax};

/// Such functions, with the set that each is given.
#[derive(Debug, Default)]
pub(super) struct Calls(FxHashMap<Id, Id>);

impl Calls {
    /// Finds them: functions with named parameters that are bound by `let`, and only ever called.
    pub fn of(syntax: &Syntax) -> Self {
        let mut given: FxHashMap<Id, Vec<Id>> = FxHashMap::default();
        let mut called: FxHashSet<Id> = FxHashSet::default();
        for expr in &syntax.exprs {
            if let Kind::Apply { function, argument } = &expr.kind
                && let Some(lambda) = lambda(syntax, *function)
            {
                given.entry(lambda).or_default().push(*argument);
                called.insert(*function);
            }
        }
        for id in 0..syntax.exprs.len() {
            if !called.contains(&id)
                && let Some(lambda) = lambda(syntax, id)
            {
                given.remove(&lambda);
            }
        }
        let once = given.into_iter().filter_map(|(lambda, sets)| match sets.as_slice() {
            [only] if matches!(syntax.kind(*only), Kind::Set { .. }) => Some((lambda, *only)),
            _ => None,
        });
        Self(once.collect())
    }

    /// What a call of such a function comes to: its body.
    pub fn body(&self, syntax: &Syntax, function: Id, argument: Id) -> Option<Id> {
        let lambda = lambda(syntax, function).filter(|lambda| self.0.get(lambda) == Some(&argument))?;
        match syntax.kind(lambda) {
            Kind::Lambda(lambda) => Some(lambda.body),
            _ => None,
        }
    }

    /// The call of such a function.
    pub fn call(&self, syntax: &Syntax, lambda: Id) -> Option<Id> {
        syntax.get(*self.0.get(&lambda)?).parent
    }

    /// What a parameter of such a function stands for.
    pub fn parameter(&self, syntax: &Syntax, lambda: Id, name: &str) -> Option<Id> {
        let set = *self.0.get(&lambda)?;
        let (Kind::Set { bindings }, Kind::Lambda(lambda)) = (syntax.kind(set), syntax.kind(lambda)) else {
            return None;
        };
        if lambda.parameter.as_ref().is_some_and(|whole| whole.text == name) {
            return Some(set);
        }
        let mut own = bindings
            .iter()
            .filter(|binding| binding.path.first().and_then(Attr::name).is_some_and(|first| first.text == name));
        match own.next() {
            Some(binding) => (binding.path.len() == 1 && own.next().is_none()).then_some(binding.value),
            None => lambda.formals.iter().flatten().find(|(formal, _)| formal.text == name)?.1,
        }
    }
}

/// The function with named parameters that a name of `let` stands for.
fn lambda(syntax: &Syntax, id: Id) -> Option<Id> {
    let Kind::Var(name) = syntax.kind(id) else { return None };
    let Bound::To(value) = syntax.lookup(syntax.get(id).scope, name) else { return None };
    let is_let = syntax.get(value).parent.is_some_and(|parent| matches!(syntax.kind(parent), Kind::Let { .. }));
    let has_names = matches!(syntax.kind(value), Kind::Lambda(lambda) if lambda.formals.is_some());
    (is_let && has_names).then_some(value)
}
