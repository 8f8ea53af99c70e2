//! Where string literals end, f-strings with other strings nested in them too.

use memchr::memchr2;

use super::lexer::Fault;

/// The offset just behind a plain string (or bytes) literal whose first quote is at `quote`.
pub(super) fn string_end(bytes: &[u8], quote: usize) -> Result<usize, Fault> {
    let mark = bytes[quote];
    if is_triple(bytes, quote) {
        let mut at = quote + 3;
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(mark, b'\\', rest)) {
            at += found;
            if bytes[at] == b'\\' {
                at += 2;
            } else if is_triple(bytes, at) {
                return Ok(at + 3);
            } else {
                at += 1;
            }
        }
        return Err(Fault);
    }
    let mut at = quote + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            _ if byte == mark => return Ok(at + 1),
            b'\\' => at += escape(bytes, at),
            b'\n' | b'\r' => return Err(Fault),
            _ => at += 1,
        }
    }
    Err(Fault)
}

/// Whether three equal quotes start at `at`.
pub(super) fn is_triple(bytes: &[u8], at: usize) -> bool {
    bytes.get(at..at + 3).is_some_and(|three| three[0] == three[1] && three[1] == three[2])
}

/// The length of a backslash and what it escapes.
fn escape(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at + 1..at + 3) == Some(b"\r\n") { 3 } else { 2 }
}

/// What an f-string is in the middle of.
#[derive(Clone, Copy)]
enum Part {
    /// Its characters, up to the closing quotes.
    Characters { mark: u8, triple: bool },
    /// A replacement field, with the number of brackets open in it.
    Field { open: u32 },
    /// The format of a field, behind its colon.
    Format,
}

/// The offset just behind an f-string whose first quote is at `quote`.
pub(super) fn format_string_end(bytes: &[u8], quote: usize) -> Result<usize, Fault> {
    let mut parts = Vec::with_capacity(4);
    let mut at = open(bytes, quote, &mut parts);
    while let Some(&part) = parts.last() {
        at = match part {
            Part::Characters { mark, triple } => characters(bytes, at, (mark, triple), &mut parts)?,
            Part::Field { .. } => field(bytes, at, &mut parts)?,
            Part::Format => format(bytes, at, &mut parts)?,
        };
    }
    Ok(at)
}

fn open(bytes: &[u8], quote: usize, parts: &mut Vec<Part>) -> usize {
    let triple = is_triple(bytes, quote);
    parts.push(Part::Characters { mark: bytes[quote], triple });
    quote + if triple { 3 } else { 1 }
}

/// Goes on to the next field, or behind the closing quotes.
fn characters(bytes: &[u8], mut at: usize, (mark, triple): (u8, bool), parts: &mut Vec<Part>) -> Result<usize, Fault> {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            _ if byte == mark => {
                if !triple || is_triple(bytes, at) {
                    parts.pop();
                    return Ok(at + if triple { 3 } else { 1 });
                }
                at += 1;
            }
            // `\N{DASH}` is a character; a backslash does not escape the brace of a field.
            b'\\' if bytes.get(at + 1..at + 3) == Some(b"N{") => at += 3,
            b'\\' if matches!(bytes.get(at + 1), Some(b'{' | b'}')) => at += 1,
            b'\\' => at += escape(bytes, at),
            b'{' if bytes.get(at + 1) == Some(&b'{') => at += 2,
            b'{' => {
                parts.push(Part::Field { open: 0 });
                return Ok(at + 1);
            }
            b'\n' | b'\r' if !triple => return Err(Fault),
            _ => at += 1,
        }
    }
    Err(Fault)
}

/// Goes on to the end of a field's expression, or into a string in it.
fn field(bytes: &[u8], mut at: usize, parts: &mut Vec<Part>) -> Result<usize, Fault> {
    let Some(Part::Field { open: brackets }) = parts.last_mut() else { return Err(Fault) };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => {
                if prefix(bytes, at).1 {
                    return Ok(open(bytes, at, parts));
                }
                at = string_end(bytes, at)?;
            }
            b'(' | b'[' | b'{' => {
                *brackets += 1;
                at += 1;
            }
            b')' | b']' | b'}' if *brackets > 0 => {
                *brackets -= 1;
                at += 1;
            }
            b'}' => {
                parts.pop();
                return Ok(at + 1);
            }
            b')' | b']' => return Err(Fault),
            b':' if *brackets == 0 => {
                parts.pop();
                parts.push(Part::Format);
                return Ok(at + 1);
            }
            b'#' => at += bytes[at..].iter().position(|&byte| byte == b'\n').ok_or(Fault)?,
            _ => at += 1,
        }
    }
    Err(Fault)
}

/// Goes on to the end of a field's format, or into a field in it.
fn format(bytes: &[u8], mut at: usize, parts: &mut Vec<Part>) -> Result<usize, Fault> {
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' => {
                parts.push(Part::Field { open: 0 });
                return Ok(at);
            }
            b'}' => {
                parts.pop();
                return Ok(at);
            }
            _ => {}
        }
    }
    Err(Fault)
}

/// The offset at which the literal with its first quote at `quote` starts, prefix letters included, and whether it
/// is one with fields.
pub(super) fn prefix(bytes: &[u8], quote: usize) -> (usize, bool) {
    let letters = bytes[..quote]
        .iter()
        .rev()
        .take(3)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte >= 0x80)
        .count();
    let start = quote - letters;
    let written = &bytes[start..quote];
    if letters > 2 || !written.iter().all(|byte| b"rRbBuUfFtT".contains(byte)) {
        return (quote, false);
    }
    (start, written.iter().any(|byte| b"fFtT".contains(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Option<usize> {
        let quote = text.find(['"', '\''])?;
        let (_, format) = prefix(text.as_bytes(), quote);
        let end = if format { format_string_end(text.as_bytes(), quote) } else { string_end(text.as_bytes(), quote) };
        end.ok()
    }

    #[test]
    fn literals_end_where_python_ends_them() {
        for text in [
            "'a'~",
            r"'\''~",
            r"r'\''~",
            "'''a''b'''~",
            "\"\"\"\\\"\"\"\"~",
            "''~",
            "'a\\\nb'~",
            "'a\\\r\nb'~",
            "b'x'~",
            "f'{a}'~",
            "f'{{'~",
            "f'{a!r:>{w}}'~",
            "f'{d['k']}'~",
            "f'{f'{f'{x}'}'}'~",
            "f'{x:{'>'}}'~",
            "f'{ {1: 2}[1] }'~",
            "rf'\\{x}'~",
            "f'\\N{DASH}'~",
            "f'''{\nx # }\n}\n'''~",
            "f'{(lambda: 1)()}'~",
            "f'{a != b}'~",
            "f\"\"\"{'\"'}\"\"\"~",
        ] {
            assert_eq!(end(text), text.find('~'), "{text}");
        }
        for text in ["'a", "'a\nb'", "f'{a'", "f'{a)}'", "'''a''", "f'{", "'\\"] {
            assert_eq!(end(text), None, "{text}");
        }
    }
}
