//! What stands in words: options that set something, defaults, scripts and container files.

use std::ops::Range;

use super::command::{Assignment, assignment};
use super::items::{Item, Simple, items};
use super::substitution::unquoted;
use super::variables::FrameKind;
use super::walk::{self, Walker};
use super::{Host, is_shell, operator, scan};
use crate::arch::tokens;
use crate::facts::{Home, SettingKind};
use crate::span::Span;

/// Whether a text names a target.
pub(super) fn names_target(text: &str) -> bool {
    !tokens(text, Span::new(0, text.len())).is_empty()
}

impl Walker<'_> {
    /// Settings that options hand to the command: `-DX=v`, `--offload-arch=v`, `--build-arg X=v`, `-e X=v`.
    pub(super) fn options(&mut self, words: &[Range<usize>]) {
        let context = self.context(words);
        let joined = self.joined;
        let raw = |index: usize| {
            words.get(index).map_or("", |word: &Range<usize>| joined.slice(unquoted(joined, word.clone())))
        };
        let runs_container = words.len() > 1
            && ["docker", "podman", "nerdctl"].iter().any(|engine| raw(0).to_ascii_lowercase().contains(engine));
        let has_patterns = matches!(raw(0), "grep" | "sed" | "rg" | "awk");
        for (index, word) in words.iter().enumerate() {
            let inner = unquoted(joined, word.clone());
            let text = joined.slice(inner.clone());
            let next = words.get(index + 1).map(|next| unquoted(joined, next.clone()));
            let behind = |length: usize| Some(inner.start + length..inner.end);
            let (kind, operand) = match text {
                "--build-arg" => (SettingKind::BuildArg, next),
                "-D" => (SettingKind::BuildFlag, next),
                "-e" | "--env"
                    if !has_patterns
                        && (runs_container || next.clone().is_some_and(|next| is_environment(joined.slice(next)))) =>
                {
                    (SettingKind::ContainerEnv, next)
                }
                _ if text.starts_with("--build-arg=") => (SettingKind::BuildArg, behind("--build-arg=".len())),
                _ if text.starts_with("--env=") => (SettingKind::ContainerEnv, behind("--env=".len())),
                _ if text.starts_with("-D") => (SettingKind::BuildFlag, behind(2)),
                _ if text.starts_with("--offload-arch=") => (SettingKind::BuildFlag, behind(0)),
                _ => continue,
            };
            if let Some(operand) = operand {
                self.option(operand, kind, &context);
            }
        }
    }

    /// An option's `X=v`; also `-DX:STRING=v`.
    fn option(&mut self, operand: Range<usize>, kind: SettingKind, context: &str) {
        let joined = self.joined;
        let text = joined.slice(operand.clone());
        let Some(equals) = text.find('=') else { return };
        let name = text[..equals].split(':').next().unwrap_or_default();
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        if !is_name {
            return;
        }
        let found = Assignment { name, value: operand.start + equals + 1..operand.end, whole: operand, appends: false };
        let value = self.expander().word(found.value.clone());
        let setting = self.setting(&found, value, kind, context);
        self.facts.settings.push(setting);
    }

    /// Options in the value of a variable: `CMAKE_ARGS="-DGPU_TARGETS=gfx942 -DX=y"`.
    pub(super) fn flags_in_value(&mut self, value: Range<usize>) {
        let inner = unquoted(self.joined, value);
        let raw = self.joined.slice(inner.clone());
        // Arrays and the scripts of substitutions have been read as such.
        let is_read = raw.starts_with('(') || raw.contains("$(") || raw.contains('`');
        if is_read || !(raw.contains("-D") || raw.contains("--offload-arch=")) {
            return;
        }
        let mut at = inner.start;
        for word in raw.split(' ') {
            let range = at..at + word.len();
            at = range.end + 1;
            if word.starts_with("-D") || word.starts_with("--offload-arch=") {
                self.options(&[range]);
            }
        }
    }

    /// The words of `(a b)`.
    pub(super) fn array_words(&self, value: Range<usize>) -> Vec<Range<usize>> {
        let inside = value.start + 1..value.end.saturating_sub(1).max(value.start + 1);
        let commands = items(self.joined.text(), inside)
            .into_iter()
            .filter_map(|item| if let Item::Command(command) = item { Some(command) } else { None });
        commands.flat_map(|command| command.words).collect()
    }

    /// Notes defaults with targets in a word, and runs through its command substitutions.
    pub(super) fn expansions(&mut self, word: Range<usize>) {
        let (joined, bytes) = (self.joined, self.joined.text().as_bytes());
        let mut at = word.start;
        let mut quoted = false;
        while at < word.end {
            match bytes[at] {
                b'\\' => at += 2,
                b'"' => {
                    quoted = !quoted;
                    at += 1;
                }
                b'\'' if !quoted => at = scan::plain_end(bytes, at + 1, word.end, b'\'').unwrap_or(word.end),
                b'$' if bytes[at + 1..word.end].starts_with(b"{") => {
                    if let Some(end) = scan::brace_end(bytes, at + 2, word.end, quoted) {
                        self.default_at(at..end);
                    }
                    at += 2;
                }
                b'$' if bytes[at + 1..word.end].starts_with(b"(") => {
                    let end = scan::paren_end(bytes, at + 2, word.end).unwrap_or(word.end);
                    if !joined.slice(at..end).starts_with("$((") {
                        self.nested(at + 2..end.saturating_sub(1).max(at + 2));
                    }
                    at = end;
                }
                b'`' => {
                    let end = scan::plain_end(bytes, at + 1, word.end, b'`').unwrap_or(word.end);
                    self.nested(at + 1..end.saturating_sub(1).max(at + 1));
                    at = end;
                }
                _ => at += 1,
            }
        }
    }

    /// Notes `${X:-list}`.
    fn default_at(&mut self, expansion: Range<usize>) {
        let joined = self.joined;
        let Some((name, at)) = operator::default_word(joined.slice(expansion.clone())) else { return };
        let value = expansion.start + at..expansion.end - 1;
        let raw = joined.slice(value.clone());
        if !names_target(raw) || raw.starts_with('$') {
            return;
        }
        let found = Assignment { name, whole: expansion, value: value.clone(), appends: false };
        let text = self.expander().expand(value, false);
        let context = self.context(&[]);
        let setting = self.setting(
            &found,
            super::substitution::Value { text, ..Default::default() },
            SettingKind::ShellDefault,
            &context,
        );
        self.facts.settings.push(setting);
    }

    /// Runs through a script that is part of this one, in a subshell.
    fn nested(&mut self, script: Range<usize>) {
        if self.depth.get() >= walk::DEPTH || self.joined.slice(script.clone()).trim().is_empty() {
            return;
        }
        self.depth.set(self.depth.get() + 1);
        let directory = self.directory.clone();
        self.variables.open(FrameKind::Subshell);
        self.script(script);
        self.variables.close();
        self.directory = directory;
        self.depth.set(self.depth.get() - 1);
    }

    /// `bash -c '...'`, wherever it stands in the command.
    pub(super) fn scripts(&mut self, words: &[Range<usize>], home: Home) {
        for window in words.windows(3) {
            let [shell, option, script] = window else { continue };
            let option = self.joined.slice(option.clone());
            let takes_script = option.starts_with('-') && !option.starts_with("--") && option.ends_with('c');
            if takes_script && is_shell(self.joined.slice(shell.clone())) {
                self.quoted_script(script.clone(), home);
            }
        }
        let [program, .., last] = words else { return };
        // What another shell is handed as one word, here or on another machine.
        let hands_on =
            matches!(self.joined.slice(program.clone()), "eval" | "ssh" | "tmux" | "screen" | "su" | "runuser");
        if hands_on && self.joined.slice(last.clone()).contains(' ') {
            self.quoted_script(last.clone(), home);
        }
    }

    /// A script in quotes; in double ones backslashes that protect are left out.
    fn quoted_script(&mut self, word: Range<usize>, home: Home) {
        let inner = unquoted(self.joined, word.clone());
        if inner == word || self.depth.get() >= walk::DEPTH {
            return;
        }
        let raw = self.joined.slice(inner.clone());
        let mut pieces = Vec::new();
        let mut start = inner.start;
        if self.joined.slice(word).starts_with('"') {
            for (at, _) in raw.match_indices('\\').filter(|&(at, _)| raw[at + 1..].starts_with(['"', '$', '\\', '`'])) {
                pieces.extend(self.joined.spans(start..(inner.start + at).max(start)));
                start = inner.start + at + 1;
            }
        }
        pieces.extend(self.joined.spans(start..inner.end));
        self.embed(&pieces, home);
    }

    /// Reads another script with the variables as they are now.
    fn embed(&mut self, pieces: &[Span], home: Home) {
        let outer = self.host;
        let variables = &self.variables;
        let lookup = |name: &str| {
            variables.get(name).map(|variable| (variable.value.clone(), variable.at)).or_else(|| (outer.lookup)(name))
        };
        // A container does not get the variables of the shell that starts it.
        let environment = if home == outer.home { self.environment_of_script() } else { Vec::new() };
        let host = Host {
            lookup: &lookup,
            home,
            folder: self.folder.clone().filter(|_| home == outer.home),
            environment: &environment,
            assign_kind: outer.assign_kind,
            doubled_dollar: false,
        };
        walk::extract(self.source, pieces, &host, self.facts, self.depth.get() + 1);
    }

    /// Here-documents: container files and scripts are read, all else is not.
    pub(super) fn bodies(&mut self, words: &[Range<usize>], command: &Simple) {
        let joined = self.joined;
        let raw = |word: &Range<usize>| joined.slice(unquoted(joined, word.clone()));
        let feeds_shell = words.iter().any(|word| is_shell(raw(word)));
        let names = command.outputs.iter().chain(words.iter().skip(1)).map(raw);
        let writes_dockerfile = names.into_iter().any(crate::lang::dockerfile::is_container_file);
        let writes_script = command.outputs.iter().map(raw).any(|name| name.ends_with(".sh"));
        let builds = words.iter().any(|word| raw(word) == "build")
            && words.iter().any(|word| matches!(raw(word), "-" | "-f-" | "--file=-"));
        for body in &command.bodies {
            let pieces: Vec<Span> = joined.spans(body.clone()).collect();
            let is_script = feeds_shell || is_script(joined.slice(body.clone())) || writes_script;
            if is_script && self.depth.get() < walk::DEPTH {
                self.embed(&pieces, self.host.home);
            } else if (writes_dockerfile || builds) && joined.slice(body.clone()).to_ascii_uppercase().contains("FROM")
            {
                crate::lang::dockerfile::extract_region(self.source, &pieces, self.facts);
            }
        }
    }
}

/// Whether a text is a shell script by its first line.
fn is_script(text: &str) -> bool {
    super::has_shebang(text.as_bytes())
}

/// Whether a word is `NAME=...` in capitals, as environment variables are written.
fn is_environment(word: &str) -> bool {
    assignment(word, 0..word.len()).is_some_and(|found| {
        found.name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    })
}
