//! What the text says around a launch.

use crate::context::Context;
use crate::deployment::Deployment;
use crate::span::Place;

/// The bytes of a place.
pub(crate) fn written<'a>(cx: &Context<'a>, at: Place) -> &'a str {
    cx.workspace.sources().text(at)
}

/// Words that say that what follows, or what they stand beside, does not work.
const WRONG: &[&str] =
    &["❌", "✗", "fails with", "does not work", "doesn't work", "# bad", "# wrong", "do not use", "don't use"];

/// Whether the launch's first line, or the text right before it, calls it wrong.
pub(super) fn is_called_wrong(cx: &Context<'_>, launch: &Deployment<'_>) -> bool {
    let text = cx.workspace.sources().get(launch.file()).text();
    let at = launch.launch.span.range().start.min(text.len());
    let Some(before) = text.get(..at) else { return false };
    let rest = text.get(at..).unwrap_or_default();
    let own = &rest[..rest.find('\n').unwrap_or(rest.len())];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let mut above = before[..start].lines().rev().map(str::trim);
    let comment = above.find(|line| !line.is_empty() && !line.starts_with("```"));
    let is_comment = |line: &&str| launch.is_shown || line.starts_with(['#', '/']);
    let calls = |line: &str| {
        let line = line.to_lowercase();
        WRONG.iter().any(|word| line.contains(word))
    };
    let own_comment = own.find(" #").map(|at| &own[at..]);
    own_comment.is_some_and(calls) || comment.filter(is_comment).is_some_and(calls)
}
