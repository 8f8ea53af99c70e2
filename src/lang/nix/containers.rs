//! Containers of NixOS: `virtualisation.oci-containers.containers`.

use super::modules::{Module, Named};
use super::reader::Reader;
use super::scripts::Shell;
use super::settings;
use super::syntax::Id;
use crate::facts::{Container, ContainerKind, FileFacts, NixValue, Setting, SettingKind, Word};
use crate::lang::interpolate::Split;
use crate::lang::{programs, remarks, started};

/// Reads the containers of a module.
pub(super) fn read(reader: &Reader<'_>, module: &Module, facts: &mut FileFacts) {
    let name_of =
        |path: &[&str]| path.windows(2).position(|pair| pair == ["oci-containers", "containers"]).map(|at| at + 2);
    for container in module.named(name_of) {
        read_one(reader, &container, facts);
    }
}

fn read_one(reader: &Reader<'_>, named: &Named<'_>, facts: &mut FileFacts) {
    let at = facts.containers.len();
    let mut container = Container::new(ContainerKind::Nix, named.span(), named.name.span);
    container.name = Some(named.name.text.clone());
    let mut given = Vec::new();
    let (mut variables, mut entrypoint, mut arguments): (Vec<Setting>, Option<Vec<Split>>, Vec<Split>) =
        (Vec::new(), None, Vec::new());
    for (fields, leaf) in &named.fields {
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
