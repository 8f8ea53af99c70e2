//! `gfxlint review`: what a change adds, claims and breaks, and what its targets still need.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::args::{Common, FailOn, PathArgs, ReviewArgs};
use super::output::Output;
use super::{ExitStatus, input, page, revision, selected};
use crate::context::{Context, Options};
use crate::error::RunError;
use crate::knowledge::Knowledge;
use crate::report::review::Document;
use crate::report::{Format, html, sarif};
use crate::review::{Both, Change, Lines, git, review, tree};
use crate::scan::{Input, Replaced, scan_sides};

pub(super) fn run(arguments: &ReviewArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let output = Output::new(common);
    let selection = common.selection()?;
    let knowledge = Knowledge::embedded()?;
    let options = Options { targets: knowledge.targets(&common.arch)?, pedantic: common.pedantic };
    let (input, change, replaced) = change(arguments)?;
    let sides = scan_sides(input, &replaced, &knowledge)?;
    let old = Context::new(&sides.old, &knowledge, &options);
    let new = Context::new(&sides.new, &knowledge, &options);
    let lines = Lines::new(&change);
    let both = Both { old: &old, new: &new, lines: &lines };
    let review = review(&both, &change, &selection);
    let paths = input::paths(&PathArgs { paths: vec![arguments.path.clone()], stdin_filename: None });
    let document = Document::of_review(&review, &change, &lines, sides.new.sources(), &paths, common.pedantic);
    let text = match output.format {
        Format::Pretty => document.pretty(&output.style),
        Format::Concise => document.concise(&output.style),
        Format::Json => document.json()?,
        Format::Markdown => document.markdown(revision::from_environment().as_ref()),
        Format::Github => document.annotations(),
        Format::Sarif => {
            let provenance = revision::from_environment();
            document.sarif(&sarif::Run { rules: &selected(&selection), provenance: provenance.as_ref() })?
        }
        Format::Html => {
            let audits = page::audits(&new, review.added, &paths);
            let title = format!("gfxlint review: {}", review.verdict.name());
            html::page(&title, &review.summary, &audits, review.added.len(), &document.sections())?
        }
    };
    output.write(&text)?;
    let usual = if output.format == Format::Sarif { FailOn::Never } else { FailOn::Warning };
    Ok(if common.fail_on.unwrap_or(usual).fails(document.worst()) { ExitStatus::Findings } else { ExitStatus::Clean })
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
