//! What one Python module binds, offers and imports, read without running it and without knowing other modules.
//!
//! Names are kept as written. A name with characters beyond ASCII may be another spelling of the one that Python
//! sees (it compares NFKC forms), so nothing should be said about such a name that is missing.

use serde::{Deserialize, Serialize};

mod context;
mod qualified;

pub use context::{Context, Gate, GateId, Guard, Reach, Scope};
pub use qualified::{QualifiedString, Sink};

use crate::span::Span;

/// The outline of one Python file. Every list is in source order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Names that statements other than `import` bind in the module's namespace.
    pub bindings: Box<[Binding]>,
    /// Import statements of every scope. Those whose context is the module's own scope bind names too.
    pub imports: Box<[Import]>,
    /// What is done to `__all__` in the module's own scope; empty where the module has none.
    pub all: Box<[AllOperation]>,
    /// The module's `__getattr__`; the last one, if there are several.
    pub getattr: Option<GetAttr>,
    /// Collections of strings that names of the module's own scope are bound to.
    pub tables: Box<[Table]>,
    /// Names that `del` takes out of the module's namespace.
    pub deletions: Box<[Deletion]>,
    /// Why the module may bind names that cannot be read off it.
    pub opaque: Option<Opaque>,
    /// `__path__` is assigned or altered: the package may have submodules elsewhere.
    pub path_altered: Option<Span>,
    /// Modules that the file puts into `sys.modules`.
    pub registered: Box<[RegisteredModule]>,
    /// Strings that have the form of a qualified name, docstrings and f-strings left out.
    pub qualified: Box<[QualifiedString]>,
    /// Version tests that contexts refer to.
    pub gates: Box<[Gate]>,
    /// False where the file is not Python (a template, Python 2, a merge conflict): what was read before the fault
    /// is kept, and the module may bind anything.
    pub syntax_ok: bool,
    /// Where reading stopped: the end of the file, or where it is not Python.
    pub read_to: u32,
}

impl Outline {
    /// The version tests that all must hold where `context` runs, innermost first.
    pub fn gates(&self, context: Context) -> impl Iterator<Item = &Gate> {
        let gate = move |id: GateId| self.gates.get(usize::from(id.0));
        std::iter::successors(context.gate.and_then(gate), move |inner| inner.outer.and_then(gate))
    }
}

/// A name that a statement binds in the module's namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The name.
    pub name: Box<str>,
    /// Where the name stands.
    pub span: Span,
    /// What binds it.
    pub kind: BindingKind,
    /// Where the statement stands. Its scope is a function where `global` makes the name the module's.
    pub context: Context,
    /// The dotted name that is assigned, in `X = Y` and `X = a.b.Y`.
    pub alias_of: Option<Box<str>>,
}

/// What binds a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BindingKind {
    /// `def` and `async def`.
    Function,
    /// `class`.
    Class,
    /// `=` with or without an annotation, each target of a chain and of a tuple; `type X = …`.
    Assignment,
    /// `:=`.
    Walrus,
    /// The target of `for`.
    For,
    /// The target of `with … as`.
    With,
    /// The name of `except … as`: unbound again when the handler ends.
    Except,
    /// A capture of `case`.
    Match,
    /// Anything that a function binds under `global`, imports too.
    Global,
    /// `globals()["x"] = …`, `setattr(sys.modules[__name__], "x", …)` and the like.
    Namespace,
}

/// An `import` or `from` statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The statement, from its first keyword to its last name or closing parenthesis.
    pub span: Span,
    /// The module of a `from` statement without its leading dots, as in `from ..a.b import c`; none for `import`.
    pub from: Option<ImportSource>,
    /// What is imported: dotted modules for `import`, names for `from`; a single `*` for a star import.
    pub names: Box<[ImportedName]>,
    /// Where the statement stands.
    pub context: Context,
}

/// The module that a `from` statement takes names from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSource {
    /// The dotted name behind the leading dots; empty in `from . import x`.
    pub module: Box<str>,
    /// The number of leading dots.
    pub level: u16,
    /// Where it stands, dots and all.
    pub span: Span,
}

/// One item of an import statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedName {
    /// The name, or the dotted module of `import a.b`; without white space.
    pub name: Box<str>,
    /// Where it stands, on its own line.
    pub span: Span,
    /// The name behind `as`.
    pub alias: Option<Box<str>>,
}

/// Something done to `__all__`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllOperation {
    /// What is done.
    pub action: AllAction,
    /// What is listed.
    pub elements: Box<[Element]>,
    /// The statement.
    pub span: Span,
    /// Where it stands.
    pub context: Context,
}

/// What an operation does to `__all__`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AllAction {
    /// `=`: what was listed before is forgotten.
    Set,
    /// `+=`, `.extend`, `.append`, `.insert`.
    Add,
    /// `.remove`.
    Remove,
    /// Anything else: the list is not known from here on.
    Alter,
}

/// An element of a collection of strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Element {
    /// A string literal, adjacent ones joined.
    Text(Literal),
    /// All items, or keys, of what a dotted name denotes: `*NAMES`, `sorted(TABLE)`, `other.__all__`.
    Of(Box<str>),
    /// Something that cannot be read off.
    Unknown,
}

/// A string literal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Literal {
    /// Its value. Escapes in it are kept as written.
    pub text: Box<str>,
    /// The characters between its quotes; where adjacent literals are joined, the whole with its quotes.
    pub span: Span,
}

/// A dict, list, set or tuple with string keys or items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The name that is bound to it.
    pub name: Box<str>,
    /// What it holds: the items, or the keys and values of a dict.
    pub entries: Box<[Entry]>,
    /// Code elsewhere in the file may alter it. Read only for tables that `__all__` or `__getattr__` refer to.
    pub altered: bool,
    /// The collection.
    pub span: Span,
    /// Where the assignment stands.
    pub context: Context,
}

/// An entry of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The item, or the key.
    pub key: Element,
    /// The strings of a dict's value: one for a string, several for a tuple or list of strings, none for all else.
    pub values: Box<[Literal]>,
}

/// The module's `__getattr__`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetAttr {
    /// Where its name stands.
    pub span: Span,
    /// Where the definition stands.
    pub context: Context,
    /// What it answers.
    pub answers: Answers,
}

/// The names that a module `__getattr__` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answers {
    /// These names; `Element::Of` are the keys or items of a table, or `__all__`. All others raise.
    Only(Box<[Element]>),
    /// These names; all others are silently `None`, since the function falls off its end.
    OthersNone(Box<[Element]>),
    /// Any name, for all that can be read off it.
    Any,
}

/// A name that `del` takes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// The name.
    pub name: Box<str>,
    /// Where it stands.
    pub span: Span,
    /// Where the statement stands.
    pub context: Context,
}

/// Why a module's names cannot be read off its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opaque {
    /// What it does.
    pub cause: OpaqueCause,
    /// Where it does so.
    pub span: Span,
}

/// What makes a module opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OpaqueCause {
    /// `exec(…)` when the module is imported.
    Exec,
    /// `globals()[name] = …`, `globals().update(names)` and the like with names that are computed.
    ComputedNames,
    /// `sys.modules[__name__] = …`.
    Replaced,
}

/// A module that the file puts into `sys.modules`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredModule {
    /// Its full name, or what follows this module's own.
    pub name: Literal,
    /// Written as `__name__ + ".old"`.
    pub below_self: bool,
    /// Where the statement stands.
    pub context: Context,
}
