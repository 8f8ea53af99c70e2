//! Host gates: predicates that promise a family by their name.

use crate::arch::Arch;
use crate::context::Context;
use crate::facts::SiteKind;
use crate::workspace::ResolvedSite;

/// A predicate named after a family of targets: `on_gfx9`, `on_gfx1x`.
#[derive(Debug, Clone, Copy)]
pub struct FamilyPredicate<'a> {
    /// The site that decides it.
    pub site: &'a ResolvedSite,
    /// What the names of its family start with: `gfx9`, `gfx1`.
    pub family: &'a str,
}

/// The predicates whose name promises the family of `arch`, by place.
pub fn family_predicates<'a>(cx: &Context<'a>, arch: Arch) -> Vec<FamilyPredicate<'a>> {
    let name = cx.universe().name(arch);
    cx.sites()
        .filter(|site| {
            matches!(site.kind, SiteKind::PythonTest | SiteKind::PythonPredicate) && !site.written.is_empty()
        })
        .filter_map(|site| {
            let family = promised_family(&site.symbol)?;
            (name.starts_with(family)).then_some(FamilyPredicate { site, family })
        })
        .collect()
}

/// The family that an identifier promises: `gfx9` for `on_gfx9`, `gfx1` for `on_gfx1x` and `_ON_GFX1X`, none for
/// `on_gfx950`, which names one target.
pub fn promised_family(symbol: &str) -> Option<&'static str> {
    let last = symbol.rsplit('.').next()?.trim_start_matches('_').to_ascii_lowercase();
    let digits = last.strip_prefix("on_gfx")?.trim_end_matches('x');
    ["gfx9", "gfx1", "gfx10", "gfx11", "gfx12", "gfx94", "gfx95", "gfx103", "gfx110", "gfx115", "gfx120", "gfx125"]
        .into_iter()
        .find(|family| &family[3..] == digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_promised_by_its_digits() {
        assert_eq!(promised_family("on_gfx9"), Some("gfx9"));
        assert_eq!(promised_family("_ON_GFX1X"), Some("gfx1"));
        assert_eq!(promised_family("RocmPlatform.on_gfx115x"), Some("gfx115"));
        assert_eq!(promised_family("on_gfx950"), None);
        assert_eq!(promised_family("on_mi3xx"), None);
    }
}
