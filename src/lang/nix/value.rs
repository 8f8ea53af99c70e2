//! What expressions amount to, as far as the file tells.

use super::package::Root;
use super::reader::{Field, Fields, Reader, STEPS};
use super::syntax::{Bound, Id, Kind, Operator, Part};
use crate::facts::{NixArgument, NixItem, NixValue, Text, TextPart, Word};
use crate::span::Span;

impl Reader<'_> {
    /// What an expression amounts to.
    pub fn value(&self, id: Id) -> NixValue {
        self.start();
        self.evaluated(id, 0)
    }

    fn evaluated(&self, id: Id, depth: usize) -> NixValue {
        if depth > STEPS || !self.goes_on() {
            return NixValue::Unknown;
        }
        if let Some(reference) = self.reference(id).filter(|reference| reference.root != Root::Computed) {
            return NixValue::Reference(reference.path);
        }
        let id = self.strip(id);
        let syntax = &self.syntax;
        match syntax.kind(id) {
            Kind::Str { .. } => NixValue::Text(self.string(id, depth)),
            Kind::Number | Kind::Path | Kind::Uri => {
                NixValue::Text(Text::literal(self.slice(id), Some(syntax.get(id).span)))
            }
            Kind::Var(name) => match (syntax.lookup(syntax.get(id).scope, name), name.as_str()) {
                (Bound::Builtin, "true") => NixValue::Bool(true),
                (Bound::Builtin, "false") => NixValue::Bool(false),
                (Bound::Builtin, "null") => NixValue::Null,
                _ => NixValue::Unknown,
            },
            Kind::List(items) => {
                let item = |&item: &Id| NixItem { value: self.evaluated(item, depth + 1), span: self.inner(item) };
                NixValue::List(items.iter().map(item).collect(), false)
            }
            Kind::Set { .. } | Kind::Binary { operator: Operator::Update, .. } => {
                let mut fields = Fields::default();
                self.collect(id, depth + 1, &mut fields);
                NixValue::Set(self.arguments(&fields, depth + 1), fields.is_open)
            }
            Kind::Binary { operator: Operator::Concat, left, right } => {
                let (left, right) = (self.evaluated(*left, depth + 1), self.evaluated(*right, depth + 1));
                concatenated(left, right)
            }
            Kind::Binary { operator: Operator::Plus, left, right } => {
                match (self.evaluated(*left, depth + 1), self.evaluated(*right, depth + 1)) {
                    (NixValue::Text(left), NixValue::Text(right)) => {
                        NixValue::Text(Text { parts: left.parts.into_iter().chain(right.parts).collect() })
                    }
                    _ => NixValue::Unknown,
                }
            }
            Kind::Lambda(_) => NixValue::Function,
            Kind::Apply { .. } => self.applied(id, depth),
            Kind::Select { base, path, .. } => match self.evaluated(*base, depth + 1) {
                NixValue::Import(file, mut names) => {
                    let own: Option<Vec<String>> =
                        path.iter().map(|attr| attr.name().map(|name| name.text.clone())).collect();
                    own.map_or(NixValue::Unknown, |own| {
                        names.extend(own);
                        NixValue::Import(file, names)
                    })
                }
                _ => NixValue::Unknown,
            },
            _ => NixValue::Unknown,
        }
    }

    fn applied(&self, id: Id, depth: usize) -> NixValue {
        let (function, arguments) = self.syntax.call(id);
        match (self.syntax.function_name(function), arguments.as_slice()) {
            (Some("import"), [path, ..]) => {
                let path = self.strip(*path);
                match self.syntax.kind(path) {
                    Kind::Path => NixValue::Import(self.slice(path).to_owned(), Vec::new()),
                    _ => NixValue::Unknown,
                }
            }
            (Some("toString"), [value]) => match self.evaluated(*value, depth + 1) {
                NixValue::Text(text) => NixValue::Text(text),
                _ => NixValue::Unknown,
            },
            (Some("concatStringsSep"), [separator, list]) => {
                match (self.evaluated(*separator, depth + 1), self.evaluated(*list, depth + 1)) {
                    (NixValue::Text(separator), NixValue::List(items, false)) => joined(&separator, &items),
                    _ => NixValue::Unknown,
                }
            }
            (Some("unique" | "naturalSort"), [list]) => self.evaluated(*list, depth + 1),
            (Some("singleton"), [item]) => {
                let item = NixItem { value: self.evaluated(*item, depth + 1), span: self.inner(*item) };
                NixValue::List(vec![item], false)
            }
            // What is there under a condition only leaves the list open.
            (Some("optional" | "optionals"), [_, _]) => NixValue::List(Vec::new(), true),
            _ => NixValue::Unknown,
        }
    }

    /// The attributes of a set with their values; only plain names.
    pub fn arguments(&self, fields: &Fields, depth: usize) -> Vec<NixArgument> {
        let mut found = Vec::new();
        for field in &fields.all {
            if let [name] = field.path.as_slice() {
                found.push(NixArgument {
                    name: name.text.clone(),
                    name_span: name.span,
                    span: field.span,
                    value: self.evaluated(field.value, depth + 1),
                    value_span: self.inner(field.value),
                });
            }
        }
        found
    }

    /// An attribute by the last of its names.
    pub fn argument(&self, field: &Field) -> NixArgument {
        let name = field.path.last();
        NixArgument {
            name: name.map(|name| name.text.clone()).unwrap_or_default(),
            name_span: name.map_or(field.span, |name| name.span),
            span: field.span,
            value: self.value(field.value),
            value_span: self.inner(field.value),
        }
    }

    /// The value of a string, interpolated values that are known filled in.
    fn string(&self, id: Id, depth: usize) -> Text {
        let Kind::Str { parts, .. } = self.syntax.kind(id) else { return Text::unknown() };
        let mut text = Text::default();
        for part in parts {
            match *part {
                Part::Text(span) | Part::Escape(span) => {
                    text.parts.push(TextPart::Literal(span.text(self.text).to_owned(), Some(span)));
                }
                Part::LineEnd(_) => text.parts.push(TextPart::Literal("\n".to_owned(), None)),
                Part::Interpolation(inner, _) => match self.evaluated(inner, depth + 1) {
                    NixValue::Text(inner) => text.parts.extend(inner.parts),
                    _ => text.parts.push(TextPart::Unknown),
                },
            }
        }
        text
    }

    /// The place of a value: of a string what is between its quotes.
    pub fn inner(&self, id: Id) -> Span {
        let span = self.syntax.get(id).span;
        match self.syntax.kind(id) {
            Kind::Str { is_indented, .. } => {
                let quote = if *is_indented { 2 } else { 1 };
                let range = span.range();
                Span::new(range.start + quote, range.end.saturating_sub(quote))
            }
            _ => span,
        }
    }

    /// A value as a word; none where it is no text.
    pub fn word(&self, id: Id) -> Option<Word> {
        match self.value(id) {
            NixValue::Text(text) => Some(Word { text, span: self.inner(id) }),
            NixValue::Unknown | NixValue::Import(..) | NixValue::Reference(_) => {
                Some(Word { text: Text::unknown(), span: self.inner(id) })
            }
            _ => None,
        }
    }

    /// The items of a list, and whether there may be more.
    pub fn items(&self, id: Id) -> (Vec<Id>, bool) {
        let mut items = Vec::new();
        self.start();
        let is_open = self.collect_items(id, 0, &mut items);
        (items, is_open)
    }

    fn collect_items(&self, id: Id, depth: usize, items: &mut Vec<Id>) -> bool {
        let id = self.strip(id);
        match self.syntax.kind(id) {
            _ if depth > STEPS || !self.goes_on() => true,
            Kind::List(own) => {
                items.extend(own);
                false
            }
            Kind::Binary { operator: Operator::Concat, left, right } => {
                let left = self.collect_items(*left, depth + 1, items);
                self.collect_items(*right, depth + 1, items) || left
            }
            Kind::Apply { .. } => {
                let (function, arguments) = self.syntax.call(id);
                if let (Some("optionals"), [_, list]) = (self.syntax.function_name(function), arguments.as_slice()) {
                    self.collect_items(*list, depth + 1, items);
                }
                true
            }
            _ => true,
        }
    }
}

fn concatenated(left: NixValue, right: NixValue) -> NixValue {
    match (left, right) {
        (NixValue::List(mut left, open), NixValue::List(right, also_open)) => {
            left.extend(right);
            NixValue::List(left, open || also_open)
        }
        (NixValue::List(items, _), _) | (_, NixValue::List(items, _)) => NixValue::List(items, true),
        _ => NixValue::Unknown,
    }
}

/// The items of a list as one text.
fn joined(separator: &Text, items: &[NixItem]) -> NixValue {
    let mut text = Text::default();
    for item in items {
        let NixValue::Text(own) = &item.value else { return NixValue::Unknown };
        if !text.parts.is_empty() {
            text.parts.extend(separator.known().map(|known| TextPart::Literal(known, None)));
        }
        text.parts.extend(own.parts.iter().cloned());
    }
    NixValue::Text(text)
}
