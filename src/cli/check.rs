//! `gfxlint check`: findings.

use super::args::{CheckArgs, Common};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, input, revision};
use crate::context::Context;
use crate::error::RunError;
use crate::finding::FailOn;
use crate::report::{Format, Report, sarif};
use crate::scan::scan_against;

pub(super) fn run(arguments: &CheckArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let output = Output::new(common);
    let session = Session::of_paths(common, &arguments.input)?;
    let options = session.options()?;
    let input = input::input(&arguments.input, &session, arguments.force_exclude)?;
    let workspace = scan_against(input, arguments.against.as_deref(), &session.knowledge)?;
    let cx = Context::new(&workspace, &session.knowledge, &options);
    let findings = session.plan(!arguments.no_suppressions).check(&cx);
    let paths = input::paths(&arguments.input);
    let report = Report::new(workspace.sources(), &paths, findings, options.pedantic)
        .show_left_out(arguments.show_suppressed);
    let provenance = revision::from_environment();
    let run = sarif::Run { rules: &session.selected(), provenance: provenance.as_ref() };
    output.write(&report.render(output.format, &output.style, &run)?)?;
    let usual = if output.format == Format::Sarif { FailOn::Never } else { FailOn::Warning };
    let fail_on = session.config.fail_on.as_ref().map_or(usual, |given| given.value);
    Ok(if fail_on.fails(report.worst()) { ExitStatus::Findings } else { ExitStatus::Clean })
}
