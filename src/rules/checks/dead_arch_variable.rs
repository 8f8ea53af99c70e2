//! GFX408: lists of targets that no build reads.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{Found, ImageFacts, Reach, TARGETS_VARIABLE};
use crate::facts::{Command, FileFacts, Install, InstallTool, Setting, SettingKind, Text};
use crate::finding::Finding;
use crate::knowledge::distance;
use crate::rules::Findings;
use crate::span::{Place, Span};
use crate::workspace::{ArchList, arch_list};

/// Names that look like the variable and are not, with what they are.
const DEAD: &[(&str, &str)] = &[
    (
        "HIP_SUPPORTED_ARCHS",
        "it is a variable inside vLLM's CMakeLists.txt, which never looks at the environment for it",
    ),
    ("TORCH_CUDA_ARCH_LIST", "it holds compute capabilities for CUDA builds, and ROCm builds do not look at it"),
    ("PYTORCH_HIP_ARCH", ""),
    ("PYTORCH_HIP_ARCHS", ""),
    ("PYTORCH_GPU_ARCH", ""),
    ("PYTORCH_GPU_ARCHS", ""),
    ("PYTORCH_ROCM_ARCHES", ""),
    ("PYTORCH_ROCM_ARCH_LIST", ""),
    ("PYTORCH_ROCM_TARGETS", ""),
    ("TORCH_ROCM_ARCH", ""),
    ("TORCH_ROCM_ARCH_LIST", ""),
    ("TORCH_HIP_ARCH_LIST", ""),
    ("VLLM_ROCM_ARCH", ""),
    ("VLLM_GPU_ARCH", ""),
    ("VLLM_ROCM_ARCHS", ""),
    ("ROCM_ARCHS", ""),
    ("ROCM_ARCH_LIST", ""),
    ("HIP_ARCH", ""),
    ("HIP_ARCHS", ""),
];

/// Programs that compile something, or start what may.
const BUILDERS: &[&str] = &["cmake", "make", "ninja", "hipcc", "amdclang++", "meson", "bazel", "cargo", "colcon"];

/// Looks at names that nothing reads, and at the right name where it comes too late.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, _, facts) in cx.files() {
        for setting in facts.settings.iter().filter(|setting| is_set_here(setting)) {
            let setting = Found { file, fact: setting };
            out.push_some(meant_nothing(cx, out, setting));
        }
    }
    let mut seen = BTreeSet::new();
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes()) {
        for setting in image.path.settings(Reach::Whole).filter(|setting| setting.name == TARGETS_VARIABLE) {
            let late = too_late(cx, out, image, setting);
            out.push_some(late.filter(|finding| seen.insert(finding.at)));
        }
    }
}

fn is_set_here(setting: &Setting) -> bool {
    use SettingKind as Kind;
    let kind = matches!(
        setting.kind,
        Kind::DockerArg
            | Kind::DockerEnv
            | Kind::ShellAssign
            | Kind::ContainerEnv
            | Kind::UnitEnv
            | Kind::EnvFile
            | Kind::YamlValue
            | Kind::PythonEnv
    );
    kind && setting.via.is_none()
}

/// The targets that a value lists; variables stand for their defaults.
fn targets(cx: &Context<'_>, value: &Text) -> Option<ArchList> {
    let list = arch_list(value, cx.universe())
        .or_else(|| arch_list(&Text::literal(value.by_default()?, None), cx.universe()))?;
    (!list.covers().is_empty()).then_some(list)
}

/// A name that no software of the stack reads, with targets as its value.
fn meant_nothing(cx: &Context<'_>, out: &Findings, setting: Found<'_, Setting>) -> Option<Finding> {
    let name = setting.name.as_str();
    let known = DEAD.iter().find(|(dead, _)| *dead == name);
    let is_typo = name != TARGETS_VARIABLE && !name.starts_with("ARG_") && distance(name, TARGETS_VARIABLE) <= 2;
    if known.is_none() && !is_typo {
        return None;
    }
    targets(cx, &setting.fact.value)?;
    if cx.workspace.files().any(|(_, _, facts)| reads(facts, name)) {
        return None;
    }
    let what = known.map(|(_, what)| *what).filter(|what| !what.is_empty());
    let why = what.map_or_else(String::new, |what| format!(": {what}"));
    let message = format!("Nothing reads {name}{why}. The targets in it reach no build.");
    let finding = out
        .finding(setting.place(setting.span), message)
        .label("read by nothing")
        .help(format!("set {TARGETS_VARIABLE} before the build; PyTorch and vLLM read their targets from it"))
        .data("variable", name);
    Some(finding)
}

/// Whether a file uses a variable of that name, other than to hand it on under the same name.
fn reads(facts: &FileFacts, name: &str) -> bool {
    let is_handed_on =
        |span: Span| facts.settings.iter().any(|setting| setting.name == name && setting.span.contains(span));
    facts.variable_reads.iter().any(|read| read.name == name && !is_handed_on(read.span))
}

/// The right name, set where no build comes behind it.
fn too_late<'a>(
    cx: &Context<'a>,
    out: &Findings,
    image: &ImageFacts<'a>,
    setting: Found<'_, Setting>,
) -> Option<Finding> {
    let kinds = [SettingKind::DockerArg, SettingKind::DockerEnv, SettingKind::ShellAssign];
    if setting.via.is_some() || !kinds.contains(&setting.kind) {
        return None;
    }
    let list = targets(cx, &setting.fact.value)?;
    let at = setting.place(setting.span);
    let (builder, build) = builder_of(cx, image)?;
    // An image that nobody described may bring a list of its own.
    let base = builder.path.base.as_ref().filter(|base| !base.is_partial)?;
    cx.knowledge.images().describe(&base.text).entry?;
    let is_export = setting.kind == SettingKind::ShellAssign;
    let in_time = builder.path.order(at).is_some_and(|at| Some(at) < builder.path.order(build));
    if is_export && !is_lost(cx, setting) || !is_export && in_time {
        return None;
    }
    if !is_export && serves_another_build(cx, at) {
        return None;
    }
    if builder.vllm_targets().is_some_and(|reached| list.covers().difference(reached.targets).is_empty()) {
        return None;
    }
    let names = cx.universe().list(list.covers());
    let message = if is_export {
        format!(
            "This export of {TARGETS_VARIABLE} ends with its RUN: vLLM is built in another one, which does not see {names}."
        )
    } else {
        format!(
            "{TARGETS_VARIABLE} is set where vLLM is built already, or in another stage: the build does not see {names}."
        )
    };
    let finding = out
        .finding(at, message)
        .label("reaches no build")
        .related(build, "vLLM is built here")
        .help(format!("set it with `ENV {TARGETS_VARIABLE}=...` in the stage that builds, before that"))
        .data("variable", TARGETS_VARIABLE);
    Some(finding)
}

/// The stage that builds vLLM on the way to an image, and the command.
fn builder_of<'a, 'b>(cx: &'b Context<'a>, image: &'b ImageFacts<'a>) -> Option<(&'b ImageFacts<'a>, Place)> {
    let steps = || image.path.steps(Reach::Whole).filter_map(|step| cx.joins().image(step.file, step.stage));
    let build = image.builds_vllm.or_else(|| steps().find_map(|stage| stage.builds_vllm))?;
    let step = image.path.stage_of_place(build)?;
    Some((cx.joins().image(step.file, step.stage)?, build))
}

/// Whether an `export` has no command behind it in its own script.
fn is_lost(cx: &Context<'_>, setting: Found<'_, Setting>) -> bool {
    let commands = &cx.workspace.facts(setting.file).commands;
    let sees = |command: &&Command| {
        let variable = command.variable(TARGETS_VARIABLE).and_then(|variable| variable.span);
        variable.is_some_and(|span| span.contains(setting.span) || setting.span.contains(span))
    };
    let is_quiet = |command: &Command| matches!(command.program().as_str(), "export" | "echo" | "declare" | "");
    setting.context.is_empty() && commands.iter().filter(sees).all(is_quiet)
}

/// Whether anything is compiled behind a place, in its own stage or one that starts from it.
fn serves_another_build(cx: &Context<'_>, at: Place) -> bool {
    let images = cx.joins().images();
    images.iter().filter(|image| image.path.holds(at)).any(|image| {
        let behind = |other: Place| image.path.order(other) > image.path.order(at);
        let mut commands = image.path.commands(Reach::Chain).filter(|command| behind(command.place(command.span)));
        let mut installs = image.path.installs(Reach::Chain).filter(|install| behind(install.place(install.span)));
        commands.any(|command| builds(command.fact)) || installs.any(|install| compiles(install.fact))
    })
}

fn builds(command: &Command) -> bool {
    let program = command.program();
    let words = || command.words.iter().filter_map(crate::facts::Word::by_default);
    BUILDERS.contains(&program.as_str())
        || words().any(|word| word.ends_with("setup.py") || word.ends_with(".sh") || word == "build")
}

fn compiles(install: &Install) -> bool {
    let is_python = matches!(install.tool, InstallTool::Pip | InstallTool::Uv | InstallTool::Wheel);
    let from_source = |source: &str| !source.ends_with(".whl");
    is_python
        && (install.tool == InstallTool::Wheel
            || install.has("no-build-isolation")
            || install.is_open
            || install.packages.iter().any(|package| package.source.as_deref().is_some_and(from_source)))
}
