//! What holds of any input, tried on the examples of all rules and on what is made from them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gfxlint::context::{Context, Options};
use gfxlint::finding::{Applicability, Finding};
use gfxlint::fix::Fixer;
use gfxlint::knowledge::Knowledge;
use gfxlint::report::{Format, Paths, Report, Style, sarif};
use gfxlint::rules::{self, RULES, RuleMeta, Selection, examples};
use gfxlint::scan::{Input, Purpose, Request, scan_as, scan_for};
use gfxlint::workspace::Workspace;
use proptest::prelude::*;
use serde_json::Value;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| Knowledge::embedded().unwrap());

/// The files of all examples, each example in a folder of its own.
static FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let of_rule = |rule: &'static RuleMeta| {
        examples::examples(rule).unwrap().into_iter().enumerate().map(move |(at, example)| (rule.id, at, example))
    };
    RULES
        .iter()
        .flat_map(of_rule)
        .flat_map(|(id, at, example)| {
            example.files.into_iter().map(move |(path, text)| (format!("{id}-{at}/{path}"), text.into_bytes()))
        })
        .collect()
});

fn options(targets: &[&str]) -> Options {
    let targets = targets.iter().map(|name| KNOWLEDGE.universe.find(name).unwrap()).collect();
    Options { targets, pedantic: true, ..Options::default() }
}

fn findings(workspace: &Workspace) -> Vec<Finding> {
    rules::run(
        &Context::new(workspace, &KNOWLEDGE, &options(&["gfx906", "gfx1151"])),
        &Selection::new(&[], &[]).unwrap(),
    )
}

/// A report of files in memory.
fn rendered(files: Vec<(String, Vec<u8>)>, format: Format) -> String {
    let workspace = scan_for(Purpose::Rules, Input::Memory(files), &KNOWLEDGE).unwrap();
    let paths = Paths::default();
    let report = Report::new(workspace.sources(), &paths, findings(&workspace), true);
    let provenance = sarif::Provenance { repository: "https://example.org/x".to_owned(), revision: None, branch: None };
    let rules: Vec<&RuleMeta> = RULES.iter().collect();
    let run = sarif::Run { rules: &rules, provenance: &provenance, remarks: &[] };
    report.render(format, &Style { color: false, unicode: true, width: 100 }, &run).unwrap()
}

/// What a file says by itself, as text: without what it asks of predicates that other files define.
fn facts(workspace: &Workspace, path: &str) -> Option<String> {
    let (_, file, facts) = workspace.files().find(|(_, file, _)| file.path == path)?;
    let mut facts = facts.clone();
    if file.language == "python" {
        // These follow the predicates of the run, by design.
        facts.arch_sites.clear();
        facts.arch_reads.clear();
        facts.definitions.clear();
        facts.cuda_blocks.clear();
        facts.gaps.clear();
    }
    Some(serde_json::to_string(&facts).unwrap())
}

#[test]
fn facts_of_a_file_do_not_depend_on_other_files() {
    let all = scan_for(Purpose::Facts, Input::Memory(FILES.clone()), &KNOWLEDGE).unwrap();
    let mut compared = 0;
    for (path, text) in FILES.iter().step_by(3) {
        let alone = scan_for(Purpose::Facts, Input::Memory(vec![(path.clone(), text.clone())]), &KNOWLEDGE).unwrap();
        let (alone, among) = (facts(&alone, path), facts(&all, path));
        assert_eq!(alone, among, "{path}");
        compared += usize::from(alone.is_some_and(|facts| facts.len() > 2));
    }
    assert!(compared > 200, "{compared} files were compared");
}

/// Findings of a rule on a line, which a log tells as one: how many, the highest severity, where the first one starts.
type Told = (usize, String, u64);

#[test]
fn json_and_sarif_hold_the_same_findings() {
    let json: Value = serde_json::from_str(&rendered(FILES.clone(), Format::Json)).unwrap();
    let log: Value = serde_json::from_str(&rendered(FILES.clone(), Format::Sarif)).unwrap();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let number = |value: &Value| value.as_u64().unwrap();
    let mut of_json: BTreeMap<(String, String, u64), Told> = BTreeMap::new();
    for found in list(&json["findings"]) {
        let key = (text(&found["rule"]), text(&found["path"]), number(&found["line"]));
        let severity = text(&found["severity"]);
        let told = of_json.entry(key).or_insert_with(|| (0, severity.clone(), number(&found["column"])));
        told.0 += 1;
        let weight = |severity: &str| ["note", "warning", "error"].iter().position(|name| *name == severity);
        if weight(&severity) > weight(&told.1) {
            told.1 = severity;
        }
    }
    let mut of_log: BTreeMap<(String, String, u64), Told> = BTreeMap::new();
    let place = |found: &Value| {
        let place = found["locations"][0]["physicalLocation"].clone();
        let path = text(&place["artifactLocation"]["uri"]).replace("%40", "@").replace("%20", " ");
        (path, number(&place["region"]["startLine"]), number(&place["region"]["startColumn"]))
    };
    for found in list(&log["runs"][0]["results"]) {
        let (path, line, column) = place(&found);
        let count = 1 + list(&found["properties"]["gfxlint/more"]).len();
        let known = of_log.insert((text(&found["ruleId"]), path, line), (count, text(&found["level"]), column));
        assert!(known.is_none(), "{found}");
    }
    // What could not be read stands beside the results.
    for notice in list(&log["runs"][0]["invocations"][0]["toolExecutionNotifications"]) {
        let (path, line, column) = place(&notice);
        let key = (text(&notice["descriptor"]["id"]), path, line);
        of_log.entry(key).or_insert_with(|| (0, text(&notice["level"]), column)).0 += 1;
    }
    for (key, told) in &of_json {
        assert_eq!(of_log.get(key), Some(told), "{key:?}");
    }
    assert_eq!(of_log.len(), of_json.len());
    assert!(of_json.len() > 400, "findings on {} lines were compared", of_json.len());
}

/// Lines of which some have a fix and some must stay.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec![
            "vllm serve m --dtype bf16",
            "vllm serve m --dtype=bf16 --quantization awq",
            "  vllm serve 'a b' --kv-cache-dtype fp8 --dtype fp16 # é😀",
            "HIP_VISIBLE_DEVICES=0 docker run --device /dev/kfd --device /dev/dri --ipc=host rocm/vllm:latest vllm serve m",
            "docker run rocm/vllm:latest vllm serve m --dtype bf16",
            "export HSA_OVERRIDE_GFX_VERSION=11.0",
            "export PYTORCH_ROCM_ARCH=\"gfx90a, gfx942\"",
            "pip install torch --index-url https://download.pytorch.org/whl/cu128 && pip install vllm>=0.14",
            "true # gfxlint: ignore[GFX301]",
        ]).prop_map(ToOwned::to_owned),
        2 => "[ -~é😀\t]{0,20}".prop_map(|text| format!("# stays {text}")),
        1 => "[a-z]{1,8}".prop_map(|word| format!("echo '{word}'")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fixes_are_applied_once_and_touch_nothing_else(
        lines in prop::collection::vec((line(), prop::sample::select(vec!["\n", "\r\n"])), 1..8),
        mark in prop::bool::ANY,
        last in prop::bool::ANY,
        least in prop::sample::select(vec![Applicability::Safe, Applicability::Unsafe]),
    ) {
        let mut text: String = lines.iter().map(|(line, end)| format!("{line}{end}")).collect();
        if !last {
            text.truncate(text.trim_end().len());
        }
        let before = format!("{}{text}", if mark { "\u{feff}" } else { "" }).into_bytes();
        let after = fixed(&before, least);
        let again = fixed(&after, least);
        prop_assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&after));
        prop_assert_eq!(before.starts_with("\u{feff}".as_bytes()), after.starts_with("\u{feff}".as_bytes()));
        // Lines that no rule speaks of stay as they are, each once and in order, ends and all.
        let kept = |bytes: &[u8]| -> Vec<String> {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            text.split_inclusive('\n').filter(|line| line.trim_start_matches('\u{feff}').starts_with("# stays") || line.starts_with("echo '")).map(ToOwned::to_owned).collect()
        };
        prop_assert_eq!(kept(&before), kept(&after));
    }

    #[test]
    fn neither_threads_nor_the_order_of_files_change_what_is_said(
        picked in prop::collection::vec(prop::sample::select((0..FILES.len()).collect::<Vec<_>>()), 1..40),
        threads in 1_usize..6,
    ) {
        let mut files: Vec<(String, Vec<u8>)> = picked.iter().map(|&at| FILES[at].clone()).collect();
        let first = rendered(files.clone(), Format::Json);
        files.reverse();
        files.dedup();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        prop_assert_eq!(pool.install(|| rendered(files, Format::Json)), first);
    }
}

/// What all fixes that are at least that safe make of a script.
fn fixed(bytes: &[u8], least: Applicability) -> Vec<u8> {
    let mut fixer = Fixer::new(least);
    loop {
        let input = Input::Memory(vec![("gfx1151/run.sh".to_owned(), bytes.to_vec())]);
        let request = Request { purpose: Purpose::Rules, input, against: None, overlay: fixer.overlay(), cache: None };
        let workspace = scan_as(request, &KNOWLEDGE).unwrap();
        if !fixer.round(workspace.sources(), findings(&workspace).iter()).unwrap() {
            break;
        }
    }
    fixer.changes().pop().map_or_else(|| bytes.to_vec(), |change| change.after)
}

#[test]
fn the_script_of_the_property_has_fixes() {
    let script = b"vllm serve m --dtype bf16\n";
    assert_eq!(fixed(script, Applicability::Safe), b"vllm serve m --dtype bfloat16\n");
}
