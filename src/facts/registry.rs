//! Names that a program chooses from: a `Literal`, the keys of a dictionary, the members of an enumeration.

use serde::{Deserialize, Serialize};

use crate::span::Span;

/// Names that are listed, or added to a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameList {
    /// The variable or class that holds them: `QuantizationMethods`, `method_to_config`.
    pub name: String,
    /// The enclosing class or function, dotted; empty at the top of the file.
    pub scope: String,
    /// The name, where it stands.
    pub span: Span,
    /// How they are listed.
    pub kind: NameListKind,
    /// The names, in order.
    pub names: Vec<ListedName>,
    /// Whether there may be more than was read: a name among the strings, a value that a call gives.
    pub is_open: bool,
    /// The variable whose names are added as a whole (`X.update(OTHER)`); then it is open.
    pub taken_from: Option<String>,
    /// Whether it stands below a condition or in a loop.
    pub is_conditional: bool,
}

/// A name in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedName {
    /// The name.
    pub name: String,
    /// Where it stands, without quotes.
    pub span: Span,
    /// What a dictionary maps it to, where that is a name; what a table has in its cell.
    pub value: Option<String>,
}

/// How names are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameListKind {
    /// `X = Literal["a", "b"]`.
    Literal,
    /// `X = ["a", "b"]`, also as tuple or set.
    Sequence,
    /// `X = {"a": ..., "b": ...}`.
    Keys,
    /// `class X(Enum):` with `A = ...`; the fields of a class of options.
    Members,
    /// `X += ["a"]`, `X.append("a")`, `X.update(...)`, `X["a"] = ...`.
    Added,
    /// `parser.add_argument("--a", ...)`.
    Options,
    /// `@register_quantization_config("a")`.
    Registered,
    /// Kernels that C++ binds, `ops.def("a(...)")`.
    Bound,
    /// The same where builds for ROCm leave them out.
    BoundForCuda,
    /// Functions that hand their arguments on to the kernel of the same name, and do nothing else.
    Wrapped,
    /// The first cells of a documentation table's rows; each value is what the column of the list's name has there.
    Column,
}

/// A class that tells under which name it is chosen (`get_name`), or takes over what others would handle
/// (`override_quantization_method`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedClass {
    /// The class.
    pub class: String,
    /// The string that its `get_name` returns.
    pub name: Option<ListedName>,
    /// The name of its own method that takes over, where it may return something.
    pub takes_over: Option<Span>,
    /// Where its file first does something for ROCm alone.
    pub for_rocm: Option<Span>,
    /// The compiled kernels that its file calls, each with the operators' namespace as value where that is named.
    pub kernels: Vec<ListedName>,
}
