//! `pyproject.toml`: what a project needs to run and to be built.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{install, package};
use crate::facts::{EntryPoint, FileFacts, Install, Word};
use crate::span::Span;

type Value<'i> = Spanned<DeValue<'i>>;

/// Reads dependencies and indexes. A file that is no TOML says what its readable part says.
pub(super) fn extract(text: &str, facts: &mut FileFacts) {
    let (document, _) = DeTable::parse_recoverable(text);
    let root = document.get_ref();
    let indexes = indexes(text, root);
    let project = table(root.get("project"));
    if let Some(project) = project {
        entry_points(text, project, &mut facts.entry_points);
    }
    let mut lists: Vec<(&Value<'_>, Option<&str>)> = Vec::new();
    lists.extend(project.and_then(|project| project.get("dependencies")).map(|list| (list, None)));
    let build = table(root.get("build-system")).and_then(|build| build.get("requires"));
    lists.extend(build.map(|list| (list, Some("build-requires"))));
    let groups = [project.and_then(|project| project.get("optional-dependencies")), root.get("dependency-groups")];
    for group in groups.into_iter().flatten().filter_map(|group| table(Some(group))) {
        lists.extend(group.iter().map(|(_, list)| (list, None)));
    }
    for (list, switch) in lists {
        for requirement in list.get_ref().as_array().into_iter().flat_map(|list| list.iter()) {
            let Some(word) = string(text, requirement) else { continue };
            let span = word.span;
            facts.installs.push(Install {
                packages: package(word).into_iter().collect(),
                switches: switch.map(str::to_owned).into_iter().collect(),
                extra_indexes: indexes.clone(),
                ..install(span)
            });
        }
    }
}

/// The programs and plugins that a project declares.
fn entry_points(text: &str, project: &DeTable<'_>, found: &mut Vec<EntryPoint>) {
    let mut lists: Vec<&Value<'_>> = ["scripts", "gui-scripts"].iter().filter_map(|key| project.get(*key)).collect();
    let groups = table(project.get("entry-points"));
    lists.extend(groups.into_iter().flat_map(|groups| groups.iter()).map(|(_, group)| group));
    for (_, target) in lists.into_iter().filter_map(|list| table(Some(list))).flat_map(|list| list.iter()) {
        let Some(word) = string(text, target) else { continue };
        let target = word.span.text(text).to_owned();
        found.push(EntryPoint { target, span: word.span });
    }
}

/// The indexes that uv is given.
fn indexes(text: &str, root: &DeTable<'_>) -> Vec<Word> {
    let uv = table(root.get("tool")).and_then(|tool| table(tool.get("uv")));
    let Some(uv) = uv else { return Vec::new() };
    let named = uv.get("index").and_then(|list| list.get_ref().as_array());
    let urls = named.into_iter().flat_map(|list| list.iter()).filter_map(|index| table(Some(index))?.get("url"));
    let listed = uv.get("extra-index-url").and_then(|list| list.get_ref().as_array());
    urls.chain(listed.into_iter().flat_map(|list| list.iter())).filter_map(|url| string(text, url)).collect()
}

fn table<'v, 'i>(value: Option<&'v Value<'i>>) -> Option<&'v DeTable<'i>> {
    value?.get_ref().as_table()
}

/// A string without its quotes.
fn string(text: &str, value: &Value<'_>) -> Option<Word> {
    let written = value.get_ref().as_str()?;
    let span = value.span();
    let raw = text.get(span.clone())?;
    let offset = raw.find(written).filter(|_| !written.is_empty())?;
    Some(Word::literal(written, Span::new(span.start + offset, span.start + offset + written.len())))
}
