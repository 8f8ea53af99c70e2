//! The YAML front end: lists of targets under keys, environment entries, and the scripts of CI files.

mod depth;
mod environment;
mod fallback;
mod scalar;
mod sequence;
mod walk;

#[cfg(test)]
mod tests;

use std::cell::RefCell;

use tree_sitter::{Parser, Tree};

use super::{Candidate, FrontEnd};
use crate::facts::{FileFacts, Gap};
use crate::span::Span;

/// The YAML front end.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "yaml",
    claims: |candidate: &Candidate<'_>| candidate.has_extension(&["yml", "yaml"]),
    words: &["gfx", "ROCM_ARCH", "GPU_ARCH"],
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
    let whole = Span::new(0, text.len());
    let parse = || -> Option<Tree> {
        PARSER.with_borrow_mut(|parser| parser.as_mut().and_then(|parser| parser.parse(text, None)))
    };
    match depth::is_parsable(text).then(parse).flatten() {
        Some(tree) => {
            for broken in walk::walk(text, &tree, facts) {
                fallback::scan(text, broken, facts);
            }
        }
        None => {
            facts.gaps.push(Gap { span: whole, what: "YAML of ordinary depth and length".to_owned() });
            fallback::scan(text, whole, facts);
        }
    }
}
