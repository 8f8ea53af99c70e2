//! Stub, to be replaced on merge: finds and reads the files of a run, and joins what they say.

use std::path::PathBuf;

use crate::error::RunError;
use crate::knowledge::Knowledge;
use crate::workspace::Workspace;

/// What a run reads.
#[derive(Debug)]
pub enum Input {
    /// Files and folders.
    Paths(Vec<PathBuf>),
    /// Files that are not on the disk: path below the root, content.
    Memory(Vec<(String, Vec<u8>)>),
}

/// Reads everything.
///
/// # Errors
/// A path that the user named does not exist or cannot be read at all.
pub fn scan(input: Input, _knowledge: &Knowledge) -> Result<Workspace, RunError> {
    if let Input::Paths(paths) = input {
        for path in paths {
            std::fs::metadata(&path).map_err(|error| RunError::path(&path, &error))?;
        }
    }
    Ok(Workspace::default())
}
