//! Whether a module offers a name, by CPython's rules.

use super::{Found, Imports, Kind, ModuleId};
use crate::facts::outline::{Answers, Element};

/// For whom a name must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For Python, when it runs.
    Run,
    /// For type checkers: what stands under `TYPE_CHECKING` counts too.
    Types,
}

/// Whether a module offers a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It does.
    Offered,
    /// The name is a submodule.
    Submodule(ModuleId),
    /// That cannot be known.
    Unknown,
    /// It does not.
    Missing,
}

/// Names that every module has, without binding them.
const IMPLICIT: &[&str] = &[
    "__name__",
    "__doc__",
    "__file__",
    "__spec__",
    "__loader__",
    "__package__",
    "__cached__",
    "__builtins__",
    "__dict__",
    "__annotations__",
];

/// What a look-up is a part of, so that what turns in circles ends.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// Star imports that are being followed.
    stars: Vec<ModuleId>,
    /// How many collections are being put together.
    collections: u8,
}

impl Trail {
    /// For a look-up that a collection needs.
    pub(super) fn of_collection(collections: u8) -> Self {
        Self { stars: Vec::new(), collections }
    }
}

impl Imports<'_> {
    /// Whether `from module import name` finds the name.
    pub fn lookup(&self, module: ModuleId, name: &str, mode: Mode) -> Answer {
        self.look(module, name, mode, &mut Trail::default())
    }

    /// The same, within star imports that are being followed.
    pub(super) fn look(&self, module: ModuleId, name: &str, mode: Mode, trail: &mut Trail) -> Answer {
        let own = self.own(module, name, mode, trail);
        if own != Answer::Missing {
            return own;
        }
        match self.graph().child(module, name) {
            Found::Module(child) => return Answer::Submodule(child),
            Found::Unknown => return Answer::Unknown,
            Found::Missing(_) => {}
        }
        if let Some(answer) = self.by_getattr(module, name, mode, trail.collections) {
            return answer;
        }
        let is_implicit = IMPLICIT.contains(&name) || (name == "__path__" && self.graph().get(module).is_package());
        if is_implicit { Answer::Offered } else { Answer::Missing }
    }

    /// Whether the module's namespace holds the name, bound by itself or by a star import.
    fn own(&self, module: ModuleId, name: &str, mode: Mode, trail: &mut Trail) -> Answer {
        let names = self.names(module);
        let bound = names.bound(name);
        if bound.run || (mode == Mode::Types && bound.types) {
            return Answer::Offered;
        }
        if names.is_open || !name.is_ascii() {
            return Answer::Unknown;
        }
        if trail.stars.contains(&module) {
            return Answer::Missing;
        }
        trail.stars.push(module);
        let deleted = names.deleted(name);
        let mut answer = Answer::Missing;
        for star in names.stars.iter().filter(|star| star.when.run || (mode == Mode::Types && star.when.types)) {
            if deleted.is_some_and(|deleted| deleted.start > star.span.start) {
                continue;
            }
            match self.through_star(star.from, name, mode, trail) {
                Answer::Missing => {}
                Answer::Unknown => answer = Answer::Unknown,
                offered => {
                    answer = offered;
                    break;
                }
            }
        }
        trail.stars.pop();
        answer
    }

    /// Whether a star import of that module binds the name.
    fn through_star(&self, from: Found, name: &str, mode: Mode, trail: &mut Trail) -> Answer {
        let Found::Module(source) = from else { return Answer::Unknown };
        if self.graph().get(source).is_opaque() {
            return Answer::Unknown;
        }
        if let Some(all) = self.all_within(source, trail.collections) {
            return match all.contains(name) {
                true => self.look(source, name, mode, trail),
                false if all.is_dynamic => Answer::Unknown,
                false => Answer::Missing,
            };
        }
        if name.starts_with('_') {
            return Answer::Missing;
        }
        match self.own(source, name, mode, trail) {
            // A submodule is an attribute once something imported it, which cannot be told.
            Answer::Missing
                if self.graph().get(source).kind == Kind::Package
                    && self.graph().child(source, name) != Found::Missing(Some(source)) =>
            {
                Answer::Unknown
            }
            answer => answer,
        }
    }

    /// What the module's `__getattr__` says to a name that is not there; none if it raises, or if there is none.
    fn by_getattr(&self, module: ModuleId, name: &str, mode: Mode, collections: u8) -> Option<Answer> {
        let outline = self.outline_of(module)?;
        let getattr = match &outline.getattr {
            Some(getattr) if getattr.context.runs() => getattr,
            // Imported, or assigned in a way that the outline does not follow.
            _ if self.names(module).bound("__getattr__").run => return Some(Answer::Unknown),
            _ => return None,
        };
        // Type checkers take any name from a module that defines it.
        if mode == Mode::Types {
            return Some(Answer::Unknown);
        }
        let elements = match &getattr.answers {
            Answers::Only(elements) => elements,
            Answers::OthersNone(_) | Answers::Any => return Some(Answer::Unknown),
        };
        let mut answer = None;
        for element in elements {
            match element {
                Element::Text(literal) if &*literal.text == name => return Some(Answer::Offered),
                Element::Text(_) => {}
                Element::Unknown => answer = Some(Answer::Unknown),
                Element::Of(of) => match self.items(module, of, collections) {
                    Some(items) if items.contains(name) => return Some(Answer::Offered),
                    Some(items) if !items.is_dynamic => {}
                    _ => answer = Some(Answer::Unknown),
                },
            }
        }
        answer
    }
}
