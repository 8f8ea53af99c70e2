//! Runs through a script in order and notes its settings.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::Range;

use super::expand::{Dialect, Expander, Scope, Variable};
use super::items::{Item, Simple, Then, items};
use super::joined::Joined;
use super::variables::{FrameKind, Variables};
use super::{Host, comment};
use crate::facts::{FileFacts, Gap, SettingKind, Text};
use crate::span::Span;

/// How deep scripts in scripts are followed.
pub(super) const DEPTH: usize = 5;
/// More constructs open at a time are not told apart.
const FRAMES: usize = 200;

/// Reads a script that consists of pieces of `source`; `depth` is how many scripts it stands in.
pub(super) fn extract(source: &str, pieces: &[Span], host: &Host<'_>, facts: &mut FileFacts, depth: usize) {
    let joined = Joined::new(source, pieces);
    let mut walker = Walker {
        source,
        joined: &joined,
        host,
        facts,
        variables: Variables::default(),
        directory: None,
        folder: host.folder.clone(),
        exports: BTreeSet::new(),
        prefixes: Vec::new(),
        depth: Cell::new(depth),
        in_test: false,
        exported: Vec::new(),
    };
    walker.script(0..joined.text().len());
}

pub(super) struct Walker<'a> {
    pub source: &'a str,
    pub joined: &'a Joined<'a>,
    pub host: &'a Host<'a>,
    pub facts: &'a mut FileFacts,
    pub variables: Variables,
    /// What the last `cd` went to, as written.
    pub directory: Option<String>,
    /// The folder that commands run in, variables replaced.
    pub folder: Option<Text>,
    /// Variables that are exported.
    pub exports: BTreeSet<String>,
    /// Variables that stand before the command that is being read.
    pub prefixes: Vec<String>,
    /// How many scripts and substitutions enclose what is being read.
    pub depth: Cell<usize>,
    /// Settings of this `RUN` that stand before its first `cd`, as indexes of the file's settings.
    pub exported: Vec<usize>,
    /// Within `[[ ... ]]`, where operators and brackets mean something else.
    in_test: bool,
}

impl Scope for Walker<'_> {
    fn variable(&self, name: &str) -> Option<Variable> {
        let outer = || (self.host.lookup)(name).map(|(value, at)| Variable { value, at });
        self.variables.get(name).cloned().or_else(outer)
    }

    fn substitution(&self, range: Range<usize>) -> Text {
        if self.depth.get() >= DEPTH {
            return Text::unknown();
        }
        self.depth.set(self.depth.get() + 1);
        let value =
            super::substitution::whole_substitution(self.joined, range).map(|script| self.expander().output(script));
        self.depth.set(self.depth.get() - 1);
        value.map_or_else(Text::unknown, |value| value.text)
    }
}

impl Walker<'_> {
    pub fn expander(&self) -> Expander<'_> {
        Expander { joined: self.joined, dialect: Dialect::Shell, scope: self }
    }

    /// Reads the commands of a range in order.
    pub fn script(&mut self, range: Range<usize>) {
        let frames = self.variables.depth();
        let mut before = Then::Next;
        for item in items(self.joined.text(), range) {
            match item {
                Item::Comment(comment) => self.comment(comment),
                Item::Unclosed(range) => self
                    .facts
                    .gaps
                    .push(Gap { span: self.joined.span(range), what: "a closing quote or bracket".to_owned() }),
                Item::Command(command) => {
                    let then = command.then;
                    self.item(&command, before);
                    // `[ -n "$X" ] && X=v` may be left out as well.
                    let is_test = command
                        .words
                        .first()
                        .is_some_and(|word| matches!(self.joined.slice(word.clone()), "[" | "[[" | "test"));
                    before = if then == Then::And && (is_test || before == Then::Or) { Then::Or } else { then };
                }
                Item::Open | Item::Close | Item::CaseEnd if self.in_test => {}
                Item::Open => self.open(FrameKind::Subshell),
                Item::Close => self.close_bracket(),
                Item::CaseEnd => {
                    self.variables.next_branch();
                    self.variables.at_pattern(true);
                }
            }
        }
        while self.variables.depth() > frames {
            self.variables.close();
        }
        self.in_test = false;
    }

    fn comment(&mut self, range: Range<usize>) {
        if let Some(mut setting) = comment::setting(self.joined, range) {
            setting.stage = self.host.home.stage;
            setting.kind =
                self.host.assign_kind.filter(|&kind| kind == SettingKind::DocsCommand).unwrap_or(setting.kind);
            self.facts.settings.push(setting);
        }
    }

    fn open(&mut self, kind: FrameKind) {
        let at_pattern = self.variables.innermost() == Some(FrameKind::Case { in_pattern: true });
        if !at_pattern && self.variables.depth() < FRAMES {
            self.variables.open(kind);
        }
    }

    fn close_bracket(&mut self) {
        match self.variables.innermost() {
            Some(FrameKind::Case { in_pattern: true }) => self.variables.at_pattern(false),
            Some(FrameKind::Subshell) => self.variables.close(),
            _ => {}
        }
    }

    /// A command, behind its keywords. `before` connects it to the one before.
    fn item(&mut self, command: &Simple, before: Then) {
        if self.in_test {
            self.in_test = !command.words.iter().any(|word| self.joined.slice(word.clone()) == "]]");
            return;
        }
        let at_pattern = self.variables.innermost() == Some(FrameKind::Case { in_pattern: true });
        let first = command.words.first().map_or("", |word| self.joined.slice(word.clone()));
        if at_pattern && first != "esac" {
            return;
        }
        let rest = self.keywords(&command.words);
        let may_not_run = before == Then::Or;
        if may_not_run {
            self.open(FrameKind::Branch);
        }
        let depth = self.variables.depth();
        self.command(&command.words[rest..], command);
        if may_not_run && self.variables.depth() == depth && self.variables.innermost() == Some(FrameKind::Branch) {
            self.variables.close();
        }
    }

    /// Follows the keywords that a command starts with; returns how many words they are.
    fn keywords(&mut self, words: &[Range<usize>]) -> usize {
        for (index, word) in words.iter().enumerate() {
            match self.joined.slice(word.clone()) {
                "if" | "while" | "until" => self.open(FrameKind::Branch),
                "else" | "elif" => self.variables.next_branch(),
                "then" | "do" | "!" | "time" | "{" | "}" => {}
                "fi" | "done" | "esac" => {
                    if matches!(self.variables.innermost(), Some(FrameKind::Branch | FrameKind::Case { .. })) {
                        self.variables.close();
                    }
                }
                "case" => {
                    self.expansions(words.get(index + 1).cloned().unwrap_or_default());
                    self.open(FrameKind::Case { in_pattern: true });
                    return words.len();
                }
                "for" | "select" => {
                    self.open(FrameKind::Branch);
                    self.for_values(&words[index + 1..]);
                    return words.len();
                }
                "function" => return words.len(),
                "[[" => {
                    words[index..].iter().cloned().for_each(|word| self.expansions(word));
                    self.in_test = !words[index..].iter().any(|word| self.joined.slice(word.clone()) == "]]");
                    return words.len();
                }
                _ => return index,
            }
        }
        words.len()
    }
}
