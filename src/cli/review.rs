//! `gfxlint review`: what a change adds, claims and breaks, and what its targets still need.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::args::{Common, PathArgs, ReviewArgs};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, check, input, page, revision};
use crate::context::Context;
use crate::discover::Exclude;
use crate::error::RunError;
use crate::report::review::Document;
use crate::report::{Format, html, sarif};
use crate::review::{Both, Change, Lines, git, review, tree};
use crate::scan::{Input, Replaced, scan_sides};
use crate::timings::{Phase, spend};

pub(super) fn run(arguments: &ReviewArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let output = Output::new(common)?;
    let of_path = PathArgs { paths: vec![arguments.path.clone()], stdin_filename: None };
    let session = Session::of_paths(common, &of_path)?;
    let (knowledge, options) = (&session.knowledge, session.options()?);
    let changed = spend(Phase::Discover, || change(arguments))?;
    let (input, change, replaced) = within(changed, session.config.exclude()?);
    let sides = scan_sides(input, &replaced, knowledge)?;
    let old = Context::new(&sides.old, knowledge, &options);
    let new = Context::new(&sides.new, knowledge, &options);
    // One side after the other: each is worked out in parallel itself.
    let plan = session.plan(true, None, &of_path.paths);
    let (before, after) = spend(Phase::Rules, || -> Result<_, RunError> {
        Ok((plan.check(&old)?.findings, plan.check(&new)?.findings))
    })?;
    let lines = Lines::new(&change);
    let mut review = review(
        &Both { old: &old, new: &new, lines: &lines },
        &change,
        |rule| session.policy.runs(rule),
        &before,
        after,
    );
    review.claims.retain(|finding| session.policy.admits(finding));
    let paths = input::paths(&of_path);
    let document = Document::of_review(&review, &change, &lines, sides.new.sources(), &paths, options.pedantic);
    let provenance = revision::provenance(&paths);
    output.write_each(|to| match to.format {
        Format::Pretty => Ok(document.pretty(&to.style)),
        Format::Concise => Ok(document.concise(&to.style)),
        Format::Json => document.json(),
        Format::Markdown => Ok(document.markdown(&provenance)),
        Format::Github => Ok(document.annotations()),
        Format::Sarif | Format::Gitlab => {
            let run = sarif::Run { rules: &session.selected(), provenance: &provenance, remarks: &[] };
            document.as_findings(to.format, &to.style, &run)
        }
        Format::Html => {
            let audits = page::audits(&new, review.added, &paths);
            html::page(&document.head(), &audits, review.added.len(), &document.sections())
        }
    })?;
    let fail_on = check::fail_on(&session, &output);
    Ok(if fail_on.fails(document.worst()) { ExitStatus::Findings } else { ExitStatus::Clean })
}

/// The same without what the configuration leaves out.
fn within(all: (Input, Change, Vec<Replaced>), exclude: Exclude) -> (Input, Change, Vec<Replaced>) {
    let (input, mut change, mut replaced) = all;
    if exclude.is_empty() {
        return (input, change, replaced);
    }
    let working = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
    let is_left_out = |path: &Path| exclude.covers(&working.join(path));
    change.files.retain(|file| {
        let mut paths = file.old_path.iter().chain(&file.new_path);
        !paths.any(|path| is_left_out(Path::new(path)))
    });
    replaced.retain(|file| !is_left_out(&file.location));
    let input = match input {
        Input::Memory(mut files) => {
            files.retain(|(path, _)| !is_left_out(Path::new(path)));
            Input::Memory(files)
        }
        Input::Paths(paths) => Input::Without(paths, exclude),
        other => other,
    };
    (input, change, replaced)
}

/// What is scanned, and what differs in it.
fn change(arguments: &ReviewArgs) -> Result<(Input, Change, Vec<Replaced>), RunError> {
    let path = &arguments.path;
    if let Some(patch) = &arguments.patch {
        if !path.is_dir() {
            std::fs::metadata(path).map_err(|error| RunError::path(path, &error))?;
            return Err(RunError::Usage {
                what: format!("{} is a file", crate::report::printable(&path.display().to_string())),
                help: "a patch is reviewed on a tree: give the folder that its paths count from".to_owned(),
            });
        }
        let (change, replaced) = tree::apply(path, &patch_text(patch)?)?;
        return Ok((Input::Paths(vec![path.clone()]), change, replaced));
    }
    match &arguments.base {
        Some(base) => git::change(path, base, arguments.head.as_deref()),
        None => Err(RunError::Usage {
            what: "a review needs a change".to_owned(),
            help: "give --base REV in a git repository, or --patch FILE".to_owned(),
        }),
    }
}

fn patch_text(patch: &PathBuf) -> Result<Vec<u8>, RunError> {
    if patch.as_os_str() != "-" {
        return std::fs::read(patch).map_err(|error| RunError::path(patch, &error));
    }
    let mut text = Vec::new();
    std::io::stdin().lock().read_to_end(&mut text).map_err(|error| RunError::path(Path::new("-"), &error))?;
    Ok(text)
}
