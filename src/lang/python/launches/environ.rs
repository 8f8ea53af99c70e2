//! Variables that a program sets for itself: `os.environ["X"] = "v"`.

use tree_sitter::Node;

use super::module::Module;
use super::value::{Evaluator, Value};
use crate::facts::{FileFacts, Setting, SettingKind, Word};
use crate::lang::python::children;
use crate::span::Span;

/// Notes the variables that a module sets, also in copies of the environment that are handed to a program.
pub(super) fn read(module: &Module<'_>, facts: &mut FileFacts) {
    let sets = |line: &str| {
        ["os.environ", "environ", "env", "os.putenv", "putenv"]
            .iter()
            .any(|name| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['[', '(', '.'])))
    };
    for line in module.lines_that(sets) {
        module.parsed(line, |root, offset| {
            let reader = Evaluator { module, offset, depth: 0 };
            let statement = children(root).into_iter().next();
            if let Some(&expression) = statement.map(children).unwrap_or_default().first() {
                variables(&reader, expression, facts);
            }
        });
    }
}

fn variables(reader: &Evaluator<'_>, node: Node<'_>, facts: &mut FileFacts) {
    match node.kind() {
        "assignment" => {
            let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right"))
            else {
                return;
            };
            let key = (left.kind() == "subscript").then(|| left.child_by_field_name("subscript")).flatten();
            set(reader, reader.span(node), key, reader.value(right).word(), facts);
        }
        "call" => {
            let (Some(function), Some(arguments)) =
                (node.child_by_field_name("function"), node.child_by_field_name("arguments"))
            else {
                return;
            };
            let arguments = children(arguments);
            let name = reader.dotted(function).unwrap_or_default();
            match (name.rsplit('.').next(), arguments.as_slice()) {
                (Some("setdefault" | "putenv"), [key, value]) => {
                    set(reader, reader.span(node), Some(*key), reader.value(*value).word(), facts);
                }
                (Some("update"), [values]) => {
                    let Value::Dict(entries, _) = reader.value(*values) else { return };
                    for (name, at, value) in entries {
                        if let Some(value) = value.word() {
                            facts.settings.push(setting(name, at.hull(value.span), value));
                        }
                    }
                }
                _ => {}
            }
        }
        _ => {}
    }
}

fn set(reader: &Evaluator<'_>, span: Span, key: Option<Node<'_>>, value: Option<Word>, facts: &mut FileFacts) {
    let name = key.and_then(|key| reader.value(key).word()).and_then(|name| name.known());
    if let (Some(name), Some(value)) = (name, value) {
        facts.settings.push(setting(name, span, value));
    }
}

fn setting(name: String, span: Span, value: Word) -> Setting {
    Setting {
        name,
        span,
        value_span: value.span,
        value: value.text,
        kind: SettingKind::PythonEnv,
        stage: None,
        container: None,
        via: None,
        filter: None,
        context: String::new(),
    }
}
