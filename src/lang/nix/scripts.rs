//! Scripts and command lines in strings: handed to the shell front end, with what Nix puts in for `${...}`.

use std::collections::BTreeMap;

use super::reader::Reader;
use super::syntax::{Id, Kind, Operator, Part};
use crate::facts::{FileFacts, Home, NixValue, Text, TextPart};
use crate::lang::script::Script;
use crate::span::Span;

/// Attributes that are scripts.
const SCRIPTS: &[&str] = &[
    "shellHook",
    "script",
    "preStart",
    "postStart",
    "preStop",
    "postStop",
    "reload",
    "text",
    "buildCommand",
    "shellInit",
    "interactiveShellInit",
    "loginShellInit",
    "initExtra",
    "initContent",
    "bashrcExtra",
    "profileExtra",
    "extraInit",
    "enterShell",
    "runScript",
    "installScript",
];
/// Functions that make a program of a script, which is their last argument.
const WRITERS: &[&str] = &[
    "writeShellScript",
    "writeShellScriptBin",
    "writeScript",
    "writeScriptBin",
    "runCommand",
    "runCommandLocal",
    "runCommandCC",
    "writeBash",
    "writeBashBin",
    "writeDash",
    "writeDashBin",
];
/// Strings within strings are followed so deep.
const DEPTH: usize = 12;

/// Whether an attribute of that name holds a script.
pub(super) fn is_script(name: &str) -> bool {
    let is_phase = name.ends_with("Phase") && name.chars().next().is_some_and(char::is_lowercase);
    let is_hook = ["pre", "post"].iter().any(|start| {
        name.strip_prefix(start).is_some_and(|rest| {
            ["Configure", "Build", "Install", "Check", "Fixup", "Patch", "Unpack", "ShellHook", "Dist"].contains(&rest)
        })
    });
    is_phase || is_hook || SCRIPTS.contains(&name)
}

/// The scripts that calls such as `writeShellScript "name" ''...''` are given.
pub(super) fn written(reader: &Reader<'_>) -> Vec<Id> {
    let is_written = |id: &Id| {
        let Kind::Apply { argument, .. } = reader.syntax.kind(*id) else { return None };
        let (function, arguments) = reader.syntax.call(*id);
        let name = reader.syntax.function_name(function)?;
        (WRITERS.contains(&name) && arguments.len() >= 2).then_some(*argument)
    };
    (0..reader.syntax.exprs.len()).filter_map(|id| is_written(&id)).collect()
}

/// A script under construction.
#[derive(Debug, Default)]
pub(super) struct Shell {
    pieces: Vec<Span>,
    /// What stands for names in `${name}`.
    names: BTreeMap<String, Text>,
    /// Scripts that it runs by a path that Nix puts in.
    pub nested: Vec<Id>,
}

impl Shell {
    /// The script that an expression is.
    pub fn of(reader: &Reader<'_>, id: Id) -> Self {
        let mut shell = Self::default();
        shell.add(reader, id, 0);
        shell
    }

    /// The bytes of the file that it is made of.
    pub fn pieces(&self) -> &[Span] {
        &self.pieces
    }

    /// Leaves out systemd's marks before a program: `-/bin/x`, `+x`.
    pub fn without_marks(mut self, text: &str) -> Self {
        if let Some(first) = self.pieces.first_mut() {
            let written = first.text(text);
            let bare = written.trim_start().trim_start_matches(['-', '@', ':', '+', '!']);
            first.start = Span::new(first.range().end - bare.len(), first.range().end).start;
        }
        self
    }

    /// Hands it to the shell front end.
    pub fn extract(self, text: &str, home: Home, facts: &mut FileFacts) {
        let names = self.names;
        let lookup = |name: &str| names.get(name).map(|value| (value.clone(), None));
        Script::of(self.pieces).extract(text, home, None, &lookup, facts);
    }

    fn add(&mut self, reader: &Reader<'_>, id: Id, depth: usize) {
        let id = reader.strip(id);
        match reader.syntax.kind(id) {
            _ if depth > DEPTH => {}
            Kind::Str { parts, is_indented } => self.string(reader, parts, *is_indented, depth),
            Kind::Binary { operator: Operator::Plus, left, right } => {
                self.add(reader, *left, depth + 1);
                self.add(reader, *right, depth + 1);
            }
            Kind::Apply { .. } => self.call(reader, id, depth),
            _ => {}
        }
    }

    fn call(&mut self, reader: &Reader<'_>, id: Id, depth: usize) {
        let (function, arguments) = reader.syntax.call(id);
        match (reader.syntax.function_name(function), arguments.as_slice()) {
            (Some("concatStringsSep"), [separator, list]) => {
                let blank = match reader.syntax.kind(reader.strip(*separator)) {
                    Kind::Str { parts, .. } => match parts.as_slice() {
                        [Part::Text(span)] => Some(*span),
                        _ => None,
                    },
                    _ => None,
                };
                self.words(reader, *list, blank, depth);
            }
            (Some("escapeShellArgs"), [list]) => self.words(reader, *list, None, depth),
            (Some("optionalString"), [_, string]) => self.add(reader, *string, depth + 1),
            (Some("getExe"), [_]) | (Some("getExe'"), [_, _]) => self.program(reader, id),
            (Some(name), [.., script]) if WRITERS.contains(&name) => self.nested.push(*script),
            _ => {}
        }
    }

    /// The items of a list with a blank between each two.
    fn words(&mut self, reader: &Reader<'_>, list: Id, blank: Option<Span>, depth: usize) {
        let start = reader.syntax.get(list).span.range().start;
        let blank = blank.or_else(|| {
            let at = reader.text.get(..start)?.rfind(' ')?;
            Some(Span::new(at, at + 1))
        });
        for (at, item) in reader.items(list).0.into_iter().enumerate() {
            if at > 0 {
                self.pieces.extend(blank);
            }
            self.word(reader, item, depth);
        }
    }

    /// An item of a list of words.
    fn word(&mut self, reader: &Reader<'_>, item: Id, depth: usize) {
        match reader.syntax.kind(reader.strip(item)) {
            Kind::Str { .. } => self.add(reader, item, depth + 1),
            _ => self.interpolation(reader, item, reader.syntax.get(item).span, false),
        }
    }

    fn string(&mut self, reader: &Reader<'_>, parts: &[Part], is_indented: bool, depth: usize) {
        let indent = if is_indented { indentation(reader.text, parts) } else { 0 };
        for (at, part) in parts.iter().enumerate() {
            match *part {
                Part::Text(span) => self.text(reader.text, span, indent),
                Part::Escape(span) => self.pieces.push(span),
                Part::LineEnd(span) => self.line_end(reader.text, span),
                Part::Interpolation(inner, span) => {
                    let before_slash =
                        matches!(parts.get(at + 1), Some(Part::Text(next)) if next.text(reader.text).starts_with('/'));
                    let is_alone = parts.len() == 1;
                    if is_alone
                        && matches!(reader.syntax.kind(reader.strip(inner)), Kind::Apply { .. })
                        && depth < DEPTH
                    {
                        let before = (self.pieces.len(), self.nested.len());
                        self.call(reader, reader.strip(inner), depth + 1);
                        if before != (self.pieces.len(), self.nested.len()) {
                            continue;
                        }
                    }
                    self.interpolation(reader, inner, span, before_slash);
                }
            }
        }
    }

    /// Text of a string, the indentation that Nix takes off left out.
    fn text(&mut self, text: &str, span: Span, indent: usize) {
        let mut at = span.range().start;
        for (index, line) in span.text(text).split_inclusive('\n').enumerate() {
            let own = line.bytes().take_while(|&byte| byte == b' ').count().min(indent);
            // The first piece of a text goes on a line, unless it opens the string.
            let skipped = if index > 0 { own } else { 0 };
            self.pieces.push(Span::new(at + skipped, at + line.len()));
            at += line.len();
        }
    }

    /// `\n` in a string: any line end of the file stands for it.
    fn line_end(&mut self, text: &str, span: Span) {
        let behind = text.get(span.range().end..).and_then(|rest| rest.find('\n')).map(|at| span.range().end + at);
        let before = || text.get(..span.range().start).and_then(|start| start.rfind('\n'));
        self.pieces.extend(behind.or_else(before).map(|at| Span::new(at, at + 1)));
    }

    /// What is put in for `${...}`; `whole` is all of it as written.
    fn interpolation(&mut self, reader: &Reader<'_>, inner: Id, whole: Span, before_slash: bool) {
        let value = match reader.value(inner) {
            NixValue::Text(text) => text,
            _ => Text::unknown(),
        };
        let is_known = value.known().is_some();
        if let Kind::Apply { .. } = reader.syntax.kind(reader.strip(inner)) {
            let (function, arguments) = reader.syntax.call(reader.strip(inner));
            match reader.syntax.function_name(function) {
                Some("getExe" | "getExe'") => return self.program(reader, reader.strip(inner)),
                Some(name) if WRITERS.contains(&name) => self.nested.extend(arguments.last()),
                _ => {}
            }
        }
        // The folder of a package in the store: the program's name is what counts.
        if before_slash && !is_known {
            return;
        }
        let written = whole.text(reader.text);
        // `${name}` is what a shell takes for a variable; for anything else a name in it stands for all of it.
        let names = identifiers(written);
        let free = names
            .into_iter()
            .find(|(_, name)| !name.is_empty() && self.names.get(*name).is_none_or(|known| *known == value));
        let Some((offset, name)) = free else { return };
        let at = whole.range().start + offset;
        self.names.insert(name.to_owned(), value);
        if written.starts_with("${") {
            let start = whole.range().start;
            self.pieces.push(Span::new(start, start + 2));
            self.pieces.push(Span::new(at, at + name.len()));
            self.pieces.push(Span::new(whole.range().end - 1, whole.range().end));
        } else if is_known {
            let value = self.names.get(name).cloned().unwrap_or_default();
            self.pieces.extend(value.parts.iter().filter_map(|part| match part {
                TextPart::Literal(_, span) => *span,
                _ => None,
            }));
        } else if let Some(dollar) = dollar(reader.text, whole) {
            // An item of a list of words: any dollar of the file makes it a reference.
            self.pieces.push(dollar);
            self.pieces.push(Span::new(at, at + name.len()));
        }
    }

    /// `lib.getExe pkgs.vllm`, `lib.getExe' pkgs.vllm "vllm"`: the program's name.
    fn program(&mut self, reader: &Reader<'_>, call: Id) {
        let (_, arguments) = reader.syntax.call(call);
        match arguments.as_slice() {
            [_, name] => self.pieces.push(reader.inner(*name)),
            [package] => {
                // A variable is called what it likes; the program has the package's name.
                let own = reader.reference(reader.strip(*package)).or_else(|| reader.reference(*package));
                self.pieces.extend(own.map(|package| package.name));
            }
            _ => {}
        }
    }
}

/// The indentation that Nix takes off a string: that of its least indented line.
fn indentation(text: &str, parts: &[Part]) -> usize {
    let mut least: Option<usize> = None;
    for (at, part) in parts.iter().enumerate() {
        let Part::Text(span) = part else { continue };
        let lines: Vec<&str> = span.text(text).split('\n').collect();
        for (index, line) in lines.iter().enumerate().skip(1) {
            let blanks = line.bytes().take_while(|&byte| byte == b' ').count();
            let goes_on = index + 1 == lines.len() && at + 1 < parts.len();
            if blanks < line.trim_end().len() || goes_on {
                least = Some(least.map_or(blanks, |least| least.min(blanks)));
            }
        }
    }
    least.unwrap_or_default()
}

/// The names in a text that a shell would take for variables' names, with where each starts.
fn identifiers(text: &str) -> Vec<(usize, &str)> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .filter(|piece| piece.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'))
        .map(|piece| (piece.as_ptr() as usize - text.as_ptr() as usize, piece))
        .collect()
}

/// A dollar sign of the file, one behind `near` if there is one.
fn dollar(text: &str, near: Span) -> Option<Span> {
    let end = near.range().end;
    let behind = text.get(end..)?.find('$').map(|at| end + at);
    behind.or_else(|| text.get(..end)?.rfind('$')).map(|at| Span::new(at, at + 1))
}
