//! Protocol Buffers: a build makes Python modules of them.

use super::{Candidate, FrontEnd};
use crate::facts::FileFacts;

/// The front end for `.proto` files; what they generate is named by [`crate::modules`], from the file's name.
pub static FRONT_END: FrontEnd =
    FrontEnd { language: "proto", claims, words: &[], joined: None, extract, extract_callers: None };

fn claims(candidate: &Candidate<'_>) -> bool {
    candidate.has_extension(&["proto"])
}

fn extract(_: &str, _: &mut FileFacts) {}
