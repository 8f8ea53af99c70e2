//! Rules that users write, as they meet them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{folder, run, testdata};

const FILES: [(&str, &[u8]); 3] = [
    ("Dockerfile", b"FROM rocm/dev-ubuntu-24.04:7.1-complete\nARG PYTORCH_ROCM_ARCH=gfx900;gfx942\n"),
    ("a/kernels.py", b"WARP_SIZE = 32  # gfxlint: ignore[wave-size]\nwarp_size = 64\n"),
    ("tests/kernels.py", b"WARP_SIZE = 32\n"),
];

#[test]
fn they_run_beside_the_built_in_ones() {
    let tree = folder(&FILES);
    let rules = testdata().join("gfx-rules");
    let rules = rules.to_str().unwrap();
    let found = run(tree.path(), &["check", "--rules", rules, "--select", "LAB,GFX9"]);
    insta::assert_snapshot!(found.out);
    let log = run(tree.path(), &["check", "--rules", rules, "--select", "LAB001", "--format", "sarif"]).json();
    assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][0]["id"], "LAB001");
    let listed = run(tree.path(), &["rules", "--rules", rules, "--select", "LAB"]);
    insta::assert_snapshot!(listed.out);
    let page = run(tree.path(), &["explain", "wave-size", "--rules", rules]);
    assert!(page.out.contains("LAB003") && page.out.contains("Instinct GPUs"), "{page:?}");
    assert_eq!(run(tree.path(), &["check", "--select", "LAB001"]).status, Some(2));
}

#[test]
fn their_examples_are_tests() {
    let rules = testdata().join("gfx-rules");
    let tested = run(&testdata(), &["rules", "test", "--rules", rules.to_str().unwrap()]);
    assert_eq!(
        (tested.status, tested.out.as_str()),
        (Some(0), "6 examples of 3 rules: all as written\n"),
        "{tested:?}"
    );
    let wrong = std::fs::read_to_string(rules.join("LAB003-wave-size.toml")).unwrap().replace("line = 1", "line = 2");
    let tree = folder(&[("gfx-rules/a.toml", wrong.as_bytes()), ("gfxlint.toml", b"rules = ['./gfx-rules']\n")]);
    let tested = run(tree.path(), &["rules", "test"]);
    assert_eq!(tested.status, Some(1), "{tested:?}");
    insta::assert_snapshot!(tested.out);
}

#[test]
fn one_that_is_wrong_ends_the_run() {
    let tree = folder(&[
        ("gfx-rules/a.toml", b"id = 'LAB001'\nname = 'a'\nseverity = 'note'\nsummary = 'S.'\nlanguage = 'python'\nmessage = 'm'\nquery = '''\n(call\n  function: (identifer) @at)\n'''\n"),
        ("gfxlint.toml", b"rules = ['./gfx-rules']\n"),
        ("a.py", b"x = 1\n"),
    ]);
    for command in ["check", "rules", "facts", "config"] {
        let run = run(tree.path(), &[command]);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{command}");
        assert!(run.err.contains("gfx-rules/a.toml:9:14") && run.err.contains("identifer"), "{}", run.err);
    }
    assert_eq!(run(tree.path(), &["check", "--isolated"]).status, Some(0));
    assert_eq!(run(tree.path(), &["check", "--isolated", "--rules", "missing"]).status, Some(2));
    let late = folder(&[
        ("r/a.toml", b"id = 'LAB001'\nname = 'a'\nseverity = 'note'\nsummary = 'S.'\nfact = 'setting'\nwhen = \"value > 3\"\nmessage = 'm'\n"),
        ("Dockerfile", b"FROM a\nARG X=gfx942\n"),
    ]);
    let run = run(late.path(), &["check", "--rules", "r"]);
    assert!(run.status != Some(101), "{run:?}");
}
