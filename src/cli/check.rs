//! `gfxlint check`: findings.

use super::args::{CheckArgs, Common, FailOn};
use super::output::Output;
use super::{ExitStatus, input, revision, selected};
use crate::context::{Context, Options};
use crate::error::RunError;
use crate::knowledge::Knowledge;
use crate::report::{Format, Report, sarif};
use crate::rules;
use crate::scan::{Purpose, scan_for};

pub(super) fn run(arguments: &CheckArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let output = Output::new(common);
    let selection = common.selection()?;
    let knowledge = Knowledge::embedded()?;
    let options = Options { targets: knowledge.targets(&common.arch)?, pedantic: common.pedantic };
    let purpose = if selection.is_about_imports() { Purpose::Imports } else { Purpose::Rules };
    let workspace = scan_for(purpose, input::input(&arguments.input)?, arguments.against.as_deref(), &knowledge)?;
    let findings = rules::run(&Context::new(&workspace, &knowledge, &options), &selection);
    let paths = input::paths(&arguments.input);
    let report = Report::new(workspace.sources(), &paths, findings, common.pedantic);
    let provenance = revision::from_environment();
    let run = sarif::Run { rules: &selected(&selection), provenance: provenance.as_ref() };
    output.write(&report.render(output.format, &output.style, &run)?)?;
    let usual = if output.format == Format::Sarif { FailOn::Never } else { FailOn::Warning };
    Ok(if common.fail_on.unwrap_or(usual).fails(report.worst()) { ExitStatus::Findings } else { ExitStatus::Clean })
}
