//! What an image is made of besides variables and commands: files, labels, its user, what it runs.

use std::ops::Range;

use super::instructions::Instruction;
use super::pairs;
use super::stages::{Build, unquoted};
use crate::facts::{Checkout, Command, Copy, FileFacts, Home, ImageCommand, SettingKind, Text, Word};
use crate::lang::programs;
use crate::lang::shell::{Host, Joined, Scope, extract_region, is_shell};
use crate::span::Span;

impl Build<'_> {
    pub(super) fn home(&self) -> Home {
        Home { stage: self.stage, ..Home::default() }
    }

    /// `COPY [--from=X] a b dest`, `ADD`; a here-document that is a script is read.
    pub(super) fn copy(&self, instruction: &Instruction, arguments: &Joined<'_>, facts: &mut FileFacts) {
        let mut from = None;
        let words = match json_words(arguments, 0) {
            Some(words) => words,
            None => {
                let mut words = Vec::new();
                for word in pairs::words(arguments.text(), self.escape) {
                    let raw = arguments.slice(word.clone());
                    match raw.strip_prefix("--from=") {
                        Some(_) if words.is_empty() => {
                            // A stage's name in `--from` sees the arguments before the first `FROM` alone.
                            from = Some(self.word(arguments, word.start + "--from=".len()..word.end));
                        }
                        _ if words.is_empty() && raw.starts_with("--") => {}
                        _ => words.push(self.word(arguments, word)),
                    }
                }
                words
            }
        };
        let Some((destination, sources)) = words.split_last() else { return };
        for body in &instruction.bodies {
            let pieces: Vec<Span> = self.joined.spans(body.clone()).collect();
            let is_script = self.joined.slice(body.clone()).starts_with("#!")
                || destination.known().is_some_and(|name| name.ends_with(".sh"));
            if is_script {
                self.script(&pieces, facts);
            }
        }
        self.added_sources(sources, destination, facts);
        facts.copies.push(Copy {
            span: self.joined.span(instruction.whole.clone()),
            from,
            sources: sources.to_vec(),
            destination: Some(destination.clone()),
            stage: self.stage,
        });
    }

    /// `ADD https://github.com/owner/name.git#ref /folder`.
    fn added_sources(&self, sources: &[Word], destination: &Word, facts: &mut FileFacts) {
        for word in sources {
            let Some((address, reference)) = programs::git::address(word) else { continue };
            facts.checkouts.push(Checkout {
                repository: Some(address),
                span: word.span,
                reference,
                directory: Some(destination.text.clone()),
                home: self.home(),
                command: None,
            });
        }
    }

    /// `LABEL x=v y=w`.
    pub(super) fn label(&self, arguments: &Joined<'_>, facts: &mut FileFacts) {
        for pair in pairs::environment(arguments.text(), self.escape) {
            let Some(value) = pair.value.clone() else { continue };
            let text = self.expander(arguments, &self.environment).expand(value, false);
            let mut setting = self.setting(arguments, &pair, text, None, SettingKind::DockerLabel);
            setting.name = setting.name.trim_matches(['"', '\'']).to_owned();
            facts.settings.push(setting);
        }
    }

    /// `USER name`.
    pub(super) fn user(&self, arguments: &Joined<'_>, facts: &mut FileFacts) {
        let word = pairs::words(arguments.text(), self.escape).into_iter().next();
        let user = word.map(|word| self.word(arguments, word));
        if let Some(stage) = self.stage.and_then(|stage| facts.stages.get_mut(stage)) {
            stage.user = user;
        }
    }

    /// `CMD` and `ENTRYPOINT`: noted for the stage; a script in them is read.
    pub(super) fn image_command(&self, instruction: &Instruction, arguments: &Joined<'_>, facts: &mut FileFacts) {
        let start = arguments.text().len() - arguments.text().trim_start().len();
        let words = json_words(arguments, start);
        let is_shell_form = words.is_none();
        let command = ImageCommand {
            span: self.joined.span(instruction.whole.clone()),
            words: words.unwrap_or_default(),
            is_shell: is_shell_form,
        };
        if is_shell_form {
            let pieces: Vec<Span> = arguments.spans(start..arguments.text().len()).collect();
            self.script(&pieces, facts);
        } else if let Some(script) = script_of(&command.words) {
            self.script(&[script], facts);
        }
        let Some(stage) = self.stage.and_then(|stage| facts.stages.get_mut(stage)) else { return };
        if instruction.keyword == "CMD" {
            stage.command = Some(command);
        } else {
            stage.entrypoint = Some(command);
            // A new entry point starts without the arguments of the old one.
            stage.command = None;
        }
    }

    /// At the end of a stage: what the image starts, if this stage says something of it.
    pub(super) fn start(&self, facts: &mut FileFacts) {
        let Some(stage) = self.stage.and_then(|stage| facts.stages.get(stage)) else { return };
        if stage.command.is_none() && stage.entrypoint.is_none() {
            return;
        }
        let chain: Vec<_> = std::iter::successors(self.stage, |&at| facts.stages.get(at)?.parent)
            .filter_map(|at| facts.stages.get(at))
            .collect();
        let entrypoint = chain.iter().find_map(|stage| stage.entrypoint.clone());
        let command = stage.command.clone();
        let image = chain.last().map(|root| Word { text: root.image.clone(), span: root.image_span });
        match (entrypoint, command) {
            // Shell forms have been read as scripts; such an entry point takes no arguments.
            (Some(entry), _) if entry.is_shell => {}
            (Some(entry), command) => {
                let arguments = command.filter(|command| !command.is_shell).map(|command| command.words);
                let arguments = arguments.unwrap_or_default();
                if !is_shell_start(&entry.words) {
                    programs::start(image.as_ref(), Some(&entry.words), &arguments, self.home(), facts);
                } else if let [script] = arguments.as_slice() {
                    self.script(&[script.span], facts);
                }
            }
            (None, Some(command)) if !command.is_shell && !is_shell_start(&command.words) => {
                programs::start(image.as_ref(), None, &command.words, self.home(), facts);
            }
            _ => {}
        }
    }

    /// Reads a script that the image runs or holds.
    fn script(&self, pieces: &[Span], facts: &mut FileFacts) {
        let environment = &self.environment;
        let lookup = |name: &str| -> Option<(Text, Option<Span>)> {
            environment.variable(name).map(|variable| (variable.value, variable.at))
        };
        let host = Host {
            lookup: &lookup,
            home: self.home(),
            folder: self.directory.clone(),
            environment: &[],
            assign_kind: None,
            doubled_dollar: false,
        };
        extract_region(self.source, pieces, &host, facts);
    }

    fn word(&self, arguments: &Joined<'_>, word: Range<usize>) -> Word {
        let span = arguments.span(unquoted(arguments, word.clone()));
        Word { text: self.expander(arguments, &self.environment).expand(word, false), span }
    }
}

/// `["sh", "-c"]` and what may follow.
fn is_shell_start(words: &[Word]) -> bool {
    let known: Vec<String> = words.iter().take(2).filter_map(Word::known).collect();
    matches!(known.as_slice(), [shell, option] if is_shell(shell) && option.starts_with('-') && option.ends_with('c'))
}

/// Where the script of `["sh", "-c", "..."]` stands.
fn script_of(words: &[Word]) -> Option<Span> {
    let script = words.get(2).filter(|_| is_shell_start(words))?;
    Some(script.span)
}

/// The strings of a JSON array at `start`, each where it stands; none where it is not one, as the builder sees it.
pub(super) fn json_words(arguments: &Joined<'_>, start: usize) -> Option<Vec<Word>> {
    let text = arguments.text();
    let json = text.get(start..)?.trim();
    if !json.starts_with('[') {
        return None;
    }
    let values: Vec<String> = serde_json::from_str(json).ok()?;
    let mut at = start + text.get(start..)?.find('[')? + 1;
    let mut words = Vec::with_capacity(values.len());
    for value in values {
        let open = at + text.get(at..)?.find('"')?;
        let close = string_end(text.as_bytes(), open + 1)?;
        let span = arguments.span(open + 1..close);
        // A string with escapes does not stand in the file as it is.
        let as_written = text.get(open + 1..close) == Some(value.as_str());
        words.push(Word { text: Text::literal(value, as_written.then_some(span)), span });
        at = close + 1;
    }
    Some(words)
}

/// Where the quote stands that ends a JSON string.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// A command of the exec form of `RUN`.
pub(super) fn exec_command(words: Vec<Word>, span: Span, home: Home) -> Command {
    Command { words, span, home, environment: Vec::new(), directory: None, outputs: Vec::new(), may_not_run: false }
}
