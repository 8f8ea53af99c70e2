//! Builds of PyTorch from source, in images and in scripts, with the options that they get.

use std::collections::BTreeMap;

use super::trees::{built_folder, folder_of, last_part, runs_setup};
use super::{Found, Joins};
use crate::facts::{Checkout, Command, FileFacts, Install, SettingKind, Text};
use crate::span::{FileId, Place, Span};
use crate::workspace::Workspace;

/// A command that builds PyTorch.
#[derive(Debug, Clone, Copy)]
pub struct TorchBuild<'a> {
    /// The command.
    pub command: Found<'a, Command>,
    /// The clone that it builds, where the file makes one.
    pub clone: Option<Found<'a, Checkout>>,
}

/// An option of a build, where it is given its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildOption {
    /// The value.
    pub value: String,
    /// Name and value, as written.
    pub at: Place,
}

impl BuildOption {
    /// Whether the value switches off what the option is for, as CMake and PyTorch's `setup.py` read it.
    pub fn is_off(&self) -> bool {
        matches!(self.value.to_ascii_lowercase().as_str(), "0" | "off" | "false" | "no" | "n")
    }
}

impl<'a> TorchBuild<'a> {
    /// The builds in a file, in order.
    pub fn all(workspace: &'a Workspace, file: FileId) -> Vec<Self> {
        let facts = workspace.facts(file);
        let mut installs = BTreeMap::new();
        for install in facts.installs.iter().rev() {
            installs.extend(install.command.map(|at| (at, install)));
        }
        let find = |(at, fact): (usize, &'a Command)| {
            let command = Found { file, fact };
            let folder = torch_folder(facts, installs.get(&at).copied(), command)?;
            let is_it = |checkout: &&Checkout| {
                let found = Found { file, fact: *checkout };
                checkout.span.start < fact.span.start
                    && is_torch_repository(checkout)
                    && folder_of(&found).as_deref() == Some(folder.as_str())
            };
            let clone = facts.checkouts.iter().rfind(is_it).map(|fact| Found { file, fact });
            Some(Self { command, clone })
        };
        facts.commands.iter().enumerate().filter_map(find).collect()
    }

    /// The option of that name as the build sees it: a flag of CMake, a variable of the command, of its script or of
    /// its stage, an argument that the build of the image gets.
    pub fn option(&self, workspace: &Workspace, joins: &Joins<'_>, name: &str) -> Option<BuildOption> {
        let file = self.command.file;
        let facts = workspace.facts(file);
        let stage = self.command.home.stage;
        let flag = facts.settings.iter().rfind(|setting| {
            setting.kind == SettingKind::BuildFlag
                && setting.name == name
                && setting.stage == stage
                && setting.span.start < self.command.span.end
        });
        if let Some(flag) = flag {
            return option(&flag.value, file, flag.span);
        }
        if let Some(variable) = self.command.variable(name) {
            return option(&variable.value, file, variable.span.unwrap_or(self.command.span));
        }
        self.of_stage(joins, name)
    }

    fn of_stage(&self, joins: &Joins<'_>, name: &str) -> Option<BuildOption> {
        let image = joins.image(self.command.file, self.command.home.stage?)?;
        let path = &image.path;
        let found = path.in_force(name, Some(self.command.place(self.command.span)))?;
        if found.kind == SettingKind::DockerArg
            && let Some(given) = joins.builds().all().iter().find_map(|built| {
                let is_here = built.step.is_some_and(|step| step.file == found.file);
                let argument = built
                    .build
                    .fact
                    .arguments
                    .iter()
                    .find(|argument| is_here && argument.name.known().as_deref() == Some(name))?;
                option(argument.value.as_ref()?, built.build.file, argument.span)
            })
        {
            return Some(given);
        }
        let at = found.place(found.span);
        Some(BuildOption { value: path.text(&found.fact.value, at)?, at })
    }
}

fn option(value: &Text, file: FileId, span: Span) -> Option<BuildOption> {
    Some(BuildOption { value: value.by_default()?, at: Place { file, span } })
}

/// The folder of PyTorch's tree that a command builds.
fn torch_folder(facts: &FileFacts, install: Option<&Install>, command: Found<'_, Command>) -> Option<String> {
    let directory = command.fact.directory.as_ref();
    let folder = match install {
        Some(install) => built_folder(facts, install)??,
        None if runs_setup(command) => directory.and_then(last_part)?,
        // CMake is run in a folder of its own below the tree.
        None if command.program() == "cmake" => {
            let words = command.fact.arguments().iter().filter_map(|word| word.by_default());
            let mut folders = directory.and_then(Text::by_default).into_iter().chain(words);
            folders.find_map(|folder| {
                let mut parts = folder.split('/');
                (!folder.starts_with('-')).then(|| parts.find(|part| is_torch_name(part)).map(str::to_owned))?
            })?
        }
        None => return None,
    };
    let is_cloned = facts.checkouts.iter().any(|checkout| {
        is_torch_repository(checkout)
            && folder_of(&Found { file: command.file, fact: checkout }).as_ref() == Some(&folder)
    });
    (is_torch_name(&folder) || is_cloned).then_some(folder)
}

fn is_torch_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("pytorch")
}

fn is_torch_repository(checkout: &Checkout) -> bool {
    checkout.repository.as_deref().and_then(|name| name.rsplit('/').next()).is_some_and(is_torch_name)
}
