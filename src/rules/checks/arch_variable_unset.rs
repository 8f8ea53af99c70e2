//! GFX120: target variables that a build stage uses and nothing sets.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{Built, ImageFacts};
use crate::facts::{FileFacts, Setting, SettingKind, TextPart, Word};
use crate::finding::{Finding, Severity};
use crate::knowledge::Part;
use crate::lang::remarks::names_targets;
use crate::rules::Findings;
use crate::source::SourceFile;
use crate::span::{FileId, Place, Span};
use crate::stack::{self, TARGETS_VARIABLE};
use crate::workspace::arch_list;

/// A reference to a variable that is not set where it stands.
struct Unset<'a> {
    name: &'a str,
    at: Span,
    /// The `ARG` before the first `FROM` that sets it for `FROM` lines alone.
    global: Option<Span>,
    stage: usize,
}

/// Reports the first reference in each stage.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut told = BTreeSet::new();
    for (file, source, facts) in cx.files().filter(|(_, file, _)| file.language == "dockerfile") {
        for stage in 0..facts.stages.len() {
            for unset in unset_in(source, facts, stage) {
                if let Some(finding) = report(cx, out, file, facts, &unset) {
                    told.insert(file);
                    out.push(finding);
                }
            }
        }
    }
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes()) {
        // A variable that is not set is the cause, where there is one.
        let finding = builds_without(cx, out, image).filter(|finding| told.insert(finding.at.file));
        out.push_some(finding);
    }
}

/// A build of vLLM that no list of targets reaches, on a base image that exports none. Machines that build have no GPU to
/// ask.
fn builds_without(cx: &Context<'_>, out: &Findings, image: &ImageFacts<'_>) -> Option<Finding> {
    let build = image.builds_vllm.filter(|_| image.vllm_targets().is_none())?;
    let base = image.path.base.as_ref().filter(|base| !base.is_partial)?;
    if !cx.knowledge.images().describe(&base.text).has(Part::Targets).is_no() {
        return None;
    }
    let facts = cx.workspace.facts(build.file);
    let commands = || facts.commands.iter().filter(|command| command.span.contains(build.span));
    let names = |text: &str| text.contains("HIP_ARCHITECTURES") || text.contains("GPU_TARGETS");
    let by_flag = commands().any(|command| {
        command.words.iter().filter_map(Word::by_default).any(|word| names(&word))
            || command
                .environment
                .iter()
                .any(|variable| variable.name == TARGETS_VARIABLE || variable.name == "CMAKE_ARGS")
    });
    let handed_in = |built: &Built<'_>| {
        built.build.is_open
            || built
                .build
                .arguments
                .iter()
                .any(|argument| argument.name.by_default().is_none_or(|name| name.contains("ARCH")))
    };
    let step = image.path.stage_of_place(build)?;
    let is_handed_in = cx
        .joins()
        .builds()
        .all()
        .iter()
        .any(|built| built.step.is_some_and(|own| own.file == step.file) && handed_in(built));
    let builder = cx.joins().image(step.file, step.stage)?;
    let set = builder.path.in_force(TARGETS_VARIABLE, Some(build));
    let is_known = set.is_some_and(|set| {
        builder.path.text(&set.fact.value, set.place(set.span)).is_some_and(|text| !text.is_empty())
    });
    // A script or a file that nobody reads here may set it.
    let is_sourced = facts.commands.iter().any(|command| matches!(command.program().as_str(), "source" | "."));
    if by_flag || is_handed_in || is_known || is_sourced {
        return None;
    }
    let message = format!(
        "vLLM is built here and nothing says for which GPUs: {} exports no {TARGETS_VARIABLE}, a build machine has no GPU to ask, and CMake stops with \"None of the detected ROCm architectures\".",
        base.repository
    );
    let finding = out
        .finding(build, message)
        .label("for which GPUs?")
        .help(format!("set `ENV {TARGETS_VARIABLE}=<targets>` in this stage, before the build"))
        .data("variable", TARGETS_VARIABLE);
    Some(match set {
        Some(set) => finding.related(set.place(set.span), "empty unless the caller hands in a list"),
        None => finding.related(image.path.base_at, "the base image"),
    })
}

/// The target variables that are read and not set in a stage, each at its first reference.
fn unset_in<'a>(source: &SourceFile, facts: &'a FileFacts, stage: usize) -> Vec<Unset<'a>> {
    let chain = stack::stages_of(facts, Some(stage));
    let in_stage = |setting: &&Setting| setting.stage == Some(stage);
    let set_before = |name: &str, at: u32| {
        facts.settings.iter().any(|setting| {
            setting.name == name && setting.stage.is_some() && chain.contains(&setting.stage) && setting.span.end <= at
        })
    };
    let global = |name: &str| {
        facts
            .settings
            .iter()
            .find(|setting| setting.stage.is_none() && setting.kind == SettingKind::DockerArg && setting.name == name)
            .map(|setting| setting.span)
    };
    let mut found: Vec<Unset<'a>> = Vec::new();
    for setting in facts.settings.iter().filter(in_stage) {
        for name in outer_names(setting).filter(|name| is_about_targets(name, &setting.name)) {
            let Some(at) = reference(source.text(), setting.span, name) else { continue };
            if !set_before(name, at.start) && !found.iter().any(|known| known.name == name) {
                found.push(Unset { name, at, global: global(name), stage });
            }
        }
    }
    // Commands that set nothing are no settings; what the file declares above its first stage is known by name.
    for setting in facts.settings.iter().filter(|setting| {
        setting.stage.is_none() && setting.kind == SettingKind::DockerArg && names_targets(&setting.name)
    }) {
        let Some(at) = reference(source.text(), body(source, facts, stage), &setting.name) else { continue };
        if !set_before(&setting.name, at.start) && !found.iter().any(|known| known.name == setting.name) {
            found.push(Unset { name: &setting.name, at, global: Some(setting.span), stage });
        }
    }
    found
}

/// The variables that a value takes from outside, without a default.
fn outer_names(setting: &Setting) -> impl Iterator<Item = &str> {
    setting.value.parts.iter().filter_map(|part| match part {
        TextPart::Outer { name, default: None } => Some(name.as_str()),
        _ => None,
    })
}

/// Whether a variable holds GPU targets: by its name, or by what its value becomes.
fn is_about_targets(name: &str, becomes: &str) -> bool {
    let foreign = ["CUDA", "SCCACHE", "TARGETARCH", "BUILDARCH"].iter().any(|word| name.contains(word));
    !foreign
        && (names_targets(name)
            || (names_targets(becomes)
                && ["ARCH", "GFX", "TARGET"].iter().any(|word| name.to_ascii_uppercase().contains(word))))
}

/// The instructions of a stage, behind its `FROM`.
fn body(source: &SourceFile, facts: &FileFacts, stage: usize) -> Span {
    let start = facts.stages[stage].span.range().end;
    let next = facts.stages.iter().map(|stage| stage.span.range().start).filter(|&next| next > start).min();
    Span::new(start, next.unwrap_or(source.text().len()))
}

/// The first `$NAME` or `${NAME}` in a span, outside comments; a default makes it harmless.
fn reference(text: &str, within: Span, name: &str) -> Option<Span> {
    let region = within.text(text);
    let base = within.range().start;
    region.match_indices('$').find_map(|(at, _)| {
        let line = region[..at].rfind('\n').map_or(0, |end| end + 1);
        let is_comment = region[line..at].trim_start().starts_with('#');
        let rest = &region[at + 1..];
        let end = match rest.strip_prefix('{') {
            Some(inner) => inner.strip_prefix(name)?.starts_with('}').then_some(name.len() + 2),
            None => rest
                .strip_prefix(name)
                .filter(|after| !after.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_'))
                .map(|_| name.len()),
        };
        let is_escaped = region[..at].ends_with('\\');
        end.filter(|_| !is_comment && !is_escaped).map(|length| Span::new(base + at, base + at + 1 + length))
    })
}

fn report(cx: &Context<'_>, out: &Findings, file: FileId, facts: &FileFacts, unset: &Unset<'_>) -> Option<Finding> {
    let root = stack::stages_of(facts, Some(unset.stage)).into_iter().flatten().last()?;
    let base = cx.workspace.base_of(file);
    if base.is_some_and(|base| cx.workspace.final_env(base, unset.name).is_some())
        || brings_variable(facts, root, unset.name)
    {
        return None;
    }
    let name = unset.name;
    let place = |span| Place { file, span };
    let message = match unset.global {
        Some(_) => format!(
            "{name} is empty here: an ARG before the first FROM holds for FROM lines alone, and this stage does not declare it again."
        ),
        None => format!(
            "Nothing in this file sets {name}, so it is empty here unless the base image exports it; the build then has no targets."
        ),
    };
    let mut finding = out.finding(place(unset.at), message).label("not set").data("variable", name);
    if let Some(global) = unset.global {
        let list = facts
            .settings
            .iter()
            .find(|setting| setting.span == global)
            .and_then(|setting| arch_list(&setting.value, cx.universe()));
        finding = finding
            .data("arch", list.map_or_else(Vec::new, |list| cx.universe().names(list.covers())))
            .related(place(global), "set for FROM lines only");
    }
    finding = finding.related(place(facts.stages[root].image_span), "the base image");
    let lower = base.is_some() && unset.global.is_none();
    Some(
        finding
            .severity(if lower { Severity::Note } else { out.severity() })
            .help(format!("declare `ARG {name}` in this stage, with a list of targets as its default")),
    )
}

/// Whether the base image is known to export the variable, or cannot be told: AMD's PyTorch and vLLM images export
/// `PYTORCH_ROCM_ARCH` (vLLM 0.14.1 docker/Dockerfile.rocm_base, `ENV AITER_ROCM_ARCH` as well), and a name that is put together may be a stage of this file.
fn brings_variable(facts: &FileFacts, root: usize, name: &str) -> bool {
    let parts = &facts.stages[root].image.parts;
    let is_composed = parts.len() > 1 && !parts.iter().all(|part| matches!(part, TextPart::Literal(..)));
    let is_of =
        |word: &str| parts.iter().any(|part| matches!(part, TextPart::Literal(image, _) if image.contains(word)));
    // vLLM's images also carry the lists of what they were built with.
    let of_vllm = ["AITER_ROCM_ARCH", "MORI_GPU_ARCHS", "DEEPEP_ROCM_ARCH"].contains(&name) && is_of("vllm");
    is_composed || of_vllm || (name == TARGETS_VARIABLE && (is_of("pytorch") || is_of("vllm")))
}
