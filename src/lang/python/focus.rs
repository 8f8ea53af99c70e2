//! The parts of a module that are worth a parse.
//!
//! A grammar-driven parse costs a hundred times more than a scan of the bytes, and most functions of a file say nothing
//! of targets. So function bodies without a word that matters are left out: `...` stands for them, and the parser skips
//! the rest. Offsets stay those of the file.

use tree_sitter::{Point, Range};

/// A function that no other function encloses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Function {
    /// Where its `def` line starts.
    pub(super) start: usize,
    /// Where its body starts: the first byte of its first statement.
    pub(super) body: usize,
    /// Just behind its last line.
    pub(super) end: usize,
}

/// The text with `...` for every function body that is not `wanted`, and the ranges that are left to parse.
/// None where nothing can be left out.
pub(super) fn focus(text: &str, functions: &[Function], wanted: impl Fn(&Function) -> bool) -> Option<(String, Vec<Range>)> {
    const STUB: &[u8] = b"...";
    let mut bytes = text.as_bytes().to_vec();
    let mut ranges = Vec::new();
    let mut from = 0;
    for function in functions.iter().filter(|function| !wanted(function)) {
        let last = last_line_end(&bytes, function);
        if function.body + STUB.len() >= last {
            continue;
        }
        bytes[function.body..last].fill(b' ');
        bytes[function.body..function.body + STUB.len()].copy_from_slice(STUB);
        ranges.push(range(from, function.body + STUB.len()));
        from = last;
    }
    if ranges.is_empty() {
        return None;
    }
    ranges.push(range(from, bytes.len()));
    Some((String::from_utf8(bytes).ok()?, ranges))
}

/// The end of the last line of a function, its line end left out.
fn last_line_end(bytes: &[u8], function: &Function) -> usize {
    let body = &bytes[function.body..function.end];
    function.body + body.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r' | b' ' | b'\t')).map_or(0, |at| at + 1)
}

/// Rows and columns are not used by what reads the tree, only offsets are; rows must grow all the same.
fn range(start: usize, end: usize) -> Range {
    Range { start_byte: start, end_byte: end, start_point: Point::new(0, start), end_point: Point::new(0, end) }
}

/// The outermost functions of a module, in order. Broken text gives fewer of them, never wrong offsets.
pub(super) fn functions(text: &str) -> Vec<Function> {
    let bytes = text.as_bytes();
    let mut found: Vec<Function> = Vec::new();
    let mut open: Option<(usize, Function)> = None;
    let (mut at, mut last_end) = (0, 0);
    while at < bytes.len() {
        let line = at;
        let indent = bytes[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c')).count();
        let first = line + indent;
        let next = logical_line_end(bytes, first);
        at = next;
        if matches!(bytes.get(first), None | Some(b'\n' | b'\r' | b'#')) {
            continue;
        }
        if let Some((outer, function)) = open {
            if indent > outer {
                if function.body == 0 {
                    open = Some((outer, Function { body: first, ..function }));
                }
                last_end = next;
                continue;
            }
            close(&mut found, function, last_end);
            open = None;
        }
        if starts_function(&bytes[first..]) {
            open = Some((indent, Function { start: line, body: 0, end: 0 }));
            last_end = next;
        }
    }
    if let Some((_, function)) = open {
        close(&mut found, function, last_end);
    }
    found
}

/// Keeps a function that has a body on lines of its own.
fn close(found: &mut Vec<Function>, function: Function, end: usize) {
    if function.body > function.start && end > function.body {
        found.push(Function { end, ..function });
    }
}

fn starts_function(line: &[u8]) -> bool {
    let line = match line.strip_prefix(b"async") {
        Some(rest) if rest.first().is_some_and(u8::is_ascii_whitespace) => rest.trim_ascii_start(),
        _ => line,
    };
    line.strip_prefix(b"def").is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))
}

/// Just behind the logical line that goes on at `at`: brackets, strings and backslashes join lines.
fn logical_line_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\n' if depth == 0 => return at,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'#' => at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end),
            b'\\' => at += if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 },
            b'"' | b'\'' => at = string_end(bytes, at - 1),
            _ => {}
        }
    }
    bytes.len()
}

/// Just behind the string whose opening quote stands at `start`; a plain string ends with its line at the latest.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    if bytes[start..].starts_with(&[quote; 3]) {
        let mut at = start + 3;
        while let Some(found) = memchr::memchr2(quote, b'\\', &bytes[at.min(bytes.len())..]) {
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
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' => return at,
            _ if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = "import os\n\n@cache\ndef first(a,\n          b):\n    '''def no(): gfx'''\n    return {\n  'x': 1}\n\nclass K:\n    def second(self):\n        return \"gfx942\"\n\n    # a remark\n    async def third(self): return 1\n\nX = 1\n";

    #[test]
    fn outermost_functions_are_found_with_their_bodies() {
        let found = functions(MODULE);
        let texts: Vec<_> = found.iter().map(|function| &MODULE[function.body..function.end]).collect();
        assert_eq!(texts, ["'''def no(): gfx'''\n    return {\n  'x': 1}\n", "return \"gfx942\"\n"]);
    }

    #[test]
    fn what_is_left_out_keeps_its_length_and_leaves_a_statement() {
        let found = functions(MODULE);
        let (masked, ranges) = focus(MODULE, &found, |function| MODULE[function.start..function.end].contains("\"gfx")).unwrap();
        assert_eq!(masked.len(), MODULE.len());
        assert_eq!(ranges.len(), 2);
        assert!(masked.contains("b):\n    ..."));
        assert!(masked.contains("return \"gfx942\"") && !masked.contains("return {"));
    }

    #[test]
    fn nothing_to_leave_out_is_no_copy() {
        assert!(focus("x = 1\n", &functions("x = 1\n"), |_| false).is_none());
        assert!(focus(MODULE, &functions(MODULE), |_| true).is_none());
    }

    proptest::proptest! {
        #[test]
        fn offsets_hold_for_any_text(text in "(def |class |async |[a-z(){}'\"#\\\\:\n\t ]|\"\"\"|é){0,80}") {
            let found = functions(&text);
            for function in &found {
                proptest::prop_assert!(function.start < function.body && function.body < function.end && function.end <= text.len());
            }
            if let Some((masked, _)) = focus(&text, &found, |_| false) {
                proptest::prop_assert_eq!(masked.len(), text.len());
            }
        }
    }
}
