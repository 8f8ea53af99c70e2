//! Nix expressions as this front end sees them: an arena of nodes with their scopes, made from the syntax tree.

use rustc_hash::FxHashMap;

use crate::span::Span;

/// An expression, as an index into [`Syntax::exprs`].
pub(super) type Id = usize;

/// A file's expressions.
#[derive(Debug, Default)]
pub(super) struct Syntax {
    pub exprs: Vec<Expr>,
    pub scopes: Vec<Scope>,
    /// The file's own expression.
    pub root: Option<Id>,
    /// Whether all of the file was understood.
    pub is_whole: bool,
}

/// An expression.
#[derive(Debug)]
pub(super) struct Expr {
    pub kind: Kind,
    pub span: Span,
    /// The expression around it.
    pub parent: Option<Id>,
    /// The scope that its names are looked up in, as an index into [`Syntax::scopes`].
    pub scope: usize,
    /// Which binding of the expression around it has it as its value.
    pub binding: Option<usize>,
}

/// What an expression is. Parentheses are left out.
#[derive(Debug)]
pub(super) enum Kind {
    Var(String),
    Select { base: Id, path: Vec<Attr>, default: Option<Id> },
    Apply { function: Id, argument: Id },
    Lambda(Lambda),
    Let { bindings: Vec<Binding>, body: Id },
    With { body: Id },
    Assert { body: Id },
    Set { bindings: Vec<Binding> },
    List(Vec<Id>),
    Str { parts: Vec<Part>, is_indented: bool },
    Path,
    SearchPath,
    Uri,
    Number,
    If,
    Binary { operator: Operator, left: Id, right: Id },
    Unknown,
}

/// A function.
#[derive(Debug, Default)]
pub(super) struct Lambda {
    /// `x:`, or the name beside formals.
    pub parameter: Option<Name>,
    /// Names in braces with their defaults; none for a plain parameter.
    pub formals: Option<Vec<(Name, Option<Id>)>>,
    pub body: Id,
}

/// A name where it stands.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub text: String,
    pub span: Span,
}

/// A step of an attribute path.
#[derive(Debug, Clone)]
pub(super) enum Attr {
    Name(Name),
    /// `${name}`.
    Dynamic,
}

impl Attr {
    /// The name, if it is known.
    pub fn name(&self) -> Option<&Name> {
        match self {
            Self::Name(name) => Some(name),
            Self::Dynamic => None,
        }
    }
}

/// `a.b = value;`, or one name of an `inherit`.
#[derive(Debug)]
pub(super) struct Binding {
    pub path: Vec<Attr>,
    pub value: Id,
    pub span: Span,
}

/// A part of a string.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// Text as written.
    Text(Span),
    /// An escape: the bytes of it that stand for themselves. `\n` has none.
    Escape(Span),
    /// A line end that is written as `\n`.
    LineEnd(Span),
    /// `${...}`: the expression, and all of it.
    Interpolation(Id, Span),
}

/// Operators that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `//`
    Update,
    /// `++`
    Concat,
    /// `+`
    Plus,
    Other,
}

/// Names that are bound, or a set whose names are in reach.
#[derive(Debug)]
pub(super) struct Scope {
    pub parent: Option<usize>,
    pub kind: ScopeKind,
}

/// Kinds of scopes.
#[derive(Debug)]
pub(super) enum ScopeKind {
    /// `let` and `rec`: the value of each name, none where it is put together from several bindings.
    Names(FxHashMap<String, Option<Id>>),
    /// Parameters of a function.
    Parameters(FxHashMap<String, Id>),
    /// `with`.
    With(Id),
}

/// What a name denotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// The value of this expression.
    To(Id),
    /// Something that is put together here.
    Here,
    /// A parameter of this function.
    Parameter(Id),
    /// An attribute of the set of the innermost `with`; the number of such sets around it.
    With(Id, usize),
    /// One of Nix's own.
    Builtin,
    /// Nothing.
    Nothing,
}

/// Names that Nix itself binds everywhere.
const BUILTINS: &[&str] = &[
    "abort",
    "baseNameOf",
    "break",
    "builtins",
    "builtin",
    "derivation",
    "derivationStrict",
    "dirOf",
    "false",
    "fetchGit",
    "fetchMercurial",
    "fetchTarball",
    "fetchTree",
    "fetchurl",
    "fromTOML",
    "getFlake",
    "import",
    "isNull",
    "map",
    "null",
    "placeholder",
    "removeAttrs",
    "scopedImport",
    "throw",
    "toString",
    "true",
];

impl Syntax {
    /// An expression.
    pub fn get(&self, id: Id) -> &Expr {
        &self.exprs[id]
    }

    /// What kind of expression it is.
    pub fn kind(&self, id: Id) -> &Kind {
        &self.exprs[id].kind
    }

    /// The binding whose value an expression is, if it is one of its parent's.
    pub fn binding_of(&self, id: Id) -> Option<&Binding> {
        let expr = self.get(id);
        match self.kind(expr.parent?) {
            Kind::Set { bindings } | Kind::Let { bindings, .. } => bindings.get(expr.binding?),
            _ => None,
        }
    }

    /// What a name denotes where it is used.
    pub fn lookup(&self, scope: usize, name: &str) -> Bound {
        let mut with: Option<(Id, usize)> = None;
        let mut next = Some(scope);
        while let Some(scope) = next.and_then(|at| self.scopes.get(at)) {
            match &scope.kind {
                ScopeKind::Names(names) => match names.get(name) {
                    Some(Some(value)) => return Bound::To(*value),
                    Some(None) => return Bound::Here,
                    None => {}
                },
                ScopeKind::Parameters(names) => {
                    if let Some(lambda) = names.get(name) {
                        return Bound::Parameter(*lambda);
                    }
                }
                ScopeKind::With(set) => with = Some(with.map_or((*set, 1), |(first, count)| (first, count + 1))),
            }
            next = scope.parent;
        }
        let is_builtin = BUILTINS.contains(&name) || name.starts_with("__");
        match with {
            _ if is_builtin => Bound::Builtin,
            Some((set, count)) => Bound::With(set, count),
            None => Bound::Nothing,
        }
    }

    /// The last name that a function is called by: `mkIf` of `lib.mkIf`, with its first argument applied or not.
    pub fn function_name(&self, id: Id) -> Option<&str> {
        match self.kind(id) {
            Kind::Var(name) => Some(name),
            Kind::Select { path, .. } => path.last().and_then(Attr::name).map(|name| name.text.as_str()),
            _ => None,
        }
    }

    /// A call: the function that is called, and its arguments.
    pub fn call(&self, id: Id) -> (Id, Vec<Id>) {
        let (mut function, mut arguments) = (id, Vec::new());
        while let Kind::Apply { function: inner, argument } = self.kind(function) {
            arguments.push(*argument);
            function = *inner;
        }
        arguments.reverse();
        (function, arguments)
    }
}
