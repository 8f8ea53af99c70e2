//! Trees and patches for reviews, and what their documents say.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{testdata, write};

/// A copy of the small tree.
pub fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&testdata().join("mini-vllm"), folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The text of a file.
pub fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

/// The diff of a whole file; an empty text stands for a file that is not there.
pub fn diff(path: &str, old: &str, new: &str) -> String {
    let (before, after) = (old.lines().count(), new.lines().count());
    let name = |side: &str, text: &str| if text.is_empty() { "/dev/null".to_owned() } else { format!("{side}/{path}") };
    let start = |count: usize| usize::from(count > 0);
    let mut out = format!(
        "diff --git a/{path} b/{path}\n--- {}\n+++ {}\n@@ -{},{before} +{},{after} @@\n",
        name("a", old),
        name("b", new),
        start(before),
        start(after)
    );
    out.extend(old.lines().map(|line| format!("-{line}\n")));
    out.extend(new.lines().map(|line| format!("+{line}\n")));
    out
}

/// The diff that replaces a part of a file.
pub fn edit(folder: &Path, path: &str, from: &str, to: &str) -> String {
    let old = read(folder, path);
    assert!(old.contains(from), "{path} holds {from}");
    diff(path, &old, &old.replacen(from, to, 1))
}

/// `path:line` of each entry of a list.
pub fn places(document: &Value, list: &str) -> Vec<String> {
    let entries = document[list].as_array().unwrap();
    entries.iter().map(|entry| format!("{}:{}", entry["path"].as_str().unwrap(), entry["line"])).collect()
}

/// One value of each entry of a list.
pub fn texts(document: &Value, list: &str, key: &str) -> Vec<String> {
    document[list].as_array().unwrap().iter().map(|entry| entry[key].as_str().unwrap_or_default().to_owned()).collect()
}

/// A tree with a name that two other files import.
pub fn importers() -> TempDir {
    let tree = tree();
    write(tree.path(), "vllm/utils.py", b"def supports_xccl():\n    return False\n\n\ndef other():\n    return 1\n");
    write(tree.path(), "vllm/a.py", b"from vllm.utils import supports_xccl\n");
    write(tree.path(), "vllm/b.py", b"import os\n\nfrom vllm.utils import other, supports_xccl\n");
    tree
}

/// The layers of the gaps, in order.
pub fn layers(document: &Value) -> Vec<String> {
    let mut layers = texts(document, "gaps", "layer");
    layers.dedup();
    layers
}
