//! Sequences: lists of targets, lists of environment entries, lists of commands.

use tree_sitter::Node;

use super::environment::Environment;
use super::scalar::Scalar;
use super::walk::{Key, assignment};
use crate::arch::ArchToken;
use crate::facts::{FileFacts, Home, SettingKind};
use crate::lang::remarks;
use crate::lang::script::Script;
use crate::span::Span;

/// Reads a sequence as a whole, if it is a list of targets or of commands; otherwise its items are to be visited.
pub fn read(
    text: &str,
    node: Node<'_>,
    key: Option<&Key>,
    environment: &Environment,
    home: Home,
    facts: &mut FileFacts,
) -> bool {
    let Some(key) = key else { return false };
    let Some((items, comments)) = scalars(text, node) else { return false };
    let targets: Vec<ArchToken> = items.iter().filter_map(|item| target(text, item)).collect();
    let is_environment = key.is_script && !matches!(key.name.as_str(), "commands" | "script" | "run");
    if let [first, .., last] | [first @ last] = targets.as_slice() {
        let span = first.span.hull(last.span);
        facts.settings.push(remarks::setting(
            key.subject(),
            key.span.hull(span),
            span,
            remarks::joined(text, &targets),
            SettingKind::YamlValue,
        ));
    } else if is_environment && items.iter().all(|item| is_assignment(item.text(text))) {
        items.iter().for_each(|item| {
            assignment(text, *item, facts);
        });
    } else if key.is_script {
        let mut script = Script::default();
        items.iter().for_each(|item| item.append_to(text, &mut script));
        script.extract(text, home, None, &|name| environment.lookup(text, name), facts);
    } else {
        return false;
    }
    comments.into_iter().for_each(|comment| remarks::comment(text, comment, facts));
    true
}

/// The items of a sequence and the comments between them, if all items are scalars.
fn scalars(text: &str, node: Node<'_>) -> Option<(Vec<Scalar>, Vec<Span>)> {
    let (mut items, mut comments) = (Vec::new(), Vec::new());
    let mut cursor = node.walk();
    for child in node.named_children(&mut cursor) {
        if child.kind() == "comment" {
            comments.push(Span::of(child));
            continue;
        }
        let mut inner = child.walk();
        let item = match child.kind() {
            "block_sequence_item" => {
                comments.extend(child.named_children(&mut inner).filter(|part| part.kind() == "comment").map(Span::of));
                child.named_children(&mut inner).find(|part| part.kind() != "comment")
            }
            _ => Some(child),
        };
        items.push(Scalar::of(text, item?)?);
    }
    Some((items, comments))
}

/// The target in an item that is nothing else: `gfx942`, `arch:gfx950`.
fn target(text: &str, item: &Scalar) -> Option<ArchToken> {
    let written = item.text(text);
    let prefix = written.find("gfx")?;
    let is_label = prefix == 0
        || written[..prefix].ends_with(':') && written[..prefix - 1].bytes().all(|byte| byte.is_ascii_alphanumeric());
    let span = Span { start: item.span.start + Span::new(prefix, prefix).start, end: item.span.end };
    let mut tokens = remarks::list(text, span).filter(|tokens| is_label && tokens.len() == 1)?;
    tokens.pop()
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, value)| {
        !value.contains([' ', '\n'])
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}
