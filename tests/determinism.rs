//! The same input gives the same bytes: with any number of threads, run after run, from any folder.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Run, run, testdata};

const FORMATS: [&str; 4] = ["pretty", "concise", "json", "sarif"];

/// Every command and format that says something of files.
fn commands() -> Vec<Vec<&'static str>> {
    let check = FORMATS.map(|format| vec!["check", "--pedantic", "--arch", "gfx906,gfx1151", "--format", format]);
    let audit = FORMATS[..3].iter().map(|format| vec!["audit", "--arch", "gfx906", "--format", format]);
    let facts = FORMATS[..3].iter().map(|format| vec!["facts", "--format", format]);
    check.into_iter().chain(audit).chain(facts).collect()
}

/// Runs a command over the example, and sees that it says something.
fn over_example(arguments: &[&str], more: &[&str]) -> Run {
    let run = run(&testdata(), &[arguments, &["mini-vllm"], more].concat());
    assert!(matches!(run.status, Some(0 | 1)) && run.out.len() > 500, "{arguments:?}: {run:?}");
    run
}

#[test]
fn threads_do_not_change_a_byte() {
    for arguments in commands() {
        let one = over_example(&arguments, &["--threads", "1"]);
        for threads in ["2", "8", "33"] {
            assert_eq!(over_example(&arguments, &["--threads", threads]), one, "{arguments:?} with {threads} threads");
        }
    }
}

#[test]
fn runs_do_not_differ() {
    for arguments in commands() {
        let first = over_example(&arguments, &[]);
        for _ in 0..5 {
            assert_eq!(over_example(&arguments, &[]), first, "{arguments:?}");
        }
    }
}

#[test]
fn a_path_given_twice_or_in_another_order_changes_nothing() {
    let once = run(&testdata(), &["check", "--arch", "gfx906", "mini-vllm/docker", "mini-vllm/vllm"]);
    let more = run(
        &testdata(),
        &["check", "--arch", "gfx906", "mini-vllm/vllm", "mini-vllm/docker", "mini-vllm/docker/Dockerfile.rocm_base"],
    );
    assert_eq!(once, more);
}

#[test]
fn paths_are_relative_to_the_working_directory_and_findings_do_not_depend_on_it() {
    let inside = testdata().join("mini-vllm");
    for arguments in [
        &["check", "--arch", "gfx906", "--format", "json"][..],
        &["facts", "--format", "json"],
        &["audit", "--arch", "gfx906", "--format", "json"],
    ] {
        let outside = run(&testdata(), &[arguments, &["mini-vllm"]].concat());
        let here = run(&inside, &[arguments, &["."]].concat());
        assert_ne!(here.out, outside.out, "{arguments:?}");
        assert_eq!(here.out, outside.out.replace("mini-vllm/", ""), "{arguments:?}");
        let absolute = run(&inside, &[arguments, &[inside.to_str().unwrap()]].concat());
        assert_eq!(absolute.out, here.out, "{arguments:?}: an absolute path says the same as a relative one");
    }
}

#[test]
fn folders_above_a_project_do_not_make_it_tests() {
    let gap: &[u8] = b"set(HIP_SUPPORTED_ARCHS \"gfx90a\")\n";
    let home = common::folder(&[
        ("tests/docs/plain/CMakeLists.txt", gap),
        ("tests/docs/cloned/.git/HEAD", b"ref: refs/heads/main\n"),
        ("tests/docs/cloned/cmake/CMakeLists.txt", gap),
        ("tests/docs/cloned/tests/CMakeLists.txt", gap),
        ("elsewhere/x", b""),
    ]);
    let absolute = home.path().to_str().unwrap();
    for prefix in [&format!("{absolute}/tests/docs"), "../tests/docs"] {
        let gaps = |path: &str| {
            let arguments =
                ["check", &format!("{prefix}/{path}"), "--arch", "gfx906", "--select", "GFX101", "--format", "json"];
            run(&home.path().join("elsewhere"), &arguments).rules().len()
        };
        for path in ["plain", "plain/CMakeLists.txt", "cloned", "cloned/cmake", "cloned/cmake/CMakeLists.txt"] {
            assert_eq!(gaps(path), 1, "{prefix}/{path}");
        }
        assert_eq!(gaps("cloned/tests"), 0, "the project's own tests are tests");
    }
}

#[test]
fn paths_in_sarif_are_relative_to_the_repository_wherever_one_stands() {
    let repository = common::folder(&[
        (".git/HEAD", b"ref: refs/heads/main\n"),
        ("a/CMakeLists.txt", b"set(HIP_SUPPORTED_ARCHS \"gfx90a\")\n"),
    ]);
    let sarif = |folder: &str, path: &str| {
        run(&repository.path().join(folder), &["check", path, "--arch", "gfx906", "--format", "sarif"]).out
    };
    let from_root = sarif("", "a");
    assert!(from_root.contains("\"uri\": \"a/CMakeLists.txt\""), "{from_root}");
    assert_eq!(sarif("a", "."), from_root);
    assert_eq!(sarif("a", "../a"), from_root);
}

#[test]
fn the_environment_does_not_change_what_machines_read() {
    for format in ["concise", "json", "sarif"] {
        let arguments = ["check", "--arch", "gfx906", "mini-vllm", "--format", format];
        let plain = run(&testdata(), &arguments).out;
        let mut other = common::command(&testdata(), &arguments);
        other.env("LC_ALL", "C").env("TERM", "dumb").env("COLUMNS", "20").env("NO_COLOR", "1").env("TZ", "Asia/Tokyo");
        assert_eq!(String::from_utf8(other.output().unwrap().stdout).unwrap(), plain, "{format}");
    }
}
