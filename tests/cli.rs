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

/// One finding about a target and two that `--fix` mends.
const MIXED: [(&str, &[u8]); 2] =
    [("CMakeLists.txt", GAP), ("run.sh", b"vllm serve m --dtype bf16\nvllm serve n --dtype bf16\n")];

#[test]
fn statistics_count_findings_by_rule_and_target() {
    let tree = folder(&MIXED);
    let arguments = ["check", "--select", "GFX101,GFX308", "--arch", "gfx906,gfx1151", "--statistics"];
    let text = run(tree.path(), &arguments);
    assert_eq!(text.status, Some(1));
    insta::assert_snapshot!(text.out);
    let json = run(tree.path(), &[&arguments[..], &["--format", "json"]].concat()).json();
    assert_eq!(json["version"], 1);
    let rows: Vec<_> = json["statistics"].as_array().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        rows,
        [
            r#"{"arch":null,"count":2,"fixable":2,"name":"unknown-flag-value","rule":"GFX308"}"#,
            r#"{"arch":"gfx906","count":1,"fixable":0,"name":"arch-gap","rule":"GFX101"}"#,
            r#"{"arch":"gfx1151","count":1,"fixable":0,"name":"arch-gap","rule":"GFX101"}"#,
        ]
    );
    assert_eq!(json["summary"]["files"], 2);
    let sarif = run(tree.path(), &[&arguments[..], &["--format", "github"]].concat());
    assert_eq!((sarif.status, sarif.out.as_str()), (Some(2), ""));
    assert!(sarif.err.contains("--statistics has no github form"), "{sarif:?}");
    let clean = run(tree.path(), &["check", "--select", "GFX2", "--statistics"]);
    assert_eq!((clean.status, clean.out.as_str()), (Some(0), "No problems found in 2 files.\n"));
}

#[test]
fn languages_narrow_what_is_reported_and_not_what_is_read() {
    let tree = folder(&[
        ("CMakeLists.txt", GAP),
        (
            "docker/Dockerfile.rocm_base",
            b"FROM rocm/dev-ubuntu-24.04:7.1-complete\nARG PYTORCH_ROCM_ARCH=gfx906;gfx942\n",
        ),
    ]);
    let rules = |languages: &str| {
        run(tree.path(), &["check", "--select", "GFX102", "--format", "json", "--lang", languages]).rules()
    };
    assert_eq!(rules("dockerfile"), ["GFX102"], "CMake's list is read");
    assert_eq!(rules("cmake,python"), Vec::<String>::new());
    assert_eq!(rules("cmake,dockerfile"), ["GFX102"]);
    let counted = run(tree.path(), &["check", "--select", "GFX102", "--lang", "python"]);
    assert_eq!((counted.status, counted.out.as_str()), (Some(0), "No problems found in 0 files.\n"));
    let unknown = run(tree.path(), &["check", "--lang", "pyhton"]);
    assert_eq!(unknown.status, Some(2));
    assert!(unknown.err.contains("a similar value exists: 'python'"), "{unknown:?}");
}

#[test]
fn findings_may_have_to_be_bad_and_sure_enough() {
    // Nothing tells the release, so that what it lacks is a guess.
    let tree =
        folder(&[("CMakeLists.txt", GAP), ("run.sh", b"#!/bin/sh\nexport VLLM_USE_V1=0\nvllm serve m --dtype bf16\n")]);
    let found = |more: &[&str]| {
        let arguments =
            ["check", "--pedantic", "--select", "GFX101,GFX308,GFX315", "--arch", "gfx906", "--format", "json"];
        run(tree.path(), &[&arguments[..], more].concat())
    };
    let all = found(&[]).json();
    let told: Vec<_> = all["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            ["rule", "severity", "confidence"].map(|key| finding[key].as_str().unwrap().to_owned()).join(" ")
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(found(&["--min-severity", "note"]).rules().len(), told.len());
    let bad = found(&["--min-severity", "error"]).json();
    assert!(bad["findings"].as_array().unwrap().iter().all(|finding| finding["severity"] == "error"), "{bad}");
    assert!(bad["findings"].as_array().unwrap().len() < told.len());
    assert_eq!(found(&["--min-confidence", "high"]).rules(), ["GFX101", "GFX308"]);
    assert_eq!(found(&["--min-confidence", "medium"]).rules(), found(&[]).rules());
    // What does not parse makes what stands beside it less sure, and is counted all the same.
    let broken =
        folder(&[("vllm/x.py", b"ARCHS = [\"gfx942\"]\nif arch in ('gfx942'):\n    pass\nx = = \"gfx942\"\n")]);
    let unsure = run(broken.path(), &["check", "--select", "GFX118,GFX9", "--format", "json"]).json();
    let about: Vec<_> = unsure["findings"].as_array().unwrap().iter().map(|finding| &finding["confidence"]).collect();
    assert_eq!(about, ["medium", "high"], "{unsure}");
    let dropped = run(broken.path(), &["check", "--select", "GFX118,GFX9", "--min-confidence", "high"]);
    assert_eq!(dropped.out, "No problems found in 1 file (1 region unparsed).\n");
}

#[test]
fn tags_and_families_select_rules() {
    let tree = folder(&MIXED);
    let rules = |selector: &str| {
        run(tree.path(), &["check", "--arch", "gfx906", "--format", "json", "--select", selector]).rules()
    };
    assert_eq!(rules("arch"), ["GFX101"]);
    assert_eq!(rules("quant"), ["GFX308", "GFX308"]);
    assert_eq!(rules("docker"), Vec::<String>::new());
    assert_eq!(rules("arch-gap"), ["GFX101"]);
}

#[test]
fn colour_can_be_forced_by_the_environment() {
    let tree = folder(&MIXED);
    let coloured = |name: &str, more: &[&str]| {
        let arguments = [&["check", "--select", "GFX308"], more].concat();
        let output = command(tree.path(), &arguments).env(name, "1").output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains('\x1b')
    };
    assert!(coloured("CLICOLOR_FORCE", &[]) && !coloured("NO_COLOR", &[]));
    assert!(!coloured("CLICOLOR_FORCE", &["--color", "never"]) && coloured("NO_COLOR", &["--color", "always"]));
}

#[test]
fn a_rule_is_explained_with_what_is_known_of_a_target() {
    let text = run(Path::new("."), &["explain", "GFX101", "--arch", "Strix Halo"]).out;
    assert!(text.contains("Stable since 0.1.0. Tags: arch, rocm."), "{text}");
    assert!(text.contains("\ngfx1151 (") && text.contains("\nComponents\n"), "{text}");
    let json = run(Path::new("."), &["explain", "GFX101", "--arch", "gfx1151", "--format", "json"]).json();
    assert_eq!((&json["status"], &json["since"]), (&"stable".into(), &"0.1.0".into()));
    assert_eq!(json["arches"][0]["name"], "gfx1151");
    assert!(json["arches"][0]["sources"].as_array().is_some_and(|sources| !sources.is_empty()));
    let plain = run(Path::new("."), &["explain", "GFX101", "--format", "json"]).json();
    assert!(plain.get("arches").is_none());
}
