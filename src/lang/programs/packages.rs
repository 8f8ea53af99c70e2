//! Package managers of distributions, and conda.

use super::Invocation;
use super::options::{Argument, arguments};
use super::pip::package;
use crate::facts::{Install, InstallTool};

/// `apt-get install ...` and its like.
pub(super) fn install(run: &mut Invocation<'_>, program: &str) {
    let tool = match program {
        "apt" | "apt-get" => InstallTool::Apt,
        "conda" | "mamba" | "micromamba" => InstallTool::Conda,
        _ => InstallTool::Dnf,
    };
    let takes_value = |name: &str| match tool {
        InstallTool::Apt => matches!(name, "-o" | "--option" | "-t" | "--target-release" | "-c" | "--config-file"),
        InstallTool::Conda => {
            matches!(name, "-c" | "--channel" | "-n" | "--name" | "-p" | "--prefix" | "-f" | "--file")
        }
        _ => matches!(name, "-c" | "--config" | "--setopt" | "--enablerepo" | "--disablerepo" | "--repo" | "-x"),
    };
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
    let mut verb = None;
    for argument in arguments(run.command.arguments(), takes_value) {
        match argument {
            Argument::Operand(word) if verb.is_none() => verb = word.known(),
            Argument::Operand(word) => install.packages.extend(package(word)),
            Argument::Option { name, value: Some(value), .. } if matches!(name.as_str(), "-c" | "--channel") => {
                install.extra_indexes.push(value);
            }
            Argument::Option { .. } => {}
            Argument::Open(_) => install.is_open = true,
        }
    }
    if matches!(verb.as_deref(), Some("install" | "create" | "groupinstall" | "in" | "reinstall" | "localinstall")) {
        run.facts.installs.push(install);
    }
}
