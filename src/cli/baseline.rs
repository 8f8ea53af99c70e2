//! `gfxlint baseline`: accepts what is found now, and takes out what is found no more.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::args::{BaselineAction, BaselineArgs, Common};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, input};
use crate::baseline::{Baseline, Entry, FILE_NAME};
use crate::context::Context;
use crate::error::RunError;
use crate::replace::Prepared;
use crate::report::{Report, counted, printable};
use crate::scan::scan;

/// Entries that are listed one by one; more are counted.
const MOST_LISTED: usize = 10;

pub(super) fn run(arguments: &BaselineArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let session = Session::of_paths(common, &arguments.input)?;
    let options = session.options()?;
    let named = session.config.baseline.as_ref().map(|given| given.value.clone());
    let path = named.map_or_else(usual, Ok)?;
    let mut known = match arguments.action {
        BaselineAction::Write => None,
        BaselineAction::Prune => Some(Baseline::read(&path)?),
    };
    let is_renewed = known.as_mut().is_some_and(|known| !known.renew(&session.rules).is_empty());
    let workspace = scan(input::input(&arguments.input, &session, false)?, &session.knowledge)?;
    let plan = session.plan(true, known.as_ref(), &arguments.input.paths);
    let checked = plan.check(&Context::new(&workspace, &session.knowledge, &options))?;
    let shown = printable(&path.display().to_string());
    let told = match &mut known {
        Some(known) => {
            known.remove(&checked.stale);
            let gone: usize = checked.stale.iter().map(|entry| entry.count).sum();
            let left: usize = known.entries.iter().map(|entry| entry.count).sum();
            if gone > 0 || is_renewed {
                write(known)?;
            }
            format!("{} taken out of {shown}; {left} left\n", counted(gone, "finding"))
        }
        None => {
            let paths = input::paths(&arguments.input);
            let report = Report::new(workspace.sources(), &paths, checked.findings, options.pedantic);
            let found: Vec<_> = report.shown().collect();
            write(&Baseline::of(&path, &workspace, found.iter().copied()))?;
            format!("{} written to {shown}\n", counted(found.len(), "finding"))
        }
    };
    Output::new(common)?.write(&told)?;
    Ok(ExitStatus::Clean)
}

/// The baseline where none is named. A link of that name may lead anywhere, and nobody asked for it to be followed.
fn usual() -> Result<PathBuf, RunError> {
    let path = PathBuf::from(FILE_NAME);
    if path.is_symlink() {
        return Err(RunError::Usage {
            what: format!("{FILE_NAME} is a link"),
            help: format!("name the baseline that is meant: --baseline {FILE_NAME}"),
        });
    }
    Ok(path)
}

fn write(baseline: &Baseline) -> Result<(), RunError> {
    let failed = |error: std::io::Error| RunError::output(&baseline.path, &error);
    Prepared::new(&baseline.path, baseline.text()?.as_bytes()).and_then(Prepared::persist).map_err(failed)
}

/// What is told of entries that nothing matches any more.
pub(super) fn stale(baseline: &Baseline, entries: &[Entry]) -> String {
    let mut told = format!("These findings of {} are found no more:\n", shown(&baseline.path));
    for entry in entries.iter().take(MOST_LISTED) {
        let (path, about) = (printable(&entry.path), printable(&entry.about));
        let times = if entry.count > 1 { format!(" ({} times)", entry.count) } else { String::new() };
        let _ = writeln!(told, "  {} {path} {about}{times}", printable(&entry.rule));
    }
    if entries.len() > MOST_LISTED {
        let _ = writeln!(told, "  and {} more", entries.len() - MOST_LISTED);
    }
    told.push_str("`gfxlint baseline prune` takes them out.\n");
    told
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}
