//! What users' rules find, and what is wrong with some.

use std::fs;
use std::path::Path;

use super::{Declared, read_folders, views};
use crate::context::{Context, Options};
use crate::error::RunError;
use crate::knowledge::Knowledge;
use crate::report::{Style, failure};
use crate::scan::{Input, scan};

fn load(files: &[(&str, &str)]) -> Result<Vec<Declared>, String> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let root = folder.path().canonicalize().unwrap();
    read_folders(std::slice::from_ref(&root)).map_err(|error| told(&error, &root))
}

fn told(error: &RunError, root: &Path) -> String {
    let style = Style { color: false, unicode: true, width: 100 };
    failure(error, &style).replace(&format!("{}/", root.display()), "")
}

fn found(rule: &str, files: &[(&str, &str)]) -> Vec<String> {
    let head = "id = 'LAB001'\nname = 'x'\nseverity = 'note'\nsummary = 'S.'\n";
    let rules = load(&[("a.toml", &format!("{head}{rule}"))]).unwrap_or_else(|error| panic!("{error}"));
    let knowledge = Knowledge::embedded().unwrap();
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let workspace = scan(Input::Memory(files), &knowledge).unwrap();
    let options = Options::default();
    let cx = Context::new(&workspace, &knowledge, &options);
    let findings = super::run(&cx, &rules.iter().collect::<Vec<_>>());
    let findings = findings.unwrap_or_else(|error| panic!("{}", told(&error, Path::new("/"))));
    findings.iter().map(|finding| format!("{}: {}", workspace.sources().text(finding.at), finding.message)).collect()
}

#[test]
fn conditions_see_every_kind_of_fact() {
    let files = [
        (
            "Dockerfile",
            "FROM rocm/vllm:a AS base\nENV A=b\nRUN git clone -b v1 https://github.com/ROCm/aiter.git && pip install -U torch==2.9\nFROM base\nCMD vllm serve m --dtype half\n",
        ),
        ("run.sh", "#!/bin/sh\ndocker run --device /dev/kfd --ipc=host rocm/vllm:a vllm serve m\n"),
        ("a.py", "from ..b import c as d\nimport e.f\n"),
    ];
    for (rule, expected) in [
        (
            "fact = 'stage'\nwhen = \"name == 'base' and not is_last\"\nmessage = '{{ image }}'",
            vec!["rocm/vllm:a: rocm/vllm:a"],
        ),
        (
            "fact = 'setting'\nwhen = \"kind == 'docker-env'\"\nmessage = '{{ name }}={{ value }}{{ stage }}'",
            vec!["A=b: A=bbase"],
        ),
        (
            "fact = 'install'\nwhen = \"'torch' in packages and 'upgrade' in switches\"\nmessage = '{{ requirements | join }} {{ tool }}'",
            vec!["pip install -U torch==2.9: torch==2.9 pip"],
        ),
        (
            "fact = 'launch'\nwhen = \"options.dtype == 'half'\"\nmessage = '{{ model }} {{ form }}'",
            vec!["vllm serve: m serve"],
        ),
        (
            "fact = 'container'\nwhen = \"ipc == 'host' and '/dev/kfd' in devices\"\nmessage = '{{ image }}'",
            vec!["docker run: rocm/vllm:a"],
        ),
        (
            "fact = 'import'\nwhen = 'true'\nmessage = '{{ module }} {{ name }} {{ alias }}'",
            vec!["c: ..b c d", "e.f: e.f"],
        ),
        ("fact = 'checkout'\nwhen = \"reference != ''\"\nmessage = '{{ repository }} {{ reference }}'", vec![]),
        (
            "fact = 'command'\nwhen = \"program == 'pip'\"\nmessage = '{{ words | length }}'",
            vec!["pip install -U torch==2.9: 4"],
        ),
    ] {
        let seen = found(rule, &files);
        if rule.contains("checkout") {
            assert!(seen.len() == 1 && seen[0].ends_with("v1"), "{seen:?}");
        } else {
            assert_eq!(seen, expected, "{rule}");
        }
    }
}

#[test]
fn the_names_that_are_promised_are_given() {
    let files = [
        (
            "Dockerfile",
            "FROM a\nARG PYTORCH_ROCM_ARCH=gfx942\nRUN pip install vllm && git clone https://github.com/ROCm/aiter\nCMD vllm serve m\n",
        ),
        ("run.sh", "#!/bin/sh\ndocker run rocm/vllm vllm serve m\n"),
        ("a.py", "import e\n"),
    ];
    let knowledge = Knowledge::embedded().unwrap();
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).into();
    let workspace = scan(Input::Memory(files), &knowledge).unwrap();
    let options = Options::default();
    let cx = Context::new(&workspace, &knowledge, &options);
    for (kind, _) in views::KINDS {
        let view = views::views(&cx, kind).into_iter().next().unwrap_or_else(|| panic!("no {kind}"));
        let mut given: Vec<String> = view.values.try_iter().unwrap().map(|key| key.to_string()).collect();
        let mut promised: Vec<String> = views::names(kind).unwrap().into_iter().map(str::to_owned).collect();
        given.sort();
        promised.sort();
        assert_eq!(given, promised, "{kind}");
    }
}

#[test]
fn queries_of_one_language_run_together() {
    let head = |id: &str| {
        format!("id = '{id}'\nname = '{}'\nseverity = 'note'\nsummary = 'S.'\nlanguage = 'python'\n", id.to_lowercase())
    };
    let one = format!(
        "{}query = '(call function: (identifier) @at) (class_definition name: (_) @at)'\nmessage = '{{{{ at }}}}'\n",
        head("LA1")
    );
    let two = format!("{}query = '(integer) @number'\nmessage = 'n {{{{ number }}}}'\n", head("LB2"));
    let rules = load(&[("one.toml", &one), ("sub/two.toml", &two)]).unwrap();
    let knowledge = Knowledge::embedded().unwrap();
    let workspace =
        scan(Input::Memory(vec![("a.py".to_owned(), b"class A:\n    x = f(1)\n".to_vec())]), &knowledge).unwrap();
    let options = Options::default();
    let findings =
        super::run(&Context::new(&workspace, &knowledge, &options), &rules.iter().collect::<Vec<_>>()).unwrap();
    let mut told: Vec<String> =
        findings.iter().map(|finding| format!("{} {}", finding.rule.id, finding.message)).collect();
    told.sort();
    assert_eq!(told, ["LA1 A", "LA1 f", "LB2 n 1"]);
}

#[test]
fn what_is_wrong_is_shown_with_its_place() {
    let head = "id = 'LAB001'\nname = 'x'\nseverity = 'note'\nsummary = 'S.'\n";
    let facts = "fact = 'setting'\nmessage = 'm'\n";
    let query = "language = 'python'\nmessage = 'm'\n";
    let all: Vec<String> = [
        format!("{head}{facts}when = \"nmae == 'x'\""),
        format!("{head}{facts}when = \"name == \""),
        format!("{head}fact = 'setting'\nmessage = '{{{{ valu }}}}'\nwhen = 'true'"),
        format!("{head}fact = 'settings'\nmessage = 'm'\nwhen = 'true'"),
        format!("{head}{facts}"),
        format!("{head}message = 'm'"),
        format!("{head}{facts}when = 'true'\nquery = '(x) @at'"),
        format!("{head}{query}query = '''\n(call\n  function: (identifer) @at)\n'''"),
        format!("{head}{query}query = '(call functoin: (_) @at)'"),
        format!("{head}{query}query = '(call'"),
        format!("{head}{query}query = '(call)'"),
        format!("{head}{query}query = '((call) @at (#eq? @other \"x\"))'"),
        format!("{head}message = 'm'\nlanguage = 'rust'\nquery = '(x) @at'"),
        format!("{}{facts}when = 'true'", head.replace("LAB001", "GFX999")),
        format!("{}{facts}when = 'true'", head.replace("LAB001", "lab")),
        format!("{}{facts}when = 'true'", head.replace("'x'", "'arch-gap'")),
        format!("{}{facts}when = 'true'", head.replace("'x'", "'Not A Name'")),
        format!("{}{facts}when = 'true'", head.replace("note", "fatal")),
        format!("{head}{facts}wehn = 'true'"),
        format!("{facts}when = 'true'"),
        format!("{head}{facts}when = 'true'\n[[examples]]\nname = 'e'\nfile = {{}}"),
        format!("{head}{facts}when = "),
    ]
    .iter()
    .map(|text| load(&[("a.toml", text)]).map(drop).expect_err(text))
    .collect();
    insta::assert_snapshot!(all.join("\n"));
    let rule = format!("{head}{facts}when = 'true'");
    let twice = load(&[("a.toml", &rule), ("b.toml", &rule)]).map(drop).unwrap_err();
    assert!(twice.contains("a.toml has the same id"), "{twice}");
}
