//! `gfxlint explain`: all about one rule.

use super::args::{Common, ExplainArgs};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, write};
use crate::error::RunError;
use crate::report::{printable, rule};

pub(super) fn run(arguments: &ExplainArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let rules = Session::here(common)?.rules;
    let found =
        rules.find(&arguments.rule).ok_or_else(|| RunError::UnknownRule { selector: printable(&arguments.rule) })?;
    write(
        &Output::new(common),
        "explain",
        |style| rule::explain(found, style),
        |style| rule::explain(found, style),
        || rule::explain_json(found),
    )
}
