//! What directives cover, language by language.

use crate::facts::{Directive, FileFacts, Reach};

fn read(language: &str, text: &str) -> Vec<Directive> {
    let mut facts = FileFacts::default();
    super::extract(language, if language == "requirements" { "pyproject.toml" } else { "x" }, text, &mut facts);
    facts.directives
}

/// The regions of the only directive of a text, as they read.
fn covered<'t>(language: &str, text: &'t str) -> Vec<&'t str> {
    let found = read(language, text);
    assert_eq!(found.len(), 1, "{language}: {text}\n{found:#?}");
    match &found[0].reach {
        Reach::File => vec![text],
        Reach::Regions(regions) => regions.iter().map(|region| region.text(text)).collect(),
    }
}

/// The text without its only directive.
fn without(language: &str, text: &str) -> String {
    let found = read(language, text);
    assert_eq!(found.len(), 1, "{language}: {text}\n{found:#?}");
    let mut out = text.to_owned();
    out.replace_range(found[0].removal.range(), "");
    out
}

#[test]
fn a_line_and_the_line_below() {
    for (language, text, covers) in [
        ("python", "a = 1  # gfxlint: ignore[GFX101] why\nb = 2\n", "a = 1  # gfxlint: ignore[GFX101] why"),
        ("python", "# gfxlint: ignore[GFX101]\n# more\na = 1\nb = 2\n", "a = 1"),
        ("cmake", "set(A b) # gfxlint: ignore[GFX101]\nx()\n", "set(A b) # gfxlint: ignore[GFX101]"),
        ("cpp", "int a; // gfxlint: ignore[GFX116]\nint b;\n", "int a; // gfxlint: ignore[GFX116]"),
        ("cpp", "/* gfxlint: ignore[GFX116] why */\nint b;\nint c;\n", "int b;"),
        ("cpp", "/*\n * gfxlint: ignore[GFX116]\n */\nint b;\nint c;\n", "int b;"),
        ("shell", "# gfxlint: ignore[GFX405]\npip install torch\nls\n", "pip install torch"),
        ("env", "# gfxlint: ignore[GFX316]\nA=1\nB=2\n", "A=1"),
        ("unit", "; gfxlint: ignore[GFX316]\nEnvironment=A=1\n", "Environment=A=1"),
        ("hcl", "// gfxlint: ignore[GFX101]\nx = 1\ny = 2\n", "x = 1"),
        ("nix", "{\n  # gfxlint: ignore[GFX601]\n  a = 1;\n  b = 2;\n}\n", "  a = 1;"),
        ("yaml", "a:\n  b: 1 # gfxlint: ignore[GFX101]\n  c: 2\n", "  b: 1 # gfxlint: ignore[GFX101]"),
        ("markdown", "<!-- gfxlint: ignore[GFX115] -->\n\n- a\n- b\n", "- a"),
        ("dockerfile", "FROM x\n# gfxlint: ignore[GFX401]\nRUN a\nRUN b\n", "RUN a"),
        ("dockerfile", "FROM x\nRUN a # gfxlint: ignore[GFX401]\nRUN b\n", "RUN a # gfxlint: ignore[GFX401]"),
        ("requirements", "# gfxlint: ignore[GFX405]\ndeps = [\n \"torch\",\n]\nx = 1\n", "deps = [\n \"torch\",\n]"),
    ] {
        assert_eq!(covered(language, text), [covers], "{language}: {text}");
    }
}

#[test]
fn above_a_statement_of_several_lines() {
    for (language, statement) in [
        ("python", "from a import (\n    b,\n\n    c,  # d\n)"),
        ("python", "x = '''\n# no comment (\n'''"),
        ("python", "x = a + \\\n    b"),
        ("cmake", "set(A\n  \"gfx906;)\n\"\n  b # )\n)"),
        ("cpp", "#if defined(A) || \\\n    defined(B)"),
        ("cpp", "call(a,\n     b);"),
        ("shell", "pip install \\\n  torch"),
        ("shell", "A=(\n  b # c\n  d\n)"),
        ("shell", "cat <<'EOF'\ndon't\nEOF"),
        ("shell", "python3 -c \"\nimport torch\n\""),
        ("dockerfile", "RUN a \\\n # comment\n\n  && it's b \\\n  && c"),
        ("dockerfile", "RUN <<EOF\na\n# b\nEOF"),
        ("nix", "x = [\n  \"a\"\n];"),
        ("nix", "x = {\n  a = 1;\n  b = ''\n    # }\n  '';\n};"),
        ("hcl", "target \"a\" {\n  args = {\n    X = \"y\"\n  }\n}"),
        ("yaml", "- a: 1\n  b:\n    - c\n\n    - d"),
        ("yaml", "list:\n- a\n- b"),
        ("yaml", "run: |\n  a \\\n    b"),
        ("markdown", "```bash\na\n\nb\n```"),
        ("markdown", "| a |\n|---|\n| b |"),
        ("markdown", "- a\n  more"),
    ] {
        let sign = match language {
            "cpp" => "// gfxlint: ignore[GFX101]",
            "markdown" => "<!-- gfxlint: ignore[GFX101] -->",
            _ => "# gfxlint: ignore[GFX101]",
        };
        let next = if language == "yaml" && statement.starts_with('-') { "- next" } else { "next: 1" };
        let next = if language == "markdown" { "\n- next" } else { next };
        let text = format!("{sign}\n{statement}\n{next}\n");
        assert_eq!(covered(language, &text), [statement], "{language}: {text}");
    }
}

#[test]
fn inside_a_statement_the_nearest_line_comes_first() {
    let import = "from a import (\n    b,\n    c,  # gfxlint: ignore[GFX201]\n)\nd\n";
    assert_eq!(covered("python", import), ["    c,  # gfxlint: ignore[GFX201]", import.strip_suffix("\nd\n").unwrap()]);
    let run = "FROM x\nRUN a \\\n  # gfxlint: ignore[GFX405]\n  && b \\\n  && c\nRUN d\n";
    assert_eq!(covered("dockerfile", run), ["  && b \\", "RUN a \\\n  # gfxlint: ignore[GFX405]\n  && b \\\n  && c"]);
    let script = "RUN <<EOF\na\n# gfxlint: ignore[GFX405]\nb \\\n  c\nd\nEOF\nRUN e\n";
    assert_eq!(covered("dockerfile", script), ["b \\\n  c", script.strip_suffix("\nRUN e\n").unwrap()]);
    let step = "- run: |\n    a\n    # gfxlint: ignore[GFX405]\n    b \\\n      c\n    d\n";
    assert_eq!(covered("yaml", step), ["    b \\\n      c"]);
    let first = "from a import (  # gfxlint: ignore[GFX201]\n    b,\n)\n";
    assert_eq!(covered("python", first), [first.trim_end()]);
    let fence = "text\n```Dockerfile\nFROM x\n# gfxlint: ignore[GFX401]\nRUN a\n```\n";
    assert_eq!(covered("markdown", fence)[0], "RUN a");
    let block = "int f() {\n  a(); // gfxlint: ignore[GFX116]\n  b();\n}\n";
    assert_eq!(covered("cpp", block), ["  a(); // gfxlint: ignore[GFX116]"]);
    let function = "// gfxlint: ignore[GFX116]\nint f(a,\n  b) {\n  a();\n}\n";
    assert_eq!(covered("cpp", function), ["int f(a,\n  b) {"]);
}

#[test]
fn what_is_no_comment_is_no_directive() {
    for (language, text) in [
        ("python", "x = '# gfxlint: ignore[GFX101]'\n"),
        ("python", "'''\n# gfxlint: ignore[GFX101]\n'''\n"),
        ("python", "# see gfxlint: ignore[GFX101] is how\n"),
        ("python", "# gfxlint: a linter\n"),
        ("cmake", "message(\"# gfxlint: ignore[GFX101]\")\n"),
        ("cpp", "auto a = \"// gfxlint: ignore[GFX101]\";\n"),
        ("shell", "echo '# gfxlint: ignore[GFX101]'\n"),
        ("dockerfile", "FROM x\nRUN echo \"a # gfxlint: ignore[GFX101]\" >> b\n"),
        ("shell", "echo a#gfxlint: ignore[GFX101]\n"),
        ("markdown", "# gfxlint: ignore[GFX101]\n"),
        ("markdown", "Write `# gfxlint: ignore[GFX101]`.\n"),
        ("nix", "x = ''\n  # gfxlint: ignore[GFX101]\n'';\n"),
        ("unit", "A=b # gfxlint: ignore[GFX101]\n"),
        ("json", "// gfxlint: ignore[GFX101]\n"),
    ] {
        assert_eq!(read(language, text), [], "{language}: {text}");
    }
}

#[test]
fn names_reasons_and_days_are_read() {
    let text = "a = 1  # gfxlint: ignore[GFX101, arch-gap ,GFX2] until=2027-01-31 upstream #123 # noqa\n";
    let found = &read("python", text)[0];
    let names: Vec<_> = found.selectors.iter().map(|selector| selector.text.as_str()).collect();
    assert_eq!(names, ["GFX101", "arch-gap", "GFX2"]);
    assert_eq!(
        found.until.map(|(date, at)| (date.to_string(), at.text(text))),
        Some(("2027-01-31".into(), "until=2027-01-31"))
    );
    assert_eq!(found.reason, "upstream");
    assert_eq!(found.fault, None);
    let file = &read("python", "# gfxlint: ignore-file[GFX2] vendored\n")[0];
    assert_eq!((&file.reach, file.reason.as_str()), (&Reach::File, "vendored"));
    for (name, left) in [(0, "[arch-gap ,GFX2]"), (1, "[GFX101,GFX2]"), (2, "[GFX101, arch-gap ]")] {
        let mut out = text.to_owned();
        out.replace_range(found.selectors[name].removal.range(), "");
        assert!(out.contains(left), "{out}");
    }
}

#[test]
fn faults_are_told() {
    for (comment, fault) in [
        ("ignore", "`ignore` names no rule; write `ignore[GFX101]`"),
        ("ignore[]", "`ignore` names no rule; write `ignore[GFX101]`"),
        ("ignore-file", "`ignore-file` names no rule; write `ignore-file[GFX101]`"),
        ("disable[GFX101]", "`disable` is no word of gfxlint's; `ignore[...]` is"),
        ("ignore[GFX101] until=soon", "`soon` is no day; write it as in until=2027-01-31"),
    ] {
        let found = read("python", &format!("# gfxlint: {comment}\n"));
        assert_eq!(found[0].fault.as_ref().map(|(fault, _)| fault.as_str()), Some(fault), "{comment}");
    }
    let value = read("dockerfile", "FROM x\nARG A=b # gfxlint: ignore[GFX101]\n");
    assert!(value[0].is_value && value[0].fault.is_none(), "{value:?}");
}

#[test]
fn removal_leaves_nothing_behind() {
    for (language, text, left) in [
        ("python", "a = 1  # gfxlint: ignore[GFX101] why\nb\n", "a = 1\nb\n"),
        ("python", "    # gfxlint: ignore[GFX101]\r\na\r\n", "a\r\n"),
        ("python", "a # gfxlint: ignore[GFX101] why  # noqa: E501\n", "a  # noqa: E501\n"),
        ("python", "a # noqa: E501 # gfxlint: ignore[GFX101]\n", "a # noqa: E501\n"),
        ("python", "# gfxlint: ignore[GFX101]\n\na\n", "\na\n"),
        ("python", "a  # gfxlint: ignore[GFX101]", "a"),
        ("cpp", "f(/* gfxlint: ignore[GFX101] */ a);\n", "f( a);\n"),
        ("cpp", "/*\n * gfxlint: ignore[GFX116]\n */\nb\n", "/*\n */\nb\n"),
        ("markdown", "<!-- gfxlint: ignore[GFX115] -->\n- a\n", "- a\n"),
        ("markdown", "| a | <!-- gfxlint: ignore[GFX115] -->\n", "| a |\n"),
        ("dockerfile", "RUN a \\\n  # gfxlint: ignore[GFX405]\n  && b\n", "RUN a \\\n  && b\n"),
    ] {
        assert_eq!(without(language, text), left, "{language}: {text}");
    }
}

#[test]
fn nothing_breaks_on_broken_files() {
    let pieces = [
        "gfxlint: ignore[A]",
        "#",
        "\"",
        "'",
        "(",
        ")",
        "[",
        "{",
        "<<A",
        "\n",
        "\\",
        "/*",
        "<!--",
        "```",
        "é",
        " ",
        "''",
        "#[[",
    ];
    let languages = [
        "python",
        "shell",
        "dockerfile",
        "cmake",
        "cpp",
        "hcl",
        "nix",
        "unit",
        "env",
        "yaml",
        "markdown",
        "requirements",
    ];
    let mut seed = 7u32;
    for round in 0..3000 {
        let text: String = (0..round % 24)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                pieces[(seed >> 16) as usize % pieces.len()]
            })
            .collect();
        for language in languages {
            for found in read(language, &text) {
                assert!(
                    text.get(found.removal.range()).is_some() && text.get(found.span.range()).is_some(),
                    "{text:?}"
                );
            }
        }
    }
}
