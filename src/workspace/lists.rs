//! Values that are lists of targets.

use crate::arch::{ArchSet, MatchMode, Universe};
use crate::facts::{Text, TextPart};
use crate::span::Span;

/// A value that is a list of targets.
#[derive(Debug, Clone, PartialEq)]
pub struct ArchList {
    /// Its elements, in order.
    pub items: Vec<ListItem>,
    /// What stands between them; `;` for a single element.
    pub separator: char,
}

/// An element of such a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListItem {
    /// The element as written.
    pub text: String,
    /// Where it stands, if these very bytes stand in the file.
    pub span: Option<Span>,
    /// The targets that it names: one, a generic target's members, or none if it is unknown.
    pub covers: ArchSet,
}

impl ArchList {
    /// All targets in it.
    pub fn covers(&self) -> ArchSet {
        self.items.iter().fold(ArchSet::EMPTY, |set, item| set.union(item.covers))
    }
}

/// The list that a value is: gfx names (and `native`), separated by `;`, `,` or blanks; flags such as
/// `--offload-arch=gfx942` count by their value. None for anything else, and for values that are not wholly known.
pub fn arch_list(value: &Text, universe: &Universe) -> Option<ArchList> {
    let mut items: Vec<ListItem> = Vec::new();
    let mut separator = None;
    // The element that the last part ended in the middle of.
    let mut open = false;
    for part in &value.parts {
        let TextPart::Literal(text, span) = part else { return None };
        let mut at = 0;
        for (end, found) in
            text.match_indices(is_separator).map(|(end, found)| (end, Some(found))).chain([(text.len(), None)])
        {
            let piece = text[at..end].trim_matches(['"', '\'']);
            if !piece.is_empty() {
                let offset = piece.as_ptr() as usize - text.as_ptr() as usize;
                let span = span
                    .map(|span| Span::new(span.start as usize + offset, span.start as usize + offset + piece.len()));
                push(&mut items, piece, span, open && at == 0, universe);
            }
            if let Some(found) = found {
                separator = separator.or(found.chars().next());
                at = end + found.len();
            }
            open = found.is_none() && !piece.is_empty();
        }
    }
    let named = items.iter().any(|item| item.text.starts_with("gfx"));
    let only_names =
        items.iter().all(|item| item.text.starts_with("gfx") || matches!(item.text.as_str(), "native" | "all"));
    (named && only_names).then(|| ArchList { items, separator: separator.unwrap_or(';') })
}

fn is_separator(character: char) -> bool {
    character == ';' || character == ',' || character.is_whitespace()
}

/// Adds an element, or the rest of the one before.
fn push(items: &mut Vec<ListItem>, piece: &str, span: Option<Span>, continues: bool, universe: &Universe) {
    let value = piece.strip_prefix("--offload-arch=").unwrap_or(piece);
    let span = span.map(|span| Span::new(span.end as usize - value.len(), span.end as usize));
    let covers = |name: &str| universe.covers(name, MatchMode::Exact);
    match items.last_mut() {
        Some(last) if continues => {
            last.text.push_str(value);
            last.covers = covers(&last.text);
            last.span = None;
        }
        _ => items.push(ListItem { covers: covers(value), text: value.to_owned(), span }),
    }
}
