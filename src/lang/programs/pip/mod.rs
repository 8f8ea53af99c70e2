//! pip, uv and build.

mod list;
mod requirement;

pub(super) use list::written;
pub(crate) use requirement::package;

use super::Invocation;
use super::options::{Argument, arguments};
use crate::facts::{Install, InstallTool, Word};

/// Options of pip and uv that take a value (pip.pypa.io/en/stable/cli, docs.astral.sh/uv/reference/cli).
const WITH_VALUE: &[&str] = &[
    "-r",
    "--requirement",
    "--requirements",
    "-c",
    "--constraint",
    "--constraints",
    "--build-constraint",
    "--build-constraints",
    "-b",
    "--override",
    "--overrides",
    "-i",
    "--index-url",
    "--pypi-url",
    "--extra-index-url",
    "--index",
    "--default-index",
    "-f",
    "--find-links",
    "-e",
    "--editable",
    "-t",
    "--target",
    "--platform",
    "--python-version",
    "--implementation",
    "--abi",
    "--root",
    "--prefix",
    "--src",
    "--upgrade-strategy",
    "--config-settings",
    "--config-setting",
    "-C",
    "--global-option",
    "--install-option",
    "--no-binary",
    "--only-binary",
    "--progress-bar",
    "--root-user-action",
    "--report",
    "-w",
    "--wheel-dir",
    "--python",
    "-p",
    "--log",
    "--proxy",
    "--retries",
    "--timeout",
    "--exists-action",
    "--trusted-host",
    "--cert",
    "--client-cert",
    "--cache-dir",
    "--index-strategy",
    "--keyring-provider",
    "--resolution",
    "--prerelease",
    "--fork-strategy",
    "--exclude-newer",
    "--link-mode",
    "--torch-backend",
    "-P",
    "--upgrade-package",
    "--reinstall-package",
    "--refresh-package",
    "--no-build-isolation-package",
    "--no-build-package",
    "--no-binary-package",
    "--extra",
    "--group",
    "--only-group",
    "--no-group",
    "--directory",
    "--project",
    "--config-file",
    "-o",
    "--out-dir",
    "--outdir",
    "--installer",
    "--with",
    "--with-requirements",
    "--with-editable",
    "--env-file",
    "--package",
    "-m",
    "--module",
];

/// `pip install ...`; `arguments` are what follows `pip`.
pub(super) fn pip(run: &mut Invocation<'_>, arguments: &[Word]) {
    let Some(at) = verb(arguments) else { return };
    let tool = match arguments[at].known().as_deref() {
        Some("install" | "download") => InstallTool::Pip,
        Some("wheel") => InstallTool::Wheel,
        Some("uninstall") => InstallTool::Uninstall,
        _ => return,
    };
    let words: Vec<Word> = arguments[..at].iter().chain(&arguments[at + 1..]).cloned().collect();
    add(run, tool, &words);
}

/// `uv pip install ...`, `uv add ...`, `uv build ...`, and what `uv run` runs.
pub(super) fn uv(run: &mut Invocation<'_>, arguments: &[Word]) {
    let Some(at) = verb(arguments) else { return };
    let rest = &arguments[at + 1..];
    match arguments[at].known().as_deref() {
        Some("pip") => {
            let Some(at) = verb(rest) else { return };
            let tool = match rest[at].known().as_deref() {
                Some("install" | "sync") => InstallTool::Uv,
                Some("uninstall") => InstallTool::Uninstall,
                _ => return,
            };
            let words: Vec<Word> = rest[..at].iter().chain(&rest[at + 1..]).cloned().collect();
            add(run, tool, &words);
        }
        Some("add" | "sync") => add(run, InstallTool::Uv, rest),
        Some("build") => add(run, InstallTool::Wheel, rest),
        Some("run") | Some("tool") => runs(run, rest),
        _ => {}
    }
}

/// `uv run [OPTIONS] COMMAND`.
fn runs(run: &mut Invocation<'_>, words: &[Word]) {
    let words = match words.split_first() {
        Some((first, rest)) if first.known().as_deref() == Some("run") => rest,
        _ => words,
    };
    let Some(at) = verb(words) else { return };
    let nested = crate::facts::Command { words: words[at..].to_vec(), ..run.command.clone() };
    super::read(nested, run.facts);
}

/// `python -m build ...`.
pub(super) fn build(run: &mut Invocation<'_>, arguments: &[Word]) {
    add(run, InstallTool::Wheel, arguments);
}

/// The first word that is no option.
fn verb(words: &[Word]) -> Option<usize> {
    let mut at = 0;
    loop {
        let word = words.get(at)?.known()?;
        if !word.starts_with('-') {
            return Some(at);
        }
        at += if !word.contains('=') && WITH_VALUE.contains(&word.as_str()) { 2 } else { 1 };
    }
}

fn add(run: &mut Invocation<'_>, tool: InstallTool, words: &[Word]) {
    let mut install = Install {
        tool,
        span: run.command.span,
        packages: Vec::new(),
        requirement_files: Vec::new(),
        constraint_files: Vec::new(),
        index: None,
        extra_indexes: Vec::new(),
        find_links: Vec::new(),
        switches: Vec::new(),
        is_open: false,
        home: run.command.home,
        command: Some(run.at),
    };
    for argument in arguments(words, |name| WITH_VALUE.contains(&name)) {
        match argument {
            Argument::Option { name, value: Some(value), .. } => option(&mut install, &name, value),
            Argument::Option { name, value: None, .. } => install.switches.extend(switches(&name)),
            Argument::Operand(word) => install.packages.extend(package(word)),
            Argument::Open(_) => install.is_open = true,
        }
    }
    from_environment(run, &mut install);
    // `python -m build` and `uv build` build the folder that they are in.
    if tool == InstallTool::Wheel && install.packages.is_empty() && install.requirement_files.is_empty() {
        let here = Word { text: crate::facts::Text::literal(".", None), span: run.command.span };
        install.packages.extend(package(here));
    }
    install.switches.sort();
    install.switches.dedup();
    run.facts.installs.push(install);
}

fn option(install: &mut Install, name: &str, value: Word) {
    match name {
        "-r" | "--requirement" | "--requirements" | "--with-requirements" => install.requirement_files.push(value),
        "-c" | "--constraint" | "--constraints" | "--override" | "--overrides" => install.constraint_files.push(value),
        "-i" | "--index-url" | "--pypi-url" | "--default-index" => install.index = Some(value),
        "--extra-index-url" | "--index" => install.extra_indexes.push(value),
        "-f" | "--find-links" => install.find_links.push(value),
        "-e" | "--editable" => {
            install.switches.push("editable".to_owned());
            install.packages.extend(package(value));
        }
        "--no-build-isolation-package" => install.switches.push("no-build-isolation".to_owned()),
        "--torch-backend" => install.switches.push("torch-backend".to_owned()),
        "-t" | "--target" => install.switches.push("target".to_owned()),
        _ => {}
    }
}

/// The long names of switches: `-U`, `--no-deps`, `-Uv`.
fn switches(name: &str) -> Vec<String> {
    if let Some(long) = name.strip_prefix("--") {
        return vec![if long == "no-isolation" { "no-build-isolation" } else { long }.to_owned()];
    }
    let long = |letter| match letter {
        'U' => Some("upgrade"),
        'I' => Some("ignore-installed"),
        'n' => Some("no-build-isolation"),
        'y' => Some("yes"),
        _ => None,
    };
    name.chars().skip(1).filter_map(long).map(str::to_owned).collect()
}

/// Variables of the command that say the same as options. Those of its stage or container are settings.
fn from_environment(run: &Invocation<'_>, install: &mut Install) {
    let value = |name: &str| {
        let variable = run.command.variable(name)?;
        Some(Word { text: variable.value.clone(), span: variable.span? })
    };
    if install.index.is_none() {
        install.index = ["PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"].into_iter().find_map(value);
    }
    install
        .extra_indexes
        .extend(["PIP_EXTRA_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX"].into_iter().filter_map(value));
    install.constraint_files.extend(["PIP_CONSTRAINT", "UV_CONSTRAINT"].into_iter().filter_map(value));
    if value("PIP_NO_BUILD_ISOLATION").is_some() {
        install.switches.push("no-build-isolation".to_owned());
    }
    if value("PIP_NO_DEPS").is_some() {
        install.switches.push("no-deps".to_owned());
    }
}
