//! `LLM(...)`, `EngineArgs(...)`.

use tree_sitter::Node;

use super::module::Module;
use super::value::{Evaluator, Value};
use crate::facts::{FileFacts, Home, Launch, LaunchForm, LaunchOption, Word};
use crate::lang::programs::vllm::names::dashed;
use crate::lang::python::children;
use crate::span::Span;

/// Classes whose arguments are engine options, the model first.
const CLASSES: &[&str] = &["LLM", "EngineArgs", "AsyncEngineArgs"];

/// Notes the calls in a line.
pub(super) fn read(module: &Module<'_>, line: usize, root: Node<'_>, offset: usize, facts: &mut FileFacts) {
    let text = module.line(line);
    if !CLASSES.iter().any(|class| text.contains(class)) {
        return;
    }
    let reader = Evaluator { module, offset, depth: 0 };
    let mut pending = vec![root];
    while let Some(node) = pending.pop() {
        if node.kind() == "call" {
            facts.launches.extend(launch(&reader, node));
        }
        pending.extend(children(node).into_iter().rev());
    }
}

fn launch(reader: &Evaluator<'_>, call: Node<'_>) -> Option<Launch> {
    let function = call.child_by_field_name("function")?;
    let name = reader.dotted(function)?;
    let class = name.rsplit('.').next()?;
    let arguments = call.child_by_field_name("arguments").filter(|arguments| arguments.kind() == "argument_list")?;
    if !CLASSES.contains(&class) || !reader.module.is_from_vllm(&name) {
        return None;
    }
    let arguments = children(arguments);
    let (keywords, mut is_open) = reader.keywords(&arguments);
    let first = arguments
        .first()
        .filter(|first| !matches!(first.kind(), "keyword_argument" | "dictionary_splat" | "list_splat"));
    let mut model = first.and_then(|&first| reader.value(first).word());
    let mut options = Vec::new();
    for (name, span, value) in keywords {
        match (dashed(&name).as_str(), value) {
            ("model", value) => model = value.word().or(model),
            (_, Value::Nothing) => {}
            (name, value) => option(name, span, value, &mut options, &mut is_open),
        }
    }
    Some(Launch {
        form: LaunchForm::PythonCall,
        span: reader.span(call),
        program: reader.span(function),
        model,
        options,
        is_open,
        home: Home::default(),
        command: None,
        environment: Vec::new(),
    })
}

/// Adds an option; the entries of a dictionary are options too (`attention-config.backend`).
fn option(name: &str, span: Span, value: Value, options: &mut Vec<LaunchOption>, is_open: &mut bool) {
    let mut add = |name: String, span, value| options.push(LaunchOption { name, span, value });
    match value {
        Value::Bool(true, _) => add(name.to_owned(), span, None),
        Value::Bool(false, at) => add(name.to_owned(), span, Some(Word::literal("false", at))),
        Value::Word(word) => add(name.to_owned(), span, Some(word)),
        Value::List(_) | Value::Nothing => add(name.to_owned(), span, Value::unknown(span).word()),
        Value::Dict(entries, open) => {
            *is_open |= open && name.contains("config");
            add(name.to_owned(), span, Value::unknown(span).word());
            for (key, at, value) in entries {
                if let Some(word) = value.word() {
                    add(format!("{name}.{key}"), at, Some(word));
                }
            }
        }
    }
}
