//! Requirement lists in the documentation.

use crate::arch::{Arch, ArchSet};
use crate::context::Context;
use crate::finding::Edit;
use crate::span::Place;

/// The edit that adds targets at the end of a requirement list, each with its product.
pub fn documented(cx: &Context<'_>, list: Place, targets: ArchSet) -> Edit {
    let text: String = targets.iter().map(|arch| format!(", {}", described(cx, arch))).collect();
    Edit::insert(list, end_of_list(cx, list), text)
}

/// `Instinct MI355X (gfx950)`.
fn described(cx: &Context<'_>, arch: Arch) -> String {
    let name = cx.universe().name(arch);
    cx.knowledge.arch(arch).products.first().map_or_else(|| name.to_owned(), |product| format!("{product} ({name})"))
}

/// Behind the list's last name, and the bracket that it stands in.
fn end_of_list(cx: &Context<'_>, at: Place) -> u32 {
    let rest = cx.workspace.sources().get(at.file).text().get(at.span.end as usize..).unwrap_or_default();
    at.span.end + u32::from(rest.starts_with(')'))
}
