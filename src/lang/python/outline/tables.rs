//! Whether tables that a module's exports depend on stay as they were written.

use memchr::memmem;

use super::findings::Findings;
use super::lexer::WORD;
use crate::facts::outline::{Answers, Element};

/// Marks the tables that `__all__` or `__getattr__` refer to, if other code in the file may alter them.
pub(super) fn mark_altered(text: &str, found: &mut Findings) {
    if found.tables.is_empty() {
        return;
    }
    let answers: &[Element] = match found.getattr.as_ref().map(|definition| &definition.answers) {
        Some(Answers::Only(names) | Answers::OthersNone(names)) => names,
        _ => &[],
    };
    let mut wanted = references(answers.iter().chain(found.all.iter().flat_map(|operation| &operation.elements)));
    let mut at = 0;
    while let Some(name) = wanted.get(at).cloned() {
        at += 1;
        let inner = references(
            found
                .tables
                .iter()
                .filter(|table| table.name == name)
                .flat_map(|table| &table.entries)
                .map(|entry| &entry.key),
        );
        for inner in inner {
            if !wanted.contains(&inner) {
                wanted.push(inner);
            }
        }
    }
    for name in wanted {
        let bindings = found.bindings.iter().filter(|binding| binding.name == name).count();
        let tables = found.tables.iter().filter(|table| table.name == name).count();
        if bindings > tables || is_altered(text.as_bytes(), name.as_bytes()) {
            found.tables.iter_mut().filter(|table| table.name == name).for_each(|table| table.altered = true);
        }
    }
}

/// The names that elements refer to, each once.
fn references<'e>(elements: impl Iterator<Item = &'e Element>) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> = Vec::new();
    for element in elements {
        if let Element::Of(name) = element
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    }
    names
}

/// Methods that change a collection.
const METHODS: &[&str] = &[
    "update",
    "append",
    "extend",
    "add",
    "insert",
    "pop",
    "popitem",
    "remove",
    "discard",
    "clear",
    "setdefault",
    "__setitem__",
    "difference_update",
];

/// Whether the text holds the name with something behind it that changes what it denotes.
fn is_altered(text: &[u8], name: &[u8]) -> bool {
    let is_word =
        |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|&byte| WORD[usize::from(byte)] || byte == b'.');
    memmem::find_iter(text, name).any(|start| {
        let rest = &text[start + name.len()..];
        let is_longer = is_word(start.checked_sub(1)) || rest.first().is_some_and(|&byte| WORD[usize::from(byte)]);
        let next = rest.trim_ascii_start();
        let is_method = || {
            next.strip_prefix(b".").is_some_and(|method| {
                METHODS
                    .iter()
                    .any(|known| method.strip_prefix(known.as_bytes()).is_some_and(|call| call.starts_with(b"(")))
            })
        };
        !is_longer && (next.starts_with(b"+=") || next.starts_with(b"|=") || is_method() || is_item_assigned(next))
    })
}

/// Whether the text goes on with `[…] =`.
fn is_item_assigned(text: &[u8]) -> bool {
    if text.first() != Some(&b'[') {
        return false;
    }
    let mut depth = 0u32;
    for (at, byte) in text.iter().enumerate().take(400) {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let next = text[at + 1..].trim_ascii_start();
            return next.starts_with(b"=") && !next.starts_with(b"==");
        }
    }
    false
}
