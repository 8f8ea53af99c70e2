//! Text from files and from their names stays text: for CI runners, in pages, in Markdown.

use crate::common::{Run, folder, run, unsafe_characters};

/// What a runner, a browser and a renderer of Markdown would act on.
const MARKUP: &str = "</code></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`|![a](http://x)<!--";
const COMMANDS: &str = "##[error]forged ::error::forged ::stop-commands::x ##[add-mask]1";

/// Files of several languages whose findings tell what stands in them.
fn files(hostile: &str) -> Vec<(String, String)> {
    [
        ("vllm/x.py", format!("from vllm.{0} import a\nARCHS = [\"gfx942{0}\", \"gfx90a\"]\nx = = '{0}'\n", hostile.replace(' ', "\u{a0}"))),
        ("CMakeLists.txt", format!("set(HIP_SUPPORTED_ARCHS \"gfx90a;gfx942;gfx9{hostile}\") # {hostile}\n")),
        (
            "docker/Dockerfile.rocm",
            format!(
                "FROM rocm/{hostile} AS b\nARG PYTORCH_ROCM_ARCH=\"gfx942;gfx1151x {hostile}\"\nENV HSA_OVERRIDE_GFX_VERSION=\"{hostile}\"\n\
                 RUN pip install 'torch {hostile}' && git clone https://github.com/vllm-project/vllm.git -b \"{hostile}\"\n\
                 CMD [\"vllm\", \"serve\", \"m\", \"--dtype\", \"{}\", \"--quantization\", \"awq\"]\n",
                hostile.replace('\\', "").replace('"', "\\\"")
            ),
        ),
        ("run.sh", format!("vllm serve 'm {0}' --dtype 'bf16 {0}' --kv-cache-dtype '{0}' --quantization '{0}'\n", hostile.replace('\'', ""))),
        ("docs/x.md", format!("- GPU: MI300 {hostile} (gfx942), {hostile} (gfx1100)\n")),
        ("compose.yaml", format!("services:\n  v:\n    image: \"rocm/vllm:{0}\"\n    command: \"--dtype bf16{0}\"\n", hostile.replace('"', ""))),
        ("a.nix", format!("{{ pkgs }}: pkgs.python3Packages.vllm.override {{ rocmSupport = true; gpuTargets = [ \"gfx906{}\" ]; }}\n", hostile.replace('"', ""))),
    ]
    .map(|(path, text)| (path.to_owned(), text))
    .to_vec()
}

fn over(files: &[(String, String)], arguments: &[&str]) -> Run {
    let bytes: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
    let tree = folder(&bytes);
    let run = run(tree.path(), arguments);
    assert!(matches!(run.status, Some(0 | 1)), "{arguments:?}: {run:?}");
    run
}

/// The commands that say something of files, in a format.
fn commands(format: &'static str) -> [Vec<&'static str>; 4] {
    [
        vec!["check", "--pedantic", "--arch", "gfx906,gfx1151", "--format", format],
        vec!["check", "--fix", "--unsafe-fixes", "--format", format],
        vec!["audit", "--arch", "gfx906", "--format", format],
        vec!["facts", "--format", format],
    ]
}

/// Lines that GitHub's runner would obey: two colons behind blanks, or the old mark anywhere.
fn obeyed(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.trim_start().starts_with("::") || line.contains("##[")).collect()
}

#[test]
fn files_give_a_runner_no_commands() {
    let files = files(COMMANDS);
    for format in ["pretty", "concise", "json"] {
        for arguments in commands(format) {
            let run = over(&files, &arguments);
            assert_eq!(obeyed(&run.out), [""; 0], "{arguments:?}");
            assert_eq!(obeyed(&run.err), [""; 0], "{arguments:?}");
        }
    }
    let found = over(&files, &commands("json")[0]);
    let said = found.json().to_string();
    assert!(said.contains("##[error]forged ::error::forged"), "whoever parses JSON gets the text as it is: {said}");
    for format in ["sarif", "gitlab", "markdown"] {
        assert_eq!(obeyed(&over(&files, &commands(format)[0]).out), [""; 0], "{format}");
    }
    let annotations = over(&files, &commands("github")[0]).out;
    let own = ["::error file=", "::warning file=", "::notice file=", "::notice title=gfxlint::"];
    for line in obeyed(&annotations) {
        assert!(own.iter().any(|start| line.starts_with(start)), "{line}");
    }
}

/// Lines of help and of messages are wrapped; none may come to start with a command.
#[test]
fn wrapping_makes_no_commands() {
    for width in 1..40 {
        let hostile = format!("{} ::error::forged", "x".repeat(width));
        let files =
            [("run.sh".to_owned(), format!("vllm serve m --dtype '{hostile}' --kv-cache-dtype 'fp9 {hostile}'\n"))];
        let run = over(&files, &["check", "--format", "pretty"]);
        assert_eq!(obeyed(&run.out), [""; 0], "{}", run.out);
    }
}

/// Mistakes in files that steer the run are shown with an excerpt.
#[test]
fn mistakes_give_a_runner_no_commands() {
    let tree = folder(&[
        ("gfxlint.toml", b"##[error]a \x1b[31m\0\n::error::forged = [\n"),
        ("known.json", b"{\"version\": 1, \"findings\": [\n::error::forged \x1b[31m\0 ##[error]a\n]}"),
        ("p.diff", b"--- a/::error::x\n+++ b/##[error]x\n@@ -1 +1 @@\n-a\n+b\n"),
    ]);
    for arguments in [
        &["check"][..],
        &["check", "--isolated", "--baseline", "known.json"],
        &["review", "--isolated", "--patch", "p.diff"],
        &["check", "--isolated", "::error::x"],
        &["check", "--isolated", "--arch", "::error::x ##[error]y"],
    ] {
        let run = run(tree.path(), arguments);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert_eq!(obeyed(&run.err), [""; 0], "{arguments:?}: {}", run.err);
        assert!(unsafe_characters(&run.err).is_empty(), "{arguments:?}: {}", run.err);
    }
}

/// The tags of a page, by name; `<` in its scripts and styles is none.
fn tags(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name: String =
            rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '/' | '!')).collect();
        if matches!(name.as_str(), "script" | "style") {
            let close = format!("</{name}");
            rest = &rest[rest.find(&close).unwrap_or(rest.len())..];
        }
        found.push(name.to_ascii_lowercase());
    }
    found
}

#[test]
fn a_page_holds_no_markup_of_files() {
    for arguments in [
        &["check", "--pedantic", "--arch", "gfx906,gfx1151", "--format", "html"][..],
        &["audit", "--arch", "gfx906", "--format", "html"],
    ] {
        let page = over(&files(MARKUP), arguments).out;
        assert!(page.contains("&lt;img src=x onerror=alert(2)&gt;") || arguments[0] == "audit", "{page}");
        let (hostile, tame) = (tags(&page), tags(&over(&files("fine"), arguments).out));
        let kinds = |tags: &[String]| tags.iter().cloned().collect::<std::collections::BTreeSet<_>>();
        // Findings may differ, and with them the number of tags; their kinds do not.
        assert_eq!(kinds(&hostile).difference(&kinds(&tame)).collect::<Vec<_>>(), [""; 0], "{page}");
        let scripts = |tags: &[String]| tags.iter().filter(|tag| tag.contains("script")).count();
        assert_eq!(scripts(&hostile), scripts(&tame), "{page}");
        assert!(!page.contains("<script>alert") && !page.contains("<img"), "{page}");
    }
}

/// A table for a comment: outside of code marks nothing is markup, links, mentions or a second cell.
#[test]
fn a_table_holds_no_markup_of_files() {
    let run = over(
        &files(&format!("{MARKUP} @everyone [b](http://y)")),
        &["check", "--arch", "gfx906", "--format", "markdown"],
    );
    let rows: Vec<&str> = run.out.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 3, "{}", run.out);
    for row in rows {
        let (mut plain, mut rest) = (String::new(), row);
        // Code ends with as many marks as it starts with.
        while let Some(at) = rest.find('`') {
            let marks = rest[at..].len() - rest[at..].trim_start_matches('`').len();
            let (before, behind) = (&rest[..at], &rest[at + marks..]);
            if before.ends_with('\\') {
                plain += before;
                rest = &rest[at + 1..];
                continue;
            }
            let fence = "`".repeat(marks);
            let close = behind
                .match_indices(&fence)
                .map(|(at, _)| at)
                .find(|&at| !behind[at + marks..].starts_with('`') && !behind[..at].ends_with('`'));
            plain += before;
            rest = close.map_or("", |close| &behind[close + marks..]);
        }
        plain += rest;
        for wrong in ["<script", "<img", "<!--", " ![", " [b]", "@everyone"] {
            assert!(!plain.contains(wrong), "{wrong} in {plain:?} of {row}");
        }
        let cells = row.replace("\\|", "").matches('|').count();
        assert_eq!(cells, 5, "{row}");
    }
}

/// Names of folders and files do what contents do.
#[cfg(unix)]
#[test]
fn names_are_no_markup() {
    let files = vec![("<img src=x onerror=alert(2)>/run.sh".to_owned(), "vllm serve m --dtype bf16\n".to_owned())];
    let page = over(&files, &["check", "--format", "html"]).out;
    assert!(!page.contains("<img") && page.contains("&lt;img"), "{page}");
    let table = over(&files, &["check", "--format", "markdown"]).out;
    assert!(table.contains("`<img src=x onerror=alert(2)>/run.sh"), "a path is code: {table}");
    let files = vec![("##[error]x/::a/run.sh".to_owned(), "vllm serve m --dtype bf16\n".to_owned())];
    for format in ["pretty", "concise", "json", "sarif", "gitlab", "markdown"] {
        assert_eq!(obeyed(&over(&files, &["check", "--format", format]).out), [""; 0], "{format}");
    }
}
