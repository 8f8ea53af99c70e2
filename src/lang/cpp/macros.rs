//! Names of macros that tell targets apart.

use crate::arch::{ArchToken, MatchMode, tokens};
use crate::facts::ArchExpr;
use crate::span::Span;

/// What the compiler's own macro of that name says, if it is one: `__gfx942__` one target, `__GFX9__` all targets whose
/// name without its last two characters (minor version and stepping) is `gfx9`.
pub(super) fn built_in(name: &str, span: Span) -> Option<ArchExpr> {
    let inner = name.strip_prefix("__")?.strip_suffix("__")?;
    let place = Span::new(span.start as usize + 2, (span.end as usize).saturating_sub(2));
    if let Some(major) = inner.strip_prefix("GFX") {
        let is_major = matches!(major.len(), 1 | 2)
            && major.bytes().all(|byte| byte.is_ascii_digit())
            && (major.len() == 1) != major.starts_with('1');
        let token = one_token(&format!("gfx{major}"), place)?;
        return is_major.then(|| ArchExpr::Matches { tokens: vec![token], mode: MatchMode::Prefix });
    }
    // Generic targets have underscores for their dashes: `__gfx9_4_generic__`.
    let written = if inner.ends_with("_generic") { inner.replace('_', "-") } else { inner.to_owned() };
    Some(ArchExpr::Matches { tokens: vec![one_token(&written, place)?], mode: MatchMode::Exact })
}

/// The target name that is the whole of `written`, if it is one; placed at `place`.
pub(super) fn one_token(written: &str, place: Span) -> Option<ArchToken> {
    let whole = Span::new(0, written.len());
    let token = tokens(written, whole).into_iter().next().filter(|token| token.span == whole)?;
    Some(ArchToken { span: place, ..token })
}

/// Whether a macro that this file does not define is still one for targets, by its name: `__HIP__GFX9__`.
pub(super) fn names_targets(name: &str) -> bool {
    name.match_indices("GFX")
        .any(|(at, found)| name[at + found.len()..].starts_with(|next: char| next.is_ascii_digit()))
}
