//! Arguments to exit code, nothing else.

use std::process::ExitCode;

use clap::Parser;
use gfxlint::cli::{self, Cli, ExitStatus};

/// Facts are many small allocations, made and dropped on every thread; the grammars, which are C, share it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(arguments) => cli::run(&arguments).into(),
        Err(answer) => {
            // `--help` and `--version` come this way too; a reader that went away is no failure.
            let _ = answer.print();
            if answer.use_stderr() { cli::refused(&answer) } else { ExitStatus::Clean }.into()
        }
    }
}
