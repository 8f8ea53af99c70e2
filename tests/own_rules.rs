//! Rules that users write, as they meet them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{folder, run, testdata, write};

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

/// A rule that reports the base of each image, with these lines in its file.
fn rule(id: &str, name: &str, more: &str) -> String {
    format!(
        "id = '{id}'\nname = '{name}'\nseverity = 'warning'\nsummary = 'An image is built.'\n{more}fact = 'stage'\nwhen = 'true'\nmessage = 'Built from {{{{ image }}}}.'\n"
    )
}

#[test]
fn what_a_rule_was_called_before_works_with_a_warning() {
    let rule = rule("LAB102", "any-base", "formerly = ['LAB002', 'old-base']\nsince = '2026.2'\n");
    let tree = folder(&[("r/a.toml", rule.as_bytes()), ("Dockerfile", b"FROM a\n"), ("b/Dockerfile", b"FROM b\n")]);
    let check = |more: &[&str]| run(tree.path(), &[&["check", "--rules", "r"], more].concat());
    let named = check(&["--select", "LAB002"]);
    assert_eq!((named.status, named.out.matches("warning[LAB102]").count()), (Some(1), 2), "{named:?}");
    assert_eq!(named.err, "warning: --select: `LAB002` is called LAB102 (any-base) by now: write that\n");
    let log = check(&["--select", "LAB002", "--format", "sarif"]).json();
    let told = &log["runs"][0]["invocations"][0]["toolConfigurationNotifications"][0]["message"]["text"];
    assert!(told.as_str().is_some_and(|told| told.contains("is called LAB102")), "{told}");
    let left_out = check(&["--select", "LAB", "--ignore", "old-base"]);
    assert_eq!((left_out.status, left_out.err.contains("--ignore: `old-base`")), (Some(0), true), "{left_out:?}");
    assert_eq!(check(&["--select", "LAB00"]).status, Some(2), "no prefix of a former id");
    write(tree.path(), "gfxlint.toml", b"rules = ['r']\nselect = ['LAB', 'GFX901']\n[severity]\nold-base = 'error'\n");
    let severe = run(tree.path(), &["check"]);
    assert_eq!(severe.out.matches("error[LAB102]").count(), 2, "{severe:?}");
    assert!(severe.err.starts_with("warning: gfxlint.toml:4: `old-base` is called LAB102"), "{severe:?}");
    let page = run(tree.path(), &["explain", "LAB002"]);
    assert!(page.out.contains("Stable since 2026.2. It was called LAB002, old-base before."), "{page:?}");
    assert!(page.err.contains("is called LAB102"), "{page:?}");

    // In a comment it leaves out what it names, and is written anew.
    write(tree.path(), "Dockerfile", b"# gfxlint: ignore[LAB002, old-base] ours\nFROM a\n");
    write(tree.path(), "b/Dockerfile", b"# gfxlint: ignore[old-base] ours\nFROM b\n");
    write(tree.path(), "gfxlint.toml", b"rules = ['r']\nselect = ['LAB', 'GFX901']\n");
    insta::assert_snapshot!(run(tree.path(), &["check"]).out);
    assert_eq!(run(tree.path(), &["check", "--fix"]).status, Some(0));
    let text = |path: &str| std::fs::read_to_string(tree.path().join(path)).unwrap();
    assert_eq!(text("Dockerfile"), "# gfxlint: ignore[LAB102, any-base] ours\nFROM a\n");
    assert_eq!(text("b/Dockerfile"), "# gfxlint: ignore[any-base] ours\nFROM b\n");

    // In a baseline as well.
    write(tree.path(), "Dockerfile", b"FROM a\n");
    write(tree.path(), "b/Dockerfile", b"FROM b\n");
    run(tree.path(), &["baseline", "write"]);
    let old = text("gfxlint-baseline.json").replace("LAB102", "LAB002");
    write(tree.path(), "gfxlint-baseline.json", old.as_bytes());
    let known = run(tree.path(), &["check", "--baseline", "gfxlint-baseline.json"]);
    assert_eq!((known.status, known.out.contains("2 in the baseline")), (Some(0), true), "{known:?}");
    assert!(known.err.contains("`LAB002` is called LAB102 by now"), "{known:?}");
    run(tree.path(), &["baseline", "prune"]);
    assert!(text("gfxlint-baseline.json").contains("LAB102") && !text("gfxlint-baseline.json").contains("LAB002"));
}

#[test]
fn rules_are_tried_before_they_are_settled_and_told_of_when_they_are_gone() {
    let tree = folder(&[
        ("r/a.toml", rule("LAB001", "tried", "status = 'preview'\ntags = ['lab-base']\n").as_bytes()),
        (
            "r/b.toml",
            rule("LAB002", "going", "status = 'deprecated'\nsince = '2026.1'\ninstead = 'LAB003 says more'\n")
                .as_bytes(),
        ),
        ("r/c.toml", rule("LAB003", "gone", "status = 'removed'\nsince = '2026.2'\n").as_bytes()),
        ("Dockerfile", b"FROM a\n"),
    ]);
    let check = |more: &[&str]| run(tree.path(), &[&["check", "--rules", "r", "--format", "json"], more].concat());
    assert_eq!(check(&["--select", "LAB"]).rules(), ["LAB002"]);
    assert_eq!(check(&["--select", "LAB", "--preview"]).rules(), ["LAB001", "LAB002"]);
    assert_eq!(check(&["--select", "tried"]).rules(), ["LAB001"]);
    assert_eq!(check(&["--select", "lab-base"]).rules(), Vec::<String>::new());
    assert_eq!(check(&["--select", "lab-base", "--preview"]).rules(), ["LAB001"]);
    let gone = check(&["--select", "LAB002,LAB003"]);
    assert_eq!(gone.rules(), ["LAB002"]);
    insta::assert_snapshot!(gone.err);
    insta::assert_snapshot!(run(tree.path(), &["rules", "--rules", "r", "--select", "LAB"]).out);
    write(
        tree.path(),
        "gfxlint.toml",
        b"rules = ['r']\npreview = true\nselect = ['GFX1']\n[[per-path]]\npaths = ['Dockerfile']\nselect = ['LAB']\n",
    );
    assert_eq!(run(tree.path(), &["check", "--format", "json"]).rules(), ["LAB001", "LAB002"]);
    let taken = folder(&[("r/a.toml", rule("LAB001", "a", "formerly = ['GFX101']\n").as_bytes())]);
    let run = run(taken.path(), &["check", "--rules", "r"]);
    assert!(run.status == Some(2) && run.err.contains("a rule is called `GFX101`"), "{run:?}");
}
