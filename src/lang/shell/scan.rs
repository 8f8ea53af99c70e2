//! Where quoted text, expansions and words end. Nothing here allocates or looks at a byte more than a few times.

/// How deep quotes and brackets are followed into each other.
const DEPTH: usize = 32;

/// Where the word that starts at `at` ends, and whether all that it opens is closed.
pub(super) fn word_end(bytes: &[u8], mut at: usize, end: usize) -> (usize, bool) {
    while at < end {
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
            _ => match unit_end(bytes, at, end, false, DEPTH) {
                Some(next) => at = next,
                None => return (end, false),
            },
        }
    }
    (at.min(end), true)
}

/// Behind the `}` that closes a `${` whose inside starts at `at`.
pub(crate) fn brace_end(bytes: &[u8], at: usize, end: usize, quoted: bool) -> Option<usize> {
    until(bytes, at, end, b'}', quoted, DEPTH)
}

/// Behind the `)` that closes a `(` whose inside starts at `at`.
pub(crate) fn paren_end(bytes: &[u8], at: usize, end: usize) -> Option<usize> {
    until(bytes, at, end, b')', false, DEPTH)
}

/// Behind the next `wanted`, quotes and backslashes ignored.
pub(crate) fn plain_end(bytes: &[u8], at: usize, end: usize, wanted: u8) -> Option<usize> {
    memchr::memchr(wanted, bytes.get(at..end)?).map(|found| at + found + 1)
}

/// Behind one character, quotation, expansion or substitution.
fn unit_end(bytes: &[u8], at: usize, end: usize, quoted: bool, depth: usize) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    let next = bytes.get(at + 1).copied().filter(|_| at + 1 < end);
    match (bytes[at], next) {
        (b'\\', _) => Some((at + 2).min(end)),
        (b'\'', _) if !quoted => plain_end(bytes, at + 1, end, b'\''),
        (b'"', _) => until(bytes, at + 1, end, b'"', true, depth),
        (b'`', _) => plain_end(bytes, at + 1, end, b'`'),
        (b'$', Some(b'{')) => until(bytes, at + 2, end, b'}', quoted, depth),
        (b'$', Some(b'(')) => until(bytes, at + 2, end, b')', false, depth),
        _ => Some(at + 1),
    }
}

/// Behind the `close` that ends what starts at `at`.
fn until(bytes: &[u8], mut at: usize, end: usize, close: u8, quoted: bool, depth: usize) -> Option<usize> {
    let mut open = 0usize;
    while at < end {
        match bytes[at] {
            byte if byte == close && open == 0 => return Some(at + 1),
            b')' if close == b')' => {
                open -= 1;
                at += 1;
            }
            b'(' if close == b')' => {
                open += 1;
                at += 1;
            }
            b'#' if close == b')' && bytes[at - 1].is_ascii_whitespace() => at = plain_end(bytes, at, end, b'\n')?,
            b'<' if close == b')' && bytes[at..end].starts_with(b"<<") => at = heredoc_end(bytes, at, end),
            _ => at = unit_end(bytes, at, end, quoted, depth)?,
        }
    }
    None
}

/// Behind the here-document whose `<<` stands at `at`; behind the `<` where it is none, or a here-string.
fn heredoc_end(bytes: &[u8], at: usize, end: usize) -> usize {
    let Some(heredoc) = Heredoc::read(bytes, at, end) else { return at + 3 };
    let Some(line) = plain_end(bytes, heredoc.after, end, b'\n') else { return heredoc.after };
    heredoc.body(bytes, line, end).1
}

/// A `<<WORD`, as read up to the word.
pub(crate) struct Heredoc {
    delimiter: Vec<u8>,
    strip_tabs: bool,
    /// Behind the word.
    pub after: usize,
}

impl Heredoc {
    /// Reads the operator at `at`; none for `<<<`, and where no word follows.
    pub fn read(bytes: &[u8], at: usize, end: usize) -> Option<Self> {
        let rest = bytes.get(at..end)?.strip_prefix(b"<<")?;
        let strip_tabs = rest.first() == Some(&b'-');
        let blank = rest.iter().skip(usize::from(strip_tabs)).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let start = at + 2 + usize::from(strip_tabs) + blank;
        let (after, closed) = word_end(bytes, start, end);
        let delimiter: Vec<u8> =
            bytes[start..after].iter().copied().filter(|byte| !matches!(byte, b'\'' | b'"' | b'\\')).collect();
        (closed && !delimiter.is_empty()).then_some(Self { delimiter, strip_tabs, after })
    }

    /// The body that starts at `at`, the start of a line: where it ends, and where the text goes on.
    pub fn body(&self, bytes: &[u8], at: usize, end: usize) -> (usize, usize) {
        let mut line = at;
        while line < end {
            let next = plain_end(bytes, line, end, b'\n').unwrap_or(end);
            let mut content = bytes[line..next].trim_ascii_end();
            while self.strip_tabs && content.first() == Some(&b'\t') {
                content = &content[1..];
            }
            if content == self.delimiter {
                return (line, next);
            }
            line = next;
        }
        (end, end)
    }
}

/// Behind the double-quoted text that starts at `at`.
pub(crate) fn quotation_end(bytes: &[u8], at: usize, end: usize) -> Option<usize> {
    until(bytes, at + 1, end, b'"', true, DEPTH)
}
