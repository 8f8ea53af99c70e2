//! `review` of revisions in a git repository, as a user runs it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::path::Path;
use std::process::Command;

use common::review::{importers, layers, places, read, texts};
use common::{run, write};
use tempfile::TempDir;

/// Runs git with an identity; the test needs it to make repositories, gfxlint does not.
fn git(folder: &Path, arguments: &[&str]) {
    let identity = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.invalid",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "protocol.file.allow=always",
    ];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().expect("git runs");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

fn repository() -> TempDir {
    let tree = importers();
    git(tree.path(), &["init", "-q", "-b", "main"]);
    git(tree.path(), &["add", "-A"]);
    git(tree.path(), &["commit", "-qm", "first"]);
    tree
}

#[test]
fn revisions_are_read_from_the_object_store() {
    let tree = repository();
    git(tree.path(), &["checkout", "-qb", "change"]);
    let cmake = read(tree.path(), "CMakeLists.txt").replacen("gfx1101;gfx1150", "gfx1101;gfx1102;gfx1150", 1);
    write(tree.path(), "CMakeLists.txt", cmake.as_bytes());
    let working = run(tree.path(), &["review", "--base", "main", "--format", "json"]);
    git(tree.path(), &["mv", "vllm/b.py", "vllm/c.py"]);
    git(tree.path(), &["commit", "-qam", "second"]);
    // What the base gained meanwhile is no part of the change.
    git(tree.path(), &["checkout", "-q", "main"]);
    write(tree.path(), "vllm/utils.py", b"def other():\n    return 1\n");
    git(tree.path(), &["commit", "-qam", "elsewhere"]);
    let both = run(tree.path(), &["review", "--base", "main", "--head", "change", "--format", "json"]);
    for run in [&working, &both] {
        assert_eq!(run.status, Some(1), "{run:?}");
        let review = run.json();
        assert_eq!(layers(&review), ["build", "image", "component", "device-guard", "docs"], "{review:#}");
        assert_eq!(review["breaks"].as_array().map(Vec::len), Some(0), "{review:#}");
    }
    assert_eq!(working.json()["gaps"], both.json()["gaps"]);
    let below = run(tree.path(), &["review", "--base", "main", "--head", "main", "--format", "json", "vllm"]);
    assert_eq!((below.status, below.json()["verdict"].as_str()), (Some(0), Some("empty")), "{below:?}");
}

#[test]
fn a_checkout_is_compared_with_files_that_went_and_came() {
    let tree = repository();
    std::fs::remove_file(tree.path().join("vllm/utils.py")).unwrap();
    write(tree.path(), "vllm/new.py", b"from vllm.b import nothing_there\n");
    let review = run(tree.path(), &["review", "--base", "HEAD", "--format", "json"]).json();
    let broken = texts(&review, "breaks", "message").join("\n");
    assert!(broken.contains("vllm.utils") && broken.contains("a.py:1") && broken.contains("b.py:3"), "{review:#}");
    assert_eq!(places(&review, "findings"), ["vllm/new.py:1"], "{review:#}");
}

#[test]
fn submodules_are_named_and_not_read() {
    let other = repository();
    let tree = repository();
    let source = format!("file://{}", other.path().display());
    git(tree.path(), &["submodule", "--quiet", "add", &source, "third"]);
    git(tree.path(), &["commit", "-qm", "submodule"]);
    let same = run(tree.path(), &["review", "--base", "HEAD", "--format", "json"]);
    assert_eq!((same.status, same.json()["verdict"].as_str()), (Some(0), Some("empty")), "{same:?}");
    let module = tree.path().join("third");
    write(&module, "vllm/a.py", b"");
    git(&module, &["commit", "-qam", "second"]);
    git(tree.path(), &["add", "third"]);
    let bumped = run(tree.path(), &["review", "--base", "HEAD", "--format", "json"]).json();
    assert_eq!((bumped["verdict"].as_str(), bumped["skipped"][0]["path"].as_str()), (Some("empty"), Some("third")));
}

#[test]
fn repositories_that_cannot_answer_end_with_a_next_step() {
    let tree = repository();
    write(tree.path(), "vllm/a.py", b"");
    git(tree.path(), &["commit", "-qam", "second"]);
    let shallow = tempfile::tempdir().unwrap();
    let source = format!("file://{}", tree.path().display());
    git(shallow.path(), &["clone", "-q", "--depth", "1", &source, "clone"]);
    let clone = shallow.path().join("clone");
    let plain = importers();
    let cases = [
        (plain.path(), "HEAD", "no git repository"),
        (tree.path(), "nonsense", "no commit is known as"),
        (tree.path(), "HEAD:vllm", "names no commit"),
        (clone.as_path(), "HEAD~1", "fetch-depth: 0"),
    ];
    for (folder, base, wanted) in cases {
        let run = run(folder, &["review", "--base", base]);
        assert_eq!(run.status, Some(2), "{run:?}");
        let said = run.err.split_whitespace().filter(|word| *word != "│" && *word != "|").collect::<Vec<_>>().join(" ");
        assert!(said.contains(wanted), "{wanted}: {}", run.err);
    }
}

#[test]
fn merge_commits_and_binary_files_are_reviewed_as_what_they_bring() {
    let tree = repository();
    git(tree.path(), &["checkout", "-qb", "change"]);
    let cmake = read(tree.path(), "CMakeLists.txt").replacen("gfx1101;gfx1150", "gfx1101;gfx1102;gfx1150", 1);
    write(tree.path(), "CMakeLists.txt", cmake.as_bytes());
    write(tree.path(), "vllm/kernel.py", b"\x00\x01\x02");
    git(tree.path(), &["add", "-A"]);
    git(tree.path(), &["commit", "-qm", "second"]);
    git(tree.path(), &["checkout", "-q", "main"]);
    write(tree.path(), "vllm/more.py", b"from vllm.b import nothing_there\n");
    git(tree.path(), &["add", "-A"]);
    git(tree.path(), &["commit", "-qm", "elsewhere"]);
    git(tree.path(), &["merge", "-q", "--no-ff", "-m", "merge", "change"]);
    for arguments in [
        &["review", "--base", "HEAD^1", "--head", "HEAD", "--format", "json"][..],
        &["review", "--base", "HEAD^1", "--format", "json"],
    ] {
        let review = run(tree.path(), arguments).json();
        assert_eq!(review["verdict"], "incomplete", "{review:#}");
        assert_eq!(review["findings"].as_array().map(Vec::len), Some(0), "{review:#}");
        assert_eq!(
            (&review["skipped"][0]["path"], &review["skipped"][0]["why"]),
            (&"vllm/kernel.py".into(), &"binary".into())
        );
    }
}
