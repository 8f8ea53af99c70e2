//! `docker run`, `docker build` and their like.

use super::Invocation;

/// Notes containers and builds of images.
pub(super) fn command(_run: &mut Invocation<'_>, _program: &str) {}
