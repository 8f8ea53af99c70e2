//! `gfxlint check`: findings, and the edits that mend them.

use super::args::{CheckArgs, Common};
use super::output::{self, Output};
use super::session::Session;
use super::{ExitStatus, input, revision};
use crate::context::{Context, Options};
use crate::error::RunError;
use crate::finding::{Applicability, FailOn, Finding};
use crate::fix::{self, Fixer};
use crate::report::{Format, Paths, Report, counted, sarif};
use crate::scan::{Input, scan_over};
use crate::workspace::Workspace;

pub(super) fn run(arguments: &CheckArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let output = Output::new(common);
    let session = Session::of_paths(common, &arguments.input)?;
    let options = session.options()?;
    let input = input::input(&arguments.input, &session, arguments.force_exclude)?;
    if arguments.fix && !arguments.diff && matches!(input, Input::Memory(_)) {
        return Err(RunError::Usage {
            what: "standard input cannot be fixed in its place".to_owned(),
            help: "use --diff, which prints the fixes as a patch".to_owned(),
        });
    }
    let paths = input::paths(&arguments.input);
    let check = Check { arguments, input, session: &session, options: &options };
    let mut fixer = Fixer::new(if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe });
    let (workspace, findings) = loop {
        let (workspace, findings) = check.once(&fixer)?;
        if !(arguments.fix || arguments.diff) {
            break (workspace, findings);
        }
        let report = Report::new(workspace.sources(), &paths, findings.clone(), options.pedantic);
        if !fixer.round(workspace.sources(), report.shown())? {
            break (workspace, findings);
        }
    };
    if arguments.diff {
        return patch(&fixer, &paths, &session, &output);
    }
    fixer.write()?;
    let mut report = Report::new(workspace.sources(), &paths, findings, options.pedantic)
        .show_suppressed(arguments.show_suppressed);
    report.fixed = arguments.fix.then(|| fixer.fixed());
    let provenance = revision::provenance(&paths);
    let run = sarif::Run { rules: &session.selected(), provenance: &provenance, remarks: &[] };
    output.write(&report.render(output.format, &output.style, &run)?)?;
    let usual = if output.format == Format::Sarif { FailOn::Never } else { FailOn::Warning };
    let fail_on = session.config.fail_on.as_ref().map_or(usual, |given| given.value);
    Ok(if fail_on.fails(report.worst()) { ExitStatus::Findings } else { ExitStatus::Clean })
}

/// What one run checks, each round anew.
struct Check<'a> {
    arguments: &'a CheckArgs,
    input: Input,
    session: &'a Session,
    options: &'a Options,
}

impl Check<'_> {
    /// Reads the files as the fixer's edits leave them, and runs the rules.
    fn once(&self, fixer: &Fixer) -> Result<(Workspace, Vec<Finding>), RunError> {
        let against = self.arguments.against.as_deref();
        let knowledge = &self.session.knowledge;
        let workspace = scan_over(self.input.clone(), against, fixer.overlay(), knowledge)?;
        let plan = self.session.plan(!self.arguments.no_suppressions);
        let findings = plan.check(&Context::new(&workspace, knowledge, self.options));
        Ok((workspace, findings))
    }
}

/// Prints the fixes as a patch, and how many there are beside it.
fn patch(fixer: &Fixer, paths: &Paths, session: &Session, output: &Output) -> Result<ExitStatus, RunError> {
    let changes = fixer.changes();
    output.write(&fix::unified(&changes, paths, &output.style, output.to_terminal))?;
    let (problems, files) = (counted(fixer.fixed(), "problem"), counted(changes.len(), "file"));
    output::tell(&if changes.is_empty() {
        "No fixes to apply.\n".to_owned()
    } else {
        format!("--fix would mend {problems} in {files}.\n")
    });
    let fails = !changes.is_empty() && session.config.fail_on.as_ref().map(|given| given.value) != Some(FailOn::Never);
    Ok(if fails { ExitStatus::Findings } else { ExitStatus::Clean })
}
