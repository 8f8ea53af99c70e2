//! Input that is broken, hostile or missing: a clear message, the rest of the run unharmed, no panic.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::fs;
use std::time::Duration;

use common::cpu::timed;
use common::{Run, folder, run, run_with_input, write};

/// A gap that has to be found whatever stands beside it.
const GAP: &[u8] = b"set(HIP_SUPPORTED_ARCHS \"gfx90a;gfx942\")\n";

fn check(files: &[(&str, &[u8])], more: &[&str]) -> Run {
    let tree = folder(files);
    run(tree.path(), &[&["check", "--arch", "gfx906", "--format", "json"], more].concat())
}

/// Findings of one rule, as (path, line).
fn places(run: &Run, rule: &str) -> Vec<(String, u64)> {
    let findings = run.json()["findings"].as_array().cloned().unwrap();
    let of_rule = findings.iter().filter(|finding| finding["rule"] == rule);
    of_rule.map(|finding| (finding["path"].as_str().unwrap().to_owned(), finding["line"].as_u64().unwrap())).collect()
}

fn place(path: &str, line: u64) -> (String, u64) {
    (path.to_owned(), line)
}

/// One broken file of every language, each with a word that its front end looks for.
const BROKEN: [(&str, &[u8]); 12] = [
    ("a.py", b"ARCHS = [\"gfx942\"\ndef on_gfx9(: return (((\n  'unterminated\nclass\n"),
    ("indent.py", b"if on_gfx9():\n\t\tx = 'gfx942'\n   y = (\n"),
    ("Dockerfile.rocm", b"FROM\nARG PYTORCH_ROCM_ARCH=\"gfx942\nRUN <<EOF\nENV = = ${X:-${Y:-\n"),
    ("cmake/x.cmake", b"set(HIP_SUPPORTED_ARCHS \"gfx942\nif(X MATCHES \"gfx(\"\nforeach(\n"),
    ("ci.yaml", b"a: [gfx942, {b: 'c\n\t- d: *x\n? : :\nPYTORCH_ROCM_ARCH: \"gfx942\n"),
    ("docker-bake.hcl", b"variable \"PYTORCH_ROCM_ARCH\" { default = \"gfx942;${\n target {{{\n"),
    ("docs/rocm.md", b"- GPU: MI300 (gfx942\n```bash\nexport PYTORCH_ROCM_ARCH=\"gfx942\n"),
    ("csrc/a.cu", b"#if defined(__gfx942__\n#else\n#elif (((\n__global__ void k( {\n#endif\n#endif\n/* "),
    ("build.sh", b"export PYTORCH_ROCM_ARCH=$(echo \"gfx942 | sed 's/;gfx1[0-9]\\{3\\}//g\nif then fi ;;\n<<E\n"),
    ("vllm.dist-info/METADATA", b"Name vllm\nVersion:\n: gfx942\n"),
    ("empty.py", b""),
    ("nothing/Dockerfile", b"\n\n"),
];

#[test]
fn broken_syntax_in_any_language_leaves_the_rest_of_the_run_unharmed() {
    for (path, content) in BROKEN {
        let run = check(&[(path, content), ("z/CMakeLists.txt", GAP)], &[]);
        assert_eq!((run.status, run.err.as_str()), (Some(1), ""), "{path}");
        assert!(places(&run, "GFX101").iter().any(|(path, _)| path == "z/CMakeLists.txt"), "{path}: {}", run.out);
    }
    let run = check(&[&BROKEN[..], &[("z/CMakeLists.txt", GAP)]].concat(), &[]);
    assert_eq!(run.json()["summary"]["files"], BROKEN.len() + 1);
}

#[test]
fn files_cut_off_anywhere_are_read_as_far_as_they_go() {
    for (path, content) in BROKEN.iter().filter(|(_, content)| !content.is_empty()) {
        for end in (0..content.len()).step_by(7) {
            let tree = folder(&[]);
            let run =
                run_with_input(tree.path(), &["check", "-", "--stdin-filename", path, "--pedantic"], &content[..end]);
            assert!(matches!(run.status, Some(0 | 1)) && run.err.is_empty(), "{path} cut off at {end}: {run:?}");
        }
    }
}

#[test]
fn broken_python_is_reported_where_it_breaks() {
    let run = check(&[("a.py", b"ARCHS = [\"gfx942\"]\nx = = \"gfx942\"\ny = [\"gfx950\"]\n")], &[]);
    assert_eq!(places(&run, "GFX902"), [place("a.py", 2)]);
    assert_eq!(run.status, Some(0), "what could not be read is told, and fails no run by itself");
}

#[test]
fn text_that_is_not_utf8_is_told_and_left_out() {
    let run = check(
        &[("a.py", b"ARCHS = [\"gfx942\"]\n# caf\xe9\n"), ("b.py", &[0xff, 0xfe, b'g', 0]), ("CMakeLists.txt", GAP)],
        &[],
    );
    assert_eq!(places(&run, "GFX903"), [place("a.py", 1)]);
    assert!(run.out.contains("byte 24 is not UTF-8"), "{}", run.out);
    assert_eq!(places(&run, "GFX101"), [place("CMakeLists.txt", 1)]);
}

#[test]
fn places_do_not_depend_on_byte_order_marks_line_ends_and_a_last_newline() {
    let plain = "# caf\u{e9} \u{1f600}\nset(HIP_SUPPORTED_ARCHS\n  \"gfx90a;gfx942\")";
    let forms = [
        plain.to_owned(),
        format!("{plain}\n"),
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{}\r\n", plain.replace('\n', "\r\n")),
    ];
    let expected = check(&[("CMakeLists.txt", plain.as_bytes())], &[]).json()["findings"].clone();
    assert_eq!(
        (&expected[0]["line"], &expected[0]["column"], &expected[0]["end_column"]),
        (&3.into(), &4.into(), &17.into()),
        "{expected}"
    );
    for form in forms {
        assert_eq!(check(&[("CMakeLists.txt", form.as_bytes())], &[]).json()["findings"], expected, "{form:?}");
    }
}

#[test]
fn a_huge_file_is_passed_over_at_once() {
    let tree = folder(&[("CMakeLists.txt", GAP)]);
    for name in ["huge.py", "Dockerfile"] {
        fs::File::create(tree.path().join(name)).unwrap().set_len(100 << 20).unwrap();
    }
    let (run, spent) = timed(tree.path(), &["check", "--arch", "gfx906", "--pedantic"]);
    assert!(spent < Duration::from_secs(5), "{spent:?}");
    for name in ["huge.py", "Dockerfile"] {
        let line = format!("{name}:1:1: warning[GFX903] This file was not checked: it is larger than 16 MiB.");
        assert!(run.out.lines().any(|shown| shown == line), "{}", run.out);
    }
    assert!(run.out.contains("CMakeLists.txt:1:26: warning[GFX101]"), "{}", run.out);
    assert!(run.out.ends_with("(2 files unreadable)\n"), "{}", run.out);
}

#[test]
fn deep_nesting_and_long_lines_end() {
    let deep = |open: &str, close: &str| {
        format!("ARCHS = [\"gfx942\"]\nx = {}{}\n", open.repeat(20_000), close.repeat(20_000))
    };
    let files = [
        ("deep.py", deep("(", ")")),
        ("list.py", deep("[", "]")),
        ("not.py", format!("x = on_gfx9() {}\nA = \"gfx942\"\n", "and not on_gfx9() ".repeat(5_000))),
        ("long.md", format!("- GPU: MI300 (gfx942){}\n", ", MI300 (gfx942)".repeat(20_000))),
        ("Dockerfile", format!("FROM a\nENV PYTORCH_ROCM_ARCH={}gfx942{}\n", "${A:-".repeat(2_000), "}".repeat(2_000))),
        ("deep.cmake", format!("set(HIP_SUPPORTED_ARCHS \"{}\")\n", "gfx942;".repeat(50_000))),
        ("deep.cu", format!("{}{}", "#if defined(__gfx942__)\n".repeat(3_000), "#endif\n".repeat(3_000))),
        ("deep.sh", format!("export PYTORCH_ROCM_ARCH={}gfx942{}\n", "$(echo ".repeat(1_000), ")".repeat(1_000))),
        ("deep.yaml", format!("PYTORCH_ROCM_ARCH: gfx942\nx: {}{}\n", "[".repeat(5_000), "]".repeat(5_000))),
    ];
    let mut failed = Vec::new();
    for (path, content) in files {
        let tree = folder(&[(path, content.as_bytes()), ("z/CMakeLists.txt", GAP)]);
        let (run, spent) = timed(tree.path(), &["check", "--arch", "gfx906", "--format", "json"]);
        if run.status != Some(1) || spent > Duration::from_secs(20) {
            failed.push((path, run.status, run.err, spent));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_or_in_circles_do_not_stop_a_run() {
    use std::os::unix::fs::symlink;
    let tree = folder(&[("CMakeLists.txt", GAP), ("a/real.py", b"ARCHS = [\"gfx942\"]\n")]);
    let link = |target: &str, name: &str| symlink(target, tree.path().join(name)).unwrap();
    link("..", "a/loop");
    link(".", "self");
    link("nowhere.py", "dangling.py");
    link("circle.py", "circle.py");
    link("nowhere", "a/not-a-source");
    link("real.py", "a/linked.py");
    let run = run(tree.path(), &["check", "--arch", "gfx906", "--format", "json"]);
    assert_eq!(places(&run, "GFX903"), [place("circle.py", 1), place("dangling.py", 1)]);
    assert_eq!(places(&run, "GFX101"), [place("CMakeLists.txt", 1)]);
    assert_eq!(run.json()["summary"]["files"], 5, "the folder is read once, the link to a file is one more");
}

#[cfg(unix)]
#[test]
fn a_named_link_that_leads_nowhere_or_in_circles_is_told() {
    let tree = folder(&[]);
    for name in ["dangling.py", "circle.py"] {
        std::os::unix::fs::symlink(if name == "circle.py" { name } else { "nowhere" }, tree.path().join(name)).unwrap();
        let run = run(tree.path(), &["check", name]);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{run:?}");
        assert!(run.err.contains(&format!("cannot read {name}: ")), "{run:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_without_end_is_no_endless_read() {
    let tree = folder(&[]);
    let run = run(tree.path(), &["check", "/dev/zero", "--pedantic"]);
    assert!(run.out.contains("GFX903") && run.out.contains("larger than 16 MiB"), "{run:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let tree = folder(&[("secret.py", b"ARCHS = [\"gfx942\"]\n"), ("CMakeLists.txt", GAP)]);
    let secret = tree.path().join("secret.py");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o0)).unwrap();
    let run = run(tree.path(), &["check", "--arch", "gfx906", "--format", "json"]);
    // An administrator may read everything.
    let expected = if fs::read(&secret).is_ok() { vec![] } else { vec![place("secret.py", 1)] };
    assert_eq!(places(&run, "GFX903"), expected);
    assert_eq!(places(&run, "GFX101"), [place("CMakeLists.txt", 1)]);
}

#[test]
fn folders_without_a_file_to_check_are_clean() {
    let tree = folder(&[]);
    write(tree.path(), "image.bin", &[0; 64]);
    for subcommand in ["check", "facts"] {
        let run = run(tree.path(), &[subcommand]);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{subcommand}: {run:?}");
    }
    assert_eq!(run(tree.path(), &["audit", "--arch", "gfx942", "--format", "json"]).json()["verdict"], "unknown");
}
