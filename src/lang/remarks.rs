//! What comments and sentences say of targets, and which texts are nothing but a list of targets.

use crate::arch::{ArchToken, TokenShape, tokens, tokens_in_prose};
use crate::facts::{FileFacts, Prose, ProseKind, Setting, SettingKind, Text, TextPart};
use crate::span::Span;

/// Whether a variable of that name holds targets: `PYTORCH_ROCM_ARCH`, `rocm-pytorch-rocm-arch`, `GPU_TARGETS`.
pub fn names_targets(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    ["rocm_arch", "gpu_arch", "gpu_target", "hip_arch", "offload_arch"].iter().any(|part| name.contains(part))
}

/// The targets of a text that names targets and nothing else, between `;`, `,`, `|` or blanks.
pub fn list(text: &str, within: Span) -> Option<Vec<ArchToken>> {
    let found = tokens(text, within);
    let mut at = within.start;
    for token in &found {
        if !is_separator(Span { start: at, end: token.span.start }.text(text)) {
            return None;
        }
        at = token.span.end;
    }
    (!found.is_empty() && is_separator(Span { start: at, end: within.end }.text(text))).then_some(found)
}

fn is_separator(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b';' | b',' | b'|' | b' ' | b'\t' | b'\n' | b'\r'))
}

/// The spans of the lines of `text[within]`, without their line ends.
pub fn lines(text: &str, within: Span) -> impl Iterator<Item = Span> {
    let mut at = within.start as usize;
    within.text(text).split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        Span::new(start, start + line.trim_end_matches(['\n', '\r']).len())
    })
}

/// The span without the blanks at its ends.
pub fn trimmed(text: &str, span: Span) -> Span {
    let inner = span.text(text);
    let start = span.start as usize + inner.len() - inner.trim_start().len();
    Span::new(start, start + inner.trim().len())
}

/// Adds every line of `text[within]` that names a target.
pub fn prose(text: &str, within: Span, kind: ProseKind, facts: &mut FileFacts) {
    // Most texts name none; that is cheaper to see at once than line by line.
    if memchr::memmem::find(within.text(text).as_bytes(), b"gfx").is_none() {
        return;
    }
    for line in lines(text, within) {
        let tokens = tokens_in_prose(text, line);
        if !tokens.is_empty() {
            facts.prose.push(Prose { kind, span: trimmed(text, line), tokens });
        }
    }
}

/// Adds what a comment says: the default that it states for a variable (`# X: archs (default: gfx90a;gfx942)`), or
/// the targets that it names.
pub fn comment(text: &str, span: Span, facts: &mut FileFacts) {
    match stated_default(text, span) {
        Some(setting) => facts.settings.push(setting),
        None => prose(text, span, ProseKind::Comment, facts),
    }
}

fn stated_default(text: &str, span: Span) -> Option<Setting> {
    let body = span.text(text);
    let name_at = span.start as usize + body.len() - body.trim_start_matches(['#', '/', ' ', '\t', '*', '-']).len();
    let rest = text.get(name_at..span.end as usize)?;
    let length = rest.bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'_').count();
    let name = &rest[..length];
    if !names_targets(name) || !rest[length..].trim_start().starts_with([':', '=', '-', '(']) {
        return None;
    }
    let default_at = name_at + rest.find("default")?;
    let list = leading_list(text, Span::new(default_at, span.end as usize))?;
    let span = Span::new(name_at, list.end as usize);
    Some(setting(name, span, list, Text::literal(list.text(text), Some(list)), SettingKind::Comment))
}

/// The first list in `text[within]`: names with single separators between them.
fn leading_list(text: &str, within: Span) -> Option<Span> {
    let mut found: Option<Span> = None;
    for token in tokens(text, within) {
        match found {
            None => found = Some(token.span),
            Some(list)
                if matches!(Span { start: list.end, end: token.span.start }.text(text), ";" | "," | ", " | " ") =>
            {
                found = Some(list.hull(token.span));
            }
            Some(_) => break,
        }
    }
    found
}

/// A setting outside build stages, without a filter.
pub fn setting(name: &str, span: Span, value_span: Span, value: Text, kind: SettingKind) -> Setting {
    Setting {
        name: name.to_owned(),
        span,
        value_span,
        value,
        kind,
        stage: None,
        container: None,
        via: None,
        filter: None,
        context: String::new(),
    }
}

/// Names as one value, `;` between them.
pub fn joined(text: &str, names: &[ArchToken]) -> Text {
    let mut parts = Vec::new();
    for name in names {
        if !parts.is_empty() {
            parts.push(TextPart::Literal(";".to_owned(), None));
        }
        parts.push(TextPart::Literal(name.span.text(text).to_owned(), Some(name.span)));
    }
    Text { parts }
}

/// Whether a value's known parts name a target.
pub fn has_target(value: &Text) -> bool {
    value.parts.iter().any(|part| match part {
        TextPart::Literal(literal, _) => {
            tokens(literal, Span::new(0, literal.len())).iter().any(|token| token.shape != TokenShape::Family)
        }
        TextPart::Outer { default, .. } => default.as_deref().is_some_and(has_target),
        TextPart::Unknown => false,
    })
}

/// Fails unless every literal of every value stands where it says that it does.
#[cfg(test)]
pub fn assert_spans(text: &str, facts: &FileFacts) {
    fn check(text: &str, value: &Text) {
        for part in &value.parts {
            match part {
                TextPart::Literal(written, Some(span)) => assert_eq!(span.text(text), written),
                TextPart::Outer { default: Some(default), .. } => check(text, default),
                _ => {}
            }
        }
    }
    facts.settings.iter().for_each(|setting| check(text, &setting.value));
}
