//! `plan` and `review` on a small tree, as a user runs them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::review::{diff, edit, importers, layers, places, read, texts, tree};
use common::{Run, run, run_with_input, testdata, write};
use serde_json::Value;

fn review(folder: &Path, patch: &str, more: &[&str]) -> Run {
    let arguments = [&["review", "--patch", "-", "--format", "json"], more].concat();
    run_with_input(folder, &arguments, patch.as_bytes())
}

#[test]
fn a_plan_names_what_a_target_needs_in_working_order() {
    let tree = tree();
    let plan = run(tree.path(), &["plan", "--arch", "gfx1102", "--format", "json"]);
    assert_eq!(plan.status, Some(0), "{plan:?}");
    let plan = plan.json();
    assert_eq!(layers(&plan), ["build", "image", "component", "device-guard", "docs"], "{plan:#}");
    let list = &plan["gaps"][0];
    assert_eq!((list["path"].as_str(), list["line"].as_u64()), (Some("CMakeLists.txt"), Some(7)));
    // The edit is a pure insertion that keeps the order of the family.
    let at = usize::try_from(list["edit"]["start"].as_u64().unwrap()).unwrap();
    assert_eq!(list["edit"]["start"], list["edit"]["end"]);
    let mut text = read(tree.path(), "CMakeLists.txt");
    text.insert_str(at, list["edit"]["text"].as_str().unwrap());
    assert!(text.contains("gfx1100;gfx1101;gfx1102;gfx1150"), "{text}");
    assert!(places(&plan, "gaps").contains(&"csrc/rocm/attention.cu:9".to_owned()), "{plan:#}");
}

#[test]
fn a_plan_does_not_call_for_list_entries_that_a_component_rejects() {
    let tree = tree();
    let plan = run(tree.path(), &["plan", "--arch", "gfx906", "--format", "json"]).json();
    assert_eq!(plan["verdict"], "blocked", "{plan:#}");
    for gap in plan["gaps"].as_array().unwrap() {
        assert!(gap["edit"].is_null(), "{gap:#}");
    }
    let why = texts(&plan, "gaps", "why").join("\n");
    for part in ["Triton", "FlashAttention", "on_gfx9 leaves gfx906 out"] {
        assert!(why.contains(part), "{part}: {why}");
    }
    let complete = run(tree.path(), &["plan", "--arch", "gfx942"]);
    assert!(complete.out.contains("complete"), "{complete:?}");
    assert_eq!(run(tree.path(), &["plan"]).status, Some(2));
}

#[test]
fn a_target_in_the_allow_list_alone_leaves_the_rest_open() {
    let tree = tree();
    let patch = edit(tree.path(), "CMakeLists.txt", "gfx1101;gfx1150", "gfx1101;gfx1102;gfx1150");
    let run = review(tree.path(), &patch, &[]);
    assert_eq!(run.status, Some(1), "{run:?}");
    let review = run.json();
    assert_eq!(layers(&review), ["build", "image", "component", "device-guard", "docs"], "{review:#}");
    // The list itself is done; what is left of the build is a kernel that a condition leaves out.
    assert!(!places(&review, "gaps").contains(&"CMakeLists.txt:7".to_owned()), "{review:#}");
    assert_eq!(review["verdict"], "incomplete", "{review:#}");
    let gaps = places(&review, "gaps").join(" ");
    for path in ["docker/Dockerfile.rocm_base:", "csrc/rocm/attention.cu:9", "docs/gpu.rocm.inc.md:"] {
        assert!(gaps.contains(path), "{path}: {gaps}");
    }
    // Nothing of the tree is written.
    assert_eq!(read(tree.path(), "CMakeLists.txt"), read(&testdata().join("mini-vllm"), "CMakeLists.txt"));
}

#[test]
fn a_list_that_a_component_rejects_is_contradicted_at_the_line_that_fails() {
    let tree = tree();
    let patch = edit(tree.path(), "docker/Dockerfile.rocm_base", "ARCH=gfx90a;gfx942", "ARCH=gfx906;gfx90a;gfx942");
    let review = review(tree.path(), &patch, &[]).json();
    assert_eq!(review["verdict"], "contradicted", "{review:#}");
    let claims = review["claims"].as_array().unwrap();
    let filter = claims.iter().find(|claim| claim["rule"] == "GFX106").expect("FlashAttention's build");
    assert_eq!((filter["path"].as_str(), filter["line"].as_u64()), (Some("docker/Dockerfile.rocm_base"), Some(20)));
    assert!(filter["message"].as_str().unwrap().contains("gfx906"), "{filter:#}");
}

#[test]
fn a_widened_predicate_tells_what_it_opens() {
    let tree = tree();
    let path = "vllm/platforms/rocm.py";
    let text = read(tree.path(), path);
    let patch = diff(path, &text, &text.replacen("[\"gfx90a\", ", "[\"gfx906\", \"gfx90a\", ", 1));
    let review = review(tree.path(), &patch, &[]).json();
    let claims = texts(&review, "claims", "message").join("\n");
    assert!(claims.contains("no MFMA instructions"), "{review:#}");
    assert!(claims.contains("AITER") && claims.contains("_aiter_ops.py:"), "{claims}");
}

#[test]
fn a_target_that_stands_everywhere_is_told_so() {
    let tree = tree();
    let patch = edit(tree.path(), "CMakeLists.txt", "gfx950;", "gfx950;gfx950;");
    let review = review(tree.path(), &patch, &[]).json();
    assert_eq!(review["gaps"].as_array().map(Vec::len), Some(0), "{review:#}");
    let said = format!("{} {}", review["summary"], texts(&review, "claims", "message").join(" "));
    assert!(said.contains("gfx950"), "{review:#}");
}

#[test]
fn fp8_for_hardware_without_it_is_contradicted_with_the_source() {
    let tree = tree();
    let patch =
        edit(tree.path(), "vllm/platforms/rocm.py", "\"gfx95\", \"gfx12\"]", "\"gfx95\", \"gfx12\", \"gfx11\"]");
    let review = review(tree.path(), &patch, &[]).json();
    let claim = &review["claims"][0];
    assert_eq!(claim["rule"], "GFX309", "{review:#}");
    assert!(claim["message"].as_str().unwrap().contains("gfx1100"), "{claim:#}");
    assert!(claim["data"]["sources"].as_array().is_some_and(|sources| !sources.is_empty()), "{claim:#}");
}

#[test]
fn a_removed_export_is_named_with_every_importer() {
    let tree = importers();
    let patch = edit(tree.path(), "vllm/utils.py", "def supports_xccl():\n    return False\n\n\n", "");
    let review = review(tree.path(), &patch, &[]).json();
    assert_eq!(review["verdict"], "breaks", "{review:#}");
    assert_eq!(places(&review, "breaks"), ["vllm/utils.py:1"], "{review:#}");
    let importers: Vec<_> = places(&review["breaks"][0], "related");
    assert_eq!(importers, ["vllm/a.py:1", "vllm/b.py:3"], "{review:#}");
    // A rename is the same.
    let renamed = edit(tree.path(), "vllm/utils.py", "def supports_xccl", "def has_xccl");
    let renamed = self::review(tree.path(), &renamed, &[]).json();
    assert_eq!(places(&renamed["breaks"][0], "related").len(), 2, "{renamed:#}");
}

#[test]
fn a_move_that_leaves_the_name_behind_is_silent() {
    let tree = importers();
    let old = read(tree.path(), "vllm/utils.py");
    let moved = "def supports_xccl():\n    return False\n";
    let patch = format!(
        "{}{}",
        diff("vllm/utils.py", &old, &old.replacen(moved, "from vllm.xccl import supports_xccl\n", 1)),
        diff("vllm/xccl.py", "", moved)
    );
    let run = review(tree.path(), &patch, &[]);
    assert_eq!((run.status, run.json()["verdict"].as_str()), (Some(0), Some("clean")), "{run:?}");
}

#[test]
fn bad_patches_end_with_a_next_step() {
    let tree = importers();
    let applied = diff("vllm/a.py", "x = 1\n", "from vllm.utils import supports_xccl\n");
    let cases = [
        ("hello\n".to_owned(), "no unified diff"),
        (diff("vllm/a.py", "something else\n", "x\n"), "fits nowhere in vllm/a.py"),
        (applied, "has this change already"),
        (diff("vllm/gone.py", "x\n", "y\n"), "there is no vllm/gone.py"),
        (diff("../x.py", "x\n", "y\n"), "outside of the tree"),
    ];
    for (patch, wanted) in cases {
        let run = review(tree.path(), &patch, &[]);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(
            run.err.replace("\n", " ").replace("  ", " ").contains(wanted) && run.err.contains("help"),
            "{wanted}: {}",
            run.err
        );
    }
    let empty = review(tree.path(), "", &[]);
    assert_eq!((empty.status, empty.json()["verdict"].as_str()), (Some(0), Some("empty")), "{empty:?}");
    let binary = review(
        tree.path(),
        "diff --git a/x.bin b/x.bin\nindex 1..2 100644\nBinary files a/x.bin and b/x.bin differ\n",
        &[],
    );
    assert_eq!(binary.json()["skipped"][0]["why"], "binary", "{binary:?}");
    assert_eq!(run(tree.path(), &["review"]).status, Some(2));
}

#[test]
fn every_form_tells_the_same() {
    let tree = importers();
    let patch = format!(
        "{}{}",
        edit(tree.path(), "CMakeLists.txt", "gfx1101;gfx1150", "gfx1101;gfx1102;gfx1150"),
        edit(tree.path(), "vllm/utils.py", "def supports_xccl", "def has_xccl")
    );
    let form = |format: &str| {
        let arguments = ["review", "--patch", "-", "--format", format];
        run_with_input(tree.path(), &arguments, patch.as_bytes())
    };
    let markdown = form("markdown").out;
    assert!(markdown.starts_with("### gfxlint review: breaks\n"), "{markdown}");
    assert!(markdown.contains("<details open>") && markdown.contains("`vllm/a.py:1`"), "{markdown}");
    assert!(markdown.contains("```diff"), "{markdown}");
    let github = form("github").out;
    assert!(github.contains("::error file=vllm/utils.py,line=1,"), "{github}");
    assert!(github.lines().last().is_some_and(|line| line.starts_with("::notice title=gfxlint review::")), "{github}");
    // What lies outside of the diff is no annotation.
    assert!(!github.contains("file=docker/"), "{github}");
    let sarif = form("sarif");
    assert_eq!(sarif.status, Some(0));
    let results = sarif.json()["runs"][0]["results"].as_array().unwrap().clone();
    assert!(!results.is_empty() && results.iter().all(|result| result["baselineState"] == "new"), "{results:#?}");
    for format in ["pretty", "concise"] {
        let text = form(format).out;
        assert!(text.contains("supports_xccl") && text.contains("Dockerfile.rocm_base"), "{format}: {text}");
    }
}

#[test]
fn a_page_stands_alone() {
    let tree = importers();
    let patch = edit(tree.path(), "CMakeLists.txt", "gfx1101;gfx1150", "gfx1101;gfx1102;gfx1150");
    let arguments = ["review", "--patch", "-", "--format", "html"];
    let review = run_with_input(tree.path(), &arguments, patch.as_bytes()).out;
    let audit = run(tree.path(), &["audit", "--arch", "gfx906", "--format", "html"]).out;
    for page in [&review, &audit] {
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"), "{page}");
        // Nothing is fetched.
        assert!(!page.contains("src=") && !page.contains("@import") && !page.contains("url("), "{page}");
        assert!(page.contains("aria-label=\"gfx942 build: listed\""), "{page}");
        let data = page.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next()).unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["sites"][0]["listed"].as_str().map(str::len), data["rows"].as_array().map(Vec::len));
    }
    assert!(
        review.contains("csrc/rocm/attention.cu:9")
            && review.contains("<tr class=\"asked\"><th scope=\"row\"><b>gfx1102")
    );
}

#[test]
fn an_edit_on_a_line_of_the_change_is_a_suggestion() {
    let tree = tree();
    write(tree.path(), "serve.sh", b"#!/bin/sh\necho start\n");
    let patch = edit(tree.path(), "serve.sh", "echo start", "vllm serve m --dtype bf16 | tee log");
    let run = run_with_input(tree.path(), &["review", "--patch", "-", "--format", "markdown"], patch.as_bytes());
    assert!(
        run.out.contains("serve.sh:2\n```suggestion\nvllm serve m --dtype bfloat16 | tee log\n```\n"),
        "{}",
        run.out
    );
    // One elsewhere can be no suggestion: a comment cannot stand there.
    let patch = edit(tree.path(), "CMakeLists.txt", "gfx1101;gfx1150", "gfx1101;gfx1102;gfx1150");
    let run = run_with_input(tree.path(), &["review", "--patch", "-", "--format", "markdown"], patch.as_bytes());
    assert!(run.out.contains("```diff\n-") && !run.out.contains("```suggestion"), "{}", run.out);
}

#[test]
fn blocks_that_only_cuda_enters_are_named_in_a_plan() {
    let tree = tree();
    let cmake = read(tree.path(), "CMakeLists.txt");
    let block = "\nif(VLLM_GPU_LANG STREQUAL \"CUDA\")\n  list(APPEND VLLM_EXT_SRC \"csrc/moe_wna16.cu\" \"csrc/marlin.cu\")\nendif()\n";
    write(tree.path(), "CMakeLists.txt", format!("{cmake}{block}").as_bytes());
    let line = cmake.lines().count() + 2;
    let plan = run(tree.path(), &["plan", "--arch", "gfx1102", "--format", "json"]).json();
    let gaps = plan["gaps"].as_array().unwrap();
    let named = gaps.iter().find(|gap| gap["why"].as_str().unwrap().contains("csrc/moe_wna16.cu, csrc/marlin.cu are"));
    let named = named.unwrap_or_else(|| panic!("{plan:#}"));
    assert_eq!((named["layer"].as_str(), named["line"].as_u64()), (Some("build"), Some(line as u64)), "{named:#}");
    assert!(named["why"].as_str().unwrap().contains("needs more than a list entry") && named["edit"].is_null());
    // A target that has all it needs is not told, and a review names what its change brings about.
    let complete = run(tree.path(), &["plan", "--arch", "gfx942"]);
    assert!(complete.out.contains("complete") && !complete.out.contains("CUDA"), "{complete:?}");
    let patch = edit(tree.path(), "CMakeLists.txt", "gfx1101;gfx1150", "gfx1101;gfx1102;gfx1150");
    assert!(!review(tree.path(), &patch, &[]).out.contains("CUDA alone"));
}

#[test]
fn a_predicate_of_its_own_asks_for_the_rest_of_the_target() {
    let tree = tree();
    let path = "vllm/platforms/rocm.py";
    let text = read(tree.path(), path);
    let added = "\n\ndef on_gfx1152() -> bool:\n    name = torch.cuda.get_device_properties(\"cuda\").gcnArchName\n    return any(arch in name for arch in [\"gfx1152\"])\n";
    let review = review(tree.path(), &diff(path, &text, &format!("{text}{added}")), &[]).json();
    assert!(review["summary"].as_str().unwrap().contains("adds gfx1152"), "{review:#}");
    assert!(layers(&review).contains(&"image".to_owned()), "{review:#}");
}

#[test]
fn a_list_of_the_image_opens_no_gate_of_the_host() {
    let tree = tree();
    write(tree.path(), "build.sh", b"export PYTORCH_ROCM_ARCH=\"gfx942\"\n");
    let path = "vllm/platforms/rocm.py";
    let text = read(tree.path(), path);
    let patch = format!(
        "{}{}",
        edit(tree.path(), "build.sh", "gfx942", "gfx942;gfx906"),
        diff(path, &text, &text.replacen("[\"gfx90a\", ", "[\"gfx906\", \"gfx90a\", ", 1))
    );
    let review = review(tree.path(), &patch, &[]).json();
    let claims = review["claims"].as_array().unwrap();
    let gates: Vec<_> = claims.iter().filter(|claim| claim["rule"] == "GFX105").collect();
    assert!(!gates.is_empty() && gates.iter().all(|claim| claim["path"] == path), "{review:#}");
}

#[test]
fn a_renamed_class_is_named_with_its_importers() {
    let tree = tree();
    write(tree.path(), "vllm/loader.py", b"class GgufLoader:\n    pass\n");
    write(tree.path(), "vllm/a.py", b"from vllm.loader import GgufLoader\n");
    let patch = edit(tree.path(), "vllm/loader.py", "GgufLoader", "GGUFLoader");
    let broken = review(tree.path(), &patch, &[]).json();
    assert_eq!(places(&broken["breaks"][0], "related"), ["vllm/a.py:1"], "{broken:#}");
    // One that leaves the old name behind breaks nothing.
    let kept = edit(
        tree.path(),
        "vllm/loader.py",
        "class GgufLoader:\n    pass\n",
        "class GGUFLoader:\n    pass\n\n\nGgufLoader = GGUFLoader\n",
    );
    assert_eq!(review(tree.path(), &kept, &[]).json()["verdict"], "clean");
}

#[test]
fn a_patch_that_moves_a_file_breaks_who_imports_it() {
    let tree = importers();
    let patch = "diff --git a/vllm/utils.py b/vllm/helpers.py\nsimilarity index 100%\nrename from vllm/utils.py\nrename to vllm/helpers.py\n";
    let moved = review(tree.path(), patch, &[]).json();
    assert_eq!(moved["verdict"], "breaks", "{moved:#}");
    let text = moved["breaks"].to_string();
    assert!(text.contains("vllm/a.py") && text.contains("vllm/b.py"), "{moved:#}");
}
