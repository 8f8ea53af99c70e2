//! `gfxlint audit`: what supports one target.

use super::args::{AuditArgs, Common};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, form, input, page};
use crate::context::Context;
use crate::error::RunError;
use crate::report::{Format, Report, audit::text, html, json_text};
use crate::scan::scan;

pub(super) fn run(arguments: &AuditArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let session = Session::of_paths(common, &arguments.input)?;
    let (knowledge, options) = (&session.knowledge, session.options()?);
    let targets = options.targets;
    let arch = session.one_target(targets, "an audit", "gfxlint audit --arch gfx906")?;
    let workspace = scan(input::input(&arguments.input, &session, false)?, knowledge)?;
    let cx = Context::new(&workspace, knowledge, &options);
    let paths = input::paths(&arguments.input);
    let output = Output::new(common)?;
    let page = || {
        let audits = page::audits(&cx, targets, &paths);
        let checked = session.plan(true, None, &arguments.input.paths).check(&cx)?;
        let report = Report::new(workspace.sources(), &paths, checked.findings, options.pedantic);
        let sections = [html::Section::of("Findings", &report)];
        html::page(&html::Head::of_audits(&audits, targets.len()), &audits, targets.len(), &sections)
    };
    let audit = page::located(&cx, arch, &paths);
    output.write_each(|to| match to.format {
        Format::Html => page(),
        _ => form(
            to,
            "audit",
            |style| text(&audit, false, style),
            |style| text(&audit, true, style),
            || json_text(&audit),
        ),
    })?;
    Ok(ExitStatus::Clean)
}
