//! Scalars: their text, and the scripts that they hold.

use tree_sitter::Node;

use crate::facts::Text;
use crate::lang::interpolate::{self, Syntax};
use crate::lang::remarks;
use crate::lang::script::Script;
use crate::lang::shell::Joined;
use crate::span::Span;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'...'`
    Single,
    /// `"..."`
    Double,
    /// `|`: lines stay lines.
    Literal,
    /// `>`: lines are joined by blanks.
    Folded,
}

/// A scalar.
#[derive(Debug, Clone, Copy)]
pub struct Scalar {
    /// How it is written.
    pub style: Style,
    /// Its text without quotes; of a block scalar the lines behind its header, indentation included.
    pub span: Span,
}

impl Scalar {
    /// The scalar in a node, or in a node that wraps it.
    pub fn of(text: &str, node: Node<'_>) -> Option<Self> {
        let whole = Span::of(node);
        let inner = || Span::new(whole.start as usize + 1, (whole.end as usize).saturating_sub(1));
        match node.kind() {
            "plain_scalar" => Some(Self { style: Style::Plain, span: whole }),
            "single_quote_scalar" => Some(Self { style: Style::Single, span: inner() }),
            "double_quote_scalar" => Some(Self { style: Style::Double, span: inner() }),
            "block_scalar" => Some(Self::block(text, whole)),
            // An anchor or a tag may stand before the scalar.
            "flow_node" | "block_node" => {
                let mut cursor = node.walk();
                let scalar = node.named_children(&mut cursor).find(|child| child.kind().ends_with("_scalar"));
                scalar.and_then(|scalar| Self::of(text, scalar))
            }
            _ => None,
        }
    }

    fn block(text: &str, whole: Span) -> Self {
        let written = whole.text(text);
        let style = if written.starts_with('>') { Style::Folded } else { Style::Literal };
        let header = memchr::memchr(b'\n', written.as_bytes()).map_or(written.len(), |end| end + 1);
        Self { style, span: Span::new(whole.start as usize + header, whole.end as usize) }
    }

    /// The text as written.
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        self.span.text(text)
    }

    /// Appends the scalar to a script, and a line's end behind it.
    pub fn append_to(&self, text: &str, script: &mut Script) {
        self.append_content(text, script);
        script.end_line(text, self.span.end as usize);
    }

    /// The bytes of the file that its content is made of.
    pub fn pieces(&self, text: &str) -> Vec<Span> {
        let mut script = Script::default();
        self.append_content(text, &mut script);
        script.into_pieces()
    }

    fn append_content(&self, text: &str, script: &mut Script) {
        match self.style {
            Style::Literal => self.append_block(text, script, false),
            Style::Folded => self.append_block(text, script, true),
            Style::Plain | Style::Single | Style::Double => self.append_flow(text, script),
        }
    }

    fn append_block(&self, text: &str, script: &mut Script, folded: bool) {
        let lines: Vec<Span> = remarks::lines(text, self.span).collect();
        let indents = lines
            .iter()
            .map(|line| line.text(text))
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.len() - line.trim_start().len());
        let indent = indents.min().unwrap_or_default();
        for (index, line) in lines.iter().enumerate() {
            let start = (line.start as usize + indent).min(line.end as usize);
            // The last blank of the indentation stands for the line break before it.
            let joins = folded
                && index > 0
                && indent > 0
                && start > line.start as usize
                && !lines[index - 1].text(text).trim().is_empty();
            script.push(Span::new(start - usize::from(joins), line.end as usize));
            if !folded || line.text(text).trim().is_empty() {
                script.end_line(text, line.end as usize);
            }
        }
    }

    fn append_flow(&self, text: &str, script: &mut Script) {
        for (index, line) in remarks::lines(text, self.span).enumerate() {
            let trimmed = remarks::trimmed(text, line);
            let start = if index == 0 { line.start } else { trimmed.start.saturating_sub(1).max(line.start) };
            let end = if trimmed.end == line.end || index == 0 { line.end } else { trimmed.end };
            self.append_unescaped(text, Span { start, end: end.max(start) }, script);
        }
    }

    /// Leaves out the backslash of `\"` and one quote of `''`; an escaped line end ends the line.
    fn append_unescaped(&self, text: &str, span: Span, script: &mut Script) {
        let mark = match self.style {
            Style::Double => b'\\',
            Style::Single => b'\'',
            _ => return script.push(span),
        };
        let mut from = span.start as usize;
        let end = span.end as usize;
        while let Some(offset) = text.as_bytes().get(from..end).and_then(|rest| memchr::memchr(mark, rest)) {
            let at = from + offset;
            script.push(Span::new(from, at));
            let next = text.as_bytes().get(at + 1).copied().unwrap_or_default();
            if mark == b'\\' && next == b'n' {
                script.end_line(text, self.span.end as usize);
                from = at + 2;
            } else {
                // What is escaped is taken as it is; it may be the mark itself.
                let length = text.get(at + 1..end).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                script.push(Span::new(at + 1, at + 1 + length));
                from = at + 1 + length;
            }
        }
        script.push(Span::new(from.min(end), end));
    }
}

/// What a value amounts to: `${X}` and `${X:-v}` are what Compose and Buildkite replace.
pub fn evaluate(text: &str, span: Span) -> Text {
    let joined = Joined::new(text, &[span]);
    interpolate::value(&joined, 0..joined.text().len(), Syntax::Compose)
}
