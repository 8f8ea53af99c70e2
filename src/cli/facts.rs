//! `gfxlint facts`: everything that was read from the files.

use super::args::{Common, FactsArgs};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, input, write};
use crate::context::{Context, Options};
use crate::error::RunError;
use crate::report::facts::Facts;
use crate::scan::scan;

pub(super) fn run(arguments: &FactsArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let session = Session::of_paths(common, &arguments.input)?;
    let (knowledge, options) = (&session.knowledge, session.options()?);
    let options = Options { pedantic: false, ..options };
    let workspace = scan(input::input(&arguments.input, &session, false)?, knowledge)?;
    let facts = Facts::of(&Context::new(&workspace, knowledge, &options), &input::paths(&arguments.input));
    write(&Output::new(common)?, "facts", |style| facts.pretty(style), |style| facts.concise(style), || facts.json())
}
