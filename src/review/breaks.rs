//! What a change breaks: names that other files import, gates that are wider than the guards behind them.

use rustc_hash::FxHashMap;

use super::Both;
use crate::arch::ArchSet;
use crate::facts::outline::Outline;
use crate::finding::{Finding, Label};
use crate::modules::{Answer, Found, Mode};
use crate::span::{FileId, Place, Span};
use crate::stack;

/// Users of a name that a message lists before it counts the rest.
const MOST_USERS: usize = 8;

/// Takes what breaks out of the new findings.
pub(super) fn split(both: &Both<'_, '_>, fresh: Vec<Finding>, added: ArchSet) -> (Vec<Finding>, Vec<Finding>) {
    let (mut broken, mut rest) = (Vec::new(), Vec::new());
    let mut lost: Vec<(Lost, Vec<Finding>)> = Vec::new();
    let imports = both.old.workspace.imports();
    for finding in fresh {
        if finding.rule.id == "GFX104" {
            if is_gap(both, &finding, added) { &mut rest } else { &mut broken }.push(finding);
            continue;
        }
        match lost_name(both, &imports, &finding) {
            Some(name) => match lost.iter_mut().find(|(known, _)| *known == name) {
                Some((_, users)) => users.push(finding),
                None => lost.push((name, vec![finding])),
            },
            None => rest.push(finding),
        }
    }
    // What GFX205 sums up is told name by name here.
    if !lost.is_empty() {
        rest.retain(|finding| finding.rule.id != "GFX205");
    }
    broken.extend(lost.into_iter().filter_map(|(name, users)| report(both, &name, users)));
    broken.sort_by_key(|finding| (finding.at, finding.rule.id));
    (broken, rest)
}

/// Whether a stub is met because the change adds a target elsewhere, and neither by its gate nor by its guard: then it
/// is what is missing, not what breaks.
fn is_gap(both: &Both<'_, '_>, finding: &Finding, added: ArchSet) -> bool {
    let universe = both.new.universe();
    let targets = finding.data.get("arch").and_then(|names| names.as_array());
    // The guard may have left others out before.
    let sources = both.old.workspace.sources();
    let path = both.lines.old_path(&both.new.workspace.sources().get(finding.at.file).path);
    let open_before = stack::open_guards(both.old)
        .into_iter()
        .filter(|open| sources.get(open.guard.file).path == path)
        .fold(ArchSet::EMPTY, |set, open| set.union(open.targets));
    let expected = added.union(open_before);
    let is_added = |name: &serde_json::Value| {
        name.as_str().and_then(|name| universe.find(name)).is_some_and(|arch| expected.contains(arch))
    };
    let touched = |at: Place| both.lines.touches(both.new.workspace.sources(), at);
    let gate = finding.related.iter().any(|label| label.message.starts_with("host gate") && touched(label.at));
    !gate && !touched(finding.at) && targets.is_some_and(|names| names.iter().all(is_added))
}

/// A name, or a module, that was there before.
#[derive(Debug, PartialEq, Eq)]
struct Lost {
    module: String,
    name: Option<String>,
}

/// The name that an import finding misses, if the tree had it before the change.
fn lost_name(both: &Both<'_, '_>, imports: &crate::modules::Imports<'_>, finding: &Finding) -> Option<Lost> {
    if !finding.rule.is_about_imports() || finding.rule.id == "GFX205" {
        return None;
    }
    let text = |key: &str| finding.data.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    let lost = Lost { module: text("module")?, name: text("name") };
    let file =
        importer_before(both, finding).or_else(|| both.old.workspace.sources().iter().next().map(|(id, _)| id))?;
    let was_there = match (imports.absolute(file, &lost.module), &lost.name) {
        (Found::Module(module), Some(name)) => !matches!(imports.lookup(module, name, Mode::Types), Answer::Missing),
        (Found::Module(_), None) => true,
        _ => false,
    };
    was_there.then_some(lost)
}

/// The importing file as it was before.
fn importer_before(both: &Both<'_, '_>, finding: &Finding) -> Option<FileId> {
    let path = &both.new.workspace.sources().get(finding.at.file).path;
    both.old.workspace.sources().find(both.lines.old_path(path))
}

/// One finding for a name, with every place that uses it.
fn report(both: &Both<'_, '_>, lost: &Lost, mut users: Vec<Finding>) -> Option<Finding> {
    let cx = both.new;
    users.sort_by_key(|finding| finding.at);
    let first = users.first()?;
    let shown: Vec<String> = users.iter().take(MOST_USERS).map(|user| cx.describe(user.at)).collect();
    let rest = users.len() - shown.len();
    let list = if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") };
    let verb = if users.len() == 1 {
        "1 place still imports it".to_owned()
    } else {
        format!("{} places still import it", users.len())
    };
    let message = match &lost.name {
        Some(name) => format!("The change takes '{name}' out of {}; {verb}: {list}.", lost.module),
        None => format!("The change takes the module {} away; {verb}: {list}.", lost.module),
    };
    let removed = removed_at(both, lost);
    let mut finding = Finding::new(first.rule, removed.unwrap_or(first.at), message)
        .severity(users.iter().map(|user| user.severity).max().unwrap_or(first.severity))
        .label(if removed.is_some() { "it stood here" } else { "imported here" });
    finding.data = first.data.clone();
    finding.data.insert("importers".to_owned(), users.iter().map(|user| cx.describe(user.at)).collect());
    finding.related = users
        .iter()
        .filter(|user| user.at != finding.at)
        .map(|user| Label { at: user.at, message: "imports it".to_owned() })
        .collect();
    let new_home = first.data.get("suggestion").and_then(|value| value.as_str());
    Some(finding.help(match (new_home, &lost.name) {
        (Some(home), Some(name)) => {
            format!(
                "import '{name}' from {home} in these places, or leave `from {home} import {name}` behind in {}",
                lost.module
            )
        }
        _ => "keep the name where it was, or change these places along with it".to_owned(),
    }))
}

/// Where the definition, or the import that re-exported it, stood: the line of the new side at which it went.
fn removed_at(both: &Both<'_, '_>, lost: &Lost) -> Option<Place> {
    let name = lost.name.as_deref()?;
    let (old, new) = (both.old.workspace, both.new.workspace);
    let imports = old.imports();
    let (asking, _) = old.sources().iter().next()?;
    let Found::Module(module) = imports.absolute(asking, &lost.module) else { return None };
    let file = imports.graph().get(module).file?;
    let span = bound_at(old.facts(file).outline.as_ref()?, name)?;
    let path = old.sources().get(file).path.as_str();
    let renamed: FxHashMap<&str, &str> =
        new.sources().iter().map(|(_, file)| (both.lines.old_path(&file.path), file.path.as_str())).collect();
    let path = renamed.get(path).copied()?;
    let change = both.lines.file(path)?;
    let line = old.sources().start(Place { file, span }).line.saturating_sub(1);
    let file = new.sources().find(path)?;
    let source = new.sources().get(file);
    let span = source.lines().line_span(source.text(), change.moved(line) as usize);
    Some(Place { file, span })
}

/// Where a module binds a name.
fn bound_at(outline: &Outline, name: &str) -> Option<Span> {
    let by_statement = outline.bindings.iter().find(|binding| &*binding.name == name).map(|binding| binding.span);
    let by_import = || {
        let items = outline.imports.iter().flat_map(|import| import.names.iter());
        items.into_iter().find(|item| item.alias.as_deref().unwrap_or(&item.name) == name).map(|item| item.span)
    };
    by_statement.or_else(by_import)
}
