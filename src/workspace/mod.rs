//! All facts of one run, joined: what names denote, what values amount to.

use crate::arch::{ArchSet, MatchMode};
use crate::facts::{FileFacts, Sense, SiteKind};
use crate::source::{SourceFile, Sources};
use crate::span::{FileId, Place};

/// All facts of one run.
#[derive(Debug, Default)]
pub struct Workspace {
    sources: Sources,
    facts: Vec<FileFacts>,
    sites: Vec<ResolvedSite>,
}

/// What a site denotes.
#[derive(Debug, Clone)]
pub struct ResolvedSite {
    /// Where.
    pub at: Place,
    /// What form it has.
    pub kind: SiteKind,
    /// What it defines or controls.
    pub symbol: String,
    /// Names as written there; none for a site that names another one.
    pub written: Vec<String>,
    /// How they are compared.
    pub mode: MatchMode,
    /// What its pattern covers.
    pub covers: ArchSet,
    /// Whether the condition is negated on its way to what it guards.
    pub negated: bool,
    /// The targets for which the site is true or applies.
    pub effective: ArchSet,
    /// Where its set is inherited from.
    pub via: Option<Place>,
    /// What becomes of a target for which the condition holds.
    pub sense: Sense,
}

impl Workspace {
    /// The files of the run.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Every file with its facts, in order.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile, &FileFacts)> {
        self.sources.iter().zip(&self.facts).map(|((id, file), facts)| (id, file, facts))
    }

    /// The facts of a file.
    pub fn facts(&self, file: FileId) -> &FileFacts {
        &self.facts[file.0 as usize]
    }

    /// Every site that declares or tests a set of targets, by file and place.
    pub fn sites(&self) -> &[ResolvedSite] {
        &self.sites
    }
}
