//! Configuration files, as a user meets them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use common::clock::ThreadClock;
use common::{Run, command, folder, run, write};

const GAP: &[u8] = b"set(HIP_SUPPORTED_ARCHS \"gfx90a;gfx942\")\n";
/// Builds vLLM without amdsmi (GFX402), from a branch (GFX401).
/// The bytes before the last instruction of [`BUILD`].
const FROM_AND_ENV: usize = 40 + 29;
const BUILD: &[u8] = b"FROM rocm/dev-ubuntu-24.04:7.1-complete\nENV PYTORCH_ROCM_ARCH=gfx942\nRUN git clone https://github.com/vllm-project/vllm.git && pip install --no-build-isolation ./vllm\n";

fn check(config: &str, more: &[&str]) -> Run {
    let tree = folder(&[
        ("gfxlint.toml", config.as_bytes()),
        ("CMakeLists.txt", GAP),
        ("a/Dockerfile", BUILD),
        ("b/Dockerfile", BUILD),
    ]);
    run(tree.path(), &[&["check", "--format", "concise"], more].concat())
}

fn rules(run: &Run) -> Vec<String> {
    let rule = |line: &str| Some(format!("{} {}", line.split(':').next()?, line.split(['[', ']']).nth(1)?));
    run.out.lines().filter_map(rule).collect()
}

#[test]
fn a_configuration_chooses_targets_and_rules() {
    assert_eq!(rules(&check("select = ['GFX101']", &[])), Vec::<String>::new());
    assert_eq!(rules(&check("select = ['GFX101']\ntargets = ['MI50']", &[])), ["CMakeLists.txt GFX101"]);
    assert_eq!(rules(&check("ignore = ['unpinned-source']", &[])), ["a/Dockerfile GFX402", "b/Dockerfile GFX402"]);
}

#[test]
fn the_command_line_wins() {
    let config = "targets = ['MI50']\nselect = ['GFX402']\nignore = ['GFX101']\nfail-on = 'never'\n";
    assert_eq!(rules(&check(config, &[])), ["a/Dockerfile GFX402", "b/Dockerfile GFX402"]);
    assert_eq!(rules(&check(config, &["--select", "GFX101"])), ["CMakeLists.txt GFX101"]);
    assert_eq!(rules(&check(config, &["--select", "GFX101", "--arch", "gfx942"])), Vec::<String>::new());
    assert_eq!(check(config, &[]).status, Some(0));
    assert_eq!(check(config, &["--fail-on", "warning"]).status, Some(1));
    let tree = folder(&[("gfxlint.toml", b"fail-on = 'error'\n"), ("Dockerfile", BUILD)]);
    for (arguments, status) in
        [(&[][..], 1), (&["--format", "sarif"], 0), (&["--format", "sarif", "--fail-on", "error"], 1)]
    {
        assert_eq!(run(tree.path(), &[&["check"], arguments].concat()).status, Some(status), "{arguments:?}");
    }
    assert_eq!(
        rules(&check(config, &["--isolated", "--select", "GFX401"])),
        ["a/Dockerfile GFX401", "b/Dockerfile GFX401"]
    );
}

#[test]
fn severities_and_rules_may_differ_by_path() {
    let config = "[severity]\nGFX4 = 'note'\nunpinned-source = 'error'\n[[per-path]]\npaths = ['a/']\nignore = ['GFX401']\nseverity = { GFX402 = 'warning' }\n";
    let run = check(config, &["--pedantic"]);
    let lines: Vec<&str> = run.out.lines().filter_map(|line| line.split(']').next()).collect();
    assert_eq!(
        lines[..3],
        ["a/Dockerfile:3:59: warning[GFX402", "b/Dockerfile:3:15: error[GFX401", "b/Dockerfile:3:59: note[GFX402"],
        "{run:?}"
    );
    let only = check("select = ['GFX1']\n[[per-path]]\npaths = ['/b/*']\nselect = ['GFX402']\n", &[]);
    assert_eq!(rules(&only), ["b/Dockerfile GFX402"]);
}

#[test]
fn targets_may_differ_by_path() {
    let files = [
        ("gfxlint.toml", &b"targets = ['gfx942']\n[[per-path]]\npaths = ['strix/']\ntargets = ['gfx1151']\n[[per-path]]\npaths = ['any/']\ntargets = []\n"[..]),
        ("strix/run.sh", &b"#!/bin/sh\nvllm serve m --quantization fp8\n"[..]),
        ("mi50/run.sh", &b"#!/bin/sh\nvllm serve m --quantization fp8\n"[..]),
        ("any/run.sh", &b"#!/bin/sh\nvllm serve m --quantization fp8\n"[..]),
    ];
    let tree = folder(&files);
    let found = |arguments: &[&str]| {
        let run = run(tree.path(), &[&["check", "--format", "json", "--select", "GFX309"], arguments].concat());
        let findings = run.json()["findings"].as_array().unwrap().clone();
        findings.iter().map(|finding| finding["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), ["strix/run.sh"]);
    // The command line wins.
    assert_eq!(found(&["--arch", "gfx1151"]), ["any/run.sh", "mi50/run.sh", "strix/run.sh"]);
    assert!(found(&["--arch", "gfx942"]).is_empty());
    let shown = run(tree.path(), &["config"]).out;
    assert!(shown.contains("strix/: targets gfx1151"), "{shown}");
}

#[test]
fn what_is_excluded_is_not_checked_unless_it_is_named() {
    let config = "exclude = ['b/']";
    assert_eq!(rules(&check(config, &["--select", "GFX402"])), ["a/Dockerfile GFX402"]);
    let named = ["--select", "GFX402", "b/Dockerfile"];
    assert_eq!(rules(&check(config, &named)), ["b/Dockerfile GFX402"]);
    let forced = check(config, &[&named[..], &["--force-exclude"]].concat());
    assert_eq!((forced.status, forced.out.as_str()), (Some(0), "No problems found in 0 files.\n"));
}

#[test]
fn comments_may_be_asked_for_a_reason_or_not_be_heeded() {
    let file = |comment: &str| {
        let tree = folder(&[
            ("pyproject.toml", b"[tool.gfxlint]\nselect = ['GFX402', 'GFX9']\n[tool.gfxlint.suppressions]\nrequire-reason = true\nforbid = ['GFX404']\n"),
            ("Dockerfile", [&BUILD[..FROM_AND_ENV], comment.as_bytes(), &BUILD[FROM_AND_ENV..]].concat().as_slice()),
        ]);
        let run = run(tree.path(), &["check", "--select", "GFX402,GFX404,GFX9"]);
        run.out
    };
    assert!(
        file("# gfxlint: ignore[GFX402] the base has it\n").contains("No problems found in 2 files (1 suppressed).")
    );
    insta::assert_snapshot!(file("# gfxlint: ignore[GFX402]\n") + &file("# gfxlint: ignore[GFX404] no\n"));
}

#[test]
fn a_broken_configuration_ends_the_run() {
    let run = check("selct = ['GFX1']\n", &[]);
    assert_eq!((run.status, run.out.as_str()), (Some(2), ""));
    insta::assert_snapshot!(run.err);
    let tree = folder(&[("gfxlint.toml", b"selct = []\n"), ("CMakeLists.txt", GAP)]);
    let log = common::run(tree.path(), &["check", "--format", "sarif"]);
    assert_eq!((log.status, &log.json()["runs"][0]["invocations"][0]["executionSuccessful"]), (Some(2), &false.into()));
    let isolated = common::run(tree.path(), &["check", "--isolated"]);
    assert_eq!(isolated.status, Some(0), "{isolated:?}");
}

#[test]
fn the_configuration_of_the_first_path_holds_wherever_one_stands() {
    let tree = folder(&[
        ("gfxlint.toml", b"select = ['GFX1']"),
        ("project/gfxlint.toml", b"select = ['GFX402']"),
        ("project/Dockerfile", BUILD),
    ]);
    let found = common::run(tree.path(), &["check", "project", "--format", "json"]);
    assert_eq!(found.rules(), ["GFX402"]);
    let named = common::run(&tree.path().join("project"), &["check", "Dockerfile", "--format", "json"]);
    assert_eq!(named.rules(), ["GFX402"]);
    write(tree.path(), "project/deep/er/x.py", b"");
    let deep = common::run(&tree.path().join("project/deep"), &["check", "er", "../Dockerfile", "--format", "json"]);
    assert_eq!(deep.rules(), ["GFX402"]);
}

#[test]
fn finding_a_configuration_takes_no_time_to_speak_of() {
    let tree =
        folder(&[("gfxlint.toml", b"targets = ['gfx942']\n[severity]\nGFX101 = 'error'\n"), ("a/b/c/d/e/f/x.py", b"")]);
    let start = tree.path().join("a/b/c/d/e/f");
    let clock = ThreadClock::start();
    for _ in 0..100 {
        gfxlint::config::Config::find(&start, |path| path.display().to_string()).expect("a configuration");
    }
    // Optimised, it takes a twentieth of this.
    assert!(clock.spent().as_millis() < 1000, "{:?}", clock.spent());
}

#[test]
fn values_in_force_are_shown_with_their_origin() {
    let tree = folder(&[
        (".git/HEAD", b""),
        ("base.toml", b"targets = ['gfx906']\nignore = ['GFX1']\nfail-on = 'error'\n"),
        (
            "sub/gfxlint.toml",
            b"extends = '../base.toml'\nexclude = ['x/', 'y']\n[severity]\narch-gap = 'error'\n[[per-path]]\npaths = ['t/']\nignore = ['GFX4']\n",
        ),
    ]);
    let sub = tree.path().join("sub");
    insta::assert_snapshot!(common::run(&sub, &["config", "--pedantic", "--ignore", "GFX2"]).out);
    let json = common::run(&sub, &["config", "--format", "json"]).json();
    assert_eq!(json["files"], serde_json::json!(["gfxlint.toml", "../base.toml"]));
    let none = common::run(&sub, &["config", "--isolated"]);
    assert!(none.out.starts_with("No configuration file.\n"), "{none:?}");
}

#[test]
fn init_writes_what_is_not_there_and_touches_nothing_else() {
    let tree = folder(&[(".pre-commit-config.yaml", b"repos: []\n")]);
    let first = common::run(tree.path(), &["init"]);
    assert_eq!(first.status, Some(0), "{first:?}");
    insta::assert_snapshot!(first.out);
    assert_eq!(std::fs::read(tree.path().join(".pre-commit-config.yaml")).unwrap(), b"repos: []\n");
    insta::assert_snapshot!(std::fs::read_to_string(tree.path().join("gfxlint.toml")).unwrap());
    insta::assert_snapshot!(std::fs::read_to_string(tree.path().join(".github/workflows/gfxlint.yml")).unwrap());
    assert_eq!(common::run(tree.path(), &["check"]).status, Some(0));
    let second = common::run(tree.path(), &["init"]);
    assert!(second.out.contains("gfxlint.toml exists and was left as it is"), "{second:?}");
    let project = folder(&[("pyproject.toml", b"[tool.gfxlint]\nselect = ['GFX1']\n")]);
    assert!(common::run(project.path(), &["init"]).out.starts_with("pyproject.toml has a table for gfxlint"));
    assert_eq!(common::run(tree.path(), &["init", "missing"]).status, Some(2));
}

#[test]
fn schemas_completions_and_manual_are_printed() {
    let tree = folder(&[]);
    for document in ["config", "findings", "rule", "baseline"] {
        let schema = common::run(tree.path(), &["schema", document]);
        assert_eq!(schema.status, Some(0), "{schema:?}");
        assert_eq!(schema.json()["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
    insta::assert_snapshot!(common::run(tree.path(), &["schema"]).out);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let completions = common::run(tree.path(), &["completions", shell]);
        assert!(completions.out.contains("gfxlint") && completions.out.contains("force-exclude"), "{shell}");
    }
    let man = common::run(tree.path(), &["man"]).out;
    assert!(man.contains(".TH gfxlint") && man.contains("gfxlint\\-check") && man.contains("\\-\\-arch"), "{man}");
}

#[test]
fn releases_are_meant_where_no_file_says_so() {
    let check = |config: &str, tag: &str| {
        let launch =
            format!("#!/bin/sh\ndocker run --device /dev/kfd vllm/vllm-openai-rocm:{tag} --model M --swap-space 16\n");
        let tree = folder(&[("gfxlint.toml", config.as_bytes()), ("serve.sh", launch.as_bytes())]);
        run(tree.path(), &["check", "--select", "GFX315", "--format", "json"]).rules()
    };
    assert_eq!(check("", "latest"), Vec::<String>::new());
    assert_eq!(check("versions = { vllm = '0.19.1' }", "latest"), ["GFX315"]);
    assert_eq!(check("versions = { vllm = '0.14.1' }", "latest"), Vec::<String>::new());
    assert_eq!(check("versions = { vllm = '0.19.1' }", "v0.14.1"), Vec::<String>::new());
}

#[test]
fn tables_of_ones_own_correct_what_is_known() {
    let tree = folder(&[
        ("gfxlint.toml", b"knowledge = ['./k']\ntargets = ['Lab Card']\n"),
        ("k/arches.toml", b"[[arch]]\nname = 'gfx906'\nproducts = ['Lab Card']\n"),
        ("CMakeLists.txt", GAP),
    ]);
    let found = run(tree.path(), &["check", "--select", "GFX101", "--format", "json"]);
    assert_eq!(found.rules(), ["GFX101"], "{found:?}");
    write(tree.path(), "k/targets.toml", b"");
    let other = run(tree.path(), &["check"]);
    assert_eq!(other.status, Some(2));
    assert!(other.err.contains("k/targets.toml: gfxlint has no such table"), "{}", other.err);
}

#[test]
fn the_environment_may_name_the_configuration() {
    let tree = folder(&[
        ("gfxlint.toml", b"ignore = ['GFX401']\n"),
        ("other/ci.toml", b"ignore = ['GFX402']\n"),
        ("Dockerfile", BUILD),
    ]);
    let rules = |config: &str| {
        let run = command(tree.path(), &["check", "--format", "json"]).env("GFXLINT_CONFIG", config).output().unwrap();
        (run.status.code(), String::from_utf8(run.stdout).unwrap())
    };
    let (_, named) = rules("other/ci.toml");
    assert!(named.contains("GFX401") && !named.contains("GFX402"), "{named}");
    let (_, nearest) = rules("");
    assert!(nearest.contains("GFX402") && !nearest.contains("GFX401"), "{nearest}");
    assert_eq!(rules("other/missing.toml").0, Some(2));
}

#[test]
fn what_is_reported_may_be_narrowed_in_a_configuration() {
    let config = "min-severity = 'error'\nmin-confidence = 'low'\n";
    assert_eq!(rules(&check(config, &[])), ["a/Dockerfile GFX402", "b/Dockerfile GFX402"]);
    assert_eq!(check(config, &["--min-severity", "warning"]).out.lines().count(), 5);
    let wrong = check("min-confidence = 'hihg'", &[]);
    assert_eq!(wrong.status, Some(2));
    assert!(wrong.err.contains("did you mean \"high\"?"), "{}", wrong.err);
}

#[test]
fn every_table_can_be_laid_over() {
    let tree = folder(&[
        ("gfxlint.toml", b"knowledge = ['k']\n"),
        ("k/quantization.toml", b"[[method]]\nname = 'lab4'\nknown = '-'\nrocm = '-'\n"),
        ("k/environment.toml", b"always = ['VLLM_LAB_MODE']\n[life]\nVLLM_USE_V1 = '-'\n"),
        ("k/flags.toml", b"always = ['lab-mode']\n"),
        ("k/kv-cache.toml", b"[[dtype]]\nname = 'lab8'\nreleases = '-'\nsources = ['lab']\n"),
        ("k/attention.toml", b"[spellings]\nLAB = 'TRITON_ATTN'\n[[backend]]\nname = 'LAB_ATTN'\nreleases = '-'\ngpus = 'rocm'\n"),
        ("k/dtypes.toml", b"values = ['lab16']\n[[load_format]]\nname = 'lab'\nreleases = '-'\n"),
        ("k/images.toml", b"[[image]]\nnames = ['lab/vllm']\nplatform = 'rocm'\nhas = ['vllm', 'torch', 'amdsmi', 'rocm']\nsources = ['lab']\n"),
        ("k/releases.toml", b"[[release]]\nversion = '0.34.0'\npython = '>=3.13'\n[[release]]\nversion = '0.14.1'\npython = '>=3.13'\n"),
        ("k/wheels.toml", b"[[row]]\ntargets = ['gfx906']\nhas = false\nsources = ['lab']\n"),
        ("k/rocm-minimums.toml", b"[[minimum]]\ntargets = ['gfx942']\nrocm = '7.2'\nsure = true\nsources = ['lab']\n"),
        ("k/nixpkgs.toml", b"needs_torch = ['labtorch']\n[[targets]]\nrocm = '9'\nnames = ['gfx1250']\nsince = '2030-01-01'\nsource = 'lab'\n"),
        ("k/aiter.toml", b"[[gate]]\nreleases = '-'\ntargets = ['gfx906']\nsources = ['lab']\n"),
        ("k/kernels.toml", b"[[kernel]]\nnames = ['lab']\ngates = ['on_lab']\nsource = 'lab'\n"),
        ("run.sh", b"#!/bin/sh\nexport VLLM_LAB_MODE=1\nvllm serve m --quantization lab4 --kv-cache-dtype lab8 --load-format lab --dtype lab16\n"),
        ("Dockerfile", b"FROM rocm/dev-ubuntu-22.04:7.1-complete\nENV PYTORCH_ROCM_ARCH=gfx942\nRUN git clone --branch v0.14.1 https://github.com/vllm-project/vllm.git && pip install amdsmi==7.1.0 && pip install --no-build-isolation ./vllm\n"),
    ]);
    let found =
        |more: &[&str]| run(tree.path(), &[&["check", "--format", "json", "--pedantic"], more].concat()).rules();
    // The release takes another Python than the distribution has, and the target needs another ROCm.
    assert_eq!(found(&["--arch", "gfx942"]), ["GFX411", "GFX416"]);
    let plain = found(&["--isolated", "--arch", "gfx942"]);
    assert!(plain.contains(&"GFX308".to_owned()) && !plain.contains(&"GFX411".to_owned()), "{plain:?}");
    let flag = run(tree.path(), &["check", "--isolated", "--knowledge", "k", "--arch", "gfx942", "--format", "json"]);
    assert_eq!(flag.rules(), ["GFX411", "GFX416"], "{flag:?}");
}

#[test]
fn a_table_that_does_not_fit_is_shown_with_its_place() {
    let mut told = String::new();
    for (name, text) in [
        ("arches.toml", "[[arch]\n"),
        ("arches.toml", "[[arch]]\nname = 'gfx906'\nwavesize = 64\n"),
        ("arches.toml", "[[arch]]\nname = 'gfx906'\n\n[[arch]]\nname = 'gfx9999'\n"),
        ("images.toml", "[[image]]\nnames = ['lab/vllm']\nplatform = 'rocmx'\nsources = ['lab']\n"),
        ("environment.toml", "[life]\nVLLM_LAB_MODE = '0.99.0-'\n"),
        ("rocm-minimums.toml", "[[minimum]]\ntargets = ['gfx942']\nrocm = '7.0'\nsure = 1\nsources = []\n"),
    ] {
        let tree = folder(&[("gfxlint.toml", b"knowledge = ['k']\n"), (&format!("k/{name}"), text.as_bytes())]);
        let run = run(tree.path(), &["check"]);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{name}");
        told.push_str(&run.err.replace(&format!("{}/", tree.path().canonicalize().unwrap().display()), ""));
    }
    insta::assert_snapshot!(told);
}
