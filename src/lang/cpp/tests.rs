//! Shapes of guards and host tests, in snippets of our own.

#[path = "../../../tests/common/clock.rs"]
mod clock;
mod corpus;
mod guards;
mod hosts;
mod robust;

use super::extract;
use crate::arch::MatchMode;
use crate::facts::{ArchExpr, ArchSite, FileFacts, SiteKind};

fn facts(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    extract(text, &mut facts);
    facts
}

/// An expression in one line: `gfx942` exactly, `gfx9*`, `*gfx95*`, a name, `?` for what is not known.
fn show(expr: &ArchExpr) -> String {
    let list = |parts: &[ArchExpr], word: &str| format!("({})", parts.iter().map(show).collect::<Vec<_>>().join(word));
    match expr {
        ArchExpr::Unknown => "?".to_owned(),
        ArchExpr::Constant(value) => value.to_string(),
        ArchExpr::Matches { tokens, mode } => {
            let names: Vec<_> = tokens.iter().map(|token| token.name.as_str()).collect();
            let names = names.join("|");
            match mode {
                MatchMode::Exact => names,
                MatchMode::Prefix => format!("{names}*"),
                MatchMode::Substring => format!("*{names}*"),
            }
        }
        ArchExpr::Named(name) => name.clone(),
        ArchExpr::Not(inner) => format!("!{}", show(inner)),
        ArchExpr::All(parts) => list(parts, " && "),
        ArchExpr::Any(parts) => list(parts, " || "),
        ArchExpr::Select(parts) => format!("({} ? {} : {})", show(&parts[0]), show(&parts[1]), show(&parts[2])),
        other => format!("{other:?}"),
    }
}

fn site(text: &str, site: &ArchSite) -> String {
    let kind = match site.kind {
        SiteKind::DeviceMacro => "device",
        SiteKind::DerivedGuard => "derived",
        SiteKind::HostTest => "host",
        _ => "?",
    };
    let line = text[..site.span.start as usize].matches('\n').count() + 1;
    format!("{line} {kind} {}: {}", site.symbol, show(&site.expr))
}

/// The sites of a text in order, one line each.
fn sites(text: &str) -> Vec<String> {
    let mut found = facts(text).arch_sites;
    found.sort_by_key(|site| site.span);
    found.iter().map(|found| site(text, found)).collect()
}

/// The definitions of a text, one line each.
fn definitions(text: &str) -> Vec<String> {
    facts(text)
        .definitions
        .iter()
        .map(|definition| format!("{} = {}", definition.name, show(&definition.expr)))
        .collect()
}
