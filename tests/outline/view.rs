//! What is compared of two outlines: everything in one order, spans as text and offset.

use gfxlint::facts::Outline;
use gfxlint::facts::outline::{AllAction, Context, Element, Gate};

/// An outline as sorted lines of text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct View {
    pub lines: Vec<String>,
}

impl View {
    pub fn add(&mut self, start: usize, what: String) {
        self.lines.push(format!("{start:08} {what}"));
    }

    pub fn sorted(mut self) -> Self {
        self.lines.sort();
        self
    }

    /// Lines that only one of the two has.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let only = |sign: &str, a: &Self, b: &Self| {
            a.lines
                .iter()
                .filter(|line| !b.lines.contains(line))
                .map(|line| format!("{sign} {line}"))
                .collect::<Vec<_>>()
        };
        let mut found = only("-", self, other);
        found.extend(only("+", other, self));
        if found.is_empty() && self != other {
            found.push("the same lines, in other numbers".to_owned());
        }
        found
    }
}

/// A context with its gates written out; the guard only where it means something.
pub fn context(context: Context, gates: &[&Gate], guarded: bool) -> String {
    let gates: Vec<_> =
        gates.iter().map(|gate| format!("{}{:?}", if gate.holds { "" } else { "not " }, gate.versions)).collect();
    let guard = if guarded { format!(" {:?}", context.guard) } else { String::new() };
    format!(
        "{:?} {:?} hidden={} handler={}{guard} {gates:?}",
        context.scope, context.reach, context.hidden_from_types, context.handler
    )
}

pub fn elements(elements: &[Element]) -> String {
    let written = elements.iter().map(|element| match element {
        Element::Text(literal) => format!("'{}'@{}", literal.text, literal.span.start),
        Element::Of(name) => format!("*{name}"),
        Element::Unknown => "?".to_owned(),
    });
    written.collect::<Vec<_>>().join(" ")
}

pub fn action(action: AllAction) -> &'static str {
    match action {
        AllAction::Set => "set",
        AllAction::Add => "add",
        AllAction::Remove => "remove",
        AllAction::Alter => "alter",
    }
}

/// The scanner's outline. `__getattr__` and sinks have tests of their own.
pub fn of(outline: &Outline) -> View {
    let mut view = View::default();
    let at =
        |context_: Context, guarded: bool| context(context_, &outline.gates(context_).collect::<Vec<_>>(), guarded);
    for binding in &outline.bindings {
        view.add(
            binding.span.start as usize,
            format!("bind {} {:?} {:?} {}", binding.name, binding.kind, binding.alias_of, at(binding.context, false)),
        );
    }
    for import in &outline.imports {
        let from = import.from.as_ref().map(|from| format!("{}.{}@{}", from.level, from.module, from.span.start));
        let names: Vec<_> = import
            .names
            .iter()
            .map(|name| format!("{} as {:?}@{}..{}", name.name, name.alias, name.span.start, name.span.end))
            .collect();
        view.add(
            import.span.start as usize,
            format!("import ..{} {from:?} {names:?} {}", import.span.end, at(import.context, true)),
        );
    }
    for operation in &outline.all {
        view.add(
            operation.span.start as usize,
            format!(
                "all {} {} {}",
                action(operation.action),
                elements(&operation.elements),
                at(operation.context, false)
            ),
        );
    }
    for table in &outline.tables {
        let keys: Vec<_> = table.entries.iter().map(|entry| entry.key.clone()).collect();
        let values: Vec<_> = table
            .entries
            .iter()
            .map(|entry| entry.values.iter().map(|value| &*value.text).collect::<Vec<_>>().join("|"))
            .collect();
        view.add(
            table.span.start as usize,
            format!("table {} {} => {values:?} {}", table.name, elements(&keys), at(table.context, false)),
        );
    }
    for deletion in &outline.deletions {
        view.add(deletion.span.start as usize, format!("del {} {}", deletion.name, at(deletion.context, false)));
    }
    for string in &outline.qualified {
        view.add(
            string.literal.span.start as usize,
            format!("string {} {}", string.literal.text, at(string.context, true)),
        );
    }
    if let Some(getattr) = &outline.getattr {
        view.add(getattr.span.start as usize, format!("getattr {}", at(getattr.context, false)));
    }
    view.sorted()
}
