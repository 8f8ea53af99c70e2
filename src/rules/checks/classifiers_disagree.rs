//! GFX114: two functions that sort targets by the same word, and sort one of them differently.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::facts::{ArchExpr, Definition, DefinitionKind, Relation, Sense};
use crate::rules::Findings;
use crate::span::{FileId, Place};
use crate::stack::{relevant, remarks_near};

/// Families that predicates and ladders are named after.
const FAMILIES: &[&str] = &["cdna", "rdna", "gcn", "navi"];

/// Checks predicates against ladders, Python against C++, and comparisons that forget what a ladder's last number means.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    predicates_and_ladders(cx, out);
    python_and_native(cx, out);
    comparisons(cx, out);
}

/// A predicate of a family holds for a target that the family's ladder does not know.
fn predicates_and_ladders(cx: &Context<'_>, out: &mut Findings) {
    let relevant = relevant(cx);
    let ladders = ladders(cx);
    for &(ladder_file, ladder) in &ladders {
        let name = last(&ladder.name).to_ascii_lowercase();
        let Some(family) = FAMILIES.iter().find(|&&family| name.split('_').any(|part| part == family)) else {
            continue;
        };
        let Some(unsorted) = unsorted(cx, ladder_file, "", &ladder.name, ladder) else { continue };
        // A function and the constant that it returns are one classifier: the first one stands for both.
        let mut seen: Vec<ArchSet> = Vec::new();
        for (file, predicate) in
            definitions(cx).filter(|(_, definition)| definition.ladder.is_none() && promises(&definition.name, family))
        {
            let Some(holds) = decided(cx, file, &predicate.name) else { continue };
            let both = holds.intersection(unsorted).intersection(relevant);
            if both.is_empty() || seen.contains(&holds) {
                continue;
            }
            seen.push(holds);
            let list = cx.universe().list(both);
            let otherwise = ladder.ladder.as_ref().map_or(0, |ladder| ladder.otherwise);
            let (predicate_name, ladder_name) = (&predicate.name, &ladder.name);
            let message = format!(
                "{predicate_name} counts {list} as {}, but {ladder_name}() answers {otherwise} for {}: code that asks one takes another path than code that asks the other.",
                family.to_ascii_uppercase(),
                if both.len() == 1 { "it" } else { "them" }
            );
            let finding = out.finding(Place { file, span: predicate.span }, message).label(format!("holds on {list}"));
            let finding = finding
                .related(Place { file: ladder_file, span: ladder.span }, format!("answers {otherwise}"))
                .help("derive one from the other, or name them apart");
            out.push(finding.data("archs", cx.universe().names(both)));
        }
    }
}

/// A Python predicate and a C++ host function of one name.
fn python_and_native(cx: &Context<'_>, out: &mut Findings) {
    let relevant = relevant(cx);
    for (file, native) in definitions(cx).filter(|(_, definition)| definition.kind == DefinitionKind::HostFunction) {
        let Some(there) = decided(cx, file, &native.name) else { continue };
        let name = last(&native.name);
        let python = definitions(cx)
            .find(|(_, definition)| definition.kind == DefinitionKind::Function && definition.name == name);
        let Some((python_file, python)) = python else { continue };
        let Some(here) = decided(cx, python_file, &python.name) else { continue };
        let (more, less) =
            (there.difference(here).intersection(relevant), here.difference(there).intersection(relevant));
        if more.is_empty() && less.is_empty() {
            continue;
        }
        let parts = [("holds", more), ("fails", less)]
            .into_iter()
            .filter(|(_, set)| !set.is_empty())
            .map(|(verb, set)| format!("{verb} on {}", cx.universe().list(set)));
        let message = format!(
            "{name}() {} here and not in Python, where a function of that name decides what is called.",
            parts.collect::<Vec<_>>().join(" and ")
        );
        let finding = out.finding(Place { file, span: native.span }, message).label("another set than in Python");
        let finding = finding.related(
            Place { file: python_file, span: python.span },
            format!("holds on {}", cx.universe().list(here.intersection(relevant))),
        );
        out.push(
            finding
                .help("give both the same set, or different names")
                .data("archs", cx.universe().names(more.union(less))),
        );
    }
}

/// `get_cdna_version() <= 2`, where 0 stands for every other family.
fn comparisons(cx: &Context<'_>, out: &mut Findings) {
    let relevant = relevant(cx);
    let ladders = ladders(cx);
    for (file, _, facts) in cx.files() {
        for site in &facts.arch_sites {
            let Some((ladder, relation, numbers)) = ordinal(&site.expr) else { continue };
            // `if get_cdna_version() != 4: return` turns all others away, and is meant to.
            let sorts = match relation {
                Relation::Less | Relation::LessOrEqual => numbers.iter().any(|&number| number > 0),
                Relation::NotEqual => {
                    site.sense == Sense::Enables && !is_requirement(cx, Place { file, span: site.span })
                }
                _ => false,
            };
            let is_meant = |(_, definition): &&(FileId, &Definition)| last(&definition.name) == last(ladder);
            let Some(definition) = ladders.iter().find(is_meant).filter(|_| sorts) else { continue };
            let Some(unsorted) = unsorted(cx, file, &site.scope, ladder, definition.1) else { continue };
            let caught = unsorted.intersection(relevant);
            if caught.is_empty() || definition.1.ladder.as_ref().is_none_or(|ladder| ladder.otherwise != 0) {
                continue;
            }
            let span = site.atoms.iter().find(|(_, expr)| ordinal(expr).is_some()).map_or(site.span, |(span, _)| *span);
            let written = cx.workspace.sources().text(Place { file, span });
            let message = format!(
                "`{written}` is also true where {ladder}() is 0, which stands for every other family: {}.",
                cx.universe().list(caught)
            );
            let finding = out.finding(Place { file, span }, message).label("0 is in this range too").related(
                Place { file: definition.0, span: definition.1.span },
                "answers 0 for targets that it does not sort",
            );
            out.push(
                finding
                    .help("name the numbers that are meant (`in (1, 2)`), or test for 0 first")
                    .data("archs", cx.universe().names(caught)),
            );
        }
    }
}

/// Whether a remark beside a comparison says that one number is required: others are turned away on purpose.
fn is_requirement(cx: &Context<'_>, at: Place) -> bool {
    remarks_near(cx, at, 2).into_iter().any(|remark| {
        let text = cx.workspace.sources().text(remark).to_ascii_lowercase();
        ["require", "only", "needs", "support"].iter().any(|word| text.contains(word))
    })
}

/// All definitions of the run with their files.
fn definitions<'a>(cx: &Context<'a>) -> impl Iterator<Item = (FileId, &'a Definition)> + use<'a> {
    cx.files().flat_map(|(file, _, facts)| facts.definitions.iter().map(move |definition| (file, definition)))
}

/// Those that sort targets by number.
fn ladders<'a>(cx: &Context<'a>) -> Vec<(FileId, &'a Definition)> {
    definitions(cx).filter(|(_, definition)| definition.ladder.is_some()).collect()
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Whether a name promises that family and nothing narrower: `on_cdna`, `_IS_CDNA`, not `on_rdna4`.
fn promises(name: &str, family: &str) -> bool {
    let name = last(name).to_ascii_lowercase();
    let name = name.trim_start_matches('_');
    ["on_", "is_", ""].iter().any(|prefix| name.strip_prefix(prefix) == Some(family))
}

/// What a definition holds for, where that is known of every target.
fn decided(cx: &Context<'_>, file: FileId, name: &str) -> Option<ArchSet> {
    let truth = cx.workspace.truth(cx.knowledge, file, "", &ArchExpr::Named(name.to_owned()));
    truth.can_hold.intersection(truth.can_fail).is_empty().then_some(truth.can_hold)
}

/// The targets for which a ladder answers its last number.
fn unsorted(cx: &Context<'_>, file: FileId, scope: &str, ladder: &str, definition: &Definition) -> Option<ArchSet> {
    let otherwise = definition.ladder.as_ref()?.otherwise;
    let expr = ArchExpr::Ordinal { ladder: ladder.to_owned(), relation: Relation::Equal, numbers: vec![otherwise] };
    let truth = cx.workspace.truth(cx.knowledge, file, scope, &expr);
    truth.can_hold.intersection(truth.can_fail).is_empty().then_some(truth.can_hold)
}

fn ordinal(expr: &ArchExpr) -> Option<(&str, Relation, &[i64])> {
    let mut found = None;
    expr.visit(&mut |part| {
        if let ArchExpr::Ordinal { ladder, relation, numbers } = part
            && found.is_none()
        {
            found = Some((ladder.as_str(), *relation, numbers.as_slice()));
        }
    });
    found
}
