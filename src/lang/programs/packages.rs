//! Package managers of distributions, and conda.

use super::Invocation;

/// `apt-get install ...` and its like.
pub(super) fn install(_run: &mut Invocation<'_>, _program: &str) {}
