//! What a terminal can show.

use crate::finding::Severity;

/// What the reader's terminal can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether text is coloured.
    pub color: bool,
    /// Whether frames are drawn with characters beyond ASCII.
    pub unicode: bool,
    /// The width at which text is wrapped, in columns.
    pub width: usize,
}

/// Plain text, as tests read it.
#[cfg(test)]
pub const PLAIN: Style = Style { color: false, unicode: false, width: 100 };

impl Style {
    /// Bold text, for headings.
    pub fn bold(&self, text: &str) -> String {
        self.paint(anstyle::Style::new().bold(), text)
    }

    /// Text that stands back.
    pub fn dim(&self, text: &str) -> String {
        self.paint(anstyle::Style::new().dimmed(), text)
    }

    /// Text in a severity's colour.
    pub fn severity(&self, severity: Severity, text: &str) -> String {
        let color = match severity {
            Severity::Error => anstyle::AnsiColor::Red,
            Severity::Warning => anstyle::AnsiColor::Yellow,
            Severity::Note => anstyle::AnsiColor::Cyan,
        };
        self.paint(color.on_default().bold(), text)
    }

    /// Text in green.
    pub fn good(&self, text: &str) -> String {
        self.paint(anstyle::AnsiColor::Green.on_default(), text)
    }

    /// Text in red.
    pub fn bad(&self, text: &str) -> String {
        self.paint(anstyle::AnsiColor::Red.on_default(), text)
    }

    /// What stands for text that was left out.
    pub fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// `text` broken at spaces to fit the width, each line but the first behind `indent`.
    pub fn wrap(&self, text: &str, indent: &str) -> String {
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let taken = lines.last().map_or(0, |line| line.chars().count());
            if taken > 0 && indent.len() + taken + 1 + word.chars().count() > self.width {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.push_str(word);
            }
        }
        lines.join(&format!("\n{indent}"))
    }

    fn paint(self, style: anstyle::Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// Rows as columns, each as wide as its widest cell, two spaces apart; nothing is padded behind the last cell.
/// Cells are plain text; `paint` decorates one, given its column.
pub fn columns(rows: &[Vec<String>], indent: &str, paint: impl Fn(usize, &str) -> String) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = indent.to_owned();
        let last = row.iter().rposition(|cell| !cell.is_empty()).unwrap_or_default();
        for (column, cell) in row.iter().enumerate().take(last + 1) {
            line.push_str(&paint(column, cell));
            if column < last {
                line.extend(std::iter::repeat_n(' ', widths[column] - cell.chars().count() + 2));
            }
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_carry_no_trailing_space() {
        let rows = [
            vec!["a".to_owned(), "é".to_owned(), String::new()],
            vec!["bbb".to_owned(), "c".to_owned(), "d".to_owned()],
        ];
        assert_eq!(columns(&rows, "  ", |_, cell| cell.to_owned()), "  a    é\n  bbb  c  d\n");
    }

    #[test]
    fn text_wraps_at_words() {
        let style = Style { width: 12, ..PLAIN };
        assert_eq!(style.wrap("one two three  four", "  "), "one two\n  three four");
    }
}
