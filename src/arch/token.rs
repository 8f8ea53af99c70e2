//! gfx names in text: where one starts and ends, and what shape it has.
//!
//! A name inside an identifier (`on_gfx9`, `__HIP__GFX9__`, `test_gfx942_topk`) names no target; the macro form
//! `__gfx942__` is the C++ front end's business.

use serde::{Deserialize, Serialize};

use crate::span::Span;

/// The shape of a written name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum TokenShape {
    /// One processor: `gfx90a`, `gfx1151`; a target-id's features (`:xnack-`) may follow.
    Processor,
    /// An LLVM generic target: `gfx11-generic`.
    Generic,
    /// A part of a name, or a family with place-holders: `gfx94`, `gfx11xx`, `gfx110X`.
    Family,
}

/// A gfx name as written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ArchToken {
    /// The name without target-id features; a family without its place-holders (`gfx11xx` is `gfx11`).
    pub name: String,
    /// What shape it has.
    pub shape: TokenShape,
    /// Where it stands, target-id features included.
    pub span: Span,
    /// Whether target-id features (`:sramecc+:xnack-`) follow.
    pub features: bool,
}

/// The gfx names in `text[within]`, spans in bytes of `text`.
pub fn tokens(text: &str, within: Span) -> Vec<ArchToken> {
    scan(text, within, false)
}

/// The same for prose, where `gfx1100/1101` is short for two names.
pub fn tokens_in_prose(text: &str, within: Span) -> Vec<ArchToken> {
    scan(text, within, true)
}

fn scan(text: &str, within: Span, shorthand: bool) -> Vec<ArchToken> {
    let bytes = text.as_bytes();
    let (from, to) = (within.range().start.min(bytes.len()), within.range().end.min(bytes.len()));
    let mut found = Vec::new();
    let mut resume = from;
    for hit in memchr::memmem::find_iter(&bytes[from..to], b"gfx") {
        let start = from + hit;
        let in_identifier = start > 0 && is_identifier(bytes[start - 1]);
        if start < resume || in_identifier {
            continue;
        }
        let Some(token) = name_at(&text[..to], start) else { continue };
        resume = token.span.end as usize;
        let shorthand = shorthand && token.shape == TokenShape::Processor;
        found.push(token);
        if shorthand {
            resume = shorthand_parts(&text[..to], resume, &mut found);
        }
    }
    found
}

fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The name that starts with `gfx` at `start`, if it is one.
fn name_at(text: &str, start: usize) -> Option<ArchToken> {
    let rest = text.get(start + 3..)?;
    let word = &rest[..rest.bytes().take_while(u8::is_ascii_alphanumeric).count()];
    let after = &rest[word.len()..];
    if after.starts_with('_') {
        return None;
    }
    let end = start + 3 + word.len();
    if let Some(suffix) = generic_suffix(word, after) {
        let end = end + suffix;
        return Some(ArchToken {
            name: text[start..end].to_owned(),
            shape: TokenShape::Generic,
            span: Span::new(start, end),
            features: false,
        });
    }
    let shape = shape_of(word)?;
    let features = feature_suffix(after);
    let name = if shape == TokenShape::Family { word.trim_end_matches(['x', 'X']) } else { word };
    Some(ArchToken {
        name: format!("gfx{name}"),
        shape,
        span: Span::new(start, end + features),
        features: features > 0,
    })
}

/// What the part behind `gfx` says: `90a` is a processor, `94`, `11xx` and `115` are families, all else is no name.
fn shape_of(word: &str) -> Option<TokenShape> {
    let stem = word.trim_end_matches(['x', 'X']);
    let digits = stem.bytes().take_while(u8::is_ascii_digit).count();
    let hex_stepping = stem.len() == digits + 1 && stem.ends_with(|last: char| ('a'..='f').contains(&last));
    if digits == 0 || (digits != stem.len() && !hex_stepping) {
        return None;
    }
    // gfx6 to gfx9 have one digit of major version, all later ones two; minor and stepping are one digit each.
    let whole = if stem.starts_with('1') { 4 } else { 3 };
    Some(if stem.len() >= whole && stem.len() == word.len() { TokenShape::Processor } else { TokenShape::Family })
}

/// The length of `-generic` or `-4-generic` behind a major version.
fn generic_suffix(word: &str, after: &str) -> Option<usize> {
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let minor = after.strip_prefix('-').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let skipped = if minor > 0 { minor + 1 } else { 0 };
    let tail = after.get(skipped..)?.strip_prefix("-generic")?;
    (!tail.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')).then_some(skipped + "-generic".len())
}

/// The length of target-id features: `:sramecc+:xnack-`.
fn feature_suffix(after: &str) -> usize {
    let mut length = 0;
    for feature in ["sramecc", "xnack", "sramecc"] {
        let Some(rest) = after[length..].strip_prefix(':').and_then(|rest| rest.strip_prefix(feature)) else {
            continue;
        };
        if rest.starts_with(['+', '-']) {
            length += feature.len() + 2;
        }
    }
    length
}

/// Adds the names that `/1101/1102` behind a name is short for; returns where they end.
fn shorthand_parts(text: &str, mut at: usize, found: &mut Vec<ArchToken>) -> usize {
    while let Some(rest) = text.get(at..).and_then(|rest| rest.strip_prefix('/')) {
        let word = &rest[..rest.bytes().take_while(u8::is_ascii_alphanumeric).count()];
        if shape_of(word) != Some(TokenShape::Processor) || rest[word.len()..].starts_with('_') {
            break;
        }
        let span = Span::new(at + 1, at + 1 + word.len());
        found.push(ArchToken { name: format!("gfx{word}"), shape: TokenShape::Processor, span, features: false });
        at = span.end as usize;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, TokenShape)> {
        tokens(text, Span::new(0, text.len())).into_iter().map(|token| (token.name, token.shape)).collect()
    }

    #[test]
    fn names_end_where_they_end() {
        use TokenShape::{Family, Generic, Processor};
        let found = names(
            "gfx90a;gfx942:sramecc+:xnack-,gfx11-generic gfx9-4-generic|gfx94 gfx115 gfx11xx gfx110X-all 'gfx1151'",
        );
        let wanted = [
            ("gfx90a", Processor),
            ("gfx942", Processor),
            ("gfx11-generic", Generic),
            ("gfx9-4-generic", Generic),
            ("gfx94", Family),
            ("gfx115", Family),
            ("gfx11", Family),
            ("gfx110", Family),
            ("gfx1151", Processor),
        ];
        assert_eq!(found, wanted.map(|(name, shape)| (name.to_owned(), shape)));
    }

    #[test]
    fn identifiers_hold_no_names() {
        assert_eq!(names("on_gfx9() __gfx942__ gfx942_mod0 test_gfx942_topk.py wmma_gfx12 gfxmode gfx"), []);
    }

    #[test]
    fn features_belong_to_the_name() {
        let text = "x gfx90a:xnack+ y";
        let token = &tokens(text, Span::new(0, text.len()))[0];
        assert_eq!((token.span.text(text), token.features), ("gfx90a:xnack+", true));
    }

    #[test]
    fn prose_has_a_shorthand() {
        let text = "RX 7900 (gfx1100/1101), AI (gfx1151/1150)/2";
        let found: Vec<_> =
            tokens_in_prose(text, Span::new(0, text.len())).into_iter().map(|token| token.name).collect();
        assert_eq!(found, ["gfx1100", "gfx1101", "gfx1151", "gfx1150"]);
    }
}
