//! `gfxlint plan`: what a target still needs.

use super::args::{Common, PlanArgs};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, input, write};
use crate::context::Context;
use crate::error::RunError;
use crate::plan::plan;
use crate::report::review::Document;
use crate::scan::{Purpose, scan_for};

pub(super) fn run(arguments: &PlanArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let session = Session::of_paths(common, &arguments.input)?;
    let (knowledge, options) = (&session.knowledge, session.options()?);
    let targets = options.targets;
    let arch = session.one_target(targets, "a plan", "gfxlint plan --arch gfx1152")?;
    let workspace = scan_for(Purpose::Rules, input::input(&arguments.input, &session, false)?, knowledge)?;
    let cx = Context::new(&workspace, knowledge, &options);
    let checked = session.plan(true, None, &arguments.input.paths).check(&cx)?;
    let plan = plan(&cx, arch, checked.findings);
    let paths = input::paths(&arguments.input);
    let document = Document::of_plan(&plan, workspace.sources(), &paths, options.pedantic);
    write(
        &Output::new(common)?,
        "plan",
        |style| document.pretty(style),
        |style| document.concise(style),
        || document.json(),
    )
}
