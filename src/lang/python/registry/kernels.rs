//! What the file of a named class calls of compiled kernels, and whether it does something for ROCm; the functions that
//! such calls go through.

use crate::facts::{FileFacts, ListedName, NameList, NameListKind};
use crate::lang::python::blocks::{Blocks, identifier};
use crate::span::Span;

/// How vLLM's compiled kernels are reached: through a function of the same name, or as what the extension registers.
const CALLS: [&str; 3] = ["ops.", "torch.ops._C.", "torch.ops._moe_C."];

/// What the module with these functions holds, and hardly another one.
pub(super) const WRAPPERS: &str = "@register_fake(";

/// Notes both for the classes of the file.
pub(super) fn extract(text: &str, facts: &mut FileFacts) {
    let (kernels, for_rocm) = (kernels(text), rocm_branch(text));
    for class in &mut facts.named_classes {
        class.for_rocm = for_rocm;
        class.kernels.clone_from(&kernels);
    }
}

/// The kernels that are called, each where it is called first.
fn kernels(text: &str) -> Vec<ListedName> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let mut found: Vec<ListedName> = Vec::new();
    for (at, _) in text.match_indices("ops.") {
        let start = at - text.as_bytes()[..at].iter().rev().take_while(|byte| is_part(byte)).count();
        let end = at + text.as_bytes()[at..].iter().take_while(|byte| is_part(byte)).count();
        let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let dotted = &text[start..end];
        let call = CALLS.iter().find_map(|form| Some((form, dotted.strip_prefix(form)?)));
        let Some((form, name)) = call.filter(|(_, name)| !name.is_empty() && *name == identifier(name)) else {
            continue;
        };
        let is_called = text[end..].starts_with('(') && !text[line..start].contains('#');
        if is_called && found.iter().all(|known| known.name != name) {
            let value = form.contains("torch").then(|| form.trim_end_matches('.').to_owned());
            found.push(ListedName { name: name.to_owned(), span: Span::new(end - name.len(), end), value });
        }
    }
    found
}

impl Blocks<'_> {
    /// The functions that only hand on to the kernel of their name.
    pub(super) fn wrapped(&self) -> Option<NameList> {
        let functions = (0..self.lines.len()).filter(|&at| self.lines[at].indent == 0);
        let names: Vec<ListedName> = functions
            .filter_map(|at| {
                let name = identifier(self.line(at).strip_prefix("def ")?);
                let start = self.lines[at].first + "def ".len();
                let hands_on = self.hands_on(at, name);
                hands_on.then(|| ListedName {
                    name: name.to_owned(),
                    span: Span::new(start, start + name.len()),
                    value: None,
                })
            })
            .collect();
        Some(NameList {
            name: "ops".to_owned(),
            scope: String::new(),
            span: names.first()?.span,
            kind: NameListKind::Wrapped,
            names,
            is_open: false,
            taken_from: None,
            is_conditional: false,
        })
    }

    /// Whether a function's body calls the kernel of that name, without a choice.
    fn hands_on(&self, at: usize, name: &str) -> bool {
        let body = (at + 1..self.lines.len()).take_while(|&below| self.lines[below].indent > 0);
        let mut calls = false;
        for line in body.map(|below| self.line(below)) {
            if ["if ", "elif ", "try:", "for ", "while "].iter().any(|word| line.starts_with(word)) {
                return false;
            }
            calls |= CALLS[1..].iter().any(|form| line.contains(&format!("{form}{name}(")));
        }
        calls
    }
}

/// The first condition on the platform being ROCm.
fn rocm_branch(text: &str) -> Option<Span> {
    text.match_indices("is_rocm()").find_map(|(at, word)| {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = &text[line..at];
        let is_branch = before.trim_start().starts_with("if ") || before.trim_start().starts_with("elif ");
        let asks = is_branch && !before.contains("not ") && !before.contains('#');
        asks.then(|| Span::new(at, at + word.len()))
    })
}
