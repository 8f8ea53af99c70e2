//! `gfxlint audit`: what supports one target.

use super::args::{AuditArgs, Common};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, input, write};
use crate::audit::audit;
use crate::context::Context;
use crate::error::RunError;
use crate::report::{audit::text, json_text};
use crate::scan::scan;

pub(super) fn run(arguments: &AuditArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let session = Session::of_paths(common, &arguments.input)?;
    let (knowledge, options) = (&session.knowledge, session.options()?);
    let targets = options.targets;
    let mut wanted = targets.iter();
    let (Some(arch), None) = (wanted.next(), wanted.next()) else {
        let what = if targets.is_empty() {
            "an audit needs a target".to_owned()
        } else {
            format!("an audit is about one target, not {}", knowledge.universe.list(targets))
        };
        return Err(RunError::Usage { what, help: "give one, as in `gfxlint audit --arch gfx906`".to_owned() });
    };
    let workspace = scan(input::input(&arguments.input, &session, false)?, knowledge)?;
    let mut audit = audit(&Context::new(&workspace, knowledge, &options), arch);
    let paths = input::paths(&arguments.input);
    for site in &mut audit.sites {
        site.path = paths.relative(workspace.sources().get(site.file));
    }
    write(
        &Output::new(common),
        "audit",
        |style| text(&audit, false, style),
        |style| text(&audit, true, style),
        || json_text(&audit),
    )
}
