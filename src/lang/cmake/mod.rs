//! The CMake front end: lists of targets, conditions on them, and the sources that are built under those.

mod built;
mod command;
mod condition;
mod reader;
mod support;
mod variables;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

use super::{Candidate, FrontEnd, remarks};
use crate::facts::FileFacts;

/// The CMake front end.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "cmake",
    claims,
    words: &["gfx", "ROCM_ARCH", "GPU_ARCH", "GPU_TARGETS", "HIP_ARCH", "SUPPORTED_ARCH", "DESTINATION"],
    joined: None,
    extract,
    extract_callers: None,
};

fn claims(candidate: &Candidate<'_>) -> bool {
    candidate.name == "CMakeLists.txt" || candidate.has_extension(&["cmake"]) || candidate.name.ends_with(".cmake.in")
}

fn extract(text: &str, facts: &mut FileFacts) {
    let source = command::split(text);
    facts.gaps.extend(source.gaps);
    for comment in source.comments {
        remarks::comment(text, comment, facts);
    }
    built::read(text, &source.commands, &mut facts.built);
    reader::read(text, &source.commands, facts);
}
