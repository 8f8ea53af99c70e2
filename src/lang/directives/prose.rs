//! YAML and Markdown, whose statements are told by indentation and blank lines.

use super::page::{Blocks, Comment, Page};
use super::scanner::comment_in_line;
use crate::span::Span;

/// Reads YAML: `#` starts a comment, also in a script that stands in a value.
pub(super) fn yaml(text: &str) -> Page {
    let mut page = Page::new(text, Blocks::Indent);
    for at in 0..page.lines.len() {
        comment(&mut page, text, at, "#");
    }
    page
}

/// Reads Markdown: `<!-- -->` outside of fences, the comments of scripts and sources within.
pub(super) fn markdown(text: &str) -> Page {
    let mut page = Page::new(text, Blocks::Paragraph);
    let mut fence: Option<&str> = None;
    let mut at = 0;
    while at < page.lines.len() {
        let line = page.lines[at].span.text(text).trim();
        match fence {
            Some(mark) if line.starts_with(mark) && line.trim_start_matches(&mark[..1]).is_empty() => fence = None,
            Some(_) => {
                page.lines[at].joined = true;
                let opener = ["#", "//"].into_iter().find(|opener| line.contains(&format!("{opener} gfxlint:")));
                comment(&mut page, text, at, opener.unwrap_or("#"));
            }
            None => {
                fence = ["```", "~~~"].into_iter().find(|mark| line.starts_with(mark));
                page.lines[at].joined = fence.is_some();
                if fence.is_none() && line.contains("<!--") {
                    at = html(&mut page, text, at);
                }
            }
        }
        at += 1;
    }
    page
}

/// Notes the comment of a line that nothing else is known of.
fn comment(page: &mut Page, text: &str, at: usize, opener: &str) {
    let span = page.lines[at].span;
    let content = span.text(text);
    page.lines[at].joined_within = content.ends_with('\\');
    if let Some(start) = comment_in_line(content, opener) {
        page.lines[at].has_comment = true;
        page.lines[at].has_code = !content[..start].trim().is_empty();
        let start = span.start as usize + start;
        let is_shown = page.blocks == Blocks::Paragraph;
        page.comments.push(Comment { span: Span::new(start, span.end as usize), is_value: false, is_shown });
    }
}

/// Notes a comment that starts on a line, and returns the line that it ends on.
fn html(page: &mut Page, text: &str, at: usize) -> usize {
    let span = page.lines[at].span;
    let Some(start) = span.text(text).find("<!--").map(|found| span.start as usize + found) else { return at };
    let end = text[start..].find("-->").map_or(text.len(), |close| start + close + 3);
    let last = page.line_of(Span::new(end - 1, end).start);
    let behind = &text[end..page.lines[last].span.end.max(Span::new(end, end).start) as usize];
    let before = &text[span.start as usize..start];
    for line in at..=last {
        page.lines[line].has_comment = true;
        page.lines[line].has_code = false;
    }
    page.lines[at].has_code = !before.trim().is_empty();
    page.lines[last].has_code |= !behind.trim().is_empty();
    page.comments.push(Comment { span: Span::new(start, end), is_value: false, is_shown: false });
    last
}
