//! The command line's contract: exit statuses, formats, where output goes, what is told of mistakes.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use common::{Run, command, folder, run, run_with_input, testdata};

/// A container file with a target that CMake and Triton refuse nowhere: nothing to report.
const CLEAN: &[u8] = b"FROM rocm/dev-ubuntu-24.04:7.1-complete\nARG PYTORCH_ROCM_ARCH=\"gfx942\"\n";
/// A build that leaves gfx906 out: one GFX101 when it is asked for.
const GAP: &[u8] = b"set(HIP_SUPPORTED_ARCHS \"gfx90a;gfx942\")\n";
const GAP_ARGUMENTS: [&str; 5] = ["check", "--select", "GFX101", "--arch", "gfx906"];

fn gap(more: &[&str]) -> Run {
    let tree = folder(&[("CMakeLists.txt", GAP)]);
    run(tree.path(), &[&GAP_ARGUMENTS, more].concat())
}

#[test]
fn status_is_0_without_findings() {
    let tree = folder(&[("Dockerfile.rocm", CLEAN)]);
    let run = run(tree.path(), &["check"]);
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(0), "No problems found in 1 file.\n", ""));
}

#[test]
fn status_is_1_with_findings() {
    let run = gap(&[]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.out.starts_with("CMakeLists.txt:1:26: warning[GFX101] "), "{run:?}");
}

#[test]
fn fail_on_moves_the_severity_that_fails() {
    for (severity, status) in [("error", 0), ("warning", 1), ("note", 1), ("never", 0)] {
        assert_eq!(gap(&["--fail-on", severity]).status, Some(status), "{severity}");
    }
}

#[test]
fn sarif_fails_only_where_fail_on_says_so() {
    assert_eq!(gap(&["--format", "sarif"]).status, Some(0));
    assert_eq!(gap(&["--format", "sarif", "--fail-on", "warning"]).status, Some(1));
}

#[test]
fn every_mistake_has_status_2_and_is_named_on_standard_error() {
    let tree = folder(&[("Dockerfile.rocm", CLEAN)]);
    let mistakes: [(&[&str], &str); 15] = [
        (&["check", "missing"], "missing"),
        (&["audit", "--arch", "gfx906", "missing"], "missing"),
        (&["facts", "missing"], "missing"),
        (&["check", "--arch", "gfx9999"], "gfx9999"),
        (&["arch", "gfx9999"], "gfx9999"),
        (&["check", "--select", "GFX777"], "GFX777"),
        (&["check", "--ignore", "no-such-rule"], "no-such-rule"),
        (&["explain", "GFX777"], "GFX777"),
        (&["check", "--format", "xml"], "xml"),
        (&["check", "--fail-on", "fatal"], "fatal"),
        (&["check", "--threads", "0"], "0"),
        (&["check", "--no-such-option"], "--no-such-option"),
        (&["inspect"], "inspect"),
        (&["audit"], "an audit needs a target"),
        (&["audit", "--arch", "gfx906,gfx942"], "one target"),
    ];
    for (arguments, named) in mistakes {
        let run = run(tree.path(), arguments);
        assert_eq!(run.status, Some(2), "{arguments:?}: {run:?}");
        assert!(run.err.contains(named), "{arguments:?}: {run:?}");
        assert_eq!(run.out, "", "{arguments:?}");
    }
}

#[test]
fn a_mistyped_target_is_answered_with_the_nearest_one() {
    let tree = folder(&[]);
    let run = run(tree.path(), &["check", "--arch", "gfx90"]);
    assert!(run.err.contains("gfx90"), "{run:?}");
    assert!(run.err.contains("help:"), "{run:?}");
}

#[test]
fn help_and_version_are_answers_not_failures() {
    let here = Path::new(".");
    let version = run(here, &["--version"]);
    assert_eq!((version.status, version.out), (Some(0), format!("gfxlint {}\n", env!("CARGO_PKG_VERSION"))));
    for arguments in [&[][..], &["--help"], &["check", "--help"]] {
        let run = run(here, arguments);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(run.out.contains("Usage: gfxlint"), "{arguments:?}: {}", run.out);
    }
}

#[test]
fn every_subcommand_takes_the_common_options() {
    let tree = folder(&[("Dockerfile.rocm", CLEAN)]);
    let common = [
        "--isolated",
        "--no-cache",
        "--select",
        "GFX1",
        "--pedantic",
        "--arch",
        "gfx942",
        "--color",
        "never",
        "--threads",
        "2",
    ];
    for subcommand in [&["check"][..], &["audit"], &["facts"], &["explain", "GFX101"], &["rules"], &["arch"]] {
        let run = run(tree.path(), &[subcommand, &common].concat());
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{subcommand:?}");
    }
}

#[test]
fn output_is_concise_when_it_is_piped() {
    assert_eq!(gap(&[]).out, gap(&["--format", "concise"]).out);
    assert_ne!(gap(&[]).out, gap(&["--format", "pretty"]).out);
}

#[test]
fn color_is_left_out_unless_it_is_asked_for() {
    for format in ["concise", "pretty"] {
        assert!(!gap(&["--format", format]).out.contains('\x1b'), "{format}");
        assert!(gap(&["--format", format, "--color", "always"]).out.contains('\x1b'), "{format}");
    }
}

#[test]
fn output_goes_to_a_file_whole() {
    let tree = folder(&[("CMakeLists.txt", GAP), ("report.json", b"old")]);
    let run = run(tree.path(), &[&GAP_ARGUMENTS[..], &["--format", "json", "--output", "report.json"]].concat());
    assert_eq!((run.status, run.out.as_str()), (Some(1), ""));
    let written = fs::read_to_string(tree.path().join("report.json")).unwrap();
    assert_eq!(written, gap(&["--format", "json"]).out);
}

#[test]
fn a_failed_run_leaves_the_output_file_as_it_was() {
    let tree = folder(&[("report.json", b"old")]);
    let run = run(tree.path(), &["check", "missing", "--format", "json", "--output", "report.json"]);
    assert_eq!(run.status, Some(2));
    let names: Vec<_> = fs::read_dir(tree.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["report.json"], "no temporary file is left");
    assert_eq!(fs::read(tree.path().join("report.json")).unwrap(), b"old");
}

#[test]
fn a_failed_run_leaves_a_sarif_log_that_says_so() {
    let tree = folder(&[]);
    let run = run(tree.path(), &["check", "missing", "--format", "sarif", "--output", "log.sarif"]);
    assert_eq!(run.status, Some(2));
    let log: serde_json::Value = serde_json::from_slice(&fs::read(tree.path().join("log.sarif")).unwrap()).unwrap();
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn sarif_is_for_findings() {
    for subcommand in [&["facts"][..], &["audit", "--arch", "gfx906"], &["rules"], &["arch"], &["explain", "GFX101"]] {
        let run = run(&testdata(), &[subcommand, &["--format", "sarif"]].concat());
        assert_eq!(run.status, Some(2), "{subcommand:?}");
        assert!(run.err.contains("has no sarif form"), "{run:?}");
        assert_eq!(run.json()["runs"][0]["results"], serde_json::json!([]), "{subcommand:?}");
    }
}

#[test]
fn an_output_that_cannot_be_written_has_status_2() {
    let run = gap(&["--output", "no/such/folder/report.txt"]);
    assert_eq!((run.status, run.out.as_str()), (Some(2), ""));
    assert!(run.err.contains("no/such/folder/report.txt"), "{run:?}");
}

#[test]
fn standard_input_is_read_under_the_name_that_it_is_given() {
    let tree = folder(&[]);
    let arguments = [&GAP_ARGUMENTS[..], &["-", "--stdin-filename", "cmake/CMakeLists.txt"]].concat();
    let run = run_with_input(tree.path(), &arguments, GAP);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.out.starts_with("cmake/CMakeLists.txt:1:26: warning[GFX101]"), "{run:?}");
}

#[test]
fn standard_input_needs_a_name_and_stands_alone() {
    let tree = folder(&[("CMakeLists.txt", GAP)]);
    for (arguments, named) in [
        (&["check", "-"][..], "--stdin-filename"),
        (&["check", "-", "CMakeLists.txt", "--stdin-filename", "x"], "beside other paths"),
    ] {
        let run = run_with_input(tree.path(), arguments, GAP);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(run.err.contains(named), "{run:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = command(&testdata(), &[&GAP_ARGUMENTS[..], &["-", "--stdin-filename", "CMakeLists.txt"]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It waits for its input until the reader of its output is gone.
    drop(child.stdout.take());
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn products_are_names_of_targets() {
    let names = [("MI50", "gfx906"), ("gfx1151", "gfx1151"), ("Strix Halo", "gfx1151")];
    for (name, target) in names {
        let json = run(Path::new("."), &["arch", name, "--format", "json"]);
        assert!(json.out.contains(&format!("\"{target}\"")), "{name}: {json:?}");
        let audit = run(&testdata(), &["audit", "--arch", name, "mini-vllm", "--format", "json"]);
        assert_eq!(audit.json()["arch"], target, "{name}");
    }
}

#[test]
fn every_rule_that_is_listed_is_explained() {
    let rules = run(Path::new("."), &["rules", "--format", "json"]).json();
    let ids: Vec<&str> = rules["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"GFX101") && ids.contains(&"GFX903"), "{ids:?}");
    for id in ids {
        let page = run(Path::new("."), &["explain", id]);
        assert_eq!(page.status, Some(0), "{id}");
        assert!(page.out.contains(id), "{id}: {}", page.out);
    }
}

#[test]
fn timings_are_told_beside_the_output() {
    let tree = folder(&[("Dockerfile.rocm", CLEAN)]);
    let plain = run(tree.path(), &["check"]);
    let timed = run(tree.path(), &["check", "--timings"]);
    assert_eq!((timed.status, &timed.out), (plain.status, &plain.out));
    let told: Vec<_> = timed.err.lines().map(|line| line.split("  ").next().unwrap()).collect();
    let phases = ["discover", "read", "outline", "parse", "extract", "join", "rules", "report", "whole run"];
    assert_eq!(told, phases, "{timed:?}");
    assert!(timed.err.lines().all(|line| line.contains(" ms")), "{timed:?}");
}

#[test]
fn a_command_line_that_means_nothing_leaves_a_log_where_sarif_is_asked_for() {
    let folder = folder(&[("a.sh", b"true\n")]);
    let out = run(folder.path(), &["check", "--format", "sarif", "--wibble"]);
    assert_eq!(out.status, Some(2), "{out:?}");
    let invocation = out.json()["runs"][0]["invocations"][0].clone();
    assert_eq!(invocation["executionSuccessful"], false, "{invocation:#}");
    assert!(invocation.to_string().contains("--wibble"), "{invocation:#}");
    let file = run(folder.path(), &["check", "--format=sarif", "--output=log.sarif", "--base", "x", "a.sh"]);
    assert_eq!((file.status, file.out.as_str()), (Some(2), ""), "{file:?}");
    let log = std::fs::read_to_string(folder.path().join("log.sarif")).unwrap();
    assert!(log.contains("\"executionSuccessful\": false"), "{log}");
    // No log where none was asked for.
    assert_eq!(run(folder.path(), &["check", "--wibble"]).out, "");
}
