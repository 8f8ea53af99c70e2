//! GFX903: files that could not be read or decoded.

use crate::context::Context;
use crate::rules::Findings;
use crate::span::{Place, Span};

/// Reports each file at its start.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for unreadable in cx.workspace.unreadable() {
        let Some(file) = cx.workspace.sources().find(&unreadable.path) else { continue };
        let at = Place { file, span: Span::default() };
        out.push(
            out.finding(at, format!("This file was not checked: {}.", unreadable.cause))
                .data("cause", unreadable.cause.clone()),
        );
    }
}
