//! systemd services of NixOS and home-manager, and modules that run one.

use super::modules::{Leaf, Module, Named};
use super::reader::Reader;
use super::scripts::{self, Shell};
use super::settings;
use super::syntax::Id;
use crate::facts::{
    Confinement, Container, ContainerKind, FileFacts, Home, NixValue, Setting, SettingKind, Text, TextPart, Word,
};
use crate::lang::remarks;

/// Restrictions of a unit that decide whether it can open a GPU.
const CONFINING: &[&str] =
    &["PrivateDevices", "DynamicUser", "MemoryDenyWriteExecute", "DevicePolicy", "DeviceAllow", "SupplementaryGroups"];

/// Reads the services of a module; returns the strings that were read as scripts.
pub(super) fn read(reader: &Reader<'_>, module: &Module, facts: &mut FileFacts) -> Vec<Id> {
    let mut done = Vec::new();
    for unit in module.named(name_of_unit) {
        read_unit(reader, &unit, &mut done, facts);
    }
    done
}

/// The index of a service's name in a path: `systemd.services.NAME`, `services.ollama`.
fn name_of_unit(path: &[&str]) -> Option<usize> {
    // A module's declarations of options are no service.
    if path.first() == Some(&"options") {
        return None;
    }
    let systemd = path.iter().position(|name| *name == "systemd");
    if let Some(at) = systemd {
        let rest = path.get(at + 1..)?;
        let skipped = if rest.first() == Some(&"user") { 1 } else { 0 };
        return (rest.get(skipped) == Some(&"services") && rest.len() > skipped + 1).then_some(at + skipped + 2);
    }
    let at = path.iter().position(|name| *name == "services")?;
    let name = path.get(at + 1)?;
    let is_known = matches!(*name, "ollama" | "llama-cpp" | "llama-swap" | "vllm");
    (is_known && path.len() > at + 2).then_some(at + 1)
}

fn read_unit(reader: &Reader<'_>, unit: &Named<'_>, done: &mut Vec<Id>, facts: &mut FileFacts) {
    let at = facts.containers.len();
    let mut container = Container::new(ContainerKind::Unit, unit.span(), unit.name.span);
    container.name = Some(unit.name.text.clone());
    let (mut commands, mut scripts) = (Vec::new(), Vec::new());
    let mut variables: Vec<Setting> = Vec::new();
    for (fields, leaf) in &unit.fields {
        match fields.as_slice() {
            ["environment" | "environmentVariables", _] => {
                variables.extend(settings::variable(reader, leaf, SettingKind::UnitEnv, Some(at)));
            }
            // `Service` is home-manager's name for it.
            ["serviceConfig" | "Service", "Environment"] => variables.extend(assignments(reader, leaf.value, at)),
            ["serviceConfig" | "Service", "EnvironmentFile"] => container.env_files.extend(words(reader, leaf.value)),
            ["serviceConfig" | "Service", "User"] | ["user"] => container.user = reader.word(leaf.value),
            ["serviceConfig" | "Service", name] if name.starts_with("ExecStart") => {
                let (items, _) = reader.items(leaf.value);
                if items.is_empty() { commands.push(leaf.value) } else { commands.extend(items) }
            }
            ["serviceConfig" | "Service", name] if CONFINING.contains(name) => {
                confine(reader, name, leaf, &mut container);
            }
            ["rocmOverrideGfx"] => {
                if let Some(text) = reader.word(leaf.value).map(|word| word.text) {
                    let name = "HSA_OVERRIDE_GFX_VERSION";
                    let mut setting =
                        remarks::setting(name, leaf.own_span(), reader.inner(leaf.value), text, SettingKind::UnitEnv);
                    setting.container = Some(at);
                    variables.push(setting);
                }
            }
            [name] if scripts::is_script(name) => scripts.push(leaf.value),
            _ => {}
        }
    }
    facts.containers.push(container);
    for setting in variables {
        settings::add(setting, facts);
    }
    let home = Home { container: Some(at), ..Home::default() };
    for command in commands {
        let shell = Shell::of(reader, command).without_marks(reader.text);
        run(reader, shell, home, done, facts);
        done.push(reader.strip(command));
    }
    for script in scripts {
        run(reader, Shell::of(reader, script), home, done, facts);
        done.push(reader.strip(script));
    }
}

fn run(reader: &Reader<'_>, shell: Shell, home: Home, done: &mut Vec<Id>, facts: &mut FileFacts) {
    for &nested in &shell.nested {
        let inner = reader.strip(nested);
        if !done.contains(&inner) {
            done.push(inner);
            Shell::of(reader, nested).extract(reader.text, home, facts);
        }
    }
    shell.extract(reader.text, home, facts);
}

fn confine(reader: &Reader<'_>, name: &str, leaf: &Leaf, container: &mut Container) {
    let values = match reader.value(leaf.value) {
        NixValue::Bool(value) => {
            vec![Word { text: Text::literal(value.to_string(), None), span: reader.inner(leaf.value) }]
        }
        _ => words(reader, leaf.value),
    };
    match name {
        "SupplementaryGroups" => container.groups.extend(values.clone()),
        "DeviceAllow" => container.devices.extend(values.clone()),
        _ => {}
    }
    container.confinement.push(Confinement { name: name.to_owned(), span: leaf.own_span(), values });
}

/// A string or a list of strings as words.
pub(super) fn words(reader: &Reader<'_>, id: Id) -> Vec<Word> {
    let (items, _) = reader.items(id);
    if items.is_empty() {
        reader.word(id).into_iter().collect()
    } else {
        items.into_iter().filter_map(|item| reader.word(item)).collect()
    }
}

/// `Environment = [ "X=v" ]`, or several in one string.
fn assignments(reader: &Reader<'_>, id: Id, container: usize) -> Vec<Setting> {
    let mut found = Vec::new();
    for word in words(reader, id) {
        let written = word.text.parts.first().and_then(|part| match part {
            TextPart::Literal(text, _) => text.split_once('=').map(|(name, _)| name.trim_matches('"').to_owned()),
            _ => None,
        });
        let (Some(name), Some((_, value))) = (written, crate::lang::programs::split_at_equals(&word)) else { continue };
        let mut setting = remarks::setting(&name, word.span, value.span, value.text, SettingKind::UnitEnv);
        setting.container = Some(container);
        found.push(setting);
    }
    found
}
