//! GFX206: imports of a package that the vLLM tree it is checked against does not satisfy.

use crate::context::Context;
use crate::rules::{Findings, imports};

/// Reports names and modules alike.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for broken in cx.workspace.import_analysis().imports.iter().filter(|broken| broken.is_foreign) {
        imports::report(cx, broken, out);
    }
}
