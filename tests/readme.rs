//! What README.md shows is what the program says. To refresh: `INSTA_UPDATE=always cargo test --test readme`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;

use common::run;

/// Every console block: its command, and the block as it should read.
fn refreshed(readme: &str) -> (String, usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut out, mut count) = (String::new(), 0);
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        out += &format!("{line}\n");
        if line != "```console" {
            continue;
        }
        let command = lines
            .next()
            .and_then(|line| line.strip_prefix("$ gfxlint "))
            .expect("a console block starts with its command");
        let run = run(root, &words(command));
        assert!(run.err.is_empty() && matches!(run.status, Some(0 | 1)), "{command}: {run:?}");
        out += &format!("$ gfxlint {command}\n{}```\n", run.out);
        lines.by_ref().find(|line| *line == "```").expect("a console block ends");
        count += 1;
    }
    (out, count)
}

/// Splits a command at spaces, except in quotes.
fn words(command: &str) -> Vec<&str> {
    let quoted = command.split('"').enumerate();
    quoted.flat_map(|(at, part)| if at % 2 == 1 { vec![part] } else { part.split_whitespace().collect() }).collect()
}

#[test]
fn output_in_the_readme_is_what_the_program_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (wanted, count) = refreshed(&readme);
    assert!(count >= 3, "{count} console blocks");
    if std::env::var("INSTA_UPDATE").is_ok_and(|wish| wish == "always") {
        fs::write(&path, wanted).unwrap();
    } else {
        assert_eq!(readme, wanted, "refresh with INSTA_UPDATE=always cargo test --test readme");
    }
}

#[test]
fn the_readme_names_what_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let help = run(root, &["--help"]).out;
    for command in ["check", "audit", "facts", "explain", "rules", "arch"] {
        assert!(
            help.contains(&format!("  {command} ")) && readme.contains(&format!("| `gfxlint {command}")),
            "{command}"
        );
    }
    let marks: Vec<&str> = readme.lines().filter(|line| line.starts_with("<!-- set-up: ")).collect();
    assert_eq!(marks, ["<!-- set-up: run -->", "<!-- set-up: test -->"], "exactly two set-up commands");
    for path in [
        "LICENSE",
        "benches/compare.py",
        ".ci/run",
        "rules/knowledge/arches.toml",
        "rules/knowledge/components.toml",
        "rules/knowledge/kernels.toml",
        "testdata/mini-vllm",
    ] {
        assert!(root.join(path).exists() && readme.contains(path.rsplit('/').next().unwrap()), "{path}");
    }
}
