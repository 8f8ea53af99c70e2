//! The front end for Docker's bake files: defaults of variables, and arguments that targets are built with.

use std::cell::RefCell;

use rustc_hash::FxHashMap;
use tree_sitter::{Node, Parser, Tree};

use super::{Candidate, FrontEnd, remarks, tree};
use crate::facts::{FileFacts, Gap, SettingKind, Text, TextPart};
use crate::span::Span;

/// The bake front end.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "hcl",
    claims,
    words: &["gfx", "ROCM_ARCH", "GPU_ARCH", "GPU_TARGETS"],
    joined: None,
    extract,
    extract_callers: None,
};

fn claims(candidate: &Candidate<'_>) -> bool {
    let holds = |word: &[u8]| memchr::memmem::find(candidate.head, word).is_some();
    candidate.has_extension(&["hcl"])
        && (candidate.name.contains("bake") || candidate.head.is_empty() || holds(b"variable") || holds(b"target"))
}

thread_local! {
    static PARSER: RefCell<Option<Parser>> = RefCell::new(parser());
}

fn parser() -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_hcl::LANGUAGE.into()).ok()?;
    Some(parser)
}

/// Defaults of the file's variables.
type Defaults = FxHashMap<String, Default>;

/// A variable's default.
struct Default {
    value: Text,
    span: Span,
}

fn extract(text: &str, facts: &mut FileFacts) {
    let tree: Option<Tree> = PARSER.with_borrow_mut(|parser| tree::parse(parser.as_mut()?, text));
    let Some(tree) = tree else {
        facts.gaps.push(Gap { span: Span::new(0, 0), what: "a bake file of ordinary shape".to_owned() });
        return;
    };
    let mut blocks = Vec::new();
    let mut cursor = tree.walk();
    // Without recursion: expressions nest as deeply as a file wants.
    'nodes: loop {
        let node = cursor.node();
        match node.kind() {
            "comment" => comment(text, Span::of(node), facts),
            "ERROR" if facts.gaps.last().is_none_or(|outer| !outer.span.contains(Span::of(node))) => {
                facts.gaps.push(Gap { span: Span::of(node), what: "a bake file's block".to_owned() });
            }
            "block" => blocks.push(node),
            _ => {}
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'nodes;
            }
        }
    }
    let mut defaults = Defaults::default();
    for block in &blocks {
        if kind_of(text, *block) == "variable" {
            variable(text, *block, &mut defaults, facts);
        }
    }
    for block in &blocks {
        if kind_of(text, *block) == "target" {
            target(text, *block, &defaults, facts);
        }
    }
}

/// A comment of one or more lines.
fn comment(text: &str, span: Span, facts: &mut FileFacts) {
    for line in remarks::lines(text, span) {
        remarks::comment(text, line, facts);
    }
}

fn kind_of<'a>(text: &'a str, block: Node<'_>) -> &'a str {
    block.named_child(0).map_or("", |kind| Span::of(kind).text(text))
}

/// The attributes of a block: name and expression.
fn attributes<'t>(text: &str, block: Node<'t>) -> Vec<(String, Node<'t>)> {
    let mut cursor = block.walk();
    let Some(body) = block.named_children(&mut cursor).find(|child| child.kind() == "body") else { return Vec::new() };
    let mut cursor = body.walk();
    let attributes = body.named_children(&mut cursor).filter(|child| child.kind() == "attribute");
    attributes
        .filter_map(|attribute| {
            Some((Span::of(attribute.named_child(0)?).text(text).to_owned(), attribute.named_child(1)?))
        })
        .collect()
}

fn variable(text: &str, block: Node<'_>, defaults: &mut Defaults, facts: &mut FileFacts) {
    let Some(label) = block.named_child(1) else { return };
    let name_span = unquoted(text, Span::of(label));
    let name = name_span.text(text).to_owned();
    let Some((_, expression)) = attributes(text, block).into_iter().find(|(key, _)| key == "default") else { return };
    let span = unquoted(text, Span::of(expression));
    let value = evaluate(text, Span::of(expression), &Defaults::default());
    if remarks::names_targets(&name) || remarks::has_target(&value) {
        facts.settings.push(remarks::setting(
            &name,
            name_span.hull(span),
            span,
            value.clone(),
            SettingKind::BakeDefault,
        ));
    }
    defaults.insert(name, Default { value, span });
}

fn target(text: &str, block: Node<'_>, defaults: &Defaults, facts: &mut FileFacts) {
    let Some((_, arguments)) = attributes(text, block).into_iter().find(|(key, _)| key == "args") else { return };
    // expression > collection_value > object
    let Some(object) = arguments
        .named_child(0)
        .and_then(|collection| collection.named_child(0))
        .filter(|object| object.kind() == "object")
    else {
        return;
    };
    let mut cursor = object.walk();
    for element in object.named_children(&mut cursor).filter(|child| child.kind() == "object_elem") {
        let (Some(key), Some(expression)) = (element.child_by_field_name("key"), element.child_by_field_name("val"))
        else {
            continue;
        };
        argument(text, Span::of(key), Span::of(expression), defaults, facts);
    }
}

fn argument(text: &str, key: Span, expression: Span, defaults: &Defaults, facts: &mut FileFacts) {
    let (name_span, value_span) = (unquoted(text, key), unquoted(text, expression));
    let name = name_span.text(text);
    let value = evaluate(text, expression, defaults);
    if !remarks::names_targets(name) && !remarks::has_target(&value) {
        return;
    }
    let mut setting = remarks::setting(name, name_span.hull(value_span), value_span, value, SettingKind::BuildArg);
    setting.via = defaults.get(expression.text(text)).map(|default| default.span);
    facts.settings.push(setting);
}

/// The span without the quotes around it.
fn unquoted(text: &str, span: Span) -> Span {
    match span.text(text).strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(inner) => Span::new(span.start as usize + 1, span.start as usize + 1 + inner.len()),
        None => span,
    }
}

/// What an expression amounts to: a string, with variables in it, or a variable.
fn evaluate(text: &str, expression: Span, defaults: &Defaults) -> Text {
    let inner = unquoted(text, expression);
    if inner == expression {
        return variable_value(expression.text(text), defaults);
    }
    let (mut parts, mut at) = (Vec::new(), inner.start as usize);
    let literal = |from: usize, to: usize, parts: &mut Vec<TextPart>| {
        let span = Span::new(from, to);
        if !span.text(text).is_empty() {
            parts.push(TextPart::Literal(span.text(text).to_owned(), Some(span)));
        }
    };
    while let Some(offset) = text.get(at..inner.end as usize).and_then(|rest| rest.find("${")) {
        let open = at + offset;
        let Some(length) = text.get(open..inner.end as usize).and_then(|rest| rest.find('}')) else { break };
        literal(at, open, &mut parts);
        parts.extend(variable_value(text.get(open + 2..open + length).unwrap_or_default().trim(), defaults).parts);
        at = open + length + 1;
    }
    literal(at, inner.end as usize, &mut parts);
    // An escape (`\n`, `$${`) stands for other bytes than are written.
    if inner.text(text).contains(['\\', '"']) || inner.text(text).contains("$$") {
        Text::unknown()
    } else {
        Text { parts }
    }
}

fn variable_value(name: &str, defaults: &Defaults) -> Text {
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    match defaults.get(name) {
        Some(default) => default.value.clone(),
        None if name == "null" => Text::default(),
        None if is_name && !name.starts_with(|first: char| first.is_ascii_digit()) => {
            Text { parts: vec![TextPart::Outer { name: name.to_owned(), default: None }] }
        }
        None => Text::unknown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAKE: &str = "# built for gfx942\nvariable \"MY_ROCM_ARCH\" {\n  default = \"gfx90a;gfx942\"\n}\nvariable \"TAG\" { default = \"x\" }\n\
        target \"app\" {\n  args = {\n    ARG_ROCM_ARCH = MY_ROCM_ARCH\n    \"B_GPU_ARCH\" = \"gfx950\"\n    C_GPU_ARCH = \"${MY_ROCM_ARCH};gfx1100\"\n    D_GPU_ARCH = ELSEWHERE\n    TAG = TAG\n  }\n}\n";

    fn read(text: &str) -> FileFacts {
        let mut facts = FileFacts::default();
        extract(text, &mut facts);
        facts
    }

    #[test]
    fn defaults_reach_arguments() {
        let facts = read(BAKE);
        let found: Vec<_> =
            facts.settings.iter().map(|setting| (setting.kind, setting.name.as_str(), setting.value.known())).collect();
        let known = |value: &str| Some(value.to_owned());
        assert_eq!(
            found,
            [
                (SettingKind::BakeDefault, "MY_ROCM_ARCH", known("gfx90a;gfx942")),
                (SettingKind::BuildArg, "ARG_ROCM_ARCH", known("gfx90a;gfx942")),
                (SettingKind::BuildArg, "B_GPU_ARCH", known("gfx950")),
                (SettingKind::BuildArg, "C_GPU_ARCH", known("gfx90a;gfx942;gfx1100")),
                (SettingKind::BuildArg, "D_GPU_ARCH", None),
            ]
        );
        assert_eq!(facts.settings[0].value_span.text(BAKE), "gfx90a;gfx942");
        assert_eq!(facts.settings[1].via.map(|via| via.text(BAKE)), Some("gfx90a;gfx942"));
        assert_eq!(facts.prose.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_fatal(text in ".{0,200}", at in 0usize..300, junk in "[{}\"$=<a-z#\n ]{0,20}") {
            read(&text);
            let mut mutated = BAKE.to_owned();
            mutated.insert_str(at.min(BAKE.len()), &junk);
            remarks::assert_spans(&mutated, &read(&mutated));
        }
    }
}
