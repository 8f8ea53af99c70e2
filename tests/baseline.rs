//! Baselines, as a user meets them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::fs;

use common::{folder, run, write};

const BUILD: &[u8] = b"FROM rocm/dev-ubuntu-24.04:7.1-complete\nENV PYTORCH_ROCM_ARCH=gfx942\nRUN git clone https://github.com/vllm-project/vllm.git && pip install --no-build-isolation ./vllm\n";

#[test]
fn what_is_written_is_reported_no_more() {
    let tree = folder(&[("gfxlint.toml", b"baseline = 'known.json'\n"), ("a/Dockerfile", BUILD)]);
    let missing = run(tree.path(), &["check"]);
    assert_eq!(missing.status, Some(2));
    assert!(missing.err.contains("gfxlint.toml:1:12") && missing.err.contains("baseline write"), "{}", missing.err);
    let written = run(tree.path(), &["baseline", "write"]);
    assert_eq!((written.status, written.out.contains("2 findings written to ")), (Some(0), true), "{written:?}");
    insta::assert_snapshot!(fs::read_to_string(tree.path().join("known.json")).unwrap());
    let known = run(tree.path(), &["check"]);
    assert_eq!((known.status, known.out.as_str()), (Some(0), "No problems found in 1 file (2 in the baseline).\n"));
    write(tree.path(), "b/Dockerfile", BUILD);
    let more = run(tree.path(), &["check", "--format", "json"]);
    assert_eq!((more.status, more.rules()), (Some(1), vec!["GFX401".to_owned(), "GFX402".to_owned()]));
    assert_eq!(more.json()["findings"][0]["path"], "b/Dockerfile");
    let log = run(tree.path(), &["check", "--format", "sarif", "--show-suppressed"]).json();
    let states: Vec<_> =
        log["runs"][0]["results"].as_array().unwrap().iter().map(|result| &result["baselineState"]).collect();
    assert_eq!(states, ["unchanged", "unchanged", "new", "new"]);
    assert_eq!(run(tree.path(), &["check", "a", "--isolated"]).status, Some(1));
    assert_eq!(run(tree.path(), &["check", "a", "--isolated", "--baseline", "known.json"]).status, Some(0));
    let below = run(&tree.path().join("a"), &["check", "Dockerfile"]);
    assert_eq!((below.status, below.err.as_str()), (Some(0), ""));
}

#[test]
fn what_is_found_no_more_is_told_and_taken_out() {
    let tree = folder(&[("a/Dockerfile", BUILD), ("b/Dockerfile", BUILD)]);
    run(tree.path(), &["baseline", "write"]);
    write(tree.path(), "a/Dockerfile", &[&BUILD[..40], b"RUN pip install amdsmi==7.1.0\n", &BUILD[40..]].concat());
    let stale = run(tree.path(), &["check", "--baseline", "gfxlint-baseline.json"]);
    insta::assert_snapshot!(format!("{}{}", stale.out, stale.err));
    let json = run(tree.path(), &["check", "--baseline", "gfxlint-baseline.json", "--format", "json"]).json();
    assert_eq!((&json["summary"]["stale"], &json["summary"]["baselined"]), (&1.into(), &3.into()));
    for partly in [&["check", "b"][..], &["check", "--ignore", "GFX402"]] {
        let run = run(tree.path(), &[partly, &["--baseline", "gfxlint-baseline.json"]].concat());
        assert_eq!(run.err, "", "{partly:?}");
    }
    fs::remove_dir_all(tree.path().join("b")).unwrap();
    let pruned = run(tree.path(), &["baseline", "prune"]);
    assert_eq!(pruned.out, "3 findings taken out of gfxlint-baseline.json; 1 left\n", "{pruned:?}");
    let clean = run(tree.path(), &["check", "--baseline", "gfxlint-baseline.json"]);
    assert_eq!((clean.status, clean.err.as_str()), (Some(0), ""), "{clean:?}");
}

#[test]
fn a_baseline_that_is_none_ends_the_run() {
    let told: Vec<String> = [
        "{\"version\": 2, \"findings\": [], \"more\": {}}",
        "{\"version\": 1, \"findings\": [{\"rule\": \"GFX401\", \"path\": \"a\"}]}",
        "{\"version\": 1, \"findings\": [{\"rule\": \"GFX401\", \"path\": \"a\", \"about\": \"x\", \"line\": 3}]}",
        "{\"version\": 1,",
        "[]",
    ]
    .iter()
    .map(|text| {
        let tree = folder(&[("b.json", text.as_bytes())]);
        let run = run(tree.path(), &["check", "--baseline", "b.json"]);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{text}");
        run.err
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"));
    let tree = folder(&[]);
    for arguments in [
        &["check", "--baseline", "b.json"][..],
        &["baseline", "prune"],
        &["baseline", "write", "--baseline", "no/b.json"],
    ] {
        assert_eq!(run(tree.path(), arguments).status, Some(2), "{arguments:?}");
    }
}
