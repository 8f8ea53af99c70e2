//! Uses of packages, as facts.

use super::layers::Layers;
use super::package::{METHODS, Package, Root};
use super::reader::Reader;
use super::syntax::{Attr, Bound, Id, Kind, Operator};
use crate::facts::{NixName, NixOverride, NixReference, NixRole, NixRoot};

/// Packages that are worth knowing of, or parts of their names.
const WANTED: &[&str] = &[
    "rocm",
    "hip",
    "gfx",
    "vllm",
    "torch",
    "triton",
    "sglang",
    "xformers",
    "bitsandbytes",
    "transformers",
    "accelerate",
    "whisper",
    "ollama",
    "llama",
    "magma",
    "clr",
    "amdsmi",
    "timm",
    "diffusers",
    "peft",
];
/// Lists of packages that are installed.
const INSTALLED: &[&str] =
    &["systemPackages", "packages", "extraPackages", "paths", "path", "runtimeInputs", "toolPackages"];
/// Lists of what a Python package or an environment is made of.
const DEPENDENCIES: &[&str] =
    &["propagatedBuildInputs", "dependencies", "extraLibs", "buildInputs", "pythonPackages", "nativeBuildInputs"];

/// The configuration behind a root, as an index into the file's configurations.
pub(super) type ConfigOf<'a> = dyn Fn(Id) -> Option<usize> + 'a;

/// Finds all uses of packages that are worth knowing of.
pub(super) fn references(reader: &Reader<'_>, layers: &Layers, config_of: &ConfigOf<'_>) -> Vec<NixReference> {
    let mut consumed = vec![false; reader.syntax.exprs.len()];
    let mut found = Vec::new();
    for id in 0..reader.syntax.exprs.len() {
        if consumed[id] {
            continue;
        }
        let Some(package) = reader.reference(id) else { continue };
        consume(reader, id, &mut consumed);
        if !is_wanted(&package) || is_copy(reader, id) {
            continue;
        }
        let place = Place::of(reader, id, layers);
        let root = match package.root {
            Root::Given => NixRoot::Given,
            Root::Imported(settings) => NixRoot::Imported(settings.and_then(config_of)),
            Root::Computed => NixRoot::Computed,
        };
        found.push(NixReference {
            name: package.name,
            span: reader.syntax.get(id).span,
            root,
            overrides: package.overrides.iter().map(|change| overriding(reader, change)).collect(),
            layer: layers.around(reader, id),
            role: place.role,
            defines: place.defines,
            list: place.list,
            is_home: place.is_home,
            is_fallback: place.is_fallback,
            path: package.path,
        });
    }
    found
}

fn overriding(reader: &Reader<'_>, (method, span, given): &(String, crate::span::Span, Id)) -> NixOverride {
    let fields = reader.fields(*given);
    let mut arguments = reader.arguments(&fields, 0);
    // `env.NAME = ...;` of a derivation.
    for field in fields.all.iter().filter(|_| method != "override") {
        if matches!(field.path.as_slice(), [env, _] if env.text == "env") {
            arguments.push(reader.argument(field));
        }
    }
    let imports = fields.imports.into_iter().map(|file| NixName { name: file.text, span: file.span }).collect();
    NixOverride {
        method: method.clone(),
        span: *span,
        arguments,
        is_open: fields.is_open,
        imports,
        is_open_beside: fields.is_open_beside,
    }
}

/// Marks the expressions that a path is written with: they are no uses of their own.
fn consume(reader: &Reader<'_>, id: Id, consumed: &mut [bool]) {
    let mut next = Some(id);
    while let Some(at) = next {
        consumed[at] = true;
        next = match reader.syntax.kind(at) {
            Kind::Select { base, .. } => Some(*base),
            Kind::Let { body, .. } | Kind::With { body } | Kind::Assert { body } => Some(*body),
            Kind::Apply { function, .. } => {
                let (function, arguments) = (*function, reader.syntax.call(at).1);
                let is_method = matches!(reader.syntax.kind(function), Kind::Select { path, .. }
                    if path.last().and_then(Attr::name).is_some_and(|name| METHODS.contains(&name.text.as_str())));
                // `hiPrio x` is the same use as `x`.
                if !is_method && arguments.len() == 1 {
                    consumed[function] = true;
                    arguments.last().copied()
                } else {
                    Some(function)
                }
            }
            _ => None,
        };
    }
}

/// Whether a name only hands on what it is called here: `inherit torch;`, `x: x.torch` in another function's arguments.
fn is_copy(reader: &Reader<'_>, id: Id) -> bool {
    let Kind::Var(name) = reader.syntax.kind(id) else { return false };
    matches!(reader.syntax.lookup(reader.syntax.get(id).scope, name), Bound::Parameter(_))
}

fn is_wanted(package: &Package) -> bool {
    let is_one = |name: &String| {
        let lower = name.to_ascii_lowercase();
        WANTED.iter().any(|part| lower.contains(part))
    };
    let is_value = package.path.first().is_some_and(|first| matches!(first.as_str(), "lib" | "cfg"));
    !is_value && (package.path.iter().any(is_one) || package.overrides.iter().any(|(method, ..)| method == "override"))
}

/// What a use is for.
struct Place {
    role: NixRole,
    defines: Option<String>,
    list: Option<u32>,
    is_home: bool,
    is_fallback: bool,
}

impl Place {
    fn of(reader: &Reader<'_>, id: Id, layers: &Layers) -> Self {
        let syntax = &reader.syntax;
        let mut place = Self { role: NixRole::Other, defines: None, list: None, is_home: false, is_fallback: false };
        let mut at = id;
        while let Some(parent) = syntax.get(at).parent {
            match syntax.kind(parent) {
                Kind::Select { default: Some(default), .. } if *default == at => place.is_fallback = true,
                Kind::If | Kind::Assert { .. } => {}
                Kind::Let { body, .. } | Kind::With { body } if *body == at => {}
                Kind::Apply { argument, .. } if *argument == at => {
                    let (function, _) = syntax.call(parent);
                    match syntax.function_name(function) {
                        Some("getExe" | "getExe'" | "getBin" | "makeBinPath" | "makeLibraryPath") => {
                            place.role = NixRole::Interpolated;
                            return place;
                        }
                        Some("hiPrio" | "lowPrio" | "toPythonApplication" | "mkDefault" | "mkForce" | "mkIf") => {}
                        _ => return place,
                    }
                }
                // `f a b`: the function of the outer call.
                Kind::Apply { .. } => {}
                Kind::Str { .. } | Kind::Path => {
                    place.role = NixRole::Interpolated;
                    return place;
                }
                Kind::List(_) => {
                    place.list = Some(syntax.get(parent).span.start);
                    place.role = list_role(reader, parent, layers);
                    let path = reader.owner(parent).path;
                    place.is_home = path.windows(2).any(|pair| pair[0].text == "home" && pair[1].text == "packages");
                    return place;
                }
                Kind::Set { .. } | Kind::Let { .. } => {
                    let owner = reader.owner(at);
                    place.defines = owner.dotted();
                    let is_argument = reader.called_with(parent).is_some_and(|(_, name)| METHODS.contains(&name));
                    place.role = match owner.last() {
                        "package" => NixRole::Package,
                        _ if is_argument => NixRole::Argument,
                        _ => NixRole::Other,
                    };
                    return place;
                }
                _ => return place,
            }
            at = parent;
        }
        place
    }
}

/// What the items of a list are for.
fn list_role(reader: &Reader<'_>, list: Id, layers: &Layers) -> NixRole {
    let syntax = &reader.syntax;
    let mut at = list;
    while let Some(parent) = syntax.get(at).parent {
        match syntax.kind(parent) {
            Kind::Binary { operator: Operator::Concat, .. } | Kind::Assert { .. } | Kind::If => {}
            Kind::Let { body, .. } | Kind::With { body } if *body == at => {}
            Kind::Apply { argument, .. } if *argument == at => {
                let (function, _) = syntax.call(parent);
                if !matches!(
                    syntax.function_name(function),
                    Some("optionals" | "mkIf" | "mkDefault" | "mkForce" | "flatten")
                ) {
                    return NixRole::Other;
                }
            }
            Kind::Lambda(_) => {
                let own = layers.around(reader, at).and_then(|layer| layers.all.get(layer));
                let is_own = own.is_some_and(|layer| {
                    layer.kind == crate::facts::NixLayerKind::WithPackages && layer.span == syntax.get(parent).span
                });
                return if is_own { NixRole::Dependency } else { NixRole::Other };
            }
            Kind::Set { .. } | Kind::Let { .. } => {
                let last = reader.owner(at).last().to_owned();
                return match last.as_str() {
                    name if INSTALLED.contains(&name) => NixRole::Installed,
                    name if DEPENDENCIES.contains(&name) => NixRole::Dependency,
                    _ => NixRole::Other,
                };
            }
            _ => return NixRole::Other,
        }
        at = parent;
    }
    NixRole::Other
}
