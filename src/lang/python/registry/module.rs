//! Lists and classes, line by line.

use super::DEEPEST;
use super::expression::Read;
use crate::facts::{FileFacts, ListedName, NameList, NameListKind, NamedClass};
use crate::lang::python::blocks::{Blocks, identifier};
use crate::lang::python::{is_deeper_than, parse_all};
use crate::span::Span;

impl Blocks<'_> {
    /// The list that a line gives to one of the variables, or what it adds to it.
    pub(super) fn list(&self, at: usize) -> Option<NameList> {
        let line = self.lines.get(at)?;
        let tree = parse_all(&self.text[line.first..line.end])?;
        if is_deeper_than(tree.root_node(), DEEPEST) {
            return None;
        }
        let read = Read { text: self.text, offset: line.first };
        let mut list = read.statement(tree.root_node())?;
        (list.scope, list.is_conditional) = self.place(at);
        Some(list)
    }

    /// The members of a class: names that its body assigns or declares.
    pub(super) fn members(&self, at: usize, class: &str) -> NameList {
        let own = self.lines[at];
        let body = || self.lines[at + 1..].iter().take_while(|line| line.indent > own.indent);
        let indent = body().next().map_or(0, |line| line.indent);
        let names = body()
            .filter(|line| line.indent == indent)
            .filter_map(|line| {
                let written = self.text.get(line.first..line.end)?;
                let name = identifier(written);
                let behind = written[name.len()..].trim_start();
                let binds = behind.starts_with('=') || behind.starts_with(':');
                let span = Span::new(line.first, line.first + name.len());
                (binds && !name.is_empty()).then(|| ListedName { name: name.to_owned(), span, value: None })
            })
            .collect();
        let (scope, is_conditional) = self.place(at);
        NameList {
            name: class.to_owned(),
            scope,
            span: Span::new(own.first + 6, own.first + 6 + class.len()),
            kind: NameListKind::Members,
            names,
            is_open: false,
            taken_from: None,
            is_conditional,
        }
    }

    /// A method that names its class, or takes over for others.
    pub(super) fn method(&self, at: usize, method: &str, facts: &mut FileFacts) {
        let Some(class) =
            self.above(at).next().and_then(|above| self.line(above).strip_prefix("class ")).map(identifier)
        else {
            return;
        };
        let known = facts.named_classes.iter().position(|known| known.class == class);
        let known = known.unwrap_or_else(|| {
            facts.named_classes.push(NamedClass {
                class: class.to_owned(),
                name: None,
                takes_over: None,
                for_rocm: None,
                kernels: Vec::new(),
            });
            facts.named_classes.len() - 1
        });
        let Some(named) = facts.named_classes.get_mut(known) else { return };
        match method {
            "get_name" => named.name = self.returned(at),
            "override_quantization_method" => {
                let start = self.lines[at].first + "def ".len();
                named.takes_over = self.may_return(at).then(|| Span::new(start, start + method.len()));
            }
            _ => {}
        }
    }

    /// Whether a function may return anything but `None`.
    fn may_return(&self, at: usize) -> bool {
        let indent = self.lines[at].indent;
        (at + 1..self.lines.len())
            .take_while(|&below| self.lines[below].indent > indent)
            .filter_map(|below| self.line(below).strip_prefix("return"))
            .any(|value| !matches!(value.split('#').next().unwrap_or_default().trim(), "" | "None"))
    }

    /// The name under which a class is registered, by a decorator or a call.
    pub(super) fn registered(&self, at: usize) -> Option<NameList> {
        const CALLS: [&str; 2] = ["register_quantization_config(", "register_model_loader("];
        let (first, written) = (self.lines[at].first, self.line(at));
        let (call, start) = CALLS.iter().find_map(|call| Some((*call, written.find(call)?)))?;
        let value = &written[start + call.len()..];
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
        let name = quote.and_then(|quote| value[1..].split(quote).next());
        let (scope, is_conditional) = self.place(at);
        let span = Span::new(first + start, first + start + call.len() - 1);
        Some(NameList {
            name: call.trim_end_matches('(').to_owned(),
            scope,
            span,
            kind: NameListKind::Registered,
            names: name.map(|name| listed(name, span.range().end + 2)).into_iter().collect(),
            is_open: name.is_none(),
            taken_from: None,
            is_conditional,
        })
    }

    /// The string that a function returns, if that is all that it does beside its documentation.
    fn returned(&self, at: usize) -> Option<ListedName> {
        let indent = self.lines[at].indent;
        let mut body = (at + 1..self.lines.len())
            .take_while(|&below| self.lines[below].indent > indent)
            .filter(|&below| !self.line(below).starts_with(['"', '\'']));
        let only = body.next().filter(|_| body.next().is_none())?;
        let value = self.line(only).strip_prefix("return ")?.trim_start();
        let start = self.lines[only].end - value.len();
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let name = value[1..].split(quote).next()?;
        let is_all = value[name.len() + 1..].trim_end().len() == 1;
        is_all.then(|| listed(name, start + 1))
    }

    /// The names of an option that a line adds to a parser, without their dashes.
    pub(super) fn options(&self, at: usize) -> Option<NameList> {
        const CALL: &str = ".add_argument(";
        let written = self.line(at);
        let call = written.find(CALL)?;
        let first = self.lines[at].first;
        let mut names = Vec::new();
        let mut place = call + CALL.len();
        loop {
            let rest = written.get(place..)?;
            let start = place + rest.len() - rest.trim_start().len();
            let Some(quote) = written[start..].chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
                break;
            };
            let name = written[start + 1..].split(quote).next()?;
            let plain = name.trim_start_matches('-');
            if plain.len() == name.len() {
                break;
            }
            let from = first + start + 1 + name.len() - plain.len();
            names.push(listed(plain, from));
            place = start + 2 + name.len();
            match written.get(place..).map(str::trim_start).filter(|rest| rest.starts_with(',')) {
                Some(rest) => place = written.len() - rest.len() + 1,
                None => break,
            }
        }
        let (scope, is_conditional) = self.place(at);
        let span = Span::new(first + call + 1, first + call + CALL.len() - 1);
        (!names.is_empty()).then(|| NameList {
            name: "add_argument".to_owned(),
            scope,
            span,
            kind: NameListKind::Options,
            names,
            is_open: false,
            taken_from: None,
            is_conditional,
        })
    }
}

fn listed(name: &str, start: usize) -> ListedName {
    ListedName { name: name.to_owned(), span: Span::new(start, start + name.len()), value: None }
}
