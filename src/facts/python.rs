//! Named conditions, and names that imports bind.

use serde::{Deserialize, Serialize};

use super::{ArchExpr, Relation};
use crate::span::Span;

/// A named condition on the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// The dotted name within its file: `on_gfx9`, `RocmPlatform.supports_fp8`, `choose.ON_GFX9`, `__HIP__GFX9__`.
    pub name: String,
    /// What kind of thing bears it.
    pub kind: DefinitionKind,
    /// Where the name is bound.
    pub span: Span,
    /// When it is true.
    pub expr: ArchExpr,
    /// The numbers that it returns, if it is a ladder.
    pub ladder: Option<Ladder>,
}

/// What bears a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DefinitionKind {
    /// A Python function or method.
    Function,
    /// A Python name that is assigned once.
    Constant,
    /// A C or C++ macro that is defined under a guard.
    Macro,
    /// A C++ function that tests the target's name on the host.
    HostFunction,
}

/// A function that maps targets to numbers: the first condition that holds decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ladder {
    /// Conditions and the number that each returns, in order.
    pub steps: Vec<(ArchExpr, i64)>,
    /// The number when none holds.
    pub otherwise: i64,
}

impl Ladder {
    /// When the number that is returned compares to one of `numbers` so.
    pub fn compared(&self, relation: Relation, numbers: &[i64]) -> ArchExpr {
        let meets = |value: i64| ArchExpr::Constant(numbers.iter().any(|&number| relation.holds(value, number)));
        self.steps.iter().rev().fold(meets(self.otherwise), |rest, (condition, value)| {
            ArchExpr::Select(Box::new([condition.clone(), meets(*value), rest]))
        })
    }
}

/// A name that an import binds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The name bound in this file.
    pub local: String,
    /// The enclosing function or class, dotted; empty at the top of the file.
    pub scope: String,
    /// The module, absolute or with leading dots as written.
    pub module: String,
    /// The name taken from it; none where the module itself is bound.
    pub name: Option<String>,
    /// The statement.
    pub span: Span,
}

/// A reading of the target's name from the system, without its features being cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchRead {
    /// What is read.
    pub source: ArchSource,
    /// The word that says so.
    pub span: Span,
    /// The enclosing function or class, dotted; empty at the top of a file.
    pub scope: String,
    /// Where the raw text is compared as a whole, or looked up.
    pub exact: Vec<Span>,
    /// Whether the function returns it as it is.
    pub returned: bool,
}

/// Where the target's name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArchSource {
    /// PyTorch's and HIP's device property.
    GcnArchName,
    /// amdsmi's ASIC information.
    TargetGraphicsVersion,
}

impl ArchSource {
    /// The name under which it is read.
    pub fn name(self) -> &'static str {
        match self {
            Self::GcnArchName => "gcnArchName",
            Self::TargetGraphicsVersion => "target_graphics_version",
        }
    }
}

/// An import that runs when its module is imported, of a library that asks for the GPU then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EagerImport {
    /// The library's top package.
    pub package: String,
    /// The statement.
    pub span: Span,
    /// The conditions that it stands under, innermost first, as written; none for one that is not read (`else`).
    pub conditions: Vec<Option<String>>,
    /// Exceptions that are caught around it.
    pub caught: Vec<String>,
}
