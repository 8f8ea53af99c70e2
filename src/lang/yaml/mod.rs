//! The YAML front end: services of Compose files, containers of Kubernetes objects, lists of targets under keys, and the
//! scripts of CI files.

mod compose;
mod depth;
mod document;
mod engine_config;
mod environment;
mod fallback;
mod kubernetes;
mod scalar;
mod sequence;
mod walk;

#[cfg(test)]
mod tests;

use std::cell::RefCell;

use tree_sitter::{Parser, Point, Range, Tree};

use super::interpolate::Syntax;
use super::{Candidate, FrontEnd, tree};
use crate::facts::{FileFacts, Gap, Home};
use crate::span::Span;
use document::Document;

/// Words of which a file must hold one: targets, and what runs on AMD GPUs.
const WORDS: &[&str] = &[
    "gfx",
    "ROCM_ARCH",
    "GPU_ARCH",
    "vllm",
    "VLLM",
    "rocm",
    "ROCM",
    "ROCR_",
    "HIP_VISIBLE",
    "/dev/kfd",
    "amd.com/gpu",
    // Options of vLLM's engine, as its configuration files have them.
    "dtype",
    "quantization",
    "tensor-parallel-size",
    "tensor_parallel_size",
    "max-model-len",
    "max_model_len",
    "memory-utilization",
    "memory_utilization",
    "attention-backend",
    "attention_backend",
    "swap-space",
    "swap_space",
];

/// The YAML front end.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "yaml",
    claims: |candidate: &Candidate<'_>| candidate.has_extension(&["yml", "yaml"]),
    words: WORDS,
    joined: Some(&["services:"]),
    extract,
    extract_callers: None,
};

thread_local! {
    static PARSER: RefCell<Option<Parser>> = RefCell::new(parser());
}

fn parser() -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_yaml::LANGUAGE.into()).ok()?;
    Some(parser)
}

fn extract(text: &str, facts: &mut FileFacts) {
    read(text, Span::new(0, text.len()), Home::default(), facts);
}

/// Reads YAML that stands in another file, from a line's start to a line's end. Spans are bytes of `text`.
pub(crate) fn extract_region(text: &str, region: Span, home: Home, facts: &mut FileFacts) {
    read(text, region, home, facts);
}

fn read(text: &str, region: Span, home: Home, facts: &mut FileFacts) {
    match parse(text, region) {
        Some(tree) => {
            let mut done = objects(text, &tree, home, facts);
            done.sort_unstable();
            engine_config::read(text, &tree, home, facts);
            for broken in walk::walk(text, &tree, home, &done, facts) {
                fallback::scan(text, broken, facts);
            }
        }
        None => {
            facts.gaps.push(Gap { span: region, what: "YAML of ordinary depth and length".to_owned() });
            fallback::scan(text, region, facts);
        }
    }
}

fn parse(text: &str, region: Span) -> Option<Tree> {
    // The lines before the region count as well.
    let lines_before = memchr::memchr_iter(b'\n', text.as_bytes().get(..region.range().start)?).count();
    if !depth::is_parsable(region.text(text), lines_before) {
        return None;
    }
    let start = Point { row: lines_before, column: 0 };
    let range = Range {
        start_byte: region.range().start,
        end_byte: region.range().end,
        start_point: start,
        end_point: Point { row: usize::MAX >> 33, column: 0 },
    };
    PARSER.with_borrow_mut(|parser| {
        let parser = parser.as_mut()?;
        let is_whole = region.range() == (0..text.len());
        parser.set_included_ranges(if is_whole { &[] } else { std::slice::from_ref(&range) }).ok()?;
        tree::parse(parser, text)
    })
}

/// Reads services and pods; returns the values that are read and need not be read again.
fn objects(text: &str, tree: &Tree, home: Home, facts: &mut FileFacts) -> Vec<Span> {
    let mut done = Vec::new();
    let holds = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if !(holds("services") || holds("apiVersion") && holds("ontainers")) {
        return done;
    }
    let is_broken = tree.root_node().has_error();
    let compose = Document::new(text, tree, Syntax::Compose, is_broken);
    let kubernetes = Document::new(text, tree, Syntax::Kubernetes, is_broken);
    for root in compose.roots(tree) {
        if kubernetes::is_object(&kubernetes, root) {
            done.extend(kubernetes::read(&kubernetes, root, home, facts));
        } else if compose::is_compose(&compose, root) {
            done.extend(compose::read(&compose, root, home, facts));
        }
    }
    done
}
