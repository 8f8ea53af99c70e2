//! What is kept from run to run changes how long a run takes, and nothing else.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use common::{Run, command, write};
use gfxlint::cache::Folder;
use gfxlint::knowledge::Knowledge;
use gfxlint::scan::{Input, Overlay, Purpose, Request, scan_as};
use tempfile::TempDir;

/// Files of no further interest: a cache is used from 100 files on.
const FILLERS: usize = 120;

/// A tree in which one module defines a predicate, another one asks it, and a container file lists a target.
const FILES: &[(&str, &str)] = &[
    ("vllm/__init__.py", "__version__ = '0.14.1'\n"),
    ("vllm/utils.py", "def here():\n    return 1\n"),
    (
        "vllm/platform.py",
        "import torch\n\n\ndef on_matrix_cores():\n    name = torch.cuda.get_device_properties('cuda').gcnArchName\n    return any(arch in name for arch in [\"gfx908\", \"gfx90a\", \"gfx942\"])\n",
    ),
    (
        "vllm/kernels.py",
        "from vllm.platform import on_matrix_cores\nfrom vllm.utils import gone, here\n\n\ndef use():\n    if on_matrix_cores():\n        return here()\n    return gone()\n",
    ),
    ("docker/Dockerfile.rocm", "FROM rocm/dev-ubuntu-22.04:6.4\nENV PYTORCH_ROCM_ARCH=\"gfx90a;gfx942;gfx1201x\"\n"),
    ("docs/caf\u{e9}.md", "\u{feff}# GPUs\n\nOn an MI300X (gfx90a) nothing is to be done.\n"),
    ("setup.py", "from setuptools import setup\nsetup(name='vllm')\n"),
];

struct Tree {
    folder: TempDir,
    caches: TempDir,
}

impl Tree {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in FILES {
            write(folder.path(), path, text.as_bytes());
        }
        for number in 0..FILLERS {
            write(folder.path(), &format!("vllm/more/m{number}.py"), format!("import os\nN = {number}\n").as_bytes());
        }
        Self { folder, caches: tempfile::tempdir().unwrap() }
    }

    fn start(&self, arguments: &[&str]) -> Child {
        let mut command = command(self.folder.path(), arguments);
        command.env("GFXLINT_CACHE_DIR", self.caches.path().join("here"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        ended(self.start(arguments))
    }

    /// What a check says with what is kept; the same as without.
    fn checked(&self) -> Run {
        let arguments = ["check", "--pedantic", "--format", "json"];
        let kept = self.run(&arguments);
        assert_eq!(kept, self.run(&[&arguments[..], &["--no-cache"]].concat()));
        kept
    }

    /// The files that facts are kept in.
    fn caches(&self) -> Vec<PathBuf> {
        self.kept("facts")
    }

    /// The files that findings are kept in.
    fn answers(&self) -> Vec<PathBuf> {
        self.kept("answers")
    }

    fn kept(&self, wanted: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.caches.path().join("here")) else { return Vec::new() };
        let files = entries.map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> =
            files.filter(|path| path.extension().is_some_and(|extension| extension == wanted)).collect();
        files.sort();
        files
    }

    /// Lets go of what runs found, so that the next one works it out from facts that are kept.
    fn forget_answers(&self) {
        self.answers().iter().for_each(|file| fs::remove_file(file).unwrap());
    }

    fn write(&self, path: &str, text: &str) {
        write(self.folder.path(), path, text.as_bytes());
    }
}

fn ended(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Puts a file's time back to what it was before it was written.
fn set_back(path: &Path, to: std::time::SystemTime) {
    fs::File::options().write(true).open(path).unwrap().set_modified(to).unwrap();
}

#[test]
fn what_is_kept_says_the_same() {
    let tree = Tree::new();
    let first = tree.checked();
    assert!(first.rules().contains(&"GFX201".to_owned()), "{first:?}");
    assert_eq!(tree.caches().len(), 1);
    let tag = fs::read_to_string(tree.caches.path().join("here/CACHEDIR.TAG")).unwrap();
    assert!(tag.starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"), "{tag}");
    // Times are too fresh to be trusted at first; later nothing is read but the cache.
    assert_eq!(tree.checked(), first);
    std::thread::sleep(Duration::from_millis(2_100));
    for _ in 0..3 {
        tree.forget_answers();
        assert_eq!(tree.checked(), first);
        assert_eq!(tree.checked(), first);
    }
}

#[test]
fn a_change_is_seen_whatever_its_time_says() {
    let tree = Tree::new();
    std::thread::sleep(Duration::from_millis(2_100));
    let first = tree.checked();
    let path = tree.folder.path().join("vllm/kernels.py");
    let time = path.metadata().unwrap().modified().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("gone", "here")).unwrap();
    set_back(&path, time);
    let second = tree.checked();
    assert_ne!(first, second);
    assert!(!second.rules().contains(&"GFX201".to_owned()), "{second:?}");
}

#[test]
fn what_one_file_defines_is_followed_into_files_that_did_not_change() {
    let tree = Tree::new();
    let knowledge = Knowledge::embedded().unwrap();
    let folder = Folder::at(tree.caches.path().join("own"));
    let overlay = Overlay::new();
    let sites = |cache: Option<&Folder>| {
        let input = Input::Paths(vec![tree.folder.path().to_path_buf()]);
        let request = Request { purpose: Purpose::Rules, input, against: None, overlay: &overlay, cache };
        format!("{:#?}", scan_as(request, &knowledge).unwrap().sites())
    };
    let first = sites(Some(&folder));
    assert!(first.contains("symbol: \"use\""), "{first}");
    let platform = FILES.iter().find(|(path, _)| *path == "vllm/platform.py").unwrap().1;
    for text in
        [platform.replace("on_matrix_cores", "on_cores"), platform.replace("gfx908", "gfx906"), platform.to_owned()]
    {
        let before = sites(Some(&folder));
        tree.write("vllm/platform.py", &text);
        let after = sites(Some(&folder));
        assert_ne!(after, before);
        assert_eq!(after, sites(None));
    }
    assert_eq!(sites(Some(&folder)), first);
}

#[test]
fn files_come_and_go() {
    let tree = Tree::new();
    let first = tree.checked();
    tree.write("vllm/new.py", "from vllm.utils import nowhere\n");
    let second = tree.checked();
    assert_ne!(first, second);
    fs::remove_file(tree.folder.path().join("vllm/new.py")).unwrap();
    assert_eq!(tree.checked(), first);
    fs::remove_file(tree.folder.path().join("vllm/utils.py")).unwrap();
    assert!(tree.checked().rules().contains(&"GFX202".to_owned()));
}

#[test]
fn a_damaged_cache_is_as_none() {
    let tree = Tree::new();
    let first = tree.checked();
    let cache = tree.caches().remove(0);
    let whole = fs::read(&cache).unwrap();
    let mut damaged: Vec<Vec<u8>> =
        [0, 1, 7, 8, 20, 31, 32, 100, whole.len() - 1].map(|end| whole[..end].to_vec()).into();
    for at in [0, 9, 17, 25, 40, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        damaged.push(bytes);
    }
    for bytes in damaged {
        fs::write(&cache, &bytes).unwrap();
        assert_eq!(tree.checked(), first);
        tree.forget_answers();
        assert_eq!(tree.checked(), first);
        assert_ne!(fs::read(&cache).unwrap(), bytes, "it was written anew");
    }
}

#[test]
fn runs_side_by_side_agree() {
    let tree = Tree::new();
    let arguments = ["check", "--pedantic", "--format", "json"];
    let alone = tree.run(&[&arguments[..], &["--no-cache"]].concat());
    for _ in 0..3 {
        let all: Vec<Child> = (0..6).map(|_| tree.start(&arguments)).collect();
        for child in all {
            assert_eq!(ended(child), alone);
        }
    }
    let here = fs::read_dir(tree.caches.path().join("here")).unwrap();
    assert_eq!(here.count(), 3, "facts, answers and the tag");
}

#[test]
fn a_folder_that_cannot_be_written_is_no_failure() {
    let tree = Tree::new();
    // A file stands where the folder should be.
    write(tree.caches.path(), "here", b"");
    let run = tree.checked();
    assert_eq!(run.err, "");
    assert_eq!(fs::read(tree.caches.path().join("here")).unwrap(), b"");
}

#[test]
fn without_a_cache_nothing_is_written() {
    let tree = Tree::new();
    tree.run(&["check", "--no-cache"]);
    tree.run(&["audit", "--arch", "gfx942"]);
    tree.run(&["facts"]);
    assert!(!tree.caches.path().join("here").exists());
}

#[test]
fn one_file_is_judged_by_what_is_kept_of_the_others() {
    let tree = Tree::new();
    fs::create_dir(tree.folder.path().join(".git")).unwrap();
    let arguments = ["check", "--format", "json", "vllm/kernels.py"];
    let first = tree.run(&arguments);
    assert_eq!(first.rules(), ["GFX201"]);
    assert_eq!(tree.caches().len(), 1);
    assert_eq!(tree.run(&arguments), first);
    tree.write("vllm/utils.py", "def here():\n    return 1\n\n\ndef gone():\n    return 2\n");
    assert_eq!(tree.run(&arguments).rules(), Vec::<String>::new());
    // A run on all of the repository shares it.
    tree.checked();
    assert_eq!(tree.caches().len(), 1);
}

#[test]
fn clean_removes_caches_and_nothing_else() {
    let tree = Tree::new();
    tree.checked();
    let here = tree.caches.path().join("here");
    write(&here, "letter.txt", b"mine");
    let run = tree.run(&["clean"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(run.out.starts_with("Removed 2 files ("), "{run:?}");
    assert_eq!(fs::read(here.join("letter.txt")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(&here).unwrap().count(), 1);
    assert!(tree.run(&["clean"]).out.starts_with("No caches in "));
    fs::remove_file(here.join("letter.txt")).unwrap();
    tree.checked();
    tree.run(&["clean"]);
    assert!(!here.exists());
}

#[test]
fn the_same_is_answered_once_and_anything_else_anew() {
    let tree = Tree::new();
    let run = |arguments: &[&str]| {
        let arguments = [&["check", "--format", "pretty"][..], arguments].concat();
        let kept = tree.run(&arguments);
        assert_eq!(kept, tree.run(&[&arguments[..], &["--no-cache"]].concat()), "{arguments:?}");
        kept
    };
    let size = || tree.answers().first().map_or(0, |file| fs::metadata(file).unwrap().len());
    let first = run(&[]);
    let one = size();
    assert_eq!(run(&[]), first);
    assert_eq!(size(), one, "it was known");
    let questions: [&[&str]; 7] = [
        &["--select", "GFX1,GFX2"],
        &["--ignore", "GFX201"],
        &["--arch", "gfx908"],
        &["--pedantic"],
        &["--no-suppressions"],
        &["vllm/kernels.py"],
        &["vllm"],
    ];
    fs::create_dir(tree.folder.path().join(".git")).unwrap();
    run(&[]);
    let mut before = size();
    for question in &questions[..6] {
        run(question);
        assert!(size() > before, "{question:?} is another question");
        before = size();
        run(question);
        assert_eq!(size(), before, "{question:?} was known");
    }
    run(questions[6]);
    // What the configuration says is part of a question, and so is a folder that nothing lies in.
    tree.write("gfxlint.toml", "[severity]\nGFX201 = \"note\"\n");
    assert_ne!(run(&[]), first);
    tree.write("gfxlint.toml", "[[per-path]]\npaths = [\"vllm/**\"]\nignore = [\"GFX201\"]\n");
    assert!(!run(&[]).out.contains("GFX201"));
    fs::remove_file(tree.folder.path().join("gfxlint.toml")).unwrap();
    assert_eq!(run(&[]), first);
    fs::remove_file(tree.folder.path().join("vllm/utils.py")).unwrap();
    let without = run(&[]);
    fs::create_dir(tree.folder.path().join("vllm/utils")).unwrap();
    assert_ne!(run(&[]), without, "an empty folder is a package without files");
}

#[test]
fn a_damaged_answer_is_as_none() {
    let tree = Tree::new();
    let first = tree.checked();
    let file = tree.answers().remove(0);
    let whole = fs::read(&file).unwrap();
    for at in [0, 8, 16, 24, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        for bytes in [&bytes[..], &whole[..at]] {
            fs::write(&file, bytes).unwrap();
            assert_eq!(tree.checked(), first);
            assert_ne!(fs::read(&file).unwrap(), bytes, "it was written anew");
        }
    }
}

#[test]
fn changes_that_are_not_written_down_yet_are_seen() {
    let tree = Tree::new();
    std::thread::sleep(Duration::from_millis(2_100));
    let first = tree.checked();
    // A few changed files do not make the facts be written anew; bytes that were seen before are known all the same.
    let utils = FILES.iter().find(|(path, _)| *path == "vllm/utils.py").unwrap().1;
    tree.write("vllm/utils.py", &format!("\u{feff}{utils}\n\ndef gone():\n    return 2\n"));
    let second = tree.checked();
    assert_ne!(second, first);
    assert_eq!(tree.checked(), second);
    fs::write(tree.folder.path().join("vllm/utils.py"), b"# \xff gfx942\n").unwrap();
    assert!(tree.checked().rules().contains(&"GFX903".to_owned()));
    tree.write("vllm/utils.py", utils);
    assert_eq!(tree.checked(), first);
}
