//! Where a statement stands.

use serde::{Deserialize, Serialize};

/// Where a statement stands, as far as that says when and whether it runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The innermost scope.
    pub scope: Scope,
    /// Whether the branch is taken, the conditions of all scopes around it taken together.
    pub reach: Reach,
    /// Under the `else` of `TYPE_CHECKING`: type checkers do not see it.
    pub hidden_from_types: bool,
    /// In the body of an `except` handler: runs only once something failed.
    pub handler: bool,
    /// What becomes of an import that fails here; only in imports and qualified strings.
    pub guard: Guard,
    /// The innermost version test around it. A version test alone does not make `reach` undecided.
    pub gate: Option<GateId>,
}

impl Context {
    /// Whether it runs only when some function is called.
    pub fn deferred(self) -> bool {
        self.scope == Scope::Function
    }

    /// Whether it can run at all.
    pub fn runs(self) -> bool {
        matches!(self.reach, Reach::Certain | Reach::Undecided)
    }
}

/// A kind of scope.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// The module itself; statements under `if`, `try`, `with`, loops and `match` still belong to it.
    #[default]
    Module,
    /// A class body that no function encloses: runs on import, binds nothing in the module.
    Class,
    /// A function, or anything in one: runs when the function is called.
    Function,
}

/// Whether a branch is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// No condition around it, or conditions that hold always.
    #[default]
    Certain,
    /// Under a condition, a loop or a `case` that cannot be decided here.
    Undecided,
    /// Under `TYPE_CHECKING`: type checkers read it, Python never runs it.
    TypeOnly,
    /// Under `if False` and the like: never run.
    Dead,
}

/// Which failing imports are caught around a statement, within its own function.
///
/// A handler that raises again catches nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// A module that does not exist (`ModuleNotFoundError`) is caught.
    pub module: bool,
    /// A name that a module does not have (`ImportError`) is caught.
    pub name: bool,
}

/// The index of a gate in [`Outline::gates`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateId(pub u16);

/// A branch of `if vllm_version_is("0.11.0")`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// The versions that the condition names.
    pub versions: Box<[Box<str>]>,
    /// Whether the branch runs with one of these versions, or with all others.
    pub holds: bool,
    /// The gate around it.
    pub outer: Option<GateId>,
}
