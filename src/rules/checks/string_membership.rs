//! GFX118: `arch in ('gfx942')`, which searches a string where a tuple was meant.

use crate::context::Context;
use crate::facts::SiteKind;
use crate::finding::{Applicability, Edit};
use crate::rules::Findings;
use crate::span::{Place, Span};
use crate::workspace::SiteFact;

/// Reports each parenthesised string on the right of `in`.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for site in cx.sites().filter(|site| site.kind == SiteKind::PythonStringMembership) {
        let SiteFact::Condition(at) = site.fact else { continue };
        let text = cx.workspace.sources().get(site.at.file).text();
        for token in cx.workspace.facts(site.at.file).arch_sites[at].expr.tokens() {
            let Some((whole, quote_end)) = parenthesised(text, token.span) else { continue };
            let name = &token.name;
            let place = Place { file: site.at.file, span: whole };
            let message = format!(
                "`{}` is a string, not a tuple: `in` searches it for a part, so any piece of '{name}' counts as a match and a longer name ('{name}:xnack-') does not.",
                whole.text(text)
            );
            let finding = out
                .finding(place, message)
                .label("a comma is missing")
                .help(format!("write `('{name}',)`"))
                .data("arch", name.as_str());
            out.push(finding.fix(
                "Add the comma that makes it a tuple",
                Applicability::Safe,
                vec![Edit::insert(place, quote_end, ",")],
            ));
        }
    }
}

/// The parentheses around a string with this content, if they hold nothing else and follow `in`; and where the string
/// ends.
fn parenthesised(text: &str, content: Span) -> Option<(Span, u32)> {
    let before = text
        .get(..content.start as usize)?
        .strip_suffix(['"', '\''])?
        .trim_end_matches(['r', 'b', 'u', 'R', 'B', 'U'])
        .trim_end();
    let after = text.get(content.end as usize..)?;
    let rest = after.strip_prefix(['"', '\''])?;
    let close = rest.len() - rest.trim_start().len();
    let is_whole = before.ends_with('(')
        && rest[close..].starts_with(')')
        && before[..before.len() - 1].trim_end().ends_with("in");
    is_whole.then(|| (Span::new(before.len() - 1, content.end as usize + 1 + close + 1), content.end + 1))
}
