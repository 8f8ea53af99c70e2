//! The variables of a CMake file and the values that are known of them, command by command.

use rustc_hash::{FxHashMap, FxHashSet};

use super::command::{Argument, Form};
use crate::facts::{Text, TextPart};
use crate::span::Span;

/// How deeply references may nest (`${${X}_Y}`) before the value counts as unknown.
const NESTING: usize = 4;
/// How many parts a value may have; a list that is doubled on every line would grow without bounds.
const PARTS: usize = 128;
/// How many bytes of a value are kept.
const BYTES: usize = 8192;
/// How many blocks are told apart; blocks within them count as one.
const BLOCKS: usize = 64;

/// Variables and their values at one point of a file.
#[derive(Debug, Default)]
pub struct Variables {
    values: FxHashMap<String, Text>,
    blocks: Vec<Block>,
    /// Open blocks beyond the ones that are told apart.
    surplus: usize,
}

/// What an open block has changed so far.
#[derive(Debug, Default)]
struct Block {
    changed: FxHashSet<String>,
    before: Vec<(String, Option<Text>)>,
}

impl Variables {
    /// Gives a variable a value.
    pub fn assign(&mut self, name: &str, value: Text) {
        let value = if is_too_long(&value) { Text::unknown() } else { value };
        let before = self.values.insert(name.to_owned(), value);
        if let Some(block) = self.blocks.last_mut()
            && block.changed.insert(name.to_owned())
        {
            block.before.push((name.to_owned(), before));
        }
    }

    /// The value of a variable, if the file has given it one.
    pub fn get(&self, name: &str) -> Option<&Text> {
        self.values.get(name)
    }

    /// Opens a block whose commands may or may not run.
    pub fn open(&mut self) {
        match self.blocks.len() < BLOCKS {
            true => self.blocks.push(Block::default()),
            false => self.surplus += 1,
        }
    }

    /// Begins another branch of the innermost block: what the branch before did is undone.
    pub fn branch(&mut self) {
        let Some(block) = self.blocks.last().filter(|_| self.surplus == 0) else { return };
        for (name, before) in &block.before {
            match before {
                Some(value) => self.values.insert(name.clone(), value.clone()),
                None => self.values.remove(name),
            };
        }
    }

    /// Closes the innermost block: what it changed is not known from here on.
    pub fn close(&mut self) {
        if self.surplus > 0 {
            self.surplus -= 1;
            return;
        }
        let Some(block) = self.blocks.pop() else { return };
        for (name, _) in block.before {
            self.assign(&name, Text::unknown());
        }
    }

    /// What an argument amounts to.
    pub fn value(&self, text: &str, argument: &Argument) -> Text {
        match argument.form {
            Form::Bracket => Text::literal(argument.span.text(text), Some(argument.span)),
            _ => Text { parts: self.evaluate(argument.span.text(text), Some(argument.span.start as usize), NESTING) },
        }
    }

    /// What a list of arguments amounts to: their values with `;` between them.
    pub fn list(&self, text: &str, arguments: &[Argument]) -> Text {
        let mut parts = Vec::new();
        for argument in arguments {
            let value = self.value(text, argument);
            if value.parts.is_empty() {
                continue;
            }
            if !parts.is_empty() {
                parts.push(TextPart::Literal(";".to_owned(), None));
            }
            parts.extend(value.parts);
        }
        Text { parts }
    }

    /// The parts of a text with references; `offset` is where it stands in the file, if it does.
    fn evaluate(&self, text: &str, offset: Option<usize>, depth: usize) -> Vec<TextPart> {
        let mut parts = Vec::new();
        let mut plain = 0;
        let mut at = 0;
        let literal = |from: usize, to: usize, parts: &mut Vec<TextPart>| {
            if let Some(bytes) = text.get(from..to).filter(|bytes| !bytes.is_empty()) {
                parts.push(TextPart::Literal(
                    bytes.to_owned(),
                    offset.map(|offset| Span::new(offset + from, offset + to)),
                ));
            }
        };
        while let Some(found) = memchr::memchr2(b'$', b'\\', text.as_bytes().get(at..).unwrap_or_default()) {
            let start = at + found;
            at = start + 1;
            if text.as_bytes()[start] == b'\\' {
                let escaped = text[start + 1..].chars().next();
                literal(plain, start, &mut parts);
                parts.extend(escaped.map(|escaped| TextPart::Literal(escaped.to_string(), None)));
                at += escaped.map_or(0, char::len_utf8);
                plain = at;
                continue;
            }
            let Some(reference) = Reference::at(text, start) else { continue };
            literal(plain, start, &mut parts);
            parts.extend(self.resolve(&reference, depth));
            (at, plain) = (reference.end, reference.end);
            if parts.len() > PARTS {
                return vec![TextPart::Unknown];
            }
        }
        literal(plain, text.len(), &mut parts);
        parts
    }

    fn resolve(&self, reference: &Reference<'_>, depth: usize) -> Vec<TextPart> {
        let Some(name) = self.name(reference, depth) else { return vec![TextPart::Unknown] };
        match reference.environment {
            true => vec![TextPart::Outer { name, default: None }],
            false => self
                .values
                .get(&name)
                .map_or_else(|| vec![TextPart::Outer { name, default: None }], |value| value.parts.clone()),
        }
    }

    /// The name that a reference denotes, once references in it are replaced.
    fn name(&self, reference: &Reference<'_>, depth: usize) -> Option<String> {
        if !reference.name.contains('$') {
            return (!reference.name.is_empty()).then(|| reference.name.to_owned());
        }
        let depth = depth.checked_sub(1)?;
        Text { parts: self.evaluate(reference.name, None, depth) }.known().filter(|name| !name.is_empty())
    }
}

fn is_too_long(value: &Text) -> bool {
    let bytes = |part: &TextPart| if let TextPart::Literal(text, _) = part { text.len() } else { 0 };
    value.parts.len() > PARTS || value.parts.iter().map(bytes).sum::<usize>() > BYTES
}

/// A reference to a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The name as written, references in it included.
    pub name: &'a str,
    /// Whether it is `$ENV{name}`.
    pub environment: bool,
    /// The offset behind its `}`.
    pub end: usize,
}

impl<'a> Reference<'a> {
    /// The reference that starts with the `$` at `start`.
    pub fn at(text: &'a str, start: usize) -> Option<Self> {
        let rest = text.get(start..)?;
        let (prefix, environment) = match rest {
            _ if rest.starts_with("${") => (2, false),
            _ if rest.starts_with("$ENV{") => (5, true),
            _ => return None,
        };
        let mut open = 1;
        for (offset, byte) in rest.bytes().enumerate().skip(prefix) {
            match byte {
                b'{' => open += 1,
                b'}' => open -= 1,
                // A name has neither; without this, a file of unclosed references would be read again for each.
                b'\n' | b' ' => return None,
                _ => {}
            }
            if open == 0 {
                return Some(Self { name: &rest[prefix..offset], environment, end: start + offset + 1 });
            }
            if offset > 256 {
                return None;
            }
        }
        None
    }

    /// Every outermost reference in a text.
    pub fn all(text: &'a str) -> Vec<Self> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(offset) = memchr::memchr(b'$', text.as_bytes().get(at..).unwrap_or_default()) {
            let reference = Self::at(text, at + offset);
            at = reference.map_or(at + offset + 1, |reference| reference.end);
            found.extend(reference);
        }
        found
    }
}
