//! Which modules bear the names that failing imports want.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Fault, Imports, ModuleId};
use crate::facts::Outline;
use crate::facts::outline::{Answers, BindingKind, Element, Scope};
use crate::span::{Place, Span};

/// What bears a wanted name, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definer {
    pub(super) module: ModuleId,
    pub(super) span: Span,
    pub(super) kind: DefinerKind,
}

/// What kind of thing it is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DefinerKind {
    /// A class or function.
    Code,
    /// A value.
    Value,
    /// A name that the module has from somewhere else, or a stand-in for one.
    Import,
}

/// The definers of each wanted name, in the order of the modules. What the faults themselves bind does not count.
pub(super) fn collect<'a>(
    imports: &Imports<'a>,
    wanted: &FxHashSet<&str>,
    faults: &[Fault<'a>],
) -> FxHashMap<&'a str, Vec<Definer>> {
    let broken: FxHashSet<Place> = faults.iter().map(Fault::place).collect();
    let mut definers: FxHashMap<&'a str, Vec<Definer>> = FxHashMap::default();
    for (module, data) in imports.graph().iter() {
        let (Some(outline), Some(file)) = (imports.outline_of(module), data.file) else { continue };
        let is_broken = |span| broken.contains(&Place { file, span });
        each(outline, |name, span, kind| {
            if !wanted.contains(name) || is_broken(span) {
                return;
            }
            let all = definers.entry(name).or_default();
            // Of several bindings in one module the first of the best kind stands for all.
            match all.last_mut().filter(|last| last.module == module) {
                Some(last) if kind < last.kind => *last = Definer { module, span, kind },
                Some(_) => {}
                None => all.push(Definer { module, span, kind }),
            }
        });
    }
    definers
}

/// Every name that a module bears when it runs.
fn each<'a>(outline: &'a Outline, mut add: impl FnMut(&'a str, Span, DefinerKind)) {
    for binding in outline.bindings.iter().filter(|binding| binding.context.runs()) {
        let kind = match binding.kind {
            // `else: Name = object` beside an import for type checkers.
            _ if binding.context.hidden_from_types => DefinerKind::Import,
            BindingKind::Function | BindingKind::Class => DefinerKind::Code,
            _ => DefinerKind::Value,
        };
        add(&binding.name, binding.span, kind);
    }
    if let Some(getattr) = &outline.getattr
        && let Answers::Only(elements) | Answers::OthersNone(elements) = &getattr.answers
    {
        for element in elements {
            if let Element::Text(literal) = element {
                add(&literal.text, literal.span, DefinerKind::Value);
            }
        }
    }
    for import in outline.imports.iter().filter(|import| import.context.scope == Scope::Module && import.context.runs())
    {
        for item in import.names.iter().filter(|item| import.from.is_some() || item.alias.is_some()) {
            add(item.alias.as_deref().unwrap_or(&item.name), item.span, DefinerKind::Import);
        }
    }
}
