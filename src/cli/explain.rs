//! `gfxlint explain`: all about one rule.

use super::args::{Common, ExplainArgs};
use super::output::{self, Output};
use super::session::Session;
use super::{ExitStatus, write};
use crate::arch::ArchSet;
use crate::error::RunError;
use crate::report::{Style, arch, printable, rule};

pub(super) fn run(arguments: &ExplainArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let session = Session::here(common)?;
    let unknown = || RunError::UnknownRule { selector: printable(&arguments.rule) };
    let found = session.rules.find(&arguments.rule).ok_or_else(unknown)?;
    if let Some(remark) = found.remark(&arguments.rule) {
        output::tell(&format!("warning: {remark}\n"));
    }
    let knowledge = &session.knowledge;
    let targets = if common.arch.is_empty() { ArchSet::EMPTY } else { session.options()?.targets };
    let text = |style: &Style| {
        let pages = targets.iter().map(|target| arch::page(knowledge, target, style));
        std::iter::once(rule::explain(found, style)).chain(pages).collect::<Vec<_>>().join("\n")
    };
    write(&Output::new(common)?, "explain", text, text, || rule::explain_json(found, knowledge, targets))
}
