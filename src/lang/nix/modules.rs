//! Sets of attributes that are not parts of others, with all their attributes by path: modules, arguments of functions.

use super::reader::Reader;
use super::syntax::{Id, Kind, Name, Operator};
use crate::span::Span;

/// Sets within sets are followed so deep.
const DEPTH: usize = 14;
/// So many attributes of one set are read; generated package sets have more.
const MOST: usize = 6000;

/// A set with its attributes.
pub(super) struct Module {
    pub set: Id,
    pub leaves: Vec<Leaf>,
}

/// An attribute whose value is no set that is written out here.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub path: Vec<Name>,
    pub value: Id,
    pub span: Span,
}

impl Leaf {
    /// The names, without `config` and what only says whose configuration it is.
    pub fn names(&self) -> Vec<&str> {
        let names: Vec<&str> = self.path.iter().map(|name| name.text.as_str()).collect();
        let start = match names.as_slice() {
            ["config", "home-manager", "users", _, ..] => 4,
            ["home-manager", "users", _, ..] => 3,
            ["config", _, ..] => 1,
            _ => 0,
        };
        names.get(start..).unwrap_or_default().to_vec()
    }

    /// The last name and the value.
    pub fn own_span(&self) -> Span {
        let name = self.name_span();
        if self.span.contains(name) { Span { start: name.start, end: self.span.end } } else { self.span }
    }

    /// The name of the attribute itself.
    pub fn last(&self) -> &str {
        self.path.last().map_or("", |name| name.text.as_str())
    }

    /// That name, where it stands.
    pub fn name_span(&self) -> Span {
        self.path.last().map_or(self.span, |name| name.span)
    }
}

/// What a module says of one of several things that bear names: a service, a container.
pub(super) struct Named<'m> {
    pub name: &'m Name,
    /// Its attributes: the names below its own, and the attribute.
    pub fields: Vec<(Vec<&'m str>, &'m Leaf)>,
}

impl Named<'_> {
    /// All of it.
    pub fn span(&self) -> Span {
        self.fields.iter().map(|(_, leaf)| leaf.span).fold(self.name.span, Span::hull)
    }
}

impl Module {
    /// The attributes by the thing that they are of; `name_at` tells which name of a path is that of one.
    pub fn named(&self, name_at: impl Fn(&[&str]) -> Option<usize>) -> Vec<Named<'_>> {
        let mut found: Vec<Named<'_>> = Vec::new();
        for leaf in &self.leaves {
            let texts: Vec<&str> = leaf.path.iter().map(|name| name.text.as_str()).collect();
            let Some(at) = name_at(&texts) else { continue };
            let (Some(name), Some(below)) = (leaf.path.get(at), texts.get(at + 1..)) else { continue };
            match found.iter_mut().find(|known| known.name.text == name.text) {
                Some(known) => known.fields.push((below.to_vec(), leaf)),
                None => found.push(Named { name, fields: vec![(below.to_vec(), leaf)] }),
            }
        }
        found
    }
}

/// The sets of a file that are parts of no other set.
pub(super) fn modules(reader: &Reader<'_>) -> Vec<Module> {
    let mut found = Vec::new();
    let mut left = MOST;
    for id in 0..reader.syntax.exprs.len() {
        if matches!(reader.syntax.kind(id), Kind::Set { .. }) && is_outermost(reader, id) {
            let mut module = Module { set: id, leaves: Vec::new() };
            collect(reader, id, &[], 0, &mut left, &mut module.leaves);
            found.push(module);
        }
    }
    found
}

/// Whether a set is no attribute of another one.
fn is_outermost(reader: &Reader<'_>, id: Id) -> bool {
    let owner = reader.owner(id);
    // What a function gives that is called once is a part of what calls it.
    let is_given =
        owner.path.is_empty() && reader.only_call(owner.top).is_some_and(|call| !reader.owner(call).path.is_empty());
    if is_given {
        return false;
    }
    owner.path.is_empty() || owner.is_variable && owner.path.len() == 1 && reader.strip(owner.top) == reader.strip(id)
}

fn collect(reader: &Reader<'_>, id: Id, path: &[Name], depth: usize, left: &mut usize, leaves: &mut Vec<Leaf>) {
    for field in reader.fields(id).all {
        if *left == 0 {
            return;
        }
        *left -= 1;
        let whole: Vec<Name> = path.iter().cloned().chain(field.path).collect();
        let value = reader.strip(field.value);
        if depth < DEPTH && is_set(reader, value) {
            collect(reader, value, &whole, depth + 1, left, leaves);
        } else {
            leaves.push(Leaf { path: whole, value: field.value, span: field.span });
        }
    }
}

fn is_set(reader: &Reader<'_>, id: Id) -> bool {
    match reader.syntax.kind(id) {
        Kind::Set { bindings } => !bindings.is_empty(),
        Kind::Binary { operator: Operator::Update, .. } => true,
        Kind::Apply { .. } => {
            let (function, _) = reader.syntax.call(id);
            matches!(reader.syntax.function_name(function), Some("mkMerge" | "optionalAttrs" | "recursiveUpdate"))
        }
        _ => false,
    }
}
