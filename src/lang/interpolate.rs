//! Values and command lines of files that are no scripts: Compose, Kubernetes, systemd.
//!
//! They replace references to variables, and split a command line into words, but know no operators of a shell.

use std::ops::Range;

use super::shell::Joined;
use crate::facts::{Text, TextPart, Word};
use crate::span::Span;

/// How deep defaults within defaults are followed.
const DEPTH: usize = 8;

/// Whose rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// Compose: `$X`, `${X:-v}`, `$$` for `$`. Also GitHub's `${{ ... }}`, which is not known.
    Compose,
    /// Kubernetes: `$(X)`, `$$` for `$`.
    Kubernetes,
    /// systemd: `$X`, `${X}`, `%i`, `$$` and `%%`.
    Unit,
    /// Environment files: `$X`, `${X:-v}`.
    EnvFile,
}

/// A word, and the bytes that it is made of.
#[derive(Debug, Clone)]
pub(crate) struct Split {
    /// The word.
    pub word: Word,
    /// Its bytes in the file, references as written: a script, if it is one.
    pub pieces: Vec<Span>,
}

/// What a range amounts to, quotes and backslashes as they are.
pub(crate) fn value(joined: &Joined<'_>, range: Range<usize>, syntax: Syntax) -> Text {
    let mut reader = Reader::new(joined, range, syntax);
    while let Some(byte) = reader.peek() {
        if !reader.reference(byte) {
            reader.keep(1);
        }
    }
    reader.finish().0
}

/// The words of a range: split at blanks, quotes and backslashes removed.
pub(crate) fn words(joined: &Joined<'_>, range: Range<usize>, syntax: Syntax) -> Vec<Split> {
    let mut found = Vec::new();
    let mut at = range.start;
    loop {
        let rest = joined.slice(at..range.end);
        at = range.end - rest.trim_start_matches(is_blank).len();
        let rest = joined.slice(at..range.end);
        if rest.is_empty() {
            return found;
        }
        // A backslash at a line's end joins the lines.
        if let Some(blank) = rest.strip_prefix('\\').filter(|rest| rest.is_empty() || rest.starts_with(is_blank)) {
            at = range.end - blank.len();
            continue;
        }
        let (split, end) = word(joined, at..range.end, syntax);
        found.push(split);
        at = end.max(at + 1);
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// The word that a range starts with, and where it ends.
fn word(joined: &Joined<'_>, range: Range<usize>, syntax: Syntax) -> (Split, usize) {
    let start = range.start;
    let mut reader = Reader::new(joined, range, syntax);
    let mut quote = None;
    while let Some(byte) = reader.peek() {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' if quote.is_none() => break,
            b'\'' | b'"' if quote.is_none() => {
                quote = Some(byte);
                reader.skip(1);
            }
            _ if quote == Some(byte) => {
                quote = None;
                reader.skip(1);
            }
            b'\\' if quote != Some(b'\'') => {
                if quote.is_none() && reader.ends_line() {
                    break;
                }
                reader.skip(1);
                reader.keep(1);
            }
            _ if reader.reference(byte) => {}
            _ => reader.keep(1),
        }
    }
    let end = reader.at;
    let raw = joined.slice(start..end);
    let is_quoted = raw.len() >= 2
        && raw.starts_with(['"', '\''])
        && raw.ends_with(raw.chars().next().unwrap_or_default())
        && !raw[1..raw.len() - 1].contains(raw.chars().next().unwrap_or_default());
    let span = joined.span(if is_quoted { start + 1..end - 1 } else { start..end });
    let (text, pieces) = reader.finish();
    (Split { word: Word { text, span }, pieces }, end)
}

/// Reads a range byte by byte.
struct Reader<'a> {
    joined: &'a Joined<'a>,
    syntax: Syntax,
    at: usize,
    end: usize,
    parts: Vec<TextPart>,
    pieces: Vec<Span>,
    /// Known text that is not in `parts` yet.
    pending: Range<usize>,
}

impl<'a> Reader<'a> {
    fn new(joined: &'a Joined<'a>, range: Range<usize>, syntax: Syntax) -> Self {
        let end = range.end.min(joined.text().len());
        let pending = range.start..range.start;
        Self { joined, syntax, at: range.start, end, parts: Vec::new(), pieces: Vec::new(), pending }
    }

    fn peek(&self) -> Option<u8> {
        self.joined.text().as_bytes().get(self.at).copied().filter(|_| self.at < self.end)
    }

    /// Whether the byte here is the last one of a line.
    fn ends_line(&self) -> bool {
        self.joined.slice(self.at + 1..self.end).chars().next().is_none_or(|next| matches!(next, '\n' | '\r'))
    }

    /// Takes so many bytes as text; a character is never torn.
    fn keep(&mut self, bytes: usize) {
        let mut to = (self.at + bytes).min(self.end);
        while to < self.end && !self.joined.text().is_char_boundary(to) {
            to += 1;
        }
        if self.pending.end != self.at {
            self.flush();
            self.pending.start = self.at;
        }
        self.pending.end = to;
        self.at = to;
    }

    fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.end);
    }

    fn flush(&mut self) {
        let range = self.pending.clone();
        let joined = self.joined;
        self.parts.extend(joined.literal(range.clone()));
        self.pieces.extend(joined.spans(range));
        self.pending = self.at..self.at;
    }

    fn finish(mut self) -> (Text, Vec<Span>) {
        self.flush();
        (Text { parts: self.parts }, self.pieces)
    }

    /// A part that stands for the bytes up to `end`.
    fn replace(&mut self, part: TextPart, end: usize) {
        self.flush();
        self.parts.push(part);
        self.pieces.extend(self.joined.spans(self.at..end));
        self.at = end;
        self.pending = end..end;
    }

    /// Takes a reference in, if one stands here.
    fn reference(&mut self, byte: u8) -> bool {
        let rest = self.joined.slice(self.at..self.end);
        match (byte, self.syntax) {
            (b'{', _) if rest.starts_with("{{") => self.template(rest),
            (b'$', Syntax::EnvFile) => self.dollar(rest),
            (b'$', _) if rest.starts_with("$$") => {
                self.flush();
                self.skip(1);
                self.pending = self.at..self.at;
                self.keep(1);
                true
            }
            (b'$', Syntax::Kubernetes) => {
                let name = rest.strip_prefix("$(").map(|inner| &inner[..name_length(inner)]).unwrap_or_default();
                let is_reference = !name.is_empty() && rest[2 + name.len()..].starts_with(')');
                if is_reference {
                    let part = TextPart::Outer { name: name.to_owned(), default: None };
                    self.replace(part, self.at + name.len() + 3);
                }
                is_reference
            }
            (b'$', _) => self.dollar(rest),
            (b'%', Syntax::Unit) => {
                if rest.starts_with("%%") {
                    self.skip(1);
                    self.keep(1);
                } else {
                    let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                    self.replace(TextPart::Unknown, self.at + length);
                }
                true
            }
            _ => false,
        }
    }

    /// `{{ ... }}` of a template engine, which is not known.
    fn template(&mut self, rest: &str) -> bool {
        let Some(close) = rest.find("}}") else { return false };
        self.replace(TextPart::Unknown, self.at + close + 2);
        true
    }

    /// `$X` and `${...}`.
    fn dollar(&mut self, rest: &str) -> bool {
        let Some(inner) = rest.strip_prefix("${") else {
            let length = name_length(&rest[1..]);
            if length > 0 {
                let name = rest[1..=length].to_owned();
                self.replace(TextPart::Outer { name, default: None }, self.at + 1 + length);
            }
            return length > 0;
        };
        if inner.starts_with('{') {
            let close = rest.find("}}").map_or(rest.len(), |close| close + 2);
            self.replace(TextPart::Unknown, self.at + close);
            return true;
        }
        let (part, end) = braced(self.joined, self.at + 2..self.end, self.syntax, DEPTH);
        self.replace(part, end);
        true
    }
}

/// What follows `${`, and where the reference ends.
fn braced(joined: &Joined<'_>, range: Range<usize>, syntax: Syntax, depth: usize) -> (TextPart, usize) {
    let rest = joined.slice(range.clone());
    let Some(close) = closing(rest) else { return (TextPart::Unknown, range.end) };
    let end = range.start + close + 1;
    let length = name_length(rest).min(close);
    let (name, operator) = rest[..close].split_at(length);
    if name.is_empty() || depth == 0 {
        return (TextPart::Unknown, end);
    }
    let outer = |default| TextPart::Outer { name: name.to_owned(), default };
    let word = operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-'));
    match word {
        Some(word) => {
            let start = range.start + close - word.len();
            let default = default_value(joined, start..range.start + close, syntax, depth - 1);
            (outer(Some(Box::new(default))), end)
        }
        None if operator.is_empty() || operator.starts_with(":?") || operator.starts_with('?') => (outer(None), end),
        None => (TextPart::Unknown, end),
    }
}

/// The word of `${X:-word}`.
fn default_value(joined: &Joined<'_>, range: Range<usize>, syntax: Syntax, depth: usize) -> Text {
    let mut text = Text::default();
    let mut at = range.start;
    while let Some(offset) = joined.slice(at..range.end).find("${") {
        text.parts.extend(joined.literal(at..at + offset));
        let (part, end) = braced(joined, at + offset + 2..range.end, syntax, depth);
        text.parts.push(part);
        at = end.max(at + offset + 2);
    }
    text.parts.extend(joined.literal(at..range.end));
    text
}

/// Where the `}` stands that closes what has been opened before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0usize;
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes[at - 1] == b'$' => open += 1,
            b'}' if open == 0 => return Some(at),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    match text.bytes().next() {
        Some(first) if first.is_ascii_alphabetic() || first == b'_' => {
            text.bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'_').count()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, syntax: Syntax) -> Vec<String> {
        let joined = Joined::new(text, &[Span::new(0, text.len())]);
        words(&joined, 0..text.len(), syntax).into_iter().map(|split| shown(&split.word.text)).collect()
    }

    fn shown(text: &Text) -> String {
        text.parts
            .iter()
            .map(|part| match part {
                TextPart::Literal(text, _) => text.clone(),
                TextPart::Outer { name, default: None } => format!("<{name}>"),
                TextPart::Outer { name, default: Some(default) } => format!("<{name}|{}>", shown(default)),
                TextPart::Unknown => "?".to_owned(),
            })
            .collect()
    }

    #[test]
    fn words_lose_their_quotes() {
        let line = "vllm serve \"a b\" 'c $X' --x=\"d\"e\\ f \\\n  -g";
        assert_eq!(split(line, Syntax::Compose), ["vllm", "serve", "a b", "c <X>", "--x=de f", "-g"]);
        let joined = Joined::new(line, &[Span::new(0, line.len())]);
        let found = words(&joined, 0..line.len(), Syntax::Compose);
        assert_eq!(found[2].word.span.text(line), "a b");
        assert_eq!(found[4].pieces.iter().map(|piece| piece.text(line)).collect::<String>(), "--x=de f");
    }

    #[test]
    fn references_keep_their_defaults() {
        let of = |line: &str, syntax| split(line, syntax).join(" ");
        assert_eq!(
            of("${A:-x} ${B-${C:-y}z} ${D:?no} ${E:+f} $$F ${{ x.y }}", Syntax::Compose),
            "<A|x> <B|<C|y>z> <D> ? $F ?"
        );
        assert_eq!(of("$(A) $$(B) $C", Syntax::Kubernetes), "<A> $(B) $C");
        assert_eq!(of("%i $A ${B} 100%%", Syntax::Unit), "? <A> <B> 100%");
        assert_eq!(of("a{{ .Values.x }}b", Syntax::Kubernetes), "a?b");
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_fatal(text in "[ \n\t'\"\\\\${}()%:a-zé-]{0,60}") {
            let joined = Joined::new(&text, &[Span::new(0, text.len())]);
            for syntax in [Syntax::Compose, Syntax::Kubernetes, Syntax::Unit, Syntax::EnvFile] {
                for found in words(&joined, 0..text.len(), syntax) {
                    for part in &found.word.text.parts {
                        if let TextPart::Literal(written, Some(span)) = part {
                            assert_eq!(span.text(&text), written);
                        }
                    }
                }
                value(&joined, 0..text.len(), syntax);
            }
        }
    }
}
