//! What machines read: every format is well formed whatever files are called and hold.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{folder, run, testdata};
use gfxlint::arch::ArchSet;
use gfxlint::context::{Context, Options};
use gfxlint::knowledge::Knowledge;
use gfxlint::report::sarif::{self, Provenance};
use gfxlint::report::{FINDINGS_SCHEMA, Format, Paths, Report, Style};
use gfxlint::rules::{self, RULES, RuleMeta, Selection, examples};
use gfxlint::scan::{Input, Purpose, scan_for};
use serde_json::{Value, json};

const FORMATS: [&str; 7] = ["pretty", "concise", "json", "sarif", "github", "gitlab", "markdown"];
const GAP: &[u8] = b"set(HIP_SUPPORTED_ARCHS \"gfx90a;gfx942\")\n";
const GAP_ARGUMENTS: [&str; 5] = ["check", "--select", "GFX101", "--arch", "gfx906"];

/// What of `value` is against `schema`; knows the words that our schema uses.
fn faults(value: &Value, schema: &Value, root: &Value, at: &str, found: &mut Vec<String>) {
    for (word, wanted) in schema.as_object().unwrap() {
        let right = match word.as_str() {
            "$ref" => {
                faults(value, root.pointer(&wanted.as_str().unwrap()[1..]).unwrap(), root, at, found);
                true
            }
            "type" => {
                let is = |kind: &Value| match kind.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_u64(),
                    "null" => value.is_null(),
                    other => panic!("{other}"),
                };
                wanted.as_array().map_or_else(|| is(wanted), |kinds| kinds.iter().any(is))
            }
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "minimum" => value.as_u64() >= wanted.as_u64(),
            "required" => wanted.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
            "properties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    // Ours writes nothing that its schema does not tell of.
                    match wanted.get(key) {
                        Some(schema) => faults(value, schema, root, &format!("{at}/{key}"), found),
                        None => found.push(format!("{at}/{key} is not in the schema")),
                    }
                }
                true
            }
            "items" => {
                for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                    faults(value, wanted, root, &format!("{at}/{index}"), found);
                }
                true
            }
            "anyOf" => wanted.as_array().unwrap().iter().any(|schema| {
                let mut own = Vec::new();
                faults(value, schema, root, at, &mut own);
                own.is_empty()
            }),
            "pattern" => value.as_str().is_some_and(|id| id.len() == 6 && id.starts_with("GFX")),
            "description" | "title" | "$schema" | "$id" | "$defs" => true,
            other => panic!("the test knows no {other}"),
        };
        if !right {
            found.push(format!("{at}: {word} {wanted}: {value}"));
        }
    }
}

fn against_schema(document: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(FINDINGS_SCHEMA).unwrap();
    let mut found = Vec::new();
    faults(document, &schema, &schema, "", &mut found);
    found
}

#[test]
fn json_is_as_its_schema_says() {
    for more in [&[][..], &["--fix"]] {
        let arguments = [&["check", "--arch", "gfx906,gfx1152", "--pedantic", "--format", "json"][..], more].concat();
        let tree = folder(&[("CMakeLists.txt", GAP), ("run.sh", b"vllm serve m --dtype bf16\n")]);
        let document = run(tree.path(), &arguments).json();
        assert_eq!(against_schema(&document), [""; 0]);
    }
    let document = run(&testdata().join("mini-vllm"), &["check", "--pedantic", "--format", "json"]).json();
    assert!(document["findings"].as_array().unwrap().iter().any(|finding| finding["fix"].is_object()));
    assert_eq!(against_schema(&document), [""; 0]);
    let mut wrong = document;
    wrong["findings"][0]["line"] = json!(0);
    wrong["findings"][0]["more"] = json!(1);
    assert_eq!(against_schema(&wrong).len(), 2);
}

/// Names that try to be something else: a command, an escape, a second line, a scheme.
#[cfg(unix)]
#[test]
fn names_of_files_break_no_format() {
    let names =
        ["::error::x/run.sh", "a%0Ab/run.sh", "a:b/run.sh", "new\nline/run.sh", "[x](y)|`/run.sh", "é 😀/run.sh"];
    let files: Vec<(&str, &[u8])> = names.iter().map(|&name| (name, &b"vllm serve m --dtype bf16\n"[..])).collect();
    let tree = folder(&files);
    for format in FORMATS {
        let run = run(tree.path(), &["check", "--format", format]);
        assert!(run.status == Some(if format == "sarif" { 0 } else { 1 }), "{run:?}");
        assert!(common::unsafe_characters(&run.out).is_empty(), "{format}: {run:?}");
        match format {
            "json" => assert_eq!(against_schema(&run.json()), [""; 0]),
            "sarif" => {
                let results = run.json()["runs"][0]["results"].clone();
                let uris: Vec<&str> = results
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|result| {
                        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap()
                    })
                    .collect();
                for uri in ["%3A%3Aerror%3A%3Ax/run.sh", "a%250Ab/run.sh", "new%0Aline/run.sh"] {
                    assert!(uris.contains(&uri), "{uri}: {uris:?}");
                }
            }
            "gitlab" => assert_eq!(run.json().as_array().unwrap().len(), names.len()),
            "markdown" => {
                let rows = run.out.lines().filter(|line| line.starts_with("| ❌")).count();
                assert_eq!(rows, names.len(), "{}", run.out);
            }
            "github" => {
                let commands = run.out.lines().filter(|line| line.starts_with("::error file=")).count();
                assert_eq!((commands, run.out.lines().count()), (names.len(), names.len() + 1), "{}", run.out);
            }
            _ => assert!(run.out.lines().all(|line| !line.starts_with("::")), "{}", run.out),
        }
    }
}

#[test]
fn sarif_names_files_from_the_root_of_the_repository() {
    let tree = folder(&[(".git/HEAD", b"ref: refs/heads/main\n"), ("a/b/CMakeLists.txt", GAP)]);
    let outside = folder(&[]);
    let uri = |folder: &std::path::Path, path: &str| {
        let log = run(folder, &[&GAP_ARGUMENTS[..], &["--format", "sarif", path]].concat()).json();
        log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone()
    };
    for (folder, path) in [("", "."), ("a", "b"), ("a/b", "CMakeLists.txt"), ("a/b", "../.."), ("a/b", "../../a")] {
        assert_eq!(uri(&tree.path().join(folder), path), "a/b/CMakeLists.txt", "{folder:?} {path:?}");
    }
    assert_eq!(uri(outside.path(), tree.path().to_str().unwrap()), "a/b/CMakeLists.txt");
    fs::remove_dir_all(tree.path().join(".git")).unwrap();
    assert_eq!(uri(outside.path(), tree.path().to_str().unwrap()), "a/b/CMakeLists.txt");
    assert_eq!(uri(&tree.path().join("a"), "b"), "b/CMakeLists.txt");
    #[cfg(unix)]
    {
        let link = outside.path().join("link");
        std::os::unix::fs::symlink(tree.path(), &link).unwrap();
        assert_eq!(uri(outside.path(), link.to_str().unwrap()), "a/b/CMakeLists.txt");
    }
}

#[test]
fn sarif_columns_count_utf_16_units() {
    let tree = folder(&[("CMakeLists.txt", "set(É😀 1) set(HIP_SUPPORTED_ARCHS \"gfx90a\")\n".as_bytes())]);
    let log = run(tree.path(), &[&GAP_ARGUMENTS[..], &["--format", "sarif"]].concat()).json();
    let region = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(log["runs"][0]["columnKind"], "utf16CodeUnits");
    assert_eq!((&region["startColumn"], &region["endColumn"]), (&json!(37), &json!(43)), "{region}");
}

#[test]
fn the_same_tree_gives_the_same_log_for_any_number_of_threads() {
    let log = |threads| {
        run(&testdata().join("mini-vllm"), &["check", "--arch", "gfx906", "--format", "sarif", "--threads", threads])
            .out
    };
    assert_eq!(log("1"), log("3"));
}

#[test]
fn an_output_that_cannot_be_written_loses_nothing() {
    let tree = folder(&[("CMakeLists.txt", GAP), ("old.sarif", b"old")]);
    for format in FORMATS {
        for path in ["no/such/folder/out", "CMakeLists.txt/out", "."] {
            let run = run(tree.path(), &[&GAP_ARGUMENTS[..], &["--format", format, "--output", path]].concat());
            assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{format} {path}");
            assert!(run.err.contains("cannot write"), "{run:?}");
        }
    }
    let mut names: Vec<_> = fs::read_dir(tree.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["CMakeLists.txt", "old.sarif"]);
    assert_eq!(fs::read(tree.path().join("old.sarif")).unwrap(), b"old");
}

/// What GitHub's and Microsoft's validators ask for, and what neither of them looks at.
fn faults_of_log(log: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let run = &log["runs"][0];
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for result in list(&run["results"]) {
        let mut expect = |is_right: bool, what: &str| {
            if !is_right {
                found.push(format!("{at}: {what}: {}: {}", result["ruleId"], result["message"]["text"]));
            }
        };
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        expect(run["tool"]["driver"]["rules"][index]["id"] == result["ruleId"], "the index is another rule's");
        let place = &result["locations"][0]["physicalLocation"];
        let (uri, region) = (place["artifactLocation"]["uri"].as_str().unwrap(), &place["region"]);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
        expect(
            !["/", "./", "../"].iter().any(|out| uri.starts_with(out)) && uri.bytes().all(is_plain),
            "the path is no relative reference",
        );
        expect(region["startLine"] == region["endLine"], "the region has several lines");
        expect(region["startColumn"].as_u64() <= region["endColumn"].as_u64(), "the region runs backwards");
        let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
        expect(seen.insert(format!("{}{uri}{hash}", result["ruleId"])), "GitHub cannot tell it from another one");
        let text = result["message"]["text"].as_str().unwrap();
        expect(text.ends_with(['.', '!', '?']), "the message is no sentence");
        let ids: BTreeSet<u64> =
            list(&result["relatedLocations"]).iter().map(|to| to["id"].as_u64().unwrap()).collect();
        let links: BTreeSet<u64> =
            text.split("](").skip(1).filter_map(|rest| rest.split(')').next()?.parse().ok()).collect();
        expect(ids == links, "links and related places are not the same");
        let fixes: Vec<String> = list(&result["fixes"]).iter().map(Value::to_string).collect();
        expect(fixes.iter().collect::<BTreeSet<_>>().len() == fixes.len(), "a fix is there twice");
    }
    found
}

#[test]
fn every_example_gives_a_log_that_validators_take() {
    let knowledge = Knowledge::embedded().unwrap();
    let provenance = Provenance { repository: "https://example.org/x".to_owned(), revision: None, branch: None };
    let rules: Vec<&RuleMeta> = RULES.iter().collect();
    let (paths, style) = (Paths::default(), Style { color: false, unicode: false, width: 80 });
    let run = sarif::Run { rules: &rules, provenance: &provenance, remarks: &[] };
    let (mut wrong, mut results) = (Vec::new(), 0);
    for rule in RULES {
        for example in examples::examples(rule).unwrap().into_iter().filter(|example| !example.expect.is_empty()) {
            let files = example.files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
            let targets = example.arch.iter().map(|name| knowledge.universe.find(name).unwrap()).collect::<ArchSet>();
            let options = Options { targets, pedantic: true, ..Options::default() };
            let workspace = scan_for(Purpose::Rules, Input::Memory(files), &knowledge).unwrap();
            let cx = Context::new(&workspace, &knowledge, &options);
            let findings = rules::run(&cx, &Selection::new(&[], &[]).unwrap());
            let report = Report::new(workspace.sources(), &paths, findings, true);
            let log: Value = serde_json::from_str(&report.render(Format::Sarif, &style, &run).unwrap()).unwrap();
            results += log["runs"][0]["results"].as_array().unwrap().len();
            wrong.extend(faults_of_log(&log, &format!("{} {:?}", rule.id, example.name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(results > 200, "{results} results were looked at");
}

#[test]
fn one_run_writes_several_formats() {
    let tree = folder(&[("CMakeLists.txt", GAP), ("old.sarif", b"old")]);
    let check = |more: &[&str]| run(tree.path(), &[&GAP_ARGUMENTS[..], more].concat());
    let alone = |format: &str| check(&["--format", format]).out;
    let read = |name: &str| fs::read_to_string(tree.path().join(name)).unwrap();
    let both = check(&["--output", "sarif=old.sarif", "--output", "github"]);
    assert_eq!((both.status, both.out.as_str()), (Some(0), alone("github").as_str()), "with a log nothing fails");
    assert_eq!(read("old.sarif"), alone("sarif"));
    assert_eq!(check(&["--output", "sarif=old.sarif", "--output", "github", "--fail-on", "warning"]).status, Some(1));
    // A format of its own for each, the common one for the others, and that one beside files that have theirs.
    let three =
        check(&["--format", "concise", "--output", "a=b.txt", "--output", "json=a.json", "--output=markdown=-"]);
    assert_eq!((three.status, three.out), (Some(1), alone("markdown")));
    assert_eq!((read("a=b.txt"), read("a.json")), (alone("concise"), alone("json")));
    let beside = check(&["--format", "json", "--output", "gitlab=c.json"]);
    assert_eq!((beside.out, read("c.json")), (alone("json"), alone("gitlab")));
    let quiet = check(&["--output", "json=d.json"]);
    assert_eq!((quiet.status, quiet.out.as_str(), read("d.json")), (Some(1), "", alone("json")));
}

#[test]
fn outputs_that_get_in_each_others_way_are_a_mistake() {
    let tree = folder(&[("CMakeLists.txt", GAP), ("sub/x", b""), ("old.sarif", b"old")]);
    let cases: [(&[&str], &str); 5] = [
        (&["--output", "json", "--output", "github"], "two outputs go to standard output"),
        (&["--format", "json", "--output", "github"], "two outputs go to standard output"),
        (&["--output", "json=x", "--output", "markdown=sub/../x"], "two outputs go to sub/../x"),
        (&["--output", "json=", "--output", "github"], "names no file"),
        (&["--output", "json=no/such/x", "--output", "gitlab=y", "--output", "concise"], "cannot write no/such/x"),
    ];
    for (more, told) in cases {
        let run = run(tree.path(), &[&GAP_ARGUMENTS[..], more].concat());
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{more:?}");
        assert!(run.err.contains(told), "{more:?}: {}", run.err);
    }
    let mut names: Vec<_> = fs::read_dir(tree.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["CMakeLists.txt", "old.sarif", "sub"], "nothing was written");
    // Where SARIF was asked for, its log says that the run failed, wherever else it could not write.
    let failed = run(
        tree.path(),
        &[&GAP_ARGUMENTS[..], &["--output", "sarif=old.sarif", "--output", "json=no/such/x"]].concat(),
    );
    let log: Value = serde_json::from_slice(&fs::read(tree.path().join("old.sarif")).unwrap()).unwrap();
    assert_eq!((failed.status, &log["runs"][0]["invocations"][0]["executionSuccessful"]), (Some(2), &json!(false)));
}

#[test]
fn audits_and_reviews_write_several_forms_too() {
    let tree = folder(&[]);
    let audit = ["audit", "--arch", "gfx906", testdata().join("mini-vllm").to_str().unwrap()].map(str::to_owned);
    let audit: Vec<&str> = audit.iter().map(String::as_str).collect();
    let both = run(tree.path(), &[&audit[..], &["--output", "html=page.html", "--output", "json"]].concat());
    assert_eq!((both.status, &both.json()["arch"]), (Some(0), &json!("gfx906")));
    assert!(fs::read_to_string(tree.path().join("page.html")).unwrap().starts_with("<!doctype html>"));
}
