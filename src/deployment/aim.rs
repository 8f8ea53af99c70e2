//! Which targets a launch or a container is for.

use super::declared::Names;
use super::spelled::Spelled;
use super::variables::Variables;
use super::{ArchListUse, Basis, Certainty, ContainerView, ImageFacts, ImageRef, Seen, TargetOrigin, Targets};
use crate::arch::{ArchSet, TokenShape};
use crate::facts::{SettingKind, Text};
use crate::span::{FileId, Place};
use crate::workspace::arch_list;

/// Variables that hold the targets that something is built for.
const VARIABLES: &[&str] = &[
    "PYTORCH_ROCM_ARCH",
    "ARG_PYTORCH_ROCM_ARCH",
    "GPU_ARCHS",
    "GPU_ARCH",
    "ROCM_ARCH",
    "GFX",
    "GPU_TARGETS",
    "GPU_TARGET",
    "AMDGPU_TARGETS",
    "HCC_AMDGPU_TARGET",
];

/// What a launch or container is seen with.
struct Around<'a, 'b> {
    basis: Basis<'a>,
    file: FileId,
    variables: &'b Variables<'a>,
    image: Option<&'b ImageFacts<'a>>,
    named: Option<&'b ImageRef>,
    container: Option<&'b ContainerView<'a>>,
}

/// The targets of a container.
pub(super) fn of_container(basis: Basis<'_>, view: &ContainerView<'_>) -> Targets {
    let around = Around {
        basis,
        file: view.file(),
        variables: &view.variables,
        image: view.built.as_deref(),
        named: view.image.as_ref(),
        container: Some(view),
    };
    around.targets()
}

/// The targets of a launch.
pub(super) fn of_launch<'a>(
    basis: Basis<'a>,
    file: FileId,
    variables: &Variables<'a>,
    image: Option<&ImageFacts<'a>>,
    named: Option<&ImageRef>,
    container: Option<&ContainerView<'a>>,
) -> Targets {
    Around { basis, file, variables, image, named, container }.targets()
}

/// The targets of an image by itself: a variable with one target, what it declares, a variable with several.
pub(super) fn of_image(image: &ImageFacts<'_>) -> Targets {
    let lists: Vec<Targets> = lists_of_image(image).into_iter().filter(|list| !list.set.is_empty()).collect();
    only_target(&lists)
        .or_else(|| Some(image.declared).filter(|declared| !declared.is_unknown()))
        .or_else(|| lists.first().copied())
        .unwrap_or_default()
}

/// The lists of targets that an image is built for, that of vLLM first.
fn lists_of_image(image: &ImageFacts<'_>) -> Vec<Targets> {
    let use_of =
        |list: &ArchListUse<'_>| Targets::new(list.targets, Certainty::Declared, TargetOrigin::Variable, Some(list.at));
    let ours = image.arch_lists.iter().rev().filter(|list| VARIABLES.contains(&list.setting.name.as_str()));
    image.vllm_targets().into_iter().chain(ours).map(use_of).collect()
}

/// The one target that lists of one target agree on.
fn only_target(lists: &[Targets]) -> Option<Targets> {
    let one = lists.iter().find(|list| list.set.len() == 1).copied()?;
    lists.iter().all(|list| list.set.len() != 1 || list.set == one.set).then_some(one)
}

impl Around<'_, '_> {
    /// The surest answer: what was asked for, a variable with one target, names that agree, a variable with several
    /// targets of which the GPU is one, a comment.
    fn targets(&self) -> Targets {
        let lists = self.lists();
        Targets::asked(self.basis)
            .or_else(|| only_target(&lists))
            .or_else(|| Some(self.names()).filter(|names| !names.is_unknown()))
            .or_else(|| lists.first().copied())
            .or_else(|| self.prose())
            .unwrap_or_default()
    }

    /// The lists of targets that it is built for or told of, nearest first.
    fn lists(&self) -> Vec<Targets> {
        let universe = &self.basis.knowledge.universe;
        let seen = VARIABLES.iter().filter_map(|name| {
            let Seen { value, at, .. } = self.variables.get(name)?;
            let set = arch_list(&Text::literal(value?, None), universe)?.covers();
            Some(Targets::new(set, Certainty::Declared, TargetOrigin::Variable, Some(at)))
        });
        let here = self.lists_of_system().into_iter();
        let of_image = self.image.into_iter().flat_map(lists_of_image);
        seen.chain(here).chain(of_image).filter(|list| !list.set.is_empty()).collect()
    }

    /// The lists that the packages of a NixOS system are built for.
    fn lists_of_system(&self) -> Vec<Targets> {
        let workspace = self.basis.workspace;
        if workspace.facts(self.file).nix.is_none() {
            return Vec::new();
        }
        let of_file = |file: FileId| {
            let settings = workspace.facts(file).settings.iter();
            let lists = settings.filter(|setting| setting.kind == SettingKind::NixList);
            lists.filter_map(move |setting| {
                let set = arch_list(&setting.value, &self.basis.knowledge.universe)?.covers();
                let at = Place { file, span: setting.span };
                Some(Targets::new(set, Certainty::Declared, TargetOrigin::Variable, Some(at)))
            })
        };
        let own: Vec<Targets> = of_file(self.file).collect();
        if !own.is_empty() {
            return own;
        }
        let near = workspace.nix_files().map(|(file, _)| file);
        let near = near.filter(|&file| workspace.nix().are_together(workspace.sources(), self.file, file));
        near.flat_map(of_file).collect()
    }

    fn names(&self) -> Targets {
        let mut names = Names { basis: self.basis, found: Vec::new() };
        if let Some(image) = self.named {
            let spelled = Spelled::new(&Text::literal(image.text.clone(), None), image.at.span, &|_| None);
            names.spelled(image.at.file, &spelled, TargetOrigin::ImageName);
        }
        if let Some(declared) = self.image.map(|image| image.declared).filter(|declared| !declared.is_unknown()) {
            names.found.push(declared);
        }
        if let Some(container) = self.container {
            let name = container.container.fact.name.clone().unwrap_or_default();
            let spelled = Spelled::new(&Text::literal(name, None), container.container.fact.anchor, &|_| None);
            names.spelled(container.file(), &spelled, TargetOrigin::ImageName);
        }
        names.path(self.file);
        self.build_arguments(&mut names);
        Targets::agreed(&names.found)
    }

    /// What the script that runs it hands to a build: `--build-arg ARG_PYTORCH_ROCM_ARCH=gfx1151`.
    fn build_arguments(&self, names: &mut Names<'_>) {
        let facts = self.basis.workspace.facts(self.file);
        for setting in facts.settings.iter().filter(|setting| setting.kind == SettingKind::BuildArg) {
            let list = arch_list(&setting.value, &self.basis.knowledge.universe).map(|list| list.covers());
            if let Some(set) = list.filter(|set| set.len() == 1) {
                let at = Place { file: self.file, span: setting.span };
                names.found.push(Targets::new(set, Certainty::Named, TargetOrigin::Variable, Some(at)));
            }
        }
    }

    /// The one target that the file's comments and sentences name.
    fn prose(&self) -> Option<Targets> {
        let universe = &self.basis.knowledge.universe;
        let tokens = || self.basis.workspace.facts(self.file).prose.iter().flat_map(|prose| &prose.tokens);
        let named = || tokens().filter(|token| token.shape == TokenShape::Processor);
        let set: ArchSet = named().filter_map(|token| universe.find(&token.name)).collect();
        let at = Place { file: self.file, span: named().next()?.span };
        (set.len() == 1).then(|| Targets::new(set, Certainty::Hinted, TargetOrigin::Prose, Some(at)))
    }
}
