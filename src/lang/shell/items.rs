//! A script as a list of simple commands and the brackets between them.
//!
//! The published grammar for Bash ends `${X:-gfx90a;gfx942}` at the semicolon and joins `A=1 B=2` with the line behind
//! it; lists of targets are written just so. Reading commands needs little syntax, so it is done here.

use std::ops::Range;

use super::scan::{self, Heredoc};

/// One thing in a script.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// A simple command.
    Command(Simple),
    /// `(` that starts a subshell.
    Open,
    /// `)`: ends a subshell, or the pattern of a `case`.
    Close,
    /// `;;` and its variants.
    CaseEnd,
    /// A comment, with its `#`.
    Comment(Range<usize>),
    /// Something whose end is missing.
    Unclosed(Range<usize>),
}

/// Words up to the next operator.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Simple {
    /// The words, quotes included.
    pub words: Vec<Range<usize>>,
    /// What output goes to: the word behind `>` or `>>`.
    pub outputs: Vec<Range<usize>>,
    /// The word behind `<<<`.
    pub here_string: Option<Range<usize>>,
    /// The bodies of its here-documents.
    pub bodies: Vec<Range<usize>>,
    /// What stands behind it.
    pub then: Then,
}

/// What connects a command to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Then {
    /// `;`, `&` or the end of the line.
    #[default]
    Next,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|` and `|&`
    Pipe,
}

/// Reads the items of a range of `text`.
pub(super) fn items(text: &str, range: Range<usize>) -> Vec<Item> {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: range.start,
        end: range.end.min(text.len()),
        items: Vec::new(),
        current: Simple::default(),
        pending: Vec::new(),
        unclosed: Vec::new(),
        is_open: false,
    };
    while reader.at < reader.end {
        reader.step();
    }
    reader.finish(Then::Next);
    reader.items.extend(reader.unclosed.into_iter().map(Item::Unclosed));
    reader.items
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    items: Vec<Item>,
    current: Simple,
    /// Here-documents whose bodies follow the line, with the item that each belongs to.
    pending: Vec<(Heredoc, usize)>,
    unclosed: Vec<Range<usize>>,
    /// Whether a bracket was met that nothing closes.
    is_open: bool,
}

impl Reader<'_> {
    fn step(&mut self) {
        let rest = &self.bytes[self.at..self.end];
        match rest {
            [b' ' | b'\t' | b'\r', ..] => self.at += 1,
            [b'\\', b'\n', ..] => self.at += 2,
            [b'\\', b'\r', b'\n', ..] => self.at += 3,
            [b'\n', ..] => self.newline(),
            [b'#', ..] => self.comment(),
            [b'&', b'&', ..] => self.connect(Then::And, 2),
            [b'|', b'|', ..] => self.connect(Then::Or, 2),
            [b'|', b'&', ..] => self.connect(Then::Pipe, 2),
            [b'|', ..] => self.connect(Then::Pipe, 1),
            [b'&', b'>', ..] => self.redirect(1),
            [b';', b';', ..] => self.bracket(Item::CaseEnd, if rest.get(2) == Some(&b'&') { 3 } else { 2 }),
            [b';', b'&', ..] => self.bracket(Item::CaseEnd, 2),
            [b';' | b'&', ..] => self.connect(Then::Next, 1),
            [b'<' | b'>', b'(', ..] => self.process_substitution(),
            [b'<', b'<', b'<', ..] => self.here_string(),
            [b'<', b'<', ..] => self.heredoc(),
            [b'<' | b'>', ..] => self.redirect(0),
            [b'(', b'(', ..] => self.arithmetic(),
            [b'(', ..] => self.bracket(Item::Open, 1),
            [b')', ..] => self.bracket(Item::Close, 1),
            _ => self.word(),
        }
    }

    fn finish(&mut self, then: Then) {
        if self.current.words.is_empty() && self.current.outputs.is_empty() && !self.owns_heredoc() {
            return;
        }
        let mut done = std::mem::take(&mut self.current);
        done.then = then;
        self.items.push(Item::Command(done));
    }

    /// Whether a here-document belongs to the command that is being read.
    fn owns_heredoc(&self) -> bool {
        self.pending.last().is_some_and(|&(_, item)| item == self.items.len())
    }

    fn connect(&mut self, then: Then, length: usize) {
        self.finish(then);
        self.at += length;
    }

    fn bracket(&mut self, item: Item, length: usize) {
        self.finish(Then::Next);
        self.items.push(item);
        self.at += length;
    }

    /// The end of a line: here-documents that were announced on it follow.
    fn newline(&mut self) {
        self.at += 1;
        // `a &&` and `a |` go on behind the newline; the command is finished already.
        self.finish(Then::Next);
        for (heredoc, item) in std::mem::take(&mut self.pending) {
            let (body_end, next) = heredoc.body(self.bytes, self.at, self.end);
            if let Some(Item::Command(command)) = self.items.get_mut(item) {
                command.bodies.push(self.at..body_end);
            }
            self.at = next;
        }
    }

    fn comment(&mut self) {
        let end = memchr::memchr(b'\n', &self.bytes[self.at..self.end]).map_or(self.end, |found| self.at + found);
        let comment = Item::Comment(self.at..end);
        self.at = end;
        // The command that it stands behind comes first.
        self.finish(Then::Next);
        self.items.push(comment);
    }

    fn heredoc(&mut self) {
        match Heredoc::read(self.bytes, self.at, self.end) {
            Some(heredoc) => {
                self.at = heredoc.after;
                self.pending.push((heredoc, self.items.len()));
            }
            None => self.at += 2,
        }
    }

    fn here_string(&mut self) {
        self.at += 3;
        self.current.here_string = self.operand();
    }

    /// `>`, `>>`, `<`, `>&2`, behind `skip` bytes.
    fn redirect(&mut self, skip: usize) {
        // `2>` is no word and an operator.
        let last = self
            .current
            .words
            .last()
            .cloned()
            .filter(|word| word.end == self.at && self.bytes[word.clone()].iter().all(u8::is_ascii_digit));
        if last.is_some() {
            self.current.words.pop();
        }
        self.at += skip;
        let is_output = self.bytes[self.at] == b'>';
        self.at += 1;
        while self.at < self.end && matches!(self.bytes[self.at], b'>' | b'&' | b'|') {
            self.at += 1;
        }
        let operand = self.operand();
        if is_output {
            self.current.outputs.extend(operand);
        }
    }

    /// The word behind an operator.
    fn operand(&mut self) -> Option<Range<usize>> {
        while self.at < self.end && matches!(self.bytes[self.at], b' ' | b'\t') {
            self.at += 1;
        }
        let start = self.at;
        let (end, closed) = scan::word_end(self.bytes, start, self.end);
        self.at = end;
        if !closed {
            self.unclosed.push(start..end);
        }
        (end > start).then_some(start..end)
    }

    fn process_substitution(&mut self) {
        let start = self.at;
        self.at = scan::paren_end(self.bytes, start + 2, self.end).unwrap_or(self.end);
        self.current.words.push(start..self.at);
    }

    /// `((...))`: no words in it.
    fn arithmetic(&mut self) {
        let start = self.at;
        // Where nothing closes the brackets, each would be looked for to the end.
        let end = if self.is_open { None } else { scan::paren_end(self.bytes, start + 1, self.end) };
        self.is_open |= end.is_none();
        match end {
            Some(end) if self.bytes[..end].ends_with(b"))") => self.at = end,
            _ => self.bracket(Item::Open, 1),
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let (mut end, mut closed) = scan::word_end(self.bytes, start, self.end);
        let opens = self.bytes.get(end) == Some(&b'(') && end < self.end;
        if opens && self.bytes[start..end].ends_with(b"=") {
            let array = scan::paren_end(self.bytes, end + 1, self.end);
            (end, closed) = array.map_or((self.end, false), |end| (end, true));
        } else if opens && self.bytes[end..self.end].starts_with(b"()") {
            // A function's name; its body is a group like any other.
            self.at = end + 2;
            self.finish(Then::Next);
            return;
        }
        self.at = end.max(start + 1);
        self.current.words.push(start..end);
        if !closed {
            self.unclosed.push(start..end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<&str>> {
        let commands = items(text, 0..text.len()).into_iter().filter_map(|item| match item {
            Item::Command(command) => Some(command.words.into_iter().map(|word| &text[word]).collect()),
            _ => None,
        });
        commands.collect()
    }

    #[test]
    fn commands_end_where_operators_stand() {
        assert_eq!(
            words("a b && c;d|e\nX=${X:-g;h} f # x; y\n"),
            [vec!["a", "b"], vec!["c"], vec!["d"], vec!["e"], vec!["X=${X:-g;h}", "f"]]
        );
        assert_eq!(
            words("A=1 B=2\nC=(x \"y z\") D=$(p \"q)\" | r) f() { g; }"),
            [vec!["A=1", "B=2"], vec!["C=(x \"y z\")", "D=$(p \"q)\" | r)"], vec!["{", "g"], vec!["}"]]
        );
        assert_eq!(words("x 2>&1 >out; ((i = 1)); y"), [vec!["x"], vec!["y"]]);
    }

    #[test]
    fn bodies_belong_to_their_command() {
        let text = "cat <<-A > f && b <<'B'\n\tone's\n\tA\ntwo\nB\nc";
        let found: Vec<_> = items(text, 0..text.len());
        let bodies: Vec<_> = found
            .iter()
            .filter_map(|item| {
                if let Item::Command(command) = item {
                    Some(command.bodies.iter().map(|body| &text[body.clone()]).collect::<Vec<_>>())
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(bodies, [vec!["\tone's\n"], vec!["two\n"], vec![]]);
    }

    #[test]
    fn a_missing_quote_is_reported() {
        assert!(items("a 'b", 0..4).contains(&Item::Unclosed(2..4)));
    }
}
