//! Containers that command lines start.

use super::super::Invocation;
use super::super::options::{Argument, arguments};
use super::{flags, nested, part, start};
use crate::facts::{Container, ContainerKind, Home, Setting, SettingKind, Text, TextPart, Word};
use crate::lang::remarks;
use crate::span::Span;

/// `docker run [OPTIONS] IMAGE [COMMAND]`.
pub(super) fn run(run: &mut Invocation<'_>, anchor: Span, words: &[Word]) {
    let kind = match run.command.program().as_str() {
        "docker" => ContainerKind::Docker,
        "podman" => ContainerKind::Podman,
        _ => ContainerKind::OtherEngine,
    };
    let mut container = new(run, kind, anchor);
    let mut variables = Vec::new();
    let rest = options(words, &mut container, &mut variables);
    let (image, rest) = match rest.split_first() {
        Some((image, rest)) => (Some(image.clone()), rest.to_vec()),
        None => (None, Vec::new()),
    };
    // Without an image nothing is certain: it may be among what was not read.
    container.is_open |= image.is_none();
    container.image = image;
    container.arguments = rest;
    add(run, container, variables);
}

/// `toolbox create NAME --image X -- --device /dev/kfd`, `distrobox create --additional-flags "--device /dev/kfd"`.
pub(super) fn box_create(run: &mut Invocation<'_>, anchor: Span, words: &[Word]) {
    let mut container = new(run, ContainerKind::Toolbox, anchor);
    let mut variables = Vec::new();
    let end = words.iter().position(|word| word.known().as_deref() == Some("--")).unwrap_or(words.len());
    let takes_value = |name: &str| {
        matches!(
            name,
            "-i" | "--image"
                | "-n"
                | "--name"
                | "-c"
                | "--container"
                | "-d"
                | "--distro"
                | "-r"
                | "--release"
                | "-a"
                | "--additional-flags"
                | "-H"
                | "--home"
                | "--hostname"
                | "--volume"
                | "--init-hooks"
                | "--additional-packages"
                | "-ap"
                | "--authfile"
        )
    };
    for argument in arguments(&words[..end], takes_value) {
        match argument {
            Argument::Option { name, value: Some(value), .. } => match name.as_str() {
                "-i" | "--image" => container.image = Some(value),
                "-n" | "--name" | "-c" | "--container" => container.name = value.known(),
                "-a" | "--additional-flags" => {
                    options(&at_blanks(&value), &mut container, &mut variables);
                }
                _ => {}
            },
            Argument::Operand(word) => container.name = word.known(),
            Argument::Option { .. } => {}
            Argument::Open(_) => container.is_open = true,
        }
    }
    if let Some(rest) = words.get(end + 1..) {
        options(rest, &mut container, &mut variables);
    }
    add(run, container, variables);
}

/// `docker exec [OPTIONS] NAME COMMAND`: what runs in a container that something else started.
pub(super) fn exec(run: &mut Invocation<'_>, words: &[Word]) {
    let takes_value = |name: &str| matches!(name, "-e" | "--env" | "--env-file" | "-u" | "--user" | "-w" | "--workdir");
    let operand = arguments(words, takes_value).into_iter().find_map(|argument| match argument {
        Argument::Operand(word) => Some(word),
        _ => None,
    });
    if let Some(at) = operand.and_then(|name| words.iter().position(|word| *word == name)) {
        nested(run, &words[at + 1..], run.command.home);
    }
}

fn new(run: &Invocation<'_>, kind: ContainerKind, anchor: Span) -> Container {
    let client = run.command.environment.iter().filter(|variable| variable.is_prefix).cloned().collect();
    Container {
        home: run.command.home,
        command: Some(run.at),
        client_environment: client,
        ..Container::new(kind, run.command.span, anchor)
    }
}

/// Reads options up to the first operand; returns what is left from there.
pub(crate) fn options(words: &[Word], container: &mut Container, variables: &mut Vec<Word>) -> Vec<Word> {
    let mut rest = words;
    while let Some((first, behind)) = rest.split_first() {
        let Some(written) = first.known().or_else(|| literal_start(first)) else {
            // `$OPTIONS` may be an option or the image. What a compose-like `$IMAGE` is for is told by its name.
            if is_image_variable(first) || behind.is_empty() {
                return rest.to_vec();
            }
            container.is_open = true;
            rest = behind;
            continue;
        };
        if !written.starts_with('-') || written == "-" {
            return rest.to_vec();
        }
        if written == "--" {
            return behind.to_vec();
        }
        let takes_value = !written.contains('=') && flags::takes_value(&written);
        let used = if takes_value { 2.min(rest.len()) } else { 1 };
        for argument in arguments(&rest[..used], flags::takes_value) {
            option(argument, container, variables);
        }
        rest = &rest[used..];
    }
    Vec::new()
}

fn option(argument: Argument, container: &mut Container, variables: &mut Vec<Word>) {
    let Argument::Option { name, span, value } = argument else {
        container.is_open |= matches!(argument, Argument::Open(_));
        return;
    };
    let (name, value) = match name.strip_prefix("--") {
        Some(long) => (long.to_owned(), value),
        None => short(&name, span, value),
    };
    let switched_on = value.as_ref().and_then(Word::known).is_none_or(|value| value != "false");
    match (name.as_str(), value) {
        ("privileged", _) if switched_on => container.privileged = Some(span),
        ("device", Some(value)) => {
            if value.by_default().is_some_and(|device| device.contains("nvidia")) {
                container.nvidia.push(value.clone());
            }
            container.devices.push(value);
        }
        ("group-add", Some(value)) => container.groups.push(value),
        ("gpus", Some(value)) => container.nvidia.push(Word { text: value.text, span: span.hull(value.span) }),
        ("runtime", Some(value)) => {
            if value.known().as_deref() == Some("nvidia") {
                container.nvidia.push(value.clone());
            }
            container.runtime = Some(value);
        }
        ("ipc", Some(value)) => container.ipc = Some(value),
        ("shm-size", Some(value)) => container.shm_size = Some(value),
        ("volume" | "mount" | "tmpfs", Some(value)) => container.mounts.push(value),
        ("network" | "net", Some(value)) => container.networks.push(value),
        ("publish", Some(value)) => container.ports.push(value),
        ("user", Some(value)) => container.user = Some(value),
        ("security-opt" | "cap-add", Some(value)) => container.security.push(value),
        ("entrypoint", Some(value)) => {
            container.entrypoint =
                Some(if value.known().is_some_and(|value| value.is_empty()) { Vec::new() } else { vec![value] });
        }
        ("name", Some(value)) => container.name = value.known(),
        ("env", Some(value)) => variables.push(value),
        ("env-file", Some(value)) => container.env_files.push(value),
        _ => {}
    }
}

/// The long name of a short option; what is written behind it is its value.
fn short(name: &str, span: Span, value: Option<Word>) -> (String, Option<Word>) {
    let mut letters = name.char_indices().skip(1);
    let valued = letters.find_map(|(at, letter)| Some((at + letter.len_utf8(), flags::long_name(letter)?)));
    let Some((behind, long)) = valued else { return (name.trim_start_matches('-').to_owned(), value) };
    if behind == name.len() {
        return (long.to_owned(), value);
    }
    let glued = &name[behind..];
    let start = span.range().start + behind;
    (long.to_owned(), Some(part(glued, Span::new(start, start + glued.len()))))
}

/// Adds the container with its variables, and what it runs.
fn add(run: &mut Invocation<'_>, container: Container, variables: Vec<Word>) {
    let at = run.facts.containers.len();
    let home = Home { container: Some(at), ..run.command.home };
    let (image, entrypoint, arguments) =
        (container.image.clone(), container.entrypoint.clone(), container.arguments.clone());
    run.facts.containers.push(container);
    for variable in variables {
        give(run, variable, at);
    }
    start(image.as_ref(), entrypoint.as_deref(), &arguments, home, run.facts);
}

/// `-e X=v`: the setting that the shell has noted, or a new one.
fn give(run: &mut Invocation<'_>, word: Word, container: usize) {
    let known = run.facts.settings.iter_mut().rev().take(400);
    let noted = known
        .filter(|setting| setting.kind == SettingKind::ContainerEnv && setting.container.is_none())
        .find(|setting| setting.span == word.span);
    if let Some(setting) = noted {
        setting.container = Some(container);
        return;
    }
    let (name, value) = match super::super::options::split_at_equals(&word) {
        Some((name, value)) => (name, value),
        // `-e X` hands the caller's X in.
        None => {
            let Some(name) = word.known() else { return };
            let text = Text { parts: vec![TextPart::Outer { name: name.clone(), default: None }] };
            let end = word.span.range().end;
            (name, Word { text, span: Span::new(end, end) })
        }
    };
    let setting = remarks::setting(&name, word.span, value.span, value.text, SettingKind::ContainerEnv);
    run.facts.settings.push(Setting { container: Some(container), ..setting });
}

/// The known text that a word starts with, if it is an option's.
fn literal_start(word: &Word) -> Option<String> {
    match word.text.parts.first() {
        Some(TextPart::Literal(text, _)) => Some(text.clone()),
        _ => None,
    }
}

/// Whether a word is `$IMAGE`, `${VLLM_IMAGE:-x}` or the like, or has the form of an image in part (`${REPO}:tag`).
fn is_image_variable(word: &Word) -> bool {
    word.text.parts.iter().any(|part| match part {
        TextPart::Outer { name, default } => {
            let name = name.to_ascii_uppercase();
            ["IMAGE", "IMG", "REPO", "TAG"].iter().any(|mark| name.contains(mark))
                || default.as_ref().and_then(|default| default.known()).is_some_and(|default| default.contains(':'))
        }
        TextPart::Literal(text, _) => text.contains(['/', ':']) && !text.starts_with('-'),
        TextPart::Unknown => false,
    })
}

/// A value with blanks as words, each where it stands.
fn at_blanks(word: &Word) -> Vec<Word> {
    let Some(text) = word.known() else { return vec![word.clone()] };
    let mut at = word.span.range().start;
    let mut words = Vec::new();
    for piece in text.split(' ') {
        if !piece.is_empty() {
            words.push(part(piece, Span::new(at, at + piece.len())));
        }
        at += piece.len() + 1;
    }
    words
}
