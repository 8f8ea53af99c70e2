//! Stages, and what variables are in them.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::instructions::Instruction;
use super::pairs::{self, Pair};
use crate::facts::{FileFacts, Gap, Setting, SettingKind, Stage, Text, TextPart};
use crate::lang::shell::{Dialect, Expander, Joined, Scope, ShellVariable as Variable, entered, referenced};
use crate::span::Span;

/// A variable of a stage.
#[derive(Clone)]
struct Entry {
    variable: Variable,
    /// `ENV` hides an `ARG` of the same name.
    is_env: bool,
}

/// Variables by name: a stage's own, and those of the stage that it starts from.
#[derive(Default)]
pub(super) struct Environment {
    own: FxHashMap<String, Entry>,
    outer: Option<Arc<Self>>,
    /// How many environments lie behind it.
    depth: usize,
}

/// Stages share what they start from, so that a thousand in a row do not hold everything a thousand times; so many
/// environments in a row are looked through one by one.
const DEEPEST: usize = 64;

impl Environment {
    /// What a stage starts with that starts from another one.
    fn behind(outer: &Arc<Self>) -> Self {
        if outer.depth < DEEPEST {
            return Self { own: FxHashMap::default(), outer: Some(Arc::clone(outer)), depth: outer.depth + 1 };
        }
        let layers: Vec<&Self> = std::iter::successors(Some(&**outer), |layer| layer.outer.as_deref()).collect();
        let mut own = FxHashMap::default();
        // The nearest comes last and wins.
        for layer in layers.into_iter().rev() {
            own.extend(layer.own.iter().map(|(name, entry)| (name.clone(), entry.clone())));
        }
        Self { own, outer: None, depth: 0 }
    }

    fn get(&self, name: &str) -> Option<&Entry> {
        std::iter::successors(Some(self), |layer| layer.outer.as_deref()).find_map(|layer| layer.own.get(name))
    }

    fn set(&mut self, name: &str, variable: Variable, is_env: bool) {
        let hidden = !is_env && self.get(name).is_some_and(|entry| entry.is_env);
        if !hidden {
            self.own.insert(name.to_owned(), Entry { variable, is_env });
        }
    }
}

impl Scope for Environment {
    fn variable(&self, name: &str) -> Option<Variable> {
        self.get(name).map(|entry| entry.variable.clone())
    }

    fn substitution(&self, _: Range<usize>) -> Text {
        Text::unknown()
    }
}

/// A build while its file is read.
pub(super) struct Build<'a> {
    pub source: &'a str,
    pub joined: &'a Joined<'a>,
    pub escape: u8,
    /// How many stages the file's facts held before.
    base: usize,
    /// `ARG`s before the first `FROM`.
    global: Environment,
    /// The variables that each finished stage ends with; a later one may start from it.
    finished: Vec<Arc<Environment>>,
    /// The variables of the stage that is being read.
    pub environment: Environment,
    /// The folder that the stage's commands run in.
    pub directory: Option<Text>,
    /// The folders that finished stages end in.
    directories: Vec<Option<Text>>,
    /// The stage that is being read; none before the first `FROM`.
    pub stage: Option<usize>,
}

impl<'a> Build<'a> {
    pub fn new(source: &'a str, joined: &'a Joined<'a>, escape: u8, base: usize) -> Self {
        Self {
            source,
            joined,
            escape,
            base,
            global: Environment::default(),
            finished: Vec::new(),
            environment: Environment::default(),
            directory: None,
            directories: Vec::new(),
            stage: None,
        }
    }

    pub fn instruction(&mut self, instruction: &Instruction, facts: &mut FileFacts) {
        let pieces: Vec<Span> =
            instruction.arguments.iter().flat_map(|range| self.joined.spans(range.clone())).collect();
        let arguments = Joined::new(self.source, &pieces);
        if arguments.text().trim().is_empty() && instruction.keyword != "RUN" {
            facts.gaps.push(Gap {
                span: self.joined.span(instruction.whole.clone()),
                what: format!("arguments of {}", instruction.keyword),
            });
            return;
        }
        match instruction.keyword.as_str() {
            "FROM" => self.from(instruction, &arguments, facts),
            "ARG" => self.arg(&arguments, facts),
            "ENV" => self.env(&arguments, facts),
            "RUN" => self.run(instruction, &arguments, facts),
            "COPY" | "ADD" => self.copy(instruction, &arguments, facts),
            "LABEL" => self.label(&arguments, facts),
            "WORKDIR" => self.workdir(&arguments),
            "USER" => self.user(&arguments, facts),
            "CMD" | "ENTRYPOINT" => self.image_command(instruction, &arguments, facts),
            // What a trigger does belongs to the stages that start here; here is where it is written.
            "ONBUILD" => self.trigger(instruction, facts),
            _ => {}
        }
    }

    /// `WORKDIR`, relative to the one before.
    fn workdir(&mut self, arguments: &Joined<'_>) {
        let text = arguments.text();
        let start = text.len() - text.trim_start().len();
        let end = text.trim_end().len().max(start);
        let to = self.expander(arguments, &self.environment).expand(start..end, false);
        self.directory = entered(self.directory.as_ref(), to);
    }

    /// The instruction behind `ONBUILD`.
    fn trigger(&mut self, instruction: &Instruction, facts: &mut FileFacts) {
        if let Some(inner) = instruction.behind_keyword(self.joined.text()) {
            self.instruction(&inner, facts);
        }
    }

    pub(super) fn expander<'b>(&self, joined: &'b Joined<'b>, scope: &'b Environment) -> Expander<'b> {
        Expander { joined, dialect: Dialect::Docker(self.escape), scope }
    }

    fn from(&mut self, instruction: &Instruction, arguments: &Joined<'_>, facts: &mut FileFacts) {
        let span = self.joined.span(instruction.whole.clone());
        let words = pairs::words(arguments.text(), self.escape);
        let mut words = words.into_iter().skip_while(|word| arguments.slice(word.clone()).starts_with("--"));
        let Some(image) = words.next() else {
            facts.gaps.push(Gap { span, what: "an image".to_owned() });
            return;
        };
        let name = match (words.next(), words.next()) {
            (Some(keyword), Some(name)) if arguments.slice(keyword.clone()).eq_ignore_ascii_case("as") => {
                Some(arguments.slice(name).to_ascii_lowercase())
            }
            _ => None,
        };
        self.start(facts);
        if self.stage.is_some() {
            self.finished.push(Arc::new(std::mem::take(&mut self.environment)));
            self.directories.push(self.directory.take());
        }
        let value = self.expander(arguments, &self.global).expand(image.clone(), false);
        let own = facts.stages.get(self.base..).unwrap_or_default();
        let wanted = value.known().map(|image| image.to_ascii_lowercase());
        let parent = own.iter().rposition(|stage| stage.name.is_some() && stage.name == wanted);
        let outer = parent.and_then(|parent| self.finished.get(parent));
        self.environment = outer.map(Environment::behind).unwrap_or_default();
        self.directory = parent.and_then(|parent| self.directories.get(parent).cloned()).flatten();
        self.stage = Some(facts.stages.len());
        facts.stages.push(Stage {
            name,
            span,
            image: value,
            image_span: arguments.span(image),
            parent: parent.map(|parent| parent + self.base),
            entrypoint: None,
            command: None,
            user: None,
        });
    }

    fn arg(&mut self, arguments: &Joined<'_>, facts: &mut FileFacts) {
        for pair in pairs::arguments(arguments.text(), self.escape) {
            let (value, via) = match &pair.value {
                Some(value) => self.written(arguments, value.clone(), self.environment_now()),
                None => self.inherited(arguments.slice(pair.name.clone())),
            };
            let setting = self.setting(arguments, &pair, value, via, SettingKind::DockerArg);
            let name = setting.name.clone();
            // `ARG X` alone keeps what X is already.
            let keeps = pair.value.is_none()
                && self.environment_now().variable(&name).is_some()
                && (self.stage.is_none() || self.global.variable(&name).is_none());
            if !keeps {
                let variable = Variable { value: setting.value.clone(), at: Some(setting.span) };
                let scope = if self.stage.is_some() { &mut self.environment } else { &mut self.global };
                scope.set(&name, variable, false);
            }
            facts.settings.push(setting);
        }
    }

    fn environment_now(&self) -> &Environment {
        if self.stage.is_some() { &self.environment } else { &self.global }
    }

    /// What `ARG X` without a value is: the global argument's value, else what X is here, else the caller's.
    fn inherited(&self, name: &str) -> (Text, Option<Span>) {
        let global = self.stage.and_then(|_| self.global.variable(name));
        let known = global.or_else(|| self.environment_now().variable(name));
        known.map_or_else(
            || (Text { parts: vec![TextPart::Outer { name: name.to_owned(), default: None }] }, None),
            |variable| (variable.value, variable.at),
        )
    }

    fn env(&mut self, arguments: &Joined<'_>, facts: &mut FileFacts) {
        // All values of one instruction see what was before it.
        let pairs = pairs::environment(arguments.text(), self.escape);
        let before = self.environment_now();
        let values: Vec<(Text, Option<Span>)> =
            pairs.iter().map(|pair| self.written(arguments, pair.value.clone().unwrap_or_default(), before)).collect();
        for (pair, (value, via)) in pairs.iter().zip(values) {
            let setting = self.setting(arguments, pair, value, via, SettingKind::DockerEnv);
            self.environment.set(
                &setting.name,
                Variable { value: setting.value.clone(), at: Some(setting.span) },
                true,
            );
            facts.settings.push(setting);
        }
    }

    /// A value that is written out, and where the variable was set that it is a plain reference of.
    fn written(&self, arguments: &Joined<'_>, value: Range<usize>, scope: &Environment) -> (Text, Option<Span>) {
        let via = referenced(arguments.slice(value.clone()))
            .and_then(|name| scope.variable(name))
            .and_then(|variable| variable.at);
        (self.expander(arguments, scope).expand(value, false), via)
    }

    pub(super) fn setting(
        &self,
        arguments: &Joined<'_>,
        pair: &Pair,
        value: Text,
        via: Option<Span>,
        kind: SettingKind,
    ) -> Setting {
        let at_name_end = pair.name.end..pair.name.end;
        let written = pair.value.clone().map_or(at_name_end, |value| unquoted(arguments, value));
        Setting {
            name: arguments.slice(pair.name.clone()).to_owned(),
            span: arguments.span(pair.whole()),
            value_span: if written.is_empty() { end_of(arguments, written.start) } else { arguments.span(written) },
            value,
            kind,
            stage: self.stage,
            container: None,
            via,
            filter: None,
            context: String::new(),
        }
    }
}

/// The empty span behind the byte before `at`.
fn end_of(arguments: &Joined<'_>, at: usize) -> Span {
    let end = arguments.span(at.saturating_sub(1)..at).end as usize;
    Span::new(end, end)
}

/// A value without the pair of quotes around it.
pub(super) fn unquoted(arguments: &Joined<'_>, value: Range<usize>) -> Range<usize> {
    let raw = arguments.slice(value.clone());
    let inner = ['"', '\'']
        .into_iter()
        .find_map(|quote| raw.strip_prefix(quote)?.strip_suffix(quote).filter(|inner| !inner.contains(quote)));
    if inner.is_some() { value.start + 1..value.end - 1 } else { value }
}
