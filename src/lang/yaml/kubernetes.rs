//! Containers of Kubernetes objects: pods, and whatever holds the template of one.

use tree_sitter::Node;

use super::document::{Document, Pair};
use crate::facts::{Container, ContainerKind, FileFacts, Home, Setting, SettingKind, Text, TextPart, Word};
use crate::lang::remarks;
use crate::lang::started;
use crate::span::Span;

/// How deep pod specifications are looked for: a template in a job in a set.
const DEPTH: usize = 8;

/// Whether a document is a Kubernetes object.
pub(super) fn is_object(document: &Document<'_>, root: Node<'_>) -> bool {
    document.get(root, "kind").is_some() && document.get(root, "apiVersion").is_some()
}

/// Reads the containers of an object; returns the values that are read and need not be read again.
pub(super) fn read(document: &Document<'_>, root: Node<'_>, home: Home, facts: &mut FileFacts) -> Vec<Span> {
    let mut done = Vec::new();
    search(document, root, home, DEPTH, &mut done, facts);
    done
}

/// Looks for pod specifications in mappings and lists.
fn search(
    document: &Document<'_>,
    node: Node<'_>,
    home: Home,
    depth: usize,
    done: &mut Vec<Span>,
    facts: &mut FileFacts,
) {
    if depth == 0 {
        return;
    }
    let pairs = document.pairs(node);
    let mut is_pod = false;
    for pair in &pairs {
        let name = pair.key.text(document.text);
        let Some(value) = pair.value else { continue };
        if matches!(name, "containers" | "initContainers") {
            is_pod = true;
            for container in document.items(value) {
                read_container(document, &pairs, container, home, done, facts);
            }
        }
    }
    if is_pod {
        return;
    }
    for pair in &pairs {
        match (pair.key.text(document.text), pair.value) {
            // Lists of objects, and of templates (`replicatedJobs`).
            (_, Some(value)) if document.is_mapping(value) => search(document, value, home, depth - 1, done, facts),
            ("items" | "replicatedJobs" | "tasks" | "workerGroupSpecs" | "templates" | "steps", Some(value)) => {
                for item in document.items(value) {
                    search(document, item, home, depth - 1, done, facts);
                }
            }
            _ => {}
        }
    }
}

fn read_container<'t>(
    document: &Document<'t>,
    pod: &[Pair<'t>],
    node: Node<'t>,
    home: Home,
    done: &mut Vec<Span>,
    facts: &mut FileFacts,
) {
    let fields = document.pairs(node);
    let (Some(first), Some(last)) = (fields.first(), fields.last()) else { return };
    let named = fields.iter().find(|field| field.key.text(document.text) == "image").unwrap_or(first);
    let mut container = Container::new(ContainerKind::Kubernetes, first.span.hull(last.span), named.key.span);
    container.home = home;
    container.is_open = document.is_template || document.is_exhausted();
    let at = facts.containers.len();
    let (mut settings, mut entrypoint, mut arguments) = (Vec::new(), None, None);
    for field in &fields {
        let Some(value) = field.value else { continue };
        match field.key.text(document.text) {
            "name" => container.name = document.written(value).map(str::to_owned),
            "image" => container.image = document.word(value),
            "command" => {
                done.extend(document.places(value));
                entrypoint = document.command(value);
            }
            "args" => {
                done.extend(document.places(value));
                arguments = document.command(value);
            }
            "env" => {
                done.extend(document.places(value));
                settings = variables(document, value, at);
            }
            "envFrom" => container.env_files.extend(sources(document, value)),
            "resources" => resources(document, value, &mut container),
            "securityContext" => security(document, value, &mut container),
            "volumeMounts" => container.mounts.extend(mounts(document, pod, value)),
            _ => {}
        }
    }
    pod_fields(document, pod, &mut container);
    container.entrypoint = entrypoint.as_deref().map(started::words);
    container.arguments = arguments.as_deref().map(started::words).unwrap_or_default();
    facts.containers.push(container);
    let known: Vec<(String, Text, Span)> =
        settings.iter().map(|setting| (setting.name.clone(), setting.value.clone(), setting.span)).collect();
    facts.settings.extend(settings);
    let lookup =
        |name: &str| known.iter().find(|(own, ..)| own == name).map(|(_, value, at)| (value.clone(), Some(*at)));
    started::read(document.text, at, entrypoint.as_deref(), arguments.as_deref().unwrap_or_default(), &lookup, facts);
}

/// `env`: names with values. A value from elsewhere is not known.
fn variables(document: &Document<'_>, node: Node<'_>, container: usize) -> Vec<Setting> {
    let variable = |item| {
        let name = document.get(item, "name").and_then(|name| document.scalar(name))?;
        let value = document.get(item, "value").and_then(|value| document.scalar(value));
        let end = Span::new(name.span.range().end, name.span.range().end);
        let (value, value_span) = match value {
            Some(scalar) => (document.value(scalar), scalar.span),
            None => (Text { parts: vec![TextPart::Unknown] }, end),
        };
        let written = name.text(document.text);
        let mut setting =
            remarks::setting(written, name.span.hull(value_span), value_span, value, SettingKind::ContainerEnv);
        setting.container = Some(container);
        Some(setting)
    };
    document.items(node).into_iter().filter_map(variable).collect()
}

/// The names of the objects that `envFrom` takes variables of.
fn sources(document: &Document<'_>, node: Node<'_>) -> Vec<Word> {
    let source = |item| {
        let reference = document.pairs(item).into_iter().find_map(|pair| pair.value)?;
        document.get(reference, "name").and_then(|name| document.word(name))
    };
    document.items(node).into_iter().filter_map(source).collect()
}

fn resources(document: &Document<'_>, node: Node<'_>, container: &mut Container) {
    for pair in document.pairs(node) {
        let Some(value) = pair.value else { continue };
        match pair.key.text(document.text) {
            "limits" | "requests" => {
                for limit in document.pairs(value) {
                    let name = limit.key.text(document.text);
                    let word = Word::literal(name, limit.key.span);
                    // A pod that asks for none says which GPUs the node may have.
                    let amount = limit.value.and_then(|value| document.word(value)).and_then(|word| word.known());
                    if amount.as_deref() == Some("0") {
                        continue;
                    }
                    if !name.contains('/') || container.resources.iter().any(|known| known.text == word.text) {
                        continue;
                    }
                    if name.starts_with("nvidia.com/") {
                        container.nvidia.push(word.clone());
                    }
                    container.resources.push(word);
                }
            }
            // Claims of devices name them elsewhere.
            "claims" => container.is_open = true,
            _ => {}
        }
    }
}

fn security(document: &Document<'_>, node: Node<'_>, container: &mut Container) {
    for pair in document.pairs(node) {
        let Some(value) = pair.value else { continue };
        match pair.key.text(document.text) {
            "privileged" if document.written(value) == Some("true") => container.privileged = Some(pair.span),
            "runAsUser" => container.user = document.word(value),
            "runAsGroup" => container.groups.extend(document.word(value)),
            "capabilities" => {
                let added = document.get(value, "add").map(|added| document.words(added));
                container.security.extend(added.unwrap_or_default());
            }
            "seccompProfile" => {
                container.security.extend(document.get(value, "type").and_then(|kind| document.word(kind)));
            }
            _ => {}
        }
    }
}

/// What the pod says of all of its containers.
fn pod_fields(document: &Document<'_>, pod: &[Pair<'_>], container: &mut Container) {
    for pair in pod {
        let Some(value) = pair.value else { continue };
        match pair.key.text(document.text) {
            "hostIPC" if document.written(value) == Some("true") => {
                container.ipc = Some(Word::literal("host", pair.key.span));
            }
            "runtimeClassName" => container.runtime = document.word(value),
            "resourceClaims" => container.is_open = true,
            "securityContext" => {
                for own in document.pairs(value) {
                    let Some(value) = own.value else { continue };
                    match own.key.text(document.text) {
                        "supplementalGroups" => container.groups.extend(document.words(value)),
                        "fsGroup" | "runAsGroup" => container.groups.extend(document.word(value)),
                        "runAsUser" if container.user.is_none() => container.user = document.word(value),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// Mounts as `source:target`: a path of the host, `memory` for a volume in memory, else the volume's name.
fn mounts(document: &Document<'_>, pod: &[Pair<'_>], node: Node<'_>) -> Vec<Word> {
    let volumes = pod
        .iter()
        .find(|pair| pair.key.text(document.text) == "volumes")
        .and_then(|pair| pair.value)
        .map(|value| document.items(value))
        .unwrap_or_default();
    let mount = |item| {
        let target = document.get(item, "mountPath").and_then(|path| document.word(path))?;
        let name = document.get(item, "name").and_then(|name| document.word(name));
        let source = name.as_ref().and_then(Word::known).map_or_else(Text::unknown, |name| {
            let own = |volume: &&Node<'_>| {
                document.get(**volume, "name").and_then(|own| document.written(own)) == Some(name.as_str())
            };
            volumes
                .iter()
                .find(own)
                .and_then(|volume| source(document, *volume))
                .unwrap_or_else(|| Text::literal(name.clone(), None))
        });
        let mut parts = source.parts;
        parts.push(TextPart::Literal(":".to_owned(), None));
        parts.extend(target.text.parts);
        Some(Word { text: Text { parts }, span: target.span })
    };
    document.items(node).into_iter().filter_map(mount).collect()
}

fn source(document: &Document<'_>, volume: Node<'_>) -> Option<Text> {
    if let Some(path) = document.get(volume, "hostPath").and_then(|host| document.get(host, "path")) {
        return document.word(path).map(|word| word.text);
    }
    let medium = document.get(volume, "emptyDir").and_then(|empty| document.get(empty, "medium"))?;
    (document.written(medium) == Some("Memory")).then(|| Text::literal("memory", None))
}
