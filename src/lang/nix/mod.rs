//! The Nix front end: packages and overrides, overlays, modules with units and containers, flakes, scripts in strings.

mod calls;
mod containers;
mod derivations;
mod layers;
mod lower;
mod modules;
mod package;
mod reader;
mod references;
mod scripts;
mod settings;
mod sources;
mod syntax;
#[cfg(test)]
mod tests;
mod units;
mod value;

use std::cell::RefCell;
use std::sync::LazyLock;

use tree_sitter::Parser;

use self::layers::Layers;
use self::reader::Reader;
use self::scripts::Shell;
use self::syntax::{Attr, Kind};
use super::{Candidate, FrontEnd, Words, remarks};
use crate::facts::{FileFacts, Gap, Home, NixConfig, NixFile};
use crate::span::Span;
use crate::timings::{Phase, spend};

/// Words of which a file must hold one to be parsed.
const WORDS: &[&str] = &[
    "rocm",
    "Rocm",
    "ROCM",
    "ROCR_",
    "gfx",
    "torch",
    "vllm",
    "VLLM",
    "amdgpu",
    "HIP_",
    "HSA_",
    "/dev/kfd",
    "gpuTargets",
    "GpuTargets",
    "amd.com/gpu",
    "AMDGPU",
    // UUIDs of GPUs.
    "GPU-",
    // Which package set homes get.
    "useGlobalPkgs",
    // What puts systems together from the files of a repository.
    "nixosSystem",
    "homeManagerConfiguration",
];
/// Larger files are generated, in bytes.
const LARGEST: usize = 1 << 20;

/// Nix files. All of them are looked at for the files that they import; [`extract`] parses those that hold a word.
pub static FRONT_END: FrontEnd =
    FrontEnd { language: "nix", claims, words: WORDS, joined: None, extract, extract_callers: None };

fn claims(candidate: &Candidate<'_>) -> bool {
    // A container file that builds with Nix.
    candidate.has_extension(&["nix"]) && !super::dockerfile::is_named_for_nix(candidate)
}

thread_local! {
    static PARSER: RefCell<Option<Parser>> = RefCell::new(parser());
}

fn parser() -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_nix::LANGUAGE.into()).ok()?;
    Some(parser)
}

/// Notes which files an unparsed file imports.
pub fn outline(text: &str, facts: &mut FileFacts) {
    if facts.nix.is_none() && text.len() <= LARGEST {
        let mut nix = NixFile::default();
        sources::outline(text, &mut nix);
        if !nix.imports.is_empty() || nix.reads_folders {
            facts.nix = Some(nix);
        }
    }
}

fn extract(text: &str, facts: &mut FileFacts) {
    if text.len() > LARGEST {
        let what = "a Nix file of less than 1 MiB".to_owned();
        facts.gaps.push(Gap { span: Span::new(0, 0), what });
        return;
    }
    let tree = PARSER.with_borrow_mut(|parser| spend(Phase::Parse, || parser.as_mut()?.parse(text, None)));
    let Some(tree) = tree else { return };
    comments(text, tree.root_node(), facts);
    let reader = Reader::new(text, lower::lower(text, &tree));
    let is_empty = text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    if !reader.syntax.is_whole && !is_empty {
        facts.gaps.push(Gap { span: broken(&tree, text), what: "a Nix expression".to_owned() });
    }
    facts.nix = Some(NixFile::default());
    read(&reader, facts);
}

fn read(reader: &Reader<'_>, facts: &mut FileFacts) {
    let layers = Layers::of(reader);
    let configs = configs(reader, facts);
    let config_of = |settings: usize| configs.iter().position(|known| *known == settings);
    let references = references::references(reader, &layers, &config_of);
    let mut done = Vec::new();
    for module in modules::modules(reader) {
        done.extend(units::read(reader, &module, facts));
        containers::read(reader, &module, facts);
        settings::read(reader, &module, facts);
        for leaf in module.leaves.iter().filter(|leaf| scripts::is_script(leaf.last())) {
            script(reader, leaf.value, &mut done, facts);
        }
    }
    for id in scripts::written(reader) {
        script(reader, id, &mut done, facts);
    }
    settings::loose(reader, facts);
    let nix = facts.nix.get_or_insert_default();
    nix.references = references;
    nix.merges = layers::merges(reader, &layers);
    nix.layers = layers.all;
    nix.derivations = derivations::derivations(reader);
    sources::read(reader, nix);
}

/// Reads a script once.
fn script(reader: &Reader<'_>, id: usize, done: &mut Vec<usize>, facts: &mut FileFacts) {
    let stripped = reader.strip(id);
    if !done.contains(&stripped) {
        done.push(stripped);
        Shell::of(reader, id).extract(reader.text, Home::default(), facts);
    }
}

/// The configurations of package sets that the file makes; returns the arguments of each.
fn configs(reader: &Reader<'_>, facts: &mut FileFacts) -> Vec<usize> {
    let mut found = Vec::new();
    for id in 0..reader.syntax.exprs.len() {
        let (function, arguments) = reader.syntax.call(id);
        if let (Some("import"), [_, given]) = (reader.syntax.function_name(function), arguments.as_slice()) {
            let fields = reader.fields(*given);
            let config = fields.get("config").map(|config| reader.fields(config.value));
            let (mut arguments, is_open) = match &config {
                Some(config) => (reader.arguments(config, 0), config.is_open || fields.is_open),
                None => (Vec::new(), fields.is_open),
            };
            let dotted =
                fields.all.iter().filter(|field| matches!(field.path.as_slice(), [first, _] if first.text == "config"));
            arguments.extend(dotted.map(|field| reader.argument(field)));
            found.push(*given);
            let is_default = is_default(reader, id);
            let configs = &mut facts.nix.get_or_insert_default().configs;
            let imports = config.map(|config| config.imports).unwrap_or_default();
            configs.push(NixConfig { is_open, imports, is_default, ..NixConfig::part(arguments) });
        }
    }
    found
}

/// Whether a package set is bound to `pkgs`, handed on as that, or calls the functions of other files.
fn is_default(reader: &Reader<'_>, set: usize) -> bool {
    let owner = reader.owner(set);
    if matches!(owner.last(), "" | "pkgs") {
        return true;
    }
    let is_set = |id: usize| reader.strip(id) == set;
    reader.syntax.exprs.iter().any(|expr| match &expr.kind {
        Kind::Set { bindings } | Kind::Let { bindings, .. } => {
            let of_pkgs = bindings
                .iter()
                .filter(|binding| binding.path.last().and_then(Attr::name).is_some_and(|name| name.text == "pkgs"));
            of_pkgs.into_iter().any(|binding| is_set(binding.value))
        }
        Kind::Select { base, path, .. } => {
            let first = path.first().and_then(Attr::name).map(|name| name.text.as_str());
            matches!(first, Some("callPackage" | "callPackages" | "newScope" | "callPackageWith")) && is_set(*base)
        }
        _ => false,
    })
}

/// Comments that name targets.
fn comments(text: &str, root: tree_sitter::Node<'_>, facts: &mut FileFacts) {
    static GFX: LazyLock<Words> = LazyLock::new(|| Words::new(&["gfx"]));
    if !GFX.is_match(text.as_bytes()) {
        return;
    }
    let mut cursor = root.walk();
    let mut goes_up = false;
    loop {
        if !goes_up && cursor.node().kind() == "comment" {
            remarks::comment(text, Span::of(cursor.node()), facts);
        }
        if !goes_up && cursor.goto_first_child() || cursor.goto_next_sibling() {
            goes_up = false;
        } else if cursor.goto_parent() {
            goes_up = true;
        } else {
            return;
        }
    }
}

/// The first region that does not parse.
fn broken(tree: &tree_sitter::Tree, text: &str) -> Span {
    let mut node = tree.root_node();
    while node.has_error() && !node.is_error() {
        let mut cursor = node.walk();
        let Some(next) = node.children(&mut cursor).find(|child| child.has_error() || child.is_missing()) else {
            break;
        };
        node = next;
    }
    let span = Span::of(node);
    let end = span.text(text).find('\n').map_or(span.range().end, |at| span.range().start + at);
    Span::new(span.range().start, end)
}
