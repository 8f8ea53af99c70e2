//! What programs do with their arguments: command lines, wherever they stand, as facts.
//!
//! Front ends split text into [`Command`]s; this module says what a command starts, installs, fetches or builds. It
//! knows programs and their options, not the language that a command was written in.

mod container;
pub(crate) mod git;
mod options;
mod packages;
pub(crate) mod pip;
mod template;
#[cfg(test)]
mod tests;
pub(crate) mod vllm;

use std::sync::LazyLock;

pub(crate) use container::{run_options, start};
pub(crate) use options::split_at_equals;

use super::Words;
use crate::facts::{Command, FileFacts, Word};

/// Programs whose commands are facts.
const PROGRAMS: &[&str] = &[
    "vllm",
    "python",
    "python3",
    "pip",
    "pip3",
    "uv",
    "apt",
    "apt-get",
    "dnf",
    "yum",
    "microdnf",
    "zypper",
    "conda",
    "mamba",
    "micromamba",
    "git",
    "docker",
    "podman",
    "nerdctl",
    "toolbox",
    "distrobox",
    "docker-compose",
    "cmake",
    "make",
    "ninja",
    "hipcc",
    "amdgpu-install",
    "curl",
    "wget",
    "sed",
    "lm_eval",
    "lm-eval",
    "torchrun",
    "cp",
    "ln",
    "sort",
    "xargs",
];

/// Words of which a text must hold one to hold such a command. They are also words of the front ends.
pub(crate) const WORDS: &[&str] =
    &["vllm", "pip", "apt", "dnf", "git clone", "docker", "podman", "toolbox", "lm_eval", "lm-eval"];

/// Whether a text may hold a command that is read.
pub(crate) fn may_hold_one(text: &str) -> bool {
    static SEARCH: LazyLock<Words> = LazyLock::new(|| Words::new(WORDS));
    SEARCH.is_match(text.as_bytes())
}

/// Whether a program's commands are facts, by its name without a folder.
pub(crate) fn is_of_interest(program: &str) -> bool {
    PROGRAMS.contains(&program) || is_python(program)
}

/// Whether a program prints its arguments: into a list of packages, as a rule, where a file takes them.
pub(crate) fn is_writer(program: &str) -> bool {
    matches!(program, "echo" | "printf")
}

/// Notes a command, and what is understood of it.
pub(crate) fn read(command: Command, facts: &mut FileFacts) {
    let command = Command { words: template::unknown_where_filled(command.words), ..command };
    let program = command.program();
    if is_writer(&program) {
        pip::written(&command, facts);
        return;
    }
    if program == "xargs" {
        return fed(command, facts);
    }
    if !is_of_interest(&program) {
        return;
    }
    let at = facts.commands.len();
    facts.commands.push(command.clone());
    let mut run = Invocation { command: &command, at, facts };
    match program.as_str() {
        "vllm" => vllm::command(&mut run),
        "lm_eval" | "lm-eval" => vllm::lm_eval(&mut run, command.arguments()),
        "pip" | "pip3" => pip::pip(&mut run, command.arguments()),
        "uv" => pip::uv(&mut run, command.arguments()),
        "apt" | "apt-get" | "dnf" | "yum" | "microdnf" | "zypper" | "conda" | "mamba" | "micromamba" => {
            packages::install(&mut run, &program);
        }
        "git" => git::command(&mut run),
        "docker" | "podman" | "nerdctl" | "toolbox" | "distrobox" => container::command(&mut run, &program),
        _ if is_python(&program) => python(&mut run),
        _ => {}
    }
}

/// `xargs pip install`: an installation that gets more packages than are written.
fn fed(command: Command, facts: &mut FileFacts) {
    let installs = |word: &Word| {
        let name = word.known().unwrap_or_default();
        matches!(name.rsplit('/').next(), Some("pip" | "pip3" | "uv" | "apt" | "apt-get" | "dnf" | "yum" | "conda"))
    };
    let Some(at) = command.words.iter().position(installs) else { return };
    let before = facts.installs.len();
    read(Command { words: command.words[at..].to_vec(), ..command }, facts);
    facts.installs.iter_mut().skip(before).for_each(|install| install.is_open = true);
}

/// A command that is being read, and where what is found goes.
pub(crate) struct Invocation<'a> {
    pub command: &'a Command,
    /// Its index among the file's commands.
    pub at: usize,
    pub facts: &'a mut FileFacts,
}

/// `python -m MODULE ...`.
fn python(run: &mut Invocation<'_>) {
    let words = run.command.arguments();
    let Some(at) = words.iter().position(|word| word.known().as_deref() == Some("-m")) else {
        let script = words.iter().position(|word| word.known().is_none_or(|word| !word.starts_with('-')));
        if let Some((script, arguments)) = script.and_then(|at| words[at..].split_first()) {
            vllm::script(run, script, arguments);
        }
        return;
    };
    let interpreter_options = words[..at].iter().all(|word| word.known().is_some_and(|word| word.starts_with('-')));
    let (Some(module), true) = (words.get(at + 1), interpreter_options) else { return };
    let arguments = &words[at + 2..];
    match module.known().as_deref() {
        Some("pip") => pip::pip(run, arguments),
        Some("uv") => pip::uv(run, arguments),
        Some("build") => pip::build(run, arguments),
        Some("lm_eval") => vllm::lm_eval(run, arguments),
        Some(name) if name.starts_with("vllm.") => vllm::module(run, module, arguments),
        _ => {}
    }
}

fn is_python(program: &str) -> bool {
    program
        .strip_prefix("python")
        .is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// The span from the first to the last of these words; none for no words.
fn hull(words: &[Word]) -> Option<crate::span::Span> {
    words.iter().map(|word| word.span).reduce(crate::span::Span::hull)
}
