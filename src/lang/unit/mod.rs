//! systemd services and Podman's quadlets: `.service`, `.container`.

mod sections;
#[cfg(test)]
mod tests;

use super::interpolate::{self, Split, Syntax};
use super::shell::Joined;
use super::{Candidate, FrontEnd, programs, remarks, started};
use crate::facts::{Confinement, Container, ContainerKind, FileFacts, Home, Setting, SettingKind, Text, Word};
use crate::span::Span;
use sections::Entry;

/// Units.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "unit",
    claims,
    words: &["gfx", "vllm", "VLLM", "rocm", "ROCM", "HIP_", "HSA_", "/dev/kfd", "amd.com/gpu"],
    joined: None,
    extract,
    extract_callers: None,
};

/// Units, and the files that add to them (`vllm.service.d/gpu.conf`).
fn claims(candidate: &Candidate<'_>) -> bool {
    let adds = [".service.d/", ".container.d/"].iter().any(|folder| candidate.path.contains(folder));
    candidate.has_extension(&["service", "container"]) || adds && candidate.has_extension(&["conf"])
}

fn extract(text: &str, facts: &mut FileFacts) {
    extract_region(text, &[Span::new(0, text.len())], Home::default(), facts);
}

/// Reads the units in these pieces of `text`.
pub(crate) fn extract_region(text: &str, pieces: &[Span], home: Home, facts: &mut FileFacts) {
    let joined = Joined::new(text, pieces);
    let (sections, comments) = sections::sections(&joined);
    comments.into_iter().for_each(|comment| remarks::comment(text, joined.span(comment), facts));
    let quadlet = sections.iter().find(|section| section.name == "Container");
    let section = quadlet.or_else(|| sections.iter().find(|section| section.name == "Service"));
    let Some(section) = section else { return };
    let kind = if quadlet.is_some() { ContainerKind::Quadlet } else { ContainerKind::Unit };
    let mut container = Container::new(kind, joined.span(section.whole.clone()), joined.span(section.header.clone()));
    container.home = home;
    let mut unit = Unit {
        text,
        joined: &joined,
        at: facts.containers.len(),
        container,
        settings: Vec::new(),
        entrypoint: None,
        commands: Vec::new(),
    };
    // The service that starts a quadlet's container has an environment of its own.
    section.entries.iter().for_each(|entry| unit.entry(entry));
    unit.finish(facts);
}

struct Unit<'a> {
    text: &'a str,
    joined: &'a Joined<'a>,
    at: usize,
    container: Container,
    settings: Vec<Setting>,
    entrypoint: Option<Vec<Split>>,
    /// Command lines, or what follows the image.
    commands: Vec<Vec<Split>>,
}

impl Unit<'_> {
    fn entry(&mut self, entry: &Entry) {
        let pieces: Vec<Span> = entry.value.iter().flat_map(|range| self.joined.spans(range.clone())).collect();
        let value = Joined::new(self.text, &pieces);
        let splits = || interpolate::words(&value, 0..value.text().len(), Syntax::Unit);
        let words = || splits().into_iter().map(|split| split.word).collect::<Vec<Word>>();
        let only = || one_word(&value);
        let is_true = matches!(value.text().trim(), "true" | "yes" | "1" | "on");
        let container = &mut self.container;
        match entry.key.as_str() {
            "Environment" => {
                let own = splits().into_iter().filter_map(|split| assignment(self.text, &split, self.at));
                self.settings.extend(own);
            }
            "PrivateDevices" | "DynamicUser" | "MemoryDenyWriteExecute" | "DevicePolicy" => {
                container.confinement.extend(confinement(&entry.key, words()));
            }
            "EnvironmentFile" => container.env_files.extend(only()),
            "Image" => container.image = only(),
            "ContainerName" => container.name = only().and_then(|word| word.known()),
            "AddDevice" => container.devices.extend(words().into_iter().next()),
            "DeviceAllow" => {
                container.confinement.extend(confinement(&entry.key, words()));
                container.devices.extend(words().into_iter().next());
            }
            "GroupAdd" | "SupplementaryGroups" => container.groups.extend(words()),
            "ShmSize" => container.shm_size = only(),
            "Ipc" => container.ipc = only(),
            "User" => container.user = only(),
            "Volume" | "Mount" | "Tmpfs" => container.mounts.extend(only()),
            "SeccompProfile" | "AddCapability" => container.security.extend(words()),
            "SecurityLabelDisable" if is_true => container.security.extend(only()),
            "Annotation" if value.text().contains("keep_original_groups") => {
                container.groups.extend(only().map(|word| Word::literal("keep-groups", word.span)));
            }
            "Pod" => container.is_open = true,
            "PodmanArgs" => {
                let mut given = Vec::new();
                programs::run_options(&words(), container, &mut given);
                let own = given.into_iter().filter_map(|word| setting(self.text, &word, SettingKind::UnitEnv, self.at));
                self.settings.extend(own);
            }
            "Entrypoint" => self.entrypoint = Some(splits()),
            "Exec" | "ExecStart" | "ExecStartPre" | "ExecStartPost" => self.commands.push(splits()),
            _ => {}
        }
    }

    fn finish(self, facts: &mut FileFacts) {
        let Self { text, at, mut container, settings, entrypoint, commands, .. } = self;
        let is_quadlet = container.kind == ContainerKind::Quadlet;
        if is_quadlet {
            container.entrypoint = entrypoint.as_deref().map(started::words);
            container.arguments = commands.last().map(|words| started::words(words)).unwrap_or_default();
        }
        facts.containers.push(container);
        let variables: Vec<(String, Text, Span)> =
            settings.iter().map(|setting| (setting.name.clone(), setting.value.clone(), setting.span)).collect();
        facts.settings.extend(settings);
        let lookup = |name: &str| {
            variables.iter().rfind(|(own, ..)| own == name).map(|(_, value, at)| (value.clone(), Some(*at)))
        };
        if is_quadlet {
            let arguments = commands.last().map(Vec::as_slice).unwrap_or_default();
            started::read(text, at, entrypoint.as_deref(), arguments, &lookup, facts);
            return;
        }
        for words in commands {
            started::read(text, at, Some(&without_marks(words)), &[], &lookup, facts);
        }
    }
}

/// A restriction of the unit; none without a value.
fn confinement(name: &str, mut values: Vec<Word>) -> Option<Confinement> {
    let span = values.iter().map(|word| word.span).reduce(Span::hull)?;
    // systemd has several words for a switch.
    for value in &mut values {
        let switch = match value.known()?.as_str() {
            "yes" | "on" | "1" => "true",
            "no" | "off" | "0" => "false",
            _ => continue,
        };
        value.text = Text::literal(switch, None);
    }
    Some(Confinement { name: name.to_owned(), span, values })
}

/// A command line without systemd's marks before the program: `-/usr/bin/x`, `+x`.
fn without_marks(mut words: Vec<Split>) -> Vec<Split> {
    let marks = ['-', '@', ':', '+', '!'];
    let Some(first) = words.first_mut() else { return words };
    if let Some(written) = first.word.known().filter(|written| written.starts_with(marks)) {
        let bare = written.trim_start_matches(marks);
        let span = Span::new(first.word.span.range().end.saturating_sub(bare.len()), first.word.span.range().end);
        first.word = Word::literal(bare, span);
        first.pieces = vec![span];
    }
    words
}

/// All of a value as one word; none where it is empty.
fn one_word(value: &Joined<'_>) -> Option<Word> {
    let written = value.text();
    let start = written.len() - written.trim_start().len();
    let range = start..start + written.trim().len();
    (!range.is_empty())
        .then(|| Word { text: interpolate::value(value, range.clone(), Syntax::Unit), span: value.span(range) })
}

fn assignment(text: &str, split: &Split, container: usize) -> Option<Setting> {
    setting(text, &split.word, SettingKind::UnitEnv, container)
}

/// `X=v` as a setting.
fn setting(text: &str, word: &Word, kind: SettingKind, container: usize) -> Option<Setting> {
    let (name, value) = programs::split_at_equals(word)?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let written = word.span.text(text);
    let start = word.span.range().start + written.find(&name).unwrap_or_default();
    let span = Span::new(start, word.span.range().end);
    let value_span = Span::new((start + name.len() + 1).min(span.range().end), span.range().end);
    let mut setting = remarks::setting(&name, span, value_span, value.text, kind);
    setting.container = Some(container);
    is_name.then_some(setting)
}
