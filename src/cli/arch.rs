//! `gfxlint arch`: what is known of targets.

use super::args::{ArchArgs, Common};
use super::output::Output;
use super::session::Session;
use super::{ExitStatus, write};
use crate::arch::ArchSet;
use crate::error::RunError;
use crate::report::{Style, arch};

pub(super) fn run(arguments: &ArchArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let knowledge = Session::here(common)?.knowledge;
    // `gfxlint arch Strix Halo` is one name, and `--arch` names targets here as everywhere.
    let name = arguments.name.join(" ");
    let names = common.arch.iter().map(String::as_str).chain((!name.is_empty()).then_some(name.as_str()));
    let found = names
        .map(|name| knowledge.lookup(name).map(|found| found.targets).ok_or_else(|| knowledge.unknown_target(name)))
        .collect::<Result<Vec<_>, _>>()?;
    let all = found.is_empty();
    let targets = if all { knowledge.universe.all() } else { found.into_iter().fold(ArchSet::EMPTY, ArchSet::union) };
    let text = |style: &Style| {
        if all {
            return arch::table(&knowledge, style);
        }
        targets.iter().map(|target| arch::page(&knowledge, target, style)).collect::<Vec<_>>().join("\n")
    };
    write(&Output::new(common)?, "arch", text, text, || arch::json(&knowledge, targets))
}
