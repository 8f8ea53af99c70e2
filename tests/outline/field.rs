//! Every Python file of every release in the corpus.

use std::path::{Path, PathBuf};

use gfxlint::lang::python::outline;
use rayon::prelude::*;

use crate::{oracle, view};

/// The folder that holds the unpacked releases.
fn corpus() -> PathBuf {
    match std::env::var_os("GFXLINT_CORPUS") {
        Some(path) => path.into(),
        None => Path::new(&std::env::var_os("HOME").unwrap_or_default()).join(".cache/gfxlint-corpus"),
    }
}

#[test]
#[ignore = "needs the releases in GFXLINT_CORPUS"]
fn outline_and_parse_agree_on_every_file_of_every_release() {
    let files: Vec<PathBuf> = walkdir::WalkDir::new(corpus())
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    assert!(!files.is_empty(), "no Python below {}", corpus().display());
    let reports: Vec<Option<String>> = files.par_iter().map(|path| report(path)).collect();
    let compared = reports.iter().flatten().count();
    let wrong: Vec<&String> = reports.iter().flatten().filter(|report| !report.is_empty()).collect();
    let shown: Vec<&str> = wrong.iter().take(20).map(|report| report.as_str()).collect();
    assert!(wrong.is_empty(), "{} of {compared} files differ:\n{}", wrong.len(), shown.join("\n"));
    assert!(compared * 100 > files.len() * 99, "only {compared} of {} files can be compared", files.len());
}

/// How a file's outlines differ; none where the oracle cannot tell.
fn report(path: &Path) -> Option<String> {
    let text = String::from_utf8(std::fs::read(path).ok()?).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let expected = oracle::view(text)?;
    let read = outline::read(text);
    let mut differences = view::of(&read).differences(&expected);
    if !read.syntax_ok {
        differences.push("it is Python".to_owned());
    }
    Some(if differences.is_empty() {
        String::new()
    } else {
        format!("{}\n    {}", path.display(), differences.join("\n    "))
    })
}
