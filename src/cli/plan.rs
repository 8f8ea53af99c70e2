//! `gfxlint plan`: what a target still needs.

use super::args::{Common, PlanArgs};
use super::output::Output;
use super::{ExitStatus, input, write};
use crate::context::{Context, Options};
use crate::error::RunError;
use crate::knowledge::Knowledge;
use crate::plan::plan;
use crate::report::review::Document;
use crate::scan::{Purpose, scan_for};

pub(super) fn run(arguments: &PlanArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let selection = common.selection()?;
    let knowledge = Knowledge::embedded()?;
    let targets = knowledge.targets(&common.arch)?;
    let mut wanted = targets.iter();
    let (Some(arch), None) = (wanted.next(), wanted.next()) else {
        let what = if targets.is_empty() {
            "a plan needs a target".to_owned()
        } else {
            format!("a plan is about one target, not {}", knowledge.universe.list(targets))
        };
        return Err(RunError::Usage { what, help: "give one, as in `gfxlint plan --arch gfx1152`".to_owned() });
    };
    let workspace = scan_for(Purpose::Rules, input::input(&arguments.input)?, None, &knowledge)?;
    let options = Options { targets, pedantic: common.pedantic };
    let plan = plan(&Context::new(&workspace, &knowledge, &options), arch, &selection);
    let paths = input::paths(&arguments.input);
    let document = Document::of_plan(&plan, workspace.sources(), &paths, common.pedantic);
    write(
        &Output::new(common),
        "plan",
        |style| document.pretty(style),
        |style| document.concise(style),
        || document.json(),
    )
}
