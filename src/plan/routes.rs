//! What a host gate opens: the conditions elsewhere that take their set from it.

use crate::context::Context;
use crate::facts::SiteKind;
use crate::span::Place;
use crate::workspace::ResolvedSite;

/// A condition that holds because a gate does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Where.
    pub at: Place,
    /// What it controls.
    pub symbol: String,
}

/// The conditions that name a gate and nothing else of their own, by place.
pub fn opened(cx: &Context<'_>, gate: &ResolvedSite) -> Vec<Opened> {
    let names = gate.symbol.rsplit('.').next().unwrap_or_default();
    let source = cx.workspace.sources();
    let calls = |site: &&ResolvedSite| {
        let kind = matches!(site.kind, SiteKind::PythonPredicate | SiteKind::PythonTest);
        kind && site.written.is_empty() && site.at != gate.at && holds_word(source.text(site.at), names)
    };
    cx.sites().filter(calls).map(|site| Opened { at: site.at, symbol: site.symbol.clone() }).collect()
}

/// Whether a text holds an identifier as a whole word.
fn holds_word(text: &str, word: &str) -> bool {
    let is_part = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_');
    !word.is_empty()
        && text
            .match_indices(word)
            .any(|(at, _)| !is_part(text[..at].chars().next_back()) && !is_part(text[at + word.len()..].chars().next()))
}
