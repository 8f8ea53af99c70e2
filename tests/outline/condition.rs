//! Conditions on the parse.

use gfxlint::span::Span;
use tree_sitter::Node;

use crate::oracle::children;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Three {
    No,
    Maybe,
    Yes,
}

impl Three {
    pub fn not(self) -> Self {
        [Self::Yes, Self::Maybe, Self::No][self as usize]
    }

    pub fn and(self, other: Self) -> Self {
        if (self as u8) < other as u8 { self } else { other }
    }

    pub fn or(self, other: Self) -> Self {
        if (self as u8) > other as u8 { self } else { other }
    }
}

#[derive(Clone, Debug)]
pub struct Test {
    pub versions: Vec<String>,
    pub holds: bool,
    pub exact: bool,
}

pub struct Known {
    pub runtime: Three,
    pub types: Three,
    pub test: Option<Test>,
}

fn both(truth: Three) -> Known {
    Known { runtime: truth, types: truth, test: None }
}

pub fn read(node: Node<'_>, text: &str) -> Known {
    let parts = children(node);
    let written = Span::of(node).text(text);
    match (node.kind(), parts.as_slice()) {
        ("parenthesized_expression", [inner]) => read(*inner, text),
        ("not_operator", [inner]) => {
            let inner = read(*inner, text);
            let test = inner.test.filter(|test| test.exact).map(|test| Test { holds: !test.holds, ..test });
            Known { runtime: inner.runtime.not(), types: inner.types.not(), test }
        }
        ("boolean_operator", [left, right]) => {
            let is_and = node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "and");
            let (left, right) = (read(*left, text), read(*right, text));
            let joined = match (left.test, right.test) {
                (Some(a), Some(b)) if a.exact && b.exact && a.holds != is_and && b.holds != is_and => {
                    Some(Test { versions: [a.versions, b.versions].concat(), ..a })
                }
                (Some(test), _) | (None, Some(test)) if is_and => Some(Test { exact: false, ..test }),
                _ => None,
            };
            let join = if is_and { Three::and } else { Three::or };
            Known { runtime: join(left.runtime, right.runtime), types: join(left.types, right.types), test: joined }
        }
        ("true", _) => both(Three::Yes),
        ("false" | "none", _) => both(Three::No),
        ("integer" | "float", _) => {
            both(if written.trim_matches(['0', '.', '_']).is_empty() { Three::No } else { Three::Yes })
        }
        ("identifier" | "attribute", _) if written.rsplit('.').next() == Some("TYPE_CHECKING") => {
            Known { runtime: Three::No, types: Three::Yes, test: None }
        }
        ("call", [function, arguments])
            if Span::of(*function).text(text).rsplit('.').next() == Some("vllm_version_is") =>
        {
            let version = match children(*arguments).as_slice() {
                [only] if only.kind() == "string" => crate::literals::content(*only, text),
                _ => None,
            };
            Known {
                test: version.map(|(_, version)| Test { versions: vec![version], holds: true, exact: true }),
                ..both(Three::Maybe)
            }
        }
        _ => both(Three::Maybe),
    }
}
