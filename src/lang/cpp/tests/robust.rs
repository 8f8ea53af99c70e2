//! Any input is read, in linear time, and all spans lie on characters.

use std::time::Duration;

use proptest::prelude::*;

use super::clock::ThreadClock;
use super::facts;
use crate::facts::FileFacts;
use crate::span::Span;

const PIECES: &[&str] = &[
    "#if defined(__gfx942__)",
    "#elif !defined(X_GFX9)",
    "#else",
    "#endif",
    "\n",
    "\\\n",
    "\r\n",
    "(",
    ")",
    "{",
    "}",
    "\"",
    "'",
    "R\"a(",
    ")a\"",
    "//",
    "/*",
    "*/",
    "a.find(\"gfx94\")",
    "== npos",
    "!",
    "&&",
    "||",
    "bool f()",
    "return",
    "if (",
    "__global__ void k(int)",
    "#define M",
    "#undef M",
    "assert(false)",
    ";",
    "x = ",
    "strncmp(a, \"gfx950\", 6)",
    "é",
    "\\",
    "?",
    ":",
    "<",
    "[",
    "]",
    "#if 0",
    "f()",
    "\"gfx90a\"",
    "==",
    "substr(0, 6)",
    ".",
    "->",
    "-1",
    "#",
    "1e+",
    "gfx1100/1101",
    "#ifndef X_GFX9",
    "defined",
    "compare(",
    ",",
];

fn spans(found: &FileFacts) -> Vec<Span> {
    let sites = found.arch_sites.iter().map(|site| site.span);
    let branches = found.guards.iter().flat_map(|chain| &chain.branches);
    let guards = branches
        .flat_map(|branch| [Some(branch.span), Some(branch.body), branch.host_token.as_ref().map(|token| token.span)])
        .flatten();
    sites
        .chain(guards)
        .chain(found.definitions.iter().map(|definition| definition.span))
        .chain(found.prose.iter().map(|prose| prose.span))
        .collect()
}

fn check(text: &str) {
    for span in spans(&facts(text)) {
        assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
    }
}

proptest! {
    #[test]
    fn arbitrary_text(text in "\\PC*") {
        check(&text);
    }

    #[test]
    fn arbitrary_pieces(picks in prop::collection::vec((0..PIECES.len(), prop::bool::ANY), 0..80)) {
        let text: String = picks.into_iter().map(|(pick, spaced)| format!("{}{}", PIECES[pick], if spaced { " " } else { "" })).collect();
        check(&text);
    }
}

const SNIPPET: &str = "#if defined(__HIPCC__) && \\\n    (defined(__gfx90a__) || defined(__gfx942__))\n  #define MY_GFX9\n#endif\nbool on_x() {\n  static const bool r = [] {\n    const std::string a = p->arch;\n    return a.find(\"gfx11\") != std::string::npos || !(strncmp(a, \"gfx950\", 6) == 0);\n  }();\n  return r;\n}\n#if defined(MY_GFX9)\n__global__ void __launch_bounds__(64) k(int a) { work(a); }\n#else // none\n__global__ void k(int) { assert(false); }\n#endif\n/* gfx942é */ const char* c = R\"x(on gfx950)x\"; if (on_x() && \"gfx906\" == c) throw 1;\n";

proptest! {
    #[test]
    fn mutated_snippets(edits in prop::collection::vec((0..SNIPPET.len(), 0..12_usize, 0..PIECES.len()), 1..8)) {
        let mut text = SNIPPET.to_owned();
        for (at, cut, piece) in edits {
            let at = (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            let end = ((at + cut).min(text.len())..=text.len()).find(|&end| text.is_char_boundary(end)).unwrap_or(text.len());
            text.replace_range(at..end, PIECES[piece]);
        }
        check(&text);
    }
}

/// Patterns that a careless reader takes quadratic time for; each is repeated to 100 kB.
#[test]
fn no_pattern_is_slow() {
    let patterns = [
        "#if defined(__gfx942__)\n",
        "#if defined(__gfx942__)\n#define A\n",
        "#ifdef X\n__global__ void k() {}\n",
        "!",
        "#if !",
        "f(a.find(\"gfx9\") == 0 && ",
        "(a.find(\"gfx9\") == 0 || ",
        "a.find(\"gfx9\")",
        "a.find(\"gfx9\") + ",
        "bool f() { return a == \"gfx942\"; ",
        "bool f() { p = a.find(\"gfx942\"); ",
        "if (a == \"gfx942\") return true; ",
        "R\"x(",
        "/*",
        "\\ ",
        "\"gfx9 \\",
        "// gfx942\\\n",
        "{",
        "a.b(",
        "#if 0\n",
        "#elif defined(__gfx942__)\n#define B\n",
        "== \"gfx942\" ",
        "bool f(){return n==\"gfx9\";} ",
    ];
    for pattern in patterns {
        for prefix in ["", "#if defined(__gfx942__)", "#if (", "bool f() { return "] {
            let text = format!("{prefix}{}", pattern.repeat(100_000 / pattern.len()));
            let clock = ThreadClock::start();
            check(&text);
            let spent = clock.spent();
            assert!(spent < Duration::from_secs(3), "{prefix:?} {pattern:?} took {spent:?}");
        }
    }
}
