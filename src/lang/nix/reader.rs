//! Questions about expressions: what a name leads to, which attributes a set has, what is written around something.

use std::cell::Cell;

use super::calls::Calls;
use super::files;
use super::syntax::{Attr, Binding, Bound, Id, Kind, Name, Operator, Syntax};
use crate::span::Span;

/// Names that stand for other names are followed so many times.
pub(super) const STEPS: usize = 24;
/// So many expressions are looked at to answer one question: a value that contains itself has no end.
const BUDGET: usize = 4000;
/// Functions that give back their last argument, as far as this front end cares.
const TRANSPARENT: &[&str] = &[
    "mkIf",
    "mkDefault",
    "mkForce",
    "mkOverride",
    "mkOptionDefault",
    "mkBefore",
    "mkAfter",
    "mkOrder",
    "mkVMOverride",
    "mkImageMediaOverride",
    "recurseIntoAttrs",
    "dontRecurseIntoAttrs",
    "setPrio",
    "hiPrio",
    "lowPrio",
    "toPythonApplication",
    "toPythonModule",
    "warn",
    "trace",
];

/// A file with its expressions.
pub(super) struct Reader<'t> {
    pub text: &'t str,
    pub syntax: Syntax,
    calls: Calls,
    /// The names of the file's own parameters.
    parameters: Vec<String>,
    budget: Cell<usize>,
}

/// An attribute of a set: its path, its value, all of the binding.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub path: Vec<Name>,
    pub value: Id,
    pub span: Span,
}

/// The attributes of a set, and whether there may be more.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub all: Vec<Field>,
    pub is_open: bool,
    /// Literal paths of files that hold what is not given here.
    pub imports: Vec<Name>,
    /// Whether there may be more beside what these files hold.
    pub is_open_beside: bool,
}

impl Fields {
    /// There may be more.
    fn open(&mut self) {
        self.is_open = true;
        self.is_open_beside = true;
    }

    /// The attribute with that plain name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.all.iter().rfind(|field| matches!(field.path.as_slice(), [only] if only.text == name))
    }
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t str, syntax: Syntax) -> Self {
        let calls = Calls::of(&syntax, text);
        let parameters = files::own_parameters(&syntax);
        Self { text, syntax, calls, parameters, budget: Cell::new(BUDGET) }
    }

    /// Starts to answer a question.
    pub fn start(&self) {
        self.budget.set(BUDGET);
    }

    /// Takes a step towards the answer; false where there were too many.
    pub fn goes_on(&self) -> bool {
        let left = self.budget.get().saturating_sub(1);
        self.budget.set(left);
        left > 0
    }

    /// What an expression leads to: names, bodies and functions that change nothing are followed.
    pub fn strip(&self, id: Id) -> Id {
        let mut at = id;
        for _ in 0..STEPS {
            match self.step(at) {
                Some(next) => at = next,
                None => return at,
            }
        }
        at
    }

    fn step(&self, id: Id) -> Option<Id> {
        let syntax = &self.syntax;
        match syntax.kind(id) {
            Kind::Var(name) => match syntax.lookup(syntax.get(id).scope, name) {
                Bound::To(value) => Some(value),
                Bound::Parameter(lambda) => self.parameter(lambda, name),
                _ => None,
            },
            Kind::Let { body, .. } | Kind::With { body } | Kind::Assert { body, .. } => Some(*body),
            Kind::Apply { .. } => {
                let (function, arguments) = syntax.call(id);
                if let [only] = arguments.as_slice()
                    && let Some(body) = self.calls.body(syntax, function, *only)
                {
                    return Some(body);
                }
                let name = syntax.function_name(function)?;
                TRANSPARENT.contains(&name).then(|| arguments.last().copied())?
            }
            Kind::Select { base, path, .. } => self.selected(*base, path),
            _ => None,
        }
    }

    /// What a parameter stands for, where its function is called once.
    pub fn parameter(&self, lambda: Id, name: &str) -> Option<Id> {
        self.calls.parameter(&self.syntax, lambda, name)
    }

    /// Whether a name is that of a parameter of the file itself, everywhere in it.
    pub fn is_own_parameter(&self, name: &str) -> bool {
        self.parameters.iter().any(|own| own == name)
    }

    /// The only call of the function that an expression is the body of.
    pub fn only_call(&self, body: Id) -> Option<Id> {
        self.calls.call(&self.syntax, self.syntax.get(body).parent?)
    }

    /// The value of an attribute of a set that the file writes out.
    fn selected(&self, base: Id, path: &[Attr]) -> Option<Id> {
        let mut set = self.strip_shallow(base)?;
        for (at, attr) in path.iter().enumerate() {
            let name = &attr.name()?.text;
            let Kind::Set { bindings } = self.syntax.kind(set) else { return None };
            let mut own = bindings
                .iter()
                .filter(|binding| binding.path.first().and_then(Attr::name).is_some_and(|first| first.text == *name));
            let found = own.next().filter(|found| found.path.len() == 1 && own.next().is_none())?;
            if at + 1 == path.len() {
                return Some(found.value);
            }
            set = self.strip_shallow(found.value)?;
        }
        None
    }

    /// A set that names lead to, without selecting from other sets again and again.
    fn strip_shallow(&self, id: Id) -> Option<Id> {
        let mut at = id;
        for _ in 0..STEPS {
            match self.syntax.kind(at) {
                Kind::Set { .. } => return Some(at),
                Kind::Select { .. } => return None,
                _ => at = self.step(at)?,
            }
        }
        None
    }

    /// The attributes of a set: `//` merged, the later one winning.
    pub fn fields(&self, id: Id) -> Fields {
        let mut fields = Fields::default();
        self.start();
        self.collect(id, 0, &mut fields);
        fields
    }

    pub(super) fn collect(&self, id: Id, depth: usize, fields: &mut Fields) {
        let id = self.strip(id);
        match self.syntax.kind(id) {
            _ if depth > STEPS || !self.goes_on() => fields.open(),
            Kind::Set { bindings } => {
                // Nix lets no set give a name twice.
                let is_merged = !fields.all.is_empty();
                bindings.iter().for_each(|binding| add(binding, is_merged, fields));
            }
            Kind::Binary { operator: Operator::Update, left, right } => {
                self.collect(*left, depth + 1, fields);
                self.collect(*right, depth + 1, fields);
            }
            Kind::Lambda(lambda) => self.collect(lambda.body, depth + 1, fields),
            Kind::Apply { .. } => {
                let (function, arguments) = self.syntax.call(id);
                match (self.syntax.function_name(function), arguments.as_slice()) {
                    (Some("mkMerge"), [list]) => match self.syntax.kind(self.strip(*list)) {
                        Kind::List(items) => items.iter().for_each(|&item| self.collect(item, depth + 1, fields)),
                        _ => fields.open(),
                    },
                    // What is merged over other attributes may replace them.
                    (Some("import"), [file, ..]) if fields.all.is_empty() && !fields.is_open => {
                        let file = self.strip(*file);
                        if matches!(self.syntax.kind(file), Kind::Path) {
                            let (text, span) = (self.slice(file).to_owned(), self.syntax.get(file).span);
                            fields.imports.push(Name { text, span });
                            fields.is_open = true;
                        } else {
                            fields.open();
                        }
                    }
                    (Some("recursiveUpdate"), [left, right]) => {
                        self.collect(*left, depth + 1, fields);
                        self.collect(*right, depth + 1, fields);
                    }
                    // What is there under a condition only is neither there nor missing.
                    (Some("optionalAttrs"), [_, set]) => {
                        self.collect(*set, depth + 1, fields);
                        fields.open();
                    }
                    _ => fields.open(),
                }
            }
            _ => fields.open(),
        }
    }

    /// The names of a path whose set this expression is the value of, from the outermost set that is written around it.
    pub fn owner(&self, id: Id) -> Owner {
        let mut path: Vec<Name> = Vec::new();
        let mut at = id;
        loop {
            let Some(parent) = self.syntax.get(at).parent else { return Owner::new(path, at) };
            match self.syntax.kind(parent) {
                Kind::Set { .. } => {
                    let Some(binding) = self.syntax.binding_of(at) else {
                        return Owner::new(path, at);
                    };
                    let names: Vec<Name> =
                        binding.path.iter().map(|attr| attr.name().cloned().unwrap_or_else(dynamic)).collect();
                    path.splice(0..0, names);
                }
                Kind::Let { body, .. } if *body != at => {
                    let variable = self.syntax.binding_of(at);
                    let names: Vec<Name> = variable
                        .map(|binding| binding.path.iter().filter_map(|attr| attr.name().cloned()).collect())
                        .unwrap_or_default();
                    path.splice(0..0, names);
                    return Owner { path, top: at, is_variable: true };
                }
                Kind::Let { .. } | Kind::Assert { .. } | Kind::If => {}
                Kind::With { body } if *body == at => {}
                Kind::Binary { operator: Operator::Update | Operator::Concat, .. } => {}
                Kind::Apply { argument, .. } if *argument == at && self.passes(parent) => {}
                Kind::List(_) if self.is_merged(parent) => {}
                _ => return Owner::new(path, at),
            }
            at = parent;
        }
    }

    /// Whether a call gives back what it is given.
    fn passes(&self, call: Id) -> bool {
        let (function, _) = self.syntax.call(call);
        let name = self.syntax.function_name(function).unwrap_or_default();
        TRANSPARENT.contains(&name) || matches!(name, "mkMerge" | "recursiveUpdate" | "optionalAttrs" | "optionals")
    }

    fn is_merged(&self, list: Id) -> bool {
        self.syntax.get(list).parent.is_some_and(|parent| {
            let (function, _) = self.syntax.call(parent);
            matches!(self.syntax.kind(parent), Kind::Apply { .. })
                && self.syntax.function_name(function) == Some("mkMerge")
        })
    }

    /// The call that an expression is an argument of, with the function's name; bodies of functions are looked through.
    pub fn called_with(&self, id: Id) -> Option<(Id, &str)> {
        let parent = self.syntax.get(id).parent?;
        match self.syntax.kind(parent) {
            Kind::Apply { argument, .. } if *argument == id => {
                let (function, _) = self.syntax.call(parent);
                Some((function, self.syntax.function_name(function)?))
            }
            _ => None,
        }
    }

    /// An expression's bytes.
    pub fn slice(&self, id: Id) -> &str {
        self.syntax.get(id).span.text(self.text)
    }
}

/// Where an expression stands.
#[derive(Debug)]
pub(super) struct Owner {
    /// The names above it.
    pub path: Vec<Name>,
    /// The outermost expression that it is a part of.
    pub top: Id,
    /// Whether the first name is a variable's.
    pub is_variable: bool,
}

impl Owner {
    fn new(path: Vec<Name>, top: Id) -> Self {
        Self { path, top, is_variable: false }
    }

    /// The innermost name.
    pub fn last(&self) -> &str {
        self.path.last().map_or("", |name| name.text.as_str())
    }

    /// All names, dotted; none for none.
    pub fn dotted(&self) -> Option<String> {
        let names: Vec<&str> = self.path.iter().map(|name| name.text.as_str()).collect();
        (!names.is_empty()).then(|| names.join("."))
    }
}

/// Stands for a name that is computed.
fn dynamic() -> Name {
    Name { text: "${}".to_owned(), span: Span::default() }
}

fn add(binding: &Binding, is_merged: bool, fields: &mut Fields) {
    let path: Option<Vec<Name>> = binding.path.iter().map(|attr| attr.name().cloned()).collect();
    let Some(path) = path else {
        fields.open();
        return;
    };
    let is_same = |known: &Field| {
        known.path.len() == path.len() && known.path.iter().zip(&path).all(|(known, own)| known.text == own.text)
    };
    if is_merged {
        fields.all.retain(|known| !is_same(known));
    }
    fields.all.push(Field { path, value: binding.value, span: binding.span });
}
