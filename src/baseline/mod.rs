//! Findings that are known: they are recognised by what they are about, and left out.

mod file;
mod identity;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use file::Entry;

use crate::finding::{BaselineState, Finding, Suppression, SuppressionKind};
use crate::report::printable;
use crate::rules::RuleSet;
use crate::source::SourceFile;
use crate::workspace::Workspace;

/// Whether an entry, by its number, and a finding are about the same.
type Sameness<'a> = &'a dyn Fn(usize, &Entry, &Entry) -> bool;

/// Where a baseline is kept unless somebody says otherwise.
pub const FILE_NAME: &str = "gfxlint-baseline.json";

/// Findings that are known.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// The file.
    pub path: PathBuf,
    /// The folder that its paths count from, absolute.
    folder: PathBuf,
    /// What is known, sorted.
    pub entries: Vec<Entry>,
}

impl Baseline {
    /// A baseline that knows nothing yet.
    pub fn empty(path: &Path) -> Self {
        let working = std::env::current_dir().unwrap_or_default();
        let folder = working.join(path).parent().map(Path::to_owned).unwrap_or(working);
        let folder = folder.canonicalize().unwrap_or(folder);
        Self { path: path.to_owned(), folder, entries: Vec::new() }
    }

    /// What is known if all these findings are.
    pub fn of<'f>(path: &Path, workspace: &Workspace, findings: impl Iterator<Item = &'f Finding>) -> Self {
        let mut baseline = Self::empty(path);
        let mut counts: BTreeMap<Entry, usize> = BTreeMap::new();
        for finding in findings {
            *counts.entry(baseline.entry(workspace, finding)).or_default() += 1;
        }
        baseline.entries = counts.into_iter().map(|(entry, count)| Entry { count, ..entry }).collect();
        baseline
    }

    /// Gives entries the ids that their rules have by now, and says which had others.
    pub fn renew(&mut self, rules: &RuleSet) -> Vec<String> {
        let mut renewed = BTreeMap::new();
        for entry in &mut self.entries {
            if let Some(rule) = rules.renamed(&entry.rule) {
                let old = std::mem::replace(&mut entry.rule, rule.id.to_owned());
                renewed.entry(old).or_insert(rule.id);
            }
        }
        let shown = printable(&self.path.display().to_string());
        let told = |(old, new): (String, &str)| {
            let old = printable(&old);
            format!("{shown}: `{old}` is called {new} by now: `gfxlint baseline prune` writes that")
        };
        renewed.into_iter().map(told).collect()
    }

    /// Marks the findings that are known, and returns what nothing matches any more. `is_judged` tells whether the run
    /// would have found an entry's finding if it were there.
    pub fn apply(
        &self,
        workspace: &Workspace,
        findings: &mut [Finding],
        is_judged: impl Fn(&Entry, Option<&SourceFile>) -> bool,
    ) -> Vec<Entry> {
        findings.sort_by_key(|finding| finding.at);
        let own: Vec<Entry> = findings.iter().map(|finding| self.entry(workspace, finding)).collect();
        let (is_known, mut left) = self.matched(&own);
        for (finding, is_known) in findings.iter_mut().zip(is_known) {
            finding.standing.baseline = Some(if is_known { BaselineState::Unchanged } else { BaselineState::New });
            if is_known {
                let suppression = Suppression { kind: SuppressionKind::External, reason: None };
                finding.standing.suppression.get_or_insert(suppression);
            }
        }
        if left.is_empty() {
            return left;
        }
        let looked_at = workspace.sources().iter().filter(|(_, file)| !file.is_reference && !file.is_context);
        let files: BTreeMap<String, &SourceFile> = looked_at.map(|(_, file)| (self.path_of(file), file)).collect();
        left.retain(|entry| is_judged(entry, files.get(&entry.path).copied()));
        left
    }

    /// Which of the findings are known, and the entries that are left over.
    fn matched(&self, found: &[Entry]) -> (Vec<bool>, Vec<Entry>) {
        let mut left: Vec<Entry> = self.entries.clone();
        let is_gone: Vec<bool> = left.iter().map(|entry| !self.folder.join(&entry.path).exists()).collect();
        let mut alike: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (at, entry) in self.entries.iter().enumerate() {
            alike.entry((&entry.rule, &entry.about)).or_default().push(at);
        }
        let name = |entry: &Entry| entry.path.rsplit('/').next().unwrap_or_default().to_owned();
        // From the surest to what still means the same: moved within the file, moved with the file.
        let same: [Sameness<'_>; 4] = [
            &|_, known, found| known.path == found.path && known.symbol == found.symbol,
            &|_, known, found| known.path == found.path,
            &|at, known, found| is_gone[at] && known.symbol == found.symbol && name(known) == name(found),
            &|at, known, found| is_gone[at] && known.symbol == found.symbol,
        ];
        let mut is_known = vec![false; found.len()];
        for same in same {
            for (found, is_known) in found.iter().zip(&mut is_known).filter(|(_, is_known)| !**is_known) {
                let candidates = alike.get(&(found.rule.as_str(), found.about.as_str())).map_or(&[][..], Vec::as_slice);
                if let Some(&at) = candidates.iter().find(|&&at| left[at].count > 0 && same(at, &left[at], found)) {
                    left[at].count -= 1;
                    *is_known = true;
                }
            }
        }
        left.retain(|entry| entry.count > 0);
        (is_known, left)
    }

    /// Takes entries out, as often as each says.
    pub fn remove(&mut self, gone: &[Entry]) {
        for entry in &mut self.entries {
            let gone = gone.iter().find(|gone| gone.is_about_the_same(entry)).map_or(0, |gone| gone.count);
            entry.count = entry.count.saturating_sub(gone);
        }
        self.entries.retain(|entry| entry.count > 0);
    }

    /// The file that an entry is about, absolute.
    pub fn location(&self, entry: &Entry) -> PathBuf {
        self.folder.join(&entry.path)
    }

    fn entry(&self, workspace: &Workspace, finding: &Finding) -> Entry {
        Entry {
            path: self.path_of(workspace.sources().get(finding.at.file)),
            rule: finding.rule.id.to_owned(),
            symbol: identity::symbol(workspace, finding),
            about: identity::about(workspace, finding),
            count: 1,
        }
    }

    /// A file's path as entries write it.
    fn path_of(&self, file: &SourceFile) -> String {
        let absolute = std::env::current_dir().unwrap_or_default().join(&file.location);
        let parent = absolute.parent().and_then(|parent| parent.canonicalize().ok());
        let absolute = match (parent, absolute.file_name()) {
            (Some(parent), Some(name)) => parent.join(name),
            _ => absolute,
        };
        crate::discover::shown(absolute.strip_prefix(&self.folder).unwrap_or(&absolute))
    }
}
