//! Nothing that stands in a file or in a file's name reaches the terminal as a control sequence.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{command, folder, run, testdata, unsafe_characters};

/// What attackers put into text: colours, titles, links, cursor moves, C1 controls, bidirectional overrides, workflow
/// commands of CI runners.
const HOSTILE: &str = "\x1b[31m\x1b]0;t\x07\x1b]8;;http://x\x1b\\\r\x08\x7f\u{9b}2J\u{202e}\u{2066}\u{200b}\u{feff}";

#[cfg(unix)]
const NAMES: [&str; 10] = [
    "with space.py",
    "quote\"'`.py",
    "new\nline.py",
    "tab\tand\rreturn.py",
    "\x1b[2J\x1b]0;title\x07.py",
    "bidi\u{202e}yp.exe.py",
    "::error file=x::y.py",
    "-dash.py",
    "percent%0A.py",
    "{brace}[1].py",
];

fn formats(subcommand: &'static [&'static str]) -> impl Iterator<Item = Vec<&'static str>> {
    ["pretty", "concise", "json"]
        .into_iter()
        .map(move |format| [subcommand, &["--pedantic", "--format", format]].concat())
}

#[cfg(unix)]
#[test]
fn file_names_are_escaped() {
    let broken: &[u8] = b"ARCHS = [\"gfx942\"]\nx = = \"gfx942\"\n";
    let files: Vec<_> = NAMES.iter().map(|name| (*name, broken)).collect();
    let tree = folder(&files);
    for arguments in formats(&["check"]).chain(formats(&["facts"])).chain(formats(&["audit", "--arch", "gfx906"])) {
        let run = run(tree.path(), &arguments);
        assert!(matches!(run.status, Some(0 | 1)), "{arguments:?}: {run:?}");
        assert_eq!(unsafe_characters(&run.out), [], "{arguments:?}: {:?}", run.out);
    }
    let concise = run(tree.path(), &["check", "--pedantic", "--select", "GFX902"]).out;
    assert_eq!(
        concise.lines().filter(|line| line.contains(":2:5: note[GFX902] ")).count(),
        NAMES.len(),
        "one line a file: {concise}"
    );
    assert!(concise.contains("new\\nline.py:2:5:"), "{concise}");
    assert!(!concise.lines().any(|line| line.starts_with("::")), "no command to a CI runner: {concise}");
}

#[cfg(unix)]
#[test]
fn machines_get_file_names_as_they_are() {
    for name in ["new\nline\x1b.py", "bidi\u{202e}\u{9b}\u{e0001}.py"] {
        let tree = folder(&[(name, b"ARCHS = [\"gfx942\"]\nx = = \"gfx942\"\n")]);
        let json = run(tree.path(), &["check", "--format", "json"]).json();
        assert_eq!(json["findings"][0]["path"], name);
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf8_is_no_reason_to_stop() {
    use std::os::unix::ffi::OsStrExt;
    let tree = folder(&[]);
    let path = tree.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.py"));
    // Some file systems take no such name.
    if std::fs::write(path, "ARCHS = [\"gfx942\"]\nx = = \"gfx942\"\n").is_ok() {
        let concise = run(tree.path(), &["check", "--pedantic", "--select", "GFX902"]).out;
        assert!(concise.starts_with("caf\u{fffd}.py:2:5: note[GFX902]"), "{concise}");
    }
}

#[test]
fn file_content_is_escaped_in_excerpts_and_messages() {
    let files = [
        ("vllm/x.py", format!("ARCHS = [\"gfx942{HOSTILE}\", \"gfx90a\"]\nx = = '{HOSTILE}'\n")),
        ("CMakeLists.txt", format!("set(HIP_SUPPORTED_ARCHS \"gfx90a;gfx942;{HOSTILE}\") # {HOSTILE}\n")),
        (
            "docker/Dockerfile.rocm_base",
            format!(
                "FROM a{HOSTILE} AS b\nARG TRITON_BRANCH=\"{HOSTILE}\"\nARG PYTORCH_ROCM_ARCH=\"gfx942;{HOSTILE}\"\n"
            ),
        ),
        ("docs/x.md", format!("- GPU: MI300{HOSTILE} (gfx942), {HOSTILE} (gfx1100)\n")),
        ("ci.yaml", format!("PYTORCH_ROCM_ARCH: \"gfx942;{HOSTILE}\"\n")),
        ("a.sh", format!("export PYTORCH_ROCM_ARCH=\"gfx942;{HOSTILE}\"\n")),
        ("PKG-INFO", format!("Name: vllm\nVersion: 0.14.1{HOSTILE}\n")),
    ];
    let bytes: Vec<_> = files.iter().map(|(path, content)| (*path, content.as_bytes())).collect();
    let tree = folder(&bytes);
    for arguments in formats(&["check", "--arch", "gfx906"])
        .chain(formats(&["facts"]))
        .chain(formats(&["audit", "--arch", "gfx906"]))
    {
        let run = run(tree.path(), &arguments);
        assert!(matches!(run.status, Some(0 | 1)), "{arguments:?}: {run:?}");
        assert_ne!(run.out, "", "{arguments:?}");
        assert_eq!(unsafe_characters(&run.out), [], "{arguments:?}: {:?}", run.out);
    }
}

#[test]
fn arguments_are_escaped_in_mistakes() {
    let tree = folder(&[]);
    let hostile = HOSTILE;
    for arguments in [
        &["check", hostile][..],
        &["check", "--arch", hostile],
        &["check", "--select", hostile],
        &["explain", hostile],
        &["arch", hostile],
        &["check", "--output", "\x1b[31m/x"],
    ] {
        let run = run(tree.path(), arguments);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert_eq!(unsafe_characters(&run.err), [], "{arguments:?}: {:?}", run.err);
    }
}

#[test]
fn colour_is_all_that_a_coloured_run_adds() {
    for arguments in [
        &["check", "--arch", "gfx906", "--format", "pretty"][..],
        &["facts", "--format", "pretty"],
        &["audit", "--arch", "gfx906", "--format", "pretty"],
    ] {
        let plain = run(&testdata(), arguments);
        let coloured = command(&testdata(), arguments).args(["--color", "always"]).output().unwrap();
        let coloured = String::from_utf8(coloured.stdout).unwrap();
        assert!(coloured.contains('\x1b') || arguments.contains(&"audit"), "{arguments:?}");
        assert_eq!(without_colour(&coloured), plain.out, "{arguments:?}");
    }
}

/// Drops `ESC [ digits and semicolons m`, and nothing else.
fn without_colour(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("\x1b[") {
        out.push_str(before);
        rest = behind
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
            .strip_prefix('m')
            .unwrap_or("<not a colour>");
    }
    out + rest
}
