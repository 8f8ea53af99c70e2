//! Input that is large, deep or turns in circles ends, with what can be said of it said.

use std::time::Duration;

use crate::common::cpu::timed;
use crate::common::{folder, write};

/// Far more time of processors than any of these takes, also in an unoptimised build.
const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 2 });

/// Checks a tree and returns what was found, as `rule path:line`.
fn check(files: &[(&str, &str)]) -> Vec<String> {
    let bytes: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    let tree = folder(&bytes);
    let (run, spent) = timed(tree.path(), &["check", "--arch", "gfx906", "--no-cache", "--format", "json"]);
    assert!(matches!(run.status, Some(0 | 1)) && run.err.is_empty(), "{run:?}");
    assert!(spent < LONGEST, "{:?} took {spent:?}", files[0].0);
    let findings = run.json()["findings"].as_array().cloned().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    findings
        .iter()
        .map(|finding| format!("{} {}:{}", text(&finding["rule"]), text(&finding["path"]), finding["line"]))
        .collect()
}

/// A gap that has to be found whatever stands beside it.
const GAP: (&str, &str) = ("z/CMakeLists.txt", "set(HIP_SUPPORTED_ARCHS \"gfx90a;gfx942\")\n");

fn empty_files(count: usize) {
    let tree = folder(&[]);
    for at in 0..count {
        let path = format!("d{}/m{at}.{}", at / 1_000, ["py", "sh", "yaml", "nix", "md"][at % 5]);
        write(tree.path(), &path, b"");
    }
    write(tree.path(), GAP.0, GAP.1.as_bytes());
    let (run, spent) = timed(tree.path(), &["check", "--arch", "gfx906", "--no-cache", "--format", "json"]);
    assert_eq!((run.status, run.rules()), (Some(1), vec!["GFX101".to_owned()]), "{run:?}");
    assert_eq!(run.json()["summary"]["files"], count + 1);
    assert!(
        spent < Duration::from_millis(200) + Duration::from_micros(500) * u32::try_from(count).unwrap(),
        "{spent:?}"
    );
}

#[test]
fn very_many_empty_files_are_read() {
    empty_files(5_000);
}

#[test]
#[ignore = "makes a million files"]
fn a_million_empty_files_are_read() {
    empty_files(1_000_000);
}

#[test]
fn a_command_of_ten_thousand_lines_is_read() {
    let lines: String = (0..10_000).map(|at| format!("    && echo {at} >> /tmp/log \\\n")).collect();
    let text =
        format!("FROM rocm/dev-ubuntu-24.04:7.1-complete\nRUN true \\\n{lines}    && vllm serve m --dtype bf16\n");
    let found = check(&[("Dockerfile", &text), GAP]);
    assert!(found.iter().any(|one| one.ends_with("Dockerfile:10003")), "{found:?}");
    assert!(found.contains(&"GFX101 z/CMakeLists.txt:1".to_owned()), "{found:?}");
}

#[test]
fn a_container_file_of_a_thousand_stages_is_read() {
    let chain: String =
        (0..1_000).map(|at| format!("FROM s{at} AS s{}\nRUN echo {at}\nENV A{at}={at}\n", at + 1)).collect();
    let side: String =
        (0..1_000).map(|at| format!("FROM base AS s{at}\nRUN echo {at}\nCOPY --from=base /a /b\n")).collect();
    let base = "FROM rocm/dev-ubuntu-24.04:7.1-complete AS";
    for text in [format!("{base} s0\n{chain}"), format!("{base} base\n{side}FROM s999\nCOPY --from=s1 /a /b\n")] {
        let found = check(&[("Dockerfile", &text), GAP]);
        assert!(found.contains(&"GFX101 z/CMakeLists.txt:1".to_owned()), "{found:?}");
    }
}

/// What one file takes from another, in a circle of two and of one.
#[test]
fn files_that_take_from_one_another_in_circles_end() {
    let compose = |other: &str| {
        format!(
            "include: [{other}]\nservices:\n  v:\n    extends: {{file: {other}, service: v}}\n    image: rocm/vllm\n    env_file: [{other}, v.env]\n"
        )
    };
    let nix = |other: &str| {
        format!(
            "{{ pkgs, ... }}: {{ imports = [ {other} ]; a = (import {other} {{ inherit pkgs; }}).a or (import ./self.nix); x = \"rocm gfx906 vllm\"; }}\n"
        )
    };
    let files = [
        ("compose.yaml", compose("other.yaml")),
        ("other.yaml", compose("compose.yaml")),
        ("self.yaml", compose("self.yaml")),
        ("v.env", "A=$B\nB=${A}\n".to_owned()),
        ("flake.nix", nix("./b.nix")),
        ("b.nix", nix("./flake.nix")),
        ("self.nix", nix("./self.nix")),
        ("vllm/__init__.py", "from .a import *\nfrom vllm import *\n__version__ = '0.14.1'\n".to_owned()),
        ("vllm/a.py", "from .b import *\nfrom .b import here, __all__\nfrom .a import a\n".to_owned()),
        ("vllm/b.py", "from .a import *\nfrom .a import here\nfrom . import a, b\n__all__ = [*a.__all__]\n".to_owned()),
        ("requirements/rocm.txt", "-r common.txt\n-c rocm.txt\ntorch==2.9.1\n".to_owned()),
        ("requirements/common.txt", "-r rocm.txt\nvllm\n".to_owned()),
        ("a.sh", "source ./b.sh\n. a.sh\nexport PYTORCH_ROCM_ARCH=$ARCH\nbash a.sh\n".to_owned()),
        ("b.sh", ". ./a.sh\nexport ARCH=$PYTORCH_ROCM_ARCH\n./b.sh\n".to_owned()),
        ("cmake/a.cmake", "include(b.cmake)\nset(A \"${B} gfx906\")\nset(B \"${A}\")\nset(A \"${A};${B}\")\n".to_owned()),
        ("cmake/b.cmake", "include(a.cmake)\ninclude(b.cmake)\nset(HIP_ARCH ${HIP_ARCH})\n".to_owned()),
        ("Dockerfile", "ARG A=${B}\nARG B=$A\nFROM $A AS a\nFROM b AS a\nFROM a AS b\nCOPY --from=b . .\nRUN bash a.sh\n".to_owned()),
        ("Dockerfile.base", "FROM x\nCOPY Dockerfile.base Dockerfile\n".to_owned()),
        ("docker-bake.hcl", "variable \"A\" { default = B }\nvariable \"B\" { default = \"${A} gfx906\" }\ntarget \"a\" { inherits = [\"b\"] }\ntarget \"b\" { inherits = [\"a\", \"b\"], args = { GPU_ARCHS = A } }\n".to_owned()),
    ];
    let mut files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    files.push(GAP);
    let found = check(&files);
    assert!(found.contains(&"GFX101 z/CMakeLists.txt:1".to_owned()), "{found:?}");
}

/// Each configuration extends two that extend two: every file counts once, and is read once.
#[test]
fn configurations_that_extend_one_another_are_read_once() {
    let tree = folder(&[GAP.into_bytes()]);
    for at in 0..30 {
        let next = at + 1;
        let text = format!("extends = ['c{next}.toml', 'c{next}.toml']\n");
        write(tree.path(), &if at == 0 { "gfxlint.toml".to_owned() } else { format!("c{at}.toml") }, text.as_bytes());
    }
    write(tree.path(), "c30.toml", b"targets = ['gfx906']\n");
    let (run, spent) = timed(tree.path(), &["check", "--no-cache", "--format", "json"]);
    assert_eq!((run.status, run.rules()), (Some(1), vec!["GFX101".to_owned()]), "{run:?}");
    assert!(spent < LONGEST, "{spent:?}");
    // One more than anybody means.
    for at in 30..60 {
        write(tree.path(), &format!("c{at}.toml"), format!("extends = ['c{}.toml']\n", at + 1).as_bytes());
    }
    let (run, _) = timed(tree.path(), &["check", "--no-cache"]);
    assert_eq!(run.status, Some(2), "{run:?}");
    assert!(run.err.contains("more than 32 configurations extend one another"), "{run:?}");
}

/// One line, or one word, as often as it fits: no part of a run may look at each of them for each of them.
#[test]
fn what_comes_again_and_again_takes_linear_time() {
    for (path, start, again) in [
        ("a.sh", "vllm serve m\n", "("),
        ("a.sh", "vllm serve m\n", "cd a\n"),
        ("a.sh", "vllm serve m\n", "$(("),
        ("a.py", "ARCHS = ['gfx942']\nX = 1\n", "#gfx942 supported\nX\n"),
        ("a.yaml", "PYTORCH_ROCM_ARCH: gfx942\n", "---\n"),
        ("Dockerfile", "FROM rocm/vllm:latest\n", "ARG A\n"),
        ("Dockerfile", "FROM rocm/vllm:latest\n", "ENV A=$A\n"),
        ("Dockerfile", "FROM rocm/vllm:latest\n", "WORKDIR a\n"),
        ("Dockerfile", "FROM rocm/vllm:latest\n", "RUN <<E\n"),
    ] {
        let size = if cfg!(debug_assertions) { 30_000 } else { 100_000 };
        let text = format!("{start}{}", again.repeat(size / again.len()));
        let found = check(&[(path, &text), GAP]);
        assert!(found.contains(&"GFX101 z/CMakeLists.txt:1".to_owned()), "{path} {again:?}: {found:?}");
    }
}

/// A file and its text as bytes.
trait IntoBytes {
    fn into_bytes(self) -> (&'static str, &'static [u8]);
}

impl IntoBytes for (&'static str, &'static str) {
    fn into_bytes(self) -> (&'static str, &'static [u8]) {
        (self.0, self.1.as_bytes())
    }
}
