//! A CMake file as the commands that it is made of, in order.
//!
//! The language is small (cmake-language(7)): commands with arguments, comments, and nothing else, so that it is read
//! byte by byte. The tests hold this reader against the grammar that rules with queries use.

use crate::facts::Gap;
use crate::span::Span;
use crate::timings::{Phase, spend};

/// A command: `set(X "a")`, `if(...)`, `endif()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its name in lower case.
    pub name: String,
    /// All of it.
    pub span: Span,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

/// One argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// How it is written.
    pub form: Form,
    /// Its text, without quotes or brackets.
    pub span: Span,
}

/// How an argument is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `a;b`
    Unquoted,
    /// `"a;b"`
    Quoted,
    /// `[[a;b]]`, in which nothing is replaced.
    Bracket,
    /// A `(` among the arguments of a condition.
    Open,
    /// The `)` to it.
    Close,
}

impl Argument {
    /// Whether it is that word, unquoted.
    pub fn is(&self, text: &str, word: &str) -> bool {
        self.form == Form::Unquoted && self.span.text(text) == word
    }
}

/// What a file consists of.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Its commands; those that open and close blocks are among them.
    pub commands: Vec<Command>,
    /// Its comments.
    pub comments: Vec<Span>,
    /// What is no command.
    pub gaps: Vec<Gap>,
}

/// How many commands without an end are stepped over before the rest of the file counts as unread: each is looked for
/// to the end of the file.
pub(super) const UNCLOSED_LIMIT: usize = 16;

/// Splits a file into commands and comments.
pub fn split(text: &str) -> Source {
    spend(Phase::Parse, || {
        let mut splitter =
            Splitter { bytes: text.as_bytes(), at: 0, source: Source::default(), unclosed: 0, endless: Vec::new() };
        splitter.file();
        splitter.source
    })
}

struct Splitter<'t> {
    bytes: &'t [u8],
    at: usize,
    source: Source,
    unclosed: usize,
    /// Levels of brackets that nothing closes, each with the offset from which on.
    endless: Vec<(usize, usize)>,
}

impl Splitter<'_> {
    fn file(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'#' => self.comment(),
                byte if byte.is_ascii_whitespace() => self.at += 1,
                byte if is_name_start(byte) => self.command(),
                _ => self.stray(self.at),
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// From `start` to where the reader stands.
    fn since(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
    }

    fn skip_line(&mut self) {
        self.at += memchr::memchr(b'\n', &self.bytes[self.at..]).unwrap_or(self.bytes.len() - self.at);
    }

    fn gap(&mut self, span: Span) {
        self.source.gaps.push(Gap { span, what: "a CMake command".to_owned() });
    }

    /// `# ...` to the end of the line, or `#[[ ... ]]`.
    fn comment(&mut self) {
        let start = self.at;
        self.at += 1;
        if !matches!(self.brackets(), Some(Some(_))) {
            self.at = start;
            self.skip_line();
            if self.bytes[..self.at].ends_with(b"\r") {
                self.at -= 1;
            }
        }
        self.source.comments.push(self.since(start));
    }

    /// `[==[ ... ]==]`: what is between, where it ends; `None` where the reader does not stand before such an opening,
    /// in which case it stays there.
    fn brackets(&mut self) -> Option<Option<Span>> {
        let start = self.at;
        if self.peek() != Some(b'[') {
            return None;
        }
        self.at += 1;
        self.skip_while(|byte| byte == b'=');
        if self.peek() != Some(b'[') {
            self.at = start;
            return None;
        }
        self.at += 1;
        let (level, inner) = (self.at - start - 2, self.at);
        let is_endless = self.endless.iter().any(|&(known, from)| known == level && from <= start);
        while !is_endless && let Some(next) = memchr::memchr(b']', &self.bytes[self.at..]) {
            let end = self.at + next;
            self.at = end + 1;
            self.skip_while(|byte| byte == b'=');
            if self.at - end - 1 == level && self.peek() == Some(b']') {
                self.at += 1;
                return Some(Some(Span::new(inner, end)));
            }
        }
        if !is_endless {
            self.endless.push((level, start));
        }
        self.at = self.bytes.len();
        Some(None)
    }

    /// What is no command, from `start` on: the rest of the line.
    fn stray(&mut self, start: usize) {
        self.skip_line();
        let line = self.bytes[start..self.at].trim_ascii_end();
        if !is_placeholder(line) {
            let end = start + line.len();
            self.gap(Span::new(start, end));
        }
    }

    fn command(&mut self) {
        let start = self.at;
        self.skip_while(|byte| is_name_start(byte) || byte.is_ascii_digit());
        let name_end = self.at;
        self.skip_while(|byte| byte == b' ' || byte == b'\t');
        if self.peek() != Some(b'(') {
            self.at = name_end;
            self.stray(start);
            return;
        }
        self.at += 1;
        let comments = self.source.comments.len();
        if let Some(arguments) = self.arguments() {
            let name = String::from_utf8_lossy(&self.bytes[start..name_end]).to_ascii_lowercase();
            let span = self.since(start);
            self.source.commands.push(Command { name, span, arguments });
            return;
        }
        // The file ends within it: what follows its first line may still be read.
        self.source.comments.truncate(comments);
        self.unclosed += 1;
        self.at = if self.unclosed < UNCLOSED_LIMIT { name_end } else { self.bytes.len() };
        self.stray(start);
    }

    /// The arguments up to the `)` of the command; `None` where the file ends before.
    fn arguments(&mut self) -> Option<Vec<Argument>> {
        let (mut arguments, mut depth) = (Vec::new(), 0usize);
        loop {
            let start = self.at;
            match self.peek()? {
                b'(' => {
                    depth += 1;
                    self.at += 1;
                    arguments.push(Argument { form: Form::Open, span: self.since(start) });
                }
                b')' => {
                    self.at += 1;
                    if depth == 0 {
                        return Some(arguments);
                    }
                    depth -= 1;
                    arguments.push(Argument { form: Form::Close, span: self.since(start) });
                }
                b'#' => self.comment(),
                b'"' => {
                    self.quoted()?;
                    arguments.push(Argument { form: Form::Quoted, span: Span::new(start + 1, self.at - 1) });
                }
                byte if byte.is_ascii_whitespace() => self.at += 1,
                _ => match self.brackets() {
                    Some(inner) => arguments.push(Argument { form: Form::Bracket, span: inner? }),
                    None => {
                        self.unquoted()?;
                        arguments.push(Argument { form: Form::Unquoted, span: self.since(start) });
                    }
                },
            }
        }
    }

    /// `"..."`, with `\"` in it; `None` where the file ends before.
    fn quoted(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at += memchr::memchr2(b'"', b'\\', &self.bytes[self.at..])?;
            self.at += 1;
            if self.bytes[self.at - 1] == b'"' {
                return Some(());
            }
            self.peek()?;
            self.at += 1;
        }
    }

    /// `a;b`, and what CMake still takes: `-Da="b c"`, `-Da=$(b)`.
    fn unquoted(&mut self) -> Option<()> {
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.quoted()?,
                b'\\' => self.at = (self.at + 2).min(self.bytes.len()),
                b'$' if self.bytes[self.at..].starts_with(b"$(") => self.make_reference(),
                b'(' | b')' | b'#' => break,
                byte if byte.is_ascii_whitespace() => break,
                _ => self.at += 1,
            }
        }
        Some(())
    }

    /// `$(NAME)`, which is part of the argument; any other `$(` ends it at the parenthesis.
    fn make_reference(&mut self) {
        let start = self.at;
        self.at += 2;
        self.skip_while(|byte| is_name_start(byte) || byte.is_ascii_digit());
        self.at = if self.peek() == Some(b')') && self.at > start + 2 { self.at + 1 } else { start + 1 };
    }
}

/// Whether a line is for who makes the file of a template: `@PACKAGE_INIT@` where `configure_file` puts commands,
/// `{% if x %}`, `{{ commands }}`.
fn is_placeholder(line: &[u8]) -> bool {
    let marks: [(&[u8], &[u8]); 4] = [(b"@", b"@"), (b"{%", b"%}"), (b"{{", b"}}"), (b"{#", b"#}")];
    marks.iter().any(|(start, end)| line.len() > start.len() && line.starts_with(start) && line.ends_with(end))
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}
