//! Lists of words for `subprocess`, and command lines in strings for it.

use tree_sitter::Node;

use super::module::{Module, assigned};
use super::value::{Evaluator, Value};
use crate::facts::{Command, FileFacts, Home, Text, TextPart, Word};
use crate::lang::programs;
use crate::lang::python::{children, literals::string_content};
use crate::lang::script::Script;
use crate::span::Span;

/// Programs whose lists of words are read.
const PROGRAMS: &[&str] = &["vllm", "python", "python3", "docker", "podman", "lm_eval"];

/// Functions that take a command line as a string.
const RUNNERS: &[&str] =
    &["system", "run", "Popen", "call", "check_call", "check_output", "getoutput", "split", "popen"];

/// Notes the commands in a line.
pub(super) fn read(module: &Module<'_>, line: usize, root: Node<'_>, offset: usize, facts: &mut FileFacts) {
    let reader = Evaluator { module, offset, depth: 0 };
    let mut pending = vec![root];
    while let Some(node) = pending.pop() {
        match node.kind() {
            "list" | "tuple" if starts_program(&reader, node) => {
                list(&reader, line, root, node, facts);
                continue;
            }
            "call" => command_line(&reader, node, facts),
            _ => {}
        }
        pending.extend(children(node).into_iter().rev());
    }
}

/// Whether a list starts with the name of a program that is read.
fn starts_program(reader: &Evaluator<'_>, node: Node<'_>) -> bool {
    let Some(first) = children(node).first().and_then(|&first| reader.value(first).word()) else { return false };
    let name = first.known().unwrap_or_default();
    PROGRAMS.contains(&name.rsplit('/').next().unwrap_or_default())
}

fn list(reader: &Evaluator<'_>, line: usize, root: Node<'_>, node: Node<'_>, facts: &mut FileFacts) {
    let mut words = words(reader.value(node));
    if assigned(root).is_some_and(|right| right.id() == node.id()) {
        appended(reader.module, line, &mut words);
    }
    let command = Command {
        words,
        span: reader.span(node),
        home: Home::default(),
        environment: Vec::new(),
        directory: None,
        outputs: Vec::new(),
        may_not_run: false,
    };
    programs::read(command, facts);
}

/// The items of a list as words; what is none may be any number of arguments.
fn words(value: Value) -> Vec<Word> {
    let Value::List(items) = value else { return Vec::new() };
    items.into_iter().filter_map(Value::word).map(one).collect()
}

/// An item is one word, whatever it is.
fn one(mut word: Word) -> Word {
    if word.text.parts == [TextPart::Unknown] {
        word.text.parts = vec![TextPart::Outer { name: "item".to_owned(), default: None }];
    }
    word
}

/// What later lines of the same block add to a list; what is added in some cases only may be anything.
fn appended(module: &Module<'_>, line: usize, found: &mut Vec<Word>) {
    let text = module.line(line);
    let name = &text[..text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()];
    let indent = module.indent(line);
    for at in line + 1..module.len() {
        if module.indent(at) < indent {
            return;
        }
        let Some(rest) = module.line(at).strip_prefix(name).map(str::trim_start) else { continue };
        if rest.starts_with('=') && !rest.starts_with("==") {
            return;
        }
        let adds = rest.starts_with("+=") || rest.starts_with(".extend(") || rest.starts_with(".append(");
        if !adds {
            continue;
        }
        let added =
            (module.indent(at) == indent).then(|| module.parsed(at, |root, offset| added(module, root, offset)));
        match added.flatten().flatten() {
            Some(added) => found.extend(added),
            None => found.push(any(module, at)),
        }
    }
}

/// What a line adds: `cmd += [...]`, `cmd.extend([...])`, `cmd.append(...)`.
fn added(module: &Module<'_>, root: Node<'_>, offset: usize) -> Option<Vec<Word>> {
    let reader = Evaluator { module, offset, depth: 0 };
    let expression = *children(*children(root).first()?).first()?;
    match expression.kind() {
        "augmented_assignment" => match reader.value(expression.child_by_field_name("right")?) {
            list @ Value::List(_) => Some(words(list)),
            _ => None,
        },
        "call" => {
            let is_one = reader.dotted(expression.child_by_field_name("function")?)?.ends_with(".append");
            let arguments = children(expression.child_by_field_name("arguments")?);
            match reader.value(*arguments.first()?) {
                Value::List(items) if !is_one => Some(words(Value::List(items))),
                value if is_one => value.word().map(|word| vec![one(word)]),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Any number of arguments.
fn any(module: &Module<'_>, line: usize) -> Word {
    let start = module.line(line).as_ptr() as usize - module.text.as_ptr() as usize;
    let part = TextPart::Outer { name: "@".to_owned(), default: None };
    Word { text: Text { parts: vec![part] }, span: Span::new(start, start + module.line(line).trim_end().len()) }
}

/// `os.system("vllm serve ...")`.
fn command_line(reader: &Evaluator<'_>, call: Node<'_>, facts: &mut FileFacts) {
    let (Some(function), Some(arguments)) =
        (call.child_by_field_name("function"), call.child_by_field_name("arguments"))
    else {
        return;
    };
    let name = reader.dotted(function).unwrap_or_default();
    let Some(&first) = children(arguments).first() else { return };
    if !name.contains('.') && name != "Popen" || !RUNNERS.contains(&name.rsplit('.').next().unwrap_or_default()) {
        return;
    }
    let Some(content) = string_content(first).map(|content| content.shifted(reader.offset)) else { return };
    let text = content.text(reader.module.text);
    if !text.contains('\\')
        && ["vllm serve ", "vllm.entrypoints.", "docker run "].iter().any(|word| text.contains(word))
    {
        let mut script = Script::default();
        script.push(content);
        script.extract(reader.module.text, Home::default(), None, &|_| None, facts);
    }
}
