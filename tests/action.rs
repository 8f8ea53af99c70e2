//! The GitHub action: its script does what it says, and what it uses is pinned.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use common::folder;

const ACTION: &str = include_str!("../action.yml");
const FAULTY: &[u8] = b"#!/bin/sh\nvllm serve m --dtype bf16\n";

/// The script of a step, by the step's name.
fn script(step: &str) -> String {
    let step = ACTION.split("    - name: ").find(|part| part.starts_with(step)).unwrap();
    let body = step.split("      run: |\n").nth(1).unwrap();
    let lines = body.lines().take_while(|line| line.is_empty() || line.starts_with("        "));
    lines.map(|line| format!("{}\n", line.get(8..).unwrap_or_default())).collect()
}

/// Runs the check as the runner does; the outputs of its step, the summary and the log.
fn check(tree: &Path, inputs: &[(&str, &str)]) -> (String, String, String) {
    let (outputs, summary) = (tree.join(".git/outputs"), tree.join(".git/summary"));
    let own = Path::new(env!("CARGO_BIN_EXE_gfxlint")).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut command = Command::new("bash");
    command
        .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", &script("Check")])
        .current_dir(tree)
        .env("PATH", std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path))).unwrap())
        .env("GITHUB_OUTPUT", &outputs)
        .env("GITHUB_STEP_SUMMARY", &summary);
    let defaults = [
        ("MODE", "check"),
        ("BASE", ""),
        ("PATHS", "."),
        ("ARCH", ""),
        ("ARGUMENTS", ""),
        ("FAIL_ON", "warning"),
        ("UPLOAD", "true"),
        ("ANNOTATIONS", "false"),
        ("CATEGORY", "gfxlint"),
        ("SARIF", ".git/gfxlint.sarif"),
        ("SUMMARY", ".git/gfxlint-summary.md"),
    ];
    command.envs(defaults).envs(inputs.iter().copied());
    let output = command.output().unwrap();
    let is_refused = inputs.contains(&("MODE", "audit"));
    assert_eq!(output.status.success(), !is_refused, "{output:?}");
    let text = |path| fs::read_to_string(path).unwrap_or_default();
    (text(&outputs), text(&summary), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_check_leaves_a_log_a_summary_and_its_status() {
    let tree = folder(&[(".git/HEAD", b"ref: refs/heads/main\n"), ("a b.sh", FAULTY)]);
    let (outputs, summary, out) = check(tree.path(), &[]);
    let expected = "status=1\ncategory=gfxlint\nsummary-file=.git/gfxlint-summary.md\n";
    assert_eq!((outputs.as_str(), out.as_str()), (expected, ""));
    assert!(summary.contains("| ❌ error | [GFX308"), "{summary}");
    let log = fs::read_to_string(tree.path().join(".git/gfxlint.sarif")).unwrap();
    assert!(log.contains("\"uri\": \"a%20b.sh\""), "{log}");
}

#[test]
fn inputs_become_arguments_and_nothing_else() {
    let tree = folder(&[(".git/HEAD", b"ref: refs/heads/main\n"), ("a b.sh", FAULTY), ("c.sh", FAULTY)]);
    let inputs = [("PATHS", "a b.sh\n"), ("ARCH", "gfx942,gfx1151"), ("UPLOAD", "false"), ("FAIL_ON", "never")];
    let (outputs, _, out) = check(tree.path(), &inputs);
    assert!(outputs.starts_with("status=0\n"), "{outputs}");
    assert!(out.starts_with("::error file=a b.sh,line=2,") && !out.contains("c.sh"), "{out}");
    let tree = folder(&[(".git/HEAD", b"ref: refs/heads/main\n")]);
    let (outputs, _, _) =
        check(tree.path(), &[("PATHS", "$(touch owned)"), ("ARGUMENTS", "--pedantic\n--select\nGFX3")]);
    assert_eq!(outputs, "status=2\ncategory=gfxlint\n");
    assert!(!tree.path().join("owned").exists());
    let log = fs::read_to_string(tree.path().join(".git/gfxlint.sarif")).unwrap();
    assert!(log.contains("\"executionSuccessful\": false"), "a failed run leaves a log to upload: {log}");
}

/// Runs git with an identity; gfxlint itself needs none.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A repository whose second commit, on a branch, adds the second of two like faults.
fn pull_request() -> (tempfile::TempDir, String) {
    let tree = folder(&[("old.sh", FAULTY)]);
    git(tree.path(), &["init", "-q", "-b", "main"]);
    git(tree.path(), &["add", "-A"]);
    git(tree.path(), &["commit", "-qm", "first"]);
    let base = git(tree.path(), &["rev-parse", "HEAD"]);
    git(tree.path(), &["checkout", "-qb", "change"]);
    fs::write(tree.path().join("new.sh"), FAULTY).unwrap();
    git(tree.path(), &["add", "-A"]);
    git(tree.path(), &["commit", "-qm", "second"]);
    (tree, base)
}

#[test]
fn a_pull_request_is_reviewed() {
    let (tree, base) = pull_request();
    let inputs = [("MODE", "review"), ("BASE", base.as_str()), ("ANNOTATIONS", "true")];
    let (outputs, summary, out) = check(tree.path(), &inputs);
    assert_eq!(outputs, "status=1\ncategory=gfxlint-review\nsummary-file=.git/gfxlint-summary.md\n");
    assert!(summary.starts_with("### gfxlint review: findings\n"), "{summary}");
    assert!(summary.contains("new.sh:2") && !summary.contains("old.sh"), "{summary}");
    assert!(out.starts_with("::error file=new.sh,line=2,") && !out.contains("old.sh"), "{out}");
    let log = fs::read_to_string(tree.path().join(".git/gfxlint.sarif")).unwrap();
    assert!(log.contains("\"baselineState\": \"new\"") && !log.contains("old.sh"), "{log}");
}

#[test]
fn a_push_is_checked_and_a_checkout_without_the_base_is_told() {
    let (tree, _) = pull_request();
    let (outputs, summary, _) = check(tree.path(), &[("MODE", "review")]);
    assert!(outputs.starts_with("status=1\ncategory=gfxlint\n"), "{outputs}");
    assert!(summary.contains("old.sh") && summary.contains("new.sh"), "{summary}");
    let gone = "0123456789abcdef0123456789abcdef01234567";
    let (outputs, summary, out) = check(tree.path(), &[("MODE", "review"), ("BASE", gone)]);
    assert_eq!(outputs.matches("status=2\n").count(), 1, "{outputs}");
    assert!(out.contains("fetch-depth, 0"), "{out}");
    assert!(!summary.contains("gfxlint review"), "{summary}");
    let log = fs::read_to_string(tree.path().join(".git/gfxlint.sarif")).unwrap();
    assert!(log.contains("\"executionSuccessful\": false"), "{log}");
    let (_, _, out) = check(tree.path(), &[("MODE", "audit")]);
    assert!(out.starts_with("::error title=gfxlint::"), "{out}");
}

#[test]
fn what_is_used_is_pinned_and_no_input_is_pasted_into_a_script() {
    let docs = include_str!("../src/docs/ci.md");
    let tree = folder(&[]);
    common::run(tree.path(), &["init"]);
    let written = fs::read_to_string(tree.path().join(".github/workflows/gfxlint.yml")).unwrap();
    let used = |text: &str| -> BTreeSet<String> {
        text.lines().filter_map(|line| Some(line.split_once("uses: ")?.1.to_owned())).collect()
    };
    // Nobody can write down the commit of a release in the release itself: its tag stands there, and how to pin it.
    let (own, others): (BTreeSet<_>, BTreeSet<_>) =
        [ACTION, docs, &written].into_iter().flat_map(used).partition(|used| used.starts_with("gfxlint/"));
    assert_eq!(own, [concat!("gfxlint/gfxlint@v", env!("CARGO_PKG_VERSION")).to_owned()].into());
    for used in &others {
        let revision = used.split_once('@').unwrap().1.split(' ').next().unwrap();
        assert!(revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit()), "{used:?}");
    }
    assert_eq!(others.len(), 2, "one commit each: {others:?}");
    let told = concat!("git ls-remote https://github.com/gfxlint/gfxlint v", env!("CARGO_PKG_VERSION"));
    assert!(docs.contains(told) && written.contains(told));
    assert!(!script("Check").contains("${{") && !script("Install gfxlint").contains("${{"));
}
