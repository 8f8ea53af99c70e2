//! `gfxlint facts`: everything that was read from the files.

use super::args::{Common, FactsArgs};
use super::output::Output;
use super::{ExitStatus, input, write};
use crate::context::{Context, Options};
use crate::error::RunError;
use crate::knowledge::Knowledge;
use crate::report::facts::Facts;
use crate::scan::scan;

pub(super) fn run(arguments: &FactsArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let knowledge = Knowledge::embedded()?;
    let options = Options { targets: knowledge.targets(&common.arch)?, pedantic: false };
    let workspace = scan(input::input(&arguments.input)?, &knowledge)?;
    let facts = Facts::of(&Context::new(&workspace, &knowledge, &options), &input::paths(&arguments.input));
    write(&Output::new(common), "facts", |style| facts.pretty(style), |style| facts.concise(style), || facts.json())
}
