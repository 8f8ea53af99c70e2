//! Functions of a file that it calls with sets that are written out: what their parameters stand for is known where all
//! calls give the same.

use rustc_hash::{FxHashMap, FxHashSet};

use super::syntax::{Attr, Bound, Id, Kind, Part, Syntax};

/// Such functions, with the sets that each is given.
#[derive(Debug, Default)]
pub(super) struct Calls {
    given: FxHashMap<Id, Vec<Id>>,
    /// What a parameter stands for, by function and name, where it is called more than once.
    shared: FxHashMap<(Id, String), Option<Id>>,
}

impl Calls {
    /// Finds them: functions with named parameters that are bound by `let`, and only ever called.
    pub fn of(syntax: &Syntax, text: &str) -> Self {
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
        given.retain(|_, sets| sets.iter().all(|&set| matches!(syntax.kind(set), Kind::Set { .. })));
        let mut shared = FxHashMap::default();
        for (&lambda, sets) in given.iter().filter(|(_, sets)| sets.len() > 1) {
            let Kind::Lambda(own) = syntax.kind(lambda) else { continue };
            for (name, default) in own.formals.iter().flatten() {
                let mut values = sets.iter().map(|&set| given_in(syntax, set, &name.text, *default));
                let first = values.next().flatten();
                let is_same =
                    |first: Id, other: Option<Id>| other.is_some_and(|other| same(syntax, text, first, other));
                let value = first.filter(|&first| values.all(|other| is_same(first, other)));
                shared.insert((lambda, name.text.clone()), value);
            }
        }
        Self { given, shared }
    }

    /// The set that a function is given by the only call of it.
    fn only(&self, lambda: Id) -> Option<Id> {
        match self.given.get(&lambda)?.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// What the only call of such a function comes to: its body.
    pub fn body(&self, syntax: &Syntax, function: Id, argument: Id) -> Option<Id> {
        let lambda = lambda(syntax, function).filter(|lambda| self.only(*lambda) == Some(argument))?;
        match syntax.kind(lambda) {
            Kind::Lambda(lambda) => Some(lambda.body),
            _ => None,
        }
    }

    /// The only call of such a function.
    pub fn call(&self, syntax: &Syntax, lambda: Id) -> Option<Id> {
        syntax.get(self.only(lambda)?).parent
    }

    /// What a parameter of such a function stands for.
    pub fn parameter(&self, syntax: &Syntax, lambda: Id, name: &str) -> Option<Id> {
        if let Some(known) = self.shared.get(&(lambda, name.to_owned())) {
            return *known;
        }
        let set = self.only(lambda)?;
        let Kind::Lambda(lambda) = syntax.kind(lambda) else { return None };
        if lambda.parameter.as_ref().is_some_and(|whole| whole.text == name) {
            return Some(set);
        }
        let default = lambda.formals.iter().flatten().find(|(formal, _)| formal.text == name).and_then(|own| own.1);
        given_in(syntax, set, name, default)
    }
}

/// What a set gives for a name, or the default where it gives nothing.
fn given_in(syntax: &Syntax, set: Id, name: &str, default: Option<Id>) -> Option<Id> {
    let Kind::Set { bindings } = syntax.kind(set) else { return None };
    let mut own = bindings
        .iter()
        .filter(|binding| binding.path.first().and_then(Attr::name).is_some_and(|first| first.text == name));
    match own.next() {
        Some(binding) => (binding.path.len() == 1 && own.next().is_none()).then_some(binding.value),
        None => default,
    }
}

/// Whether two expressions are sure to amount to the same.
fn same(syntax: &Syntax, text: &str, one: Id, other: Id) -> bool {
    let (first, second) = (syntax.get(one), syntax.get(other));
    match (&first.kind, &second.kind) {
        _ if one == other => true,
        (Kind::Var(name), Kind::Var(also)) => {
            name == also && syntax.lookup(first.scope, name) == syntax.lookup(second.scope, also)
        }
        (Kind::List(items), Kind::List(others)) => {
            let is_same = |(&item, &also): (&Id, &Id)| same(syntax, text, item, also);
            items.len() == others.len() && items.iter().zip(others).all(is_same)
        }
        (Kind::Str { parts, .. }, Kind::Str { .. }) => {
            let is_plain = parts.iter().all(|part| !matches!(part, Part::Interpolation(..)));
            is_plain && first.span.text(text) == second.span.text(text)
        }
        (Kind::Number, Kind::Number) => first.span.text(text) == second.span.text(text),
        _ => false,
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
