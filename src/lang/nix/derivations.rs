//! Python packages that a file builds itself.

use super::reader::Reader;
use super::syntax::{Attr, Id, Kind, Operator};
use crate::facts::{NixDerivation, NixValue};

/// Functions that build one.
const BUILDERS: &[&str] = &["buildPythonPackage", "buildPythonApplication", "mkDerivation"];
/// Attributes that list what a package needs.
const INPUTS: &[&str] = &["dependencies", "propagatedBuildInputs", "buildInputs", "build-system", "nativeBuildInputs"];

/// Finds them.
pub(super) fn derivations(reader: &Reader<'_>) -> Vec<NixDerivation> {
    (0..reader.syntax.exprs.len()).filter_map(|id| derivation(reader, id)).collect()
}

fn derivation(reader: &Reader<'_>, id: Id) -> Option<NixDerivation> {
    let Kind::Apply { argument, .. } = reader.syntax.kind(id) else { return None };
    let (function, arguments) = reader.syntax.call(id);
    let builder = builder(reader, function)?;
    let given = BUILDERS.contains(&builder) && arguments.len() == 1;
    if !given {
        return None;
    }
    let fields = reader.fields(*argument);
    let name = fields.get("pname").or_else(|| fields.get("name"))?;
    let NixValue::Text(text) = reader.value(name.value) else { return None };
    let (mut environment, mut is_open) = (Vec::new(), fields.is_open);
    for argument in reader.arguments(&fields, 0) {
        match (argument.name.as_str(), &argument.value) {
            ("env", NixValue::Set(own, open)) => {
                environment.extend(own.iter().cloned());
                is_open |= open;
            }
            ("env", _) => is_open = true,
            _ if super::settings::is_variable(&argument.name) => environment.push(argument),
            // Hooks may export what is not read here.
            _ => {}
        }
    }
    for field in &fields.all {
        if matches!(field.path.as_slice(), [first, _] if first.text == "env") {
            environment.push(reader.argument(field));
        }
    }
    let (mut inputs, mut has_open_inputs) = (Vec::new(), fields.is_open);
    for field in fields
        .all
        .iter()
        .filter(|field| matches!(field.path.as_slice(), [only] if INPUTS.contains(&only.text.as_str())))
    {
        let (items, _) = reader.items(field.value);
        inputs.extend(items.iter().filter_map(|&item| last_name(reader, item)));
        has_open_inputs |= is_opaque(reader, field.value, 0);
    }
    let known = text.known()?;
    Some(NixDerivation {
        name: known,
        name_span: reader.inner(name.value),
        environment,
        is_open,
        inputs,
        has_open_inputs,
    })
}

/// The builder that is called, with some of its own arguments replaced or not.
fn builder<'r>(reader: &'r Reader<'_>, function: Id) -> Option<&'r str> {
    let name = reader.syntax.function_name(function)?;
    if name != "override" {
        return Some(name);
    }
    match reader.syntax.kind(function) {
        Kind::Select { base, path, .. } => {
            let before = path.iter().rev().nth(1).and_then(Attr::name).map(|name| name.text.as_str());
            before.or_else(|| reader.syntax.function_name(*base))
        }
        _ => None,
    }
}

/// The last name of an item of a list.
fn last_name(reader: &Reader<'_>, item: Id) -> Option<String> {
    match reader.syntax.kind(item) {
        Kind::Var(name) => Some(name.clone()),
        Kind::Select { path, .. } => path.last()?.name().map(|name| name.text.clone()),
        _ => reader.reference(item).map(|package| package.package_name().to_owned()),
    }
}

/// Whether a list has parts that are neither written out nor there under a condition.
fn is_opaque(reader: &Reader<'_>, id: Id, depth: usize) -> bool {
    let id = reader.strip(id);
    match reader.syntax.kind(id) {
        _ if depth > 60 => true,
        Kind::List(_) => false,
        Kind::Binary { operator: Operator::Concat, left, right } => {
            is_opaque(reader, *left, depth + 1) || is_opaque(reader, *right, depth + 1)
        }
        Kind::Apply { .. } => {
            let (function, arguments) = reader.syntax.call(id);
            match (reader.syntax.function_name(function), arguments.as_slice()) {
                (Some("optionals"), [_, list]) => is_opaque(reader, *list, depth + 1),
                (Some("optional"), _) => false,
                _ => true,
            }
        }
        // `uvicorn.optional-dependencies.standard`
        Kind::Select { path, .. } => {
            !path.iter().filter_map(Attr::name).any(|name| name.text == "optional-dependencies")
        }
        _ => true,
    }
}
