//! Stub, to be replaced on merge: what supports a target, site by site and component by component.

use serde::Serialize;

use crate::arch::Arch;
use crate::knowledge::Knowledge;
use crate::workspace::Workspace;

/// What supports a target.
#[derive(Debug, Serialize)]
pub struct Audit {
    version: u32,
    arch: String,
}

/// Looks for everything that a target needs.
pub fn audit(_workspace: &Workspace, knowledge: &Knowledge, arch: Arch) -> Audit {
    Audit { version: 1, arch: knowledge.universe.name(arch).to_owned() }
}
