//! Facts of Python modules: what they import, and what they offer to others.

use super::entry::{Entry, Maker};
use crate::facts::Outline;
use crate::facts::outline::{BindingKind, Context, Element, ImportedName, Scope};
use crate::span::FileId;

/// Adds them, module by module.
pub(super) fn add(maker: &Maker<'_, '_>, out: &mut Vec<Entry>) {
    for (file, source, facts) in maker.cx.workspace.files() {
        if let Some(outline) = facts.outline.as_ref().filter(|_| !source.is_reference) {
            imports(maker, file, outline, out);
            exports(maker, file, outline, out);
        }
    }
}

fn imports(maker: &Maker<'_, '_>, file: FileId, outline: &Outline, out: &mut Vec<Entry>) {
    for import in &outline.imports {
        let from = import.from.as_ref().map(|from| format!("{}{}", ".".repeat(from.level.into()), from.module));
        let written = |name: &ImportedName| match &name.alias {
            Some(alias) => format!("{} as {alias}", name.name),
            None => name.name.to_string(),
        };
        let names: Vec<String> = import.names.iter().map(written).collect();
        let entry = maker.entry("import", file, import.span);
        out.push(entry.with("module", from).with("names", names).with("scope", scope(import.context)));
    }
}

fn exports(maker: &Maker<'_, '_>, file: FileId, outline: &Outline, out: &mut Vec<Entry>) {
    for binding in &outline.bindings {
        let entry = maker.entry("export", file, binding.span).with("name", binding.name.as_ref());
        out.push(entry.with("kind", kind(binding.kind)).with("alias_of", binding.alias_of.as_deref()));
    }
    for operation in &outline.all {
        let element = |element: &Element| match element {
            Element::Text(literal) => literal.text.to_string(),
            Element::Of(name) => format!("*{name}"),
            Element::Unknown => "*".to_owned(),
        };
        let names: Vec<String> = operation.elements.iter().map(element).collect();
        out.push(maker.entry("all", file, operation.span).with("names", names));
    }
}

/// Where a statement runs: with the module, or when something is called.
fn scope(context: Context) -> &'static str {
    match context.scope {
        Scope::Module => "module",
        Scope::Class => "class",
        Scope::Function => "function",
    }
}

fn kind(kind: BindingKind) -> &'static str {
    match kind {
        BindingKind::Function => "function",
        BindingKind::Class => "class",
        BindingKind::Assignment => "assignment",
        BindingKind::Walrus => "walrus",
        BindingKind::For => "for",
        BindingKind::With => "with",
        BindingKind::Except => "except",
        BindingKind::Match => "match",
        BindingKind::Global => "global",
        BindingKind::Namespace => "namespace",
    }
}
