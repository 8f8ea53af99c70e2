//! What is fuzzed: one function a target, which the fuzzer and the ordinary tests call alike.
//!
//! A front end's target goes the whole way of a check: facts, joins, rules, fixes round by round, and every report. So a
//! fault anywhere behind the bytes of a file shows.

#![allow(clippy::expect_used, reason = "what does not hold here is what fuzzing looks for")]

mod tree;

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use gfxlint::arch::ArchSet;
use gfxlint::baseline::Baseline;
use gfxlint::config::{Config, Policy};
use gfxlint::context::{Context, Options};
use gfxlint::engine::Plan;
use gfxlint::facts::Date;
use gfxlint::finding::{Applicability, Finding};
use gfxlint::fix::{self, Fixer};
use gfxlint::knowledge::Knowledge;
use gfxlint::lang::{Candidate, front_end};
use gfxlint::report::facts::Facts;
use gfxlint::report::{Format, Paths, Report, Style, sarif};
use gfxlint::review;
use gfxlint::rules::{RULES, RuleSet, Selection, examples};
use gfxlint::scan::{Input, Purpose, Request, scan_as, scan_sides};

/// What a target does with its input.
pub type Body = fn(&[u8]);

/// Every target and its body.
pub const TARGETS: &[(&str, Body)] = &[
    ("python", python),
    ("dockerfile", dockerfile),
    ("cmake", cmake),
    ("shell", shell),
    ("yaml", yaml),
    ("nix", nix),
    ("markdown", markdown),
    ("cpp", cpp),
    ("units", units),
    ("requirements", requirements),
    ("hcl", hcl),
    ("suppressions", suppressions),
    ("config", config),
    ("baseline", baseline),
    ("rules", rules),
    ("patches", patches),
];

/// The outline and the parse of Python, and what setup scripts say.
pub fn python(data: &[u8]) {
    check(&["vllm/platforms/rocm.py", "setup.py"], data);
}

/// Container files.
pub fn dockerfile(data: &[u8]) {
    check(&["docker/Dockerfile.rocm"], data);
}

/// CMake.
pub fn cmake(data: &[u8]) {
    check(&["CMakeLists.txt"], data);
}

/// Shell scripts.
pub fn shell(data: &[u8]) {
    check(&["gfx1151/serve.sh"], data);
}

/// Compose files, Kubernetes objects, CI workflows.
pub fn yaml(data: &[u8]) {
    check(&["compose.yaml", "gfx1151/vllm.yaml", ".github/workflows/rocm.yaml"], data);
}

/// Nix expressions.
pub fn nix(data: &[u8]) {
    check(&["flake.nix", "pkgs/vllm.nix"], data);
}

/// Pages with code blocks and tables.
pub fn markdown(data: &[u8]) {
    check(&["docs/features/quantization/README.md", "gfx1151/README.md"], data);
}

/// C++ and HIP.
pub fn cpp(data: &[u8]) {
    check(&["csrc/kernels.cu"], data);
}

/// Units of systemd and podman, and files of variables.
pub fn units(data: &[u8]) {
    check(&["gfx1151/vllm.service", "vllm.container", "vllm.env"], data);
}

/// Lists of packages, projects, and what installers write.
pub fn requirements(data: &[u8]) {
    check(
        &[
            "requirements/rocm.txt",
            "pyproject.toml",
            "vllm-1.dist-info/METADATA",
            "vllm-1.dist-info/RECORD",
            "flake.lock",
        ],
        data,
    );
}

/// Bake files.
pub fn hcl(data: &[u8]) {
    check(&["docker-bake.hcl"], data);
}

/// Comments that leave findings out, in every language that has them.
pub fn suppressions(data: &[u8]) {
    check(
        &[
            "a.py",
            "Dockerfile",
            "CMakeLists.txt",
            "a.sh",
            "a.yaml",
            "a.nix",
            "a.md",
            "a.cu",
            "a.hcl",
            "a.service",
            "a.env",
        ],
        data,
    );
}

/// Configuration, alone and in a project's file.
pub fn config(data: &[u8]) {
    for name in ["gfxlint.toml", "pyproject.toml"] {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("rules")).expect("a folder in it");
        fs::write(folder.path().join(name), data).expect("a file in it");
        let shown = |path: &std::path::Path| path.display().to_string();
        let style = plain();
        match Config::find(folder.path(), shown) {
            Ok(config) => {
                if let Err(error) = config.check(&RuleSet::default(), &KNOWLEDGE) {
                    gfxlint::report::failure(&error, &style);
                }
                for failed in [config.policy().err(), config.exclude().err()].into_iter().flatten() {
                    gfxlint::report::failure(&failed, &style);
                }
                config.selection();
            }
            Err(error) => assert_printable(&gfxlint::report::failure(&error, &style)),
        }
    }
}

/// A baseline, compared with what a small tree holds, and written again.
pub fn baseline(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("known.json");
    fs::write(&path, data).expect("a file in it");
    match Baseline::read(&path) {
        Ok(baseline) => {
            look(&tree::files(), &RuleSet::default(), Some(&baseline));
            let text = baseline.text().expect("a baseline is written");
            fs::write(&path, &text).expect("a file in the folder");
            let again = Baseline::read(&path).expect("what was written is read");
            assert_eq!(again.text().expect("a baseline is written"), text, "reading and writing changes nothing");
        }
        Err(error) => assert_printable(&gfxlint::report::failure(&error, &plain())),
    }
}

/// A rule of the user's, its examples, and what it finds in a small tree.
pub fn rules(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("rule.toml"), data).expect("a file in it");
    match RuleSet::with_folders(&[folder.path().to_owned()]) {
        Ok(rules) => {
            look(&tree::files(), &rules, None);
            for rule in rules.own() {
                if let Ok(examples) = examples::examples(rule.meta) {
                    for example in examples {
                        let _ = examples::check_among(&rules, rule.meta, &example, &KNOWLEDGE);
                    }
                }
            }
        }
        Err(error) => assert_printable(&gfxlint::report::failure(&error, &plain())),
    }
}

/// A patch on a small tree.
pub fn patches(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in tree::files() {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for the file");
        fs::write(path, text).expect("a file in it");
    }
    match review::tree::apply(folder.path(), data) {
        Ok((change, replaced)) => {
            let input = Input::Paths(vec![folder.path().to_owned()]);
            let sides = scan_sides(input, &replaced, &KNOWLEDGE).expect("the tree is there");
            let (old, new) = (context(&sides.old), context(&sides.new));
            let rules = RuleSet::default();
            let find = |cx: &Context<'_>| plan(&rules, None).check(cx).expect("built-in rules do not fail").findings;
            let (before, after) = (find(&old), find(&new));
            let lines = review::Lines::new(&change);
            let both = review::Both { old: &old, new: &new, lines: &lines };
            let review = review::review(&both, &change, |_| true, &before, after);
            assert!(!review.summary.is_empty(), "a review says how it ends");
        }
        Err(error) => assert_printable(&gfxlint::report::failure(&error, &plain())),
    }
}

/// What the examples of all rules hold for a target.
pub fn examples_of(target: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for rule in RULES {
        if target == "rules" {
            found.push(rule.source.as_bytes().to_vec());
        }
        for example in examples::examples(rule).expect("built-in examples are well formed") {
            for (path, text) in example.files {
                let name = path.rsplit('/').next().unwrap_or_default();
                let head = &text.as_bytes()[..text.len().min(512)];
                let language = front_end(&Candidate { path: &path, name, head }).map(|front_end| front_end.language);
                let is_its = match language.unwrap_or_default() {
                    "env" | "unit" => target == "units",
                    "metadata" | "record" | "flake-lock" | "proto" => target == "requirements",
                    language => target == language,
                };
                if is_its || target == "suppressions" && text.contains("gfxlint:") {
                    found.push(text.into_bytes());
                }
            }
        }
    }
    found
}

static KNOWLEDGE: LazyLock<Knowledge> =
    LazyLock::new(|| Knowledge::embedded().expect("the embedded knowledge is well formed"));

static POLICY: LazyLock<Policy> =
    LazyLock::new(|| Policy::of(Selection::new(&[], &[]).expect("no selection is a selection")));

static OPTIONS: LazyLock<Options> = LazyLock::new(|| {
    let named = |name: &str| KNOWLEDGE.universe.find(name).expect("a target");
    Options {
        targets: ["gfx906", "gfx1151"].map(named).into_iter().collect::<ArchSet>(),
        pedantic: true,
        ..Options::default()
    }
});

fn context(workspace: &gfxlint::workspace::Workspace) -> Context<'_> {
    Context::new(workspace, &KNOWLEDGE, &OPTIONS)
}

fn plan<'a>(rules: &'a RuleSet, baseline: Option<&'a Baseline>) -> Plan<'a> {
    Plan {
        rules,
        policy: &POLICY,
        heeds_comments: true,
        today: Date { year: 2026, month: 1, day: 1 },
        baseline,
        paths: &[],
    }
}

/// Checks these bytes under each of these names, side by side.
fn check(names: &[&str], data: &[u8]) {
    let files: Vec<_> = names.iter().map(|name| ((*name).to_owned(), data.to_vec())).collect();
    look(&files, &RuleSet::default(), None);
}

/// A check of files with everything that follows from it.
fn look(files: &[(String, Vec<u8>)], rules: &RuleSet, baseline: Option<&Baseline>) {
    let mut fixer = Fixer::new(Applicability::Unsafe);
    let mut is_first = true;
    loop {
        let input = Input::Memory(files.to_vec());
        let request = Request { purpose: Purpose::Facts, input, against: None, overlay: fixer.overlay(), cache: None };
        let workspace = scan_as(request, &KNOWLEDGE).expect("files in memory are there");
        let cx = context(&workspace);
        let Ok(checked) = plan(rules, baseline).check(&cx) else { return };
        let paths = Paths::default();
        if is_first {
            report(&cx, checked.findings.clone(), rules);
            is_first = false;
        }
        let report = Report::new(workspace.sources(), &paths, checked.findings, true);
        if !fixer.round(workspace.sources(), report.shown()).expect("fixes come to an end") {
            break;
        }
    }
    assert_printable(&fix::unified(&fixer.changes(), &Paths::default(), &plain(), true).replace('\t', " "));
}

/// Every report, and what must hold of each whatever a file holds.
fn report(cx: &Context<'_>, findings: Vec<Finding>, rules: &RuleSet) {
    let paths = Paths { working: Some(PathBuf::from("/")), repository: None };
    let report = Report::new(cx.workspace.sources(), &paths, findings, true).show_suppressed(false);
    let (style, provenance) =
        (plain(), sarif::Provenance { repository: "https://example.org/x".to_owned(), revision: None, branch: None });
    let rules: Vec<_> = rules.iter().collect();
    let run = sarif::Run { rules: &rules, provenance: &provenance, remarks: &[] };
    let render = |format: Format| report.render(format, &style, &run).expect("findings are written");
    for format in [Format::Pretty, Format::Concise, Format::Markdown] {
        assert_printable(&render(format));
    }
    for line in render(Format::Github).lines().filter(|line| line.starts_with("::")) {
        let command = ["::error ", "::warning ", "::notice "];
        assert!(command.iter().any(|command| line.starts_with(command)), "a command of its own: {line}");
    }
    for format in [Format::Json, Format::Sarif, Format::Gitlab, Format::Html] {
        assert!(!render(format).is_empty());
    }
    let document = Facts::of(cx, &paths);
    document.json().expect("facts are written");
    assert_printable(&document.pretty(&style));
    assert_printable(&document.concise(&style));
    for arch in OPTIONS.targets.iter() {
        assert_printable(&gfxlint::report::audit::text(&gfxlint::audit::audit(cx, arch), false, &style));
    }
}

fn plain() -> Style {
    Style { color: false, unicode: true, width: 80 }
}

/// No character that could steer a terminal.
fn assert_printable(text: &str) {
    let steers = text.chars().find(|letter| letter.is_control() && *letter != '\n');
    assert!(steers.is_none(), "{steers:?} in {text:?}");
}
