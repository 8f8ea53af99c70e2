//! Strings that name modules and what is in them.

use serde::{Deserialize, Serialize};

use super::{Context, Literal};

/// A string that has the form of a qualified name: `vllm.platforms.rocm.RocmPlatform`, `vllm.plugins:load`.
///
/// Two segments suffice as the argument of a function that imports; three are needed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualifiedString {
    /// The string.
    pub literal: Literal,
    /// What is done with it.
    pub sink: Sink,
    /// Where the expression stands.
    pub context: Context,
}

/// What is done with a string, by what stands around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sink {
    /// A positional argument of a call.
    Argument {
        /// The dotted name that is called, as written: `importlib.import_module`.
        function: Box<str>,
        /// Its 0-based position.
        index: u8,
        /// The argument behind it, if that is a plain string: `register("Name", "module.path", "Class")`.
        next: Option<Box<str>>,
    },
    /// A keyword argument.
    Keyword {
        /// The dotted name that is called, as written.
        function: Box<str>,
        /// The keyword.
        keyword: Box<str>,
    },
    /// `return "…"`.
    Returned,
    /// `NAME = "…"`, in any scope; the name as written, the last part of a dotted one.
    Assigned(Box<str>),
    /// An item of a list, tuple, set or dict, or a dict's key.
    Item,
    /// Anything else: compared, concatenated, formatted.
    Other,
}
