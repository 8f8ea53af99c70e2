//! What outlines say of small modules.

use gfxlint::facts::Outline;
use gfxlint::facts::outline::{Answers, Element, OpaqueCause, Reach, Scope, Sink};
use gfxlint::lang::python::outline;

use crate::clock::ThreadClock;

fn read(text: &str) -> Outline {
    let outline = outline::read(text);
    assert!(outline.syntax_ok, "{text}");
    outline
}

fn bound(text: &str) -> Vec<String> {
    read(text).bindings.iter().map(|binding| binding.name.to_string()).collect()
}

/// The names that a `__getattr__` answers, `*` before tables; none where it may answer any.
fn answers(body: &str) -> Option<(Vec<String>, bool)> {
    let text = format!("T = {{'X': 1}}\ndef __getattr__(name: str):\n{body}\nY = 1\n");
    let list = |names: &[Element]| {
        let names = names.iter().map(|name| match name {
            Element::Text(literal) => {
                assert_eq!(literal.span.text(&text), &*literal.text);
                literal.text.to_string()
            }
            Element::Of(table) => format!("*{table}"),
            Element::Unknown => "?".to_owned(),
        });
        names.collect()
    };
    match read(&text).getattr.unwrap().answers {
        Answers::Only(names) => Some((list(&names), false)),
        Answers::OthersNone(names) => Some((list(&names), true)),
        Answers::Any => None,
    }
}

#[test]
fn module_getattr_is_closed_where_every_other_name_raises() {
    let raises = |names: &[&str]| Some((names.iter().map(ToString::to_string).collect::<Vec<_>>(), false));
    let cases = [
        ("    if name == 'X':\n        return 1\n    raise AttributeError(name)", raises(&["X"])),
        ("    if 'X' == name: return 1\n    raise AttributeError", raises(&["X"])),
        ("    if name in {'X', 'Z'}:\n        return 1\n    raise AttributeError(name)", raises(&["X", "Z"])),
        ("    if name not in ['X']:\n        raise AttributeError(name)\n    return 1", raises(&["X"])),
        (
            "    if name in T:\n        return load(T[name])\n    else:\n        raise AttributeError(name)",
            raises(&["*T"]),
        ),
        ("    return load(T[name])", raises(&["*T"])),
        (
            "    try:\n        return T[name]\n    except KeyError:\n        raise AttributeError(name) from None",
            raises(&["*T"]),
        ),
        (
            "    v = T.get(name)\n    if v is not None:\n        return v\n    raise AttributeError(name)",
            raises(&["*T"]),
        ),
        ("    if (v := T.get(name)) is None:\n        raise AttributeError(name)\n    return v", raises(&["*T"])),
        ("    if name in __all__:\n        return 1\n    raise AttributeError(name)", raises(&["*__all__"])),
        ("    if name not in globals():\n        raise AttributeError(name)\n    return globals()[name]", raises(&[])),
        (
            "    known = ('X', *T)\n    if name not in known:\n        raise AttributeError(name)\n    return 1",
            raises(&["X", "*T"]),
        ),
    ];
    for (body, expected) in cases {
        let found = answers(body).map(|(mut names, none)| {
            names.dedup();
            (names, none)
        });
        assert_eq!(found, expected, "{body}");
    }
}

#[test]
fn module_getattr_may_answer_none_or_anything() {
    assert_eq!(answers("    if name == 'X':\n        return 1"), Some((vec!["X".to_owned()], true)));
    assert_eq!(answers("    if name == 'X':\n        return 1\n    return None"), Some((vec!["X".to_owned()], true)));
    for body in [
        "    return name",
        "    if name.startswith('_'):\n        return 1\n    raise AttributeError",
        "    if name in computed():\n        return 1\n    raise AttributeError",
        "    return getattr(other, name)",
    ] {
        assert_eq!(answers(body), None, "{body}");
    }
    let nested = format!("    return {}name{}", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(answers(&nested), None);
}

#[test]
fn tables_that_other_code_alters_are_marked() {
    let getattr = "def __getattr__(name):\n    if name in T:\n        return 1\n    raise AttributeError(name)\n";
    for change in ["T['b'] = 1", "T.update(b=1)", "T |= other", "for k in x:\n    T[k] = 1", "T = grown(T)"] {
        let outline = read(&format!("T = {{'a': 1}}\n{change}\n{getattr}"));
        assert!(outline.tables.iter().all(|table| table.altered), "{change}");
    }
    assert!(!read(&format!("T = {{'a': 1}}\nX = T['a'] == 1\n{getattr}")).tables[0].altered);
}

#[test]
fn commas_of_lambdas_part_no_entries() {
    let outline = read("T = {'a': lambda x, y=1: (x, y), 'b': 1}\n__all__ = ['c', *(lambda x, y: x)()]\n");
    assert_eq!(outline.tables[0].entries.len(), 2);
    assert_eq!(outline.all[0].elements.len(), 2);
}

#[test]
fn namespaces_are_written_to_by_literal_names() {
    for text in [
        "globals()['X'] = 1",
        "globals().update(X=1)",
        "vars().update({'X': 1})",
        "locals().setdefault('X', 1)",
        "import sys\nsetattr(sys.modules[__name__], 'X', 1)",
    ] {
        assert_eq!(bound(text), ["X"], "{text}");
        assert_eq!(read(text).opaque, None, "{text}");
    }
    let opaque = |text: &str| read(text).opaque.map(|opaque| opaque.cause);
    assert_eq!(opaque("exec('X = 1')"), Some(OpaqueCause::Exec));
    assert_eq!(opaque("for n in names: globals()[n] = 1"), Some(OpaqueCause::ComputedNames));
    assert_eq!(opaque("globals().update(found)"), Some(OpaqueCause::ComputedNames));
    assert_eq!(opaque("import sys\nsys.modules[__name__] = other"), Some(OpaqueCause::Replaced));
    assert_eq!(opaque("def f():\n    exec('X = 1')\n    globals()[n] = 1\nx = globals()['y']\nz = vars(x)\n"), None);
    assert!(read("__path__.append('x')").path_altered.is_some());
    let registered =
        read("sys.modules[__name__ + '.old'] = new\nsys.modules[f'{__name__}.older'] = new\nsys.modules['a.b'] = c\n")
            .registered;
    let names: Vec<_> = registered.iter().map(|module| (&*module.name.text, module.below_self)).collect();
    assert_eq!(names, [(".old", true), (".older", true), ("a.b", false)]);
}

#[test]
fn strings_know_what_is_done_with_them() {
    let sink = |text: &str| {
        let qualified = read(text).qualified;
        assert_eq!(qualified.len(), 1, "{text}");
        (qualified[0].literal.text.to_string(), qualified[0].sink.clone())
    };
    let argument = |function: &str, index, next: Option<&str>| Sink::Argument {
        function: function.into(),
        index,
        next: next.map(Into::into),
    };
    assert_eq!(
        sink("f = lambda: 0\nx = importlib.import_module('a.b')"),
        ("a.b".into(), argument("importlib.import_module", 0, None))
    );
    assert_eq!(
        sink("def f():\n    return resolve_obj_by_qualname(('a.'\n        'b.C'))()"),
        ("a.b.C".into(), argument("resolve_obj_by_qualname", 0, None))
    );
    assert_eq!(sink("F.register('N', 'a.b.c', 'K')"), ("a.b.c".into(), argument("F.register", 1, Some("K"))));
    assert_eq!(sink("x = LazyLoader('x', globals(), 'a.b')"), ("a.b".into(), argument("LazyLoader", 2, None)));
    assert_eq!(
        sink("f(target='a.b.c')"),
        ("a.b.c".into(), Sink::Keyword { function: "f".into(), keyword: "target".into() })
    );
    assert_eq!(sink("def f():\n    return 'a.b.c' if x else None"), ("a.b.c".into(), Sink::Returned));
    assert_eq!(
        sink("class E(Enum):\n    X = (\n        'a.b.'\n        'C'\n    )"),
        ("a.b.C".into(), Sink::Assigned("X".into()))
    );
    assert_eq!(sink("x: str = 'a.b.c'"), ("a.b.c".into(), Sink::Assigned("x".into())));
    assert_eq!(sink("x = {'k': 'a.b.c'}"), ("a.b.c".into(), Sink::Item));
    assert_eq!(sink("if x == 'a.b.c': pass"), ("a.b.c".into(), Sink::Other));
    for text in [
        "'a.b.c'",
        "def f():\n    'a.b.c'",
        "x = 'a.b'",
        "x = 'a.b.c.'",
        "x = '1.2.3'",
        "x = f'a.b.c{d}'",
        "x = 'a.b.c' f'{d}'",
        "x = b'a.b.c'",
        "x = 'a.b.c d'",
        "# 'a.b.c'",
    ] {
        assert_eq!(read(text).qualified.len(), 0, "{text}");
    }
}

#[test]
fn version_tests_gate_their_branches() {
    let outline = read(
        "if vllm_version_is('1'):\n    import a\nelif vllm_version_is('2') or vllm_version_is('3'):\n    import b\nelse:\n    import c\nimport d\n",
    );
    let gates = |at: usize| {
        let context = outline.imports[at].context;
        assert_eq!((context.scope, context.reach), (Scope::Module, Reach::Certain));
        outline
            .gates(context)
            .map(|gate| (gate.versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(","), gate.holds))
            .collect::<Vec<_>>()
    };
    assert_eq!(gates(0), [("1".to_owned(), true)]);
    assert_eq!(gates(1), [("2,3".to_owned(), true), ("1".to_owned(), false)]);
    assert_eq!(gates(2), [("2,3".to_owned(), false), ("1".to_owned(), false)]);
    assert_eq!(gates(3), []);
}

#[test]
fn what_is_not_python_is_read_up_to_the_fault() {
    for text in [
        "import a\ndef (:\n",
        "import a\n<<<<<<< HEAD\nx = 1\n=======\n",
        "import a\nprint 'x'\n",
        "import a\ndef f():\n    print x\n",
        "import a\n{% if x %}\n",
        "import a\nx = (1\n",
        "import a\nx = 'a\n",
        "import a\n  x = 1\n",
        "import a\nif x:\ny = 1\n",
        "import a\nelse:\n    pass\n",
        "import a\nif x:\n",
        "import a\nx = 1)\n",
        "import a\nx = $y\n",
        "import a\ntry:\n    pass\n  x = 1\n",
        "import a\nfrom . import\n",
        "import a\nx = f'{'\n",
    ] {
        let outline = outline::read(text);
        assert!(!outline.syntax_ok, "{text}");
        assert_eq!(outline.imports.len(), 1, "{text}");
    }
}

#[test]
fn depth_and_length_do_no_harm() {
    let deep = 10_000;
    let nested_blocks: String = (0..1500)
        .map(|level| format!("{}if a:\n", " ".repeat(level)))
        .chain([format!("{}import x\n", " ".repeat(1500))])
        .collect();
    let tries: String = (0..800)
        .map(|level| format!("{0}try:\n", " ".repeat(level)))
        .chain([format!("{}import x\n", " ".repeat(800))])
        .chain((0..800).rev().map(|level| format!("{0}except ImportError: pass\n", " ".repeat(level))))
        .collect();
    for text in [
        format!("x = {}1{}\n", "[".repeat(deep), "]".repeat(deep)),
        format!("__all__ = {}'a'{}\n", "[*".repeat(deep), "]".repeat(deep)),
        format!("if {}a{}: pass\n", "(".repeat(deep), ")".repeat(deep)),
        format!("if {}a: pass\n", "not ".repeat(deep)),
        format!("x = {}1\n", "lambda: ".repeat(deep)),
        format!("x = ({}1\n", "lambda: ".repeat(deep)) + ")",
        format!("def f():\n    x = {}1{}\n", "f'{".repeat(deep), "}'".repeat(deep)),
        format!("x = a{}\n", ".b".repeat(deep)),
        format!("x = {}\n", "'a.b' ".repeat(deep)),
        format!("f({})\n", "'a.b.c', ".repeat(deep)),
        format!("if a: pass\n{}", "elif vllm_version_is('1'): pass\n".repeat(deep * 10)),
        format!("def __getattr__(n):\n    if {}n in a{}: return 1\n    raise E\n", "(".repeat(deep), ")".repeat(deep)),
        nested_blocks,
        tries,
    ] {
        let clock = ThreadClock::start();
        outline::read(&text);
        assert!(clock.spent().as_secs() < 10, "{}", &text[..60]);
    }
}

#[test]
fn fields_of_strings_bind() {
    assert_eq!(bound("a = f\"{(b := 1)} {c:=9} {d(e := 2)}\"\n"), ["a", "b", "e"]);
    assert_eq!(bound("a = \"(b := 1)\"\nc = lambda: f'{(d := 1)}'\n"), ["a", "c"]);
    assert_eq!(bound("if f'{(a := 1)}':\n    pass\n"), ["a"]);
}
