//! `gfxlint check`: findings, and the edits that mend them.

use super::args::{CheckArgs, Common};
use super::output::{self, Output};
use super::session::Session;
use super::{ExitStatus, input, revision};
use crate::baseline::Baseline;
use crate::config::Origin;
use crate::context::{Context, Options};
use crate::engine::Checked;
use crate::error::RunError;
use crate::finding::{Applicability, FailOn};
use crate::fix::{self, Fixer};
use crate::report::{Format, Paths, Report, counted, sarif, statistics};
use crate::scan::{Input, Request, scan_files};
use crate::source::{SourceFile, Sources};
use crate::timings::{Phase, spend};

pub(super) fn run(arguments: &CheckArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let output = Output::new(common)?;
    if arguments.statistics {
        counts_alone(&output)?;
    }
    let session = Session::of_paths(common, &arguments.input)?;
    let options = session.options()?;
    let input = match input::input(&arguments.input, &session, arguments.force_exclude)? {
        Input::Without(paths, exclude) => Input::Around(paths, exclude),
        other => other,
    };
    if arguments.fix && !arguments.diff && matches!(input, Input::Text(..)) {
        return Err(RunError::Usage {
            what: "standard input cannot be fixed in its place".to_owned(),
            help: "use --diff, which prints the fixes as a patch".to_owned(),
        });
    }
    let paths = input::paths(&arguments.input);
    let baseline = session.baseline()?;
    let check = Check { arguments, input, session: &session, options: &options, baseline: baseline.as_ref() };
    let mut fixer = Fixer::new(if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe });
    let (sources, checked) = loop {
        let (sources, checked) = check.once(&fixer)?;
        if !(arguments.fix || arguments.diff) {
            break (sources, checked);
        }
        let report = Report::new(&sources, &paths, checked.findings.clone(), options.pedantic);
        if !fixer.round(&sources, report.shown())? {
            break (sources, checked);
        }
    };
    if arguments.fix {
        output.attempt()?;
    }
    if arguments.diff {
        return patch(&fixer, &paths, &session, &output);
    }
    fixer.write()?;
    let mut report =
        Report::new(&sources, &paths, checked.findings, options.pedantic).show_suppressed(arguments.show_suppressed);
    report.stale = checked.stale.iter().map(|entry| entry.count).sum();
    report.fixed = arguments.fix.then(|| fixer.fixed());
    if !arguments.lang.is_empty() {
        let files = sources.iter().filter(|(_, file)| !file.is_reference && !file.is_context);
        report.files = files.filter(|(_, file)| check.is_wanted(file)).count();
    }
    let provenance = revision::provenance(&paths);
    let stale = baseline.filter(|_| report.stale > 0).map(|known| super::baseline::stale(&known, &checked.stale));
    let mut remarks = session.remarks.clone();
    remarks.extend(stale.iter().map(|told| told.lines().map(str::trim).collect::<Vec<_>>().join(" ")));
    let run = sarif::Run { rules: &session.selected(), provenance: &provenance, remarks: &remarks };
    spend(Phase::Report, || {
        output.write_each(|to| match (arguments.statistics, to.format) {
            (false, format) => report.render(format, &to.style, &run),
            (true, Format::Json) => statistics::json(&report, fixer.least()),
            (true, _) => Ok(statistics::text(&report, fixer.least(), &to.style)),
        })
    })?;
    if let Some(told) = &stale {
        output::tell(told);
    }
    let fail_on = fail_on(&session, &output);
    let worst = report.worst();
    Ok(if fail_on.fails(worst) { ExitStatus::Findings } else { ExitStatus::Clean })
}

/// From which severity on the run fails. A log is to be uploaded whatever it holds, unless the command line itself says
/// otherwise.
pub(super) fn fail_on(session: &Session, output: &Output) -> FailOn {
    let is_uploaded = output.has(Format::Sarif);
    match &session.config.fail_on {
        Some(given) if !is_uploaded || matches!(given.origin, Origin::Flag(_)) => given.value,
        _ if is_uploaded => FailOn::Never,
        _ => FailOn::Warning,
    }
}

/// Whether all that is written can hold counts.
fn counts_alone(output: &Output) -> Result<(), RunError> {
    let has_counts = |format: &Format| matches!(format, Format::Pretty | Format::Concise | Format::Json);
    match output.formats().find(|format| !has_counts(format)) {
        Some(other) => Err(RunError::Usage {
            what: format!("--statistics has no {} form", other.name()),
            help: "it counts findings, in pretty, concise or json".to_owned(),
        }),
        None => Ok(()),
    }
}

/// What one run checks, each round anew.
struct Check<'a> {
    arguments: &'a CheckArgs,
    input: Input,
    session: &'a Session,
    options: &'a Options,
    baseline: Option<&'a Baseline>,
}

impl Check<'_> {
    /// Whether findings in a file are reported.
    fn is_wanted(&self, file: &SourceFile) -> bool {
        self.arguments.lang.is_empty() || self.arguments.lang.iter().any(|language| *language == file.language)
    }

    /// Reads the files as the fixer's edits leave them, and runs the rules, unless an earlier run did on the same files.
    fn once(&self, fixer: &Fixer) -> Result<(Sources, Checked), RunError> {
        let against = self.arguments.against.as_deref();
        let knowledge = &self.session.knowledge;
        let request = Request {
            purpose: self.session.purpose(),
            input: self.input.clone(),
            against,
            overlay: fixer.overlay(),
            cache: self.session.cache.as_ref(),
        };
        let scanned = scan_files(request)?;
        let paths = &self.arguments.input.paths;
        let plan = self.session.plan(!self.arguments.no_suppressions, self.baseline, paths);
        let question = spend(Phase::Rules, || plan.question(&scanned, self.options));
        if let Some(checked) = question.as_ref().and_then(|question| spend(Phase::Rules, || question.answer(&plan))) {
            return Ok(self.narrowed(scanned.into_sources(), checked));
        }
        let workspace = scanned.join(knowledge);
        let checked = spend(Phase::Rules, || plan.check(&Context::new(&workspace, knowledge, self.options)))?;
        question.iter().for_each(|question| question.keep(&checked));
        Ok(self.narrowed(workspace.into_sources(), checked))
    }

    /// What of it is reported.
    fn narrowed(&self, sources: Sources, mut checked: Checked) -> (Sources, Checked) {
        checked.findings.retain(|finding| self.is_wanted(sources.get(finding.at.file)));
        (sources, checked)
    }
}

/// Prints the fixes as a patch, and how many there are beside it.
fn patch(fixer: &Fixer, paths: &Paths, session: &Session, output: &Output) -> Result<ExitStatus, RunError> {
    let changes = fixer.changes();
    output.write_each_as_is(|to| Ok(fix::unified(&changes, paths, &to.style, to.to_terminal)))?;
    let (problems, files) = (counted(fixer.fixed(), "problem"), counted(changes.len(), "file"));
    output::tell(&if changes.is_empty() {
        "No fixes to apply.\n".to_owned()
    } else {
        format!("--fix would mend {problems} in {files}.\n")
    });
    let fails = !changes.is_empty() && session.config.fail_on.as_ref().map(|given| given.value) != Some(FailOn::Never);
    Ok(if fails { ExitStatus::Findings } else { ExitStatus::Clean })
}
