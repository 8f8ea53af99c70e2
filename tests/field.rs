//! Real releases, unpacked as `vllm-<version>` in the folder that GFXLINT_CORPUS names:
//! `GFXLINT_CORPUS=<folder> cargo test --release --test field -- --ignored`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::path::{Path, PathBuf};

use common::{Run, run};

/// Releases of which at least one has to be there.
const RELEASES: [&str; 8] = ["0.11.0", "0.12.0", "0.13.0", "0.14.1", "0.16.0", "0.19.1", "0.25.1", "0.33.0"];
/// Targets that 0.14.1 builds, ships and documents.
const SHIPPED: [&str; 6] = ["gfx90a", "gfx942", "gfx950", "gfx1100", "gfx1151", "gfx1201"];
/// Targets that it does not.
const NOT_SHIPPED: [&str; 3] = ["gfx906", "gfx1102", "gfx900"];

fn tree(version: &str) -> Option<PathBuf> {
    let corpus = std::env::var_os("GFXLINT_CORPUS").expect("GFXLINT_CORPUS names a folder with releases");
    Some(Path::new(&corpus).join(format!("vllm-{version}"))).filter(|tree| tree.is_dir())
}

fn trees() -> Vec<(&'static str, PathBuf)> {
    let found: Vec<_> = RELEASES.iter().filter_map(|version| Some((*version, tree(version)?))).collect();
    assert!(!found.is_empty(), "no release in GFXLINT_CORPUS");
    found
}

fn check(tree: &Path, more: &[&str]) -> Run {
    run(tree, &[&["check", ".", "--isolated", "--no-cache", "--format", "json"], more].concat())
}

#[test]
#[ignore = "needs releases under GFXLINT_CORPUS"]
fn every_release_is_read_whole() {
    for (version, tree) in trees() {
        for arguments in [
            &["check", "--pedantic", "--format", "json", "."][..],
            &["facts", "--format", "json", "."],
            &["audit", "--arch", "gfx906", "--format", "json", "."],
        ] {
            let run = run(&tree, arguments);
            assert!(
                matches!(run.status, Some(0 | 1)) && run.err.is_empty(),
                "{version} {arguments:?}: {:?} {}",
                run.status,
                run.err
            );
            run.json();
        }
        let report = check(&tree, &[]);
        let files = report.json()["summary"]["files"].as_u64().unwrap();
        assert!((1_500..20_000).contains(&files), "{version}: {files} files");
        let unparsed = report.rules().iter().filter(|rule| *rule == "GFX902").count();
        assert!(unparsed <= 20, "{version}: {unparsed} regions unparsed");
        let facts = run(&tree, &["facts", "--format", "json", "."]).json();
        let facts = facts["facts"].as_array().unwrap().iter().filter(|fact| fact["fact"] == "arch-set").count();
        assert!((50..2_000).contains(&facts), "{version}: {facts} facts");
    }
}

#[test]
#[ignore = "needs releases under GFXLINT_CORPUS"]
fn threads_and_repetition_do_not_change_a_byte() {
    for (version, tree) in trees() {
        for format in ["json", "sarif", "pretty"] {
            let arguments = ["check", ".", "--pedantic", "--arch", "gfx906,gfx1152", "--format", format];
            let one = run(&tree, &[&arguments[..], &["--threads", "1"]].concat());
            for threads in ["8", "8", "3"] {
                assert!(
                    run(&tree, &[&arguments[..], &["--threads", threads]].concat()) == one,
                    "{version} {format} with {threads} threads"
                );
            }
        }
    }
}

#[test]
#[ignore = "needs releases under GFXLINT_CORPUS"]
fn shipped_targets_have_no_gap_and_others_one_chain() {
    let tree = tree("0.14.1").expect("vllm-0.14.1");
    let gaps = |arch: &str| check(&tree, &["--arch", arch]).rules().iter().filter(|rule| *rule == "GFX101").count();
    for arch in SHIPPED {
        assert_eq!(gaps(arch), 0, "{arch}");
    }
    for arch in NOT_SHIPPED {
        assert_eq!(gaps(arch), 1, "{arch}");
    }
}

#[test]
#[ignore = "needs releases under GFXLINT_CORPUS"]
fn an_mi50_is_blocked_by_triton_and_the_table_of_the_field_report_is_there() {
    let audit = run(&tree("0.14.1").expect("vllm-0.14.1"), &["audit", "--arch", "MI50", "--format", "json"]).json();
    assert_eq!((&audit["verdict"], &audit["vllm"]), (&"blocked".into(), &"0.14.1".into()));
    assert!(audit["blocked_by"].as_array().unwrap().contains(&"triton".into()), "{}", audit["blocked_by"]);
    let listed = |path: &str, line: u64| {
        let site = audit["sites"].as_array().unwrap().iter().find(|site| site["path"] == path && site["line"] == line);
        site.unwrap_or_else(|| unreachable!("no site at {path}:{line}"))["listed"].clone()
    };
    assert_eq!(listed("CMakeLists.txt", 40), true);
    assert_eq!(listed("docker/Dockerfile.rocm_base", 30), false);
    assert_eq!(listed("vllm/platforms/rocm.py", 106), false);
    assert_eq!(listed("docs/getting_started/installation/gpu.rocm.inc.md", 11), false);
    let verdict = |name: &str| {
        audit["components"]
            .as_array()
            .unwrap()
            .iter()
            .find(|component| component["name"] == name)
            .map(|component| component["verdict"].clone())
    };
    for name in ["triton", "flash-attention-ck", "aiter", "mori"] {
        assert_eq!(verdict(name), Some("unsupported".into()), "{name}");
    }
}

#[test]
#[ignore = "needs releases under GFXLINT_CORPUS"]
fn kernels_without_a_body_are_found_in_0_19_1_and_nowhere_beside_it() {
    let stubs = |version: &str| {
        let report = check(&tree(version).expect("the release"), &["--select", "GFX104"]).json();
        let places = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "GFX104");
        places.map(|finding| format!("{}:{}", finding["path"].as_str().unwrap(), finding["line"])).collect::<Vec<_>>()
    };
    assert_eq!(stubs("0.19.1"), ["csrc/rocm/attention.cu:43", "csrc/rocm/skinny_gemms.cu:30"]);
    for version in ["0.14.1", "0.25.1"] {
        assert_eq!(stubs(version), [""; 0], "{version}");
    }
}
