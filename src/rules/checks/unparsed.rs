//! GFX902: regions that no front end could parse.

use crate::context::Context;
use crate::facts::Outline;
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
        // Of most files only the outline is read.
        if let Some(outline) = facts.outline.as_ref().filter(|outline| !outline.syntax_ok && facts.gaps.is_empty()) {
            let at = Place { file, span: fault(source.text(), outline) };
            out.push(out.finding(at, "This is not Python; no import of this file, nor from it, was judged.").help(
                "mend the file: Python cannot import it; a merge conflict, a template or Python 2 looks like this",
            ));
        }
    }
}

/// The line that an outline stops in, without the space around it; where that says nothing, the last one that does.
fn fault(text: &str, outline: &Outline) -> Span {
    let stop = usize::try_from(outline.read_to).unwrap_or(usize::MAX).min(text.len());
    let stop = (0..=stop).rfind(|&at| text.is_char_boundary(at)).unwrap_or_default();
    let rest = text[stop..].lines().next().unwrap_or_default().trim_end();
    let read = if rest.is_empty() { text[..stop].trim_end() } else { &text[..stop] };
    let start = read.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let start = start + (line.len() - line.trim_start().len());
    Span::new(start, start + line.trim().len())
}
