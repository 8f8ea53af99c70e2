//! Functions that get a package set: overlays, `packageOverrides`, `withPackages (ps: [ ... ])`.

use std::collections::BTreeMap;

use super::reader::Reader;
use super::syntax::{Attr, Bound, Id, Kind, Lambda, Name, Operator};
use crate::facts::{NixLayer, NixLayerKind, NixMerge, NixName};
use crate::span::Span;

/// Functions that put overlays together.
const COMPOSERS: &[&str] = &["composeExtensions", "composeManyExtensions", "toExtension", "foldr", "foldl'"];
/// What the package set with all changes is called, and the one before a change.
const LAST: &[&str] = &["final", "self", "fin", "selfpkgs"];
const PREVIOUS: &[&str] = &["prev", "super", "previous", "old", "orig", "superpkgs"];

/// The layers of a file, and the function that each is.
pub(super) struct Layers {
    pub all: Vec<NixLayer>,
    /// Index by function.
    by_lambda: BTreeMap<Id, usize>,
}

impl Layers {
    /// Finds them.
    pub fn of(reader: &Reader<'_>) -> Self {
        let mut layers = Self { all: Vec::new(), by_lambda: BTreeMap::new() };
        let referenced = referenced(reader);
        for id in 0..reader.syntax.exprs.len() {
            if let Kind::Lambda(lambda) = reader.syntax.kind(id)
                && let Some(layer) = layer(reader, id, lambda, &referenced)
            {
                let parent = layers.around(reader, id);
                layers.by_lambda.insert(id, layers.all.len());
                layers.all.push(NixLayer { parent, ..layer });
            }
        }
        layers
    }

    /// The innermost layer around an expression.
    pub fn around(&self, reader: &Reader<'_>, id: Id) -> Option<usize> {
        let mut at = reader.syntax.get(id).parent;
        while let Some(parent) = at {
            if let Some(layer) = self.by_lambda.get(&parent) {
                return Some(*layer);
            }
            at = reader.syntax.get(parent).parent;
        }
        None
    }
}

/// Package sets that `//` changes and that keep their name.
pub(super) fn merges(reader: &Reader<'_>, layers: &Layers) -> Vec<NixMerge> {
    let merge = |id: Id| {
        let Kind::Binary { operator: Operator::Update, left, right } = reader.syntax.kind(id) else { return None };
        let package = reader.reference(*left)?;
        let owner = reader.owner(id);
        let defines = owner.path.last()?;
        let keeps_name = package.path.len() > 1 && package.path.last() == Some(&defines.text);
        let names = reader.fields(*right).all.into_iter().filter_map(|field| field.path.into_iter().next());
        keeps_name.then(|| NixMerge {
            path: package.path.clone(),
            span: package.name,
            defines: NixName { name: defines.text.clone(), span: defines.span },
            names: names.map(|name| NixName { name: name.text, span: name.span }).collect(),
            layer: layers.around(reader, id),
        })
    };
    (0..reader.syntax.exprs.len()).filter_map(merge).collect()
}

/// The values of variables that some expression names.
fn referenced(reader: &Reader<'_>) -> Vec<Id> {
    let syntax = &reader.syntax;
    let mut found: Vec<Id> = syntax
        .exprs
        .iter()
        .filter_map(|expr| match &expr.kind {
            Kind::Var(name) => match syntax.lookup(expr.scope, name) {
                Bound::To(value) => Some(value),
                _ => None,
            },
            _ => None,
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn layer(reader: &Reader<'_>, id: Id, lambda: &Lambda, referenced: &[Id]) -> Option<NixLayer> {
    let first = lambda.parameter.as_ref().filter(|_| lambda.formals.is_none())?;
    let place = Place::of(reader, id, referenced);
    let second = match reader.syntax.kind(lambda.body) {
        Kind::Lambda(inner) if inner.formals.is_none() => inner.parameter.as_ref().map(|name| (name, inner.body)),
        _ => None,
    };
    let kind = match (place.kind, second) {
        (Some(NixLayerKind::WithPackages), None) => NixLayerKind::WithPackages,
        (Some(kind), Some(_)) if kind != NixLayerKind::WithPackages => kind,
        (None, Some((second, _))) if are_overlay_names(first, second) => NixLayerKind::Overlay,
        _ => return None,
    };
    let body = second.map_or(lambda.body, |(_, body)| body);
    let names = match kind {
        NixLayerKind::WithPackages => Vec::new(),
        _ => reader.fields(body).all.into_iter().filter_map(|field| field.path.into_iter().next()).collect(),
    };
    let names = names.into_iter().map(|name: Name| NixName { name: name.text, span: name.span }).collect();
    let parameters = second.map_or(first.span, |(second, _)| first.span.hull(second.span));
    Some(NixLayer {
        kind,
        span: reader.syntax.get(id).span,
        anchor: place.anchor.unwrap_or(parameters),
        last: Some(first.text.clone()),
        previous: second.map(|(name, _)| name.text.clone()),
        of: place.of,
        names,
        parent: None,
        variable: place.variable,
        is_used: place.is_used,
        is_file: reader.syntax.root.is_some_and(|root| reader.strip(root) == id),
    })
}

fn are_overlay_names(first: &Name, second: &Name) -> bool {
    let is_one = |name: &Name, list: &[&str]| {
        let lower = name.text.trim_start_matches('_').to_ascii_lowercase();
        list.iter().any(|known| lower == *known || lower.ends_with(known) || lower.starts_with(known))
    };
    // An unused parameter is called `_`.
    let is_first = first.text == "_" || is_one(first, LAST);
    is_first && (is_one(second, PREVIOUS) || second.text == "pkgs") || second.text == "_" && is_one(first, LAST)
}

/// Where a function stands.
#[derive(Default)]
struct Place {
    kind: Option<NixLayerKind>,
    of: Vec<String>,
    anchor: Option<Span>,
    variable: Option<String>,
    is_used: bool,
}

impl Place {
    fn of(reader: &Reader<'_>, id: Id, referenced: &[Id]) -> Self {
        let syntax = &reader.syntax;
        let mut place = Self { is_used: true, ..Self::default() };
        let mut at = id;
        while let Some(parent) = syntax.get(at).parent {
            match syntax.kind(parent) {
                Kind::Apply { argument, .. } if *argument == at => {
                    let (function, _) = syntax.call(parent);
                    let name = syntax.function_name(function).unwrap_or_default();
                    if COMPOSERS.contains(&name) {
                        at = parent;
                        continue;
                    }
                    place.called(reader, function, name);
                    return place;
                }
                // The rest of a call that puts overlays together.
                Kind::Apply { .. } | Kind::List(_) | Kind::Assert { .. } | Kind::If => {}
                Kind::Binary { operator: Operator::Concat, .. } => {}
                Kind::Let { body, .. } | Kind::With { body } if *body == at => {}
                Kind::Let { .. } | Kind::Set { .. } => {
                    if let Some(binding) = syntax.binding_of(at) {
                        let names: Vec<&Name> = binding.path.iter().filter_map(Attr::name).collect();
                        let is_variable = matches!(syntax.kind(parent), Kind::Let { .. });
                        place.bound(reader, &names, parent, is_variable);
                        let is_named = || {
                            let top = reader.owner(at);
                            referenced.binary_search(&at).is_ok()
                                || !top.is_variable
                                || referenced.binary_search(&top.top).is_ok()
                        };
                        place.is_used = if is_variable { referenced.binary_search(&at).is_ok() } else { is_named() };
                    }
                    return place;
                }
                _ => return place,
            }
            at = parent;
        }
        place
    }

    /// The function is an argument.
    fn called(&mut self, reader: &Reader<'_>, function: Id, name: &str) {
        self.kind = match name {
            "withPackages" | "buildEnv" => Some(NixLayerKind::WithPackages),
            "overrideScope" | "overrideScope'" => Some(NixLayerKind::Scope),
            "extend" | "appendOverlays" => Some(NixLayerKind::Overlay),
            _ => None,
        };
        if let (Some(_), Kind::Select { base, path, .. }) = (self.kind, reader.syntax.kind(function)) {
            self.of = reader.reference(*base).map(|package| package.path).unwrap_or_default();
            let own = path.iter().rev().skip(1).rev().filter_map(Attr::name).map(|name| name.text.clone());
            self.of.extend(own);
        }
    }

    /// The function is a value.
    fn bound(&mut self, reader: &Reader<'_>, names: &[&Name], set: Id, is_variable: bool) {
        let Some(last) = names.last() else { return };
        self.anchor = Some(last.span);
        self.variable = is_variable.then(|| last.text.clone());
        self.kind = match last.text.as_str() {
            "packageOverrides" => Some(NixLayerKind::PackageOverrides),
            "overrides" => Some(NixLayerKind::Overrides),
            "pythonPackagesExtensions" => Some(NixLayerKind::Extension),
            name if name.to_ascii_lowercase().contains("overlay") => Some(NixLayerKind::Overlay),
            _ if names.iter().any(|name| name.text == "overlays") => Some(NixLayerKind::Overlay),
            _ => None,
        };
        // `x.override { packageOverrides = ...; }`
        if let Some((function, "override")) = reader.called_with(set)
            && let Kind::Select { base, path, .. } = reader.syntax.kind(function)
        {
            self.of = reader.reference(*base).map(|package| package.path).unwrap_or_default();
            self.of.extend(path.iter().rev().skip(1).rev().filter_map(Attr::name).map(|name| name.text.clone()));
        }
    }
}
