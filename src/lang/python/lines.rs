//! The logical lines of a module: brackets, strings and backslashes join physical ones.

/// A logical line that is neither blank nor a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// Offset of its first byte behind the indentation.
    pub(super) first: usize,
    /// Offset just behind its line end.
    pub(super) end: usize,
    /// Bytes of indentation.
    pub(super) indent: usize,
    /// What it starts.
    pub(super) kind: LineKind,
}

/// What a line is to control flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// `def` or `async def`.
    Function,
    /// `return`, `raise` and the like: what a function comes to depends on it.
    Exit,
    /// An import.
    Import,
    /// A decorator.
    Decorator,
    /// `else`, `except` and the like: the statement before goes on.
    Clause,
    /// Any other line.
    Other,
}

/// Bytes that neither end a line nor join lines.
const PLAIN: [bool; 256] = all_but(b"\n()[]{}#\\\"'");

/// A table of bytes that holds all but these.
pub(super) const fn all_but(special: &[u8]) -> [bool; 256] {
    let mut plain = [true; 256];
    let mut at = 0;
    while at < special.len() {
        plain[special[at] as usize] = false;
        at += 1;
    }
    plain
}

/// The logical lines of `text`, in order. Broken text gives fewer of them, never wrong offsets.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let indent = bytes[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c')).count();
        let first = at + indent;
        at = logical_line_end(bytes, first);
        if !matches!(bytes.get(first), None | Some(b'\n' | b'\r' | b'#')) {
            found.push(Line { first, end: at, indent, kind: kind(&text[first..at]) });
        }
    }
    found
}

fn kind(line: &str) -> LineKind {
    let word = &line[..line.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()];
    match word {
        "def" => LineKind::Function,
        "async" if line[word.len()..].trim_start().starts_with("def ") => LineKind::Function,
        "return" | "raise" | "break" | "continue" => LineKind::Exit,
        "import" | "from" => LineKind::Import,
        "elif" | "else" | "except" | "finally" | "case" => LineKind::Clause,
        "" if line.starts_with('@') => LineKind::Decorator,
        _ => LineKind::Other,
    }
}

/// Just behind the logical line that goes on at `at`.
fn logical_line_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    loop {
        at += bytes.get(at..).unwrap_or_default().iter().take_while(|byte| PLAIN[usize::from(**byte)]).count();
        let Some(&byte) = bytes.get(at) else { return bytes.len() };
        at += 1;
        match byte {
            b'\n' if depth == 0 => return at,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'#' => at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end),
            b'\\' => {
                at += if bytes[at..].starts_with(b"\r\n") {
                    2
                } else {
                    usize::from(bytes.get(at).is_some_and(u8::is_ascii))
                }
            }
            b'"' | b'\'' => at = string_end(bytes, at - 1),
            _ => {}
        }
    }
}

/// Just behind the string whose opening quote stands at `start`; a plain string ends with its line at the latest.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    if bytes[start..].starts_with(&[quote; 3]) {
        let mut at = start + 3;
        while let Some(found) = memchr::memchr2(quote, b'\\', bytes.get(at..).unwrap_or_default()) {
            at += found;
            if bytes[at] == b'\\' {
                at += 2;
            } else if bytes[at..].starts_with(&[quote; 3]) {
                return at + 3;
            } else {
                at += 1;
            }
        }
        return bytes.len();
    }
    let mut at = start + 1;
    while let Some(found) = memchr::memchr3(quote, b'\\', b'\n', bytes.get(at..).unwrap_or_default()) {
        at += found;
        match bytes[at] {
            b'\\' => at += 2,
            b'\n' => return at,
            _ => return at + 1,
        }
    }
    bytes.len()
}
