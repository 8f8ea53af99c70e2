//! Lists of targets in an image's build, and which of them its vLLM is built for.

use super::{Basis, Builds, Found, Reach, StagePath};
use crate::arch::ArchSet;
use crate::facts::{Setting, SettingKind, Text};
use crate::span::{Place, Span};
use crate::workspace::{ArchList, arch_list};

/// The variable that vLLM's and PyTorch's ROCm builds read their targets from
/// (vLLM `cmake/utils.cmake`, `override_gpu_arches`).
pub const TARGETS_VARIABLE: &str = "PYTORCH_ROCM_ARCH";

/// A list of targets in an image's build.
#[derive(Debug, Clone)]
pub struct ArchListUse<'a> {
    /// The variable or option.
    pub setting: Found<'a, Setting>,
    /// The list.
    pub targets: ArchSet,
    /// The items as written.
    pub written: Vec<String>,
    /// Where the value stands; where it is inherited, where it is written.
    pub at: Place,
    /// Whether it is in force at the command that builds vLLM, in the variable that this build reads.
    pub reaches_vllm: bool,
}

/// The lists within reach, in build order; `build` is the command that builds vLLM.
pub(super) fn arch_lists<'a>(
    basis: Basis<'a>,
    builds: &Builds<'a>,
    path: &StagePath<'a>,
    build: Option<Place>,
) -> Vec<ArchListUse<'a>> {
    let reaching = build.and_then(|build| in_force(basis, builds, path, build));
    let settings = path.global_arguments().chain(path.settings(Reach::Whole));
    let mut found: Vec<ArchListUse<'a>> = settings
        .filter(|setting| setting.filter.is_none())
        .filter_map(|setting| {
            let list = list_of(basis, path, setting)?;
            let spans = list.items.iter().map(|item| item.span).collect::<Option<Vec<Span>>>();
            let written = spans.and_then(|spans| spans.into_iter().reduce(Span::hull));
            let span = written.unwrap_or(if setting.value_span.range().is_empty() {
                setting.span
            } else {
                setting.value_span
            });
            Some(ArchListUse {
                setting,
                targets: list.covers(),
                written: list.items.iter().map(|item| item.text.clone()).collect(),
                at: setting.place(span),
                reaches_vllm: reaching == Some((setting.file, setting.span)),
            })
        })
        .collect();
    path.sort(&mut found, |list| Some(list.setting.place(list.setting.span)));
    found
}

/// The list that a setting's value is, what the base image sets filled in.
pub(super) fn list_of(basis: Basis<'_>, path: &StagePath<'_>, setting: Found<'_, Setting>) -> Option<ArchList> {
    let universe = &basis.knowledge.universe;
    let value = &setting.fact.value;
    if !value.may_hold("gfx") {
        return None;
    }
    arch_list(value, universe).or_else(|| {
        let text = path.text(&setting.fact.value, setting.place(setting.span))?;
        arch_list(&Text::literal(text, None), universe)
    })
}

/// The setting whose value the build of vLLM reads its targets from, as file and place.
fn in_force<'a>(
    basis: Basis<'a>,
    builds: &Builds<'a>,
    path: &StagePath<'a>,
    build: Place,
) -> Option<(crate::span::FileId, Span)> {
    let commands = &basis.workspace.facts(build.file).commands;
    let command = commands.iter().find(|command| command.span == build.span || command.span.contains(build.span));
    if let Some(variable) = command.and_then(|command| command.variable(TARGETS_VARIABLE)) {
        let settings = &basis.workspace.facts(build.file).settings;
        let is_it = |setting: &&Setting| {
            let kind = matches!(setting.kind, SettingKind::ShellAssign);
            kind && variable
                .span
                .is_some_and(|span| span == setting.span || span.contains(setting.span) || setting.span.contains(span))
        };
        if let Some(setting) = settings.iter().find(is_it) {
            return Some((build.file, setting.span));
        }
    }
    // The stage that builds may be another one than the image.
    let step = path.stage_of_place(build)?;
    let own = StagePath::new(basis.workspace, builds, step.file, step.stage);
    own.in_force(TARGETS_VARIABLE, Some(build)).map(|setting| (setting.file, setting.span))
}
