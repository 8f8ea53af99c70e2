//! Files that are named one by one, as commit hooks do: judged amid their repository, reported alone.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{folder, run, testdata, write};
use serde_json::Value;
use tempfile::TempDir;

const HOOKS: &str = include_str!("../.pre-commit-hooks.yaml");
const MISSPELT: &[u8] = b"#!/bin/sh\nvllm serve m --dtype bf16\n";

/// A copy of the example tree.
fn example() -> TempDir {
    let copy = folder(&[(".git/HEAD", b"ref: refs/heads/main\n")]);
    let tree = testdata().join("mini-vllm");
    for file in files(&tree) {
        let path = file.strip_prefix(&tree).unwrap().to_str().unwrap();
        write(copy.path(), path, &fs::read(&file).unwrap());
    }
    copy
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { found.extend(files(&entry)) } else { found.push(entry) }
    }
    found.sort();
    found
}

/// The findings of a run by file.
fn by_file(folder: &Path, arguments: &[&str]) -> BTreeMap<String, Vec<Value>> {
    let arguments = [&["check", "--format", "json", "--pedantic", "--arch", "gfx906,gfx1152"][..], arguments].concat();
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for finding in run(folder, &arguments).json()["findings"].as_array().unwrap() {
        found.entry(finding["path"].as_str().unwrap().to_owned()).or_default().push(finding.clone());
    }
    found
}

#[test]
fn a_file_alone_is_judged_as_it_is_within_its_tree() {
    let tree = example();
    let all = by_file(tree.path(), &["."]);
    assert!(all.len() > 5, "{:?}", all.keys());
    for file in files(tree.path()) {
        let path = file.strip_prefix(tree.path()).unwrap().to_str().unwrap();
        let expected: BTreeMap<_, _> =
            all.get_key_value(path).into_iter().map(|(path, found)| (path.clone(), found.clone())).collect();
        // Those without findings are many, and each is a run.
        if all.contains_key(path) || path.ends_with("__init__.py") {
            assert_eq!(by_file(tree.path(), &[path]), expected, "{path}");
        }
    }
}

#[test]
fn several_files_are_judged_together_from_any_folder() {
    let tree = example();
    let names = |found: BTreeMap<String, Vec<Value>>| {
        let rules = |found: &Vec<Value>| found.iter().map(|one| one["rule"].clone()).collect::<Vec<_>>();
        found.iter().map(|(path, found)| (path.clone(), rules(found))).collect::<Vec<_>>()
    };
    let all = by_file(tree.path(), &["."]);
    let paths: Vec<&str> = all.keys().map(String::as_str).collect();
    assert_eq!(names(by_file(tree.path(), &paths)), names(all.clone()));
    let below = by_file(&tree.path().join("docker"), &["Dockerfile.rocm_base", "../CMakeLists.txt"]);
    let expected = [("../CMakeLists.txt", "CMakeLists.txt"), ("Dockerfile.rocm_base", "docker/Dockerfile.rocm_base")];
    let expected: BTreeMap<String, Vec<Value>> = expected
        .into_iter()
        .filter_map(|(shown, path)| all.get(path).map(|found| (shown.to_owned(), found.clone())))
        .collect();
    assert_eq!(names(below), names(expected));
}

#[test]
fn what_a_gitignore_file_hides_is_checked_where_it_is_named() {
    let tree = folder(&[
        (".git/HEAD", b"ref: refs/heads/main\n"),
        (".gitignore", b"build/\n"),
        ("build/run.sh", MISSPELT),
        ("other.sh", MISSPELT),
    ]);
    let run = run(tree.path(), &["check", "build/run.sh"]);
    assert!(run.out.starts_with("build/run.sh:2:22: error[GFX308]") && run.out.contains("in 1 file\n"), "{run:?}");
}

#[test]
fn only_what_was_named_is_fixed() {
    let tree = folder(&[(".git/HEAD", b"ref: refs/heads/main\n"), ("a.sh", MISSPELT), ("b.sh", MISSPELT)]);
    assert_eq!(run(tree.path(), &["check", "--fix", "a.sh"]).status, Some(0));
    assert_eq!(fs::read(tree.path().join("b.sh")).unwrap(), MISSPELT);
    assert!(fs::read_to_string(tree.path().join("a.sh")).unwrap().contains("bfloat16"));
}

/// A git repository with everything in it committed, or staged.
fn repository(files: &[(&str, &[u8])], commits: bool) -> TempDir {
    let tree = folder(files);
    for arguments in [&["init", "-q", "-b", "main"][..], &["add", "-A"]] {
        assert!(git(tree.path(), arguments).status().unwrap().success());
    }
    if commits {
        assert!(git(tree.path(), &["commit", "-q", "-m", "x"]).status().unwrap().success());
    }
    tree
}

fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments);
    isolate(&mut command, folder);
    command
}

/// Keeps the caller's configuration of git out.
fn isolate(command: &mut Command, home: &Path) {
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    for (name, value) in [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")] {
        command.env(name, value);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "x").env(format!("GIT_{who}_EMAIL"), "x@example.org");
    }
    command.env("PRE_COMMIT_HOME", home.join(".git/pre-commit-cache"));
}

/// Runs pre-commit, with the program under test as the one that is installed; its status and output.
fn pre_commit(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new("pre-commit");
    command.current_dir(folder).args(arguments);
    isolate(&mut command, folder);
    let own = Path::new(env!("CARGO_BIN_EXE_gfxlint")).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(own).chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(paths).unwrap());
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn pre_commit_passes_fails_and_fixes() {
    if !Command::new("pre-commit").arg("--version").output().is_ok_and(|version| version.status.success()) {
        eprintln!("left out: pre-commit is not installed");
        return;
    }
    let hooks = repository(&[(".pre-commit-hooks.yaml", HOOKS.as_bytes())], true);
    let source = hooks.path().to_str().unwrap();
    let attempt = |tree: &TempDir| pre_commit(tree.path(), &["try-repo", source, "gfxlint-system", "--verbose"]);

    let clean = repository(&[("run.sh", b"#!/bin/sh\nvllm serve m --dtype bfloat16\n")], false);
    let (passed, out) = attempt(&clean);
    assert!(passed && out.contains("No problems found in 1 file."), "{out}");

    let faulty = repository(&[("run.sh", MISSPELT)], false);
    let (passed, out) = attempt(&faulty);
    assert!(!passed && out.contains("run.sh:2:22: error[GFX308]"), "{out}");

    // The list is at fault only beside what the rest of the tree says, and that is not staged.
    let gap = repository(&[("docker/Dockerfile", b"FROM rocm/dev-ubuntu-24.04:7.1-complete\n")], true);
    write(gap.path(), "vllm/__init__.py", b"from vllm.utils import missing\n");
    write(gap.path(), "vllm/utils.py", b"present = 1\n");
    write(gap.path(), "vllm/late.py", b"from vllm.utils import present\n");
    assert!(git(gap.path(), &["add", "vllm/__init__.py"]).status().unwrap().success());
    let (passed, out) = pre_commit(gap.path(), &["try-repo", source, "gfxlint-system", "--files", "vllm/__init__.py"]);
    assert!(!passed && out.contains("vllm/__init__.py:1:24: error[GFX201]"), "{out}");
    let (passed, out) = pre_commit(gap.path(), &["try-repo", source, "gfxlint-system", "--files", "vllm/late.py"]);
    assert!(passed, "{out}");

    let revision = String::from_utf8(git(hooks.path(), &["rev-parse", "HEAD"]).output().unwrap().stdout).unwrap();
    let config = format!(
        "repos:\n- repo: {source}\n  rev: {}\n  hooks:\n  - id: gfxlint-system\n    args: [--fix]\n",
        revision.trim()
    );
    write(faulty.path(), ".pre-commit-config.yaml", config.as_bytes());
    assert!(git(faulty.path(), &["add", ".pre-commit-config.yaml"]).status().unwrap().success());
    let (passed, out) = pre_commit(faulty.path(), &["run"]);
    assert!(!passed && out.contains("files were modified by this hook"), "{out}");
    assert_eq!(fs::read(faulty.path().join("run.sh")).unwrap(), b"#!/bin/sh\nvllm serve m --dtype bfloat16\n");
    assert!(git(faulty.path(), &["add", "run.sh"]).status().unwrap().success());
    assert!(pre_commit(faulty.path(), &["run"]).0, "the second run has nothing left to fix");
}
