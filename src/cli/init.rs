//! `gfxlint init`: files to start with. What exists is never overwritten.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::ExitStatus;
use super::args::{Common, InitArgs};
use super::output::Output;
use crate::config::schema::template;
use crate::error::RunError;
use crate::report::printable;

/// What `.pre-commit-config.yaml` needs.
const PRE_COMMIT: &str = concat!(
    "repos:\n  - repo: https://github.com/gfxlint/gfxlint\n    rev: v",
    env!("CARGO_PKG_VERSION"),
    "\n    hooks:\n      - id: gfxlint\n"
);

/// A workflow that checks every push and shows findings as code scanning alerts.
const WORKFLOW: &str = concat!(
    "name: gfxlint\n\non:\n  push:\n    branches: [main]\n  pull_request:\n\npermissions: {}\n\njobs:\n  gfxlint:\n    \
     runs-on: ubuntu-latest\n    permissions:\n      contents: read\n      # To upload findings to code scanning.\n      \
     security-events: write\n    steps:\n      - uses: \
     actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2\n        with:\n          \
     persist-credentials: false\n      # A tag can be moved: `git ls-remote https://github.com/gfxlint/gfxlint v",
    env!("CARGO_PKG_VERSION"),
    "` prints the commit to put here.\n      - uses: gfxlint/gfxlint@v",
    env!("CARGO_PKG_VERSION"),
    "\n"
);

pub(super) fn run(arguments: &InitArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let folder = &arguments.folder;
    fs::metadata(folder).map_err(|error| RunError::path(folder, &error))?;
    let mut told = String::new();
    let config = template();
    for (path, text) in [
        ("gfxlint.toml", config.as_str()),
        (".pre-commit-config.yaml", PRE_COMMIT),
        (".github/workflows/gfxlint.yml", WORKFLOW),
    ] {
        let shown = printable(&path_of(folder, path).display().to_string());
        let has_table = path == "gfxlint.toml" && has_table(folder);
        if has_table {
            told.push_str("pyproject.toml has a table for gfxlint: gfxlint.toml was not written\n");
        } else if create(&path_of(folder, path), text)? {
            told.push_str(&format!("{shown} was written\n"));
        } else {
            told.push_str(&format!("{shown} exists and was left as it is\n"));
            if path != "gfxlint.toml" {
                told.push_str(&format!("  it may hold:\n{}", indented(text)));
            }
        }
    }
    Output::new(common)?.write(&told)?;
    Ok(ExitStatus::Clean)
}

fn path_of(folder: &Path, path: &str) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(path) } else { folder.join(path) }
}

fn has_table(folder: &Path) -> bool {
    fs::read_to_string(folder.join("pyproject.toml")).is_ok_and(|text| text.contains("[tool.gfxlint"))
}

/// Writes a new file; false where there is one already.
fn create(path: &Path, text: &str) -> Result<bool, RunError> {
    let failed = |error: std::io::Error| RunError::output(path, &error);
    if fs::symlink_metadata(path).is_ok() {
        return Ok(false);
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true).map_err(failed),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect()
}
