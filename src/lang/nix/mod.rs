//! The Nix front end: packages and overrides, overlays, modules with units and containers, flakes, scripts in strings.

mod calls;
mod configs;
mod containers;
mod derivations;
mod files;
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
mod users;
mod value;

use std::cell::RefCell;
use std::sync::LazyLock;

use tree_sitter::{Parser, Tree};

use self::layers::Layers;
use self::reader::Reader;
use self::scripts::Shell;
use super::{Candidate, FrontEnd, Words, remarks, tree};
use crate::facts::{FileFacts, Gap, Home, NixFile};
use crate::span::Span;

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
    // Who may open GPUs.
    "extraGroups",
    // Which package set homes get.
    "useGlobalPkgs",
    // What puts systems together from the files of a repository.
    "nixosSystem",
    "homeManagerConfiguration",
];
/// Larger files are generated, in bytes.
const LARGEST: usize = 1 << 20;
/// Words that only files about AMD GPUs and vLLM hold; generated package sets of any language hold words such as `torch`.
const TELLING: &[&str] =
    &["rocmPackages", "rocmSupport", "gpuTargets", "GpuTargets", "PYTORCH_ROCM_ARCH", "vllm", "ROCR_", "HSA_"];

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
        static TOLD: LazyLock<Words> = LazyLock::new(|| Words::new(TELLING));
        if TOLD.is_match(text.as_bytes()) {
            let what = "a Nix file of less than 1 MiB".to_owned();
            facts.gaps.push(Gap { span: Span::new(0, 0), what });
        }
        return;
    }
    let Some(tree) = parse(text) else {
        facts.gaps.push(Gap { span: Span::new(0, 0), what: "a Nix expression of ordinary shape".to_owned() });
        return;
    };
    comments(text, tree.root_node(), facts);
    let reader = Reader::new(text, lower::lower(text, &tree));
    let is_empty = text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    if !reader.syntax.is_whole && !is_empty {
        facts.gaps.push(Gap { span: broken(&tree, text), what: "a Nix expression".to_owned() });
    }
    facts.nix = Some(NixFile::default());
    read(&reader, facts);
}

/// Parses a file. The grammar does not know `|>` and `<|`: an operator of the same length and about the same precedence
/// stands for them, so that all other expressions are read where they are.
fn parse(text: &str) -> Option<Tree> {
    let parsed = |text: &str| PARSER.with_borrow_mut(|parser| tree::parse(parser.as_mut()?, text));
    let tree = parsed(text)?;
    let has_pipe = || ["|>", "<|"].iter().any(|pipe| text.contains(pipe));
    if !tree.root_node().has_error() || !has_pipe() {
        return Some(tree);
    }
    let plain = text.replace("|>", "->").replace("<|", "->");
    let again = parsed(&plain).filter(|again| !again.root_node().has_error());
    Some(again.unwrap_or(tree))
}

fn read(reader: &Reader<'_>, facts: &mut FileFacts) {
    let layers = Layers::of(reader);
    let configs = configs::read(reader, facts);
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
    nix.users = users::users(reader);
    nix.parameters = files::parameters(reader);
    nix.calls = files::calls(reader);
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
fn broken(tree: &Tree, text: &str) -> Span {
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
