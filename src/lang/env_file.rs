//! Environment files: `.env` of Compose, `EnvironmentFile=` of systemd, `--env-file` of Docker.

use super::interpolate::{self, Syntax};
use super::shell::Joined;
use super::{Candidate, FrontEnd, remarks};
use crate::facts::{FileFacts, Gap, SettingKind, Text};
use crate::span::Span;

/// Environment files.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "env",
    claims,
    // Any of its variables may be one that a compose file beside it uses.
    words: &[],
    joined: None,
    extract,
    extract_callers: None,
};

/// `.env`, `.env.example`, `vllm.env`.
fn claims(candidate: &Candidate<'_>) -> bool {
    let name = candidate.name;
    let is_sample = name.starts_with(".env.") || name.starts_with(".env-") || name.starts_with(".env_");
    name == ".env"
        || candidate.has_extension(&["env"])
        || is_sample
            && !candidate.has_extension(&["sh", "bash", "py", "js", "ts", "md", "json", "yml", "yaml", "nix", "j2"])
}

fn extract(text: &str, facts: &mut FileFacts) {
    let lines: Vec<Span> = remarks::lines(text, Span::new(0, text.len())).collect();
    let mut at = 0;
    while let Some(&line) = lines.get(at) {
        let content = remarks::trimmed(text, line);
        at += 1;
        if content.text(text).starts_with('#') {
            remarks::comment(text, content, facts);
            continue;
        }
        let Some((name, value)) = assignment(text, content) else { continue };
        let quote = value.text(text).chars().next().filter(|quote| matches!(quote, '"' | '\''));
        let Some(quote) = quote else {
            push(text, name, unquoted(text, value), true, facts);
            continue;
        };
        let start = value.range().start + 1;
        match closing(text, start, quote) {
            Some(close) => {
                push(text, name, Span::new(start, close), quote == '"', facts);
                // A value in quotes may run over lines.
                while lines.get(at).is_some_and(|line| line.range().start <= close) {
                    at += 1;
                }
            }
            None => facts.gaps.push(Gap { span: content, what: "a closing quote".to_owned() }),
        }
    }
}

/// The name and what stands behind `=`.
fn assignment(text: &str, line: Span) -> Option<(Span, Span)> {
    let written = line.text(text);
    let body = written.strip_prefix("export ").map_or(written, str::trim_start);
    let (name, value) = body.split_once('=')?;
    let name = name.trim_end();
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    let start = line.range().end - body.len();
    let value = value.trim_start();
    is_name.then(|| (Span::new(start, start + name.len()), Span::new(line.range().end - value.len(), line.range().end)))
}

/// A value up to the comment behind it.
fn unquoted(text: &str, value: Span) -> Span {
    let written = value.text(text);
    let end = if written.starts_with('#') {
        0
    } else {
        [" #", "\t#"].iter().filter_map(|mark| written.find(mark)).min().unwrap_or(written.len())
    };
    let length = written[..end].trim_end().len();
    Span::new(value.range().start, value.range().start + length)
}

/// Where the quote stands that ends a value; a backslash protects a double one.
fn closing(text: &str, start: usize, quote: char) -> Option<usize> {
    let rest = text.get(start..)?;
    let mut is_protected = false;
    for (at, character) in rest.char_indices() {
        if character == quote && !is_protected {
            return Some(start + at);
        }
        is_protected = quote == '"' && character == '\\' && !is_protected;
    }
    None
}

fn push(text: &str, name: Span, value_span: Span, has_references: bool, facts: &mut FileFacts) {
    let value = if has_references {
        let joined = Joined::new(text, &[value_span]);
        interpolate::value(&joined, 0..joined.text().len(), Syntax::EnvFile)
    } else if value_span.text(text).is_empty() {
        Text::default()
    } else {
        Text::literal(value_span.text(text), Some(value_span))
    };
    let span = name.hull(value_span);
    facts.settings.push(remarks::setting(name.text(text), span, value_span, value, SettingKind::EnvFile));
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "# for gfx942\nA=gfx1100 # why\nexport B=\"x ${C:-y}\"\r\nD='$E'\nF=\nG=\"a\nH=b\"\nI J=k\nK=v#w\nL=\"open\n";

    fn read(text: &str) -> Vec<(String, Option<String>)> {
        let mut facts = FileFacts::default();
        extract(text, &mut facts);
        remarks::assert_spans(text, &facts);
        facts.settings.iter().map(|setting| (setting.name.clone(), setting.value.by_default())).collect()
    }

    #[test]
    fn lines_are_settings() {
        let known = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        assert_eq!(
            read(FILE),
            [
                known("A", "gfx1100"),
                known("B", "x y"),
                known("D", "$E"),
                known("F", ""),
                known("G", "a\nH=b"),
                known("K", "v#w")
            ]
        );
    }

    #[test]
    fn names_tell_environment_files() {
        let claimed = |name: &str| claims(&Candidate { path: name, name, head: b"" });
        assert!(claimed(".env") && claimed("vllm.env") && claimed(".env.example") && claimed(".env-template"));
        assert!(!claimed("env.py") && !claimed(".env.ts") && !claimed("environment"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_fatal(at in 0usize..120, junk in "[A-Z=\"'\\\\$#{} \n\té]{0,20}") {
            let mut mutated = FILE.to_owned();
            mutated.insert_str(at.min(FILE.len()), &junk);
            read(&mutated);
        }
    }
}
