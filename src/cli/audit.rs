//! `gfxlint audit`: what supports one target.

use super::args::{AuditArgs, Common};
use super::output::Output;
use super::{ExitStatus, input, page, write};
use crate::context::{Context, Options};
use crate::error::RunError;
use crate::knowledge::Knowledge;
use crate::report::{Format, Report, audit::text, html, json_text};
use crate::rules;
use crate::scan::scan;

pub(super) fn run(arguments: &AuditArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let knowledge = Knowledge::embedded()?;
    let targets = knowledge.targets(&common.arch)?;
    let mut wanted = targets.iter();
    let (Some(arch), None) = (wanted.next(), wanted.next()) else {
        let what = if targets.is_empty() {
            "an audit needs a target".to_owned()
        } else {
            format!("an audit is about one target, not {}", knowledge.universe.list(targets))
        };
        return Err(RunError::Usage { what, help: "give one, as in `gfxlint audit --arch gfx906`".to_owned() });
    };
    let workspace = scan(input::input(&arguments.input)?, &knowledge)?;
    let options = Options { targets, pedantic: common.pedantic };
    let cx = Context::new(&workspace, &knowledge, &options);
    let paths = input::paths(&arguments.input);
    let output = Output::new(common);
    if output.format == Format::Html {
        let audits = page::audits(&cx, targets, &paths);
        let findings = rules::run(&cx, &common.selection()?);
        let report = Report::new(workspace.sources(), &paths, findings, common.pedantic);
        let summary = audits.first().map(|audit| audit.summary.clone()).unwrap_or_default();
        let title = format!("gfxlint audit: {}", knowledge.universe.name(arch));
        output.write(&html::page(
            &title,
            &summary,
            &audits,
            targets.len(),
            &[html::Section::of("Findings", &report)],
        )?)?;
        return Ok(ExitStatus::Clean);
    }
    let audit = page::located(&cx, arch, &paths);
    write(&output, "audit", |style| text(&audit, false, style), |style| text(&audit, true, style), || json_text(&audit))
}
