//! Component builds inside images: which list of targets a component's own build is given.

use super::TARGETS_VARIABLE;
use crate::arch::ArchSet;
use crate::context::Context;
use crate::facts::{FileFacts, Setting, SettingKind};
use crate::knowledge::Component;
use crate::span::Place;
use crate::workspace::{ResolvedSite, SiteFact};

/// A list of targets that a component's build is given.
#[derive(Debug, Clone)]
pub struct ComponentBuild<'a> {
    /// The component.
    pub component: &'a Component,
    /// The list, filters applied.
    pub site: &'a ResolvedSite,
    /// The setting behind it.
    pub setting: &'a Setting,
}

impl ComponentBuild<'_> {
    /// What the build would be given if the image's list were `targets` (names joined by `;`); none where a filter
    /// cannot be followed or the list does not come from the image's.
    pub fn given(&self, cx: &Context<'_>, targets: &str) -> Option<ArchSet> {
        self.comes_from_image(cx).then_some(())?;
        let text = match &self.setting.filter {
            Some(filter) => filter.evaluate(targets)?,
            None => targets.to_owned(),
        };
        let names = text.split([';', ',', ' ']).filter(|name| !name.is_empty());
        Some(names.filter_map(|name| cx.universe().find(name)).collect())
    }

    /// Whether the list is the image's own, passed on.
    fn comes_from_image(&self, cx: &Context<'_>) -> bool {
        let Some(via) = self.setting.via else { return false };
        let settings = &cx.workspace.facts(self.site.at.file).settings;
        settings.iter().any(|setting| setting.span == via && setting.name == TARGETS_VARIABLE)
    }

    /// Where the list stands.
    pub fn at(&self) -> Place {
        self.site.at
    }

    /// The setting that switches off what would be compiled from the list, in the same stage or one that it starts from:
    /// FlashAttention's Triton backend, or a build without Composable Kernel.
    pub fn switched_off(&self, cx: &Context<'_>) -> Option<Place> {
        let file = self.site.at.file;
        let facts = cx.workspace.facts(file);
        let stages = stages_of(facts, self.setting.stage);
        let is_switch = |setting: &&Setting| {
            self.component.switches.contains(&setting.name)
                && stages.contains(&setting.stage)
                && setting
                    .value
                    .known()
                    .is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "true" | "1" | "on" | "yes"))
        };
        facts.settings.iter().find(is_switch).map(|setting| Place { file, span: setting.span })
    }
}

/// A stage and those that it starts from, and the part before the first one.
pub fn stages_of(facts: &FileFacts, stage: Option<usize>) -> Vec<Option<usize>> {
    let mut found = vec![None];
    let mut next = stage;
    while let Some(current) = next.filter(|&current| !found.contains(&Some(current))) {
        found.push(Some(current));
        next = facts.stages.get(current).and_then(|stage| stage.parent);
    }
    found
}

/// The component builds of the run's container files, by place.
pub fn component_builds<'a>(cx: &Context<'a>) -> Vec<ComponentBuild<'a>> {
    cx.sites()
        .filter(|site| cx.workspace.sources().get(site.at.file).language == "dockerfile")
        .filter_map(|site| {
            let SiteFact::Setting(at) = site.fact else { return None };
            let setting = &cx.workspace.facts(site.at.file).settings[at];
            let component = component_of(cx, setting)?;
            Some(ComponentBuild { component, site, setting })
        })
        .collect()
}

/// The component that a setting configures: by a variable of its own, or by the folder and command that it is set for.
fn component_of<'a>(cx: &Context<'a>, setting: &Setting) -> Option<&'a Component> {
    let components = &cx.knowledge.components;
    if setting.kind == SettingKind::ShellAssign || setting.kind == SettingKind::BuildFlag {
        let context = setting.context.to_ascii_lowercase();
        let by_folder = components.iter().find(|component| {
            component
                .repositories
                .iter()
                .filter_map(|repository| repository.rsplit('/').next())
                .any(|folder| context.contains(&folder.to_ascii_lowercase()))
        });
        if by_folder.is_some() {
            return by_folder;
        }
    }
    let owners: Vec<_> =
        components.iter().filter(|component| component.arch_variables.contains(&setting.name)).collect();
    // A variable that several components read (GPU_ARCHS) names none of them.
    match owners.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}
