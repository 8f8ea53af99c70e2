//! One pass over a file that tells code, comments and strings apart.

use super::page::{Blocks, Comment, Page};
use super::syntax::{Hash, Strings, Syntax};
use crate::span::Span;

/// Reads a file's lines and comments.
pub(super) fn scan(text: &str, syntax: &Syntax) -> Page {
    let blocks = if syntax.owns_block { Blocks::Brackets } else { Blocks::Joined };
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        syntax,
        page: Page::new(text, blocks),
        open: Vec::new(),
        line: 0,
        at: 0,
        instruction: Instruction::default(),
    };
    scanner.page.lines.iter_mut().for_each(|line| line.has_code = false);
    scanner.run();
    scanner.page
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    syntax: &'a Syntax,
    page: Page,
    /// The brackets that are open, and whether each joins lines.
    open: Vec<bool>,
    line: usize,
    at: usize,
    instruction: Instruction,
}

/// The instruction of a container file that is being read.
#[derive(Default)]
struct Instruction {
    /// Whether a line before this one said that it goes on.
    continues: bool,
    /// Whether the shell gets it.
    is_shell: bool,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while self.line < self.page.lines.len() {
            self.start_line();
            let end = self.page.lines[self.line].span.end as usize;
            let line = self.line;
            let mut ends_in_backslash = false;
            while self.line == line && self.at < end {
                ends_in_backslash = self.syntax.backslash && self.bytes[self.at] == b'\\' && self.at + 1 == end;
                self.step(end);
            }
            if self.line == line {
                self.end_line(ends_in_backslash);
            }
        }
    }

    fn start_line(&mut self) {
        let height = self.open.len();
        let line = &mut self.page.lines[self.line];
        line.height.0 = height;
        self.at = self.at.max(line.span.start as usize);
        if self.syntax.hash == Hash::Instruction && !self.instruction.continues {
            let word = line.span.text(self.text).split_whitespace().next().unwrap_or_default();
            self.instruction.is_shell = word.eq_ignore_ascii_case("RUN");
        }
    }

    fn end_line(&mut self, ends_in_backslash: bool) {
        let joins = self.open.last().copied().unwrap_or_default();
        let is_container_file = self.syntax.hash == Hash::Instruction;
        let line = &mut self.page.lines[self.line];
        line.height.1 = self.open.len();
        // In container files, comments and empty lines do not end an instruction that goes on.
        let is_passed = is_container_file && self.instruction.continues && !line.has_code;
        line.joined = joins || ends_in_backslash || is_passed;
        self.instruction.continues = line.joined;
        let (started_at, is_joined) = (self.line, line.joined);
        if self.syntax.heredoc && !is_joined {
            self.heredocs(started_at);
        }
        self.line += 1;
    }

    /// Takes one character, string or comment.
    fn step(&mut self, end: usize) {
        let byte = self.bytes[self.at];
        if byte.is_ascii_whitespace() {
            self.at += 1;
        } else if let Some(close) = self.comment(end) {
            self.take_comment(close);
        } else if let Some(close) = self.string(end) {
            self.mark_code();
            self.move_to(close);
        } else {
            self.mark_code();
            self.bracket(byte);
            let skips = byte == b'\\' && self.at + 1 < end && self.bytes[self.at + 1].is_ascii();
            self.at += if skips { 2 } else { 1 };
        }
    }

    fn mark_code(&mut self) {
        self.page.lines[self.line].has_code = true;
    }

    /// Moves behind a string or comment, joining the lines that it covers.
    fn move_to(&mut self, offset: usize) {
        let height = self.open.len();
        while self.line + 1 < self.page.lines.len() && self.page.lines[self.line + 1].span.start as usize <= offset {
            self.page.lines[self.line].joined = true;
            self.page.lines[self.line].height.1 = height;
            self.line += 1;
            self.page.lines[self.line].height.0 = height;
        }
        self.at = offset;
        let end = self.page.lines[self.line].span.end as usize;
        if self.at >= end {
            self.end_line(false);
        }
    }

    fn take_comment(&mut self, close: usize) {
        let is_value =
            self.syntax.hash == Hash::Instruction && self.page.lines[self.line].has_code && !self.instruction.is_shell;
        self.page.comments.push(Comment { span: Span::new(self.at, close), is_value, is_shown: false });
        let last = self.page.line_of(Span::new(close.saturating_sub(1), close).start);
        for line in self.line..=last {
            self.page.lines[line].has_comment = true;
        }
        if last > self.line {
            // A comment of several lines joins nothing.
            let height = self.open.len();
            for line in self.line..last {
                self.page.lines[line].height.1 = height;
                self.page.lines[line + 1].height.0 = height;
            }
            self.line = last;
        }
        self.at = close;
    }

    /// Where the comment that starts here ends.
    fn comment(&self, end: usize) -> Option<usize> {
        let rest = &self.bytes[self.at..];
        let start = self.page.lines[self.line].span.start as usize;
        let is_first = || self.bytes[start..self.at].iter().all(u8::is_ascii_whitespace);
        let after_blank = || self.at == start || self.bytes[self.at - 1].is_ascii_whitespace();
        if rest[0] == b'#' {
            if self.syntax.strings == Strings::Cmake && rest.starts_with(b"#[") {
                return bracket_argument(&rest[1..]).map(|length| self.at + 1 + length).or(Some(end));
            }
            let starts = match self.syntax.hash {
                Hash::Never => false,
                Hash::Anywhere => true,
                Hash::Word => after_blank(),
                // Quotes are closed on their line here: what stands in them is no comment.
                Hash::Instruction => {
                    let line = self.page.lines[self.line].span.text(self.text);
                    after_blank() && comment_in_line(line, "#") == Some(self.at - start)
                }
                Hash::Line => is_first(),
            };
            return starts.then_some(end);
        }
        if rest[0] == b';' && self.syntax.semicolon && is_first() || self.syntax.slashes && rest.starts_with(b"//") {
            return Some(end);
        }
        (self.syntax.stars && rest.starts_with(b"/*"))
            .then(|| memchr::memmem::find(&rest[2..], b"*/").map_or(self.bytes.len(), |close| self.at + 2 + close + 2))
    }

    /// Where the string that starts here ends; one that is never closed is none.
    fn string(&self, end: usize) -> Option<usize> {
        let rest = &self.bytes[self.at..];
        let first = rest[0];
        let line = end - self.at;
        let length = match self.syntax.strings {
            Strings::None => None,
            Strings::Python if matches!(first, b'"' | b'\'') => {
                let three = [first; 3];
                if rest.starts_with(&three) {
                    closed(rest, &three, true)
                } else {
                    closed(&rest[..line], &[first], true)
                }
            }
            Strings::Shell => match first {
                b'"' => closed(rest, b"\"", true),
                b'\'' => closed(rest, b"'", false),
                _ => None,
            },
            Strings::Cmake if first == b'"' => closed(rest, b"\"", true),
            Strings::Cmake if first == b'[' => bracket_argument(rest),
            Strings::Cpp => self.cpp_string(rest, line),
            Strings::Hcl if first == b'"' => closed(&rest[..line], b"\"", true),
            Strings::Nix if first == b'"' => closed(rest, b"\"", true),
            Strings::Nix if rest.starts_with(b"''") => nix_block(rest),
            _ => None,
        };
        length.map(|length| self.at + length)
    }

    fn cpp_string(&self, rest: &[u8], line: usize) -> Option<usize> {
        let before = self.at.checked_sub(1).map(|at| self.bytes[at]);
        match rest[0] {
            b'"' if before == Some(b'R') => {
                let open = rest.iter().position(|&byte| byte == b'(')?;
                let close = [b")", rest.get(1..open)?, b"\""].concat();
                memchr::memmem::find(rest, &close).map(|at| at + close.len())
            }
            b'"' => closed(&rest[..line], b"\"", true),
            // `1'000'000` holds no strings.
            b'\'' if !before.is_some_and(|byte| byte.is_ascii_alphanumeric()) => closed(&rest[..line], b"'", true),
            _ => None,
        }
    }

    fn bracket(&mut self, byte: u8) {
        let is_shell = self.syntax.strings == Strings::Shell;
        // Of the shell's brackets only those of lists count: cases and subshells hold statements of their own.
        let counts = !is_shell || !self.open.is_empty() || self.at > 0 && self.bytes[self.at - 1] == b'=';
        if self.syntax.joining.contains(&byte) && counts {
            self.open.push(true);
        } else if self.syntax.holding.contains(&byte) {
            self.open.push(false);
        } else if matches!(byte, b')' | b']' | b'}')
            && [self.syntax.joining, self.syntax.holding].concat().contains(&opener(byte))
        {
            self.open.pop();
        }
    }

    /// Takes the texts that `<<WORD` on the lines of a command announces; they follow its last line.
    fn heredocs(&mut self, last: usize) {
        let mut first = last;
        while first > 0 && self.page.lines[first - 1].joined {
            first -= 1;
        }
        let command = self.page.lines[first].span.hull(self.page.lines[last].span).text(self.text);
        let words = heredoc_words(command);
        for word in words {
            let mut line = self.line + 1;
            while let Some(found) = self.page.lines.get(line) {
                if found.span.text(self.text).trim() == word {
                    break;
                }
                line += 1;
            }
            if line >= self.page.lines.len() {
                return;
            }
            for inner in self.line..line {
                self.page.lines[inner].joined = true;
            }
            self.body(self.line + 1, line);
            self.line = line;
        }
        self.at = self.page.lines[self.line].span.end as usize;
        self.instruction.continues = false;
    }

    /// Takes the lines of such a text: a script, as a rule.
    fn body(&mut self, from: usize, to: usize) {
        for at in from..to {
            let span = self.page.lines[at].span;
            let text = span.text(self.text);
            let comment = comment_in_line(text, "#").map(|start| span.start as usize + start);
            let line = &mut self.page.lines[at];
            line.has_code = comment
                .map_or(!text.trim().is_empty(), |start| !self.text[span.start as usize..start].trim().is_empty());
            line.joined_within = text.ends_with('\\');
            if let Some(start) = comment {
                line.has_comment = true;
                self.page.comments.push(Comment {
                    span: Span::new(start, span.end as usize),
                    is_value: false,
                    is_shown: false,
                });
            }
        }
        self.page.lines[to].has_code = true;
    }
}

/// Where a comment starts in a line of a language that nothing else is known of: at its start or behind a blank, outside
/// of quotes that are closed.
pub(super) fn comment_in_line(line: &str, opener: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let starts = at == 0 || bytes[at - 1].is_ascii_whitespace();
        if starts && bytes[at..].starts_with(opener.as_bytes()) {
            return Some(at);
        }
        at += match bytes[at] {
            quote @ (b'"' | b'\'') => closed(&bytes[at..], &[quote], quote == b'"').unwrap_or(1),
            b'\\' => 2,
            _ => 1,
        };
    }
    None
}

/// The length of a string with its quotes; none where it is not closed.
fn closed(rest: &[u8], quote: &[u8], has_escapes: bool) -> Option<usize> {
    let mut at = quote.len();
    while at < rest.len() {
        if rest[at..].starts_with(quote) {
            return Some(at + quote.len());
        }
        at += if has_escapes && rest[at] == b'\\' { 2 } else { 1 };
    }
    None
}

/// The length of CMake's `[[text]]` or `[=[text]=]`.
fn bracket_argument(rest: &[u8]) -> Option<usize> {
    let equals = rest.get(1..)?.iter().take_while(|&&byte| byte == b'=').count();
    if rest.get(equals + 1) != Some(&b'[') {
        return None;
    }
    let close = [b"]".to_vec(), vec![b'='; equals], b"]".to_vec()].concat();
    memchr::memmem::find(rest, &close).map(|at| at + close.len())
}

/// The length of Nix's `''text''`: `'''`, `''$` and `''\` do not end it.
fn nix_block(rest: &[u8]) -> Option<usize> {
    let mut at = 2;
    while at + 1 < rest.len() {
        if &rest[at..at + 2] != b"''" {
            at += 1;
        } else if matches!(rest.get(at + 2), Some(b'\'' | b'$' | b'\\')) {
            at += 3;
        } else {
            return Some(at + 2);
        }
    }
    None
}

fn opener(close: u8) -> u8 {
    match close {
        b')' => b'(',
        b']' => b'[',
        _ => b'{',
    }
}

/// The words that end the texts which a command announces.
fn heredoc_words(command: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = command;
    while let Some(at) = rest.find("<<") {
        rest = &rest[at + 2..];
        // `<<<` is one word that follows.
        if let Some(behind) = rest.strip_prefix('<') {
            rest = behind;
            continue;
        }
        let word = rest.trim_start_matches('-').trim_start().trim_start_matches(['"', '\'', '\\']);
        let length = word.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        if length > 0 && !word.starts_with(|first: char| first.is_ascii_digit()) {
            words.push(&word[..length]);
        }
    }
    words
}
