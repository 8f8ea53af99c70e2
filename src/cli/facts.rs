//! `gfxlint facts`: everything that was read from the files.

use super::args::{Common, FactsArgs};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, input, write};
use crate::error::RunError;
use crate::report::facts::Facts;
use crate::scan::scan;

pub(super) fn run(arguments: &FactsArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let session = Session::of_paths(common, &arguments.input)?;
    session.options()?;
    let knowledge = &session.knowledge;
    let workspace = scan(input::input(&arguments.input, &session, false)?, knowledge)?;
    let facts =
        Facts::new(workspace.sites(), workspace.sources(), &input::paths(&arguments.input), &knowledge.universe);
    write(&Output::new(common), "facts", |style| facts.pretty(style), |style| facts.concise(style), || facts.json())
}
