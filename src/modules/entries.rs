//! Programs and plugins that a project declares and that lead nowhere.

use super::{Answer, BrokenString, Found, Imports, Mode};
use crate::facts::EntryPoint;
use crate::facts::outline::{Context, Scope, Sink};
use crate::span::{FileId, Place};

impl Imports<'_> {
    /// The entry points of the checked projects that lead nowhere.
    pub(super) fn broken_entry_points(&self) -> Vec<BrokenString> {
        let files = self.sources.iter().filter(|(_, file)| !file.is_reference);
        let facts = files.filter_map(|(file, _)| self.facts.get(file.0 as usize).map(|facts| (file, facts)));
        let entries = facts.flat_map(|(file, facts)| facts.entry_points.iter().map(move |entry| (file, entry)));
        entries.filter_map(|(file, entry)| self.broken_entry_point(file, entry)).collect()
    }

    fn broken_entry_point(&self, file: FileId, entry: &EntryPoint) -> Option<BrokenString> {
        let (path, name) = match entry.target.split_once(':') {
            Some((path, name)) => (path.trim(), Some(name.trim().split('.').next().unwrap_or_default())),
            None => (entry.target.trim(), None),
        };
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        // A project whose folder holds nothing of that name may take it from elsewhere.
        let Found::Module(mut module) = self.absolute(file, first) else { return None };
        let broken = |name: Option<&str>, target| BrokenString {
            at: Place { file, span: entry.span },
            text: entry.target.clone(),
            sink: Sink::Item,
            // It is loaded when someone asks for it.
            context: Context { scope: Scope::Function, ..Context::default() },
            module: path.to_owned(),
            name: name.map(str::to_owned),
            target,
        };
        for part in rest.into_iter().flat_map(|rest| rest.split('.')) {
            match self.graph().child(module, part) {
                Found::Module(child) => module = child,
                Found::Unknown => return None,
                Found::Missing(_) => return Some(broken(None, module)),
            }
        }
        let name = name.filter(|name| self.lookup(module, name, Mode::Run) == Answer::Missing)?;
        Some(broken(Some(name), module))
    }
}
