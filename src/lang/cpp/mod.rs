//! C++, HIP and CUDA sources: device guards of the preprocessor, and host code that tests the target's name.
//!
//! A hand-written scanner instead of a grammar: guards are preprocessor text, which C++ grammars parse poorly, and the
//! sources are large. What is read is the file alone; nothing is included or expanded.

mod atoms;
mod bindings;
mod boolean;
mod brackets;
mod chains;
mod condition;
mod directives;
mod guards;
mod host;
mod lex;
mod macros;
mod predicates;
mod prose;
mod stored;
mod structure;
mod stubs;

#[cfg(test)]
mod tests;

use super::{Candidate, FrontEnd};
use crate::facts::FileFacts;

/// The front end for C++, HIP and CUDA.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "cpp",
    claims,
    words: &["gfx", "_GFX", bindings::WORD],
    joined: None,
    extract,
    extract_callers: None,
};

const EXTENSIONS: &[&str] = &["cu", "cuh", "cpp", "cc", "cxx", "h", "hpp", "hip", "c", "inl"];

fn claims(candidate: &Candidate<'_>) -> bool {
    candidate.has_extension(EXTENSIONS)
}

fn extract(text: &str, facts: &mut FileFacts) {
    let lexed = lex::lex(text);
    let mut source = lex::Source { text, tokens: lexed.tokens };
    let directives = directives::without_dead_code(&mut source);
    let chains = chains::build(&source, &directives);
    let structure = structure::read(&source, &directives, &chains);
    guards::extract(&source, &directives, &chains, &structure, facts);
    host::extract(&source, &chains, &structure, facts);
    prose::extract(&source, &directives, &lexed.comments, facts);
    if text.contains(bindings::WORD) {
        bindings::extract(&source, &directives, facts);
    }
}
