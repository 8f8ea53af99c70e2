//! The operating system: readers that go away, disks that are full, runs that are ended, files that change meanwhile.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::common::{command, folder, run, write};

/// A launch with one safe fix, and what it becomes.
const MISSPELT: &[u8] = b"#!/bin/sh\nexport VLLM_ROCM_USE_AITER=1\nvllm serve m --dtype bf16\n";
const MENDED: &[u8] = b"#!/bin/sh\nexport VLLM_ROCM_USE_AITER=1\nvllm serve m --dtype bfloat16\n";

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

/// Output is far longer than what a pipe holds, and is read for a byte.
#[test]
fn a_reader_that_stops_in_the_middle_is_no_failure() {
    let tree = folder(&[("run.sh", &MISSPELT.repeat(3_000)[..])]);
    for format in ["pretty", "concise", "json"] {
        let mut child = command(tree.path(), &["check", "--format", format])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut byte = [0];
        child.stdout.take().unwrap().read_exact(&mut byte).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), &b""[..]), "{format}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_has_status_2() {
    let tree = folder(&[("run.sh", MISSPELT)]);
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for arguments in
        [&["check"][..], &["facts"], &["audit", "--arch", "gfx942"], &["rules"], &["schema"], &["check", "--diff"]]
    {
        let output = command(tree.path(), arguments).stdout(full()).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains("cannot write standard output") && told.contains("No space left"), "{told}");
    }
    let named = run(tree.path(), &["check", "--output", "/dev/full"]);
    assert_eq!((named.status, named.out.as_str()), (Some(2), ""), "{named:?}");
    assert!(named.err.contains("/dev/full"), "{named:?}");
    // Nobody hears of a standard error that takes nothing; the status tells.
    let deaf = command(tree.path(), &["check", "missing"]).stderr(full()).output().unwrap();
    assert_eq!(deaf.status.code(), Some(2));
}

/// The program where files may not grow beyond a limit, in blocks of 512 bytes: every write that would grow one fails, as
/// on a full disk.
#[cfg(target_os = "linux")]
fn limited(folder: &Path, arguments: &[&str], blocks: u32) -> std::process::Output {
    let plain = command(folder, arguments);
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut limited = Command::new("sh");
    limited.args(["-c", &script]).arg(plain.get_program()).args(plain.get_args()).current_dir(folder).env_clear();
    limited.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_old_files_as_they_were() {
    let long = [MISSPELT, &b"# more than fits\n".repeat(100)].concat();
    let tree = folder(&[("run.sh", &long), ("old.json", b"old"), ("known.json", b"old")]);
    for arguments in [
        &["check", "--format", "json", "--output", "old.json"][..],
        &["check", "--fix"],
        &["baseline", "write", "--baseline", "known.json"],
    ] {
        let output = limited(tree.path(), arguments, 0);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains("File too large"), "{arguments:?}: {told}");
        assert_eq!(names(tree.path()), ["known.json", "old.json", "run.sh"], "{arguments:?}");
        assert_eq!(fs::read(tree.path().join("run.sh")).unwrap(), long, "{arguments:?}");
        for old in ["old.json", "known.json"] {
            assert_eq!(fs::read(tree.path().join(old)).unwrap(), b"old", "{arguments:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_cache_that_finds_no_room_is_no_failure() {
    let files: Vec<(String, &[u8])> = (0..150).map(|at| (format!("m{at}.py"), &b"import os\n"[..])).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let tree = folder(&files);
    let plain = run(tree.path(), &["check", "--no-cache"]);
    let output = limited(tree.path(), &["check"], 0);
    assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap()), (plain.status, plain.out));
    assert_eq!(output.stderr, b"");
}

/// Whenever a run that fixes is ended, each file is what it was or what it was to become.
#[test]
fn a_fix_that_is_interrupted_leaves_no_half_file() {
    let (old, new) = (MISSPELT.repeat(40), MENDED.repeat(40));
    let mut both = [false; 2];
    for delay in (0..10).map(|step| Duration::from_millis(20 * step)) {
        let tree = folder(&[]);
        for at in 0..40 {
            write(tree.path(), &format!("run{at}.sh"), &old);
        }
        let mut child = command(tree.path(), &["check", "--fix", "--no-cache"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(delay);
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().unwrap();
        for at in 0..40 {
            let text = fs::read(tree.path().join(format!("run{at}.sh"))).unwrap();
            assert!(text == old || text == new, "run{at}.sh after {delay:?} is {} bytes long", text.len());
            both[usize::from(text == new)] = true;
        }
    }
    assert!(both[0], "the first is ended before it writes");
}

/// Other programs write, cut, remove and put back while a run reads.
#[test]
fn files_that_change_or_go_during_a_run_do_no_harm() {
    let tree = folder(&[("vllm/__init__.py", b"__version__ = '0.14.1'\n")]);
    let path = |at: usize| tree.path().join(format!("vllm/m{at}.py"));
    let text =
        |at: usize| format!("from vllm.m{} import gone\nARCHS = [\"gfx90a\", \"gfx942\"]  # \u{e9}\n", (at + 1) % 60);
    (0..60).for_each(|at| fs::write(path(at), text(at)).unwrap());
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut step = 0;
            while !is_over.load(Ordering::Relaxed) {
                let at = step * 7 % 60;
                // What is not there cannot be removed twice; that is no matter here.
                let _ = match step % 4 {
                    0 => fs::remove_file(path(at)),
                    1 => fs::write(path(at), &text(at).as_bytes()[..step % 50]),
                    2 => fs::write(path(at), text(at).replace("gfx", "\u{e9}gfx")),
                    _ => fs::write(path(at), text(at)),
                };
                step += 1;
            }
        });
        for format in ["pretty", "json", "sarif", "pretty", "json", "sarif"] {
            for more in [&["--no-cache"][..], &[]] {
                let arguments = [&["check", "--arch", "gfx906", "--pedantic", "--format", format][..], more].concat();
                let run = run(tree.path(), &arguments);
                assert!(matches!(run.status, Some(0 | 1)) && run.err.is_empty(), "{arguments:?}: {run:?}");
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

/// A pipe that nobody writes to would keep a reader waiting for ever.
#[cfg(unix)]
#[test]
fn pipes_in_a_tree_are_not_opened() {
    let tree = folder(&[("run.sh", MISSPELT)]);
    let names = ["pipe.py", "Dockerfile", "gfxlint.toml", "pyproject.toml", ".gitignore", "flake.lock"];
    let made = Command::new("mkfifo").args(names).current_dir(tree.path()).status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    let mut child = command(tree.path(), &["check"]).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    for _ in 0..600 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    // Where it still waits, it is ended here and has no status.
    let _ = child.kill();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}
