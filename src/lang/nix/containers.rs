//! Containers of NixOS, quadlet-nix and home-manager.

use super::modules::{Leaf, Module, Named};
use super::reader::Reader;
use super::scripts::Shell;
use super::settings;
use super::syntax::{Id, Kind};
use crate::facts::{Container, ContainerKind, FileFacts, NixValue, Setting, SettingKind, Word};
use crate::lang::interpolate::{self, Split, Syntax};
use crate::lang::shell::Joined;
use crate::lang::{programs, remarks, started};

/// Reads the containers of a module.
pub(super) fn read(reader: &Reader<'_>, module: &Module, facts: &mut FileFacts) {
    for container in module.named(name_of_container) {
        read_one(reader, &container, facts);
    }
}

/// The index of a container's name in a path: `virtualisation.oci-containers.containers.NAME`, quadlet-nix's
/// `virtualisation.quadlet.containers.NAME.containerConfig`, home-manager's `services.podman.containers.NAME`.
fn name_of_container(path: &[&str]) -> Option<usize> {
    // A module's declarations of options are no containers.
    if path.first() == Some(&"options") {
        return None;
    }
    let is_set = |pair: &[&str]| matches!(pair, ["oci-containers" | "quadlet" | "podman", "containers"]);
    path.windows(2).position(is_set).map(|at| at + 2)
}

/// What is read before it is known where the container's facts go.
#[derive(Default)]
struct Parts {
    given: Vec<Word>,
    variables: Vec<Setting>,
    entrypoint: Option<Vec<Split>>,
    arguments: Vec<Split>,
}

fn read_one(reader: &Reader<'_>, named: &Named<'_>, facts: &mut FileFacts) {
    let at = facts.containers.len();
    let mut container = Container::new(ContainerKind::Nix, named.span(), named.name.span);
    container.name = Some(named.name.text.clone());
    let mut parts = Parts::default();
    for (fields, leaf) in &named.fields {
        let own = match fields.as_slice() {
            ["containerConfig", rest @ ..] => rest,
            all => all,
        };
        field(reader, own, leaf, at, &mut container, &mut parts);
    }
    for word in parts.given {
        if let Some((name, value)) = programs::split_at_equals(&word) {
            let mut setting = remarks::setting(&name, word.span, value.span, value.text, SettingKind::ContainerEnv);
            setting.container = Some(at);
            parts.variables.push(setting);
        }
    }
    container.entrypoint = parts.entrypoint.as_deref().map(started::words);
    container.arguments = started::words(&parts.arguments);
    facts.containers.push(container);
    let known: Vec<_> =
        parts.variables.iter().map(|setting| (setting.name.clone(), setting.value.clone(), setting.span)).collect();
    parts.variables.into_iter().for_each(|setting| settings::add(setting, facts));
    let lookup =
        |name: &str| known.iter().rfind(|(own, ..)| own == name).map(|(_, value, at)| (value.clone(), Some(*at)));
    started::read(reader.text, at, parts.entrypoint.as_deref(), &parts.arguments, &lookup, facts);
}

/// One attribute of a container.
fn field(reader: &Reader<'_>, names: &[&str], leaf: &Leaf, at: usize, container: &mut Container, parts: &mut Parts) {
    let (items, is_open) = reader.items(leaf.value);
    let words = || items.iter().filter_map(|&item| reader.word(item)).collect::<Vec<Word>>();
    // One string, or a list.
    let one_or_more = || super::units::words(reader, leaf.value);
    match names {
        // All of it is put together elsewhere.
        [] | ["pod" | "extraConfig" | "rawConfig"] => container.is_open = true,
        ["image"] => container.image = reader.word(leaf.value),
        ["cmd" | "exec"] => {
            let is_text = matches!(reader.syntax.kind(reader.strip(leaf.value)), Kind::Str { .. });
            parts.arguments = if is_text { command(reader, leaf.value) } else { splits(reader, &items) };
            container.is_open |= is_open && !is_text;
        }
        ["entrypoint"] => {
            parts.entrypoint = reader.word(leaf.value).map(|word| vec![split(reader, leaf.value, word)]);
        }
        ["environment" | "environments", _] => {
            parts.variables.extend(settings::variable(reader, leaf, SettingKind::ContainerEnv, Some(at)));
        }
        ["environmentFiles" | "environmentFile"] => container.env_files = words(),
        ["volumes"] => container.mounts.extend(words()),
        ["ports" | "publishPorts"] => container.ports.extend(words()),
        ["devices"] => {
            let is_nvidia = |word: &Word| word.by_default().is_some_and(|device| device.contains("nvidia"));
            container.nvidia.extend(words().into_iter().filter(is_nvidia));
            container.devices.extend(words());
            container.is_open |= is_open;
        }
        ["extraOptions" | "podmanArgs" | "extraPodmanArgs"] => {
            container.is_open |= is_open;
            programs::run_options(&words(), container, &mut parts.given);
        }
        ["addGroups"] => container.groups.extend(words()),
        ["shmSize"] => container.shm_size = reader.word(leaf.value),
        ["privileged"] => match reader.value(leaf.value) {
            NixValue::Bool(true) => container.privileged = Some(leaf.span),
            NixValue::Bool(false) => {}
            _ => container.is_open = true,
        },
        ["user"] => container.user = reader.word(leaf.value),
        ["networks" | "network"] => container.networks.extend(one_or_more()),
        _ => {}
    }
}

/// The words of a command line in one string.
fn command(reader: &Reader<'_>, id: Id) -> Vec<Split> {
    let shell = Shell::of(reader, id);
    let joined = Joined::new(reader.text, shell.pieces());
    interpolate::words(&joined, 0..joined.text().len(), Syntax::Unit)
}

fn splits(reader: &Reader<'_>, items: &[Id]) -> Vec<Split> {
    items.iter().filter_map(|&item| reader.word(item).map(|word| split(reader, item, word))).collect()
}

fn split(reader: &Reader<'_>, id: Id, word: Word) -> Split {
    Split { word, pieces: Shell::of(reader, id).pieces().to_vec() }
}
