//! The scanner and the parse agree on Python that nobody would write.

use gfxlint::lang::python::outline;
use proptest::prelude::*;

use crate::{oracle, view};

/// A statement as lines without the indentation of the block that it stands in.
type Lines = Vec<String>;

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c_d", "TABLE", "match", "case", "type", "_", "é", "ops"])
        .prop_map(ToOwned::to_owned)
}

fn string() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "'x'",
        "\"it's\"",
        r"'\''",
        "r'\\d'",
        "'''a\n'b'''",
        "\"\"\"# no comment (\"\"\"",
        "b'('",
        "f'{a}'",
        "f'{a!r:>{b}}'",
        "f'{a['k']}'",
        "f\"{'}'}\"",
        "rf'\\d{a}'",
        "'p.q.r'",
        "'p.q' '.r'",
        "'p.q.r:s'",
        "f'{a}' 'p.q.r'",
        "u'p.q.r.s'",
        "'#'",
        "f'{{'",
        "'a\\\n b'",
        "f'''{\na}'''",
        "f'{a:{b}{c}}'",
        "f\"{a['k']:>{f'{b}'}}\"",
        "f'{{{a}}}' f'}}'",
        "f'{a=!s}'",
        "f'{(lambda: 1)()}'",
        "Rb'\\''",
        "'p.' \"q.r\"",
        "'\\\n'",
    ])
    .prop_map(ToOwned::to_owned)
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        name(),
        string(),
        prop::sample::select(vec!["1", "0x1f", "1.5e-3", "None", "True", "...", "TYPE_CHECKING", "1_000j"])
            .prop_map(ToOwned::to_owned)
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a},\n  {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, *{b}]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{{a}: {b}, **c_d}}")),
            (name(), inner.clone(), inner.clone()).prop_map(|(f, a, b)| format!("{f}.g({a}, k={b})  ")),
            (name(), inner.clone()).prop_map(|(x, a)| format!("({x} := {a})")),
            (name(), inner.clone()).prop_map(|(x, a)| format!("(lambda {x}, *b, k=({x} := 1): {a})")),
            (name(), inner.clone()).prop_map(|(x, a)| format!("[{x} for {x} in {a} if (ops := {x})]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} if {b} else {a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} # comment '\n and not {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[{b}:]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(\n[\t{{{a}}}, (\\\n{b},)]\n)")),
            (name(), inner.clone(), inner.clone())
                .prop_map(|(x, a, b)| format!("{{{x}: {a} for {x}, _ in {b} if (c_d := {x})}}")),
            (name(), inner.clone()).prop_map(|(x, a)| format!("(yield {a}, (await {x}))")),
            (name(), inner.clone()).prop_map(|(x, a)| format!("{x}[(b := {a}):, ...]")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} < {b} is not {a} not in {b} @ -1 ** ~2)")),
        ]
    })
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "TYPE_CHECKING",
        "typing.TYPE_CHECKING",
        "False",
        "0",
        "True",
        "a",
        "a.b()",
        "a is None",
        "vllm_version_is('0.1')",
        "vllm_version_is(\"0.2\")",
    ])
    .prop_map(ToOwned::to_owned);
    leaf.prop_recursive(3, 8, 2, |inner: BoxedStrategy<String>| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not {a}")),
        ]
    })
}

fn target() -> impl Strategy<Value = String> {
    prop_oneof![
        name(),
        (name(), name()).prop_map(|(a, b)| format!("{a}, {b}")),
        (name(), name()).prop_map(|(a, b)| format!("({a}, *{b})")),
        name().prop_map(|a| format!("{a}.b")),
        name().prop_map(|a| format!("(a, {a})[0].c")),
    ]
}

fn import() -> impl Strategy<Value = String> {
    prop_oneof![
        (name(), name()).prop_map(|(a, b)| format!("import {a}.{b}, {a} as {b}")),
        (name(), name()).prop_map(|(a, b)| format!("from .{a} import {b}")),
        (name(), name()).prop_map(|(a, b)| format!("from . . import ({a} as {b}, # c\n  {b},\n)")),
        name().prop_map(|a| format!("from {a}.m import \\\n  {a} as b")),
        name().prop_map(|a| format!("from {a} import *")),
    ]
}

fn simple() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => import(),
        2 => (target(), expression()).prop_map(|(a, e)| format!("{a} = {e}")),
        1 => (name(), target(), expression()).prop_map(|(a, b, e)| format!("{a} = {b} = {e}")),
        1 => (name(), expression()).prop_map(|(a, e)| format!("{a}: list[{a}] = {e}")),
        1 => name().prop_map(|a| format!("{a}: 'p.q.r'")),
        1 => (name(), expression()).prop_map(|(a, e)| format!("{a} += {e}")),
        1 => expression(),
        1 => name().prop_map(|a| format!("global {a}, b")),
        1 => target().prop_map(|a| format!("del {a}")),
        1 => expression().prop_map(|e| format!("raise {e}")),
        1 => Just("__all__ = ['a', *TABLE] + b.__all__".to_owned()),
        1 => Just("__all__ += [\"c\" 'd']".to_owned()),
        1 => Just("__all__.extend(sorted(TABLE))".to_owned()),
        1 => Just("TABLE = {'a': 'b', 'c': ('d', 'e'), **b}".to_owned()),
        1 => Just("pass".to_owned()),
        1 => name().prop_map(|a| format!("type {a}[T: int, *Ts, **P] = list[{a}] | a.b")),
        1 => expression().prop_map(|e| format!("type = match = case = {e}")),
        1 => expression().prop_map(|e| format!("print(type({e}), match[{e}], case.a)")),
        1 => (name(), expression()).prop_map(|(a, e)| format!("assert {a}, \\\n  {e}")),
        1 => (name(), expression()).prop_map(|(a, e)| format!("({a}): b = {e}")),
        1 => (name(), expression()).prop_map(|(a, e)| format!("{a}, *b = c_d, = {e},")),
        1 => name().prop_map(|a| format!("nonlocal {a}")),
        1 => expression().prop_map(|e| format!("return {e}")),
        1 => (name(), expression()).prop_map(|(a, e)| format!("{a} \\\n = \\\n{e}")),
        1 => name().prop_map(|a| format!("import a . b . {a} as \\\n b, {a}")),
        1 => name().prop_map(|a| format!("from .. \\\n . {a} import({a},b as {a},)")),
        1 => name().prop_map(|a| format!("from ... import {a}")),
        1 => name().prop_map(|a| format!("from .{a} import (\n# c )\n\n  b\n  ,)")),
    ]
}

fn indented(header: &str, body: &[Lines], style: u8) -> Lines {
    let mut lines = vec![header.to_owned()];
    let indent = ["  ", "\t", "        ", " "][usize::from(style % 4)];
    for line in body.iter().flatten() {
        // The lines of one statement are kept together: only its first is indented.
        lines.push(format!("{indent}{line}"));
    }
    lines
}

fn statement() -> impl Strategy<Value = Lines> {
    let line = prop_oneof![
        4 => simple().prop_map(|one| vec![one]),
        1 => (simple(), simple()).prop_map(|(a, b)| vec![format!("{a}; {b}")]),
        1 => (condition(), simple()).prop_map(|(c, s)| vec![format!("if {c}: {s}  # inline"), "else : pass;".to_owned()]),
        1 => Just(vec!["# comment: (".to_owned()]).prop_map(|mut lines| { lines.push("pass".to_owned()); lines }),
    ];
    line.prop_recursive(4, 24, 4, |inner| {
        let body = prop::collection::vec(inner, 1..4);
        prop_oneof![
            (condition(), condition(), body.clone(), body.clone(), any::<u8>()).prop_map(|(a, b, x, y, style)| [
                indented(&format!("if {a}:"), &x, style),
                indented(&format!("elif {b} :  # c"), &y, style / 4),
                indented("else:", &x, style / 16)
            ]
            .concat()),
            (name(), expression(), body.clone(), any::<u8>()).prop_map(|(n, e, x, style)| indented(
                &format!("def {n}({n}, /, *, k: a = {e}) -> a:"),
                &x,
                style
            )),
            (name(), body.clone(), any::<u8>()).prop_map(|(n, x, style)| [
                vec!["@a.b(c)".to_owned()],
                indented(&format!("class {n}(a, k=b):"), &x, style)
            ]
            .concat()),
            (name(), body.clone(), any::<u8>()).prop_map(|(n, x, style)| indented(
                &format!("async def {n}():"),
                &x,
                style
            )),
            (handler(), handler(), body.clone(), body.clone(), any::<u8>()).prop_map(|(h, i, x, y, style)| {
                [
                    indented("try:", &x, style),
                    indented(&h, &y, style / 2),
                    indented(&i, &x, style / 4),
                    indented("else:", &y, style),
                    indented("finally:", &y, style),
                ]
                .concat()
            }),
            (target(), expression(), body.clone(), any::<u8>()).prop_map(|(t, e, x, style)| [
                indented(&format!("for {t} in {e}:"), &x, style),
                indented("else:", &x, style)
            ]
            .concat()),
            (condition(), body.clone(), any::<u8>()).prop_map(|(c, x, style)| indented(
                &format!("while {c}:"),
                &x,
                style
            )),
            (name(), body.clone(), any::<u8>()).prop_map(|(n, x, style)| indented(
                &format!("with a.suppress(ImportError) as {n}, b as (c_d, ops):"),
                &x,
                style
            )),
            (name(), body.clone(), any::<u8>()).prop_map(|(n, x, style)| indented(
                &format!("with (a as {n}, pytest.raises(E, match='x')):"),
                &x,
                style
            )),
            (name(), expression(), body.clone(), any::<u8>()).prop_map(|(n, e, x, style)| [
                indented(&format!("async for {n}, b in \\\n  {e} :"), &x, style),
                indented("async with a as b, (c_d):", &x, style / 2)
            ]
            .concat()),
            (name(), name(), expression(), body.clone(), any::<u8>()).prop_map(|(n, m, e, x, style)| [
                vec![format!("@(lambda f: f)({e})  # c"), format!("@{n}[({m} := 1)]")],
                indented(
                    &format!("async def {m}[T: (int, str)](a, b: 'p.q.r' = {e}, /, *{n}, **c_d) -> {m}[\n  a]:"),
                    &x,
                    style
                )
            ]
            .concat()),
            (name(), expression(), body.clone(), any::<u8>()).prop_map(|(n, e, x, style)| indented(
                &format!("class {n}[T](a.B, metaclass=({n} := {e})):"),
                &x,
                style
            )),
            (name(), body.clone(), any::<u8>()).prop_map(|(n, x, style)| [
                indented("try :", &x, style),
                indented(&format!("except* (a.E, ImportError) as {n}:"), &x, style)
            ]
            .concat()),
            (condition(), simple(), simple())
                .prop_map(|(c, a, b)| vec![format!("while {c}: {a}; {b};"), format!("else: {b}")]),
            (name(), simple()).prop_map(|(n, a)| vec![format!("class {n}: {a}"), format!("def {n}(): {a}; {a}")]),
            (name(), body.clone(), any::<u8>()).prop_map(|(n, x, style)| {
                let pattern = format!("case {{'a': {n}, **b}} | K(c_d, k=[*_, ops]) as é if b:");
                let (one, two) =
                    (indented(&pattern, &x, style), indented("case -1 | 'p.q.r' | None | (a.b):", &x, style));
                indented(&format!("match ({n}.a, (b := 1)):"), &[one, two], style / 2)
            }),
            (name(), body, any::<u8>()).prop_map(|(n, x, style)| {
                let case = indented(&format!("case [{n}, *b, {{'k': c_d}}] if (a := {n}):"), &x, style);
                indented("match a, b:", &[case, indented("case K.L | _:", &x, style)], style / 4)
            }),
        ]
    })
}

fn handler() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "except ImportError:",
        "except (ValueError, a.ModuleNotFoundError) as ops:",
        "except ERRORS as b:",
        "except OSError:",
    ])
    .prop_map(ToOwned::to_owned)
}

/// What ends a line, and what may stand in between.
const LINE_ENDS: [&str; 9] =
    ["\n", "\r\n", "\n\n", "\n \x0c\n", "\n\x0c", "\n\t\n", "\r\n      # x (\r\n", " # é\n", ";\n"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn scanner_and_parse_agree(statements in prop::collection::vec(statement(), 1..6), line_end in prop::sample::select(LINE_ENDS.to_vec())) {
        let text = statements.concat().join(line_end) + line_end;
        // What tree-sitter cannot parse says nothing of the scanner.
        if let Some(expected) = oracle::view(&text) {
            let read = outline::read(&text);
            let differences = view::of(&read).differences(&expected);
            prop_assert!(read.syntax_ok && differences.is_empty(), "{}\nsyntax_ok: {}\n{text}", differences.join("\n"), read.syntax_ok);
        }
    }

    #[test]
    fn nothing_makes_it_panic(text in "[\\PC\n\t\r'\"(){}\\[\\]:=\\\\#]{0,200}", words in prop::collection::vec(prop::sample::select(vec![
        "if ", "else:", "try:", "except ", "\n", "\n  ", "import a", "from . ", "def __getattr__(n):", "f'{", "'''", "}", ":=", "lambda", "__all__", " = ", "[", ")", "match ", "case ", "\\\n", ";", "x", "\"", "globals()", "sys.modules[",
    ]), 0..60)) {
        outline::read(&text);
        outline::read(&words.concat());
    }
}
