//! `gfxlint rules`: the list of rules.

use super::args::Common;
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, write};
use crate::error::RunError;
use crate::report::rule;

pub(super) fn run(common: &Common) -> Result<ExitStatus, RunError> {
    let rules = Session::here(common)?.selected();
    write(
        &Output::new(common),
        "rules",
        |style| rule::list(&rules, style),
        |style| rule::list(&rules, style),
        || rule::list_json(&rules),
    )
}
