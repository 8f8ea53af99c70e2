//! Comments and messages that name targets.

use super::directives::{Directive, DirectiveKind};
use super::lex::{Source, TokenKind};
use super::stubs::operand_span;
use crate::arch::tokens_in_prose;
use crate::facts::{FileFacts, Prose, ProseKind};
use crate::span::Span;

/// Adds the comments, strings and `#error` lines that name targets.
pub(super) fn extract(source: &Source<'_>, directives: &[Directive], comments: &[Span], facts: &mut FileFacts) {
    for &comment in comments {
        lines(source.text, comment, |line| add(source.text, line, ProseKind::Comment, facts));
    }
    let strings =
        (0..source.tokens.len()).filter(|&at| source.kind(at) == Some(TokenKind::Text)).map(|at| source.content(at));
    // A name alone, or one in a file name, is data; what is shown to people has words around it.
    for string in strings.filter(|string| string.text(source.text).trim().contains(' ')) {
        add(source.text, string, ProseKind::Message, facts);
    }
    for directive in directives.iter().filter(|directive| directive.kind == DirectiveKind::Message) {
        let quoted = directive.operands.clone().any(|at| source.kind(at) == Some(TokenKind::Text));
        if !quoted {
            add(source.text, operand_span(source, &directive.operands, directive.hash), ProseKind::Message, facts);
        }
    }
}

fn add(text: &str, span: Span, kind: ProseKind, facts: &mut FileFacts) {
    let tokens = tokens_in_prose(text, span);
    if !tokens.is_empty() {
        facts.prose.push(Prose { kind, span, tokens });
    }
}

/// Calls `see` for each line of a comment, without its decoration.
fn lines(text: &str, comment: Span, mut see: impl FnMut(Span)) {
    let mut at = comment.start as usize;
    for line in comment.text(text).split_inclusive(['\n', '\r']) {
        let inner = line.trim_start_matches(['/', '*', ' ', '\t', '!', '<']);
        let start = at + (line.len() - inner.len());
        let kept = inner.trim_end().trim_end_matches("*/").trim_end().trim_end_matches('\\').trim_end();
        at += line.len();
        see(Span::new(start, start + kept.len()));
    }
}
