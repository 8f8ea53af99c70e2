//! A small tree in memory, with findings made by hand.

use std::sync::Arc;

use super::sarif::{Provenance, Run};
use super::{Paths, Report};
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::rules::RuleMeta;
use crate::source::{SourceFile, Sources};
use crate::span::{Place, Span};

static ARCH_GAP: RuleMeta = rule(
    "GFX101",
    "arch-gap",
    Severity::Warning,
    "A GPU target is missing from a list that another part of the tree relies on.",
    "rules/arch/GFX101-arch-gap.toml",
);
static MISSING_EXPORT: RuleMeta = rule(
    "GFX201",
    "missing-export",
    Severity::Error,
    "A name is imported from a module that neither defines nor re-exports it.",
    "rules/imports/GFX201-missing-export.toml",
);
static UNPARSED: RuleMeta =
    rule("GFX902", "unparsed", Severity::Note, "A region could not be parsed.", "rules/run/GFX902-unparsed.toml");
static UNREADABLE: RuleMeta =
    rule("GFX903", "unreadable", Severity::Warning, "A file could not be read.", "rules/run/GFX903-unreadable.toml");

/// The rules that these findings are of.
pub const RULES: &[&RuleMeta] = &[&ARCH_GAP, &MISSING_EXPORT, &UNPARSED, &UNREADABLE];

const fn rule(
    id: &'static str,
    name: &'static str,
    severity: Severity,
    summary: &'static str,
    path: &'static str,
) -> RuleMeta {
    RuleMeta {
        id,
        name,
        severity,
        life: crate::rules::Life::USUAL,
        tags: &["arch"],
        summary,
        why: "The build skips the target without a word.\n\nMore.",
        fix: "Add the target to the `list`.",
        path,
        source: "",
        check: None,
    }
}

/// What a log says beside findings.
pub fn run() -> Run<'static> {
    static PROVENANCE: std::sync::LazyLock<Provenance> = std::sync::LazyLock::new(|| Provenance {
        repository: "https://github.com/vllm-project/vllm".to_owned(),
        revision: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        branch: Some("main".to_owned()),
    });
    Run { rules: RULES, provenance: &PROVENANCE, remarks: &[] }
}

/// Files of that path and text.
pub fn sources(files: &[(&str, &str)]) -> Sources {
    let mut files: Vec<_> = files
        .iter()
        .map(|&(path, text)| SourceFile::new(path.to_owned(), path.into(), "", Some(Arc::from(text)), 0))
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Sources::new(files)
}

/// Where `needle` first stands in a file.
pub fn place(sources: &Sources, path: &str, needle: &str) -> Place {
    let file = sources.find(path).unwrap();
    let start = sources.get(file).text().find(needle).unwrap();
    Place { file, span: Span::new(start, start + needle.len()) }
}

/// Three files that are at odds, and four that try to break the output.
pub struct Fixture {
    sources: Sources,
    paths: Paths,
    findings: Vec<Finding>,
}

const CMAKE: &str = "cmake_minimum_required(VERSION 3.26)\n\n# Supported AMD GPU architectures.\nset(HIP_SUPPORTED_ARCHS \"gfx90a;gfx942\")\n\nif(NOT X)\nendif()\n";
const DOCKERFILE: &str = "FROM rocm/dev\r\n\r\nARG PYTORCH_ROCM_ARCH=gfx90a;gfx942\r\nRUN echo \\\r\n\tgfx906\r\n";
const HOSTILE: &str = "a\n::error::\x1b[31m.py";

impl Fixture {
    pub fn new() -> Self {
        let long = format!("{}\"é😀\", bad_import, {}\n", "x = 1; ".repeat(400), "y = 2; ".repeat(400));
        let files = [
            ("CMakeLists.txt", CMAKE),
            ("docker/Dockerfile rocm é", DOCKERFILE),
            ("vllm/min.py", &long),
            (HOSTILE, "s = \"é😀\x1b[2J\u{202e}\"; \timport_me\n"),
            (
                "vllm/platforms/rocm.py",
                "def on_gfx9():\n    return any(arch in GCN for arch in [\"gfx90a\", \"gfx942\"])\n\n\n\n\n\n\n\n\ndef other(): return \"gfx942\"\n",
            ),
        ];
        let sources = sources(&files);
        let findings = findings(&sources);
        Self { sources, paths: Paths::default(), findings }
    }

    pub fn report(&self, pedantic: bool) -> Report<'_> {
        Report::new(&self.sources, &self.paths, self.findings.clone(), pedantic)
    }
}

fn findings(sources: &Sources) -> Vec<Finding> {
    let at = |path: &str, needle: &str| place(sources, path, needle);
    let list = at("CMakeLists.txt", "gfx90a;gfx942");
    let gap = Finding::new(
        &ARCH_GAP,
        list,
        "`gfx906` is missing from `HIP_SUPPORTED_ARCHS`; the build skips it without a word.",
    )
    .label("what CMake builds for")
    .related(at("CMakeLists.txt", "HIP_SUPPORTED_ARCHS"), "the variable")
    .related(at("docker/Dockerfile rocm é", "gfx90a;gfx942"), "what the image is built for")
    .related(at("vllm/platforms/rocm.py", "\"gfx90a\", \"gfx942\""), "where the platform tests for it")
    .related(at("vllm/platforms/rocm.py", "return \"gfx942\""), "")
    .help("add `gfx906` to the list")
    .data("arch", "gfx906")
    .fix("add gfx906", Applicability::Unsafe, vec![Edit::insert(list, list.span.end, ";gfx906")]);
    let long = Finding::new(&MISSING_EXPORT, at("vllm/min.py", "bad_import"), "`bad_import` is not there.")
        .label("imported here");
    let hostile = Finding::new(&MISSING_EXPORT, at(HOSTILE, "import_me"), "`import_me\n::error::x` is not there.")
        .label("a\x1b[0mb")
        .help("one\ntwo");
    let tab =
        Finding::new(&ARCH_GAP, at("docker/Dockerfile rocm é", "gfx906"), "a tab before it").severity(Severity::Note);
    let certain = Finding::new(&ARCH_GAP, at("docker/Dockerfile rocm é", "echo"), "Certain advice.")
        .severity(Severity::Note)
        .certain();
    let unparsed = Finding::new(&UNPARSED, at("docker/Dockerfile rocm é", "RUN"), "An instruction was expected.");
    let unreadable = Finding::new(&UNREADABLE, at("vllm/min.py", "x"), "Not UTF-8.");
    vec![tab, long.clone(), hostile, gap, certain, long, unparsed, unreadable]
}

mod tests {
    use super::*;
    use crate::report::style::PLAIN;
    use crate::report::{Format, Style};

    fn render(format: Format, pedantic: bool, style: &Style) -> String {
        Fixture::new().report(pedantic).render(format, style, &run()).unwrap()
    }

    #[test]
    fn pretty() {
        insta::assert_snapshot!(render(Format::Pretty, false, &Style { unicode: true, ..PLAIN }));
    }

    #[test]
    fn pretty_in_ascii_with_advice() {
        insta::assert_snapshot!(render(Format::Pretty, true, &Style { width: 60, ..PLAIN }));
    }

    #[test]
    fn pretty_in_color() {
        insta::assert_snapshot!(render(Format::Pretty, false, &Style { color: true, ..PLAIN }).replace('\x1b', "ESC"));
    }

    #[test]
    fn concise() {
        insta::assert_snapshot!(render(Format::Concise, false, &PLAIN));
    }

    #[test]
    fn json() {
        insta::assert_snapshot!(render(Format::Json, false, &PLAIN));
    }

    #[test]
    fn nothing_found() {
        let sources = sources(&[("a", ""), ("b", "")]);
        let report =
            Report::new(&sources, &Paths::default(), Vec::new(), false).render(Format::Pretty, &PLAIN, &run()).unwrap();
        assert_eq!(report, "No problems found in 2 files.\n");
    }

    #[test]
    fn text_output_carries_no_control_characters_of_files() {
        for format in [Format::Pretty, Format::Concise] {
            let text = render(format, true, &PLAIN);
            assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text}");
            assert!(
                !text.contains('\u{202e}') && text.lines().all(|line| !line.trim_start().starts_with("::")),
                "{text}"
            );
        }
    }

    /// Every label's caret stands below its token, whatever stands before it.
    #[test]
    fn any_text_renders() {
        let texts = [
            "",
            "\n",
            "\r",
            "x",
            "é\u{301}\t漢\u{202e}x",
            "\r\n\r\nx\n",
            &"漢".repeat(500),
            &format!("{}x", "\t".repeat(300)),
        ];
        for text in texts {
            let sources = sources(&[("f", text)]);
            let (file, paths) = (sources.find("f").unwrap(), Paths::default());
            let ends = (0..=text.len()).filter(|&end| text.is_char_boundary(end)).collect::<Vec<_>>();
            for pair in ends.windows(2).chain(ends.windows(1)).step_by(if ends.len() > 50 { 17 } else { 1 }) {
                let at = |start, end| Place { file, span: Span::new(start, end) };
                let whole = at(0, text.len());
                let finding = Finding::new(&ARCH_GAP, at(pair[0], pair[pair.len() - 1]), "m")
                    .label("l")
                    .related(whole, "w")
                    .related(at(text.len(), text.len()), "e");
                let report = Report::new(&sources, &paths, vec![finding], false);
                for format in [Format::Pretty, Format::Sarif, Format::Json] {
                    assert!(
                        !report.render(format, &PLAIN, &run()).unwrap().contains("Failed to read"),
                        "{text:?} {pair:?}"
                    );
                }
            }
        }
    }

    /// Rendering is linear in what is shown, not in the files that it stands in.
    #[test]
    #[ignore = "a measurement, for release builds"]
    fn a_thousand_findings_render_in_no_time() {
        let text = "if arch in [\"gfx90a\"]:  # é\n".repeat(10_000);
        let sources = sources(&[("f.py", &text)]);
        let file = sources.find("f.py").unwrap();
        let finding = |n: usize| {
            Finding::new(
                &ARCH_GAP,
                Place { file, span: Span::new(n * 290 + 12, n * 290 + 18) },
                "A message of usual length, with a `name` in it.",
            )
            .label("here")
            .help("do it")
        };
        let paths = Paths::default();
        let report = Report::new(&sources, &paths, (0..960).map(finding).collect(), false);
        let start = std::time::Instant::now();
        let rendered =
            report.render(Format::Pretty, &Style { unicode: true, color: true, width: 100 }, &run()).unwrap();
        let spent = start.elapsed();
        assert!(rendered.len() > 100_000 && spent.as_millis() < 50, "{spent:?}");
    }
}
