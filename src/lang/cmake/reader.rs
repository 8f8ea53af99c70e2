//! Runs over the commands of a file, in order, and says what each tells of targets.

use rustc_hash::FxHashMap;

use super::command::{Argument, Command};
use super::condition::{self, Condition};
use super::variables::Variables;
use crate::facts::{
    ArchExpr, ArchSite, CmakeGate, CudaBlock, FileFacts, ProseKind, Sense, SettingKind, SiteKind, Text, TextPart,
};
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
        reader.finish(block.gate, block.cuda);
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
    /// The same, if only a build for CUDA enters the branch.
    cuda: Option<CudaBlock>,
    /// Whether a build for CUDA is what follows behind `else`.
    is_cuda_else: Option<Span>,
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
        let cuda = language(self.text, command, "CUDA").map(cuda_block);
        self.site_of_condition(&read, next);
        self.supported_list(command, next);
        if command.name == "elseif" {
            self.variables.branch();
            let finished = self.blocks.last_mut().map(|block| {
                block.is_cuda_else = None;
                (std::mem::replace(&mut block.gate, gate), std::mem::replace(&mut block.cuda, cuda))
            });
            let (gate, cuda) = finished.unwrap_or_default();
            self.finish(gate, cuda);
        } else {
            self.variables.open();
            // What is not for HIP is for CUDA.
            let is_cuda_else = language(self.text, command, "HIP").filter(|_| command.arguments.len() == 3);
            let is_amd = speaks_of_amd(command.span.text(self.text));
            self.blocks.push(Block { is_amd, item: None, gate, cuda, is_cuda_else });
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
        let other = block.is_cuda_else.map(cuda_block);
        let (gate, cuda) = (std::mem::replace(&mut block.gate, opposite), std::mem::replace(&mut block.cuda, other));
        self.finish(gate, cuda);
    }

    fn open(&mut self, command: &Command) {
        self.variables.open();
        let first = command.arguments.first().map(|argument| self.word(argument).to_owned());
        let item = first.filter(|_| command.name == "foreach");
        if let Some(item) = &item {
            self.variables.assign(item, Text::unknown());
        }
        let is_amd = speaks_of_amd(command.span.text(self.text));
        self.blocks.push(Block { is_amd, item, gate: None, cuda: None, is_cuda_else: None });
    }

    fn close(&mut self) {
        self.variables.close();
        let (gate, cuda) = self.blocks.pop().map(|block| (block.gate, block.cuda)).unwrap_or_default();
        self.finish(gate, cuda);
    }

    /// A branch is over: what it adds is a fact.
    fn finish(&mut self, gate: Option<CmakeGate>, cuda: Option<CudaBlock>) {
        self.facts.gates.extend(gate.filter(|gate| !gate.sources.is_empty()));
        self.facts.cuda_blocks.extend(cuda.filter(|block| !block.sources.is_empty()));
    }

    /// Sources belong to the innermost condition on targets, and to the innermost block for CUDA.
    fn sources(&mut self, command: &Command) {
        if !matches!(command.name.as_str(), "set" | "list") || self.is_removal(command) {
            return;
        }
        let text = self.text;
        let is_source = |argument: &&Argument| {
            let path = argument.span.text(text);
            SOURCES.iter().any(|extension| path.ends_with(extension))
        };
        let sources: Vec<&Argument> = command.arguments.iter().filter(is_source).collect();
        let inner = || self.blocks.len().saturating_sub(BLOCKS)..self.blocks.len();
        let (gated, of_cuda) = (
            inner().rev().find(|at| self.blocks[*at].gate.is_some()),
            inner().rev().find(|at| self.blocks[*at].cuda.is_some()),
        );
        if let Some(gate) = gated.and_then(|at| self.blocks[at].gate.as_mut()) {
            gate.sources.extend(sources.iter().map(|source| (source.span.text(text).to_owned(), source.span)));
        }
        if let Some(block) = of_cuda.and_then(|at| self.blocks[at].cuda.as_mut()) {
            block.sources.extend(sources.iter().map(|source| source.span.text(text).to_owned()));
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

/// Where a condition asks for a build of this language and for nothing that would let another in:
/// `VLLM_GPU_LANG STREQUAL "CUDA"`, alone or with `AND`.
fn language(text: &str, command: &Command, wanted: &str) -> Option<Span> {
    let words: Vec<&Argument> = command.arguments.iter().collect();
    if words.iter().any(|word| ["OR", "NOT"].iter().any(|other| word.is(text, other))) {
        return None;
    }
    let is_language = |three: &&[&Argument]| {
        let [left, operator, right] = three else { return false };
        operator.is(text, "STREQUAL")
            && right.span.text(text) == wanted
            && left.span.text(text).to_ascii_uppercase().contains("LANG")
    };
    words.windows(3).find(is_language).map(|three| three[2].span)
}

fn cuda_block(condition_span: Span) -> CudaBlock {
    CudaBlock { condition_span, sources: Vec::new() }
}

fn is_fatal(text: &str, message: &Command) -> bool {
    message.arguments.first().is_some_and(|level| level.is(text, "FATAL_ERROR") || level.is(text, "SEND_ERROR"))
}

fn hull(arguments: &[Argument]) -> Option<Span> {
    arguments.iter().map(|argument| argument.span).reduce(Span::hull)
}
