//! Visits the nodes of a YAML file with the keys that they stand under.

use tree_sitter::{Node, Tree, TreeCursor};

use super::environment::Environment;
use super::scalar::{Scalar, evaluate};
use super::sequence;
use crate::facts::{FileFacts, Gap, Home, ProseKind, SettingKind, Text, TextPart};
use crate::lang::remarks;
use crate::lang::script::Script;
use crate::span::Span;

/// Keys whose values are commands.
const SCRIPTS: &[&str] =
    &["command", "commands", "run", "script", "entrypoint", "args", "before_script", "after_script"];

/// A key and what stands around it.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// Where.
    pub span: Span,
    /// How deep in the tree its pair stands.
    depth: usize,
    /// The name that its mapping bears: the value of a key `key` in it.
    label: Option<String>,
    /// Whether its value is a script.
    pub is_script: bool,
}

impl Key {
    /// The name of what a value sets. Buildkite's input fields have a `default` for the `key` beside it.
    pub fn subject(&self) -> &str {
        match &self.label {
            Some(label) if self.name == "default" => label,
            _ => &self.name,
        }
    }
}

/// Reads the facts of a file but for the values in `done`; returns the regions that do not parse.
pub fn walk(text: &str, tree: &Tree, home: Home, done: &[Span], facts: &mut FileFacts) -> Vec<Span> {
    let environment = Environment::default();
    let mut walker = Walker { text, facts, home, done, keys: Vec::new(), environment, broken: Vec::new() };
    let mut cursor = tree.walk();
    let mut depth = 0usize;
    loop {
        if walker.enter(&cursor, depth) && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        walker.leave(depth);
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return walker.broken;
            }
            depth = depth.saturating_sub(1);
            walker.leave(depth);
        }
    }
}

struct Walker<'a> {
    text: &'a str,
    facts: &'a mut FileFacts,
    /// What the file's scripts run in.
    home: Home,
    /// Values that have been read, sorted; of them, only comments are of interest.
    done: &'a [Span],
    /// The keys that the present node stands under, outermost first.
    keys: Vec<Key>,
    /// What the mappings that it stands in say of it.
    environment: Environment,
    /// Outermost regions that do not parse.
    broken: Vec<Span>,
}

impl Walker<'_> {
    /// Takes a node in; whether its children are to be visited.
    fn enter(&mut self, cursor: &TreeCursor<'_>, depth: usize) -> bool {
        let node = cursor.node();
        let is_done = || self.is_done(Span::of(node));
        match node.kind() {
            "comment" => remarks::comment(self.text, Span::of(node), self.facts),
            // A root that is broken covers less than the file.
            "ERROR" if depth == 0 => self.gap(Span::new(0, self.text.len())),
            "ERROR" => self.gap(Span::of(node)),
            "block_mapping" | "flow_mapping" => self.environment.enter(self.text, node, depth),
            "block_mapping_pair" | "flow_pair" => self.pair(node, depth),
            // Asked of a document among thousands, the name of its field costs as much as all of them.
            "document" | "---" | "..." => {}
            _ if cursor.field_name() == Some("key") => return false,
            "block_sequence" | "flow_sequence" if is_done() => {}
            "plain_scalar" | "single_quote_scalar" | "double_quote_scalar" | "block_scalar" if is_done() => {
                return false;
            }
            "block_sequence" | "flow_sequence" => {
                return !sequence::read(self.text, node, self.keys.last(), &self.environment, self.home, self.facts);
            }
            "plain_scalar" | "single_quote_scalar" | "double_quote_scalar" | "block_scalar" => {
                if let Some(scalar) = Scalar::of(self.text, node) {
                    value(self.text, scalar, self.keys.last(), &self.environment, self.home, self.facts);
                }
                return false;
            }
            _ => {}
        }
        true
    }

    /// Whether a node lies in a value that has been read.
    fn is_done(&self, span: Span) -> bool {
        let at = self.done.partition_point(|done| done.start <= span.start);
        // Values that are read lie beside each other or in one another; the last that starts before may be an inner one.
        self.done[..at].iter().rev().take(4).any(|done| done.contains(span))
    }

    /// Forgets the keys and mappings that end with a node at that depth.
    fn leave(&mut self, depth: usize) {
        self.keys.pop_if(|key| key.depth >= depth);
        self.environment.leave(depth);
    }

    fn gap(&mut self, span: Span) {
        if self.broken.last().is_none_or(|outer| !outer.contains(span)) {
            self.broken.push(span);
        }
        // Templates are what breaks YAML as a rule; their lines say more than the whole region.
        let template = remarks::lines(self.text, span).find(|line| line.text(self.text).trim_start().starts_with("{{"));
        let span = template.unwrap_or(span);
        if self.facts.gaps.last().is_none_or(|gap| gap.span != span) {
            self.facts.gaps.push(Gap { span, what: "YAML".to_owned() });
        }
    }

    fn pair(&mut self, node: Node<'_>, depth: usize) {
        let Some(key) = node.child_by_field_name("key").and_then(|key| Scalar::of(self.text, key)) else { return };
        let name = key.text(self.text).to_owned();
        let label = self.environment.label().map(str::to_owned);
        // `with: script:` is JavaScript for GitHub's script action.
        let in_action = self.keys.last().is_some_and(|outer| outer.name == "with");
        let is_script = SCRIPTS.contains(&name.as_str()) && !in_action;
        self.keys.push(Key { name, span: key.span, depth, label, is_script });
    }
}

/// Reads the scalar under a key.
fn value(text: &str, scalar: Scalar, key: Option<&Key>, environment: &Environment, home: Home, facts: &mut FileFacts) {
    match key {
        Some(key) if remarks::list(text, scalar.span).is_some() => {
            set(text, key.subject(), key.span, scalar.span, facts)
        }
        Some(key) if key.is_script => {
            let mut script = Script::default();
            scalar.append_to(text, &mut script);
            script.extract(text, home, None, &|name| environment.lookup(text, name), facts);
        }
        Some(key) if remarks::names_targets(&key.name) && is_value(scalar.text(text)) => {
            set(text, &key.name, key.span, scalar.span, facts)
        }
        _ if assignment(text, scalar, facts) => {}
        // What has no blanks is a name or a path, not a sentence.
        _ if scalar.text(text).trim().contains(' ') => remarks::prose(text, scalar.span, ProseKind::Message, facts),
        _ => {}
    }
}

/// Whether a text can be a variable's value, and is no sentence about it.
fn is_value(text: &str) -> bool {
    !text.trim().contains([' ', '\n']) || text.trim_start().starts_with("${{")
}

/// Reads `KEY=list`, as environments are written in lists; whether the scalar is that.
pub fn assignment(text: &str, scalar: Scalar, facts: &mut FileFacts) -> bool {
    let written = scalar.text(text);
    let Some((name, value)) = written.split_once('=') else { return false };
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name || value.contains([' ', '\n']) {
        return false;
    }
    let start = scalar.span.start as usize;
    let name_span = Span::new(start, start + name.len());
    let value_span = Span::new(start + name.len() + 1, scalar.span.end as usize);
    if remarks::names_targets(name) || remarks::list(text, value_span).is_some() {
        set(text, name, name_span, value_span, facts);
    }
    true
}

/// Adds the lists of targets that a value falls back to.
pub fn defaults(value: &Text, facts: &mut FileFacts) {
    for part in &value.parts {
        if let TextPart::Outer { name, default: Some(default) } = part
            && let [TextPart::Literal(written, Some(span))] = default.parts.as_slice()
            && remarks::list(written, Span::new(0, written.len())).is_some()
        {
            let value = Text::literal(written.clone(), Some(*span));
            facts.settings.push(remarks::setting(name, *span, *span, value, SettingKind::ShellDefault));
        }
    }
}

/// Adds a setting, and the default that is written out in it.
pub fn set(text: &str, name: &str, name_span: Span, value_span: Span, facts: &mut FileFacts) {
    let value = evaluate(text, value_span);
    defaults(&value, facts);
    facts.settings.push(remarks::setting(name, name_span.hull(value_span), value_span, value, SettingKind::YamlValue));
}
