//! The command line: one file a subcommand.

mod arch;
mod args;
mod audit;
mod check;
mod explain;
mod facts;
mod input;
mod output;
mod revision;
mod rules;

use std::process::ExitCode;

pub use args::{Cli, Command, Common, FailOn};

use self::output::Output;
use crate::error::RunError;
use crate::report::{Format, Style, sarif};
use crate::rules::{RULES, Selection};

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitStatus {
    /// Nothing at or above `--fail-on`.
    Clean = 0,
    /// Findings at or above it.
    Findings = 1,
    /// The run itself failed.
    Failed = 2,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}

/// Runs what was asked for; a failure is told on standard error.
pub fn run(cli: &Cli) -> ExitStatus {
    dispatch(cli).unwrap_or_else(|error| {
        output::tell(&crate::report::failure(&error, &output::error_style(cli.common.color)));
        leave_log(&cli.common, &error);
        ExitStatus::Failed
    })
}

fn dispatch(cli: &Cli) -> Result<ExitStatus, RunError> {
    let common = &cli.common;
    if let Some(threads) = common.threads {
        // Fails only where the pool exists already, as in a test; the number is advice.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
    }
    match &cli.command {
        None => help(common),
        Some(Command::Check(arguments)) => check::run(arguments, common),
        Some(Command::Audit(arguments)) => audit::run(arguments, common),
        Some(Command::Facts(arguments)) => facts::run(arguments, common),
        Some(Command::Explain(arguments)) => explain::run(arguments, common),
        Some(Command::Rules) => rules::run(common),
        Some(Command::Arch(arguments)) => arch::run(arguments, common),
    }
}

fn help(common: &Common) -> Result<ExitStatus, RunError> {
    use clap::CommandFactory;
    let text = Cli::command().render_help();
    let output = Output::new(common);
    output.write(&if output.style.color { text.ansi().to_string() } else { text.to_string() })?;
    Ok(ExitStatus::Clean)
}

/// Where SARIF was asked for, a failed run leaves a log that says so: a missing or empty one makes an upload of several
/// fail as a whole.
fn leave_log(common: &Common, error: &RunError) {
    let output = Output::new(common);
    if output.format != Format::Sarif || matches!(error, RunError::Output { .. }) {
        return;
    }
    // The failure has been told; a second one here adds nothing.
    let rules: Vec<_> = common.selection().map(|selection| selected(&selection)).unwrap_or_default();
    let provenance = revision::provenance(&crate::report::Paths::default());
    let _ = sarif::failed(error, &sarif::Run { rules: &rules, provenance: &provenance, remarks: &[] })
        .and_then(|log| output.write(&log));
}

/// The rules of a selection, by id.
fn selected(selection: &Selection) -> Vec<&'static crate::rules::RuleMeta> {
    RULES.iter().filter(|rule| selection.contains(rule)).collect()
}

/// Writes a document that has a form for people, perhaps a denser one, and one for machines.
fn write(
    output: &Output,
    command: &str,
    pretty: impl Fn(&Style) -> String,
    concise: impl Fn(&Style) -> String,
    json: impl Fn() -> Result<String, RunError>,
) -> Result<ExitStatus, RunError> {
    let text = match output.format {
        Format::Pretty => pretty(&output.style),
        Format::Concise => concise(&output.style),
        Format::Json => json()?,
        other => {
            let help = format!(
                "{} holds findings: use it with `check`; here there are pretty, concise and json",
                other.name()
            );
            return Err(RunError::Usage { what: format!("`gfxlint {command}` has no {} form", other.name()), help });
        }
    };
    output.write(&text)?;
    Ok(ExitStatus::Clean)
}
