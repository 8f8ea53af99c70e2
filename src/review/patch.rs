//! Unified diffs: `git diff`, `git format-patch`, `diff -u`.

use crate::error::RunError;
use crate::report::printable;

/// What a diff does to one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilePatch {
    /// Its path before, as written; none where it is new.
    pub old: Option<String>,
    /// Its path after, as written; none where it is deleted.
    pub new: Option<String>,
    /// The pieces, in order.
    pub hunks: Vec<Hunk>,
    /// Why nothing of its text is told: it is binary, or a submodule.
    pub opaque: Option<Opaque>,
    /// Whether the diff says that the file is copied, so that the old one stays.
    pub is_copy: bool,
}

/// Why a diff shows no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opaque {
    /// The file is binary.
    Binary,
    /// It is a submodule: a commit of another repository.
    Submodule,
}

/// A piece of a file's diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The 1-based first line before.
    pub old_start: usize,
    /// The lines, each with what becomes of it.
    pub lines: Vec<(Kind, Vec<u8>)>,
    /// The 1-based line of its header in the diff.
    pub at: usize,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It stays.
    Context,
    /// It is new.
    Added,
    /// It goes.
    Removed,
}

fn malformed(line: usize, what: &str) -> RunError {
    RunError::Usage {
        what: format!("line {line} of the patch: {what}"),
        help: "make the patch anew with `git diff` or `git format-patch`; mail programs break lines of patches"
            .to_owned(),
    }
}

/// Reads a diff; empty for a text without content.
///
/// # Errors
/// A text that holds no unified diff, a piece that is cut off, the diff of a merge.
pub fn parse(text: &[u8]) -> Result<Vec<FilePatch>, RunError> {
    let lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
    let mut reader = Reader { lines: &lines, at: 0, files: Vec::new() };
    while reader.at < lines.len() {
        reader.step()?;
    }
    let files = reader.files;
    if files.is_empty() && !text.iter().all(u8::is_ascii_whitespace) {
        return Err(RunError::Usage {
            what: "the patch holds no unified diff".to_owned(),
            help: "give what `git diff`, `git format-patch` or `diff -u` prints".to_owned(),
        });
    }
    Ok(files)
}

struct Reader<'t> {
    lines: &'t [&'t [u8]],
    at: usize,
    files: Vec<FilePatch>,
}

impl Reader<'_> {
    /// Takes in the next line outside of hunks, or a whole hunk.
    fn step(&mut self) -> Result<(), RunError> {
        let line = trimmed(self.lines[self.at]);
        let text = String::from_utf8_lossy(line).into_owned();
        self.at += 1;
        if let Some(names) = text.strip_prefix("diff --git ") {
            let (old, new) = names_of_header(names);
            self.files.push(FilePatch { old, new, ..FilePatch::default() });
        } else if text.starts_with("diff --cc ") || text.starts_with("diff --combined ") || text.starts_with("@@@ ") {
            return Err(RunError::Usage {
                what: format!("line {} of the patch: the combined diff of a merge", self.at),
                help: "give the change against one side: `git diff BASE...MERGE`".to_owned(),
            });
        } else if let Some(name) = text.strip_prefix("--- ").filter(|_| self.followed_by(b"+++ ")) {
            let new = trimmed(self.lines[self.at]);
            let new = path_of(&String::from_utf8_lossy(new)[4..]);
            self.at += 1;
            // Without a git header, the two lines start a file.
            if !self.header_is_open() {
                self.files.push(FilePatch::default());
            }
            if let Some(file) = self.files.last_mut() {
                (file.old, file.new) = (path_of(name), new);
            }
        } else if text.starts_with("@@ ") && !self.files.is_empty() {
            let hunk = self.hunk(&text)?;
            if let Some(file) = self.files.last_mut() {
                let says_commit = |(_, line): &(Kind, Vec<u8>)| line.starts_with(b"Subproject commit ");
                if !hunk.lines.is_empty() && hunk.lines.iter().all(says_commit) {
                    file.opaque = Some(Opaque::Submodule);
                } else {
                    file.hunks.push(hunk);
                }
            }
        } else if let Some(file) = self.files.last_mut().filter(|file| file.hunks.is_empty()) {
            extended_header(file, &text);
        }
        Ok(())
    }

    /// Whether the last `diff --git` has had no `---` line yet: the lines between are its extended header.
    fn header_is_open(&self) -> bool {
        let before = &self.lines[..self.at.saturating_sub(2)];
        before
            .iter()
            .rev()
            .take_while(|line| !line.starts_with(b"--- ") && !line.starts_with(b"@@ "))
            .any(|line| line.starts_with(b"diff --git "))
    }

    fn followed_by(&self, start: &[u8]) -> bool {
        self.lines.get(self.at).is_some_and(|line| line.starts_with(start))
    }

    /// The hunk behind a header that was just read, by the counts in it.
    fn hunk(&mut self, header: &str) -> Result<Hunk, RunError> {
        let at = self.at;
        let (old_start, mut old, mut new) =
            counts(header).ok_or_else(|| malformed(at, "a `@@` line without its numbers"))?;
        let mut lines: Vec<(Kind, Vec<u8>)> = Vec::new();
        while old > 0 || new > 0 || self.followed_by(b"\\") {
            let Some(line) = self.lines.get(self.at) else {
                return Err(malformed(at, "this piece is cut off: it has fewer lines than its header says"));
            };
            self.at += 1;
            let (kind, body) = match line.first() {
                Some(b'+') => (Kind::Added, &line[1..]),
                Some(b'-') => (Kind::Removed, &line[1..]),
                Some(b' ') => (Kind::Context, &line[1..]),
                // Some programs strip the blank of an empty line.
                Some(b'\n' | b'\r') => (Kind::Context, *line),
                Some(b'\\') => {
                    if let Some((_, last)) = lines.last_mut().filter(|(_, last)| last.ends_with(b"\n")) {
                        last.pop();
                    }
                    continue;
                }
                _ => return Err(malformed(self.at, "neither kept, added nor removed: a piece ends too early")),
            };
            let taken = match kind {
                Kind::Context => old.checked_sub(1).zip(new.checked_sub(1)),
                Kind::Added => Some(old).zip(new.checked_sub(1)),
                Kind::Removed => old.checked_sub(1).zip(Some(new)),
            };
            (old, new) = taken.ok_or_else(|| malformed(self.at, "this piece has more lines than its header says"))?;
            lines.push((kind, body.to_vec()));
        }
        Ok(Hunk { old_start, lines, at })
    }
}

/// Lines between `diff --git` and the first hunk.
fn extended_header(file: &mut FilePatch, text: &str) {
    if let Some(name) = text.strip_prefix("rename from ").or_else(|| text.strip_prefix("copy from ")) {
        file.old = Some(unquoted(name));
        file.is_copy = text.starts_with("copy");
    } else if let Some(name) = text.strip_prefix("rename to ").or_else(|| text.strip_prefix("copy to ")) {
        file.new = Some(unquoted(name));
    } else if text.starts_with("new file mode ") {
        file.old = None;
    } else if text.starts_with("deleted file mode ") {
        file.new = None;
    } else if text.starts_with("Binary files ") || text == "GIT binary patch" {
        file.opaque = Some(Opaque::Binary);
    }
    if text.starts_with("index ") && text.ends_with(" 160000") || text.ends_with("file mode 160000") {
        file.opaque = Some(Opaque::Submodule);
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// `@@ -12,3 +12,4 @@`: the first line, the lines before, the lines after.
fn counts(header: &str) -> Option<(usize, usize, usize)> {
    let mut parts = header.strip_prefix("@@ ")?.split(' ');
    let range = |part: &str, sign: char| -> Option<(usize, usize)> {
        let part = part.strip_prefix(sign)?;
        let (start, length) = part.split_once(',').unwrap_or((part, "1"));
        Some((start.parse().ok()?, length.parse().ok()?))
    };
    let (old_start, old) = range(parts.next()?, '-')?;
    let (_, new) = range(parts.next()?, '+')?;
    (parts.next()? == "@@").then_some((old_start, old, new))
}

/// The paths of a `diff --git` line: told apart where both are the same behind their prefixes.
fn names_of_header(names: &str) -> (Option<String>, Option<String>) {
    if let Some(rest) = names.strip_prefix('"')
        && let Some((old, new)) = rest.split_once("\" ")
    {
        return (Some(unquoted(&format!("\"{old}\""))), Some(unquoted(new)));
    }
    let found = names.match_indices(' ').map(|(at, _)| (&names[..at], &names[at + 1..])).find(|(old, new)| {
        old.split_once('/').map_or(*old, |(_, rest)| rest) == new.split_once('/').map_or(*new, |(_, rest)| rest)
    });
    let (old, new) = found.or_else(|| names.split_once(' ')).unwrap_or((names, names));
    (Some(old.to_owned()), Some(new.to_owned()))
}

/// The path of a `---` or `+++` line; none for `/dev/null`.
fn path_of(text: &str) -> Option<String> {
    // `diff -u` writes a time behind a tab.
    let name = if text.starts_with('"') { text } else { text.split('\t').next().unwrap_or_default() };
    let name = unquoted(name.trim_end());
    (name != "/dev/null").then_some(name)
}

/// A name as git quotes it: `"a/\303\251.py"`.
fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return text.to_owned() };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(first @ b'0'..=b'3') => {
                let mut value = u32::from(first - b'0');
                for _ in 0..2 {
                    if let Some(digit @ b'0'..=b'7') = rest.peek().copied() {
                        value = value * 8 + u32::from(digit - b'0');
                        rest.next();
                    }
                }
                bytes.push(u8::try_from(value).unwrap_or(b'?'));
            }
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text with the pieces applied. Line ends are the text's own.
///
/// # Errors
/// The first piece that fits nowhere.
pub fn apply<'h>(text: &[u8], hunks: &'h [Hunk]) -> Result<Vec<u8>, &'h Hunk> {
    let lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
    let has_returns = lines.first().is_some_and(|line| line.ends_with(b"\r\n"));
    let mut made = Vec::with_capacity(text.len() + 256);
    let (mut done, mut shift) = (0usize, 0isize);
    for hunk in hunks {
        let wanted: Vec<&[u8]> =
            hunk.lines.iter().filter(|(kind, _)| *kind != Kind::Added).map(|(_, line)| line.as_slice()).collect();
        // A piece without old lines stands behind the line that it names.
        let stated = hunk.old_start.saturating_sub(usize::from(!wanted.is_empty()));
        let expected = stated.saturating_add_signed(shift);
        let Some(start) = find(&lines, &wanted, expected, done) else { return Err(hunk) };
        shift = start.cast_signed() - stated.cast_signed();
        lines[done..start].iter().for_each(|line| made.extend_from_slice(line));
        let mut at = start;
        for (kind, line) in &hunk.lines {
            match kind {
                Kind::Context => made.extend_from_slice(lines[at]),
                Kind::Added => {
                    made.extend_from_slice(trimmed(line));
                    if line.ends_with(b"\n") {
                        made.extend_from_slice(if has_returns { b"\r\n" } else { b"\n" });
                    }
                }
                Kind::Removed => {}
            }
            at += usize::from(*kind != Kind::Added);
        }
        done = at;
    }
    lines[done..].iter().for_each(|line| made.extend_from_slice(line));
    Ok(made)
}

/// Where the wanted lines stand, nearest to where they should; not before `from`.
fn find(lines: &[&[u8]], wanted: &[&[u8]], expected: usize, from: usize) -> Option<usize> {
    let last = lines.len().checked_sub(wanted.len())?;
    let fits = |start: usize| {
        (from..=last).contains(&start)
            && wanted.iter().zip(&lines[start..]).all(|(wanted, line)| trimmed(wanted) == trimmed(line))
    };
    (0..=lines.len()).find_map(|distance| {
        [expected.checked_sub(distance), expected.checked_add(distance)]
            .into_iter()
            .flatten()
            .find(|&start| fits(start))
    })
}

/// The pieces the other way round.
pub fn reversed(hunks: &[Hunk]) -> Vec<Hunk> {
    let turn = |(kind, line): &(Kind, Vec<u8>)| {
        let kind = match kind {
            Kind::Context => Kind::Context,
            Kind::Added => Kind::Removed,
            Kind::Removed => Kind::Added,
        };
        (kind, line.clone())
    };
    hunks.iter().map(|hunk| Hunk { lines: hunk.lines.iter().map(turn).collect(), ..hunk.clone() }).collect()
}

/// That a patch does not fit a tree.
pub fn does_not_apply(path: &str, hunk: &Hunk, is_applied: bool) -> RunError {
    let path = printable(path);
    let (what, help) = if is_applied {
        (
            format!("the patch does not apply: {path} has this change already"),
            "review it with --base and the revision before it, or take it back first: `git apply --reverse`".to_owned(),
        )
    } else {
        (
            format!("the patch does not apply: the piece at line {} of the patch fits nowhere in {path}", hunk.at),
            "check out the revision that the patch was made for, or rebase the patch onto this one".to_owned(),
        )
    };
    RunError::Usage { what, help }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"one\ntwo\nthree\nfour\nfive\n";

    fn only(text: &str) -> FilePatch {
        let files = parse(text.as_bytes()).unwrap();
        assert_eq!(files.len(), 1, "{files:?}");
        files.into_iter().next().unwrap()
    }

    #[test]
    fn a_diff_changes_the_text() {
        let patch = only(
            "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -2,3 +2,3 @@ one\n two\n-three\n+3\n four\n",
        );
        assert_eq!((patch.old.as_deref(), patch.new.as_deref()), (Some("a/x"), Some("b/x")));
        assert_eq!(apply(TEXT, &patch.hunks).unwrap(), b"one\ntwo\n3\nfour\nfive\n");
        let back = apply(b"one\ntwo\n3\nfour\nfive\n", &reversed(&patch.hunks)).unwrap();
        assert_eq!(back, TEXT);
    }

    #[test]
    fn pieces_are_found_where_lines_moved_and_line_ends_are_kept() {
        let patch = only("--- x\t2026-01-01\n+++ x\t2026-01-02\n@@ -1,2 +1,3 @@\n two\n+2.5\n three\n");
        assert_eq!(apply(TEXT, &patch.hunks).unwrap(), b"one\ntwo\n2.5\nthree\nfour\nfive\n");
        assert_eq!(apply(b"two\r\nthree\r\n", &patch.hunks).unwrap(), b"two\r\n2.5\r\nthree\r\n");
        assert!(apply(b"two\nfour\n", &patch.hunks).is_err());
    }

    #[test]
    fn files_come_go_and_move() {
        let new = only(
            "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n",
        );
        assert_eq!((new.old.as_deref(), apply(b"", &new.hunks).unwrap()), (None, b"x".to_vec()));
        let gone = only("diff --git a/n b/n\ndeleted file mode 100644\n--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n");
        assert_eq!((gone.new, apply(b"x\n", &gone.hunks).unwrap()), (None, Vec::new()));
        let moved = only("diff --git a/o b/p\nsimilarity index 100%\nrename from o\nrename to p q\n");
        assert_eq!((moved.old.as_deref(), moved.new.as_deref()), (Some("o"), Some("p q")));
        let quoted = only("diff --git \"a/\\303\\251\" \"b/\\303\\251\"\nold mode 100644\nnew mode 100755\n");
        assert_eq!(quoted.new.as_deref(), Some("b/é"));
    }

    #[test]
    fn binary_files_and_submodules_are_told() {
        let binary = only("diff --git a/x.bin b/x.bin\nindex 1..2 100644\nBinary files a/x.bin and b/x.bin differ\n");
        assert_eq!(binary.opaque, Some(Opaque::Binary));
        let module = only(
            "diff --git a/m b/m\nindex 1..2 160000\n--- a/m\n+++ b/m\n@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2\n",
        );
        assert_eq!((module.opaque, module.hunks.len()), (Some(Opaque::Submodule), 0));
    }

    #[test]
    fn several_files_without_git_headers_are_told_apart() {
        let files = parse(b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n").unwrap();
        assert_eq!(files.iter().map(|file| file.new.as_deref()).collect::<Vec<_>>(), [Some("b/x"), Some("b/y")]);
    }

    #[test]
    fn what_is_no_diff_is_refused() {
        assert!(parse(b"  \n").unwrap().is_empty());
        let refused: &[&[u8]] = &[
            b"hello\n",
            b"--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n a\n",
            b"--- a/x\n+++ b/x\n@@ nonsense @@\n a\n",
            b"diff --cc x\n",
            b"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n+d\nxx\n@@ -9 +9 @@\nzz\n",
        ];
        for text in refused {
            assert!(parse(text).is_err(), "{}", String::from_utf8_lossy(text));
        }
    }
}
