//! Other files, where package sets come from, and names that nothing binds.

use super::reader::Reader;
use super::syntax::{Attr, Bound, Id, Kind};
use crate::facts::{NixFile, NixImport, NixName, NixPin, NixValue};
use crate::span::Span;

/// Calls that put a system together from modules.
const SYSTEMS: &[&str] = &["modules", "extraModules"];
/// Parameters that tell that a function builds a package.
const BUILDING: &[&str] = &[
    "stdenv",
    "buildPythonPackage",
    "fetchFromGitHub",
    "fetchurl",
    "fetchpatch",
    "buildGoModule",
    "symlinkJoin",
    "cmake",
];
/// Attributes that fix what is fetched from an address.
const FIXING: &[&str] = &["rev", "narHash", "sha256", "hash"];
/// An overlay that packages for ROCm came from before nixpkgs had them.
const ROCM_OVERLAY: &str = "nixos-rocm";
/// A file's own value is worked out where it has so many attributes at most.
const SMALL: usize = 200;

/// Reads them.
pub(super) fn read(reader: &Reader<'_>, nix: &mut NixFile) {
    for id in 0..reader.syntax.exprs.len() {
        match reader.syntax.kind(id) {
            Kind::Path => {
                nix.imports.extend(import(reader, id));
                named_overlay(reader.slice(id), nix);
            }
            Kind::SearchPath => {
                let source = reader.slice(id).to_owned();
                let is_nixpkgs =
                    matches!(source.as_str(), "<nixpkgs>" | "<nixos>" | "<nixpkgs-unstable>" | "<nixos-unstable>");
                let is_called = reader.called_with(id).is_some_and(|(_, name)| name == "import");
                if is_nixpkgs && is_called {
                    let span = reader.syntax.get(id).span;
                    nix.pins.push(NixPin { source, span, is_input: false, is_fixed: false });
                }
            }
            Kind::Str { .. } | Kind::Uri => nix.pins.extend(address(reader, id)),
            Kind::Var(name) => {
                unbound(reader, id, name, nix);
                named_overlay(name, nix);
            }
            Kind::Select { path, .. } => {
                path.iter().filter_map(Attr::name).for_each(|name| named_overlay(&name.text, nix));
                known_option(path, nix);
            }
            Kind::Lambda(lambda) => {
                let names: Vec<&str> = lambda.formals.iter().flatten().map(|(name, _)| name.text.as_str()).collect();
                if names.iter().any(|name| BUILDING.contains(name)) {
                    nix.known_names.extend(names.into_iter().filter(|name| is_gpu_name(name)).map(str::to_owned));
                }
            }
            _ => {}
        }
    }
    nix.reads_folders = reads_folders(reader.text);
    nix.known_names.sort();
    nix.known_names.dedup();
    nix.value = own_value(reader);
}

/// Whether a name is about GPUs.
pub(super) fn is_gpu_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["rocm", "gpu", "gfx", "hip", "cuda", "acceleration"].iter().any(|part| lower.contains(part))
}

/// The overlay of 2020 that read settings which nixpkgs never had, by whatever it is called.
fn named_overlay(name: &str, nix: &mut NixFile) {
    if name.to_ascii_lowercase().replace('_', "-").contains(ROCM_OVERLAY) {
        nix.known_names.push(ROCM_OVERLAY.to_owned());
    }
}

/// `config.rocmTargets` that something reads.
fn known_option(path: &[Attr], nix: &mut NixFile) {
    let names: Vec<&str> = path.iter().filter_map(Attr::name).map(|name| name.text.as_str()).collect();
    if let Some(last) = names.last().filter(|name| is_gpu_name(name)) {
        nix.known_names.push(format!("config.{last}"));
    }
}

fn unbound(reader: &Reader<'_>, id: Id, name: &str, nix: &mut NixFile) {
    let expr = reader.syntax.get(id);
    let is_in_text = expr.span.range().len() == name.len();
    if reader.syntax.is_whole && is_in_text && reader.syntax.lookup(expr.scope, name) == Bound::Nothing {
        nix.unbound.push(NixName { name: name.to_owned(), span: expr.span });
    }
}

fn import(reader: &Reader<'_>, id: Id) -> Option<NixImport> {
    let path = reader.slice(id);
    let is_literal = path.starts_with('.') && !path.contains("${");
    let is_nix =
        path.ends_with(".nix") || !path.rsplit('/').next().unwrap_or_default().trim_start_matches('.').contains('.');
    (is_literal && is_nix).then(|| NixImport {
        path: path.to_owned(),
        span: reader.syntax.get(id).span,
        system: system_of(reader, id),
    })
}

/// The list of modules that an expression stands in.
fn system_of(reader: &Reader<'_>, id: Id) -> Option<u32> {
    let syntax = &reader.syntax;
    let mut at = id;
    while let Some(parent) = syntax.get(at).parent {
        if let Kind::Set { .. } = syntax.kind(parent) {
            let own = syntax.binding_of(at);
            let name = own.and_then(|binding| binding.path.last()).and_then(Attr::name);
            if name.is_some_and(|name| SYSTEMS.contains(&name.text.as_str())) {
                return Some(syntax.get(parent).span.start);
            }
        }
        at = parent;
    }
    None
}

/// The address of a nixpkgs in a string.
fn address(reader: &Reader<'_>, id: Id) -> Option<NixPin> {
    let span = reader.inner(id);
    let source = span.text(reader.text);
    let is_address =
        ["github:", "https://", "git+", "http://", "flake:", "path:"].iter().any(|start| source.starts_with(start));
    let lower = source.to_ascii_lowercase();
    let is_set = lower.contains("nixpkgs") || lower.contains("nixos-rocm") || lower.contains("channels.nixos.org");
    if !is_set || source.contains("/issues/") || source.contains("/pull/") || source.contains("/blob/") {
        return None;
    }
    let owner = reader.owner(id);
    let is_input = owner.path.iter().any(|name| name.text == "inputs");
    // `nixpkgs/nixos-unstable` is looked up in the registry; an input may be written by its parts.
    let is_entry = is_input
        && match owner.last() {
            "url" => source.split('/').next() == Some("nixpkgs"),
            "repo" => source == "nixpkgs",
            _ => false,
        };
    let is_fetched = reader.called_with(id).is_some_and(|(_, name)| name.starts_with("fetch") || name == "getFlake")
        || owner.last() == "url";
    let is_pin = is_entry || is_address && (is_input || is_fetched);
    is_pin.then(|| NixPin { source: source.to_owned(), span, is_input, is_fixed: is_fixed(reader, id) })
}

/// Whether a revision or a hash stands beside an address: in its own set, and under its own name there.
fn is_fixed(reader: &Reader<'_>, id: Id) -> bool {
    let Some(own) = reader.syntax.binding_of(id) else { return false };
    let Some(Kind::Set { bindings }) = reader.syntax.get(id).parent.map(|set| reader.syntax.kind(set)) else {
        return false;
    };
    let names = |path: &[Attr]| path.iter().map(|attr| attr.name().map(|name| name.text.clone())).collect::<Vec<_>>();
    let (own, length) = (names(&own.path), own.path.len().saturating_sub(1));
    bindings.iter().any(|binding| {
        let path = names(&binding.path);
        let last = path.last().and_then(Option::as_deref).unwrap_or_default();
        path.len() == length + 1 && path.starts_with(&own[..length]) && FIXING.contains(&last)
    })
}

/// What the file amounts to.
fn own_value(reader: &Reader<'_>) -> NixValue {
    let Some(root) = reader.syntax.root else { return NixValue::Unknown };
    let root = reader.strip(root);
    match reader.syntax.kind(root) {
        Kind::Set { bindings } if bindings.len() <= SMALL => reader.value(root),
        Kind::List(items) if items.len() <= SMALL => reader.value(root),
        Kind::Str { .. } => reader.value(root),
        Kind::Lambda(lambda) => {
            // `{ lib, ... }: { targets = [ ... ]; }`
            let body = reader.strip(lambda.body);
            match reader.syntax.kind(body) {
                Kind::Set { bindings } if bindings.len() <= SMALL => {
                    let fields = reader.fields(body);
                    let simple = reader.arguments(&fields, 0);
                    let kept = simple.into_iter().filter(|argument| {
                        is_gpu_name(&argument.name) || argument.name.to_ascii_lowercase().contains("target")
                    });
                    let kept: Vec<_> = kept.collect();
                    if kept.is_empty() { NixValue::Unknown } else { NixValue::Set(kept, true) }
                }
                _ => NixValue::Unknown,
            }
        }
        _ => NixValue::Unknown,
    }
}

/// Whether a file imports what a folder happens to hold.
fn reads_folders(text: &str) -> bool {
    ["readDir", "import-tree", "listFilesRecursive", "haumea", "findModules", "mapModules"]
        .iter()
        .any(|name| memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some())
}

/// Paths of other Nix files in a text that is not parsed, as they stand in lists of imports.
pub(super) fn outline(text: &str, nix: &mut NixFile) {
    nix.reads_folders = reads_folders(text);
    let bytes = text.as_bytes();
    for at in memchr::memmem::find_iter(bytes, b"./") {
        // `../x`: the path starts at the first dot of the first pair.
        let mut start = at;
        while start > 0 && matches!(bytes[start - 1], b'.' | b'/') {
            start -= 1;
        }
        let before = start.checked_sub(1).map(|index| bytes[index]);
        let is_start = before.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'[' | b'(' | b'='));
        let is_first = bytes.get(start..at + 1).is_some_and(|dots| dots.len() <= 2 || dots.starts_with(b".."));
        if !is_start || !is_first || nix.imports.last().is_some_and(|last| last.span.end as usize > start) {
            continue;
        }
        let is_path = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'/');
        let length = bytes[start..].iter().take_while(|byte| is_path(byte)).count();
        let span = Span::new(start, start + length);
        let path = span.text(text);
        let name = path.rsplit('/').next().unwrap_or_default();
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = &text[line_start..start];
        let is_comment = line.starts_with('#') || line.contains(" #") || line.contains("\t#");
        if !is_comment && (name.ends_with(".nix") || !name.trim_start_matches('.').contains('.')) {
            nix.imports.push(NixImport { path: path.to_owned(), span, system: None });
        }
    }
}
