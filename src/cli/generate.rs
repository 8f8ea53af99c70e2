//! What is generated from the program itself: JSON schemas, shell completions, the manual page.

use clap::CommandFactory as _;

use super::args::{Cli, Common, CompletionsArgs, Schema, SchemaArgs};
use super::output::Output;
use super::{ExitStatus, generate_error};
use crate::config::schema::schema as config_schema;
use crate::error::RunError;
use crate::report::json_text;

/// `gfxlint schema`.
pub(super) fn schema(arguments: &SchemaArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let text = match arguments.of {
        Schema::Config => json_text(&config_schema())?,
        Schema::Findings => crate::report::FINDINGS_SCHEMA.to_owned(),
        Schema::Rule => include_str!("schema/rule.json").to_owned(),
        Schema::Baseline => include_str!("schema/baseline.json").to_owned(),
    };
    Output::new(common)?.write_as_is(&text)?;
    Ok(ExitStatus::Clean)
}

/// `gfxlint completions`.
pub(super) fn completions(arguments: &CompletionsArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "gfxlint", &mut text);
    Output::new(common)?.write_as_is(&String::from_utf8_lossy(&text))?;
    Ok(ExitStatus::Clean)
}

/// `gfxlint man`.
pub(super) fn man(common: &Common) -> Result<ExitStatus, RunError> {
    let mut text = Vec::new();
    let mut command = Cli::command();
    // The page of the program, then one of each command: `man` shows them as one.
    command.build();
    let page = |command: clap::Command, text: &mut Vec<u8>| {
        clap_mangen::Man::new(command).render(text).map_err(|error| generate_error(&error))
    };
    page(command.clone(), &mut text)?;
    for subcommand in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        page(subcommand.clone(), &mut text)?;
    }
    Output::new(common)?.write_as_is(&String::from_utf8_lossy(&text))?;
    Ok(ExitStatus::Clean)
}
