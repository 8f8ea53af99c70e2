//! Package sets that a file makes, with their configurations.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::reader::Reader;
use super::syntax::{Attr, Id, Kind};
use crate::facts::{FileFacts, NixConfig, NixName};

/// Names under which functions of other files get their arguments from a package set.
const CALLS: &[&str] = &["callPackage", "callPackages", "callPackageWith", "newScope"];

/// Reads the configurations of package sets that the file makes; returns the arguments of each.
pub(super) fn read(reader: &Reader<'_>, facts: &mut FileFacts) -> Vec<Id> {
    let mut found = Vec::new();
    let handed = OnceCell::new();
    for id in 0..reader.syntax.exprs.len() {
        let (function, arguments) = reader.syntax.call(id);
        let (Some("import"), [_, given]) = (reader.syntax.function_name(function), arguments.as_slice()) else {
            continue;
        };
        let fields = reader.fields(*given);
        let config = fields.get("config").map(|config| reader.fields(config.value));
        let (mut arguments, is_open) = match &config {
            Some(config) => (reader.arguments(config, 0), config.is_open || fields.is_open),
            None => (Vec::new(), fields.is_open),
        };
        let is_dotted = |path: &[_]| matches!(path, [first, _] if is_config(first));
        let dotted = fields.all.iter().filter(|field| is_dotted(&field.path));
        arguments.extend(dotted.map(|field| reader.argument(field)));
        let is_default =
            matches!(reader.owner(id).last(), "" | "pkgs") || handed.get_or_init(|| handed_on(reader)).contains(&id);
        let imports = config.map(|config| config.imports).unwrap_or_default();
        let imports = imports.into_iter().map(|file| NixName { name: file.text, span: file.span }).collect();
        found.push(*given);
        let configs = &mut facts.nix.get_or_insert_default().configs;
        configs.push(NixConfig { is_open, imports, is_default, ..NixConfig::part(arguments) });
    }
    found
}

fn is_config(name: &super::syntax::Name) -> bool {
    name.text == "config"
}

/// What is handed on as `pkgs`, or calls the functions of other files.
fn handed_on(reader: &Reader<'_>) -> BTreeSet<Id> {
    let mut found = BTreeSet::new();
    for expr in &reader.syntax.exprs {
        match &expr.kind {
            Kind::Set { bindings } | Kind::Let { bindings, .. } => {
                let of_pkgs = bindings
                    .iter()
                    .filter(|binding| binding.path.last().and_then(Attr::name).is_some_and(|name| name.text == "pkgs"));
                found.extend(of_pkgs.map(|binding| reader.strip(binding.value)));
            }
            Kind::Select { base, path, .. } => {
                let first = path.first().and_then(Attr::name).map(|name| name.text.as_str());
                if first.is_some_and(|first| CALLS.contains(&first)) {
                    found.insert(reader.strip(*base));
                }
            }
            _ => {}
        }
    }
    found
}
