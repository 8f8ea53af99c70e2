//! GFX111: `not on_gfx9()` where `on_gfx9()` is a part of gfx9 and the reason is one for all of gfx9.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::facts::{ArchExpr, Sense};
use crate::rules::Findings;
use crate::span::{FileId, Place};
use crate::stack::{promised_family, relevant, remarks_near};

/// How near the reason stands, in lines.
const NEAR: usize = 3;

/// Reports each such negation that lets something happen.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let relevant = relevant(cx);
    for (file, _, facts) in cx.files() {
        for site in facts.arch_sites.iter().filter(|site| site.sense == Sense::Enables) {
            for name in negated(&site.expr) {
                let Some(family) = promised_family(name) else { continue };
                let span = site
                    .atoms
                    .iter()
                    .find(|(_, expr)| expr.names().contains(&name))
                    .map_or(site.span, |(span, _)| *span);
                let at = Place { file, span };
                let members = cx.universe().select(|known| known.starts_with(family));
                let covered = named(cx, file, &site.scope, name);
                // A predicate that is not wholly known, or that is its family, promises nothing that it does not hold.
                if covered.is_empty() || !covered.is_subset(members) {
                    continue;
                }
                let missing = members.difference(covered).intersection(relevant);
                let Some(reason) = reason(cx, at, family, members).filter(|_| !missing.is_empty()) else { continue };
                let list = cx.universe().list(missing);
                let quoted = cx.workspace.sources().text(reason).trim().to_owned();
                let message = format!(
                    "`not {name}()` also holds on {list}, which {} {family} too: {} what the comment here keeps from all of {family}.",
                    plural(missing, "is", "are"),
                    plural(missing, "it gets", "they get")
                );
                let finding = out
                    .finding(at, message)
                    .label(format!("is {} only", cx.universe().list(covered)))
                    .related(reason, format!("the reason given: {quoted}"));
                let finding = finding
                    .help(format!("test the fact that matters, or a predicate that holds for every {family} target"))
                    .data("archs", cx.universe().names(missing));
                out.push(finding.data("family", family));
            }
        }
    }
}

/// The predicates that a condition negates.
fn negated(expr: &ArchExpr) -> Vec<&str> {
    let mut names = Vec::new();
    expr.visit(&mut |part| {
        if let ArchExpr::Not(inner) = part
            && let ArchExpr::Named(name) = inner.as_ref()
        {
            names.push(name.as_str());
        }
    });
    names
}

/// The targets for which a name surely holds and for no others; empty where that is not known.
fn named(cx: &Context<'_>, file: FileId, scope: &str, name: &str) -> ArchSet {
    let truth = cx.workspace.truth(cx.knowledge, file, scope, &ArchExpr::Named(name.to_owned()));
    if truth.can_hold.intersection(truth.can_fail).is_empty() { truth.can_hold } else { ArchSet::EMPTY }
}

/// A remark near the place that speaks of the family as a whole: by its name, or by a fact that all of it shares.
fn reason(cx: &Context<'_>, at: Place, family: &str, members: ArchSet) -> Option<Place> {
    let waves = |size: u16| members.iter().all(|arch| cx.knowledge.arch(arch).wave_size == Some(size));
    remarks_near(cx, at, NEAR).into_iter().find(|&remark| {
        let text = cx.workspace.sources().text(remark).to_ascii_lowercase();
        let tokens = crate::arch::tokens(&text, crate::span::Span::new(0, text.len()));
        // Who lists the members knows that they are not the whole family.
        if tokens.iter().any(|token| members.iter().any(|arch| cx.universe().name(arch) == token.name)) {
            return false;
        }
        let wave = |size: u16| {
            ["wave", "warp size ", "warp_size ", "warp size of ", "wavefront size ", "wavefront "]
                .iter()
                .any(|word| text.contains(&format!("{word}{size}")))
        };
        tokens.iter().any(|token| token.name == family) || [32, 64].into_iter().any(|size| wave(size) && waves(size))
    })
}

fn plural<'a>(set: ArchSet, one: &'a str, many: &'a str) -> &'a str {
    if set.len() == 1 { one } else { many }
}
