//! A container file as instructions, as the builder splits it.
//!
//! The published grammars lose instructions behind unusual lines; the format is one of lines, and is split by lines.

use std::ops::Range;

use crate::lang::shell::Heredoc;

const KEYWORDS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// One thing in a container file.
pub(super) enum Line {
    /// An instruction with its continuation lines and here-documents.
    Instruction(Instruction),
    /// A comment, within a continuation or not.
    Comment(Range<usize>),
    /// A line that is none of both.
    Other(Range<usize>),
}

/// An instruction. Ranges are bytes of the container file.
pub(super) struct Instruction {
    /// The keyword in capitals.
    pub keyword: String,
    /// From the keyword to the end of its last line.
    pub whole: Range<usize>,
    /// What follows the keyword: the lines without escapes at their ends and without comment lines.
    pub arguments: Vec<Range<usize>>,
    /// The bodies of its here-documents.
    pub bodies: Vec<Range<usize>>,
}

impl Instruction {
    /// The instruction that this one's arguments are (`ONBUILD RUN ...`).
    pub fn behind_keyword(&self, text: &str) -> Option<Self> {
        let (first, rest) = self.arguments.split_first()?;
        let written = text.get(first.clone())?;
        let start = first.start + written.len() - written.trim_start().len();
        let length = text.get(start..first.end)?.bytes().take_while(u8::is_ascii_alphabetic).count();
        let keyword = text.get(start..start + length)?.to_ascii_uppercase();
        let is_instruction = KEYWORDS.contains(&keyword.as_str()) && !matches!(keyword.as_str(), "ONBUILD" | "FROM");
        is_instruction.then(|| Self {
            keyword,
            whole: start..self.whole.end,
            arguments: std::iter::once(start + length..first.end).chain(rest.iter().cloned()).collect(),
            bodies: self.bodies.clone(),
        })
    }
}

/// The lines of a container file, and its escape character.
pub(super) fn lines(text: &str) -> (Vec<Line>, u8) {
    let escape = escape_directive(text);
    let mut reader = Reader { text, escape, at: 0, lines: Vec::new() };
    while reader.at < text.len() {
        reader.line();
    }
    (reader.lines, escape)
}

/// The escape character that a directive at the top names, else a backslash.
fn escape_directive(text: &str) -> u8 {
    for line in text.lines() {
        let directive = line.trim().strip_prefix('#').and_then(|rest| rest.split_once('='));
        let Some((name, value)) = directive else { break };
        match name.trim().to_ascii_lowercase().as_str() {
            "escape" => return if value.trim() == "`" { b'`' } else { b'\\' },
            "syntax" | "check" => {}
            _ => break,
        }
    }
    b'\\'
}

struct Reader<'a> {
    text: &'a str,
    escape: u8,
    at: usize,
    lines: Vec<Line>,
}

impl Reader<'_> {
    /// The next physical line without its line end; the position moves behind it.
    fn next_line(&mut self) -> Range<usize> {
        let start = self.at;
        let rest = &self.text[start..];
        let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        self.at = (start + length + 1).min(self.text.len());
        let line = &rest[..length];
        start..start + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// A range without blanks at its start.
    fn trimmed(&self, range: &Range<usize>) -> Range<usize> {
        let line = &self.text[range.clone()];
        range.end - line.trim_start().len()..range.end
    }

    fn line(&mut self) {
        let first = self.next_line();
        let content = self.trimmed(&first);
        let text = &self.text[content.clone()];
        if text.is_empty() {
            return;
        }
        if text.starts_with('#') {
            self.lines.push(Line::Comment(content));
            return;
        }
        let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let keyword = text[..length].to_ascii_uppercase();
        let arguments = self.continued(content.start + length..content.end);
        let whole = content.start..arguments.last().map_or(content.end, |last| last.end.max(content.end));
        let is_instruction = KEYWORDS.contains(&keyword.as_str())
            && !text[length..]
                .starts_with(|next: char| !next.is_whitespace() && u32::from(next) != u32::from(self.escape));
        if !is_instruction {
            self.lines.push(Line::Other(whole));
            return;
        }
        let bodies = if matches!(keyword.as_str(), "RUN" | "COPY" | "ADD" | "ONBUILD") {
            self.bodies(&arguments)
        } else {
            Vec::new()
        };
        let whole = whole.start..bodies.last().map_or(whole.end, |_| self.at).max(whole.end);
        self.lines.push(Line::Instruction(Instruction { keyword, whole, arguments, bodies }));
    }

    /// What follows the keyword, and the lines that the escape character joins to it.
    fn continued(&mut self, first: Range<usize>) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let (piece, mut goes_on) = self.piece(first);
        pieces.push(piece);
        while goes_on && self.at < self.text.len() {
            let line = self.next_line();
            let content = self.trimmed(&line);
            match self.text[content.clone()].chars().next() {
                None => {}
                Some('#') => self.lines.push(Line::Comment(content)),
                Some(_) => {
                    let (piece, more) = self.piece(line);
                    pieces.push(piece);
                    goes_on = more;
                }
            }
        }
        pieces
    }

    /// A line without the escape character at its end, and whether there was one.
    fn piece(&self, line: Range<usize>) -> (Range<usize>, bool) {
        let body = self.text[line.clone()].trim_end_matches([' ', '\t']).as_bytes();
        let escapes = body.iter().rev().take_while(|&&byte| byte == self.escape).count();
        // Two of them stand for one that joins nothing.
        if escapes == 1 { (line.start..line.start + body.len() - 1, true) } else { (line, false) }
    }

    /// The here-documents that the arguments announce; the position moves behind them.
    fn bodies(&mut self, arguments: &[Range<usize>]) -> Vec<Range<usize>> {
        let mut bodies = Vec::new();
        for heredoc in arguments
            .iter()
            .flat_map(|piece| heredocs(self.text, piece.clone()))
            .map(|(_, heredoc)| heredoc)
            .collect::<Vec<_>>()
        {
            let (end, next) = heredoc.body(self.text.as_bytes(), self.at, self.text.len());
            // Without its last line it is no here-document, and what follows is not lost.
            if end < next {
                bodies.push(self.at..end);
                self.at = next;
            }
        }
        bodies
    }
}

/// The here-document operators in a range that stand outside of quotes, and where.
pub(super) fn heredocs(text: &str, range: Range<usize>) -> Vec<(Range<usize>, Heredoc)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut quote = None;
    let mut at = range.start;
    while at < range.end {
        match bytes[at] {
            b'\\' => at += 1,
            byte if quote == Some(byte) => quote = None,
            byte @ (b'"' | b'\'') if quote.is_none() => quote = Some(byte),
            b'<' if quote.is_none() && bytes[at..range.end].starts_with(b"<<<") => at += 2,
            b'<' if quote.is_none() => {
                let starts_word = bytes[range.start..at].trim_ascii_end().len() < at - range.start
                    || at == range.start
                    || bytes[at - 1].is_ascii_digit() && (at - 1 == range.start || bytes[at - 2].is_ascii_whitespace());
                let has_word = bytes.get(at + 2).is_some_and(|next| !next.is_ascii_whitespace());
                if let Some(heredoc) = Heredoc::read(bytes, at, range.end).filter(|_| starts_word && has_word) {
                    let after = heredoc.after;
                    found.push((at..after, heredoc));
                    at = after - 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}
