//! Variables of the environment, wherever they are set, with what is known of the place.

use std::collections::BTreeSet;

use super::{Case, cases};
use crate::arch::ArchSet;
use crate::context::Context;
use crate::deployment::{Answer, Certainty, ContainerView, ImageFacts, Layer, Reach, Targets, VllmRelease};
use crate::facts::{Setting, SettingKind, Text};
use crate::source::Section;
use crate::span::{FileId, Place};

/// A variable that is given a value.
pub(crate) struct Set<'c, 'a> {
    pub(crate) name: String,
    /// Name and value.
    pub(crate) at: Place,
    /// The value alone, where it stands apart.
    pub(crate) value_at: Place,
    /// The value, where all of it is known.
    pub(crate) value: Option<String>,
    pub(crate) scope: Scope<'c, 'a>,
    /// Whether it is set for one command, before its name.
    pub(crate) is_prefix: bool,
}

/// For what a variable is set.
#[derive(Clone, Copy)]
pub(crate) enum Scope<'c, 'a> {
    /// A launch sees it.
    Launch(Case<'c, 'a>),
    /// A container or unit gets it, of which no launch is known.
    Container(&'c ContainerView<'a>),
    /// An image has it.
    Image(&'c ImageFacts<'a>),
    /// A script or program sets it.
    File(FileId),
}

/// Whether a value switches something on, as vLLM reads it.
pub(crate) fn is_true(value: &str) -> bool {
    matches!(value.trim().to_ascii_lowercase().as_str(), "1" | "true")
}

/// The variables of these names, each place once.
pub(crate) fn set<'c, 'a>(cx: &'c Context<'a>, wanted: impl Fn(&str) -> bool) -> Vec<Set<'c, 'a>> {
    let mut found = Found { cx, seen: BTreeSet::new(), found: Vec::new() };
    let names = names(cx, wanted);
    if names.is_empty() {
        return Vec::new();
    }
    found.of_launches(&names);
    found.of_containers(&names);
    found.of_images(&names);
    found.of_files(&names);
    found.found.sort_by_key(|set| set.at);
    found.found
}

/// The wanted names that some file sets.
fn names(cx: &Context<'_>, wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, _, facts) in cx.files() {
        let settings = facts.settings.iter().map(|setting| setting.name.as_str());
        let commands = facts.commands.iter().flat_map(|command| &command.environment);
        let launches = facts.launches.iter().flat_map(|launch| &launch.environment);
        let own = commands.chain(launches).map(|variable| variable.name.as_str());
        names.extend(settings.chain(own).filter(|name| wanted(name)).map(str::to_owned));
    }
    names
}

struct Found<'c, 'a> {
    cx: &'c Context<'a>,
    seen: BTreeSet<Place>,
    found: Vec<Set<'c, 'a>>,
}

impl<'c, 'a> Found<'c, 'a> {
    fn of_launches(&mut self, names: &BTreeSet<String>) {
        for case in cases(self.cx) {
            for name in names {
                let Some(seen) = case.launch.variable(name) else { continue };
                let is_prefix = seen.layer == Layer::Command
                    && case
                        .launch
                        .launch
                        .environment
                        .iter()
                        .any(|variable| variable.is_prefix && variable.name == *name);
                self.add(name, seen.at, seen.value, Scope::Launch(case), is_prefix);
            }
        }
    }

    fn of_containers(&mut self, names: &BTreeSet<String>) {
        for view in self.cx.containers().filter(|view| !view.platform.is_rocm.is_no()) {
            for name in names {
                if let Some(seen) = view.variable(name) {
                    self.add(name, seen.at, seen.value, Scope::Container(view), false);
                }
            }
        }
    }

    fn of_images(&mut self, names: &BTreeSet<String>) {
        for image in self.cx.images().filter(|image| !image.platform.is_rocm.is_no()) {
            for setting in image.path.settings(Reach::Chain) {
                if setting.fact.kind == SettingKind::DockerEnv && names.contains(&setting.fact.name) {
                    let at = setting.place(setting.fact.span);
                    let value = image.path.text(&setting.fact.value, at);
                    self.add(&setting.fact.name, at, value, Scope::Image(image), false);
                }
            }
        }
    }

    /// What no launch, container or image of the run sees: scripts that are called elsewhere, files of variables.
    fn of_files(&mut self, names: &BTreeSet<String>) {
        for (file, source, facts) in self.cx.files().filter(|(_, source, _)| source.section != Section::Docs) {
            let is_free = |setting: &&Setting| {
                setting.stage.is_none()
                    && setting.container.is_none()
                    && matches!(
                        setting.kind,
                        SettingKind::ShellAssign
                            | SettingKind::PythonEnv
                            | SettingKind::EnvFile
                            | SettingKind::NixEnv
                            | SettingKind::UnitEnv
                            | SettingKind::YamlValue
                    )
                    && source.language != "dockerfile"
            };
            for setting in facts.settings.iter().filter(is_free).filter(|setting| names.contains(&setting.name)) {
                let at = Place { file, span: setting.span };
                let value = setting.value.by_default();
                self.add(&setting.name, at, value, Scope::File(file), false);
            }
        }
    }

    fn add(&mut self, name: &str, at: Place, value: Option<String>, scope: Scope<'c, 'a>, is_prefix: bool) {
        let covers =
            |known: &Place| known.file == at.file && (known.span.contains(at.span) || at.span.contains(known.span));
        if self.seen.iter().any(covers) {
            return;
        }
        self.seen.insert(at);
        let settings = &self.cx.workspace.facts(at.file).settings;
        let own = settings.iter().find(|setting| setting.span == at.span);
        let value_at = own.map_or(at, |setting| Place { file: at.file, span: setting.value_span });
        self.found.push(Set { name: name.to_owned(), at, value_at, value, scope, is_prefix });
    }
}

impl Set<'_, '_> {
    /// The targets of what it is set for.
    pub(crate) fn targets(&self, cx: &Context<'_>) -> Targets {
        match self.scope {
            Scope::Launch(case) => case.launch.targets,
            Scope::Container(view) => view.targets,
            Scope::Image(image) => asked(cx).unwrap_or_else(|| image.targets()),
            Scope::File(file) => asked(cx).unwrap_or_else(|| of_file(cx, file)),
        }
    }

    /// The vLLM of what it is set for.
    pub(crate) fn release(&self, cx: &Context<'_>) -> VllmRelease {
        match self.scope {
            Scope::Launch(case) => case.launch.vllm.clone(),
            Scope::Container(view) => {
                let built = view.built.as_ref().and_then(|image| image.vllm()).map(|vllm| vllm.release.clone());
                built.or_else(|| VllmRelease::of_image(cx.knowledge, view.image.as_ref()?)).unwrap_or_default()
            }
            Scope::Image(image) => image.vllm().map(|vllm| vllm.release.clone()).unwrap_or_default(),
            Scope::File(file) => of_same_file(cx, file),
        }
    }

    /// How many steps a finding drops: for a target or method that was guessed, a fork or patch, documentation.
    pub(crate) fn doubts(&self, cx: &Context<'_>) -> usize {
        let guess = usize::from(self.targets(cx).is_guess());
        let own = match self.scope {
            Scope::Launch(case) => usize::from(!case.launch.markers.is_empty()) + usize::from(case.launch.is_shown),
            Scope::Container(view) => usize::from(view.is_shown),
            Scope::Image(image) => usize::from(image.vllm().is_some_and(|vllm| vllm.release.is_fork == Answer::Yes)),
            Scope::File(_) => 0,
        };
        guess + own
    }

    /// The same for what no edit of vLLM changes: a guessed target, documentation.
    pub(crate) fn doubts_of_target(&self, cx: &Context<'_>) -> usize {
        let is_shown = match self.scope {
            Scope::Launch(case) => case.launch.is_shown,
            Scope::Container(view) => view.is_shown,
            Scope::Image(_) | Scope::File(_) => false,
        };
        usize::from(self.targets(cx).is_guess()) + usize::from(is_shown)
    }

    /// Another variable of the same scope.
    pub(crate) fn other(&self, cx: &Context<'_>, name: &str) -> Option<String> {
        match self.scope {
            Scope::Launch(case) => case.launch.variable(name)?.value,
            Scope::Container(view) => view.variable(name)?.value,
            Scope::Image(image) => image.path.env(name)?.fact.value.by_default(),
            Scope::File(file) => {
                let settings = &cx.workspace.facts(file).settings;
                settings.iter().rfind(|setting| setting.name == name)?.value.by_default()
            }
        }
    }
}

pub(crate) fn asked(cx: &Context<'_>) -> Option<Targets> {
    let set = cx.options.targets;
    let certainty = Some(Certainty::Asked);
    (!set.is_empty()).then_some(Targets { set, certainty, origin: None, at: None })
}

/// The one target that a file's own lists name.
fn of_file(cx: &Context<'_>, file: FileId) -> Targets {
    let settings = &cx.workspace.facts(file).settings;
    let lists = settings.iter().filter(|setting| {
        matches!(
            setting.name.as_str(),
            "PYTORCH_ROCM_ARCH" | "GPU_ARCHS" | "GPU_TARGETS" | "AMDGPU_TARGETS" | "ROCM_ARCH"
        )
    });
    let set_of = |text: &Text| Some(crate::workspace::arch_list(text, cx.universe())?.covers());
    let found: Vec<(ArchSet, Place)> = lists
        .filter_map(|setting| {
            let value = Text::literal(setting.value.by_default()?, None);
            Some((set_of(&value)?, Place { file, span: setting.span }))
        })
        .filter(|(set, _)| !set.is_empty())
        .collect();
    match found.as_slice() {
        [(set, at), rest @ ..] if rest.iter().all(|(other, _)| other == set) => {
            Targets { set: *set, certainty: Some(Certainty::Declared), origin: None, at: Some(*at) }
        }
        _ => Targets::default(),
    }
}

/// The release that all launches of a file agree on.
fn of_same_file(cx: &Context<'_>, file: FileId) -> VllmRelease {
    let mut releases =
        cx.joins().deployments().iter().filter(|launch| launch.file() == file).map(|launch| &launch.vllm);
    let Some(first) = releases.next() else { return VllmRelease::default() };
    if releases.all(|release| release.range == first.range) { first.clone() } else { VllmRelease::default() }
}
