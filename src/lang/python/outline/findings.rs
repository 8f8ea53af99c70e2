//! What has been read of a module.

use super::blocks::Mark;
use crate::facts::outline::{
    AllOperation, Binding, Deletion, Gate, GetAttr, Import, Opaque, OpaqueCause, QualifiedString, RegisteredModule,
    Table,
};
use crate::span::Span;

/// What has been found so far; see the fields of the same names in [`crate::facts::Outline`].
#[derive(Default)]
pub(super) struct Findings {
    pub(super) bindings: Vec<Binding>,
    /// With the function that each stands in.
    pub(super) imports: Vec<(Import, u32)>,
    pub(super) all: Vec<AllOperation>,
    pub(super) getattr: Option<GetAttr>,
    pub(super) tables: Vec<Table>,
    pub(super) deletions: Vec<Deletion>,
    pub(super) opaque: Option<Opaque>,
    pub(super) path_altered: Option<Span>,
    pub(super) registered: Vec<RegisteredModule>,
    /// With the function that each stands in.
    pub(super) qualified: Vec<(QualifiedString, u32)>,
    pub(super) gates: Vec<Gate>,
}

impl Findings {
    /// The lengths of the lists that guards are entered into.
    pub(super) fn mark(&self) -> Mark {
        Mark { imports: self.imports.len(), qualified: self.qualified.len() }
    }

    /// Records the first cause for which names cannot be read off.
    pub(super) fn opaque(&mut self, cause: OpaqueCause, span: Span) {
        self.opaque.get_or_insert(Opaque { cause, span });
    }
}
