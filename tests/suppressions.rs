//! Comments that leave findings out, as a user meets them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Run, folder, run};

/// Builds vLLM without amdsmi (GFX402), from a branch (GFX401).
const BUILD: &str =
    "RUN git clone https://github.com/vllm-project/vllm.git && pip install --no-build-isolation ./vllm\n";

fn check(text: &str, more: &[&str]) -> Run {
    let tree = folder(&[("Dockerfile.rocm", format!("FROM rocm/dev-ubuntu-24.04:7.1-complete\n{text}").as_bytes())]);
    run(tree.path(), &[&["check", "--select", "GFX4,GFX9"], more].concat())
}

#[test]
fn a_comment_leaves_out_what_it_names_and_nothing_else() {
    assert_eq!(check(BUILD, &["--format", "json"]).rules(), ["GFX401", "GFX402"]);
    let one = check(&format!("# gfxlint: ignore[GFX402] the base brings it\n{BUILD}"), &["--format", "json"]);
    assert_eq!(one.rules(), ["GFX401"], "{one:?}");
    assert_eq!(one.json()["summary"]["suppressed"], 1);
    let both = check(&format!("# gfxlint: ignore[no-amdsmi,unpinned-source]\n{BUILD}"), &[]);
    assert_eq!((both.status, both.out.as_str()), (Some(0), "No problems found in 1 file (2 suppressed).\n"));
    let family = check(&format!("# gfxlint: ignore-file[GFX4] a sketch\n{BUILD}"), &[]);
    assert_eq!((family.status, family.out.as_str()), (Some(0), "No problems found in 1 file (2 suppressed).\n"));
}

#[test]
fn what_is_left_out_can_be_shown() {
    let text = format!("# gfxlint: ignore-file[GFX4] a sketch\n{BUILD}");
    let shown = check(&text, &["--format", "json", "--show-suppressed"]).json();
    assert_eq!(shown["findings"][0]["suppressed"], serde_json::json!({"kind": "inSource", "reason": "a sketch"}));
    let log = check(&text, &["--format", "sarif", "--show-suppressed"]).json();
    let results = log["runs"][0]["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), 2);
    assert_eq!(
        results[0]["suppressions"],
        serde_json::json!([{"kind": "inSource", "status": "accepted", "justification": "a sketch"}])
    );
    assert_eq!(check(&text, &["--format", "sarif"]).json()["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(check(&text, &["--no-suppressions", "--format", "json"]).rules(), ["GFX401", "GFX402"]);
}

#[test]
fn a_comment_that_leaves_nothing_out_is_reported_with_its_removal() {
    let unused = check("# gfxlint: ignore[GFX404] mixed on purpose\nRUN ls\n", &["--format", "json"]);
    assert_eq!((unused.status, unused.rules()), (Some(1), vec!["GFX901".to_owned()]), "{unused:?}");
    let finding = &unused.json()["findings"][0];
    assert_eq!((&finding["line"], &finding["column"]), (&2.into(), &19.into()));
    assert_eq!(finding["fix"]["applicability"], "safe");
    let edit = &finding["fix"]["edits"][0];
    assert_eq!(
        (&edit["line"], &edit["column"], &edit["end_line"], &edit["end_column"]),
        (&2.into(), &1.into(), &3.into(), &1.into())
    );
}

#[test]
fn rules_that_are_off_are_never_stale() {
    let text = "# gfxlint: ignore[GFX404] mixed on purpose\nRUN ls\n";
    for off in
        [&["--ignore", "GFX404"][..], &["--ignore", "mixed-rocm"], &["--select", "GFX9"], &["--ignore", "GFX901"]]
    {
        let tree =
            folder(&[("Dockerfile.rocm", format!("FROM rocm/dev-ubuntu-24.04:7.1-complete\n{text}").as_bytes())]);
        let run = run(tree.path(), &[&["check"], off].concat());
        assert_eq!(run.status, Some(0), "{off:?}: {run:?}");
    }
}

#[test]
fn what_is_reported_reads_well() {
    let text = format!(
        "# gfxlint: ignore[GFX402] until=2020-01-31 wait for the base image\n{BUILD}\
         # gfxlint: ignore[GFX777, mixed-rcom, GFX404]\nRUN ls\n# gfxlint: disable[GFX404]\nRUN ls\nENV A=b # gfxlint: ignore[GFX404]\n\
         # gfxlint: ignore[GFX404, GFX405] two\nRUN ls\n"
    );
    insta::assert_snapshot!(check(&text, &["--select", "GFX901"]).out);
    insta::assert_snapshot!(check(&text, &["--select", "GFX9,GFX4", "--format", "pretty"]).out);
}

#[test]
fn a_comment_stands_inside_a_statement_of_several_lines() {
    let text = "RUN git clone --branch v0.14.1 https://github.com/vllm-project/vllm.git \\\n    # gfxlint: ignore[GFX402] the base brings it\n    && pip install --no-build-isolation ./vllm\n";
    assert_eq!(check(text, &[]).out, "No problems found in 1 file (1 suppressed).\n");
    let above = format!(
        "# gfxlint: ignore[GFX402] the base brings it\n{}",
        text.replace("    # gfxlint: ignore[GFX402] the base brings it\n", "")
    );
    assert_eq!(check(&above, &[]).out, "No problems found in 1 file (1 suppressed).\n");
}

#[test]
fn imports_and_lists_are_left_out_in_their_own_languages() {
    let tree = folder(&[
        ("vllm/__init__.py", b""),
        ("vllm/utils.py", b"def there(): ...\n"),
        ("vllm/a.py", b"from vllm.utils import (\n    there,\n    gone,  # gfxlint: ignore[GFX201] patched in\n)\n"),
        ("vllm/b.py", b"# gfxlint: ignore[missing-export]\nfrom vllm.utils import (\n    there,\n    gone,\n)\n"),
        ("CMakeLists.txt", b"# gfxlint: ignore[GFX101]\nset(HIP_SUPPORTED_ARCHS\n    \"gfx942\")\n"),
    ]);
    let run = run(tree.path(), &["check", "--arch", "gfx906", "--format", "json"]);
    assert_eq!((run.status, run.rules()), (Some(0), vec![]), "{run:?}");
    assert_eq!(run.json()["summary"]["suppressed"], 3);
}

#[test]
fn fixes_remove_what_leaves_nothing_out() {
    let tree = folder(&[(
        "Dockerfile",
        b"FROM rocm/dev-ubuntu-24.04:7.1-complete\n# gfxlint: ignore[GFX404] no more\nRUN ls \\\n    # gfxlint: ignore[GFX405]\n    && ls # gfxlint: ignore[GFX402, GFX405, GFX404]\n",
    )]);
    let fixed = run(tree.path(), &["check", "--fix", "--select", "GFX4,GFX9"]);
    assert_eq!(fixed.status, Some(0), "{fixed:?}");
    let left = std::fs::read_to_string(tree.path().join("Dockerfile")).unwrap();
    assert_eq!(left, "FROM rocm/dev-ubuntu-24.04:7.1-complete\nRUN ls \\\n    && ls\n");
}
