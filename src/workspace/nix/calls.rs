//! Files that are functions: what their parameters stand for, by the calls of them in other files; and overrides of
//! which a part stands in another file.

use std::collections::{BTreeMap, BTreeSet};

use super::{NixTree, imported};
use crate::facts::{NixArgument, NixCall, NixFile, NixItem, NixOverride, NixValue, Text, TextPart};
use crate::span::{FileId, Span};
use crate::workspace::Workspace;

/// Values that are handed on from file to file are followed so far.
const HANDS: usize = 4;
/// A file that is called more often is not looked into: each call may lead to others.
const MOST: usize = 24;

/// The calls of each file that is called wherever it is named, with the file that each stands in.
#[derive(Debug, Default)]
pub(super) struct Callers {
    calls: BTreeMap<FileId, Vec<(FileId, usize)>>,
    /// Names of packages that some file overrides: they are called again then, with other arguments.
    overridden: BTreeSet<String>,
}

impl Callers {
    /// Finds them.
    pub fn find(workspace: &Workspace) -> Self {
        let sources = workspace.sources();
        let mut callers = Self::default();
        let mut named: BTreeMap<FileId, usize> = BTreeMap::new();
        for (file, nix) in workspace.nix_files() {
            for target in nix.imports.iter().filter_map(|import| imported(sources, file, &import.path)) {
                *named.entry(target).or_default() += 1;
            }
            for (at, call) in nix.calls.iter().enumerate() {
                if let Some(target) = imported(sources, file, &call.path) {
                    callers.calls.entry(target).or_default().push((file, at));
                }
            }
            let changed = nix.references.iter().filter(|found| !found.overrides.is_empty());
            callers.overridden.extend(changed.map(|found| found.package().to_owned()));
        }
        callers.calls.retain(|file, calls| calls.len() <= MOST && named.get(file) == Some(&calls.len()));
        callers
    }

    fn of<'w>(&self, workspace: &'w Workspace, file: FileId) -> impl Iterator<Item = (FileId, &'w NixCall)> {
        let calls = self.calls.get(&file).map(Vec::as_slice).unwrap_or_default();
        calls.iter().filter_map(|&(caller, at)| Some((caller, workspace.facts(caller).nix.as_ref()?.calls.get(at)?)))
    }

    /// Whether nothing but the call decides what the file is given.
    fn is_whole(&self, call: &NixCall) -> bool {
        let is_changed = call.defines.as_ref().is_some_and(|name| self.overridden.contains(&name.name));
        !call.is_open && !is_changed
    }
}

impl NixTree {
    /// What a parameter of a file stands for, and in which file that is written: known where all calls give the same.
    pub(super) fn parameter<'w>(
        &self,
        workspace: &'w Workspace,
        file: FileId,
        name: &str,
        depth: usize,
    ) -> Option<(FileId, &'w NixValue)> {
        let own = workspace.facts(file).nix.as_ref()?.parameters.iter().find(|own| own.name == name)?;
        if depth >= HANDS || self.reads_folders {
            return None;
        }
        let mut found: Option<(FileId, &'w NixValue)> = None;
        for (caller, call) in self.callers.of(workspace, file) {
            let (at, value) = match call.argument(name) {
                Some(argument) => (caller, &argument.value),
                // What a package set holds under that name is not known.
                None if !self.callers.is_whole(call) || call.is_package && self.is_added(workspace, name) => {
                    return None;
                }
                None => (file, own.default.as_ref()?),
            };
            let next = self.value(workspace, at, value, depth + 1).filter(|(_, value)| is_plain(value))?;
            if found.is_some_and(|(_, known)| here(known, Span::default()) != here(next.1, Span::default())) {
                return None;
            }
            found = found.or(Some(next));
        }
        found
    }

    /// Whether an overlay of the run adds a package of that name.
    fn is_added(&self, workspace: &Workspace, name: &str) -> bool {
        let mut layers = workspace.nix_files().flat_map(|(_, nix)| &nix.layers);
        layers.any(|layer| layer.names.iter().any(|own| own.name == name))
    }

    /// The facts of a file with what other files say of its parameters and overrides; none where they say nothing.
    pub(super) fn joined(&self, workspace: &Workspace, file: FileId, nix: &NixFile) -> Option<NixFile> {
        let has_imports = |change: &NixOverride| !change.imports.is_empty();
        let is_merged = nix.references.iter().flat_map(|found| &found.overrides).any(has_imports);
        let is_called = !nix.parameters.is_empty() && self.callers.calls.contains_key(&file);
        if !is_merged && !is_called {
            return None;
        }
        let mut joined = nix.clone();
        let fill = |argument: &mut NixArgument| {
            let NixValue::Reference(_) = argument.value else { return };
            let found = self.value(workspace, file, &argument.value, 0).filter(|(_, value)| is_plain(value));
            if let Some((_, value)) = found {
                argument.value = here(value, argument.value_span);
            }
        };
        for change in joined.references.iter_mut().flat_map(|found| &mut found.overrides) {
            change.arguments.iter_mut().for_each(fill);
            self.merge(workspace, file, change);
        }
        joined.configs.iter_mut().flat_map(|config| &mut config.arguments).for_each(fill);
        (joined != *nix).then_some(joined)
    }

    /// Takes the attributes into an override that it gets from other files.
    fn merge(&self, workspace: &Workspace, file: FileId, change: &mut NixOverride) {
        let mut is_open = change.is_open_beside;
        for import in std::mem::take(&mut change.imports) {
            let whole = NixValue::Import(import.name.clone(), Vec::new());
            let Some((other, NixValue::Set(attributes, open))) = self.read(workspace, file, &whole) else {
                is_open = true;
                continue;
            };
            is_open |= open;
            for attribute in attributes {
                if change.argument(&attribute.name).is_none() {
                    let value = self.value(workspace, other, &attribute.value, 0).filter(|(_, value)| is_plain(value));
                    change.arguments.push(NixArgument {
                        name: attribute.name.clone(),
                        name_span: import.span,
                        span: import.span,
                        value: value.map_or(NixValue::Unknown, |(_, value)| here(value, import.span)),
                        value_span: import.span,
                    });
                }
            }
        }
        change.is_open = is_open;
    }
}

/// Whether a value is the same in every file.
fn is_plain(value: &NixValue) -> bool {
    !matches!(value, NixValue::Reference(_) | NixValue::Import(..) | NixValue::Function | NixValue::Unknown)
}

/// A value of another file as if it stood at one place of this one; names in it mean nothing here.
fn here(value: &NixValue, at: Span) -> NixValue {
    match value {
        NixValue::Text(text) => NixValue::Text(without_places(text)),
        NixValue::List(items, is_open) => {
            let items = items.iter().map(|item| NixItem { value: here(&item.value, at), span: at });
            NixValue::List(items.collect(), *is_open)
        }
        NixValue::Set(attributes, is_open) => {
            let attribute = |own: &NixArgument| NixArgument {
                name: own.name.clone(),
                name_span: at,
                span: at,
                value: here(&own.value, at),
                value_span: at,
            };
            NixValue::Set(attributes.iter().map(attribute).collect(), *is_open)
        }
        NixValue::Bool(_) | NixValue::Null => value.clone(),
        NixValue::Reference(_) | NixValue::Import(..) | NixValue::Function | NixValue::Unknown => NixValue::Unknown,
    }
}

fn without_places(text: &Text) -> Text {
    let part = |part: &TextPart| match part {
        TextPart::Literal(text, _) => TextPart::Literal(text.clone(), None),
        TextPart::Outer { .. } | TextPart::Unknown => TextPart::Unknown,
    };
    Text { parts: text.parts.iter().map(part).collect() }
}
