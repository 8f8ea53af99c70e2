//! Lists of targets in tables.

use serde::Deserialize;

use super::pattern;
use crate::arch::{ArchSet, Universe};

/// Targets as a table names them, with `*` for any text: `gfx942`, `gfx11*`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct TargetNames(Vec<String>);

impl TargetNames {
    /// Whether they name none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the target of that name is among them.
    pub fn covers(&self, name: &str) -> bool {
        self.0.iter().any(|own| pattern::matches(own, name))
    }

    /// Those of the known targets that are among them.
    pub fn set(&self, universe: &Universe) -> ArchSet {
        universe.iter().filter(|&arch| self.covers(universe.name(arch))).collect()
    }

    /// As the table writes them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}
