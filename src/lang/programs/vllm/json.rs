//! JSON values of options, whose parts are options too: `--attention-config '{"backend": "X"}'` is
//! `--attention-config.backend X`.

use serde_json::Value;

use crate::facts::{LaunchOption, Text, Word};
use crate::span::Span;

/// The plain values of a JSON object as options of their own. `option` is where the option stands.
pub(super) fn parts(name: &str, option: Span, value: &Word) -> Vec<LaunchOption> {
    let Some(text) = value.known().filter(|text| text.trim_start().starts_with('{')) else { return Vec::new() };
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(&text) else { return Vec::new() };
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    };
    object
        .iter()
        .filter_map(|(key, part)| {
            let part = plain(part)?;
            let span = place(&text, &part, value);
            Some(LaunchOption {
                name: format!("{name}.{key}"),
                span: option,
                value: Some(Word { text: Text::literal(part, (span != value.span).then_some(span)), span }),
            })
        })
        .collect()
}

/// Where a part of a value stands, if it stands there once and the value stands in the file as it is.
fn place(text: &str, part: &str, value: &Word) -> Span {
    let mut found = text.match_indices(part);
    match (found.next(), found.next()) {
        (Some((at, _)), None) if value.span.range().len() == text.len() && !part.is_empty() => {
            let start = value.span.range().start + at;
            Span::new(start, start + part.len())
        }
        _ => value.span,
    }
}
