//! GFX407: images that are not built for the target that they declare.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{ArchListUse, ImageFacts};
use crate::finding::{Applicability, Edit, Finding};
use crate::rules::Findings;

/// Compares the target that an image declares with the list that its vLLM is built for.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = BTreeSet::new();
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes()) {
        let Some(list) = image.vllm_targets() else { continue };
        if let Some(finding) = judge(cx, out, image, list).filter(|_| seen.insert(list.at)) {
            out.push(finding);
        }
    }
}

fn judge(cx: &Context<'_>, out: &Findings, image: &ImageFacts<'_>, list: &ArchListUse<'_>) -> Option<Finding> {
    let declared = image.declared;
    let missing = declared.set.difference(list.targets);
    // Several targets, or one of which some parts are built for, say nothing certain.
    let is_open = list.written.iter().any(|item| item == "native" || item.contains("generic") || item == "all");
    if declared.is_unknown() || declared.set.len() != 1 || missing.is_empty() || is_open || list.targets.is_empty() {
        return None;
    }
    let name = cx.universe().list(missing);
    let built = list.written.join(";");
    let message = format!(
        "This image says that it is for {name}, but vLLM is built for {built}: on {name} the first kernel stops with \"invalid device function\"."
    );
    let severity = if declared.is_guess() { out.severity().lowered() } else { out.severity() };
    let mut finding = out
        .finding(list.at, message)
        .severity(severity)
        .label(format!("no {name}"))
        .help(format!("add {name} to {}", list.setting.name))
        .data("arch", cx.universe().names(missing));
    if let Some(at) = declared.at {
        finding = finding.related(at, format!("declares {name}"));
    }
    let separator = if list.written.len() > 1 && built.contains(',') { "," } else { ";" };
    let edit = Edit::insert(list.at, list.at.span.end, format!("{separator}{name}"));
    Some(finding.fix(format!("Add {name}"), Applicability::Unsafe, vec![edit]))
}
