//! Runs over the commands of a file, in order, and says what each tells of targets.

use rustc_hash::FxHashMap;

use super::command::{Argument, Command};
use super::condition::{self, Condition};
use super::variables::Variables;
use crate::facts::{ArchExpr, ArchSite, CmakeGate, FileFacts, ProseKind, Sense, SettingKind, SiteKind, Text, TextPart};
use crate::lang::remarks;
use crate::span::Span;

/// How many of the blocks around a command are looked at.
const BLOCKS: usize = 64;
/// How many lists a reference is looked for in; real files have a handful.
const LISTS: usize = 64;
/// Extensions of files that are compiled.
const SOURCES: &[&str] = &[".cu", ".cpp", ".cc", ".cxx", ".c", ".hip"];

/// Reads the facts of a file's commands.
pub fn read(text: &str, commands: &[Command], facts: &mut FileFacts) {
    let mut reader = Reader {
        text,
        facts,
        variables: Variables::default(),
        blocks: Vec::new(),
        filtered: FxHashMap::default(),
        lists: Vec::new(),
    };
    for (index, command) in commands.iter().enumerate() {
        reader.command(command, commands.get(index + 1));
    }
    while let Some(block) = reader.blocks.pop() {
        reader.close_gate(block.gate);
    }
}

/// An open block.
pub(super) struct Block {
    /// Whether the text that opens it speaks of AMD.
    pub(super) is_amd: bool,
    /// The loop variable of a `foreach`.
    pub(super) item: Option<String>,
    /// The sources that its present branch adds, if that stands under a condition on targets.
    gate: Option<CmakeGate>,
}

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) facts: &'a mut FileFacts,
    pub(super) variables: Variables,
    blocks: Vec<Block>,
    /// Lists that a filter has cut down: what it keeps, and where it is written.
    filtered: FxHashMap<String, (ArchExpr, Span)>,
    /// Variables that were set to a list of names.
    pub(super) lists: Vec<String>,
}

impl Reader<'_> {
    fn command(&mut self, command: &Command, next: Option<&Command>) {
        match command.name.as_str() {
            "if" | "elseif" => self.condition(command, next),
            "else" => self.otherwise(),
            "foreach" | "while" | "function" | "macro" | "block" => self.open(command),
            "endif" | "endforeach" | "endwhile" | "endfunction" | "endmacro" | "endblock" => self.close(),
            "set" => self.set(command),
            "list" => self.list(command),
            "message" => remarks::prose(self.text, command.span, ProseKind::Message, self.facts),
            _ => self.other(command),
        }
        self.environment_reads(command);
        self.sources(command);
    }

    pub(super) fn word(&self, argument: &Argument) -> &str {
        argument.span.text(self.text)
    }

    /// The blocks that the present command stands in, innermost first.
    pub(super) fn inner_blocks(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().rev().take(BLOCKS)
    }

    // Blocks.

    fn condition(&mut self, command: &Command, next: Option<&Command>) {
        let filtered = &self.filtered;
        let named = |name: &str| filtered.get(name).map(|(expr, _)| expr.clone());
        let read = condition::read(self.text, &command.arguments, &named);
        let gate = self.gate(&read, command);
        self.site_of_condition(&read, next);
        self.supported_list(command, next);
        if command.name == "elseif" {
            self.variables.branch();
            let finished = self.blocks.last_mut().and_then(|block| std::mem::replace(&mut block.gate, gate));
            self.close_gate(finished);
        } else {
            self.variables.open();
            self.blocks.push(Block { is_amd: speaks_of_amd(command.span.text(self.text)), item: None, gate });
        }
    }

    fn site_of_condition(&mut self, read: &Condition, next: Option<&Command>) {
        let Some(span) = read.span else { return };
        let refuses =
            next.is_some_and(|next| next.name == "return" || next.name == "message" && is_fatal(self.text, next));
        let sense = if refuses { Sense::Refuses } else { Sense::Enables };
        self.facts.arch_sites.push(ArchSite {
            kind: SiteKind::CmakeCondition,
            symbol: read.symbol.clone(),
            span,
            expr: read.expr.clone(),
            sense,
            scope: String::new(),
            atoms: Vec::new(),
        });
    }

    fn gate(&self, read: &Condition, command: &Command) -> Option<CmakeGate> {
        if !read.expr.mentions_target() {
            return None;
        }
        let filter = || {
            command.arguments.iter().find_map(|argument| self.filtered.get(self.word(argument)).map(|(_, span)| *span))
        };
        let condition_span = read.span.or_else(filter)?;
        Some(CmakeGate { condition_span, expr: read.expr.clone(), sources: Vec::new() })
    }

    fn otherwise(&mut self) {
        self.variables.branch();
        let Some(block) = self.blocks.last_mut() else { return };
        let opposite = block.gate.as_ref().map(|gate| CmakeGate {
            expr: ArchExpr::Not(Box::new(gate.expr.clone())),
            sources: Vec::new(),
            ..*gate
        });
        let finished = std::mem::replace(&mut block.gate, opposite);
        self.close_gate(finished);
    }

    fn open(&mut self, command: &Command) {
        self.variables.open();
        let first = command.arguments.first().map(|argument| self.word(argument).to_owned());
        let item = first.filter(|_| command.name == "foreach");
        if let Some(item) = &item {
            self.variables.assign(item, Text::unknown());
        }
        self.blocks.push(Block { is_amd: speaks_of_amd(command.span.text(self.text)), item, gate: None });
    }

    fn close(&mut self) {
        self.variables.close();
        let gate = self.blocks.pop().and_then(|block| block.gate);
        self.close_gate(gate);
    }

    fn close_gate(&mut self, gate: Option<CmakeGate>) {
        self.facts.gates.extend(gate.filter(|gate| !gate.sources.is_empty()));
    }

    /// Sources belong to the innermost condition on targets.
    fn sources(&mut self, command: &Command) {
        if !matches!(command.name.as_str(), "set" | "list") || self.is_removal(command) {
            return;
        }
        let Some(gate) = self.blocks.iter_mut().rev().take(BLOCKS).find_map(|block| block.gate.as_mut()) else {
            return;
        };
        for argument in &command.arguments {
            let path = argument.span.text(self.text);
            if SOURCES.iter().any(|extension| path.ends_with(extension)) {
                gate.sources.push((path.to_owned(), argument.span));
            }
        }
    }

    fn is_removal(&self, command: &Command) -> bool {
        command.name == "list"
            && command.arguments.first().is_some_and(|operation| self.word(operation).starts_with("REMOVE"))
    }

    // Variables.

    fn set(&mut self, command: &Command) {
        let Some((target, values)) = command.arguments.split_first() else { return };
        let end = values
            .iter()
            .position(|value| value.is(self.text, "CACHE") || value.is(self.text, "PARENT_SCOPE"))
            .unwrap_or(values.len());
        let values = &values[..end];
        let value = self.variables.list(self.text, values);
        let written = self.word(target).to_owned();
        let name = written.strip_prefix("ENV{").and_then(|name| name.strip_suffix('}')).unwrap_or(&written);
        if !name.contains('$') {
            self.assign(name, target.span, values, value);
        }
    }

    /// Gives a variable its value and tells of it, if it is about targets.
    fn assign(&mut self, name: &str, name_span: Span, values: &[Argument], value: Text) {
        let value_span = hull(values).unwrap_or(Span { start: name_span.end, end: name_span.end });
        let has_target = remarks::has_target(&value);
        if has_target && self.lists.len() < LISTS && !self.lists.iter().any(|list| list == name) {
            self.lists.push(name.to_owned());
        }
        if has_target || is_about_targets(name) {
            self.facts.settings.push(remarks::setting(
                name,
                name_span.hull(value_span),
                value_span,
                value.clone(),
                SettingKind::CmakeSet,
            ));
        }
        self.filtered.remove(name);
        self.variables.assign(name, value);
    }

    fn list(&mut self, command: &Command) {
        let [operation, target, values @ ..] = command.arguments.as_slice() else { return };
        let name = self.word(target).to_owned();
        match self.word(operation) {
            "FILTER" => self.filter(&name, values),
            "APPEND" if !name.contains('$') => {
                let added = self.variables.list(self.text, values);
                let mut parts = self.variables.get(&name).map_or_else(Vec::new, |value| value.parts.clone());
                if !parts.is_empty() {
                    parts.push(TextPart::Literal(";".to_owned(), None));
                }
                let is_list = remarks::has_target(&added);
                parts.extend(added.parts);
                match is_list {
                    true => self.assign(&name, target.span, values, Text { parts }),
                    false => self.variables.assign(&name, Text { parts }),
                }
            }
            "APPEND" | "LENGTH" | "GET" | "JOIN" | "FIND" | "SUBLIST" => {}
            _ => self.variables.assign(&name, Text::unknown()),
        }
    }

    fn filter(&mut self, name: &str, values: &[Argument]) {
        self.variables.assign(name, Text::unknown());
        let [mode, keyword, pattern] = values else { return };
        let written = self.word(pattern);
        if !keyword.is(self.text, "REGEX") || !written.contains("gfx") {
            return;
        }
        let regex = ArchExpr::Regex(written.replace("\\\\", "\\"));
        let expr = if mode.is(self.text, "EXCLUDE") { ArchExpr::Not(Box::new(regex)) } else { regex };
        let kept = match self.filtered.remove(name) {
            Some((earlier, _)) => ArchExpr::All(vec![earlier, expr.clone()]),
            None => expr.clone(),
        };
        self.filtered.insert(name.to_owned(), (kept, pattern.span));
        self.site(SiteKind::CmakeFilter, name, pattern.span, expr);
    }

    pub(super) fn site(&mut self, kind: SiteKind, symbol: &str, span: Span, expr: ArchExpr) {
        self.facts.arch_sites.push(ArchSite {
            kind,
            symbol: symbol.to_owned(),
            span,
            expr,
            sense: Sense::Enables,
            scope: String::new(),
            atoms: Vec::new(),
        });
    }
}

/// Whether a variable of that name is worth telling of.
pub(super) fn is_about_targets(name: &str) -> bool {
    name.contains("ARCH") || name.contains("TARGET") || remarks::names_targets(name)
}

fn speaks_of_amd(text: &str) -> bool {
    ["HIP", "ROCM", "ROCm", "AMD", "gfx"].iter().any(|word| text.contains(word))
}

fn is_fatal(text: &str, message: &Command) -> bool {
    message.arguments.first().is_some_and(|level| level.is(text, "FATAL_ERROR") || level.is(text, "SEND_ERROR"))
}

fn hull(arguments: &[Argument]) -> Option<Span> {
    arguments.iter().map(|argument| argument.span).reduce(Span::hull)
}
