//! Tables of documentation that say what works on which hardware.

use crate::facts::{FileFacts, ListedName, NameList, NameListKind};
use crate::span::Span;

/// The heading of the column that is read.
pub const HEADING: &str = "AMD GPU";

/// The number of the column that a heading line has for AMD GPUs, where the line is one.
pub fn column(text: &str, line: Span) -> Option<(usize, Span)> {
    if !line.text(text).contains(HEADING) {
        return None;
    }
    cells(text, line).enumerate().find(|(_, cell)| cell.text(text).trim_end_matches('s') == HEADING)
}

/// Reads the rows of a table below its heading line, as the names in the first column and what that column says.
pub fn rows(text: &str, column: (usize, Span), lines: impl Iterator<Item = Span>, facts: &mut FileFacts) {
    let (number, span) = column;
    let names: Vec<ListedName> = lines
        .take_while(|line| line.text(text).contains('|') && !line.text(text).contains(HEADING))
        .skip(1)
        .filter_map(|line| {
            let (name, value) = (cells(text, line).next()?, cells(text, line).nth(number)?);
            let name_text = name.text(text).trim_matches('`').to_owned();
            Some(ListedName { name: name_text, span: name, value: Some(value.text(text).to_owned()) })
        })
        .collect();
    if !names.is_empty() {
        facts.name_lists.push(NameList {
            name: HEADING.to_owned(),
            scope: String::new(),
            span,
            kind: NameListKind::Column,
            names,
            is_open: false,
            taken_from: None,
            is_conditional: false,
        });
    }
}

/// The cells of a row, without the blanks around them.
fn cells(text: &str, line: Span) -> impl Iterator<Item = Span> {
    let written = line.text(text);
    let inner = written.trim_start().strip_prefix('|').unwrap_or(written.trim_start());
    let mut at = line.range().start + written.len() - inner.len();
    let inner = inner.trim_end().strip_suffix('|').unwrap_or(inner);
    inner.split('|').map(move |cell| {
        let start = at + cell.len() - cell.trim_start().len();
        at += cell.len() + 1;
        Span::new(start, start + cell.trim().len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::remarks;

    #[test]
    fn a_column_says_what_rows_have() {
        let page = "| Method | Hopper | AMD GPU |\n|---|:-:|---|\n| AWQ | y | no |\n|`gptq`| n |yes|\n\nx | y | z\n";
        let lines: Vec<Span> = remarks::lines(page, Span::new(0, page.len())).collect();
        let mut facts = FileFacts::default();
        let own = column(page, lines[0]).expect("a heading");
        rows(page, own, lines[1..].iter().copied(), &mut facts);
        let names: Vec<_> = facts.name_lists[0]
            .names
            .iter()
            .map(|name| (name.name.as_str(), name.span.text(page), name.value.as_deref()))
            .collect();
        assert_eq!(names, [("AWQ", "AWQ", Some("no")), ("gptq", "`gptq`", Some("yes"))]);
        assert!(column(page, lines[2]).is_none());
    }
}
