//! The command line: one file a subcommand.

mod arch;
mod args;
mod audit;
mod baseline;
mod check;
mod clean;
mod config;
mod destination;
mod explain;
mod facts;
mod generate;
mod init;
mod input;
mod output;
mod page;
mod plan;
mod review;
mod revision;
mod rules;
mod session;

use std::process::ExitCode;
use std::time::Instant;

pub use crate::finding::FailOn;
pub use args::{Cli, Command, Common};
pub use destination::Destination;

use self::output::{Output, Target};
use crate::error::RunError;
use crate::report::{Format, Style, sarif};
use crate::rules::{RuleMeta, RuleSet, Selection};
use crate::timings;

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
    let start = Instant::now();
    if cli.common.timings {
        timings::start();
    }
    let status = dispatch(cli).unwrap_or_else(|error| {
        output::tell(&crate::report::failure(&error, &output::error_style(cli.common.color)));
        leave_log(&cli.common, &error);
        ExitStatus::Failed
    });
    if let Some(table) = timings::table(start.elapsed()) {
        output::tell(&table);
    }
    status
}

/// A command line that means nothing; it has been told. Where it asks for SARIF, a log says so too.
pub fn refused(answer: &clap::Error) -> ExitStatus {
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let values = |option: &str| -> Vec<String> {
        let inline = |argument: &String| argument.strip_prefix(option)?.strip_prefix('=').map(str::to_owned);
        let value = |(at, argument): (usize, &String)| match argument == option {
            true => arguments.get(at + 1).cloned(),
            false => inline(argument),
        };
        arguments.iter().enumerate().filter_map(value).collect()
    };
    let format = values("--format").pop().and_then(|name| clap::ValueEnum::from_str(&name, false).ok());
    let output = values("--output").into_iter().map(|to| Destination::from(std::ffi::OsString::from(to))).collect();
    let common = Common { format, output, ..Common::default() };
    let what = answer.to_string();
    let what = what.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    leave_log(&common, &RunError::Usage { what, help: "see `gfxlint --help`".to_owned() });
    ExitStatus::Failed
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
        Some(Command::Plan(arguments)) => plan::run(arguments, common),
        Some(Command::Review(arguments)) => review::run(arguments, common),
        Some(Command::Facts(arguments)) => facts::run(arguments, common),
        Some(Command::Explain(arguments)) => explain::run(arguments, common),
        Some(Command::Baseline(arguments)) => baseline::run(arguments, common),
        Some(Command::Config(arguments)) => config::run(arguments, common),
        Some(Command::Init(arguments)) => init::run(arguments, common),
        Some(Command::Schema(arguments)) => generate::schema(arguments, common),
        Some(Command::Completions(arguments)) => generate::completions(arguments, common),
        Some(Command::Clean) => clean::run(common),
        Some(Command::Man) => generate::man(common),
        Some(Command::Rules(arguments)) => rules::run(arguments, common),
        Some(Command::Arch(arguments)) => arch::run(arguments, common),
    }
}

fn help(common: &Common) -> Result<ExitStatus, RunError> {
    use clap::CommandFactory;
    let text = Cli::command().render_help();
    Output::new(common)?
        .write_each(|to| Ok(if to.style.color { text.ansi().to_string() } else { text.to_string() }))?;
    Ok(ExitStatus::Clean)
}

/// Where SARIF was asked for, a failed run leaves a log that says so: a missing or empty one makes an upload of several
/// fail as a whole.
fn leave_log(common: &Common, error: &RunError) {
    output::leave(common, matches!(error, RunError::Output { .. }), || {
        let rules = selected(common);
        let provenance = revision::provenance(&crate::report::Paths::default());
        sarif::failed(error, &sarif::Run { rules: &rules, provenance: &provenance, remarks: &[] })
    });
}

/// The built-in rules that the command line alone selects, by id; none where it names one that does not exist.
fn selected(common: &Common) -> Vec<&'static RuleMeta> {
    let rules = RuleSet::default();
    let Ok(selection) = Selection::new(&common.select, &common.ignore) else { return Vec::new() };
    rules.iter().filter(|rule| selection.contains(rule)).collect()
}

/// Writes a document that has a form for people, perhaps a denser one, and one for machines.
fn write(
    output: &Output,
    command: &str,
    pretty: impl Fn(&Style) -> String,
    concise: impl Fn(&Style) -> String,
    json: impl Fn() -> Result<String, RunError>,
) -> Result<ExitStatus, RunError> {
    output.write_each(|to| form(to, command, &pretty, &concise, &json))?;
    Ok(ExitStatus::Clean)
}

/// Such a document in the form that is asked for.
fn form(
    to: &Target,
    command: &str,
    pretty: impl Fn(&Style) -> String,
    concise: impl Fn(&Style) -> String,
    json: impl Fn() -> Result<String, RunError>,
) -> Result<String, RunError> {
    match to.format {
        Format::Pretty => Ok(pretty(&to.style)),
        Format::Concise => Ok(concise(&to.style)),
        Format::Json => json(),
        other => {
            let help = format!(
                "{} holds findings: use it with `check`; here there are pretty, concise and json",
                other.name()
            );
            Err(RunError::Usage { what: format!("`gfxlint {command}` has no {} form", other.name()), help })
        }
    }
}

/// What is made of the program itself could not be written to memory: does not happen.
fn generate_error(error: &std::io::Error) -> RunError {
    RunError::output(std::path::Path::new("the page"), error)
}
