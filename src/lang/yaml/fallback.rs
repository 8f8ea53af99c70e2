//! Reads what does not parse as YAML, line by line.

use rustc_hash::FxHashSet;

use super::walk::set;
use crate::facts::{FileFacts, SettingKind, Text};
use crate::lang::remarks;
use crate::span::Span;

/// Adds what the lines of a region set, unless the parser found it already.
pub fn scan(text: &str, region: Span, facts: &mut FileFacts) {
    let known: FxHashSet<u32> = facts.settings.iter().map(|setting| setting.value_span.start).collect();
    let first = facts.settings.len();
    for line in remarks::lines(text, region).filter(|line| line.text(text).contains("gfx")) {
        if !entry(text, line, facts) {
            defaults(text, line, facts);
        }
    }
    let added = facts.settings.split_off(first);
    facts.settings.extend(added.into_iter().filter(|setting| !known.contains(&setting.value_span.start)));
}

/// Reads `KEY: "list"`, `- KEY=list`.
fn entry(text: &str, line: Span, facts: &mut FileFacts) -> bool {
    let written = line.text(text);
    let body = written.trim_start_matches([' ', '\t', '-', '"', '\'']);
    let name_length =
        body.bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')).count();
    let Some(value) =
        body[name_length..].trim_start_matches(['"', '\'']).strip_prefix([':', '=']).filter(|_| name_length > 0)
    else {
        return false;
    };
    let name_start = line.end as usize - body.len();
    let value = value.split(" #").next().unwrap_or_default();
    let value_start = name_start + body[name_length..].find([':', '=']).unwrap_or_default() + name_length + 1;
    let blanks = value.len() - value.trim_start_matches([' ', '\t', '"', '\'', '[']).len();
    let inner = value[blanks..].trim_end_matches([' ', '\t', '"', '\'', ']', '\r']);
    let value_span = Span::new(value_start + blanks, value_start + blanks + inner.len());
    if remarks::list(text, value_span).is_none() {
        return false;
    }
    let name_span = Span::new(name_start, name_start + name_length);
    set(text, name_span.text(text), name_span, value_span, facts);
    true
}

/// Reads every `${X:-list}` of a line.
fn defaults(text: &str, line: Span, facts: &mut FileFacts) {
    let mut at = line.start as usize;
    while let Some(offset) = text.get(at..line.end as usize).and_then(|rest| rest.find(":-")) {
        let colon = at + offset;
        at = colon + 2;
        let before = text.get(line.start as usize..colon).unwrap_or_default();
        let name = before.len()
            - before.bytes().rev().take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'_').count();
        let close = text.get(at..line.end as usize).and_then(|rest| rest.find('}'));
        let Some(close) = close.filter(|_| before[..name].ends_with("${") && name < before.len()) else { continue };
        let value = Span::new(at, at + close);
        if remarks::list(text, value).is_some() {
            let span = Span::new(line.start as usize + name, value.end as usize);
            facts.settings.push(remarks::setting(
                &before[name..],
                span,
                value,
                Text::literal(value.text(text), Some(value)),
                SettingKind::ShellDefault,
            ));
        }
        at += close;
    }
}
