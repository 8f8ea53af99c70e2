//! What an expression comes to, where it is made of literals and of names that are given one once.

use tree_sitter::Node;

use super::module::Module;
use crate::facts::{Text, TextPart, Word};
use crate::lang::python::{children, dotted};
use crate::span::Span;

/// Names are followed through so many others.
const DEPTH: usize = 4;

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// A string, a number, or nothing that is known.
    Word(Word),
    /// `True`, `False`.
    Bool(bool, Span),
    /// `None`.
    Nothing,
    /// A list or tuple.
    List(Vec<Value>),
    /// A dictionary: keys with their places. What is not known of it is told by the flag.
    Dict(Vec<(String, Span, Value)>, bool),
}

impl Value {
    pub(super) fn unknown(span: Span) -> Self {
        Self::Word(Word { text: Text::unknown(), span })
    }

    /// The value as a word of a command line; none for collections.
    pub(super) fn word(self) -> Option<Word> {
        match self {
            Self::Word(word) => Some(word),
            Self::Bool(value, span) => Some(Word::literal(if value { "true" } else { "false" }, span)),
            Self::Nothing | Self::List(_) | Self::Dict(..) => None,
        }
    }
}

/// Reads the expressions of a line.
pub(super) struct Evaluator<'a> {
    pub(super) module: &'a Module<'a>,
    /// Where the line stands in the file.
    pub(super) offset: usize,
    /// How many names were followed to get here.
    pub(super) depth: usize,
}

impl Evaluator<'_> {
    pub(super) fn span(&self, node: Node<'_>) -> Span {
        Span::of(node).shifted(self.offset)
    }

    pub(super) fn text(&self, node: Node<'_>) -> &str {
        self.span(node).text(self.module.text)
    }

    /// The dotted name of a node.
    pub(super) fn dotted(&self, node: Node<'_>) -> Option<String> {
        dotted(node, self.module.text.get(self.offset..)?)
    }

    pub(super) fn value(&self, node: Node<'_>) -> Value {
        let span = self.span(node);
        match node.kind() {
            "string" | "concatenated_string" | "binary_operator" => {
                Value::Word(Word { text: self.string(node), span: self.inner(node) })
            }
            "integer" | "float" | "unary_operator" => Value::Word(Word::literal(self.text(node), span)),
            "true" => Value::Bool(true, span),
            "false" => Value::Bool(false, span),
            "none" => Value::Nothing,
            "parenthesized_expression" => match children(node).as_slice() {
                [inner] => self.value(*inner),
                _ => Value::unknown(span),
            },
            "list" | "tuple" => Value::List(children(node).into_iter().map(|item| self.item(item)).collect()),
            "dictionary" => self.dictionary(node),
            "call" => self.call(node),
            "attribute" => self.attribute(node),
            "identifier" => self.named(node),
            _ => Value::unknown(span),
        }
    }

    /// An item of a list; `*rest` may be any number of them.
    fn item(&self, node: Node<'_>) -> Value {
        if node.kind() != "list_splat" {
            return self.value(node);
        }
        let part = TextPart::Outer { name: "@".to_owned(), default: None };
        Value::Word(Word { text: Text { parts: vec![part] }, span: self.span(node) })
    }

    /// A name: its value, standing where the name is used.
    fn named(&self, node: Node<'_>) -> Value {
        let span = self.span(node);
        let read = |value: Value| match value {
            Value::Word(word) => Value::Word(Word { text: word.text, span }),
            Value::Bool(value, _) => Value::Bool(value, span),
            other => other,
        };
        let followed =
            (self.depth < DEPTH).then(|| self.module.value_of(self.text(node), read, self.depth + 1)).flatten();
        followed.unwrap_or_else(|| Value::unknown(span))
    }

    /// `torch.bfloat16` is the word `bfloat16`; `sys.executable` is Python.
    fn attribute(&self, node: Node<'_>) -> Value {
        let span = self.span(node);
        match self.dotted(node).as_deref() {
            Some("sys.executable") => Value::Word(Word::literal("python", span)),
            Some(name) => match name.strip_prefix("torch.") {
                Some(dtype) if !dtype.contains('.') => Value::Word(Word { text: Text::literal(dtype, None), span }),
                _ => Value::unknown(span),
            },
            None => Value::unknown(span),
        }
    }

    /// `dict(a=1)`, `os.environ.get("X", "v")`.
    fn call(&self, node: Node<'_>) -> Value {
        let span = self.span(node);
        let (Some(function), Some(arguments)) =
            (node.child_by_field_name("function"), node.child_by_field_name("arguments"))
        else {
            return Value::unknown(span);
        };
        let arguments = children(arguments);
        match self.dotted(function).as_deref() {
            Some("dict") => {
                let (keywords, positional) = self.keywords(&arguments);
                Value::Dict(keywords, positional)
            }
            Some("os.environ.get" | "os.getenv" | "environ.get" | "getenv") => {
                let mut values = arguments.iter().map(|&argument| self.value(argument).word());
                let (Some(name), default) =
                    (values.next().flatten().and_then(|name| name.known()), values.next().flatten())
                else {
                    return Value::unknown(span);
                };
                let default = default.map(|default| Box::new(default.text));
                Value::Word(Word { text: Text { parts: vec![TextPart::Outer { name, default }] }, span })
            }
            Some("str" | "int" | "Path") if arguments.len() == 1 => self.value(arguments[0]),
            _ => Value::unknown(span),
        }
    }

    /// Keyword arguments, `**dict` among them; and whether there are others.
    pub(super) fn keywords(&self, arguments: &[Node<'_>]) -> (Vec<(String, Span, Value)>, bool) {
        let (mut found, mut is_open) = (Vec::new(), false);
        for &argument in arguments {
            match argument.kind() {
                "keyword_argument" => {
                    if let (Some(name), Some(value)) =
                        (argument.child_by_field_name("name"), argument.child_by_field_name("value"))
                    {
                        found.push((self.text(name).to_owned(), self.span(name), self.value(value)));
                    }
                }
                "dictionary_splat" => match children(argument).first().map(|&inner| (inner, self.value(inner))) {
                    Some((inner, Value::Dict(entries, open))) => {
                        found.extend(entries);
                        is_open |= open || self.is_changed(inner);
                    }
                    _ => is_open = true,
                },
                "list_splat" => is_open = true,
                _ => {}
            }
        }
        (found, is_open)
    }

    /// Whether a dictionary of that name is changed after it was made.
    fn is_changed(&self, node: Node<'_>) -> bool {
        let name = self.text(node);
        node.kind() == "identifier"
            && self
                .module
                .lines_that(|line| {
                    line.strip_prefix(name).is_some_and(|rest| {
                        rest.starts_with('[')
                            || rest.starts_with(".update")
                            || rest.starts_with(".setdefault")
                            || rest.starts_with(" |=")
                    })
                })
                .next()
                .is_some()
    }

    fn dictionary(&self, node: Node<'_>) -> Value {
        let (mut found, mut is_open) = (Vec::new(), false);
        for entry in children(node) {
            let key = entry.child_by_field_name("key").map(|key| (self.value(key).word(), self.inner(key)));
            match (key, entry.child_by_field_name("value")) {
                (Some((Some(key), span)), Some(value)) => match key.known() {
                    Some(key) => found.push((key, span, self.value(value))),
                    None => is_open = true,
                },
                _ => match children(entry).first().map(|&inner| self.value(inner)) {
                    Some(Value::Dict(entries, open)) if entry.kind() == "dictionary_splat" => {
                        found.extend(entries);
                        is_open |= open;
                    }
                    _ => is_open = true,
                },
            }
        }
        Value::Dict(found, is_open)
    }

    /// Where a string's content stands; the whole of other expressions.
    fn inner(&self, node: Node<'_>) -> Span {
        crate::lang::python::literals::string_content(node)
            .map_or_else(|| self.span(node), |content| content.shifted(self.offset))
    }

    /// The parts of a string, of strings side by side, and of sums of them.
    fn string(&self, node: Node<'_>) -> Text {
        let mut text = Text::default();
        match node.kind() {
            "string" => {
                let is_raw_text = self.text(node).starts_with(['b', 'B']);
                for part in children(node) {
                    match part.kind() {
                        "string_content" if is_raw_text => text.parts.push(TextPart::Unknown),
                        "string_content" => {
                            let written = self.text(part);
                            // What is written with escapes is not what stands there.
                            if written.contains('\\') && !self.text(node).starts_with(['r', 'R']) {
                                text.parts.push(TextPart::Literal(unescaped(written), None));
                            } else {
                                text.parts.push(TextPart::Literal(written.to_owned(), Some(self.span(part))));
                            }
                        }
                        "interpolation" => match children(part).first().and_then(|&inner| self.value(inner).word()) {
                            Some(word) => text.parts.extend(word.text.parts),
                            None => text.parts.push(TextPart::Unknown),
                        },
                        _ => {}
                    }
                }
            }
            "concatenated_string" => {
                for part in children(node) {
                    text.parts.extend(self.string(part).parts);
                }
            }
            "binary_operator" if node.child_by_field_name("operator").is_some_and(|sign| sign.kind() == "+") => {
                for side in ["left", "right"].into_iter().filter_map(|side| node.child_by_field_name(side)) {
                    match self.value(side).word() {
                        Some(word) => text.parts.extend(word.text.parts),
                        None => text.parts.push(TextPart::Unknown),
                    }
                }
            }
            _ => text.parts.push(TextPart::Unknown),
        }
        text
    }
}

/// The escapes that occur in words of command lines.
fn unescaped(written: &str) -> String {
    written.replace("\\\n", "").replace("\\n", "\n").replace("\\\"", "\"").replace("\\'", "'").replace("\\\\", "\\")
}
