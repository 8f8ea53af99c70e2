//! Keeps texts away from the grammar that its scanner cannot hold.
//!
//! The scanner of tree-sitter-yaml 0.7 saves its stack of indentations in 1024 bytes, four an entry, and writes behind
//! the buffer once 254 are open; rows and columns are 16-bit numbers.

/// How many columns may be open at once. Each can stand for a mapping, a sequence and a scalar.
const COLUMNS: usize = 80;
/// The greatest number of lines, and of bytes in one.
const EXTENT: usize = 32_000;

/// Whether the grammar can be given this text, behind so many lines of another one.
pub fn is_parsable(text: &str, lines_before: usize) -> bool {
    let mut open: Vec<usize> = Vec::new();
    for (row, line) in text.split(['\n', '\r']).enumerate() {
        if row + lines_before > EXTENT || line.len() > EXTENT {
            return false;
        }
        if line.trim().is_empty() {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        while open.last().is_some_and(|&column| column >= indent) {
            open.pop();
        }
        open.push(indent);
        // `- - - x` and `? - x` open a block each.
        open.extend(
            line.as_bytes()
                .windows(2)
                .enumerate()
                .filter(|(_, pair)| is_indicator(pair))
                .map(|(column, _)| column + 1)
                .filter(|&column| column > indent),
        );
        if open.len() > COLUMNS {
            return false;
        }
    }
    true
}

fn is_indicator(pair: &[u8]) -> bool {
    matches!(pair, [b'-' | b'?', b' ' | b'\t'])
}
