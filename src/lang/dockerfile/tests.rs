use proptest::prelude::*;

use super::*;
use crate::facts::{Setting, SettingKind, Text, TextPart};

fn facts(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    extract(text, &mut facts);
    facts
}

fn shown(text: &Text) -> String {
    let part = |part: &TextPart| match part {
        TextPart::Literal(text, _) => text.clone(),
        TextPart::Outer { name, default: None } => format!("<{name}>"),
        TextPart::Outer { name, default: Some(default) } => format!("<{name}|{}>", shown(default)),
        TextPart::Unknown => "?".to_owned(),
    };
    text.parts.iter().map(part).collect()
}

fn line(setting: &Setting) -> String {
    let kind = match setting.kind {
        SettingKind::DockerArg => "ARG".to_owned(),
        SettingKind::DockerEnv => "ENV".to_owned(),
        other => format!("{other:?}"),
    };
    format!("{} {kind} = {}", setting.name, shown(&setting.value))
}

fn summary(text: &str) -> Vec<String> {
    facts(text).settings.iter().map(line).collect()
}

fn named<'a>(facts: &'a FileFacts, name: &str) -> &'a Setting {
    facts.settings.iter().rfind(|setting| setting.name == name).unwrap()
}

#[test]
fn a_base_image_hands_its_list_on() {
    let text = "ARG BASE=rocm/dev:7\nFROM ${BASE} AS base\nARG ARCHS=gfx90a;gfx942;gfx950;gfx1100;gfx1201\nENV ARCHS=${ARCHS}\nENV AITER=gfx942;gfx950\n\
                FROM base AS fa\nRUN cd fa \\\n    # all but RDNA\n    && GPU_ARCHS=$(echo ${ARCHS} | sed -e 's/;gfx1[0-9]\\{3\\}//g') python3 setup.py bdist_wheel \\\n    && ls\n\
                FROM base AS aiter\nRUN PRE=1 GPU_ARCHS2=${AITER} python3 setup.py\n";
    let found = facts(text);
    let filtered = named(&found, "GPU_ARCHS");
    assert_eq!(
        (shown(&filtered.value).as_str(), filtered.stage, filtered.context.as_str()),
        ("gfx90a;gfx942;gfx950", Some(1), "cd fa; python3 setup.py bdist_wheel")
    );
    assert_eq!(filtered.via.map(|via| via.text(text)), Some("ARCHS=${ARCHS}"));
    assert_eq!(filtered.span.text(text), r"GPU_ARCHS=$(echo ${ARCHS} | sed -e 's/;gfx1[0-9]\{3\}//g')");
    let inherited = named(&found, "GPU_ARCHS2");
    assert_eq!(
        (shown(&inherited.value).as_str(), inherited.via.map(|via| via.text(text))),
        ("gfx942;gfx950", Some("AITER=gfx942;gfx950"))
    );
    assert_eq!(
        found.stages.iter().map(|stage| (stage.name.as_deref(), shown(&stage.image), stage.parent)).collect::<Vec<_>>(),
        [
            (Some("base"), "rocm/dev:7".to_owned(), None),
            (Some("fa"), "base".to_owned(), Some(0)),
            (Some("aiter"), "base".to_owned(), Some(0))
        ]
    );
    assert_eq!(found.gaps, []);
}

#[test]
fn a_filter_keeps_the_only_target() {
    let text = "FROM x\nARG ARCHS=gfx1151\nRUN A=$(echo $ARCHS | sed 's/;gfx1[0-9]\\{3\\}//g') make";
    assert_eq!(shown(&named(&facts(text), "A").value), "gfx1151");
}

#[test]
fn arguments_before_from_are_seen_where_declared_again() {
    let text = "ARG A=\"gfx90a;gfx942\" B=2\nARG C\nFROM x\nARG A\nENV A=\"${A}\" D=$B\nARG C\nENV E=${C:-gfx950}\n";
    let found = facts(text);
    let wanted = [
        "A ARG = gfx90a;gfx942",
        "B ARG = 2",
        "C ARG = <C>",
        "A ARG = gfx90a;gfx942",
        "A ENV = gfx90a;gfx942",
        "D ENV = <B>",
        "C ARG = <C>",
        "E ENV = <C|gfx950>",
    ];
    assert_eq!(summary(text), wanted);
    assert_eq!(found.settings[3].via.map(|via| via.text(text)), Some("A=\"gfx90a;gfx942\""));
    assert_eq!((found.settings[3].span.text(text), found.settings[3].value_span.range().len()), ("A", 0));
    assert_eq!(found.settings[4].via, Some(found.settings[3].span));
    assert_eq!(found.settings[0].value_span.text(text), "gfx90a;gfx942");
    assert_eq!((found.settings[0].stage, found.settings[3].stage), (None, Some(0)));
}

#[test]
fn env_hides_arg_and_sees_what_was_before() {
    let text = "FROM x\nENV A=1\nARG A=2\nENV A=3 B=$A\nENV P=${ARG_P:-${P}} Q='$A' R=\\$A S=${A:+set} T=${A#x}\nENV OLD $A and more\nENV A=\n";
    let wanted = [
        "A ENV = 1",
        "A ARG = 2",
        "A ENV = 3",
        "B ENV = 1",
        "P ENV = <ARG_P|<P>>",
        "Q ENV = $A",
        "R ENV = $A",
        "S ENV = set",
        "T ENV = ?",
        "OLD ENV = 3 and more",
        "A ENV = ",
    ];
    assert_eq!(summary(text), wanted);
}

#[test]
fn stages_inherit() {
    let text =
        "from x as One\nARG A=1\nENV B=2\nFROM --platform=linux/amd64 ONE AS two\nENV C=$A$B\nFROM y\nENV D=$A\n";
    assert_eq!(summary(text)[2..], ["C ENV = 12", "D ENV = <A>"]);
}

#[test]
fn run_is_shell() {
    let text = "FROM x\nARG V=gfx942\nRUN --mount=type=cache,target=/c \\\n    export P=\"gfx942;gfx950\" \\\n\n && cd DeepEP && cmake -DGPU_TARGETS=\"${V}\" \\\n  -DX=gf\\\nx90a .. # rest\n\
                RUN [\"bash\", \"-c\", \"export Q=gfx90a\"]\nRUN /bin/bash -lc 'R=gfx1151; \\\n  make'\n";
    let wanted = [
        "V ARG = gfx942",
        "P ShellAssign = gfx942;gfx950",
        "GPU_TARGETS BuildFlag = gfx942",
        "X BuildFlag = gfx90a",
        "Q ShellAssign = gfx90a",
        "R ShellAssign = gfx1151",
    ];
    assert_eq!(summary(text), wanted);
    assert_eq!(named(&facts(text), "P").context, "cd DeepEP");
    assert_eq!(named(&facts(text), "X").value_span.text(text), "gf\\\nx90a");
    assert_eq!(named(&facts(text), "Q").value_span.text(text), "gfx90a");
}

#[test]
fn here_documents_are_no_instructions() {
    let text = "FROM x\nRUN <<EOF\nexport A=gfx90a\n# FROM y\nENV=1\nEOF\nRUN <<-'END' bash\n\tB=2\n\tEND\nRUN python3 - <<P > o && C=3 make\nFROM z\nP\nCOPY <<D /d\nENV no=1\nD\nRUN echo $((1<<2))\nENV D=4\n";
    assert_eq!(
        summary(text),
        ["A ShellAssign = gfx90a", "ENV ShellAssign = 1", "B ShellAssign = 2", "C ShellAssign = 3", "D ENV = 4"]
    );
    assert_eq!((facts(text).gaps.len(), facts(text).stages.len()), (0, 1));
}

#[test]
fn the_escape_character_can_be_named() {
    let text = "# escape=`\nFROM x\nENV A=c:\\ `\n  B=2\n";
    assert_eq!(summary(text), ["A ENV = c:\\", "B ENV = 2"]);
}

#[test]
fn line_ends_do_not_matter() {
    assert_eq!(
        summary("FROM x\r\nENV A=gfx90a \\\r\n  # note\r\n  B=2\r\nRUN X=1 \\\r\n && Y=2"),
        ["A ENV = gfx90a", "B ENV = 2", "X ShellAssign = 1", "Y ShellAssign = 2"]
    );
    assert!(facts("").is_empty() && facts("\r\n\n").is_empty());
}

#[test]
fn what_is_no_instruction_is_a_gap() {
    let text = "FROM x\nENV\nNONSENSE a\n  && b\nFROM --platform=y\nENV A=1\n";
    let found = facts(text);
    assert_eq!(
        found.gaps.iter().map(|gap| gap.span.text(text)).collect::<Vec<_>>(),
        ["ENV", "NONSENSE a", "&& b", "FROM --platform=y"]
    );
    assert_eq!(summary(text), ["A ENV = 1"]);
}

#[test]
fn comments_that_name_targets_are_prose() {
    let text = "# for gfx90a (MI210), gfx1150/1151\nFROM x\n# none\nRUN a \\\n  # gfx942 here\n  b\n";
    let found = facts(text).prose;
    assert_eq!(
        found.iter().map(|prose| (prose.span.text(text), prose.tokens.len())).collect::<Vec<_>>(),
        [("# for gfx90a (MI210), gfx1150/1151", 3), ("# gfx942 here", 1)]
    );
}

#[test]
fn files_are_claimed_by_name() {
    for name in ["Dockerfile", "Dockerfile.rocm_base", "x.Dockerfile", "a.dockerfile", "Containerfile.x", "dockerfile"]
    {
        assert!(is_container_file(name), "{name}");
    }
    for name in
        [".dockerignore", "Dockerfile.nix", "Dockerfile.md", "Dockerfile.dockerignore", "dockerfiles", "docker.py"]
    {
        assert!(!is_container_file(name), "{name}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC*") {
        facts(&text);
    }

    #[test]
    fn any_container_file_is_read(parts in proptest::collection::vec(prop::sample::select(vec![
        "FROM x", " AS a", "\n", "ARG ", "ENV ", "A=", "gfx90a;gfx942", "\"", "'", "\\", "\\\n", "\r\n", "RUN ", "<<EOF", "EOF", "[\"sh\",\"-c\",\"", "\"]", "${", "}", "A", ":-", "$",
        "#", "é", " ", "# escape=`\n", "`", "COPY ", "export ", "--mount=x ", "echo | sed s/a/b/",
    ]), 0..40)) {
        let text = parts.concat();
        let found = facts(&text);
        for setting in found.settings {
            prop_assert!(text.get(setting.span.range()).is_some() && text.get(setting.value_span.range()).is_some());
            for part in &setting.value.parts {
                prop_assert!(!matches!(part, TextPart::Literal(known, Some(span)) if span.text(&text) != known));
            }
        }
    }
}

/// Prints what the real trees under `GFXLINT_CORPUS` say, for reading.
#[test]
#[ignore = "needs GFXLINT_CORPUS"]
fn field() {
    let root = std::env::var("GFXLINT_CORPUS").unwrap();
    let mut out = String::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let candidate = Candidate { path: &name, name: &name, head: &text.as_bytes()[..text.len().min(128)] };
        let Some(front_end) =
            [&FRONT_END, &crate::lang::shell::FRONT_END].into_iter().find(|front_end| (front_end.claims)(&candidate))
        else {
            continue;
        };
        let mut found = FileFacts::default();
        let started = std::time::Instant::now();
        (front_end.extract)(&text, &mut found);
        let index = crate::span::LineIndex::new(&text);
        let path = entry.path().strip_prefix(&root).unwrap().display().to_string();
        out += &format!("# {path} {} settings, {} us\n", found.settings.len(), started.elapsed().as_micros());
        for gap in &found.gaps {
            out += &format!(
                "GAP {path}:{} {} {:?}\n",
                index.position(&text, gap.span.start).line,
                gap.what,
                gap.span.text(&text).chars().take(80).collect::<String>()
            );
        }
        for setting in &found.settings {
            let all = format!("{}{}", line(setting), setting.value_span.text(&text));
            let mark = if all.contains("gfx") { "GFX" } else { "all" };
            out += &format!(
                "{mark} {path}:{} {} | {} | via {:?} | {}\n",
                index.position(&text, setting.span.start).line,
                line(setting),
                setting.value_span.text(&text).replace('\n', " "),
                setting.via.map(|via| index.position(&text, via.start).line),
                setting.context
            );
        }
    }
    std::fs::write("/tmp/field.out", out).unwrap();
}
