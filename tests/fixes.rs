//! Fixes: what they leave behind is right, and files that cannot be fixed stay as they are.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{folder, run, run_with_input};
use gfxlint::arch::ArchSet;
use gfxlint::context::{Context, Options};
use gfxlint::finding::{Applicability, Finding, Severity};
use gfxlint::fix::Fixer;
use gfxlint::knowledge::Knowledge;
use gfxlint::rules::{self, RULES, Selection, examples};
use gfxlint::scan::{Input, Overlay, Purpose, Request, scan_as};

/// A launch with a value that is misspelt: one safe fix.
const MISSPELT: &[u8] = b"#!/bin/sh\nexport VLLM_ROCM_USE_AITER=1\nvllm serve m --dtype bf16\n";
const MENDED: &str = "#!/bin/sh\nexport VLLM_ROCM_USE_AITER=1\nvllm serve m --dtype bfloat16\n";
/// A container run that sets a variable where it is lost: one fix that is not safe.
const LOST: &[u8] =
    b"HIP_VISIBLE_DEVICES=0 docker run --device /dev/kfd --device /dev/dri --ipc=host rocm/vllm:latest vllm serve m\n";

/// What a finding is, wherever it moved to.
fn key(finding: &Finding) -> (String, String) {
    (finding.rule.id.to_owned(), finding.message.clone())
}

/// What rules judge of files in memory, with edits that are not written yet.
fn request(input: Input, overlay: &Overlay) -> Request<'_> {
    Request { purpose: Purpose::Rules, input, against: None, overlay, cache: None }
}

/// The findings of all rules before and after every fix of an example, and its files after them.
fn mended(
    example: &examples::Example,
    knowledge: &Knowledge,
    least: Applicability,
) -> (Vec<Finding>, Vec<Finding>, usize) {
    let files = example.files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())).collect();
    let input = Input::Memory(files);
    let targets = example.arch.iter().map(|name| knowledge.universe.find(name).unwrap()).collect::<ArchSet>();
    let options = Options { targets, pedantic: true, ..Options::default() };
    let selection = Selection::new(&[], &[]).unwrap();
    let mut fixer = Fixer::new(least);
    let mut before = None;
    loop {
        let workspace = scan_as(request(input.clone(), fixer.overlay()), knowledge).unwrap();
        let findings = rules::run(&Context::new(&workspace, knowledge, &options), &selection);
        let before = before.get_or_insert_with(|| findings.clone());
        if !fixer.round(workspace.sources(), findings.iter()).unwrap_or_else(|error| panic!("{example:?}: {error}")) {
            return (before.clone(), findings, fixer.fixed());
        }
    }
}

/// Every fix in every rule's examples goes in, ends, and leaves nothing new behind.
#[test]
fn every_example_is_mended_for_good() {
    let knowledge = Knowledge::embedded().unwrap();
    let mut wrong = Vec::new();
    let mut mending = BTreeSet::new();
    for rule in RULES {
        for example in examples::examples(rule).unwrap() {
            for least in [Applicability::Safe, Applicability::Unsafe] {
                let (before, after, fixed) = mended(&example, &knowledge, least);
                let known: BTreeSet<_> = before.iter().map(key).collect();
                // Advice may be about what is there only now; nothing that counts may be new.
                let counts = |finding: &&Finding| finding.certain || finding.severity > Severity::Note;
                for new in after.iter().filter(counts).map(key).filter(|after| !known.contains(after)) {
                    wrong.push(format!("{} {:?}: {new:?} is new ({least:?})", rule.id, example.name));
                }
                if fixed > 0 {
                    mending
                        .extend(before.iter().filter(|finding| finding.fix.is_some()).map(|finding| finding.rule.id));
                    if after.iter().filter(counts).count() >= before.iter().filter(counts).count().max(1) {
                        wrong.push(format!("{} {:?}: {fixed} fixed, none gone ({least:?})", rule.id, example.name));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
    assert!(mending.len() > 20, "fixes of these rules were tried: {mending:?}");
}

#[test]
fn a_safe_fix_is_written_and_the_second_run_is_clean() {
    let tree = folder(&[("run.sh", MISSPELT)]);
    let first = run(tree.path(), &["check", "--fix", "--format", "json"]);
    assert_eq!((first.status, &first.json()["summary"]["fixed"]), (Some(0), &serde_json::json!(1)), "{first:?}");
    assert_eq!(fs::read_to_string(tree.path().join("run.sh")).unwrap(), MENDED);
    let second = run(tree.path(), &["check", "--fix"]);
    assert_eq!(second.out, "0 problems fixed. No problems found in 1 file.\n");
    let names: Vec<_> = fs::read_dir(tree.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["run.sh"], "no temporary file is left");
}

#[test]
fn nothing_is_fixed_where_the_report_cannot_be_written() {
    let tree = folder(&[("run.sh", MISSPELT)]);
    for path in ["missing/report", "."] {
        let failed = run(tree.path(), &["check", "--fix", "--output", path]);
        assert_eq!((failed.status, fs::read(tree.path().join("run.sh")).unwrap().as_slice()), (Some(2), MISSPELT));
    }
}

#[test]
fn what_may_change_more_than_the_fault_has_to_be_asked_for() {
    let tree = folder(&[("run.sh", LOST)]);
    let arguments = ["check", "--select", "GFX508", "--fix"];
    assert_eq!(run(tree.path(), &arguments).status, Some(1));
    assert_eq!(fs::read(tree.path().join("run.sh")).unwrap(), LOST);
    assert_eq!(run(tree.path(), &[&arguments[..], &["--unsafe-fixes"]].concat()).status, Some(0));
    assert!(fs::read_to_string(tree.path().join("run.sh")).unwrap().contains("-e HIP_VISIBLE_DEVICES"));
}

#[test]
fn a_patch_shows_fixes_and_changes_nothing() {
    let tree = folder(&[("a b/run.sh", MISSPELT)]);
    for arguments in [&["check", "--diff"][..], &["check", "--diff", "--fix"]] {
        let run = run(tree.path(), arguments);
        assert_eq!(run.status, Some(1));
        assert_eq!(
            run.out,
            "--- a/a b/run.sh\n+++ b/a b/run.sh\n@@ -1,3 +1,3 @@\n #!/bin/sh\n export VLLM_ROCM_USE_AITER=1\n\
             -vllm serve m --dtype bf16\n+vllm serve m --dtype bfloat16\n"
        );
        assert_eq!(run.err, "--fix would mend 1 problem in 1 file.\n");
    }
    assert_eq!(fs::read(tree.path().join("a b/run.sh")).unwrap(), MISSPELT);
    let clean = folder(&[("run.sh", MENDED.as_bytes())]);
    let clean = run(clean.path(), &["check", "--diff"]);
    assert_eq!((clean.status, clean.out.as_str(), clean.err.as_str()), (Some(0), "", "No fixes to apply.\n"));
}

#[test]
fn standard_input_is_mended_as_a_patch_only() {
    let tree = folder(&[]);
    let arguments = ["check", "-", "--stdin-filename", "run.sh"];
    let patch = run_with_input(tree.path(), &[&arguments[..], &["--diff"]].concat(), MISSPELT);
    assert!(patch.out.contains("\n+vllm serve m --dtype bfloat16\n"), "{patch:?}");
    let fix = run_with_input(tree.path(), &[&arguments[..], &["--fix"]].concat(), MISSPELT);
    assert_eq!((fix.status, fix.out.as_str()), (Some(2), ""));
    assert!(fix.err.contains("--diff"), "{fix:?}");
}

#[test]
fn mark_line_ends_and_the_missing_last_one_are_kept() {
    let text = format!("\u{feff}{}", String::from_utf8_lossy(MISSPELT).trim_end().replace('\n', "\r\n"));
    let tree = folder(&[("run.sh", text.as_bytes())]);
    run(tree.path(), &["check", "--fix"]);
    assert_eq!(fs::read_to_string(tree.path().join("run.sh")).unwrap(), text.replace("bf16", "bfloat16"));
    let tree = folder(&[("run.sh", text.as_bytes())]);
    let patch = run(tree.path(), &["check", "--diff"]);
    assert!(patch.out.contains("bf16\n\\ No newline at end of file\n+"), "{patch:?}");
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_read_only_trees_stay_as_they_are() {
    use std::os::unix::fs::PermissionsExt;
    let tree = folder(&[("a/run.sh", MISSPELT), ("b/run.sh", MISSPELT)]);
    let mode = |path: &str, mode| {
        fs::set_permissions(tree.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    let texts = || ["a/run.sh", "b/run.sh"].map(|path| fs::read(tree.path().join(path)).unwrap());
    mode("a/run.sh", 0o750);
    for (path, locked, free) in [("b", 0o555, 0o755), ("b/run.sh", 0o444, 0o644)] {
        mode(path, locked);
        let refused = run(tree.path(), &["check", "--fix"]);
        mode(path, free);
        assert_eq!((refused.status, refused.out.as_str()), (Some(2), ""), "{refused:?}");
        assert!(refused.err.contains("cannot fix b/run.sh") && refused.err.contains("read-only"), "{refused:?}");
        assert_eq!(texts(), [MISSPELT, MISSPELT], "nothing is written where one file cannot be");
    }
    run(tree.path(), &["check", "--fix"]);
    assert_eq!(texts(), [MENDED.as_bytes(); 2]);
    assert_eq!(fs::metadata(tree.path().join("a/run.sh")).unwrap().permissions().mode() & 0o777, 0o750);
}

#[cfg(unix)]
#[test]
fn a_file_that_links_lead_to_is_fixed_once_and_links_stay() {
    let tree = folder(&[("run.sh", MISSPELT)]);
    std::os::unix::fs::symlink("run.sh", tree.path().join("link.sh")).unwrap();
    assert_eq!(run(tree.path(), &["check", "--fix"]).status, Some(0));
    assert!(fs::symlink_metadata(tree.path().join("link.sh")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(tree.path().join("run.sh")).unwrap(), MENDED);
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let tree = folder(&[("run.sh", MISSPELT)]);
    let path = tree.path().join("run.sh");
    let knowledge = Knowledge::embedded().unwrap();
    let options = Options::default();
    let input = Input::Paths(vec![tree.path().to_owned()]);
    let workspace = scan_as(request(input, &Overlay::new()), &knowledge).unwrap();
    let findings = rules::run(&Context::new(&workspace, &knowledge, &options), &Selection::new(&[], &[]).unwrap());
    let mut fixer = Fixer::new(Applicability::Safe);
    assert!(fixer.round(workspace.sources(), findings.iter()).unwrap());
    fs::write(&path, "changed").unwrap();
    assert!(fixer.write().unwrap_err().to_string().contains("it changed while it was checked"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "changed");
}
