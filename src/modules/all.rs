//! `__all__`, and other collections of names that it is made from.

use super::lookup::Trail;
use super::names::local_name;
use super::{Answer, Found, Imports, Mode, ModuleId};
use crate::facts::outline::{AllAction, Context, Element, Literal, Reach, Scope};
use crate::span::FileId;

/// A collection of strings, as far as it is known.
#[derive(Debug, Default, Clone)]
pub(super) struct Items<'a> {
    /// Those that are known, in order.
    pub(super) texts: Vec<&'a str>,
    /// Whether there may be others.
    pub(super) is_dynamic: bool,
}

impl Items<'_> {
    pub(super) fn contains(&self, name: &str) -> bool {
        self.texts.contains(&name)
    }

    fn unknown() -> Self {
        Self { texts: Vec::new(), is_dynamic: true }
    }
}

/// An entry of `__all__` that nothing defines.
#[derive(Debug, Clone, Copy)]
pub struct BrokenEntry<'a> {
    /// The file.
    pub file: FileId,
    /// The module.
    pub module: ModuleId,
    /// The entry.
    pub entry: &'a Literal,
    /// Where the statement stands.
    pub context: Context,
}

/// How many collections may be built from one another.
const DEEPEST: u8 = 8;

impl<'a> Imports<'a> {
    /// What a star import of the module takes, if the module says so.
    pub(super) fn all(&self, module: ModuleId) -> Option<Items<'a>> {
        self.all_within(module, 0)
    }

    pub(super) fn all_within(&self, module: ModuleId, depth: u8) -> Option<Items<'a>> {
        let outline = self.outline_of(module)?;
        let operations = outline.all.iter().filter(|operation| operation.context.runs());
        let mut items: Option<Items<'a>> = None;
        for operation in operations {
            let known = items.get_or_insert_with(Items::default);
            match operation.action {
                // In a branch, what was listed before may stay.
                AllAction::Set if operation.context.reach == Reach::Certain => *known = Items::default(),
                AllAction::Set | AllAction::Add | AllAction::Remove => {}
                AllAction::Alter => known.is_dynamic = true,
            }
            for element in &operation.elements {
                let added = self.element(module, element, depth);
                match operation.action {
                    AllAction::Remove => known.texts.retain(|text| !added.contains(text)),
                    _ => known.texts.extend(added.texts),
                }
                known.is_dynamic |= added.is_dynamic;
            }
        }
        // `from x import __all__`
        let imported = || {
            self.names(module)
                .bound("__all__")
                .run
                .then(|| self.items(module, "__all__", depth + 1).unwrap_or_else(Items::unknown))
        };
        items.or_else(imported)
    }

    fn element(&self, module: ModuleId, element: &'a Element, depth: u8) -> Items<'a> {
        match element {
            Element::Text(literal) => Items { texts: vec![&literal.text], is_dynamic: false },
            Element::Of(name) => self.items(module, name, depth + 1).unwrap_or_else(Items::unknown),
            Element::Unknown => Items::unknown(),
        }
    }

    /// The items or keys of the collection that a dotted name denotes in a module; none if that is not known.
    pub(super) fn items(&self, module: ModuleId, name: &str, depth: u8) -> Option<Items<'a>> {
        if depth > DEEPEST {
            return None;
        }
        let outline = self.outline_of(module)?;
        if name == "__all__" && !outline.all.is_empty() {
            return self.all_within(module, depth + 1);
        }
        if let Some((object, rest)) = name.rsplit_once('.') {
            return self.items(self.module_named(module, object, depth + 1)?, rest, depth + 1);
        }
        let mut tables = outline.tables.iter().filter(|table| &*table.name == name && table.context.runs()).peekable();
        if tables.peek().is_some() {
            let mut items = Items::default();
            for table in tables {
                items.is_dynamic |= table.altered;
                for entry in &table.entries {
                    let added = self.element(module, &entry.key, depth);
                    items.texts.extend(added.texts);
                    items.is_dynamic |= added.is_dynamic;
                }
            }
            return Some(items);
        }
        let (source, original) = self.imported_from(module, name)?;
        self.items(source, original, depth + 1)
    }

    /// The module and name that a `from` import in the module's own scope takes a name from.
    fn imported_from(&self, module: ModuleId, name: &str) -> Option<(ModuleId, &'a str)> {
        let outline = self.outline_of(module)?;
        let file = self.graph().get(module).file?;
        let imports =
            outline.imports.iter().filter(|import| import.context.scope == Scope::Module && import.from.is_some());
        imports.rev().find_map(|import| {
            let item = import.names.iter().find(|item| local_name(import, item) == name)?;
            match self.source_of(file, import) {
                Found::Module(source) => Some((source, &*item.name)),
                _ => None,
            }
        })
    }

    /// The module that a name bound by an import denotes: `from . import s`, `import a.b as s`.
    fn module_named(&self, module: ModuleId, name: &str, depth: u8) -> Option<ModuleId> {
        let outline = self.outline_of(module)?;
        let file = self.graph().get(module).file?;
        let top = name.split('.').next().unwrap_or_default();
        let trail = || Trail::of_collection(depth);
        for import in outline.imports.iter().rev().filter(|import| import.context.scope == Scope::Module) {
            let Some(item) = import.names.iter().find(|item| local_name(import, item) == top) else { continue };
            let found = match (&import.from, &item.alias) {
                (Some(_), _) => match self.source_of(file, import) {
                    Found::Module(source) => match self.look(source, &item.name, Mode::Run, &mut trail()) {
                        Answer::Submodule(child) => Found::Module(child),
                        _ => Found::Unknown,
                    },
                    other => other,
                },
                (None, Some(_)) => self.absolute(file, &item.name),
                (None, None) => self.absolute(file, top),
            };
            let Found::Module(found) = found else { return None };
            let rest = name.strip_prefix(top)?.trim_start_matches('.');
            return match self.graph().descend(found, rest) {
                Found::Module(inner) => Some(inner),
                _ => None,
            };
        }
        None
    }

    /// Entries of `__all__` that the module does not offer, in the files of the run that are checked.
    pub fn broken_entries(&self, module: ModuleId) -> Vec<BrokenEntry<'a>> {
        let Some((file, outline)) =
            self.graph().get(module).file.and_then(|file| self.outline(file).map(|outline| (file, outline)))
        else {
            return Vec::new();
        };
        if outline.all.is_empty() || !outline.syntax_ok {
            return Vec::new();
        }
        let Some(listed) = self.all(module) else { return Vec::new() };
        let mut seen = rustc_hash::FxHashSet::default();
        let operations = outline.all.iter().filter(|operation| {
            operation.context.runs() && matches!(operation.action, AllAction::Set | AllAction::Add)
        });
        let mut broken = Vec::new();
        for operation in operations {
            for element in &operation.elements {
                for entry in self.literals(module, element) {
                    let is_broken =
                        listed.contains(&entry.text) && self.lookup(module, &entry.text, Mode::Run) == Answer::Missing;
                    if is_broken && seen.insert(entry.span) {
                        broken.push(BrokenEntry { file, module, entry, context: operation.context });
                    }
                }
            }
        }
        broken
    }

    /// The literals in this file that an element of `__all__` stands for.
    fn literals(&self, module: ModuleId, element: &'a Element) -> Vec<&'a Literal> {
        match element {
            Element::Text(literal) => vec![literal],
            Element::Unknown => Vec::new(),
            Element::Of(name) => {
                let tables = self
                    .outline_of(module)
                    .into_iter()
                    .flat_map(|outline| &outline.tables)
                    .filter(|table| table.name == *name);
                let keys = tables.flat_map(|table| &table.entries).filter_map(|entry| match &entry.key {
                    Element::Text(literal) => Some(literal),
                    _ => None,
                });
                keys.collect()
            }
        }
    }
}
