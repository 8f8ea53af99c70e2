//! Commands as facts: their words with their values, and the variables that they see.

use std::ops::Range;

use super::expand::{Scope, name_end, referenced};
use super::items::{Simple, Then};
use super::substitution::unquoted;
use super::variables::FrameKind;
use super::walk::Walker;
use crate::facts::{Command, Home, Text, TextPart, Variable, Word};
use crate::lang::programs;
use crate::span::Span;

/// Starts of names that programs of the stack read. Others are kept only where they stand before the command.
const KEPT: &[&str] = &[
    "AITER_",
    "AMD",
    "CUDA_",
    "FA_",
    "FLASH_",
    "GPU_",
    "HCC_",
    "HF_",
    "HIP",
    "HSA_",
    "LD_",
    "MAX_JOBS",
    "MIOPEN_",
    "MORI_",
    "NCCL_",
    "NVIDIA_",
    "PIP_",
    "PYTHON",
    "PYTORCH_",
    "RCCL_",
    "ROC",
    "SETUPTOOLS_",
    "TORCH",
    "TRITON_",
    "USE_",
    "UV_",
    "VLLM_",
];
/// More words are not kept of one command.
const MOST_WORDS: usize = 2000;

impl Walker<'_> {
    /// Notes a command whose program is of interest; returns what scripts in its words run in.
    pub(super) fn emit(&mut self, words: &[Range<usize>], command: &Simple) -> Home {
        let home = self.host.home;
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return home };
        let name = self.expander().expand(first.clone(), false).known().unwrap_or_default();
        let program = name.rsplit('/').next().unwrap_or_default();
        let writes_list = programs::is_writer(program) && !command.outputs.is_empty();
        if !programs::is_of_interest(program) && !writes_list {
            return home;
        }
        let before = self.facts.containers.len();
        let command = Command {
            words: words.iter().take(MOST_WORDS).flat_map(|word| self.split(word.clone())).collect(),
            span: self.joined.span(first.start..last.end),
            home,
            environment: self.environment(),
            directory: self.folder.clone(),
            outputs: command.outputs.iter().map(|word| self.word_at(word.clone())).collect(),
            may_not_run: command.then == Then::Or || self.in_branch(),
        };
        programs::read(command, self.facts);
        // The first container that was added is the one that the command starts.
        let container = (self.facts.containers.len() > before).then_some(before);
        container.map_or(home, |container| Home { container: Some(container), ..home })
    }

    fn in_branch(&self) -> bool {
        self.variables.is_within(|kind| matches!(kind, FrameKind::Branch | FrameKind::Case { .. }))
    }

    /// A word as one value, whatever it expands to.
    fn word_at(&self, word: Range<usize>) -> Word {
        let span = self.joined.span(unquoted(self.joined, word.clone()));
        Word { text: self.expander().expand(word, false), span }
    }

    /// A word as the shell splits it: references without quotes at blanks, references to whole arrays at their items.
    fn split(&self, word: Range<usize>) -> Vec<Word> {
        let raw = self.joined.slice(word.clone());
        let whole = self.word_at(word);
        let (name, is_array) = match whole_array(raw) {
            Some(name) => (name, true),
            None => match referenced(raw).filter(|_| !raw.starts_with('"')) {
                Some(name) => (name, false),
                None => return vec![whole],
            },
        };
        let text = if is_array { self.variable(name).map(|found| found.value) } else { Some(whole.text.clone()) };
        let text = text.unwrap_or_else(Text::unknown);
        let mut words = vec![Word { text: Text::default(), span: whole.span }];
        for part in text.parts {
            match part {
                // The separator between the items of an array has no place in the file.
                TextPart::Literal(text, None) if is_array && text == " " => words.push(empty(whole.span)),
                TextPart::Literal(text, at) if !is_array => split_at_blanks(&text, at, whole.span, &mut words),
                part => add(&mut words, part),
            }
        }
        words.retain(|word| !word.text.parts.is_empty());
        // An empty reference is no word at all.
        words
    }

    /// The variables that the command gets, by name.
    fn environment(&self) -> Vec<Variable> {
        let own = self.variables.iter().filter_map(|(name, variable)| {
            let is_prefix = self.prefixes.iter().any(|prefix| prefix == name);
            let is_kept = is_prefix || self.exports.contains(name) && is_of_stack(name);
            is_kept.then(|| Variable {
                name: name.to_owned(),
                value: variable.value.clone(),
                span: variable.at,
                is_prefix,
            })
        });
        let mut all: Vec<Variable> = own.collect();
        let outer = self.host.environment.iter().filter(|outer| self.variables.get(&outer.name).is_none());
        all.extend(outer.cloned());
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// The same for a script in the command's words.
    pub(super) fn environment_of_script(&self) -> Vec<Variable> {
        self.environment().into_iter().map(|variable| Variable { is_prefix: false, ..variable }).collect()
    }
}

fn is_of_stack(name: &str) -> bool {
    KEPT.iter().any(|start| name.starts_with(start))
}

fn empty(span: Span) -> Word {
    Word { text: Text::default(), span }
}

fn add(words: &mut [Word], part: TextPart) {
    if let Some(word) = words.last_mut() {
        if let TextPart::Literal(_, Some(span)) = &part {
            word.span = if word.text.parts.is_empty() { *span } else { word.span.hull(*span) };
        }
        word.text.parts.push(part);
    }
}

/// Splits known text at blanks; each word stands where its bytes do, or at the reference.
fn split_at_blanks(text: &str, at: Option<Span>, reference: Span, words: &mut Vec<Word>) {
    let mut offset = 0;
    for (index, piece) in text.split([' ', '\t', '\n']).enumerate() {
        if index > 0 {
            words.push(empty(reference));
        }
        if !piece.is_empty() {
            let span = at.map(|at| Span::new(at.range().start + offset, at.range().start + offset + piece.len()));
            add(words, TextPart::Literal(piece.to_owned(), span));
        }
        offset += piece.len() + 1;
    }
}

/// The name in `"${NAME[@]}"` and `${NAME[*]}`.
fn whole_array(raw: &str) -> Option<&str> {
    let bare = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
    let inner = bare.strip_prefix("${")?.strip_suffix('}')?;
    let (name, rest) = inner.split_at_checked(name_end(inner.as_bytes(), 0, inner.len()))?;
    (!name.is_empty() && matches!(rest, "[@]" | "[*]")).then_some(name)
}
