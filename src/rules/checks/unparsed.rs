//! GFX902: regions that no front end could parse.

use crate::context::Context;
use crate::rules::Findings;
use crate::span::{Place, Span};

/// Reports each region by its first line, so that a broken file does not fill the screen.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, source, facts) in cx.workspace.files() {
        for gap in &facts.gaps {
            let text = gap.span.text(source.text());
            let first_line = text.lines().next().unwrap_or_default().trim_end();
            let at = Place { file, span: Span::new(gap.span.range().start, gap.span.range().start + first_line.len()) };
            out.push(
                out.finding(at, format!("This is not {} that gfxlint can parse; rules stayed silent here.", gap.what)),
            );
        }
    }
}
