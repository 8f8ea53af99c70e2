mod objects;

use super::scalar::Scalar;
use super::*;
use crate::facts::SettingKind;
use crate::lang::script::Script;

fn read(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    extract(text, &mut facts);
    facts
}

/// Kind, name and written value of every setting.
fn settings(text: &str) -> Vec<(SettingKind, String, String)> {
    read(text)
        .settings
        .into_iter()
        .map(|setting| (setting.kind, setting.name, setting.value_span.text(text).to_owned()))
        .collect()
}

fn yaml(name: &str, value: &str) -> (SettingKind, String, String) {
    (SettingKind::YamlValue, name.to_owned(), value.to_owned())
}

#[test]
fn values_bear_the_name_of_their_key() {
    let text = "env:\n  A_ROCM_ARCH: \"gfx90a;gfx942\"  # two\n  B: gfx950\n  C_GPU_ARCH: ${{ matrix.x }}\nfields:\n  - text: \"x\"\n    key: \"my-arch\"\n    default: 'gfx906'\n";
    assert_eq!(
        settings(text),
        [
            yaml("A_ROCM_ARCH", "gfx90a;gfx942"),
            yaml("B", "gfx950"),
            yaml("C_GPU_ARCH", "${{ matrix.x }}"),
            yaml("my-arch", "gfx906")
        ]
    );
}

#[test]
fn sequences_are_lists() {
    let text = "required:\n  - gfx942\n  # why\n  - gfx950 # for gfx950\nhw: [\"arch:gfx950\", h100]\nlabels: [amdgfx942nightly, amdmi300]\nenvironment:\n  - X=gfx1100;gfx1101\n  - Y_GPU_ARCH=${Z:-gfx906}\n";
    let found = settings(text);
    let wanted = [
        yaml("required", "gfx942\n  # why\n  - gfx950"),
        yaml("hw", "gfx950"),
        yaml("X", "gfx1100;gfx1101"),
        (SettingKind::ShellDefault, "Z".to_owned(), "gfx906".to_owned()),
        yaml("Y_GPU_ARCH", "${Z:-gfx906}"),
    ];
    assert_eq!(found, wanted);
    assert_eq!(read(text).settings[0].value.known().as_deref(), Some("gfx942;gfx950"));
    assert_eq!(read(text).prose.len(), 1);
}

#[test]
fn a_comment_states_a_default() {
    let text = "# A_ROCM_ARCH: GPU architectures (default: gfx90a;gfx942)\n# the gfx90a part\na: b\n";
    let facts = read(text);
    assert_eq!(settings(text), [(SettingKind::Comment, "A_ROCM_ARCH".to_owned(), "gfx90a;gfx942".to_owned())]);
    assert_eq!(facts.prose.len(), 1);
}

/// The text of the script in the first scalar or sequence item of a file.
fn script(text: &str) -> String {
    let tree = PARSER.with_borrow_mut(|parser| parser.as_mut().unwrap().parse(text, None).unwrap());
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.kind().ends_with("_scalar") && cursor.field_name() != Some("key") && Span::of(node).text(text) != "run"
        {
            let mut script = Script::default();
            Scalar::of(text, node).unwrap().append_to(text, &mut script);
            return script.text(text);
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            assert!(cursor.goto_parent(), "no scalar");
        }
    }
}

#[test]
fn scripts_lose_their_indentation() {
    assert_eq!(script("run: |\n    if x\n      y\n\n    fi\n"), "if x\n  y\n\nfi\n");
    assert_eq!(
        script("run: >\n    docker build\n    --build-arg X='gfx942'\n    -f y\n"),
        "docker build --build-arg X='gfx942' -f y"
    );
    assert_eq!(script("run: \"echo \\\"a\\\" \\\\ b\" # c\n").trim_end_matches([' ', '\n']), "echo \"a\" \\ b");
    assert_eq!(script("run: 'a ''b'' c'\n"), "a 'b' c\n");
    assert_eq!(script("run: a\n  b\n"), "a b\n");
}

#[test]
fn templates_break_little() {
    let text = "{{- if .Values.x }}\nA_ROCM_ARCH: \"gfx90a;gfx942\"\n{{- end }}\n\tB: gfx950\nrun: x ${C:-gfx1100;gfx1101} y\n";
    let found = settings(text);
    assert!(found.contains(&yaml("A_ROCM_ARCH", "gfx90a;gfx942")), "{found:?}");
    assert!(!read(text).gaps.is_empty());
}

#[test]
fn depth_that_the_grammar_cannot_hold_is_read_by_line() {
    let nested = format!("{}x\nA: gfx942\n", "- ".repeat(1000));
    assert_eq!(settings(&nested), [yaml("A", "gfx942")]);
    let steps: String = (0..400).map(|depth| format!("{}k:\n", " ".repeat(depth))).collect();
    assert_eq!(settings(&format!("{steps}A: gfx942\n")), [yaml("A", "gfx942")]);
}

proptest::proptest! {
    #[test]
    fn no_text_is_fatal(text in "(.|\n){0,200}", at in 0usize..400, junk in "[{}\\[\\]:\"'|>&*!%@`$ #\n\t-]{0,20}") {
        read(&text);
        let mut mutated = "env:\n  A_ROCM_ARCH: \"gfx90a;gfx942\"\nsteps:\n  - commands:\n    - >\n      x --build-arg A='gfx90a'\n      y\n    - export B=gfx942 # c\n  - run: |\n      a\n      b\nlist: [gfx942, 'arch:gfx950']\n# A_GPU_ARCH: x (default: gfx1)\n".to_owned();
        let at = at.min(mutated.len());
        mutated.insert_str(at, &junk);
        crate::lang::remarks::assert_spans(&mutated, &read(&mutated));
    }
}

#[test]
fn scripts_know_the_environment_around_them() {
    let text = "env: {A: gfx906, B: gfx908}\nsteps:\n  - env:\n      A: ${X:-gfx942}\n    run: x\n";
    let tree = PARSER.with_borrow_mut(|parser| parser.as_mut().unwrap().parse(text, None).unwrap());
    let mut environment = environment::Environment::default();
    let mut cursor = tree.walk();
    for depth in 0.. {
        if cursor.node().kind() == "block_mapping" {
            environment.enter(text, cursor.node(), depth);
        }
        let down = cursor.goto_first_child();
        while down && cursor.goto_next_sibling() {}
        // The last pair of the file holds the steps; of a step, the environment is the first.
        if !down || environment.lookup(text, "A").is_some_and(|(value, _)| value.known().is_none()) {
            break;
        }
    }
    let written = |name: &str| environment.lookup(text, name).and_then(|(_, span)| span).map(|span| span.text(text));
    assert_eq!((written("A"), written("B"), written("C")), (Some("${X:-gfx942}"), Some("gfx908"), None));
}
