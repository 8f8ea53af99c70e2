//! `RUN`: the shell script in it.

use std::ops::Range;

use super::image::{exec_command, json_words};
use super::instructions::{Instruction, heredocs};
use super::stages::Build;
use crate::facts::{FileFacts, Text};
use crate::lang::programs;
use crate::lang::shell::{Host, Joined, Scope, extract_region, is_shell};
use crate::span::Span;

impl Build<'_> {
    pub(super) fn run(&self, instruction: &Instruction, arguments: &Joined<'_>, facts: &mut FileFacts) {
        let text = arguments.text();
        let start = options_end(text);
        let mut pieces = match exec_form(text, start) {
            Some(None) => {
                if let Some(words) = json_words(arguments, start) {
                    let span = self.joined.span(instruction.whole.clone());
                    programs::read(exec_command(words, span, self.home()), facts);
                }
                return;
            }
            Some(scripts) => scripts.into_iter().flat_map(|script| arguments.spans(script)).collect(),
            None => self.command_line(arguments, start),
        };
        let command: String = pieces.iter().map(|piece: &Span| piece.text(self.source)).collect();
        let first = command.split_ascii_whitespace().next();
        if !instruction.bodies.is_empty() && first.is_none_or(is_shell) {
            pieces = instruction.bodies.iter().flat_map(|body| self.joined.spans(body.clone())).collect();
        }
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
        extract_region(self.source, &pieces, &host, facts);
    }

    /// The script without its options and here-document operators, whose bodies do not follow in the joined text.
    fn command_line(&self, arguments: &Joined<'_>, start: usize) -> Vec<Span> {
        let end = arguments.text().len();
        let mut pieces = Vec::new();
        let mut at = start;
        for (operator, _) in heredocs(arguments.text(), start..end) {
            pieces.extend(arguments.spans(at..operator.start));
            at = operator.end;
        }
        pieces.extend(arguments.spans(at..end));
        pieces
    }
}

/// Behind `--mount=...`, `--network=...` and the like.
fn options_end(text: &str) -> usize {
    let mut at = text.len() - text.trim_start().len();
    while text[at..].starts_with("--") {
        let word = text[at..].find(char::is_whitespace).unwrap_or(text.len() - at);
        let rest = &text[at + word..];
        at += word + rest.len() - rest.trim_start().len();
    }
    at
}

/// The script of `["sh", "-c", "..."]`, empty for other programs; none for the shell form.
fn exec_form(text: &str, start: usize) -> Option<Option<Range<usize>>> {
    let json = text.get(start..).filter(|rest| rest.starts_with('['))?;
    let words: Vec<String> = serde_json::from_str(json.trim_end()).ok()?;
    let [shell, option, script] = words.as_slice() else { return Some(None) };
    let takes_script = is_shell(shell) && option.starts_with('-') && option.ends_with('c');
    // A script that is written with escapes does not stand in the file as it is.
    let at = json.rfind(script.as_str()).filter(|_| takes_script && !script.is_empty());
    Some(at.map(|at| start + at..start + at + script.len()))
}
