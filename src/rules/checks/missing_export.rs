//! GFX201: names that a module of the tree does not export.

use crate::context::Context;
use crate::rules::{Findings, imports};

/// Reports each name on its own line.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for broken in
        cx.workspace.import_analysis().imports.iter().filter(|broken| broken.name.is_some() && !broken.is_foreign)
    {
        imports::report(cx, broken, out);
    }
}
