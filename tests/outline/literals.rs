//! Strings and collections on the parse.

use gfxlint::facts::outline::{AllAction, Element, Guard, Literal};
use gfxlint::span::Span;
use tree_sitter::Node;

use crate::oracle::children;
use crate::view::{self, View};

/// The offset and the text between the quotes of a plain string.
pub fn content(node: Node<'_>, text: &str) -> Option<(usize, String)> {
    let mut cursor = node.walk();
    let parts: Vec<_> = node.children(&mut cursor).collect();
    let (first, last) = (parts.first()?, parts.last()?);
    let prefix = Span::of(*first).text(text).to_ascii_lowercase();
    if first.kind() != "string_start" || last.kind() != "string_end" || prefix.contains(['f', 't', 'b']) {
        return None;
    }
    Some((first.end_byte(), text[first.end_byte()..last.start_byte()].to_owned()))
}

/// A string, or adjacent ones joined; the offset is that of the first's content, or of the whole.
fn literal(node: Node<'_>, text: &str) -> Option<(usize, String)> {
    match node.kind() {
        "string" => content(node, text),
        "concatenated_string" => {
            let parts: Option<Vec<_>> = children(node).into_iter().map(|part| content(part, text)).collect();
            Some((node.start_byte(), parts?.into_iter().map(|(_, part)| part).collect()))
        }
        "parenthesized_expression" => literal(children(node)[0], text),
        _ => None,
    }
}

/// A string that is a qualified name, if it is to be listed.
pub fn qualified(node: Node<'_>, text: &str) -> Option<(usize, String)> {
    if node.parent().is_some_and(|parent| parent.kind() == "concatenated_string") {
        return None;
    }
    let (start, string) = literal(node, text)?;
    let relative = string.starts_with('.');
    let parts: Vec<&str> = string.trim_start_matches('.').split(['.', ':']).collect();
    let is_name = |part: &&str| {
        !part.is_empty()
            && !part.starts_with(|first: char| first.is_ascii_digit())
            && part.chars().all(|letter| letter == '_' || letter.is_alphanumeric())
    };
    let one_colon = string.matches(':').count() <= 1 && !string.trim_start_matches('.').is_empty();
    let dots_before_colon = string.find(':').is_none_or(|colon| !string[..colon].trim_start_matches('.').is_empty());
    let segments = parts.len() + usize::from(relative);
    (one_colon
        && dots_before_colon
        && parts.iter().all(is_name)
        && (segments >= 3 || segments == 2 && imports(node, text)))
    .then_some((start, string))
}

/// Whether a string is an argument of a function that imports.
fn imports(mut node: Node<'_>, text: &str) -> bool {
    while let Some(parent) = node
        .parent()
        .filter(|parent| matches!(parent.kind(), "parenthesized_expression" | "keyword_argument" | "argument_list"))
    {
        node = parent;
        if parent.kind() == "argument_list" {
            break;
        }
    }
    let call = if node.kind() == "argument_list" { node.parent() } else { None };
    let function = call.and_then(|call| call.child_by_field_name("function"));
    function.is_some_and(|function| {
        dotted(function, text).is_some_and(|name| {
            matches!(
                name.rsplit('.').next(),
                Some("import_module" | "resolve_obj_by_qualname" | "LazyLoader" | "__import__")
            )
        })
    })
}

/// A dotted name without white space.
pub fn dotted(node: Node<'_>, text: &str) -> Option<String> {
    match node.kind() {
        "identifier" => Some(Span::of(node).text(text).to_owned()),
        "attribute" => Some(format!(
            "{}.{}",
            dotted(node.child_by_field_name("object")?, text)?,
            Span::of(node.child_by_field_name("attribute")?).text(text)
        )),
        _ => None,
    }
}

/// The value at the end of a chain of assignments.
pub fn assigned_value(assignment: Node<'_>) -> Option<Node<'_>> {
    let right = assignment.child_by_field_name("right")?;
    if right.kind() == "assignment" { assigned_value(right) } else { Some(right) }
}

pub fn caught<'t>(classes: impl IntoIterator<Item = Node<'t>>, text: &str) -> Guard {
    let mut guard = Guard::default();
    for class in classes {
        let found = match class.kind() {
            "tuple" | "parenthesized_expression" => caught(children(class), text),
            "identifier" | "attribute" => {
                let name = Span::of(class).text(text).rsplit('.').next().unwrap().trim_start_matches('_').to_owned();
                let is_class =
                    name.chars().next().is_some_and(char::is_uppercase) && name.chars().any(char::is_lowercase);
                let all = matches!(name.as_str(), "ImportError" | "Exception" | "BaseException") || !is_class;
                Guard { module: all || name == "ModuleNotFoundError", name: all }
            }
            _ => Guard { module: true, name: true },
        };
        guard.module |= found.module;
        guard.name |= found.name;
    }
    guard
}

/// The items of a collection, or the keys of a dict, with the strings of each value.
fn items(node: Node<'_>, text: &str) -> Vec<(Element, Vec<String>)> {
    let plain = |element| vec![(element, Vec::new())];
    let arguments = node.child_by_field_name("arguments").map(children).unwrap_or_default();
    let function = node.child_by_field_name("function");
    match node.kind() {
        "list" | "tuple" | "set" | "expression_list" => {
            children(node).into_iter().flat_map(|part| item(part, text)).collect()
        }
        "parenthesized_expression" => items(children(node)[0], text),
        "dictionary" => children(node)
            .into_iter()
            .flat_map(|pair| match (pair.child_by_field_name("key"), pair.child_by_field_name("value")) {
                (Some(key), Some(value)) => {
                    item(key, text).into_iter().map(|(key, _)| (key, values(value, text))).collect()
                }
                _ => item(pair, text),
            })
            .collect(),
        "binary_operator"
            if node.child_by_field_name("operator").is_some_and(|operator| matches!(operator.kind(), "+" | "|")) =>
        {
            children(node).into_iter().flat_map(|side| items(side, text)).map(|(key, _)| (key, Vec::new())).collect()
        }
        "identifier" | "attribute" => {
            plain(dotted(node, text).map_or(Element::Unknown, |name| Element::Of(name.into())))
        }
        "call" => {
            let function = function.unwrap();
            let name = Span::of(function).text(text).rsplit('.').next().unwrap().to_owned();
            let positional: Vec<_> =
                arguments.iter().filter(|argument| argument.kind() != "keyword_argument").collect();
            let known = matches!(
                name.as_str(),
                "sorted" | "list" | "tuple" | "set" | "frozenset" | "dict" | "OrderedDict" | "MappingProxyType"
            );
            match (positional.as_slice(), function.child_by_field_name("object")) {
                ([], Some(object)) if name == "keys" && arguments.is_empty() => items(object, text),
                ([only], _)
                    if known && literal(**only, text).is_none() && only.start_byte() == arguments[0].start_byte() =>
                {
                    items(**only, text)
                }
                _ => plain(Element::Unknown),
            }
        }
        _ => plain(Element::Unknown),
    }
}

fn item(node: Node<'_>, text: &str) -> Vec<(Element, Vec<String>)> {
    match node.kind() {
        "list_splat" | "dictionary_splat" => {
            items(children(node)[0], text).into_iter().map(|(key, _)| (key, Vec::new())).collect()
        }
        _ => vec![(text_element(node, text), Vec::new())],
    }
}

fn text_element(node: Node<'_>, text: &str) -> Element {
    literal(node, text).map_or(Element::Unknown, |(start, string)| {
        Element::Text(Literal { text: string.into(), span: Span::new(start, start) })
    })
}

fn values(node: Node<'_>, text: &str) -> Vec<String> {
    if let Some((_, string)) = literal(node, text) {
        return vec![string];
    }
    match node.kind() {
        "list" | "tuple" | "set" => children(node)
            .into_iter()
            .map(|part| literal(part, text).map(|(_, string)| string))
            .collect::<Option<_>>()
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Adds `__all__ = …`, or the table that is assigned.
pub fn assigned(view: &mut View, text: &str, name: Node<'_>, value: Node<'_>, statement: Node<'_>, context: &str) {
    let found = items(value, text);
    let keys: Vec<_> = found.iter().map(|(key, _)| key.clone()).collect();
    let written = Span::of(name).text(text);
    if written == "__all__" {
        view.add(statement.start_byte(), format!("all set {} {context}", view::elements(&keys)));
    } else if dotted(value, text).is_none()
        && !keys.is_empty()
        && (!keys.contains(&Element::Unknown) || keys.iter().any(|key| matches!(key, Element::Text(_))))
    {
        let values: Vec<_> = found.iter().map(|(_, values)| values.join("|")).collect();
        view.add(value.start_byte(), format!("table {written} {} => {values:?} {context}", view::elements(&keys)));
    }
}

/// Adds `__all__ += …`, `__all__.extend(…)` and the like.
pub fn all_changed(view: &mut View, text: &str, node: Node<'_>, context: &str) {
    let is_all = |node: Option<Node<'_>>| node.is_some_and(|node| Span::of(node).text(text) == "__all__");
    let mut add = |action: AllAction, elements: &[Element]| {
        view.add(node.start_byte(), format!("all {} {} {context}", view::action(action), view::elements(elements)))
    };
    let keys = |node: Node<'_>| items(node, text).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    if node.kind() == "augmented_assignment" && is_all(node.child_by_field_name("left")) {
        let is_sum = node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "+=");
        let elements = if is_sum { keys(node.child_by_field_name("right").unwrap()) } else { Vec::new() };
        add(if is_sum { AllAction::Add } else { AllAction::Alter }, &elements);
    }
    let Some(function) =
        node.child_by_field_name("function").filter(|function| is_all(function.child_by_field_name("object")))
    else {
        return;
    };
    let arguments = children(node.child_by_field_name("arguments").unwrap());
    match (Span::of(function.child_by_field_name("attribute").unwrap()).text(text), arguments.as_slice()) {
        ("extend", [only]) => add(AllAction::Add, &keys(*only)),
        ("append", [only]) => add(AllAction::Add, &[text_element(*only, text)]),
        ("insert", [_, only]) => add(AllAction::Add, &[text_element(*only, text)]),
        ("remove", [only]) => add(AllAction::Remove, &[text_element(*only, text)]),
        ("sort" | "reverse" | "copy" | "index" | "count", _) => {}
        _ => add(AllAction::Alter, &[]),
    }
}
