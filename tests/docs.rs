//! The site's pages are what the rules say. To refresh: `GFXLINT_UPDATE=docs cargo test --test docs`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gfxlint::report::page::{Shown, page};
use gfxlint::rules::{RULES, RuleMeta};

/// Whether the pages are to be written.
fn refreshes() -> bool {
    std::env::var("GFXLINT_UPDATE").is_ok_and(|what| what == "docs")
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs")
}

/// The folders of rules below `rules/`, in the order of their first ids, with what they are about.
const FAMILIES: [(&str, &str); 6] = [
    ("arch", "Sets of targets"),
    ("imports", "Exports and imports"),
    ("quant", "Launches: dtype, quantization, environment"),
    ("docker", "Container builds"),
    ("nix", "Nix"),
    ("run", "Container runs, and the run itself"),
];

fn of_family(family: &str) -> impl Iterator<Item = &'static RuleMeta> {
    let folder = format!("rules/{family}/");
    RULES.iter().filter(move |rule| rule.path.starts_with(&folder))
}

/// The list of rules.
fn list() -> String {
    let mut out = "# Rules\n\nEach page is made of the rule's own file. Its examples are run as tests.\n".to_owned();
    for (family, title) in FAMILIES {
        if of_family(family).next().is_none() {
            continue;
        }
        let _ = write!(out, "\n## {title}\n\n| id | name | severity | what |\n|---|---|---|---|\n");
        for rule in of_family(family) {
            let (id, name, severity) = (rule.id, rule.name, rule.severity.name());
            let _ = writeln!(
                out,
                "| [{id}](rules/{id}.md) | `{name}` | {severity} | {} |",
                rule.summary.replace('|', "\\|")
            );
        }
    }
    out
}

/// The table of contents that mdBook reads.
fn contents() -> String {
    let mut out = "# Summary\n\n[gfxlint](introduction.md)\n\n- [Configuration](configuration.md)\n- [Continuous integration](ci.md)\n- [Suppressions](suppressions.md)\n- [Writing a rule](writing-a-rule.md)\n- [Rules](rules.md)\n".to_owned();
    for rule in FAMILIES.iter().flat_map(|(family, _)| of_family(family)) {
        let _ = writeln!(out, "  - [{} {}](rules/{}.md)", rule.id, rule.name, rule.id);
    }
    out
}

/// Every page that is written by this test.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut pages: BTreeMap<PathBuf, String> =
        RULES.iter().map(|rule| (docs().join(format!("rules/{}.md", rule.id)), page(rule, Shown::All))).collect();
    pages.insert(docs().join("rules.md"), list());
    pages.insert(docs().join("SUMMARY.md"), contents());
    pages
}

#[test]
fn every_rule_has_a_family() {
    let count: usize = FAMILIES.iter().map(|(family, _)| of_family(family).count()).sum();
    assert_eq!(count, RULES.len(), "a folder of rules is missing in FAMILIES");
}

#[test]
fn pages_are_what_the_rules_say() {
    let wanted = pages();
    let stray: Vec<PathBuf> = fs::read_dir(docs().join("rules"))
        .map(|entries| entries.map(|entry| entry.unwrap().path()).filter(|path| !wanted.contains_key(path)).collect())
        .unwrap_or_default();
    if refreshes() {
        fs::create_dir_all(docs().join("rules")).unwrap();
        stray.iter().for_each(|path| fs::remove_file(path).unwrap());
        wanted.iter().for_each(|(path, text)| fs::write(path, text).unwrap());
        return;
    }
    assert!(stray.is_empty(), "pages without a rule: {stray:?}");
    let stale: Vec<&PathBuf> = wanted
        .iter()
        .filter(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(text))
        .map(|(path, _)| path)
        .collect();
    assert!(stale.is_empty(), "refresh with GFXLINT_UPDATE=docs cargo test --test docs: {stale:?}");
}

#[test]
fn links_between_pages_lead_somewhere() {
    if refreshes() {
        return;
    }
    let mut broken = Vec::new();
    for name in ["introduction", "configuration", "ci", "suppressions", "writing-a-rule", "rules", "SUMMARY"] {
        let text = fs::read_to_string(docs().join(format!("{name}.md"))).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, section) = target.split_once('#').unwrap_or((target, ""));
            let own = format!("{name}.md");
            let page = fs::read_to_string(docs().join(if file.is_empty() { &own } else { file }));
            let leads = page.is_ok_and(|page| section.is_empty() || page.lines().any(|line| slug(line) == section));
            if !target.starts_with("https://") && !leads {
                broken.push(format!("{name}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:?}");
}

/// How the site generator names the section under a heading; empty for any other line.
fn slug(line: &str) -> String {
    let heading = line.trim_start_matches('#');
    if heading.len() == line.len() {
        return String::new();
    }
    let kept = heading.trim().chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The picture in README.md is a real run.
#[test]
fn the_picture_shows_what_the_program_prints() {
    let arguments = ["check", "--select", "GFX104", "testdata/mini-vllm", "--format", "pretty", "--color", "always"];
    let run = common::run(Path::new(env!("CARGO_MANIFEST_DIR")), &arguments);
    let command = "gfxlint check --select GFX104 testdata/mini-vllm";
    let wanted = picture(command, run.out.trim_end());
    let path = docs().join("check.svg");
    if refreshes() {
        fs::write(&path, wanted).unwrap();
        return;
    }
    let is_fresh = fs::read_to_string(&path).ok().as_ref() == Some(&wanted);
    assert!(is_fresh, "refresh with GFXLINT_UPDATE=docs cargo test --test docs");
}

/// A terminal as an SVG picture: the command, and what it printed with its colours.
fn picture(command: &str, output: &str) -> String {
    const LINE: usize = 18;
    const LEFT: usize = 16;
    const TOP: usize = 46;
    let lines: Vec<String> = std::iter::once(format!("$ {command}")).chain(output.lines().map(str::to_owned)).collect();
    let plain = |line: &str| spans(line).iter().map(|(_, text)| text.chars().count()).sum::<usize>();
    let width = lines.iter().map(|line| plain(line)).max().unwrap_or_default() * 84 / 10 + 2 * LEFT;
    let height = TOP + lines.len() * LINE + LEFT;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{command}\">\n<style>text{{font:14px SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d6d8dc;white-space:pre}}.b{{font-weight:700}}.d{{opacity:.65}}.c31{{fill:#f2777a}}.c32{{fill:#8fc98f}}.c33{{fill:#f2c265}}.c34{{fill:#7aa9e8}}.c35{{fill:#c99be0}}.c36{{fill:#6cc7c7}}</style>\n<rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#1d2026\"/>\n<circle cx=\"20\" cy=\"18\" r=\"6\" fill=\"#f2777a\"/><circle cx=\"40\" cy=\"18\" r=\"6\" fill=\"#f2c265\"/><circle cx=\"60\" cy=\"18\" r=\"6\" fill=\"#8fc98f\"/>\n"
    );
    for (at, line) in lines.iter().enumerate() {
        let y = TOP + at * LINE;
        let _ = write!(out, "<text x=\"{LEFT}\" y=\"{y}\" xml:space=\"preserve\">");
        for (classes, text) in spans(line) {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            if classes.is_empty() {
                out.push_str(&text);
            } else {
                let _ = write!(out, "<tspan class=\"{}\">{text}</tspan>", classes.join(" "));
            }
        }
        out.push_str("</text>\n");
    }
    out.push_str("</svg>\n");
    out
}

/// A line cut at its colour codes: classes and text.
fn spans(line: &str) -> Vec<(Vec<String>, String)> {
    let mut spans = Vec::new();
    let mut classes: Vec<String> = Vec::new();
    for (at, part) in line.split('\x1b').enumerate() {
        let text = match part.strip_prefix('[').and_then(|rest| rest.split_once('m')) {
            Some((codes, text)) if at > 0 => {
                for code in codes.split(';') {
                    match code {
                        "" | "0" => classes.clear(),
                        "1" => classes.push("b".to_owned()),
                        "2" => classes.push("d".to_owned()),
                        "39" => classes.retain(|class| !class.starts_with('c')),
                        color => classes.push(format!("c{color}")),
                    }
                }
                text
            }
            _ => part,
        };
        if !text.is_empty() {
            spans.push((classes.clone(), text.to_owned()));
        }
    }
    spans
}
