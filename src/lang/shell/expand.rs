//! Expansion of variables in words, for shells and for container files, which share most of it.

use std::ops::Range;

use super::joined::Joined;
use super::{operator, scan};
use crate::facts::{Text, TextPart};
use crate::span::Span;

/// How deep expansions are followed.
const DEPTH: usize = 16;
/// Values that weigh more are not carried on: no list of targets is that long, and doubling ones grow without end.
const WEIGHT: usize = 1 << 12;

/// A variable's value and where in the file it was given.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub value: Text,
    pub at: Option<Span>,
}

/// Whose rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// POSIX shells and Bash.
    Shell,
    /// `ARG`, `ENV` and `FROM`, with the file's escape character.
    Docker(u8),
}

/// What words see.
pub(crate) trait Scope {
    /// The variable of that name, if this file says what it is.
    fn variable(&self, name: &str) -> Option<Variable>;
    /// The output of a command substitution, delimiters included in the range.
    fn substitution(&self, range: Range<usize>) -> Text;
}

/// Evaluates words of one text.
pub(crate) struct Expander<'a> {
    pub joined: &'a Joined<'a>,
    pub dialect: Dialect,
    pub scope: &'a dyn Scope,
}

impl Expander<'_> {
    /// What a word amounts to, quotes removed. `quoted` where the range lies within double quotes.
    pub fn expand(&self, range: Range<usize>, quoted: bool) -> Text {
        self.run(range, quoted, DEPTH)
    }

    pub(super) fn run(&self, range: Range<usize>, mut quoted: bool, depth: usize) -> Text {
        let bytes = self.joined.text().as_bytes();
        let end = range.end.min(bytes.len());
        let mut out = Builder { joined: self.joined, parts: Vec::new(), pending: range.start..range.start };
        let mut at = range.start;
        while at < end {
            match bytes[at] {
                b'\'' if !quoted => {
                    let after = scan::plain_end(bytes, at + 1, end, b'\'').unwrap_or(end + 1);
                    out.keep(at + 1..after - 1);
                    at = after;
                }
                b'"' => {
                    quoted = !quoted;
                    at += 1;
                }
                byte if byte == self.escape() && at + 1 < end => at = self.escaped(at, end, quoted, &mut out),
                b'$' => at = self.dollar(at, end, quoted, depth, &mut out),
                // What a template engine fills in. Commands tell such words apart themselves.
                b'{' if self.dialect != Dialect::Shell && bytes[at + 1..end].starts_with(b"{") => {
                    let text = self.joined.slice(at..end);
                    out.append(Text::unknown());
                    at += text.find("}}").map_or(text.len(), |close| close + 2);
                }
                b'`' if self.dialect == Dialect::Shell => {
                    let after = scan::plain_end(bytes, at + 1, end, b'`').unwrap_or(end);
                    out.append(self.scope.substitution(at..after));
                    at = after;
                }
                _ => {
                    out.keep(at..at + 1);
                    at += 1;
                }
            }
        }
        out.finish()
    }

    fn escape(&self) -> u8 {
        match self.dialect {
            Dialect::Shell => b'\\',
            Dialect::Docker(escape) => escape,
        }
    }

    /// An escape character and what it protects; returns what follows.
    fn escaped(&self, at: usize, end: usize, quoted: bool, out: &mut Builder<'_>) -> usize {
        let rest = self.joined.slice(at + 1..end);
        let next = rest.chars().next().unwrap_or_default();
        let after = at + 1 + next.len_utf8().min(end - at - 1);
        let protects = !quoted || matches!(next, '$' | '"' | '`' | '\n') || next as u32 == u32::from(self.escape());
        if next == '\n' {
            return after;
        }
        out.keep(if protects { at + 1 } else { at }..after);
        after
    }

    /// `$X`, `${...}` and `$(...)`; returns what follows.
    fn dollar(&self, at: usize, end: usize, quoted: bool, depth: usize, out: &mut Builder<'_>) -> usize {
        let bytes = self.joined.text().as_bytes();
        let next = if at + 1 < end { bytes[at + 1] } else { b' ' };
        match next {
            b'{' => {
                let Some(after) = scan::brace_end(bytes, at + 2, end, quoted).filter(|_| depth > 0) else {
                    out.append(Text::unknown());
                    return end;
                };
                out.append(self.braced(at + 2..after - 1, quoted, depth - 1));
                after
            }
            b'(' if self.dialect == Dialect::Shell => {
                let after = scan::paren_end(bytes, at + 2, end).unwrap_or(end);
                out.append(self.scope.substitution(at..after));
                after
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                let after = name_end(bytes, at + 1, end);
                out.append(self.value(self.joined.slice(at + 1..after)));
                after
            }
            b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-' => {
                out.append(Text::unknown());
                at + 2
            }
            _ => {
                out.keep(at..at + 1);
                at + 1
            }
        }
    }

    /// The inside of `${...}`.
    fn braced(&self, inner: Range<usize>, quoted: bool, depth: usize) -> Text {
        let bytes = self.joined.text().as_bytes();
        let after = name_end(bytes, inner.start, inner.end);
        let name = self.joined.slice(inner.start..after);
        if name.is_empty() || bytes[inner.start].is_ascii_digit() {
            return Text::unknown();
        }
        operator::apply(self, name, after..inner.end, quoted, depth)
    }

    /// What a variable amounts to here.
    pub(super) fn value(&self, name: &str) -> Text {
        match self.scope.variable(name) {
            Some(variable) if weight(&variable.value) > WEIGHT => Text::unknown(),
            Some(variable) => variable.value,
            None => Text { parts: vec![TextPart::Outer { name: name.to_owned(), default: None }] },
        }
    }
}

/// Puts parts together, and keeps bytes that stand side by side in one part.
struct Builder<'a> {
    joined: &'a Joined<'a>,
    parts: Vec<TextPart>,
    pending: Range<usize>,
}

impl Builder<'_> {
    fn keep(&mut self, range: Range<usize>) {
        if self.pending.end != range.start {
            self.flush();
            self.pending.start = range.start;
        }
        self.pending.end = range.end;
    }

    fn append(&mut self, text: Text) {
        self.flush();
        self.parts.extend(text.parts);
    }

    fn flush(&mut self) {
        let joined = self.joined;
        self.parts.extend(joined.literal(self.pending.clone()));
        self.pending.start = self.pending.end;
    }

    fn finish(mut self) -> Text {
        self.flush();
        Text { parts: self.parts }
    }
}

/// The name that a word is a plain reference to, surrounding double quotes aside: `$X`, `"${X}"`, `${X:-v}`.
pub(crate) fn referenced(word: &str) -> Option<&str> {
    let bare = word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(word);
    let rest = bare.strip_prefix('$')?;
    let (inner, braced) = rest.strip_prefix('{').map_or((rest, false), |inner| (inner, true));
    let length = name_end(inner.as_bytes(), 0, inner.len());
    let (name, tail) = inner.split_at_checked(length)?;
    let after = scan::brace_end(tail.as_bytes(), 0, tail.len(), false);
    let whole = if braced { after == Some(tail.len()) } else { tail.is_empty() };
    let operator =
        tail.starts_with('}') || tail.starts_with(['-', '=']) || tail.starts_with(":-") || tail.starts_with(":=");
    (whole && (!braced || operator) && !name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit()))
        .then_some(name)
}

/// Where an identifier that starts at `at` ends; `at` if there is none.
pub(crate) fn name_end(bytes: &[u8], at: usize, end: usize) -> usize {
    let identifier = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let rest = bytes.get(at..end).unwrap_or_default();
    at + rest.iter().take_while(|byte| identifier(byte)).count()
}

/// What a value costs to carry on: its bytes, and some for each part.
pub(crate) fn weight(text: &Text) -> usize {
    let part = |part: &TextPart| match part {
        TextPart::Literal(text, _) => text.len() + 16,
        TextPart::Outer { name, default } => name.len() + 16 + default.as_deref().map_or(0, weight),
        TextPart::Unknown => 16,
    };
    text.parts.iter().map(part).sum()
}
