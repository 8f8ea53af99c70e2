//! `gfxlint facts`: everything that was read from the files.

use super::args::{Common, FactsArgs};
use super::output::Output;
use super::{ExitStatus, input, write};
use crate::error::RunError;
use crate::knowledge::Knowledge;
use crate::report::facts::Facts;
use crate::scan::scan;

pub(super) fn run(arguments: &FactsArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let knowledge = Knowledge::embedded()?;
    knowledge.targets(&common.arch)?;
    let workspace = scan(input::input(&arguments.input)?, &knowledge)?;
    let facts =
        Facts::new(workspace.sites(), workspace.sources(), &input::paths(&arguments.input), &knowledge.universe);
    write(&Output::new(common), "facts", |style| facts.pretty(style), |style| facts.concise(style), || facts.json())
}
