//! Containers of NixOS: `virtualisation.oci-containers.containers`.

use super::modules::{Leaf, Module};
use super::reader::Reader;
use super::scripts::Shell;
use super::settings;
use super::syntax::{Id, Name};
use crate::facts::{Container, ContainerKind, FileFacts, NixValue, Setting, SettingKind, Word};
use crate::lang::interpolate::Split;
use crate::lang::{programs, remarks, started};
use crate::span::Span;

/// Reads the containers of a module.
pub(super) fn read(reader: &Reader<'_>, module: &Module, facts: &mut FileFacts) {
    let mut found: Vec<(&Name, Vec<(Vec<&str>, &Leaf)>)> = Vec::new();
    for leaf in &module.leaves {
        let texts: Vec<&str> = leaf.path.iter().map(|name| name.text.as_str()).collect();
        let Some(at) = texts.windows(2).position(|pair| pair == ["oci-containers", "containers"]) else { continue };
        let (Some(name), Some(fields)) = (leaf.path.get(at + 2), texts.get(at + 3..)) else { continue };
        match found.iter_mut().find(|(known, _)| known.text == name.text) {
            Some((_, all)) => all.push((fields.to_vec(), leaf)),
            None => found.push((name, vec![(fields.to_vec(), leaf)])),
        }
    }
    for (name, fields) in found {
        read_one(reader, name, &fields, facts);
    }
}

fn read_one(reader: &Reader<'_>, name: &Name, fields: &[(Vec<&str>, &Leaf)], facts: &mut FileFacts) {
    let at = facts.containers.len();
    let span = fields.iter().map(|(_, leaf)| leaf.span).fold(name.span, Span::hull);
    let mut container = Container::new(ContainerKind::Nix, span, name.span);
    container.name = Some(name.text.clone());
    let mut given = Vec::new();
    let (mut variables, mut entrypoint, mut arguments): (Vec<Setting>, Option<Vec<Split>>, Vec<Split>) =
        (Vec::new(), None, Vec::new());
    for (fields, leaf) in fields {
        let (items, is_open) = reader.items(leaf.value);
        let words = || items.iter().filter_map(|&item| reader.word(item)).collect::<Vec<Word>>();
        match fields.as_slice() {
            // All of it is put together elsewhere.
            [] => container.is_open = true,
            ["image"] => container.image = reader.word(leaf.value),
            ["cmd"] => {
                arguments = splits(reader, &items);
                container.is_open |= is_open;
            }
            ["entrypoint"] => entrypoint = reader.word(leaf.value).map(|word| vec![split(reader, leaf.value, word)]),
            ["environment", _] => {
                variables.extend(settings::variable(reader, leaf, SettingKind::ContainerEnv, Some(at)))
            }
            ["environmentFiles"] => container.env_files = words(),
            ["volumes"] => container.mounts.extend(words()),
            ["ports"] => container.ports.extend(words()),
            ["devices"] => {
                let is_nvidia = |word: &Word| word.by_default().is_some_and(|device| device.contains("nvidia"));
                container.nvidia.extend(words().into_iter().filter(is_nvidia));
                container.devices.extend(words());
                container.is_open |= is_open;
            }
            ["extraOptions"] => {
                container.is_open |= is_open;
                programs::run_options(&words(), &mut container, &mut given);
            }
            ["privileged"] => match reader.value(leaf.value) {
                NixValue::Bool(true) => container.privileged = Some(leaf.span),
                NixValue::Bool(false) => {}
                _ => container.is_open = true,
            },
            ["user"] => container.user = reader.word(leaf.value),
            ["networks"] => container.networks.extend(words()),
            _ => {}
        }
    }
    for word in given {
        if let Some((name, value)) = programs::split_at_equals(&word) {
            let mut setting = remarks::setting(&name, word.span, value.span, value.text, SettingKind::ContainerEnv);
            setting.container = Some(at);
            variables.push(setting);
        }
    }
    container.entrypoint = entrypoint.as_deref().map(started::words);
    container.arguments = started::words(&arguments);
    facts.containers.push(container);
    let known: Vec<_> =
        variables.iter().map(|setting| (setting.name.clone(), setting.value.clone(), setting.span)).collect();
    variables.into_iter().for_each(|setting| settings::add(setting, facts));
    let lookup =
        |name: &str| known.iter().rfind(|(own, ..)| own == name).map(|(_, value, at)| (value.clone(), Some(*at)));
    started::read(reader.text, at, entrypoint.as_deref(), &arguments, &lookup, facts);
}

fn splits(reader: &Reader<'_>, items: &[Id]) -> Vec<Split> {
    items.iter().filter_map(|&item| reader.word(item).map(|word| split(reader, item, word))).collect()
}

fn split(reader: &Reader<'_>, id: Id, word: Word) -> Split {
    Split { word, pieces: Shell::of(reader, id).pieces().to_vec() }
}
