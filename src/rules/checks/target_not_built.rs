//! GFX407: images that are not built for the target that they declare.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{ArchListUse, Built, ImageFacts};
use crate::facts::{SettingKind, Text};
use crate::finding::{Applicability, Edit, Finding};
use crate::rules::Findings;
use crate::workspace::arch_list;

/// Build arguments that become the list of vLLM's build.
const ARGUMENTS: &[&str] = &["PYTORCH_ROCM_ARCH", "ARG_PYTORCH_ROCM_ARCH", "ROCM_ARCH", "GPU_ARCH", "GFX"];
/// Variables with targets for other parts of an image, which are to be the same. AITER's, MORI's and DeepEP's are not
/// among them: those are for some targets on purpose.
const TWINS: &[&str] =
    &["PYTORCH_ROCM_ARCH", "AMDGPU_TARGETS", "GPU_TARGETS", "HIP_ARCHITECTURES", "CMAKE_HIP_ARCHITECTURES"];

/// Compares the target that an image declares with the list that its vLLM is built for.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = BTreeSet::new();
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes()) {
        let Some(list) = image.vllm_targets() else { continue };
        if let Some(finding) = judge(cx, out, image, list).filter(|_| seen.insert(list.at)) {
            out.push(finding);
        }
        out.push_some(contradiction(cx, out, image, list).filter(|finding| seen.insert(finding.at)));
    }
    for built in cx.joins().builds().all() {
        out.push_some(by_argument(cx, out, built).filter(|finding| seen.insert(finding.at)));
    }
}

/// A build argument with a list that lacks the target of the image's own name.
fn by_argument(cx: &Context<'_>, out: &Findings, built: &Built<'_>) -> Option<Finding> {
    let step = built.step.filter(|_| cx.is_product(built.build.file))?;
    let image = cx.joins().image(step.file, step.stage).filter(|image| image.platform.is_rocm.is_yes())?;
    image.builds_vllm?;
    let declared = image.declared;
    let (argument, list) = built.build.arguments.iter().find_map(|argument| {
        let name = argument.name.by_default()?;
        let value = argument.value.as_ref()?;
        let list = arch_list(&Text::literal(value.by_default()?, None), cx.universe())?;
        ARGUMENTS.contains(&name.as_str()).then_some((argument, list))
    })?;
    let missing = declared.set.difference(list.covers());
    let is_open = list.items.iter().any(|item| item.text == "native" || item.text.contains("generic"));
    if declared.set.len() != 1 || missing.is_empty() || is_open || list.covers().is_empty() {
        return None;
    }
    let name = cx.universe().list(missing);
    let message = format!(
        "This image says that it is for {name}, but its build is given {}: on {name} the first kernel stops with \"invalid device function\".",
        cx.universe().names(list.covers()).join(";")
    );
    let severity = if declared.is_guess() { out.severity().lowered() } else { out.severity() };
    let finding = out
        .finding(built.build.place(argument.span), message)
        .severity(severity)
        .doubts(usize::from(declared.is_guess()))
        .label(format!("no {name}"))
        .help(format!("add {name} to the list"))
        .data("arch", cx.universe().names(missing));
    Some(match declared.at {
        Some(at) => finding.related(at, format!("declares {name}")),
        None => finding,
    })
}

/// Another variable for builds of the same image that names other targets.
fn contradiction(cx: &Context<'_>, out: &Findings, image: &ImageFacts<'_>, list: &ArchListUse<'_>) -> Option<Finding> {
    let is_env =
        |other: &&ArchListUse<'_>| matches!(other.setting.kind, SettingKind::DockerEnv | SettingKind::DockerArg);
    let other = image.arch_lists.iter().filter(is_env).find(|other| {
        let is_other = TWINS.contains(&other.setting.name.as_str()) && other.setting.name != list.setting.name;
        let apart = other.targets.intersection(list.targets).is_empty() && !other.targets.is_empty();
        is_other && apart && image.path.holds(other.setting.place(other.setting.span))
    })?;
    if list.targets.is_empty() || list.written.iter().chain(&other.written).any(|item| item.contains("generic")) {
        return None;
    }
    let message = format!(
        "{} names {} and {} names {}: parts of this image are built for different GPUs, and no GPU runs all of them.",
        list.setting.name,
        cx.universe().list(list.targets),
        other.setting.name,
        cx.universe().list(other.targets)
    );
    let later = if other.at.span.start > list.at.span.start { (other, list) } else { (list, other) };
    let finding = out.finding(later.0.at, message).label("other targets").related(later.1.at, "these targets");
    Some(finding.help("name the same targets in both").data("arch", cx.universe().names(later.0.targets)))
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
        .doubts(usize::from(declared.is_guess()))
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
