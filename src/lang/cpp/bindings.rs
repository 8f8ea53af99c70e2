//! Kernels that a build offers to Python: `ops.def("name(Tensor a) -> ()")`.

use super::directives::{Directive, DirectiveKind, Test};
use super::lex::{Source, TokenKind};
use crate::facts::{FileFacts, ListedName, NameList, NameListKind};
use crate::span::Span;

/// The word that a file with bindings holds.
pub(super) const WORD: &str = "TORCH_LIBRARY";

/// Notes the kernels, those that only builds for CUDA have apart from the others.
pub(super) fn extract(source: &Source<'_>, directives: &[Directive], facts: &mut FileFacts) {
    let mut branches = Branches { source, open: Vec::new() };
    let mut next = directives.iter().peekable();
    let (mut all, mut for_cuda) = (Vec::new(), Vec::new());
    for at in 0..source.tokens.len() {
        while let Some(directive) = next.next_if(|directive| directive.hash <= at) {
            branches.step(directive);
        }
        if let Some(name) = defined(source, at) {
            if branches.is_for_cuda() { &mut for_cuda } else { &mut all }.push(name);
        }
    }
    for (names, kind) in [(all, NameListKind::Bound), (for_cuda, NameListKind::BoundForCuda)] {
        let Some(span) = names.first().map(|first: &ListedName| first.span) else { continue };
        let name = "ops".to_owned();
        let scope = String::new();
        facts.name_lists.push(NameList {
            name,
            scope,
            span,
            kind,
            names,
            is_open: false,
            taken_from: None,
            is_conditional: false,
        });
    }
}

/// The kernel that `.def("name(...` defines, from the token of the dot on.
fn defined(source: &Source<'_>, at: usize) -> Option<ListedName> {
    let is_call = source.is(at, ".") && source.is(at + 1, "def") && source.is(at + 2, "(");
    if !is_call || source.kind(at + 3) != Some(TokenKind::Text) {
        return None;
    }
    let schema = source.content(at + 3);
    let length =
        schema.text(source.text).bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let span = Span::new(schema.range().start, schema.range().start + length);
    (length > 0).then(|| ListedName { name: span.text(source.text).to_owned(), span, value: None })
}

/// The conditions that are open at a place.
struct Branches<'a, 't> {
    source: &'a Source<'t>,
    /// Whether ROCm builds leave the branch out, and whether they leave out what the condition's `#else` holds.
    open: Vec<(bool, bool)>,
}

impl Branches<'_, '_> {
    fn is_for_cuda(&self) -> bool {
        self.open.iter().any(|(leaves_out, _)| *leaves_out)
    }

    fn step(&mut self, directive: &Directive) {
        match directive.kind {
            DirectiveKind::If(test) => {
                let written: String = directive.operands.clone().map(|at| self.source.word(at)).collect();
                let written = written.replace(['(', ')'], "");
                let is_rocm = |text: &str| matches!(text, "USE_ROCM" | "definedUSE_ROCM");
                let is_without = |text: &str| text == "!definedUSE_ROCM";
                self.open.push(match test {
                    Test::Undefined => (is_rocm(&written), false),
                    Test::Defined => (false, is_rocm(&written)),
                    // One operand of an "and" is enough to leave the branch out, and says nothing of its `#else`.
                    Test::Expression => {
                        (!written.contains("||") && written.split("&&").any(is_without), is_rocm(&written))
                    }
                });
            }
            DirectiveKind::Elif(_) | DirectiveKind::Else => {
                if let Some(own) = self.open.last_mut() {
                    own.0 = own.1;
                }
            }
            DirectiveKind::Endif => {
                self.open.pop();
            }
            _ => {}
        }
    }
}
