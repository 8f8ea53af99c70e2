//! Sources that no AMD target gets: blocks of CMake files that only builds for CUDA enter.

use super::Gap;
use crate::arch::Arch;
use crate::context::Context;
use crate::span::Place;

/// Sources that are named before the rest is counted.
const MOST_SOURCES: usize = 4;

/// The blocks of the project's CMake files, one gap each.
pub(super) fn cuda_only(cx: &Context<'_>, arch: Arch) -> Vec<Gap> {
    let name = cx.universe().name(arch);
    let mut gaps = Vec::new();
    for (file, _, facts) in cx.files().filter(|(file, ..)| cx.is_product(*file)) {
        for block in &facts.cuda_blocks {
            let named: Vec<&str> = block.sources.iter().take(MOST_SOURCES).map(String::as_str).collect();
            let rest = block.sources.len() - named.len();
            let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            let verb = if block.sources.len() == 1 { "is" } else { "are" };
            let why = format!(
                "optional, needs more than a list entry: {}{more} {verb} built for CUDA alone, so {name}, like every AMD target, goes without; port a source and take it out of this block where its operators are wanted",
                named.join(", ")
            );
            let at = Place { file, span: block.condition_span };
            gaps.push(Gap { at, layer: "build", why, edit: None, is_optional: true });
        }
    }
    gaps
}
