//! `gfxlint check`: findings, and the edits that mend them.

use super::args::{CheckArgs, Common, FailOn};
use super::output::{self, Output};
use super::{ExitStatus, input, revision, selected};
use crate::context::{Context, Options};
use crate::error::RunError;
use crate::finding::{Applicability, Finding};
use crate::fix::{self, Fixer};
use crate::knowledge::Knowledge;
use crate::report::{Format, Paths, Report, counted, sarif};
use crate::rules::{self, Selection};
use crate::scan::{Input, Purpose, scan_over};
use crate::workspace::Workspace;

pub(super) fn run(arguments: &CheckArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let output = Output::new(common);
    let selection = common.selection()?;
    let knowledge = Knowledge::embedded()?;
    let options = Options { targets: knowledge.targets(&common.arch)?, pedantic: common.pedantic };
    let input = match input::input(&arguments.input)? {
        Input::Paths(paths) => Input::Around(paths),
        other => other,
    };
    if arguments.fix && !arguments.diff && matches!(input, Input::Memory(_)) {
        return Err(RunError::Usage {
            what: "standard input cannot be fixed in its place".to_owned(),
            help: "use --diff, which prints the fixes as a patch".to_owned(),
        });
    }
    let paths = input::paths(&arguments.input);
    let check = Check { arguments, input, knowledge: &knowledge, options: &options, selection: &selection };
    let mut fixer = Fixer::new(if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe });
    let (workspace, findings) = loop {
        let (workspace, findings) = check.once(&fixer)?;
        if !(arguments.fix || arguments.diff) {
            break (workspace, findings);
        }
        let report = Report::new(workspace.sources(), &paths, findings.clone(), common.pedantic);
        if !fixer.round(workspace.sources(), report.shown())? {
            break (workspace, findings);
        }
    };
    if arguments.fix {
        output.attempt()?;
    }
    if arguments.diff {
        return patch(&fixer, &paths, common, &output);
    }
    fixer.write()?;
    let mut report = Report::new(workspace.sources(), &paths, findings, common.pedantic);
    report.fixed = arguments.fix.then(|| fixer.fixed());
    let provenance = revision::provenance(&paths);
    let run = sarif::Run { rules: &selected(&selection), provenance: &provenance, remarks: &[] };
    output.write(&report.render(output.format, &output.style, &run)?)?;
    let usual = if output.format == Format::Sarif { FailOn::Never } else { FailOn::Warning };
    Ok(if common.fail_on.unwrap_or(usual).fails(report.worst()) { ExitStatus::Findings } else { ExitStatus::Clean })
}

/// What one run checks, each round anew.
struct Check<'a> {
    arguments: &'a CheckArgs,
    input: Input,
    knowledge: &'a Knowledge,
    options: &'a Options,
    selection: &'a Selection,
}

impl Check<'_> {
    /// Reads the files as the fixer's edits leave them, and runs the rules.
    fn once(&self, fixer: &Fixer) -> Result<(Workspace, Vec<Finding>), RunError> {
        let against = self.arguments.against.as_deref();
        let purpose = if self.selection.is_about_imports() { Purpose::Imports } else { Purpose::Rules };
        let workspace = scan_over(purpose, self.input.clone(), against, fixer.overlay(), self.knowledge)?;
        let findings = rules::run(&Context::new(&workspace, self.knowledge, self.options), self.selection);
        Ok((workspace, findings))
    }
}

/// Prints the fixes as a patch, and how many there are beside it.
fn patch(fixer: &Fixer, paths: &Paths, common: &Common, output: &Output) -> Result<ExitStatus, RunError> {
    let changes = fixer.changes();
    output.write(&fix::unified(&changes, paths, &output.style, output.to_terminal))?;
    let (problems, files) = (counted(fixer.fixed(), "problem"), counted(changes.len(), "file"));
    output::tell(&if changes.is_empty() {
        "No fixes to apply.\n".to_owned()
    } else {
        format!("--fix would mend {problems} in {files}.\n")
    });
    let fails = !changes.is_empty() && common.fail_on != Some(FailOn::Never);
    Ok(if fails { ExitStatus::Findings } else { ExitStatus::Clean })
}
