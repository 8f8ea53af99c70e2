//! `git clone`, `git checkout` and the like.

use super::Invocation;

/// Notes what is fetched.
pub(super) fn command(_run: &mut Invocation<'_>) {}
