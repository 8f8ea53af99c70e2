//! What a part of a tree explains, if it is from another release.

use std::collections::{BTreeMap, BTreeSet};

use super::blame::LEAST_NAMES;
use super::unit::{Unit, is_within};

/// The name is where the other side, and not this one, puts it: this side is foreign.
const SURE: u32 = 100;
/// The name is nowhere: either side may be foreign.
const OPEN: u32 = 60;
/// The name is where this side puts it: rather the other side is foreign.
const DOUBTFUL: u32 = 30;

/// Broken imports across the border of a file or folder.
#[derive(Debug, Default)]
pub(super) struct Part {
    own: Side,
    others: Side,
}

/// The imports of a part, or those of others from it.
#[derive(Debug, Default)]
struct Side {
    /// What is missing, and how much that says.
    missing: BTreeMap<(String, Option<String>), u32>,
    /// The files that want it, with the modules that they want it from.
    wants: BTreeSet<(String, String)>,
    /// The files of the part that take part.
    files: BTreeSet<String>,
    /// The files that have what is missing.
    homes: BTreeSet<Option<String>>,
}

impl Side {
    fn add(&mut self, unit: &Unit<'_>, weight: u32, file: Option<&str>) {
        let key = (unit.key.0.clone(), unit.key.1.map(str::to_owned));
        let known = self.missing.entry(key).or_default();
        *known = weight.max(*known);
        self.wants.insert((unit.importer.clone(), unit.key.0.clone()));
        self.files.extend(file.map(str::to_owned));
        self.homes.insert(unit.home.clone());
    }

    /// The names that are missing. One that is missing in several modules was lost on its way through them.
    fn names(&self) -> BTreeSet<&str> {
        self.missing.keys().map(|(module, name)| name.as_deref().unwrap_or(module)).collect()
    }

    fn importers(&self) -> BTreeSet<&str> {
        self.wants.iter().map(|(file, _)| file.as_str()).collect()
    }
}

impl Part {
    /// Adds an import of the part.
    pub(super) fn add_own(&mut self, unit: &Unit<'_>, stem: &str) {
        let weight = match &unit.home {
            None => OPEN,
            Some(home) if is_within(home, stem) => DOUBTFUL,
            Some(_) => SURE,
        };
        self.own.add(unit, weight, Some(&unit.importer));
    }

    /// Adds an import of others from the part.
    pub(super) fn add_others(&mut self, unit: &Unit<'_>, stem: &str) {
        let weight = match &unit.home {
            None => OPEN,
            Some(home) if is_within(home, stem) => SURE,
            Some(_) => DOUBTFUL,
        };
        self.others.add(unit, weight, unit.has_source.then_some(&unit.source));
    }

    /// The files of the part that take part.
    pub(super) fn files(&self) -> BTreeSet<&str> {
        self.own.files.iter().chain(&self.others.files).map(String::as_str).collect()
    }

    /// How much the part explains.
    pub(super) fn score(&self) -> u32 {
        self.weight() + u32::try_from(self.places()).unwrap_or(u32::MAX)
    }

    /// Whether the other side is not as likely to be the foreign one.
    pub(super) fn is_certain(&self) -> bool {
        self.weight() > OPEN || self.places() > 1
    }

    fn weight(&self) -> u32 {
        self.own.missing.values().chain(self.others.missing.values()).sum()
    }

    fn places(&self) -> usize {
        self.own.wants.len() + self.others.importers().len()
    }

    /// Whether no single slip could have done this.
    pub(super) fn is_telling(&self, stem: &str, units: &[Unit<'_>]) -> bool {
        let (wanted, lacking) = (self.own.names(), self.others.names());
        if !wanted.is_empty() && !lacking.is_empty() {
            return wanted.union(&lacking).count() >= LEAST_NAMES;
        }
        let (wanted, lacking) = (wanted.len(), lacking.len());
        let origins: BTreeSet<&String> = self.own.missing.keys().map(|(module, _)| module).collect();
        let wants = wanted >= LEAST_NAMES && (origins.len() > 1 || self.is_split(stem, units));
        // Several names that moved to one place together are one change.
        let are_names = self.others.missing.keys().all(|(_, name)| name.is_some());
        let is_one_move = are_names && self.others.homes.len() == 1 && !self.others.homes.contains(&None);
        wants || lacking >= LEAST_NAMES && self.others.importers().len() > 1 && !is_one_move
    }

    /// Whether all that the part wants moved to different places below the package that had it.
    fn is_split(&self, stem: &str, units: &[Unit<'_>]) -> bool {
        let is_own = |unit: &&Unit<'_>| is_within(&unit.importer, stem) && !is_within(&unit.source, stem);
        self.own.homes.len() > 1
            && units
                .iter()
                .filter(is_own)
                .all(|unit| unit.home.as_ref().is_some_and(|home| is_within(home, &unit.key.0)))
    }
}
