//! What a configuration says, and what is an error in one.

use std::fs;
use std::path::{Path, PathBuf};

use super::Config;
use crate::discover::shown;
use crate::error::RunError;
use crate::knowledge::Knowledge;
use crate::report::Style;
use crate::report::failure;
use crate::rules::RuleSet;

struct Tree(tempfile::TempDir);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn root(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    fn read(&self, start: &str) -> Result<Config, RunError> {
        let root = self.root();
        let config = Config::find(&root.join(start), |path: &Path| shown(path.strip_prefix(&root).unwrap_or(path)))?;
        config.check(&RuleSet::default(), &Knowledge::embedded()?)?;
        Ok(config)
    }
}

fn told(config: &Result<Config, RunError>) -> String {
    let style = Style { color: false, unicode: true, width: 100 };
    config.as_ref().err().map(|error| failure(error, &style)).unwrap_or_default()
}

#[test]
fn the_nearest_file_upward_holds_and_the_repository_ends_the_search() {
    let tree = Tree::new(&[
        ("gfxlint.toml", "ignore = ['GFX1']"),
        ("a/pyproject.toml", "[project]\nname = 'x'\n"),
        ("a/b/pyproject.toml", "[tool.gfxlint]\nselect = ['GFX2']\n"),
        ("a/b/c/d/x.py", ""),
        ("repo/.git/HEAD", ""),
        ("repo/x.py", ""),
    ]);
    let files = |start: &str| tree.read(start).unwrap().files.iter().map(|file| file.shown.clone()).collect::<Vec<_>>();
    assert_eq!(files("a/b/c/d/x.py"), ["a/b/pyproject.toml"]);
    assert_eq!(files("a"), ["gfxlint.toml"]);
    assert_eq!(files("repo/x.py"), Vec::<String>::new());
    assert_eq!(files("missing"), Vec::<String>::new());
}

#[test]
fn what_a_file_extends_holds_where_it_says_nothing_itself() {
    let tree = Tree::new(&[
        (".git/HEAD", ""),
        ("base.toml", "targets = ['gfx906']\nignore = ['GFX1']\nexclude = ['/x']\npedantic = true\n"),
        (
            "sub/gfxlint.toml",
            "extends = '../base.toml'\ntargets = ['MI300X']\nselect = ['arch-gap']\nexclude = ['/y']\n",
        ),
    ]);
    let config = tree.read("sub").unwrap();
    assert_eq!(config.targets.as_ref().unwrap().value, ["MI300X"]);
    assert_eq!(config.targets.as_ref().unwrap().origin.describe(), "sub/gfxlint.toml:2");
    assert_eq!(config.pedantic.as_ref().unwrap().origin.describe(), "base.toml:4");
    assert!(config.selection().contains(RuleSet::default().find("GFX101").unwrap()));
    assert!(!config.selection().contains(RuleSet::default().find("GFX102").unwrap()));
    let exclude = config.exclude().unwrap();
    let root = tree.root();
    for (path, covered) in [("x", true), ("y", false), ("sub/y", true), ("sub/x", false)] {
        assert_eq!(exclude.covers(&root.join(path)), covered, "{path}");
    }
}

#[test]
fn what_means_nothing_is_shown_with_its_place() {
    let all: Vec<String> = [
        "selct = ['GFX1']",
        "arch = ['gfx906']",
        "wibble = 1",
        "select = 'GFX1'",
        "select = ['GFX1', 2]",
        "select = ['GFX777']",
        "ignore = ['arch-gpa']",
        "select = ['GFX101']\nignore = ['gfx101']",
        "pedantic = 'yes'",
        "targets = ['gfx9999']",
        "targets = ['gfx90a', '']",
        "fail-on = 'warnings'",
        "[severity]\nGFX101 = 'off'",
        "[severity]\nGFX101 = 'fatal'",
        "[severity]\nGFX101 = 'error'\narch-gap = 'note'",
        "[versions]\nvllm = 'new'",
        "[versions]\ntorch = '2.9'",
        "[per-path]\npaths = ['x']",
        "[[per-path]]\nignore = ['GFX1']",
        "[[per-path]]\npaths = ['x']\ntargets = ['gfx9999']",
        "exclude = ['[a']",
        "select = [\n",
        "select = ['GFX1']\nselect = ['GFX2']",
        "extends = 'missing.toml'",
        "extends = '../outside.toml'",
        "extends = '/etc/passwd'",
        "extends = 'gfxlint.toml'",
        "rules = ['missing']",
        "rules = ['gfxlint.toml']",
        "knowledge = ['..']",
        "baseline = '../baseline.json'",
    ]
    .iter()
    .map(|text| {
        let tree = Tree::new(&[(".git/HEAD", ""), ("gfxlint.toml", text)]);
        let config = tree.read(".");
        assert!(config.is_err(), "{text}");
        told(&config)
    })
    .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_project_file_is_read_from_its_own_table() {
    let text =
        "[project]\nname = 'x'\n\n[tool.gfxlint]\nselect = ['GFX1']\n\n[tool.gfxlint.severity]\nGFX101 = 'error'\n";
    let tree = Tree::new(&[("pyproject.toml", text)]);
    let config = tree.read(".").unwrap();
    assert_eq!(config.layers[0].select[0].origin.describe(), "pyproject.toml:5");
    assert_eq!(config.severity[0].origin.describe(), "pyproject.toml:8");
    let broken = Tree::new(&[("pyproject.toml", "[tool]\ngfxlint = 3\n")]);
    assert!(told(&broken.read(".")).is_empty(), "no table of ours is meant");
    let broken = Tree::new(&[("pyproject.toml", "[tool.gfxlint]\nselect = 3\n")]);
    assert!(told(&broken.read(".")).contains("pyproject.toml:2:10"), "{}", told(&broken.read(".")));
}

#[test]
fn circles_are_told_with_all_their_links() {
    let tree = Tree::new(&[
        (".git/HEAD", ""),
        ("gfxlint.toml", "extends = ['a.toml']"),
        ("a.toml", "extends = ['sub/b.toml', 'c.toml']"),
        ("sub/b.toml", "pedantic = true"),
        ("c.toml", "extends = 'sub/../gfxlint.toml'"),
    ]);
    let told = told(&tree.read("."));
    assert!(told.contains("extends itself: gfxlint.toml -> a.toml -> c.toml -> gfxlint.toml"), "{told}");
    let diamond = Tree::new(&[
        (".git/HEAD", ""),
        ("gfxlint.toml", "extends = ['a.toml', 'b.toml']"),
        ("a.toml", "extends = 'c.toml'"),
        ("b.toml", "extends = 'c.toml'"),
        ("c.toml", "exclude = ['x']"),
    ]);
    assert_eq!(diamond.read(".").unwrap().exclude.len(), 1);
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out() {
    let outside = Tree::new(&[("secret.toml", "wibble = 'secret'")]);
    let tree = Tree::new(&[(".git/HEAD", ""), ("gfxlint.toml", "extends = 'link.toml'")]);
    std::os::unix::fs::symlink(outside.root().join("secret.toml"), tree.root().join("link.toml")).unwrap();
    let told = told(&tree.read("."));
    assert!(told.contains("leads out of the repository") && !told.contains("wibble"), "{told}");
}
