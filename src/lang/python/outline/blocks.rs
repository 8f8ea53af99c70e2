//! The blocks that a line stands in.

use super::condition::{Condition, Truth};
use crate::facts::outline::{Context, Gate, GateId, Guard, Reach};

/// What a block is the body of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The module, a branch, a loop, `with`, `try`.
    Plain,
    /// A function or a class; its globals are dropped when it ends.
    Scope,
    /// The module's `__getattr__`, whose `def` starts at this offset.
    GetAttr(usize),
    /// An `except` handler.
    Handler,
    /// `match`: holds nothing but `case`.
    Match,
}

/// A block of statements.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// The column of its lines, tabs counted to the next multiple of 8.
    pub(super) indent: u32,
    pub(super) role: Role,
    pub(super) context: Context,
    /// The scope that it belongs to; 0 is the module.
    pub(super) scope: u32,
    /// The function that it belongs to; 0 is none.
    pub(super) function: u32,
    /// The statement that the next one may continue with `else` and the like.
    pub(super) chain: Chain,
}

/// A statement of several branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chain {
    None,
    If(Branches),
    Loop,
    Try(Try),
}

/// What is known behind some branches of an `if`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Branches {
    /// Whether one of them is taken when Python runs.
    runtime: Truth,
    /// Whether one of them is taken as type checkers see it.
    types: Truth,
    /// The version test that holds if none of them is taken.
    gate: Option<GateId>,
}

impl Branches {
    /// No branch yet, in this context.
    pub(super) fn new(context: Context) -> Self {
        Self { runtime: Truth::No, types: Truth::No, gate: context.gate }
    }

    /// Takes in a further branch; answers the context of its body.
    pub(super) fn branch(&mut self, around: Context, condition: Condition, gates: &mut Vec<Gate>) -> Context {
        let mut gate = self.gate;
        let (mut runtime, mut types) = (condition.runtime, condition.types);
        if let Some(test) = condition.version {
            let versions: Box<[Box<str>]> = test.versions.into();
            gate = add(gates, Gate { versions: versions.clone(), holds: test.holds, outer: self.gate });
            if test.exact {
                let context = inside(around, self.runtime.not(), self.types.not(), gate);
                self.gate = add(gates, Gate { versions, holds: !test.holds, outer: self.gate });
                return context;
            }
        }
        runtime = self.runtime.not().and(runtime);
        types = self.types.not().and(types);
        self.runtime = self.runtime.or(runtime);
        self.types = self.types.or(types);
        inside(around, runtime, types, gate)
    }

    /// The context of the body of `else`.
    pub(super) fn otherwise(self, around: Context) -> Context {
        inside(around, self.runtime.not(), self.types.not(), self.gate)
    }
}

/// Adds a gate; the innermost one stays what it was where there are too many.
fn add(gates: &mut Vec<Gate>, gate: Gate) -> Option<GateId> {
    let outer = gate.outer;
    match u16::try_from(gates.len()) {
        Ok(id) => {
            gates.push(gate);
            Some(GateId(id))
        }
        Err(_) => outer,
    }
}

/// The context of a branch that is taken so.
fn inside(around: Context, runtime: Truth, types: Truth, gate: Option<GateId>) -> Context {
    let reach = match (around.reach, runtime) {
        (Reach::Dead, _) => Reach::Dead,
        (Reach::TypeOnly, _) | (_, Truth::No) if types == Truth::No => Reach::Dead,
        (Reach::TypeOnly, _) | (_, Truth::No) => Reach::TypeOnly,
        (Reach::Undecided, _) | (_, Truth::Maybe) => Reach::Undecided,
        (Reach::Certain, Truth::Yes) => Reach::Certain,
    };
    let hidden = around.hidden_from_types || types == Truth::No && runtime != Truth::No;
    Context { reach, hidden_from_types: hidden, gate, ..around }
}

/// The context of a body that is run or not.
pub(super) fn undecided(around: Context) -> Context {
    inside(around, Truth::Maybe, Truth::Maybe, around.gate)
}

/// The context of a loop's body.
pub(super) fn looped(around: Context, condition: &Condition) -> Context {
    inside(around, condition.runtime, condition.types, around.gate)
}

/// A `try` statement that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Try {
    /// Where its body's entries start in the lists of what was found.
    pub(super) from: Mark,
    /// Where they end, once the body has ended.
    pub(super) to: Option<Mark>,
    /// What the handlers up to here do to a missing module.
    module: Caught,
    /// What they do to a missing name.
    name: Caught,
    /// The handler that is being read.
    handler: Option<Handler>,
}

/// The lengths of the lists whose entries a guard is entered into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) imports: usize,
    pub(super) qualified: usize,
}

/// What becomes of an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caught {
    /// No handler has matched yet.
    NotYet,
    /// A handler takes it.
    Taken,
    /// A handler raises again.
    Raised,
}

/// A handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Handler {
    matches: Guard,
    raises: bool,
}

impl Try {
    /// A statement whose body starts now.
    pub(super) fn new(from: Mark) -> Self {
        Self { from, to: None, module: Caught::NotYet, name: Caught::NotYet, handler: None }
    }

    /// A handler for these starts, or `else` or `finally` where there is none; `here` is where the body ended if
    /// this is the first.
    pub(super) fn next(&mut self, matches: Option<Guard>, here: Mark) {
        self.to.get_or_insert(here);
        self.finish();
        self.handler = matches.map(|matches| Handler { matches, raises: false });
    }

    /// The handler that is being read raises whatever happens.
    pub(super) fn raises(&mut self) {
        if let Some(handler) = &mut self.handler {
            handler.raises = true;
        }
    }

    /// What the body is guarded against, once all handlers have been read.
    pub(super) fn guard(mut self) -> Guard {
        self.finish();
        Guard { module: self.module == Caught::Taken, name: self.name == Caught::Taken }
    }

    fn finish(&mut self) {
        let Some(handler) = self.handler.take() else { return };
        let outcome = if handler.raises { Caught::Raised } else { Caught::Taken };
        for (caught, matches) in [(&mut self.module, handler.matches.module), (&mut self.name, handler.matches.name)] {
            if *caught == Caught::NotYet && matches {
                *caught = outcome;
            }
        }
    }
}

/// Both guards together.
pub(super) fn either(a: Guard, b: Guard) -> Guard {
    Guard { module: a.module || b.module, name: a.name || b.name }
}
