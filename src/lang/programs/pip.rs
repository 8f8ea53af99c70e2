//! pip, uv and build.

use super::Invocation;
use crate::facts::Word;

/// `pip install ...`.
pub(super) fn pip(_run: &mut Invocation<'_>, _arguments: &[Word]) {}

/// `uv pip install ...`, `uv run ...`.
pub(super) fn uv(_run: &mut Invocation<'_>, _arguments: &[Word]) {}

/// `python -m build ...`.
pub(super) fn build(_run: &mut Invocation<'_>, _arguments: &[Word]) {}
