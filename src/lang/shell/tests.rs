use proptest::prelude::*;

use super::*;
use crate::facts::{Filter, Setting, TextPart};

fn facts(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    extract(text, &mut facts);
    facts
}

/// Each setting as `NAME kind = value`, unknown values as `?`.
fn summary(text: &str) -> Vec<String> {
    facts(text).settings.iter().map(line).collect()
}

fn line(setting: &Setting) -> String {
    format!("{} {:?} = {}", setting.name, setting.kind, shown(&setting.value))
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

#[test]
fn assignments_are_evaluated_in_order() {
    let text = "A=gfx90a\nB='gfx942' C=\"$A;${B}x\"\nexport D=$C E\ndeclare -x \"F=$A\"\nA+=';gfx950'\nenv G=$A prog\n";
    let wanted = [
        "A ShellAssign = gfx90a",
        "B ShellAssign = gfx942",
        "C ShellAssign = gfx90a;gfx942x",
        "D ShellAssign = gfx90a;gfx942x",
        "F ShellAssign = gfx90a",
        "A ShellAssign = gfx90a;gfx950",
        "G ShellAssign = gfx90a;gfx950",
    ];
    assert_eq!(summary(text), wanted);
}

#[test]
fn values_and_their_sources_stand_where_they_were_written() {
    let text = "LIST=\"gfx90a;gfx942\"\nGPU_ARCHS=${LIST} python3 setup.py\n";
    let found = facts(text).settings;
    assert_eq!((found[0].span.text(text), found[0].value_span.text(text)), ("LIST=\"gfx90a;gfx942\"", "gfx90a;gfx942"));
    assert_eq!(found[1].via.map(|via| via.text(text)), Some("LIST=\"gfx90a;gfx942\""));
    assert_eq!(found[1].value, Text::literal("gfx90a;gfx942", Some(found[0].value_span)));
}

#[test]
fn prefixed_variables_know_their_command() {
    let text = "cd kernels && git pull \\\n && A=1 GPU_ARCHS='gfx942' python3 setup.py bdist_wheel; X=$A";
    let found = facts(text).settings;
    assert_eq!(found[1].context, "cd kernels; python3 setup.py bdist_wheel");
    assert_eq!(line(&found[2]), "X ShellAssign = <A>");
}

#[test]
fn defaults_are_noted_where_they_stand() {
    let text = "export P=\"${P:-gfx90a;gfx942}\"\nQ=${R-gfx1151}\nrun ${S:=gfx950} ${T:-none}\nU=${U:-1}\n";
    let wanted = [
        "P ShellDefault = gfx90a;gfx942",
        "R ShellDefault = gfx1151",
        "Q ShellAssign = <R|gfx1151>",
        "S ShellDefault = gfx950",
        "U ShellAssign = <U|1>",
    ];
    assert_eq!(summary(text), wanted);
    assert_eq!(facts(text).settings[0].value_span.text(text), "gfx90a;gfx942");
}

#[test]
fn a_failed_look_up_prints_its_default() {
    let text = "X=$(ask --key v 2>/dev/null || echo \"gfx90a;gfx1151\")\n";
    let found = facts(text).settings;
    assert_eq!(found.iter().map(line).collect::<Vec<_>>(), ["X ShellEcho = gfx90a;gfx1151"]);
    assert_eq!(found[0].value_span.text(text), "gfx90a;gfx1151");
}

#[test]
fn filters_are_evaluated() {
    let cases = [
        (r"$(echo ${L} | sed -e 's/;gfx1[0-9]\{3\}//g')", "gfx90a;gfx942"),
        (
            r#""$(printf '%s' "$L" | sed 's/;/ --offload-arch=/g; s/^/--offload-arch=/')""#,
            "--offload-arch=gfx90a --offload-arch=gfx942 --offload-arch=gfx1100",
        ),
        (r"`echo $L | tr ';' ' '`", "gfx90a gfx942 gfx1100"),
        ("$(sed -E 's/(^|;)gfx9[0-9a-f]+//g' <<< \"$L\")", ";gfx1100"),
        (r"$(echo $L | tr ';' '\n' | grep -v '^gfx1' | paste -sd';')", "gfx90a;gfx942"),
        ("\"${L//;/,}\"", "gfx90a,gfx942,gfx1100"),
        ("${L/gfx90a;/}", "gfx942;gfx1100"),
    ];
    for (value, wanted) in cases {
        let text = format!("L='gfx90a;gfx942;gfx1100'\nX={value} make\n");
        let found = facts(&text).settings;
        assert_eq!(found.len(), 2, "{value}");
        assert_eq!(line(&found[1]), format!("X ShellAssign = {wanted}"), "{value}");
        assert_eq!(found[1].via.map(|via| via.text(&text)), Some("L='gfx90a;gfx942;gfx1100'"), "{value}");
        assert!(found[1].filter.as_ref().is_some_and(|filter| filter.input.known().is_some()), "{value}");
    }
}

#[test]
fn filters_that_are_not_known_keep_their_input() {
    let text = "X=$(echo $L | cut -d';' -f1)\nY=$(echo $L | sed 's/a/b/' | sort)\nZ=$(uname -m)\n";
    let found = facts(text).settings;
    assert_eq!(summary(text), ["X ShellAssign = ?", "Y ShellAssign = ?", "Z ShellAssign = ?"]);
    assert_eq!(found[0].filter.as_ref().map(|filter| shown(&filter.input)), Some("<L>".to_owned()));
    let wanted = Filter::Substitute { pattern: "a".to_owned(), replacement: "b".to_owned(), global: false };
    assert_eq!(found[1].filter.as_ref().map(|filter| filter.filters.clone()), Some(vec![wanted]));
    assert_eq!(found[2].filter, None);
}

#[test]
fn options_hand_values_on() {
    let text = "V=gfx942\ncmake -DGPU_TARGETS=\"${V}\" -D AMDGPU_TARGETS:STRING=gfx950 -DFLAG ..\nhipcc --offload-arch=gfx90a x.cu\n\
                docker build --build-arg ARCH='gfx90a' --build-arg=B=1 \"--build-arg=C=2\" .\nsudo docker run -e D=\"$V\" --env E=5 -e F img sh -c 'G=1 run'\n\
                ARGS=(-e \"H=1\" --build-arg I=$V)\nexport J=\"-DK=gfx1151 -O2\"\ngrep -e 'A=b' f\n";
    let wanted = [
        "V ShellAssign = gfx942",
        "GPU_TARGETS BuildFlag = gfx942",
        "AMDGPU_TARGETS BuildFlag = gfx950",
        "--offload-arch BuildFlag = gfx90a",
        "ARCH BuildArg = gfx90a",
        "B BuildArg = 1",
        "C BuildArg = 2",
        "D ContainerEnv = gfx942",
        "E ContainerEnv = 5",
        "F ContainerEnv = <F>",
        "G ShellAssign = 1",
        "H ContainerEnv = 1",
        "I BuildArg = gfx942",
        "ARGS ShellAssign = -e H=1 --build-arg I=gfx942",
        "J ShellAssign = -DK=gfx1151 -O2",
        "K BuildFlag = gfx1151",
    ];
    assert_eq!(summary(text), wanted);
}

#[test]
fn here_documents_are_read_by_what_takes_them() {
    let text = "cat << EOF > Dockerfile.x\nFROM base\nENV A=gfx906\nEOF\ncat <<EOF > notes\nB=gfx90a\nEOF\nbash -s <<'EOF'\nexport C=gfx942 # it's\nEOF\nD=1\n";
    let found = facts(text);
    assert_eq!(
        found.settings.iter().map(line).collect::<Vec<_>>(),
        ["A DockerEnv = gfx906", "C ShellAssign = gfx942", "D ShellAssign = 1"]
    );
    assert_eq!((found.settings[0].value_span.text(text), found.stages.len(), found.gaps.len()), ("gfx906", 1, 0));
}

#[test]
fn what_a_branch_changes_is_not_known_behind_it() {
    let text = "X=a\nif c; then X=b; else Y=$X; fi\nP=$X\ncase $q in (1|2) X=c;; *) Z=1 ;; esac\n[ -n \"$W\" ] && W=1\nR=$W\n(S=1)\nT=$S\nfor g in gfx90a gfx942; do U=$g; done\nf() { V=1; }\nif [[ $a =~ ^(gfx9|x) && b ]]; then N=1; fi; M=2";
    let wanted = [
        "X = a",
        "X = b",
        "Y = a",
        "P = ?",
        "X = c",
        "Z = 1",
        "W = 1",
        "R = ?",
        "S = 1",
        "T = <S>",
        "g = gfx90a gfx942",
        "U = ?",
        "V = 1",
        "N = 1",
        "M = 2",
    ];
    assert_eq!(summary(text), wanted.map(|line| line.replacen(" =", " ShellAssign =", 1)));
}

#[test]
fn patterns_are_no_values() {
    assert_eq!(
        summary(
            "grep -Eq '^gfx[0-9]+$' f\nsed -i 's/gfx1200/gfx1151;gfx1200/' CMakeLists.txt\nprintf 'echo \"gfx1151\"' > /usr/bin/x\n[[ $X =~ gfx9 ]]\n"
        ),
        Vec::<String>::new()
    );
}

#[test]
fn comments_state_defaults() {
    let text = "# ARCHS: what to build (default: gfx90a;gfx942)\n# export P=\"gfx1151\"\n#Q=gfx950 and more\n# MI300 is gfx942\n# R: text (default: 3)\n";
    assert_eq!(summary(text), ["ARCHS Comment = gfx90a;gfx942", "P Comment = gfx1151", "Q Comment = gfx950"]);
    assert_eq!(facts(text).settings[0].value_span.text(text), "gfx90a;gfx942");
}

#[test]
fn hosts_double_the_dollar_and_name_the_kind() {
    let text = "- |\n  A=\"$$B\"\n  C=$${C:-gfx90a} run\n";
    let mut facts = FileFacts::default();
    let lookup = |name: &str| (name == "B").then(|| (Text::literal("x", None), None));
    let host = Host {
        lookup: &lookup,
        home: Home::default(),
        folder: None,
        environment: &[],
        assign_kind: Some(SettingKind::DocsCommand),
        doubled_dollar: true,
    };
    extract_region(text, &[Span::new(6, 14), Span::new(16, text.len())], &host, &mut facts);
    assert_eq!(facts.settings.iter().map(line).collect::<Vec<_>>(), ["A DocsCommand = x", "C ShellDefault = gfx90a"]);
    assert_eq!(facts.settings[1].value_span.text(text), "gfx90a");
}

#[test]
fn files_are_claimed_by_name_or_first_line() {
    let claimed = |name: &str, head: &str| claims(&Candidate { path: name, name, head: head.as_bytes() });
    assert!(claimed("a.sh", "") && claimed("run", "#!/usr/bin/env bash\n") && claimed("run", "#!/bin/sh -e"));
    assert!(!claimed("run", "#!/usr/bin/env python3\n") && !claimed("a.py", ""));
}

#[test]
fn deep_nesting_ends() {
    for open in ["$(", "${a:-", "`", "(", "\"$(", "if x; then ", "A=$(echo ", "bash -c 'a' "] {
        facts(&open.repeat(3000));
    }
    let doubling: String = (0..200).map(|_| "A=$A$A\n").collect();
    facts(&format!("A=xx\n{doubling}"));
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC*") {
        facts(&text);
    }

    #[test]
    fn any_shell_is_read(parts in proptest::collection::vec(prop::sample::select(vec![
        "export ", "A=", "gfx90a", "é", ";", "$(", ")", "${", "}", "X", ":-", "//", "\"", "'", "`", "|", "&&", "<<EOF\n", "EOF\n", "\n", "\\", "sed 's/a/b/'", " ", "if ", "fi",
        "case x in ", ";;", "esac", "[[ ", "]]", "# D: (default: gfx1)", "bash -c '", "echo ", "<<<", ">", "Dockerfile", "FROM x\n", "((", "-D", "for x in ", "$$",
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
