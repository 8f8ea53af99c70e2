//! Runs the program as a user does: in a folder, with arguments, without what the caller's environment says.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "each test file uses a part; a helper that fails is a test that fails"
)]

pub mod clock;
pub mod cpu;
pub mod review;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What a run left behind.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    /// The exit status; none where a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Run {
    /// Standard output, parsed.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| unreachable!("{error}: {self:?}"))
    }

    /// The rules of its findings, from JSON output.
    pub fn rules(&self) -> Vec<String> {
        let findings = self.json()["findings"].as_array().cloned().expect("a list of findings");
        findings.iter().map(|finding| finding["rule"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// The program, to be run in a folder.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gfxlint"));
    command.current_dir(folder).args(arguments).env_clear();
    // Loaders on some systems need these; nothing else of the environment may matter.
    for name in ["PATH", "SystemRoot", "LD_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env("GFXLINT_CACHE_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
    command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
    command
}

/// Runs the program in a folder.
pub fn run(folder: &Path, arguments: &[&str]) -> Run {
    finish(command(folder, arguments).stdin(Stdio::null()))
}

/// Runs the program with something on its standard input.
pub fn run_with_input(folder: &Path, arguments: &[&str], input: &[u8]) -> Run {
    let mut child = command(folder, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("gfxlint starts");
    // A run that fails before it reads closes the pipe; that is not this test's matter.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    text_of(child.wait_with_output().expect("gfxlint ends"))
}

fn finish(command: &mut Command) -> Run {
    text_of(command.output().expect("gfxlint starts"))
}

fn text_of(output: std::process::Output) -> Run {
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Run { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// A new folder with these files.
pub fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, content) in files {
        write(folder.path(), path, content);
    }
    folder
}

/// Writes a file below a folder.
pub fn write(folder: &Path, path: &str, content: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for the file");
    fs::write(path, content).expect("the file is written");
}

/// The folder `testdata/`.
pub fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// Characters that can steer a terminal or hide text; `\n` ends lines.
pub fn unsafe_characters(text: &str) -> Vec<char> {
    let steers = |c: &char| c.is_control() && *c != '\n';
    let hides = |c: &char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    text.chars().filter(|c| steers(c) || hides(c)).collect()
}
