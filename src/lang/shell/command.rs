//! Settings of simple commands: assignments, exports, and what options hand on.

use std::ops::Range;

use super::expand::{Scope, Variable, name_end};
use super::items::Simple;
use super::substitution::{Value, unquoted};
use super::variables::FrameKind;
use super::walk::Walker;
use super::{operator, sed};
use crate::facts::{Patch, Setting, SettingKind, Text, TextPart};

/// Programs that only start what follows their options, and those of their options that take a value.
const WRAPPERS: &[(&str, &[&str])] = &[
    ("env", &["-u", "-C"]),
    ("sudo", &["-u", "-g", "-h", "-p", "-C", "-D"]),
    ("exec", &["-a"]),
    ("nohup", &[]),
    ("command", &[]),
    ("time", &["-f", "-o"]),
    ("nice", &["-n"]),
    ("ionice", &["-c", "-n"]),
    ("setsid", &[]),
    ("stdbuf", &["-i", "-o", "-e"]),
    ("timeout", &["-s", "-k"]),
    ("numactl", &["-N", "-m", "-C", "-i", "-p", "--cpunodebind", "--membind", "--physcpubind", "--interleave"]),
    ("taskset", &["-c", "--cpu-list"]),
    ("gosu", &[]),
    ("su-exec", &[]),
    ("unbuffer", &[]),
    ("catchsegv", &[]),
];

/// The longest context kept, in bytes.
const CONTEXT: usize = 240;

/// A name with a value, as written: `X=v`.
pub(super) struct Assignment<'a> {
    pub name: &'a str,
    /// The name and its value.
    pub whole: Range<usize>,
    /// The value, quotes included.
    pub value: Range<usize>,
    /// Whether the value is added to the old one.
    pub appends: bool,
}

impl Walker<'_> {
    /// The words of a command without its keywords; `command` has its redirections.
    pub(super) fn command(&mut self, words: &[Range<usize>], command: &Simple) {
        words.iter().cloned().for_each(|word| self.expansions(word));
        let joined = self.joined;
        let prefix = words
            .iter()
            .take_while(|word| assignment(joined.slice((*word).clone()), (*word).clone()).is_some())
            .count();
        let (assigned, words) = words.split_at(prefix);
        let is_prefix = !words.is_empty();
        if is_prefix {
            self.variables.open(FrameKind::Subshell);
        }
        let context = self.context(words);
        assigned.iter().for_each(|word| self.assign(word.clone(), &context));
        self.prefixes = if is_prefix { self.names(assigned) } else { Vec::new() };
        self.words(words, command);
        self.bodies(words, command);
        if is_prefix && self.variables.innermost() == Some(FrameKind::Subshell) {
            let kept = self.declared(words);
            self.variables.close();
            kept.into_iter().for_each(|(name, variable)| self.variables.set(&name, variable));
        }
    }

    /// Variables that a builtin sets for the rest of the script, prefixed assignments or not.
    fn declared(&self, words: &[Range<usize>]) -> Vec<(String, Variable)> {
        let Some((first, rest)) = words.split_first() else { return Vec::new() };
        let raw = |word: &Range<usize>| self.joined.slice(word.clone());
        let names: Vec<&str> = match raw(first) {
            "export" | "declare" | "typeset" | "readonly" | "local" => {
                rest.iter().filter_map(|word| assignment(raw(word), word.clone())).map(|found| found.name).collect()
            }
            ":" => {
                let inner = |word: &Range<usize>| self.joined.slice(unquoted(self.joined, word.clone()));
                rest.iter().filter_map(|word| defaulted(inner(word))).collect()
            }
            "unset" | "read" | "mapfile" | "readarray" => {
                rest.iter().map(raw).filter(|word| !word.starts_with('-')).collect()
            }
            _ => Vec::new(),
        };
        names.into_iter().filter_map(|name| Some((name.to_owned(), self.variables.get(name)?.clone()))).collect()
    }

    /// The names that these words assign to.
    fn names(&self, words: &[Range<usize>]) -> Vec<String> {
        let name = |word: &Range<usize>| {
            assignment(self.joined.slice(word.clone()), word.clone()).map(|found| found.name.to_owned())
        };
        words.iter().filter_map(name).collect()
    }

    /// Notes that variables are exported: `export X`, `export X=v`, `declare -x X`.
    fn export(&mut self, words: &[Range<usize>]) {
        for word in words {
            let raw = self.joined.slice(unquoted(self.joined, word.clone()));
            let name = &raw[..name_end(raw.as_bytes(), 0, raw.len())];
            if !name.is_empty() {
                self.exports.insert(name.to_owned());
            }
        }
    }

    fn words(&mut self, words: &[Range<usize>], command: &Simple) {
        let Some((first, rest)) = words.split_first() else { return };
        let name = self.joined.slice(first.clone());
        match name.rsplit('/').next().unwrap_or(name) {
            "export" | "declare" | "typeset" | "readonly" | "local" => {
                let context = self.context(&[]);
                rest.iter().for_each(|word| self.assign(word.clone(), &context));
                if name == "export" || rest.iter().any(|word| self.joined.slice(word.clone()) == "-x") {
                    self.export(rest);
                }
            }
            wrapper if WRAPPERS.iter().any(|(name, _)| *name == wrapper) => self.wrapped(wrapper, rest, command),
            ":" => rest.iter().for_each(|word| self.assign_default(word.clone())),
            "cd" | "pushd" => self.change_directory(rest),
            "unset" => self.forget(rest, &Text::default()),
            "read" | "mapfile" | "readarray" => self.forget(rest, &Text::unknown()),
            _ => {
                self.options(words);
                let home = self.emit(words, command);
                self.scripts(words, home);
                self.patch(words);
            }
        }
    }

    /// `sed -i`, which edits files where they are. Words that are not known, such as paths with variables, count as written.
    fn patch(&mut self, words: &[Range<usize>]) {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
        let written = |word: &Range<usize>| {
            self.expander()
                .expand(word.clone(), false)
                .known()
                .unwrap_or_else(|| self.joined.slice(unquoted(self.joined, word.clone())).to_owned())
        };
        let name = self.joined.slice(first.clone());
        if !name.ends_with("sed") {
            return;
        }
        let arguments: Vec<String> = words.iter().skip(1).map(written).collect();
        if let Some((files, filters)) = sed::in_place(name, &arguments) {
            self.facts.patches.push(Patch { span: self.joined.span(first.start..last.end), files, filters });
        }
    }

    /// What `env`, `sudo` and the like run, behind their options and assignments.
    fn wrapped(&mut self, wrapper: &str, words: &[Range<usize>], command: &Simple) {
        let joined = self.joined;
        let with_value = WRAPPERS.iter().find(|(name, _)| *name == wrapper).map_or(&[][..], |(_, options)| options);
        // `timeout 10`, `nice -n 5`: a number is an option too.
        let is_own = |word: &&Range<usize>| {
            let raw = joined.slice((*word).clone());
            raw.starts_with('-')
                || raw.starts_with(|first: char| first.is_ascii_digit())
                || assignment(raw, (*word).clone()).is_some()
        };
        let mut own = usize::from(matches!(wrapper, "gosu" | "su-exec") && words.len() > 1);
        while words.get(own).is_some_and(|word| is_own(&word)) {
            let takes_value = with_value.contains(&joined.slice(words[own].clone()));
            own = (own + 1 + usize::from(takes_value)).min(words.len());
        }
        let context = self.context(&words[own..]);
        words[..own].iter().for_each(|word| self.assign(word.clone(), &context));
        let names = self.names(&words[..own]);
        self.prefixes.extend(names);
        self.words(&words[own..], command);
    }

    fn change_directory(&mut self, words: &[Range<usize>]) {
        let to = words.first().map(|word| self.expander().expand(word.clone(), false));
        self.folder = to.and_then(|to| entered(self.folder.as_ref(), to));
        self.directory = words
            .first()
            .map(|word| self.joined.slice(word.clone()).to_owned())
            .filter(|to| !matches!(to.as_str(), "-" | ".."));
        let context = self.context(&[]);
        // What was exported before is for what is built there.
        for index in std::mem::take(&mut self.exported) {
            if let Some(setting) = self.facts.settings.get_mut(index) {
                setting.context.clone_from(&context);
            }
        }
    }

    fn forget(&mut self, words: &[Range<usize>], value: &Text) {
        for word in words {
            let name = self.joined.slice(word.clone());
            if !name.starts_with('-') {
                self.variables.set(name, Variable { value: value.clone(), at: None });
            }
        }
    }

    /// `X=v`, quoted as a whole or not; other words are left alone.
    fn assign(&mut self, word: Range<usize>, context: &str) {
        let inner = unquoted(self.joined, word);
        let joined = self.joined;
        let Some(found) = assignment(joined.slice(inner.clone()), inner) else { return };
        let kind = self.host.assign_kind.unwrap_or(SettingKind::ShellAssign);
        let value = if joined.slice(found.value.clone()).starts_with('(') {
            self.array(found.value.clone())
        } else {
            self.expander().word(found.value.clone())
        };
        let fallback = value.fallback.clone();
        let mut now = value.text.clone();
        if found.appends {
            let old = self.variable(found.name).map(|old| old.value).unwrap_or_else(|| Text {
                parts: vec![TextPart::Outer { name: found.name.to_owned(), default: None }],
            });
            // The items of an array are kept apart.
            let is_array = joined.slice(found.value.clone()).starts_with('(') && !old.parts.is_empty();
            let between = is_array.then(|| TextPart::Literal(" ".to_owned(), None));
            now = Text { parts: old.parts.into_iter().chain(between).chain(now.parts).collect() };
        }
        let at = joined.span(found.whole.clone());
        match fallback {
            Some((echoed, text)) => {
                let mut setting =
                    self.setting(&found, Value { text, ..Value::default() }, SettingKind::ShellEcho, context);
                setting.value_span = joined.span(echoed);
                self.facts.settings.push(setting);
            }
            None if self.is_own_default(&found) => {}
            None => {
                let mut setting = self.setting(&found, value, kind, context);
                setting.value = now.clone();
                if context.is_empty() && self.host.home.stage.is_some() {
                    self.exported.push(self.facts.settings.len());
                }
                self.facts.settings.push(setting);
            }
        }
        self.variables.set(found.name, Variable { value: now, at: Some(at) });
        self.flags_in_value(found.value);
    }

    /// `: "${X:=v}"`, which gives X a value where it has none.
    fn assign_default(&mut self, word: Range<usize>) {
        let inner = unquoted(self.joined, word);
        if let Some(name) = defaulted(self.joined.slice(inner.clone())) {
            let value = self.expander().expand(inner.clone(), true);
            let at = Some(self.joined.span(inner));
            self.variables.set(name, Variable { value, at });
        }
    }

    /// Whether the value is `${X:-list}` of the very name, which is noted as a default already.
    fn is_own_default(&self, found: &Assignment<'_>) -> bool {
        let value = self.joined.slice(unquoted(self.joined, found.value.clone()));
        operator::default_word(value)
            .is_some_and(|(name, at)| name == found.name && super::embedded::names_target(&value[at..value.len() - 1]))
    }

    /// `(a b)` as a list with blanks.
    fn array(&mut self, value: Range<usize>) -> Value {
        let words = self.array_words(value);
        self.options(&words);
        self.list(&words)
    }

    /// Words with a blank between each two.
    fn list(&self, words: &[Range<usize>]) -> Value {
        let mut text = Text::default();
        for word in words {
            if !text.parts.is_empty() {
                text.parts.push(TextPart::Literal(" ".to_owned(), None));
            }
            text.parts.extend(self.expander().expand(word.clone(), false).parts);
        }
        Value { text, ..Value::default() }
    }

    /// `for x in a b`: the name has this list.
    pub(super) fn for_values(&mut self, words: &[Range<usize>]) {
        words.iter().cloned().for_each(|word| self.expansions(word));
        let [name, keyword, values @ ..] = words else { return };
        let (Some(first), Some(last)) = (values.first(), values.last()) else { return };
        if self.joined.slice(keyword.clone()) != "in" {
            return;
        }
        let value = if let [only] = values { self.expander().word(only.clone()) } else { self.list(values) };
        let joined = self.joined;
        let found = Assignment {
            name: joined.slice(name.clone()),
            whole: name.start..last.end,
            value: first.start..last.end,
            appends: false,
        };
        let kind = self.host.assign_kind.unwrap_or(SettingKind::ShellAssign);
        let setting = self.setting(&found, value, kind, "for");
        self.facts.settings.push(setting);
        self.variables.set(found.name, Variable { value: Text::unknown(), at: None });
    }

    /// A setting of these bytes.
    pub(super) fn setting(&self, found: &Assignment<'_>, value: Value, kind: SettingKind, context: &str) -> Setting {
        Setting {
            name: found.name.to_owned(),
            span: self.joined.span(found.whole.clone()),
            value_span: self.joined.span(unquoted(self.joined, found.value.clone())),
            value: value.text,
            kind,
            stage: self.host.home.stage,
            container: self.host.home.container,
            via: value.via,
            filter: value.filter,
            context: context.to_owned(),
        }
    }

    /// The directory and the words of a command.
    pub(super) fn context(&self, words: &[Range<usize>]) -> String {
        let directory = self.directory.as_ref().map(|to| format!("cd {to}"));
        let command = words.iter().map(|word| self.joined.slice(word.clone())).collect::<Vec<_>>().join(" ");
        let mut context =
            directory.into_iter().chain((!command.is_empty()).then_some(command)).collect::<Vec<_>>().join("; ");
        context.truncate((0..=CONTEXT.min(context.len())).rev().find(|&at| context.is_char_boundary(at)).unwrap_or(0));
        context
    }
}

/// The most parts of a folder's path that are kept.
const MOST_PARTS: usize = 128;

/// The folder that `cd to` leads to from another one; none where it is not known.
pub(crate) fn entered(from: Option<&Text>, to: Text) -> Option<Text> {
    let first = match to.parts.first()? {
        TextPart::Literal(text, _) => text.as_str(),
        // A variable holds a whole path as a rule.
        _ => return Some(to),
    };
    let parts = |text: &Text| text.parts.clone();
    match first {
        "-" => None,
        "." => from.cloned(),
        ".." => {
            let known = from?.known()?;
            Some(Text::literal(known.trim_end_matches('/').rsplit_once('/')?.0, None))
        }
        _ if first.starts_with(['/', '~']) => Some(to),
        _ => Some(match from.map(parts) {
            // A path of so many parts is none; a script that enters folder after folder would make one.
            Some(whole) if whole.len() > MOST_PARTS => return None,
            Some(mut whole) => {
                whole.push(TextPart::Literal("/".to_owned(), None));
                whole.extend(to.parts);
                Text { parts: whole }
            }
            None => to,
        }),
    }
}

/// The name in `${NAME:=value}`.
fn defaulted(raw: &str) -> Option<&str> {
    let rest = raw.strip_prefix("${").filter(|rest| rest.ends_with('}'))?;
    let name = &rest[..name_end(rest.as_bytes(), 0, rest.len())];
    let is_default = ["=", ":="].iter().any(|sign| rest[name.len()..].starts_with(sign));
    (!name.is_empty() && is_default).then_some(name)
}

/// A word that starts with `NAME=` or `NAME+=`.
pub(super) fn assignment(raw: &str, word: Range<usize>) -> Option<Assignment<'_>> {
    let end = name_end(raw.as_bytes(), 0, raw.len());
    let (name, rest) = raw
        .split_at_checked(end)
        .filter(|(name, _)| !name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit()))?;
    let appends = rest.starts_with("+=");
    let sign = if appends { 2 } else { 1 };
    rest.starts_with(['=', '+']).then_some(())?;
    (appends || rest.starts_with('=')).then(|| Assignment {
        name,
        value: word.start + end + sign..word.end,
        whole: word,
        appends,
    })
}
