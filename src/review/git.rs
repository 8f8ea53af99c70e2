//! Two revisions of a repository, read from its object store.

use std::path::Path;

use super::Change;
use crate::error::RunError;
use crate::scan::{Input, Replaced};

/// temp
pub fn change(_path: &Path, _base: &str, _head: Option<&str>) -> Result<(Input, Change, Vec<Replaced>), RunError> {
    Err(RunError::Usage { what: String::new(), help: String::new() })
}
