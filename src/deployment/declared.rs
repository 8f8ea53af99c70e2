//! The targets that an image says it is for, other than by the lists that its builds are given.

use super::spelled::Spelled;
use super::targets::{named_in, named_in_path};
use super::{Basis, Builds, Certainty, Found, Reach, StagePath, Step, TargetOrigin, Targets};
use crate::facts::{Command, SettingKind, Word};
use crate::span::{FileId, Place};

/// What an image says that it is for.
pub(super) fn declared(basis: Basis<'_>, builds: &Builds<'_>, path: &StagePath<'_>) -> Targets {
    let mut names = Names { basis, found: Vec::new() };
    for built in builds.of(Step { file: path.file, stage: path.stage }) {
        for tag in &built.build.fact.tags {
            names.word(built.build.file, tag, TargetOrigin::ImageName);
        }
    }
    for (step, image) in path.roots(Reach::Chain) {
        names.spelled(step.file, &image, TargetOrigin::ImageName);
    }
    for setting in path.settings(Reach::Chain).filter(|setting| setting.kind == SettingKind::DockerLabel) {
        let spelled = Spelled::new(&setting.fact.value, setting.value_span, &|_| None);
        names.spelled(setting.file, &spelled, TargetOrigin::Label);
    }
    for install in path.installs(Reach::Whole) {
        let fact = install.fact;
        for index in fact.index.iter().chain(&fact.extra_indexes).chain(&fact.find_links) {
            names.word(install.file, index, TargetOrigin::Address);
        }
        for package in &fact.packages {
            names.word(install.file, &package.word, TargetOrigin::Package);
        }
    }
    for command in path.commands(Reach::Whole) {
        names.command(command);
    }
    names.path(path.file);
    Targets::agreed(&names.found)
}

/// Names of targets, collected.
pub(super) struct Names<'a> {
    pub basis: Basis<'a>,
    pub found: Vec<Targets>,
}

impl Names<'_> {
    /// What a word names.
    pub fn word(&mut self, file: FileId, word: &Word, origin: TargetOrigin) {
        if word.text.may_hold_any(&["gfx"]) {
            self.spelled(file, &Spelled::word(word), origin);
        }
    }

    /// What a text names.
    pub fn spelled(&mut self, file: FileId, spelled: &Spelled, origin: TargetOrigin) {
        let universe = &self.basis.knowledge.universe;
        let Some((set, range)) = named_in(universe, &spelled.text) else { return };
        let at = Place { file, span: spelled.at(range) };
        self.found.push(Targets::new(set, Certainty::Named, origin, Some(at)));
    }

    /// What the file's own name and folders name.
    pub fn path(&mut self, file: FileId) {
        let path = &self.basis.workspace.sources().get(file).path;
        let set = named_in_path(self.basis.knowledge, path);
        self.found.extend(set.map(|set| Targets::new(set, Certainty::Named, TargetOrigin::FileName, None)));
    }

    /// Archives for one target, and `--arch gfx1151`.
    fn command(&mut self, command: Found<'_, Command>) {
        let options = ["--arch", "--gfx", "--gpu-arch", "--amdgpu-family", "--rocm-arch"];
        let lower = |word: &Word| Spelled::word(word).text.to_ascii_lowercase();
        let words = &command.fact.words;
        for (at, word) in words.iter().enumerate().filter(|(_, word)| word.text.may_hold_any(&["gfx"])) {
            let text = lower(word);
            let is_value = || at > 0 && options.contains(&lower(&words[at - 1]).as_str());
            let is_glued = |option: &str| text.strip_prefix(option).is_some_and(|rest| rest.starts_with('='));
            if options.into_iter().any(is_glued) || is_value() {
                self.word(command.file, word, TargetOrigin::Option);
            } else if text.contains("therock") || text.contains("://") {
                self.word(command.file, word, TargetOrigin::Package);
            }
        }
    }
}
