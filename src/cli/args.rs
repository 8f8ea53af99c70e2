//! What the command line takes.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use super::destination::Destination;
use crate::finding::{Confidence, FailOn, Severity};
use crate::lang::FRONT_ENDS;
use crate::report::Format;

/// Tells whether a vLLM tree, a container build or a Nix expression will work on your AMD GPU, before you build it.
#[derive(Parser, Debug)]
#[command(name = "gfxlint", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// Options that every subcommand takes.
    #[command(flatten)]
    pub common: Common,
    /// What to do; help without one.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Report what will not work
    Check(CheckArgs),
    /// Say what supports one target: site by site, component by component
    Audit(AuditArgs),
    /// Say what a target still needs, in the order in which the work is done
    Plan(PlanArgs),
    /// Say what a change adds, claims and breaks, and what its targets still need
    Review(ReviewArgs),
    /// Print everything that was read from the files
    Facts(FactsArgs),
    /// Explain a rule
    Explain(ExplainArgs),
    /// List the rules, or test them
    Rules(RulesArgs),
    /// Accept what is found now, and report only what is new
    Baseline(BaselineArgs),
    /// Show the configuration in force, and where each value comes from
    Config(PathArgs),
    /// Write a configuration file and snippets for pre-commit and GitHub; nothing is overwritten
    Init(InitArgs),
    /// Print a JSON schema
    Schema(SchemaArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man,
    /// Remove what is kept from run to run
    Clean,
    /// Say what is known of GPU targets and products
    Arch(ArchArgs),
}

/// Options that every subcommand takes.
#[derive(Args, Debug, Clone, Default)]
pub struct Common {
    /// GPU targets to check for: gfx906, MI50, "RX 7900 XTX"
    #[arg(long, global = true, value_name = "TARGET", value_delimiter = ',', help_heading = "Targets and rules")]
    pub arch: Vec<String>,
    /// Run only these rules: an id (GFX101), a prefix of one (GFX1), a name (arch-gap) or a tag (docker)
    #[arg(long, global = true, value_name = "RULE", value_delimiter = ',', help_heading = "Targets and rules")]
    pub select: Vec<String>,
    /// Leave these rules out
    #[arg(long, global = true, value_name = "RULE", value_delimiter = ',', help_heading = "Targets and rules")]
    pub ignore: Vec<String>,
    /// Run also rules that are still being tried
    #[arg(long, global = true, help_heading = "Targets and rules")]
    pub preview: bool,
    /// Report advice as well, and what could not be read
    #[arg(long, global = true, help_heading = "Targets and rules")]
    pub pedantic: bool,
    /// Report only findings of this severity or a higher one; notes also need --pedantic
    #[arg(long, global = true, value_enum, value_name = "SEVERITY", help_heading = "Targets and rules")]
    pub min_severity: Option<Severity>,
    /// Report only findings that are at least so sure: high follows from what the files say
    #[arg(long, global = true, value_enum, value_name = "CONFIDENCE", help_heading = "Targets and rules")]
    pub min_confidence: Option<Confidence>,
    /// Run the rules of this folder as well
    #[arg(long, global = true, value_name = "DIR", help_heading = "Targets and rules")]
    pub rules: Vec<PathBuf>,
    /// Lay the tables of this folder over what gfxlint knows
    #[arg(long, global = true, value_name = "DIR", help_heading = "Targets and rules")]
    pub knowledge: Vec<PathBuf>,
    /// Report only what is not in this file, which `gfxlint baseline write` writes
    #[arg(long, global = true, value_name = "FILE", help_heading = "Targets and rules")]
    pub baseline: Option<PathBuf>,
    /// Read no configuration file
    #[arg(long, global = true, help_heading = "Targets and rules")]
    pub isolated: bool,
    /// How output is written [default: pretty on a terminal, else concise]
    #[arg(long, global = true, value_enum, help_heading = "Output")]
    pub format: Option<Format>,
    /// Write to a file, whole or not at all; several times for several outputs, each with its format: sarif=out.sarif,
    /// github (to standard output)
    #[arg(long, global = true, value_name = "[FORMAT=]FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    #[arg(value_parser = OsStringValueParser::new().map(Destination::from))]
    pub output: Vec<Destination>,
    /// Exit with 1 for findings of this severity or a higher one [default: warning; never with sarif]
    #[arg(long, global = true, value_enum, value_name = "SEVERITY", help_heading = "Output")]
    pub fail_on: Option<FailOn>,
    /// Whether output is coloured
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t, help_heading = "Output")]
    pub color: Color,
    /// Read every file anew
    #[arg(long, global = true, help_heading = "Running")]
    pub no_cache: bool,
    /// Say on standard error where the time went
    #[arg(long, global = true, help_heading = "Running")]
    pub timings: bool,
    /// Threads to use [default: one a core]
    #[arg(long, global = true, value_name = "N", help_heading = "Running")]
    pub threads: Option<NonZeroUsize>,
}

/// When output is coloured.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

/// Which files to read.
#[derive(Args, Debug)]
pub struct PathArgs {
    /// Files and folders; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// The name under which standard input is read, which tells its language
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<String>,
}

#[derive(Args, Debug)]
pub struct CheckArgs {
    #[command(flatten)]
    pub input: PathArgs,
    /// Look imports of vLLM up in this tree: a source tree, or an installed package
    #[arg(long, value_name = "PATH")]
    pub against: Option<PathBuf>,
    /// Apply the fixes that are safe
    #[arg(long, help_heading = "Fixes")]
    pub fix: bool,
    /// With --fix or --diff: apply also fixes that may change more than the fault
    #[arg(long, help_heading = "Fixes")]
    pub unsafe_fixes: bool,
    /// Print the fixes as a patch and change nothing
    #[arg(long, help_heading = "Fixes")]
    pub diff: bool,
    /// Report only on files in these languages; the others are read for what they say
    #[arg(long, value_name = "LANGUAGE", value_delimiter = ',', value_parser = languages())]
    pub lang: Vec<String>,
    /// Print how many findings there are of each rule and target, in place of the findings
    #[arg(long)]
    pub statistics: bool,
    /// Heed no comments that leave findings out
    #[arg(long)]
    pub no_suppressions: bool,
    /// Write what comments and the baseline leave out as well, marked as such: in json and sarif
    #[arg(long)]
    pub show_suppressed: bool,
    /// Leave out what `exclude` names even where a path is given on the command line
    #[arg(long)]
    pub force_exclude: bool,
}

/// The languages that there are front ends for.
fn languages() -> PossibleValuesParser {
    PossibleValuesParser::new(FRONT_ENDS.iter().map(|front_end| front_end.language))
}

#[derive(Args, Debug)]
pub struct FactsArgs {
    #[command(flatten)]
    pub input: PathArgs,
}

#[derive(Args, Debug)]
pub struct AuditArgs {
    #[command(flatten)]
    pub input: PathArgs,
}

#[derive(Args, Debug)]
pub struct PlanArgs {
    #[command(flatten)]
    pub input: PathArgs,
}

#[derive(Args, Debug)]
pub struct ReviewArgs {
    /// The tree: a folder, for --base in a git repository
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,
    /// The revision that the change starts from: a branch, a tag, a commit, HEAD~1
    #[arg(long, value_name = "REV", conflicts_with = "patch")]
    pub base: Option<String>,
    /// The revision that the change leads to [default: the files as they lie there]
    #[arg(long, value_name = "REV", requires = "base", conflicts_with = "patch")]
    pub head: Option<String>,
    /// A unified diff that is applied to the tree in memory; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub patch: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct RulesArgs {
    /// What to do with them; they are listed unless given
    #[arg(value_name = "ACTION", value_enum)]
    pub action: Option<RulesAction>,
}

/// What to do with rules.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum RulesAction {
    /// Run the examples of your own rules, or of all where there are none
    Test,
}

#[derive(Args, Debug)]
pub struct BaselineArgs {
    /// What to do with the baseline
    #[arg(value_name = "ACTION", value_enum)]
    pub action: BaselineAction,
    #[command(flatten)]
    pub input: PathArgs,
}

/// What to do with the baseline.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum BaselineAction {
    /// Write all findings of this run into it
    Write,
    /// Take out what is found no more
    Prune,
}

#[derive(Args, Debug)]
pub struct InitArgs {
    /// Where
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
}

#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_name = "DOCUMENT", value_enum, default_value_t)]
    pub of: Schema,
}

/// A document that has a schema.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Schema {
    /// gfxlint.toml
    #[default]
    Config,
    /// What `check --format json` prints
    #[value(alias = "json")]
    Findings,
    /// A rule of one's own
    Rule,
    /// A baseline
    Baseline,
}

#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// For which shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// Its id or name
    #[arg(value_name = "RULE")]
    pub rule: String,
}

#[derive(Args, Debug)]
pub struct ArchArgs {
    /// A target, product, code name or family; all targets without one
    #[arg(value_name = "NAME")]
    pub name: Vec<String>,
}
