//! Nothing outside of a tree is read or written because a file in the tree says so.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::common::{Run, folder, run, write};

/// What stands in a file that is nobody's business.
const SECRET: &str = "token-7d1f";

/// A repository, and beside it a folder that does not belong to it.
fn home(files: &[(&str, &[u8])]) -> TempDir {
    let home = folder(files);
    write(home.path(), "tree/.git/HEAD", b"ref: refs/heads/main\n");
    write(home.path(), "outside/secret.toml", format!("{SECRET} =\n").as_bytes());
    write(home.path(), "outside/secret.json", SECRET.as_bytes());
    write(home.path(), "outside/secret.py", format!("ARCHS = ['gfx942']\nx = = '{SECRET}'\n").as_bytes());
    write(home.path(), "outside/rules/secret.toml", format!("id = '{SECRET}'\n").as_bytes());
    write(home.path(), "outside/knowledge/arches.toml", format!("{SECRET} =\n").as_bytes());
    write(home.path(), "tree/run.sh", b"vllm serve m --dtype bf16\n");
    home
}

fn refused(home: &TempDir, arguments: &[&str], case: &str) -> Run {
    let run = run(&home.path().join("tree"), arguments);
    assert_eq!(run.status, Some(2), "{case}: {run:?}");
    assert!(!format!("{}{}", run.out, run.err).contains(SECRET), "{case}: {run:?}");
    run
}

#[cfg(unix)]
fn link(home: &TempDir, target: &str, name: &str) {
    let path = home.path().join("tree").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(target, path).unwrap();
}

/// Every file as it is, by path.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() { contents(&path) } else { vec![(path.display().to_string(), fs::read(&path).unwrap())] }
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_configuration_names_nothing_outside() {
    for (key, inside) in
        [("extends", "secret.toml"), ("rules", "rules"), ("knowledge", "knowledge"), ("baseline", "secret.json")]
    {
        let home = home(&[]);
        let outside = home.path().join("outside").join(inside);
        for named in
            [format!("../outside/{inside}"), format!("a/../../outside/{inside}"), outside.display().to_string()]
        {
            let value = if key == "baseline" { format!("'{named}'") } else { format!("['{named}']") };
            write(home.path(), "tree/gfxlint.toml", format!("{key} = {value}\n").as_bytes());
            write(home.path(), "tree/a/x", b"");
            let run = refused(&home, &["check"], &format!("{key} = {value}"));
            assert!(run.err.contains("gfxlint.toml:1:"), "{run:?}");
            let before = contents(&home.path().join("outside"));
            refused(&home, &["baseline", "write"], &format!("{key} = {value}"));
            assert_eq!(contents(&home.path().join("outside")), before);
        }
    }
}

#[cfg(unix)]
#[test]
fn links_lead_a_configuration_nowhere() {
    for (key, target, name) in [
        ("extends = ['other.toml']", "../outside/secret.toml", "other.toml"),
        ("rules = ['own']", "../outside/rules", "own"),
        ("knowledge = ['own']", "../outside/knowledge", "own"),
        ("knowledge = ['own']", "../../outside/knowledge/arches.toml", "own/arches.toml"),
        ("baseline = 'known.json'", "../outside/secret.json", "known.json"),
        ("baseline = 'known.json'", "../outside/new.json", "known.json"),
        ("baseline = 'own/known.json'", "../outside", "own"),
    ] {
        let home = home(&[]);
        write(home.path(), "tree/gfxlint.toml", format!("{key}\n").as_bytes());
        link(&home, target, name);
        let before = contents(&home.path().join("outside"));
        for arguments in [&["check"][..], &["baseline", "write"], &["config"]] {
            refused(&home, arguments, key);
        }
        assert_eq!(contents(&home.path().join("outside")), before, "{key}");
    }
    let home = home(&[]);
    link(&home, "../outside/secret.toml", "gfxlint.toml");
    let run = refused(&home, &["check"], "the configuration itself");
    assert!(run.err.contains("leads out of the repository"), "{run:?}");
}

/// A link named like the usual baseline is not written through; one that is named is.
#[cfg(unix)]
#[test]
fn a_baseline_that_nobody_named_is_not_written_through_a_link() {
    let home = home(&[]);
    link(&home, "../outside/secret.json", "gfxlint-baseline.json");
    let run_ = refused(&home, &["baseline", "write"], "usual");
    assert!(run_.err.contains("--baseline gfxlint-baseline.json"), "{run_:?}");
    let named = run(&home.path().join("tree"), &["baseline", "write", "--baseline", "gfxlint-baseline.json"]);
    assert_eq!(named.status, Some(0), "{named:?}");
    assert!(fs::read_to_string(home.path().join("outside/secret.json")).unwrap().contains("\"findings\""));
}

/// Folders of rules hold files, not ways to others.
#[cfg(unix)]
#[test]
fn links_in_a_folder_of_rules_are_not_followed() {
    let home = home(&[("tree/gfxlint.toml", b"rules = ['own']\n"), ("tree/own/readme", b"")]);
    link(&home, "../../outside/rules/secret.toml", "own/linked.toml");
    link(&home, "../../outside/rules", "own/folder");
    let run = run(&home.path().join("tree"), &["check"]);
    assert_eq!((run.status, run.err.as_str()), (Some(1), ""), "{run:?}");
}

#[cfg(unix)]
#[test]
fn links_out_of_a_tree_are_not_followed() {
    let home = home(&[]);
    link(&home, "../outside/secret.py", "linked.py");
    link(&home, "../outside", "folder");
    for command in ["check", "facts"] {
        let run = run(&home.path().join("tree"), &[command, "--pedantic"]);
        assert!(
            !run.out.contains(SECRET) && !run.out.contains("linked.py") && !run.out.contains("secret.py"),
            "{run:?}"
        );
    }
    let before = contents(&home.path().join("outside"));
    write(home.path(), "outside/run.sh", b"vllm serve m --dtype bf16\n");
    link(&home, "../outside/run.sh", "other.sh");
    let fixed = run(&home.path().join("tree"), &["check", "--fix"]);
    assert_eq!(fixed.status, Some(0), "{fixed:?}");
    assert_eq!(fs::read(home.path().join("outside/run.sh")).unwrap(), b"vllm serve m --dtype bf16\n");
    assert_eq!(contents(&home.path().join("outside")).len(), before.len() + 1);
}

/// Paths in a patch count from the tree; a file outside is neither read nor asked for.
#[test]
fn a_patch_names_nothing_outside() {
    let home = home(&[]);
    let absolute = home.path().join("outside/secret.json").display().to_string();
    let told = |path: &str, side: &str| {
        let patch = match side {
            "old" => format!("--- {path}\n+++ {path}\n@@ -1 +1 @@\n-{SECRET}\n+x\n"),
            "new" => format!("--- /dev/null\n+++ {path}\n@@ -0,0 +1 @@\n+x\n"),
            _ => format!("diff --git a/run.sh {path}\nrename from run.sh\nrename to {path}\n"),
        };
        write(home.path(), "p.diff", patch.as_bytes());
        let run = run(&home.path().join("tree"), &["review", "--patch", "../p.diff"]);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{path}: {run:?}");
        run.err
    };
    for path in ["a/../../outside/secret.json", "../outside/secret.json", "b/a/../../../outside/secret.json", &absolute]
    {
        for side in ["old", "new", "rename"] {
            let told = told(path, side);
            assert!(told.contains("outside of the tree"), "{path} {side}: {told}");
        }
    }
    // What is there and what is not are told the same.
    let missing = told("../outside/missing", "old");
    assert_eq!(told("../outside/secret.json", "old").replace("secret.json", "missing"), missing);
}

#[cfg(unix)]
#[test]
fn a_patch_does_not_reach_through_links() {
    let home = home(&[]);
    link(&home, "../outside", "way");
    link(&home, "../outside/secret.json", "file.json");
    for path in ["way/secret.json", "file.json"] {
        let patch = format!("--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-{SECRET}\n\\ No newline at end of file\n+x\n");
        write(home.path(), "p.diff", patch.as_bytes());
        let run = run(&home.path().join("tree"), &["review", "--patch", "../p.diff"]);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{path}: {run:?}");
        assert!(run.err.contains("outside of the tree"), "{path}: {run:?}");
    }
}
