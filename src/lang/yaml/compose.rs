//! Services of Compose files.

use tree_sitter::Node;

use super::document::{Document, Pair};
use crate::facts::{
    BuildArgument, Container, ContainerKind, FileFacts, Home, ImageBuild, Setting, SettingKind, Text, TextPart, Word,
};
use crate::lang::remarks;
use crate::lang::script::Lookup;
use crate::lang::started;
use crate::span::Span;

/// Services that extend services are followed so many times.
const DEPTH: usize = 4;

/// Whether a document is a Compose file: it has `services`, each a mapping.
pub(super) fn is_compose(document: &Document<'_>, root: Node<'_>) -> bool {
    let Some(services) = document.get(root, "services") else { return false };
    let services = document.pairs(services);
    let is_service = |pair: &Pair<'_>| {
        pair.value.is_some_and(|value| {
            document.pairs(value).iter().any(|field| FIELDS.contains(&field.key.text(document.text)))
        })
    };
    // Files of other tools have services as well; theirs have no image.
    services.iter().any(is_service)
}

/// Fields of which a service has at least one.
const FIELDS: &[&str] = &[
    "image",
    "build",
    "extends",
    "command",
    "entrypoint",
    "environment",
    "devices",
    "env_file",
    "deploy",
    "container_name",
];

/// Reads the services; returns the values that are read and need not be read again.
pub(super) fn read(document: &Document<'_>, root: Node<'_>, home: Home, facts: &mut FileFacts) -> Vec<Span> {
    let mut done = Vec::new();
    let Some(services) = document.get(root, "services") else { return done };
    let services = document.pairs(services);
    for service in &services {
        let Some(value) = service.value.filter(|&value| document.is_mapping(value)) else { continue };
        let (fields, is_open) = fields(document, &services, value);
        let mut reader = Service::new(document, service, &mut done, facts);
        (reader.container.is_open, reader.container.home) = (is_open, home);
        fields.iter().for_each(|field| reader.field(field));
        reader.finish();
    }
    done
}

/// The fields of a service with those of the services that it extends, and whether some are not known.
fn fields<'t>(document: &Document<'t>, services: &[Pair<'t>], service: Node<'t>) -> (Vec<Pair<'t>>, bool) {
    let text = document.text;
    let mut found: Vec<Pair<'t>> = Vec::new();
    let mut is_open = document.is_template;
    let mut next = Some(service);
    for _ in 0..DEPTH {
        let Some(node) = next.take() else { break };
        for pair in document.pairs(node) {
            let name = pair.key.text(text);
            if name == "extends" {
                let base = pair.value.and_then(|value| extended(document, value));
                let service = base.and_then(|base| services.iter().find(|service| service.key.text(text) == base));
                is_open |= service.is_none();
                next = service.and_then(|service| service.value);
            } else if name == "provider" || name == "use_api_socket" {
                is_open = true;
            }
            // Lists of an extended service are added to; the first reader of a field takes what it may.
            if !found.iter().any(|known| known.key.text(text) == name && !is_list(name)) {
                found.push(pair);
            }
        }
    }
    (found, is_open || next.is_some() || document.is_exhausted())
}

/// Fields whose values add up.
fn is_list(name: &str) -> bool {
    matches!(name, "devices" | "group_add" | "security_opt" | "cap_add" | "volumes" | "environment" | "env_file")
}

/// The service of this file that is extended; none for one of another file.
fn extended<'t>(document: &Document<'t>, value: Node<'t>) -> Option<&'t str> {
    if document.is_mapping(value) {
        if document.get(value, "file").is_some() {
            return None;
        }
        return document.get(value, "service").and_then(|service| document.written(service));
    }
    document.written(value)
}

struct Service<'d, 't> {
    document: &'d Document<'t>,
    container: Container,
    at: usize,
    build: Option<ImageBuild>,
    entrypoint: Option<Node<'t>>,
    command: Option<Node<'t>>,
    /// Names that the service has set so far: what it extends does not set them again.
    names: Vec<String>,
    settings: Vec<Setting>,
    done: &'d mut Vec<Span>,
    facts: &'d mut FileFacts,
}

impl<'d, 't> Service<'d, 't> {
    fn new(document: &'d Document<'t>, service: &Pair<'t>, done: &'d mut Vec<Span>, facts: &'d mut FileFacts) -> Self {
        let mut container = Container::new(ContainerKind::Compose, service.span, service.key.span);
        container.name = Some(service.key.text(document.text).to_owned());
        let at = facts.containers.len();
        Self {
            document,
            container,
            at,
            build: None,
            entrypoint: None,
            command: None,
            names: Vec::new(),
            settings: Vec::new(),
            done,
            facts,
        }
    }

    fn field(&mut self, field: &Pair<'t>) {
        let (document, Some(value)) = (self.document, field.value) else { return };
        let container = &mut self.container;
        match field.key.text(document.text) {
            "image" => container.image = document.word(value),
            "build" => self.build(field, value),
            "devices" => container.devices.extend(mounts(document, value)),
            "group_add" => container.groups.extend(document.words(value)),
            "ipc" => container.ipc = document.word(value),
            "shm_size" => container.shm_size = document.word(value),
            "runtime" => {
                container.runtime = document.word(value);
                container.nvidia.extend(
                    container
                        .runtime
                        .clone()
                        .filter(|runtime| runtime.by_default().is_some_and(|name| name.starts_with("nvidia"))),
                );
            }
            "gpus" => container.nvidia.extend(gpus(document, value)),
            "privileged" if document.written(value) == Some("true") => {
                container.privileged = Some(field.span);
            }
            "privileged" => container.is_open |= document.written(value).is_none_or(|written| written != "false"),
            "user" => container.user = document.word(value),
            "security_opt" | "cap_add" => container.security.extend(document.words(value)),
            "volumes" => container.mounts.extend(mounts(document, value)),
            "tmpfs" => container.mounts.extend(document.words(value)),
            "env_file" => container.env_files.extend(env_files(document, value)),
            "environment" => self.environment(value),
            "deploy" => self.deploy(value),
            "entrypoint" => self.entrypoint = Some(value),
            "command" => self.command = Some(value),
            _ => {}
        }
    }

    fn build(&mut self, field: &Pair<'t>, value: Node<'t>) {
        let document = self.document;
        let mut build = ImageBuild {
            span: field.span,
            file: None,
            context: None,
            target: None,
            arguments: Vec::new(),
            tags: Vec::new(),
            is_open: self.container.is_open,
            home: self.container.home,
        };
        if !document.is_mapping(value) {
            build.context = document.word(value);
            self.build = Some(build);
            return;
        }
        for pair in document.pairs(value) {
            let Some(value) = pair.value else { continue };
            match pair.key.text(document.text) {
                "context" => build.context = document.word(value),
                "dockerfile" => build.file = document.word(value),
                "dockerfile_inline" => build.is_open = true,
                "target" => build.target = document.word(value),
                "tags" => build.tags = document.words(value),
                "args" => {
                    self.done.extend(document.places(value));
                    for entry in entries(document, value) {
                        let mut setting = entry.setting(SettingKind::BuildArg, None);
                        // A build argument without a value is taken from the environment.
                        defaults(&setting, self.facts);
                        setting.context = "docker build".to_owned();
                        build.arguments.push(BuildArgument {
                            name: Word::literal(&setting.name, entry.name_span),
                            value: entry.has_value.then(|| setting.value.clone()),
                            span: setting.span,
                        });
                        self.facts.settings.push(setting);
                    }
                }
                _ => {}
            }
        }
        self.build = Some(build);
    }

    fn environment(&mut self, value: Node<'t>) {
        self.done.extend(self.document.places(value));
        for entry in entries(self.document, value) {
            let setting = entry.setting(SettingKind::ContainerEnv, Some(self.at));
            if !self.names.contains(&setting.name) {
                self.names.push(setting.name.clone());
                self.settings.push(setting);
            }
        }
    }

    /// `deploy.resources.reservations.devices`.
    fn deploy(&mut self, value: Node<'t>) {
        let document = self.document;
        let get = |node, name| document.get(node, name);
        let reserved =
            get(value, "resources").and_then(|node| get(node, "reservations")).and_then(|node| get(node, "devices"));
        for device in reserved.into_iter().flat_map(|devices| document.items(devices)) {
            let driver = get(device, "driver").and_then(|driver| document.word(driver));
            let name = driver.as_ref().and_then(Word::by_default);
            match (name.as_deref(), driver) {
                (Some("nvidia"), Some(driver)) => self.container.nvidia.push(driver),
                // Without a driver, Docker takes the one for the capability `gpu`.
                (None, None) => self.container.is_open = true,
                (_, driver) => {
                    self.container.devices.extend(driver);
                    let ids = get(device, "device_ids").map(|ids| document.words(ids)).unwrap_or_default();
                    self.container.devices.extend(ids);
                }
            }
        }
        let generic = get(value, "resources")
            .and_then(|node| get(node, "reservations"))
            .and_then(|node| get(node, "generic_resources"));
        self.container.is_open |= generic.is_some();
    }

    fn finish(self) {
        let Self { document, mut container, at, build, entrypoint, command, settings, done, facts, .. } = self;
        let entrypoint = entrypoint.and_then(|node| {
            done.extend(document.places(node));
            document.command(node)
        });
        let arguments = command.and_then(|node| {
            done.extend(document.places(node));
            document.command(node)
        });
        // What was left out of an alias that unfolds without end is not known.
        container.is_open |= document.is_exhausted();
        container.entrypoint = entrypoint.as_deref().map(started::words);
        container.arguments = arguments.as_deref().map(started::words).unwrap_or_default();
        if let Some(build) = build {
            container.build = Some(facts.image_builds.len());
            // The image gets the name that the service gives it.
            let mut build = build;
            build.tags.extend(container.image.clone());
            facts.image_builds.push(build);
        }
        facts.containers.push(container);
        let variables: Vec<(String, Text, Span)> =
            settings.iter().map(|setting| (setting.name.clone(), setting.value.clone(), setting.span)).collect();
        for setting in settings {
            defaults(&setting, facts);
            facts.settings.push(setting);
        }
        let lookup = |name: &str| {
            let known = variables.iter().find(|(own, ..)| own == name);
            known.map(|(_, value, at)| (value.clone(), Some(*at)))
        };
        let lookup: Lookup<'_> = &lookup;
        started::read(
            document.text,
            at,
            entrypoint.as_deref(),
            arguments.as_deref().unwrap_or_default(),
            lookup,
            facts,
        );
    }
}

/// A variable with its value: `X: v` or `- X=v`.
struct Entry {
    name: String,
    name_span: Span,
    span: Span,
    value_span: Span,
    value: Text,
    has_value: bool,
}

impl Entry {
    fn setting(&self, kind: SettingKind, container: Option<usize>) -> Setting {
        let mut setting = remarks::setting(&self.name, self.span, self.value_span, self.value.clone(), kind);
        setting.container = container;
        setting
    }
}

/// The variables of a mapping, or of a list of assignments.
fn entries(document: &Document<'_>, node: Node<'_>) -> Vec<Entry> {
    let text = document.text;
    if document.is_mapping(node) {
        return document.pairs(node).iter().filter_map(|pair| map_entry(document, pair)).collect();
    }
    let assignment = |item| {
        let scalar = document.scalar(item)?;
        let pieces = scalar.pieces(text);
        let [piece] = pieces.as_slice() else { return None };
        let written = piece.text(text);
        let (name, value) = written.split_once('=').map_or((written, None), |(name, value)| (name, Some(value)));
        let name_span = Span::new(piece.range().start, piece.range().start + name.len());
        let value_span = value.map_or(Span::new(name_span.range().end, name_span.range().end), |value| {
            Span::new(piece.range().end - value.len(), piece.range().end)
        });
        let value = match value {
            Some(_) => document.evaluated(value_span),
            None => from_outside(name),
        };
        Some(Entry {
            name: name.trim().to_owned(),
            name_span,
            span: name_span.hull(value_span),
            value_span,
            has_value: written.contains('='),
            value,
        })
    };
    document.items(node).into_iter().filter_map(assignment).filter(|entry| !entry.name.is_empty()).collect()
}

fn map_entry(document: &Document<'_>, pair: &Pair<'_>) -> Option<Entry> {
    let text = document.text;
    let name = pair.key.text(text).to_owned();
    let name_span = pair.key.span;
    let end = Span::new(name_span.range().end, name_span.range().end);
    let scalar = match pair.value {
        Some(value) => Some(document.scalar(value)?),
        None => None,
    };
    // A name without a value takes the host's.
    let is_null = scalar.is_none_or(|scalar| {
        scalar.style == super::scalar::Style::Plain && matches!(scalar.text(text), "" | "null" | "~")
    });
    Some(match scalar.filter(|_| !is_null) {
        Some(scalar) => Entry {
            value: document.value(scalar),
            value_span: scalar.span,
            span: if scalar.span.start >= name_span.end { name_span.hull(scalar.span) } else { name_span },
            name,
            name_span,
            has_value: true,
        },
        None => {
            Entry { value: from_outside(&name), value_span: end, span: name_span, name, name_span, has_value: false }
        }
    })
}

fn from_outside(name: &str) -> Text {
    Text { parts: vec![TextPart::Outer { name: name.to_owned(), default: None }] }
}

/// Notes the list of targets that a value falls back to.
fn defaults(setting: &Setting, facts: &mut FileFacts) {
    super::walk::defaults(&setting.value, facts);
}

/// Devices and volumes: `source:target`, or a mapping of both.
fn mounts(document: &Document<'_>, node: Node<'_>) -> Vec<Word> {
    let mount = |item| {
        if !document.is_mapping(item) {
            return document.word(item);
        }
        let part = |name| document.get(item, name).and_then(|part| document.word(part));
        let target = part("target");
        let source = part("source").or_else(|| part("type"));
        match (source, target) {
            (Some(source), Some(target)) => {
                let mut parts = source.text.parts;
                parts.push(TextPart::Literal(":".to_owned(), None));
                parts.extend(target.text.parts);
                Some(Word { text: Text { parts }, span: source.span.hull(target.span) })
            }
            (source, target) => source.or(target),
        }
    };
    document.items(node).into_iter().filter_map(mount).collect()
}

/// `gpus: all`, or a list of devices with drivers.
fn gpus(document: &Document<'_>, node: Node<'_>) -> Vec<Word> {
    let device = |item| match document.is_mapping(item) {
        true => document.get(item, "driver").and_then(|driver| document.word(driver)),
        false => document.word(item),
    };
    let is_other = |word: &Word| word.by_default().is_some_and(|name| name == "amd" || name == "cdi");
    document.one_or_more(node).into_iter().filter_map(device).filter(|word| !is_other(word)).collect()
}

fn env_files(document: &Document<'_>, node: Node<'_>) -> Vec<Word> {
    let file = |item| match document.is_mapping(item) {
        true => document.get(item, "path").and_then(|path| document.word(path)),
        false => document.word(item),
    };
    document.one_or_more(node).into_iter().filter_map(file).collect()
}
