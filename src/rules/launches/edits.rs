//! Edits of launches.

use super::{Case, written};
use crate::facts::{LaunchForm, TextPart};
use crate::finding::Edit;
use crate::span::{Place, Span};

/// Replaces the value of an option where it is written; none where the file does not hold it as it is.
pub(crate) fn replace_value(case: &Case<'_, '_>, option: &str, by: &str) -> Option<Vec<Edit>> {
    let found = case.launch.option(option)?;
    let word = found.fact.value.as_ref()?;
    let file = found.file;
    let known = word.by_default()?;
    let place = |span| Place { file, span };
    let text = |span: Span| written(case.cx, place(span));
    if text(word.span) == known {
        return Some(vec![Edit::new(place(word.span), by)]);
    }
    if text(word.span) == format!("torch.{known}") {
        return Some(vec![Edit::new(place(word.span), format!("torch.{by}"))]);
    }
    let literal = match word.text.parts.as_slice() {
        [TextPart::Literal(_, span)] => (*span)?,
        [TextPart::Outer { default: Some(default), .. }] => match default.parts.as_slice() {
            [TextPart::Literal(_, span)] => (*span)?,
            _ => return None,
        },
        _ => return None,
    };
    (text(literal) == known).then(|| vec![Edit::new(place(literal), by)])
}

/// Adds an option behind the words that start vLLM, where they are plain words of a command line.
pub(crate) fn insert_option(case: &Case<'_, '_>, option: &str, value: &str) -> Option<Vec<Edit>> {
    let launch = case.launch.launch.fact;
    if !matches!(launch.form, LaunchForm::Serve | LaunchForm::Module | LaunchForm::Tool) {
        return None;
    }
    let at = case.launch.place(launch.program);
    let text = written(case.cx, at);
    let follows = case.cx.workspace.sources().get(at.file).text().get(at.span.range().end..)?;
    let is_plain = !text.contains(['"', '\'', ',', '\n', '\\', '[']) && follows.starts_with(' ');
    is_plain.then(|| vec![Edit::insert(at, at.span.end, format!(" --{option} {value}"))])
}
