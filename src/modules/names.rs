//! What one module binds: its statements, taken together.

use rustc_hash::FxHashMap;

use super::{Found, Imports, ModuleId};
use crate::facts::outline::{BindingKind, Context, Import, Reach, Scope};
use crate::span::Span;

/// When a name is bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bound {
    /// When Python runs the module.
    pub(super) run: bool,
    /// For type checkers, or when Python runs it.
    pub(super) types: bool,
}

/// A star import in the module's own scope.
#[derive(Debug, Clone, Copy)]
pub(super) struct Star {
    /// Where it takes names from.
    pub(super) from: Found,
    /// The statement.
    pub(super) span: Span,
    /// When it runs.
    pub(super) when: Bound,
}

/// What a module binds.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    bound: FxHashMap<&'a str, Bound>,
    /// Names that a `del` takes away for good, and where.
    deleted: FxHashMap<&'a str, Span>,
    pub(super) stars: Vec<Star>,
    /// It may bind anything.
    pub(super) is_open: bool,
}

impl<'a> Names<'a> {
    /// Reads a module's outline.
    pub(super) fn read(imports: &Imports<'a>, module: ModuleId) -> Self {
        let mut names = Self::default();
        let is_opaque = imports.graph().get(module).is_opaque();
        let Some(outline) = imports.outline_of(module) else {
            names.is_open = is_opaque;
            return names;
        };
        names.is_open = outline.opaque.is_some() || !outline.syntax_ok;
        for binding in outline.bindings.iter().filter(|binding| binding.kind != BindingKind::Except) {
            names.bind(&binding.name, binding.context);
        }
        for import in outline.imports.iter().filter(|import| import.context.scope == Scope::Module) {
            names.import(imports, module, import);
        }
        for deletion in outline
            .deletions
            .iter()
            .filter(|deletion| deletion.context.scope == Scope::Module && deletion.context.reach == Reach::Certain)
        {
            let rebound = outline
                .bindings
                .iter()
                .filter(|binding| binding.name == deletion.name)
                .any(|binding| binding.span.start > deletion.span.start || binding.context.deferred())
                || outline
                    .imports
                    .iter()
                    .filter(|import| import.span.start > deletion.span.start)
                    .any(|import| binds(import, &deletion.name));
            if !rebound {
                names.bound.remove(&*deletion.name);
                names.deleted.insert(&deletion.name, deletion.span);
            }
        }
        names
    }

    fn bind(&mut self, name: &'a str, context: Context) {
        self.is_open |= name.chars().any(is_folded_to_ascii);
        let when = when(context);
        let bound = self.bound.entry(name).or_default();
        bound.run |= when.run;
        bound.types |= when.types;
    }

    fn import(&mut self, imports: &Imports<'a>, module: ModuleId, import: &'a Import) {
        let is_from_itself = takes_from_itself(imports, module, import);
        for name in &import.names {
            if &*name.name == "*" {
                let file = imports.graph().get(module).file;
                let from = file.map_or(Found::Unknown, |file| imports.source_of(file, import));
                self.stars.push(Star { from, span: import.span, when: when(import.context) });
            } else if !(is_from_itself && local_name(import, name) == &*name.name) {
                self.bind(local_name(import, name), import.context);
            }
        }
    }

    /// When a name is bound by the module itself.
    pub(super) fn bound(&self, name: &str) -> Bound {
        self.bound.get(name).copied().unwrap_or_default()
    }

    /// Where a `del` takes the name away, if nothing in the module binds it again.
    pub(super) fn deleted(&self, name: &str) -> Option<Span> {
        self.deleted.get(name).copied()
    }
}

/// Whether Python may read a character of a name as letters and digits of ASCII: it compares the NFKC forms of names.
fn is_folded_to_ascii(character: char) -> bool {
    matches!(u32::from(character),
        0xAA | 0xB2 | 0xB3 | 0xB9 | 0xBA | 0x17F | 0x2B0..=0x2B8 | 0x2E0..=0x2E3 | 0x1D2C..=0x1D6A | 0x2070..=0x209C
        | 0x2100..=0x214F | 0x2160..=0x217F | 0x2C7C | 0x2C7D | 0xA7F2..=0xA7F4 | 0xFB00..=0xFB06 | 0xFF10..=0xFF5A
        | 0x1D400..=0x1D7FF | 0x1FBF0..=0x1FBF9)
}

/// Whether an import takes names from the module that it stands in, as `from . import x` in a package does: such a name
/// is a submodule, or it has to be bound by something else.
fn takes_from_itself(imports: &Imports<'_>, module: ModuleId, import: &Import) -> bool {
    let Some(source) = &import.from else { return false };
    let own = imports.graph().get(module);
    let may_be_own = source.module.is_empty() || source.module.rsplit('.').next() == own.stem.rsplit('/').next();
    may_be_own && own.file.is_some_and(|file| imports.source_of(file, import) == Found::Module(module))
}

/// When a statement in this place runs.
fn when(context: Context) -> Bound {
    Bound { run: context.runs(), types: context.reach != Reach::Dead }
}

/// Whether an import statement in the module's own scope binds the name.
fn binds(import: &Import, name: &str) -> bool {
    import.context.scope == Scope::Module && import.names.iter().any(|item| local_name(import, item) == name)
}

/// The name that an item of an import statement binds: `import a.b` binds `a`.
pub(super) fn local_name<'i>(import: &Import, item: &'i crate::facts::outline::ImportedName) -> &'i str {
    match &item.alias {
        Some(alias) => alias,
        None if import.from.is_none() => item.name.split('.').next().unwrap_or_default(),
        None => &item.name,
    }
}
