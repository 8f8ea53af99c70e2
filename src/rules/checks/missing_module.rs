//! GFX202: modules of the tree that do not exist.

use crate::context::Context;
use crate::rules::{Findings, imports};

/// Reports each statement once, whatever it imports from the module.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for broken in
        cx.workspace.import_analysis().imports.iter().filter(|broken| broken.name.is_none() && !broken.is_foreign)
    {
        imports::report(cx, broken, out);
    }
}
