//! Applies the edits that findings offer, to what a run takes files to hold; files themselves change at the end, or not
//! at all.
//!
//! Edits move what stands behind them, and one may make way for the next. So they are applied in rounds: each takes
//! edits that do not touch each other, and the tree is checked again on what they leave.

mod apply;
mod diff;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::RunError;
use crate::finding::{Applicability, Finding, Fix};
use crate::replace::Prepared;
use crate::scan::{self, Overlay};
use crate::source::{SourceFile, Sources};

use self::apply::{Claims, bytes_of, is_sound};
pub use self::diff::unified;

/// Edits that have not come to an end by then undo each other.
const MOST_ROUNDS: usize = 100;

/// A file that is to hold something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path that opens it.
    pub location: PathBuf,
    /// What it held when it was read.
    pub before: Vec<u8>,
    /// What it is to hold.
    pub after: Vec<u8>,
}

/// Collects edits over the rounds of one run.
#[derive(Debug)]
pub struct Fixer {
    least: Applicability,
    rounds: usize,
    fixed: usize,
    /// What changed files held when they were first read, and the path that opened them.
    originals: BTreeMap<PathBuf, (PathBuf, Vec<u8>)>,
    overlay: Overlay,
}

impl Fixer {
    /// How safe edits must be to be applied.
    pub fn least(&self) -> Applicability {
        self.least
    }

    /// Applies edits that are at least that safe.
    pub fn new(least: Applicability) -> Self {
        Self { least, rounds: 0, fixed: 0, originals: BTreeMap::new(), overlay: Overlay::new() }
    }

    /// What files are taken to hold in the next round.
    pub fn overlay(&self) -> &Overlay {
        &self.overlay
    }

    /// How many findings were fixed so far.
    pub fn fixed(&self) -> usize {
        self.fixed
    }

    /// Applies edits of these findings that do not touch each other, in the order of the findings. Says whether there
    /// were any: then the files are to be checked again.
    ///
    /// # Errors
    /// Edits that never come to an end.
    pub fn round<'f>(
        &mut self,
        sources: &Sources,
        findings: impl Iterator<Item = &'f Finding>,
    ) -> Result<bool, RunError> {
        let mut claims = Claims::default();
        for fix in findings.filter_map(|finding| finding.fix.as_ref()) {
            if self.applies(fix, sources) && claims.take(fix, sources) {
                self.fixed += 1;
            }
        }
        let edits = claims.into_edits();
        if edits.is_empty() {
            return Ok(false);
        }
        if self.rounds == MOST_ROUNDS {
            return Err(RunError::Usage {
                what: format!("the fixes did not come to an end after {MOST_ROUNDS} rounds; nothing was changed"),
                help: "two rules undo each other: leave one of them out with --ignore, and report it".to_owned(),
            });
        }
        self.rounds += 1;
        for (file, edits) in edits {
            let source = sources.get(file);
            let key = scan::overlay_key(&source.location);
            let after = apply::apply(source, &edits);
            self.originals.entry(key.clone()).or_insert_with(|| (source.location.clone(), bytes_of(source)));
            self.overlay.insert(key, after);
        }
        Ok(true)
    }

    /// Whether a fix may be applied: it is safe enough, changes something, and lies where findings are reported.
    fn applies(&self, fix: &Fix, sources: &Sources) -> bool {
        fix.applicability >= self.least
            && !fix.edits.is_empty()
            && fix.edits.iter().all(|edit| is_sound(edit, sources) && is_checked(sources.get(edit.at.file)))
            && fix.edits.iter().any(|edit| sources.text(edit.at) != edit.text)
    }

    /// The files that changed, by path.
    pub fn changes(&self) -> Vec<Change> {
        let changed = |(key, (location, before)): (&PathBuf, &(PathBuf, Vec<u8>))| {
            let after = self.overlay.get(key)?;
            (after != before).then(|| Change {
                location: location.clone(),
                before: before.clone(),
                after: after.clone(),
            })
        };
        self.originals.iter().filter_map(changed).collect()
    }

    /// Writes every changed file, or none where one cannot be written or changed since it was read.
    ///
    /// # Errors
    /// A file that cannot be written, or that is not what was read.
    pub fn write(&self) -> Result<(), RunError> {
        let changes = self.changes();
        let prepared = changes
            .iter()
            .map(|change| prepare(change).map_err(|error| RunError::fix(&change.location, &error)))
            .collect::<Result<Vec<_>, _>>()?;
        changes
            .iter()
            .zip(prepared)
            .try_for_each(|(change, file)| file.persist().map_err(|error| RunError::fix(&change.location, &error)))
    }
}

/// Whether a file was named to be checked, alone or in a folder.
fn is_checked(file: &SourceFile) -> bool {
    !file.is_reference && !file.is_context
}

/// Writes a changed file beside the one that it is to replace.
fn prepare(change: &Change) -> std::io::Result<Prepared> {
    let refused = |what: &str| std::io::Error::other(what.to_owned());
    let path = change.location.canonicalize()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    // The superuser may write anything; who made a tree read-only meant it.
    for (what, entry) in [("it is read-only", path.as_path()), ("its folder is read-only", folder)] {
        if std::fs::metadata(entry)?.permissions().readonly() {
            return Err(refused(what));
        }
    }
    if std::fs::read(&path)? != change.before {
        return Err(refused("it changed while it was checked; run gfxlint again"));
    }
    Prepared::new(&path, &change.after)
}
