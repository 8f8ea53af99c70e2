//! The variables that a launch or a container sees.

use std::sync::Arc;

use super::builds::join;
use super::{Found, ImageFacts};
use crate::facts::{
    Container, ContainerKind, FileFacts, Launch, NixValue, Setting, SettingKind, Text, TextPart, Variable,
};
use crate::span::{FileId, Place};
use crate::workspace::Workspace;

/// A variable as a launch sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Its value.
    pub text: Text,
    /// The value where all of it is known; variables that nothing sets stand for their defaults.
    pub value: Option<String>,
    /// Name and value, as written.
    pub at: Place,
    /// Where it is set.
    pub layer: Layer,
    /// Whether a part is the default of a variable that the caller may set.
    pub by_default: bool,
}

/// Where a variable is set, nearest to the launch first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Before the command, in its script, or in its program.
    Command,
    /// In the container's or unit's environment.
    Container,
    /// In a file of variables.
    EnvFile,
    /// In the image.
    Image,
}

impl Layer {
    /// Its name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Container => "container",
            Self::EnvFile => "env-file",
            Self::Image => "image",
        }
    }
}

/// The places where variables of a launch or container are set.
#[derive(Debug, Clone)]
pub(super) struct Variables<'a> {
    workspace: &'a Workspace,
    file: FileId,
    launch: Option<&'a Launch>,
    container: Option<Found<'a, Container>>,
    index: usize,
    env_files: Vec<FileId>,
    /// The `.env` beside a compose file, which fills the file's own variables.
    dot_env: Option<FileId>,
    image: Option<Arc<ImageFacts<'a>>>,
}

impl<'a> Variables<'a> {
    /// Those of a launch in a file; of a container, with its index; of an image.
    pub fn new(
        workspace: &'a Workspace,
        file: FileId,
        launch: Option<&'a Launch>,
        container: Option<(Found<'a, Container>, usize)>,
        image: Option<Arc<ImageFacts<'a>>>,
    ) -> Self {
        let index = container.map_or(0, |(_, index)| index);
        let container = container.map(|(container, _)| container);
        let env_files = container.map_or_else(Vec::new, |container| {
            container.env_files.iter().filter_map(|name| beside(workspace, container, &name.by_default()?)).collect()
        });
        let is_compose = |container: &Found<'_, Container>| container.kind == ContainerKind::Compose;
        let dot_env = container.filter(is_compose).and_then(|container| beside(workspace, container, ".env"));
        Self { workspace, file, launch, container, index, env_files, dot_env, image }
    }

    /// The variable of that name.
    pub fn get(&self, name: &str) -> Option<Seen> {
        self.lookup(name, 0)
    }

    /// A value, filled in as far as variables are known; none where a part of it stays unknown.
    pub fn fill(&self, text: &Text) -> Option<String> {
        self.filled(text, 0)
    }

    /// The value of a variable of a compose file itself (`${TAG}`), as its `.env` gives it.
    pub fn outer(&self, name: &str) -> Option<String> {
        in_env_file(self.workspace.facts(self.dot_env?), name)?.value.known()
    }

    fn lookup(&self, name: &str, depth: usize) -> Option<Seen> {
        let (at, text, layer) = self
            .of_command(name)
            .or_else(|| self.of_container(name))
            .or_else(|| self.of_env_files(name))
            .or_else(|| self.of_image(name))?;
        let value = match layer {
            Layer::Image => self.image.as_ref().and_then(|image| image.path.text(text, at)),
            _ => self.filled(text, depth + 1),
        };
        Some(Seen { value, text: text.clone(), at, layer, by_default: has_outer(text) })
    }

    fn of_command(&self, name: &str) -> Option<(Place, &'a Text, Layer)> {
        let launch = self.launch?;
        let find = |list: &'a [Variable]| list.iter().rfind(|variable| variable.name == name);
        let command = launch.command.and_then(|at| self.workspace.facts(self.file).commands.get(at));
        let variable = find(&launch.environment).or_else(|| find(&command?.environment))?;
        let at = Place { file: self.file, span: variable.span.unwrap_or(launch.program) };
        Some((at, &variable.value, Layer::Command))
    }

    fn of_container(&self, name: &str) -> Option<(Place, &'a Text, Layer)> {
        let container = self.container?;
        let setting = self.workspace.facts(container.file).settings.iter().rfind(|setting| {
            setting.container == Some(self.index) && setting.name == name && is_environment(setting.kind)
        })?;
        Some((container.place(setting.span), &setting.value, Layer::Container))
    }

    fn of_env_files(&self, name: &str) -> Option<(Place, &'a Text, Layer)> {
        self.env_files.iter().rev().find_map(|&file| {
            let setting = in_env_file(self.workspace.facts(file), name)?;
            Some((Place { file, span: setting.span }, &setting.value, Layer::EnvFile))
        })
    }

    fn of_image(&self, name: &str) -> Option<(Place, &'a Text, Layer)> {
        let image = self.image.as_ref()?;
        let before = self.launch.filter(|launch| launch.home.stage.is_some() && launch.command.is_some());
        let before = before.map(|launch| Place { file: self.file, span: launch.span });
        let setting = image.path.in_force(name, before)?;
        Some((setting.place(setting.span), &setting.fact.value, Layer::Image))
    }

    /// A value that a Nix file takes from another one.
    fn of_nix(&self, name: &str) -> Option<String> {
        match self.workspace.nix_outer(self.file, name)? {
            (_, NixValue::Text(text)) => text.known(),
            _ => None,
        }
    }

    fn filled(&self, text: &Text, depth: usize) -> Option<String> {
        let part = |part: &TextPart| match part {
            TextPart::Literal(text, _) => Some(text.clone()),
            TextPart::Unknown => None,
            TextPart::Outer { name, default } => {
                let from_file =
                    || self.dot_env.and_then(|file| in_env_file(self.workspace.facts(file), name)?.value.known());
                let set = from_file()
                    .or_else(|| self.of_nix(name))
                    .or_else(|| (depth < 8).then(|| self.lookup(name, depth + 1))??.value);
                let default = || default.as_ref().and_then(|default| self.filled(default, depth + 1));
                set.filter(|text| !text.is_empty()).or_else(default)
            }
        };
        text.parts.iter().map(part).collect()
    }
}

fn has_outer(text: &Text) -> bool {
    text.parts.iter().any(|part| matches!(part, TextPart::Outer { .. }))
}

fn is_environment(kind: SettingKind) -> bool {
    matches!(kind, SettingKind::ContainerEnv | SettingKind::UnitEnv | SettingKind::YamlValue)
}

fn in_env_file<'a>(facts: &'a FileFacts, name: &str) -> Option<&'a Setting> {
    facts.settings.iter().rfind(|setting| setting.kind == SettingKind::EnvFile && setting.name == name)
}

/// The file that a compose file, unit or command names, from the folder that it stands in.
fn beside(workspace: &Workspace, container: Found<'_, Container>, name: &str) -> Option<FileId> {
    let own = &workspace.sources().get(container.file).path;
    let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
    workspace.sources().find(&join(folder, name.trim_start_matches('-')))
}
