//! Conditions on the target, as written.

use serde::{Deserialize, Serialize};

use crate::arch::{ArchToken, MatchMode};

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Relation {
    /// Whether `left relation right` holds.
    pub fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// A condition on the target. Names in it are resolved by the workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ArchExpr {
    /// Says nothing of the target.
    Unknown,
    /// Always true, or always false.
    Constant(bool),
    /// Holds where the target's name matches one of the written names.
    Matches {
        /// The names as written.
        tokens: Vec<ArchToken>,
        /// How they are compared.
        mode: MatchMode,
    },
    /// Holds where the target's name matches a regular expression (CMake's `MATCHES`, a shell filter).
    Regex(String),
    /// Holds where the compute capability (`major * 10 + minor`) compares so.
    Capability {
        /// The comparison, capability on the left.
        relation: Relation,
        /// The number on its right.
        number: i64,
    },
    /// The condition of that name: a call, a constant, a macro; dotted as written (`current_platform.is_fp8_fnuz`).
    Named(String),
    /// A comparison of the number that a ladder function returns (`get_cdna_version() >= 3`).
    Ordinal {
        /// The function's name as written.
        ladder: String,
        /// The comparison, the ladder's number on the left.
        relation: Relation,
        /// Any of these on its right (`in (3, 4)` has two).
        numbers: Vec<i64>,
    },
    /// The opposite.
    Not(Box<ArchExpr>),
    /// All of them hold.
    All(Vec<ArchExpr>),
    /// One of them holds.
    Any(Vec<ArchExpr>),
    /// The second where the first holds, else the third.
    Select(Box<[ArchExpr; 3]>),
}

impl ArchExpr {
    /// Whether a name, a pattern or a number in it tells targets apart (or might, once names are resolved).
    pub fn mentions_target(&self) -> bool {
        match self {
            Self::Unknown | Self::Constant(_) => false,
            Self::Matches { .. } | Self::Regex(_) | Self::Capability { .. } | Self::Named(_) | Self::Ordinal { .. } => {
                true
            }
            Self::Not(inner) => inner.mentions_target(),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::mentions_target),
            Self::Select(parts) => parts.iter().any(Self::mentions_target),
        }
    }

    /// Every name in it that stands for another condition.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit(&mut |part| match part {
            Self::Named(name) | Self::Ordinal { ladder: name, .. } => names.push(name.as_str()),
            _ => {}
        });
        names
    }

    /// Every target name written in it.
    pub fn tokens(&self) -> Vec<&ArchToken> {
        let mut found = Vec::new();
        self.visit(&mut |part| {
            if let Self::Matches { tokens, .. } = part {
                found.extend(tokens);
            }
        });
        found
    }

    /// Calls `see` for this expression and each one in it, outermost first.
    pub fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        see(self);
        match self {
            Self::Not(inner) => inner.visit(see),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.visit(see)),
            Self::Select(parts) => parts.iter().for_each(|part| part.visit(see)),
            _ => {}
        }
    }
}
