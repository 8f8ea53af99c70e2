//! What a run reads, and what its paths are relative to.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::args::PathArgs;
use super::session::Session;
use crate::error::RunError;
use crate::report::Paths;
use crate::scan::Input;

/// The input that paths on the command line name; also the named ones that the configuration excludes, unless that is
/// not wanted.
pub(super) fn input(arguments: &PathArgs, session: &Session, excludes_named: bool) -> Result<Input, RunError> {
    let is_standard_input = |path: &PathBuf| path.as_os_str() == "-";
    if !arguments.paths.iter().any(is_standard_input) {
        let exclude = session.config.exclude()?;
        let working = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
        let is_wanted = |path: &&PathBuf| !excludes_named || !exclude.covers(&working.join(path));
        let paths = arguments.paths.iter().filter(is_wanted).cloned().collect();
        return Ok(Input::Without(paths, exclude));
    }
    let usage = |what: &str, help: &str| RunError::Usage { what: what.to_owned(), help: help.to_owned() };
    if arguments.paths.len() > 1 {
        return Err(usage("`-` stands beside other paths", "give either `-` for standard input, or paths"));
    }
    let Some(name) = &arguments.stdin_filename else {
        return Err(usage(
            "standard input has no name, so its language is unknown",
            "add --stdin-filename docker/Dockerfile.rocm, or whatever it is",
        ));
    };
    let mut content = Vec::new();
    std::io::stdin().lock().read_to_end(&mut content).map_err(|error| RunError::path(Path::new("-"), &error))?;
    Ok(Input::Text(name.clone(), content))
}

/// What paths in output are relative to. Where the first path lies in no repository, the working directory stands for
/// one if the path lies below it, else the folder that was named.
pub(super) fn paths(arguments: &PathArgs) -> Paths {
    let working = std::env::current_dir().ok();
    let first = arguments.paths.first().filter(|path| path.exists());
    let start = match (&working, first) {
        (Some(working), Some(path)) => Some(working.join(path)),
        (working, path) => path.cloned().or_else(|| working.clone()),
    };
    let repository = start.and_then(|path| path.canonicalize().ok()).and_then(|start| {
        let own = start.ancestors().find(|folder| folder.join(".git").exists());
        let around = working.as_deref().filter(|working| start.starts_with(working));
        let folder = if start.is_dir() { Some(start.as_path()) } else { start.parent() };
        own.or(around).or(folder).map(Path::to_owned)
    });
    Paths { working, repository }
}
