//! Files that are functions, and calls of such files.

use super::package::METHODS;
use super::reader::Reader;
use super::syntax::{Attr, Id, Kind, Lambda, Syntax};
use crate::facts::{NixCall, NixName, NixParameter};

/// The named parameters of the file itself; none that a function within it has as well, for what is meant by the name
/// depends on the place then.
pub(super) fn own_parameters(syntax: &Syntax) -> Vec<String> {
    let Some(own) = function(syntax) else { return Vec::new() };
    let is_bound_once = |name: &str| {
        let binds = |lambda: &Lambda| {
            let formals = lambda.formals.iter().flatten().filter(|(formal, _)| formal.text == name).count();
            formals + usize::from(lambda.parameter.as_ref().is_some_and(|whole| whole.text == name))
        };
        let of = |kind: &Kind| if let Kind::Lambda(lambda) = kind { binds(lambda) } else { 0 };
        syntax.exprs.iter().map(|expr| of(&expr.kind)).sum::<usize>() == 1
    };
    let names = own.formals.iter().flatten().map(|(name, _)| name.text.clone());
    names.filter(|name| is_bound_once(name)).collect()
}

/// The function that the whole file is.
fn function(syntax: &Syntax) -> Option<&Lambda> {
    let mut at = syntax.root?;
    loop {
        match syntax.kind(at) {
            Kind::Let { body, .. } | Kind::With { body } | Kind::Assert { body } => at = *body,
            Kind::Lambda(lambda) => return Some(lambda),
            _ => return None,
        }
    }
}

/// The same with what each stands for where a call leaves it out.
pub(super) fn parameters(reader: &Reader<'_>) -> Vec<NixParameter> {
    let formals = function(&reader.syntax).into_iter().flat_map(|own| own.formals.iter().flatten());
    let known = formals.filter(|(name, _)| reader.is_own_parameter(&name.text));
    known
        .map(|(name, default)| NixParameter {
            name: name.text.clone(),
            default: default.map(|default| reader.value(default)),
        })
        .collect()
}

/// Calls of files by their literal paths: `import ./x.nix { ... }`, `callPackage ./x.nix { ... }`.
pub(super) fn calls(reader: &Reader<'_>) -> Vec<NixCall> {
    (0..reader.syntax.exprs.len()).filter_map(|id| call(reader, id)).collect()
}

fn call(reader: &Reader<'_>, id: Id) -> Option<NixCall> {
    let syntax = &reader.syntax;
    let parent = syntax.get(id).parent.map(|parent| syntax.kind(parent));
    // A part of a call with more arguments.
    if matches!(parent, Some(Kind::Apply { function, .. }) if *function == id) {
        return None;
    }
    let (function, arguments) = syntax.call(id);
    let (is_package, path, given) = match (syntax.function_name(function)?, arguments.as_slice()) {
        ("import", [path, given, ..]) => (false, *path, *given),
        ("callPackage", [path, given]) => (true, *path, *given),
        _ => return None,
    };
    let path = reader.strip(path);
    if !matches!(syntax.kind(path), Kind::Path) {
        return None;
    }
    let fields = reader.fields(given);
    let is_set = matches!(syntax.kind(reader.strip(given)), Kind::Set { .. } | Kind::Binary { .. });
    // `(callPackage ./x.nix { }).override { ... }` calls it again, with something else.
    let is_changed = matches!(parent, Some(Kind::Select { path, .. })
        if path.iter().filter_map(Attr::name).any(|name| METHODS.contains(&name.text.as_str())));
    let owner = reader.owner(id);
    Some(NixCall {
        path: reader.slice(path).to_owned(),
        defines: owner.path.last().map(|name| NixName { name: name.text.clone(), span: name.span }),
        arguments: if is_set && !is_changed { reader.arguments(&fields, 0) } else { Vec::new() },
        is_open: !is_set || is_changed || fields.is_open,
        is_package,
    })
}
