//! Which files are to blame for broken imports.
//!
//! A part of the tree (a file or a folder) that is from another release breaks imports across its border: its own, and
//! those of others from it. The parts that explain most are taken one after the other, until nothing is left. What a
//! single slip could have done, a change to one statement or to one module, shows nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::part::Part;
use super::unit::{Unit, is_within};
use crate::modules::graph::parent;
use crate::modules::{BrokenImport, Imports};

/// How many different names have to be broken. One fault, or two, is a slip.
pub(super) const LEAST_NAMES: usize = 3;
/// How many files of a folder have to show that it is foreign for it to be named instead of them.
const LEAST_FILES: usize = 3;
/// And one file of it in so many.
const LEAST_SHARE: usize = 4;
/// One file of a folder in so many has to take part for the folder to explain anything.
const LEAST_INVOLVED: usize = 16;
/// A wide part always explains a little more than the narrow one that is to blame: so much of it is enough.
const NEARLY_ALL: (u32, u32) = (3, 4);
/// Where so many parts do not explain everything, something else than a mixture is wrong.
const MOST_PARTS: usize = 64;

/// Who is to blame.
#[derive(Debug, Default)]
pub(super) struct Blame {
    /// Files and folders, as paths.
    pub(super) foreign: Vec<String>,
    /// The broken imports that show it.
    pub(super) imports: Vec<usize>,
}

/// A part that is taken, with what it explains.
struct Taken<'u> {
    /// What it is named by.
    paths: Vec<String>,
    /// What it explains, its own imports first.
    units: Vec<Unit<'u>>,
    /// Whether it shows by itself that it is foreign.
    is_telling: bool,
    /// Whether it and not its counterpart is to blame.
    is_certain: bool,
}

/// Finds who is to blame for the broken imports of a tree.
pub(super) fn blame(imports: &Imports<'_>, tree: &str, broken: &[BrokenImport]) -> Blame {
    let read = |(index, import)| Unit::read(imports, tree, index, import);
    let units: Vec<Unit<'_>> = broken.iter().enumerate().filter_map(read).collect();
    if units.is_empty() {
        return Blame::default();
    }
    let taken = Judge { imports, tree, sizes: Sizes::of(imports, tree) }.take_all(units);
    let mut blame = Blame::default();
    if taken.iter().any(|part| part.is_telling) {
        // Beside a part that is surely foreign, one that more than one slip would have to explain is foreign too.
        for part in taken.iter().filter(|part| part.is_telling || part.is_more_than_a_slip()) {
            blame.imports.extend(part.units.iter().map(|unit| unit.index));
            blame.foreign.extend(part.paths.iter().cloned());
        }
    } else if are_scattered(&taken) {
        blame.imports = taken.iter().flat_map(|part| &part.units).map(|unit| unit.index).collect();
        let alone: Vec<_> = (0..taken.len()).filter(|&index| taken[index].is_alone(index, &taken)).collect();
        let certain: Vec<_> = alone.iter().copied().filter(|&index| taken[index].is_certain).collect();
        let all = (0..taken.len()).collect();
        let named = [certain, alone, all].into_iter().find(|indices| !indices.is_empty()).unwrap_or_default();
        blame.foreign = named.into_iter().flat_map(|index| taken[index].paths.clone()).collect();
    }
    blame
}

/// Whether several files, of which none shows enough by itself, do so together.
fn are_scattered(taken: &[Taken<'_>]) -> bool {
    let units = || taken.iter().flat_map(|part| &part.units);
    let slots: BTreeSet<_> = units().map(Unit::slot).collect();
    let origins: BTreeSet<_> = slots.iter().map(|(module, _)| *module).collect();
    // One name that is missing in several modules was lost on its way through them.
    let names: BTreeSet<_> = slots.iter().map(|(module, name)| name.unwrap_or(module)).collect();
    let knows_home = units().any(|unit| unit.home.is_some());
    let is_enough = names.len() > LEAST_NAMES || names.len() == LEAST_NAMES && knows_home;
    is_enough && origins.len() > 1 && taken.len() > 1
}

impl Taken<'_> {
    fn is_more_than_a_slip(&self) -> bool {
        let slots: BTreeSet<_> = self.units.iter().map(Unit::slot).collect();
        let wants: BTreeSet<_> = self.units.iter().map(|unit| (&unit.importer, &unit.key.0)).collect();
        slots.len() > 1 && wants.len() > 1
    }

    /// Whether something is missing here that is not missing in other parts too: that is the fault of none of them.
    fn is_alone(&self, index: usize, taken: &[Taken<'_>]) -> bool {
        let others = taken.iter().enumerate().filter(|(other, _)| *other != index);
        let elsewhere: BTreeSet<_> = others.flat_map(|(_, part)| &part.units).map(Unit::slot).collect();
        self.units.iter().any(|unit| !elsewhere.contains(&unit.slot()))
    }
}

/// The tree that is judged.
struct Judge<'i, 'a> {
    imports: &'i Imports<'a>,
    tree: &'i str,
    sizes: Sizes,
}

impl Judge<'_, '_> {
    /// Takes the parts that explain most, until everything is explained.
    fn take_all<'u>(&self, mut units: Vec<Unit<'u>>) -> Vec<Taken<'u>> {
        let mut taken = Vec::new();
        while taken.len() < MOST_PARTS {
            let Some((stem, part)) = self.best(&units) else { break };
            let is_telling = part.is_telling(&stem, &units);
            let paths = self.named(&stem, &part);
            let crosses = |unit: &Unit<'_>| is_within(&unit.importer, &stem) != is_within(&unit.source, &stem);
            let (crossing, rest): (Vec<_>, Vec<_>) = units.into_iter().partition(crosses);
            let (mut own, others): (Vec<_>, Vec<_>) =
                crossing.into_iter().partition(|unit| is_within(&unit.importer, &stem));
            own.extend(others);
            taken.push(Taken { paths, units: own, is_telling, is_certain: part.is_certain() });
            units = rest;
        }
        taken
    }

    /// The part that explains most of these, or the narrowest in it that explains nearly as much.
    fn best(&self, units: &[Unit<'_>]) -> Option<(String, Part)> {
        let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
        for unit in units {
            for stem in folders(&unit.importer, self.tree).filter(|stem| !is_within(&unit.source, stem)) {
                parts.entry(stem).or_default().add_own(unit, stem);
            }
            for stem in folders(&unit.source, self.tree).filter(|stem| !is_within(&unit.importer, stem)) {
                parts.entry(stem).or_default().add_others(unit, stem);
            }
        }
        let explains = |stem: &str, part: &Part| {
            let involved = part.files().len();
            let size = self.sizes.of_folder(stem);
            self.is_file(stem)
                || size > 0 && (involved == 0 || involved >= LEAST_FILES && involved * LEAST_INVOLVED >= size)
        };
        parts.retain(|stem, part| explains(stem, part));
        let depth = |stem: &str| stem.matches('/').count();
        let (top, most) = parts
            .iter()
            .map(|(stem, part)| (*stem, part.score()))
            .max_by_key(|(stem, score)| (*score, depth(stem), *stem))?;
        parts
            .into_iter()
            .filter(|(stem, part)| is_within(stem, top) && part.score() * NEARLY_ALL.1 >= most * NEARLY_ALL.0)
            .max_by_key(|(stem, part)| (depth(stem), part.score(), *stem))
            .map(|(stem, part)| (stem.to_owned(), part))
    }

    /// The paths that a part is named by: the folder where much of it shows that it is foreign, else its files.
    fn named(&self, stem: &str, part: &Part) -> Vec<String> {
        if self.is_file(stem) {
            return vec![format!("{stem}.py")];
        }
        let involved = part.files();
        let size = self.sizes.of_folder(stem);
        let is_much = involved.len() >= LEAST_FILES && involved.len() * LEAST_SHARE >= size;
        if involved.is_empty() || is_much || involved.len() == size {
            return vec![stem.to_owned()];
        }
        involved.iter().map(|file| format!("{file}.py")).collect()
    }

    fn is_file(&self, stem: &str) -> bool {
        self.imports.sources.find(&format!("{stem}.py")).is_some()
    }
}

/// The stems from `stem` up to, and without, the tree.
fn folders<'s>(stem: &'s str, tree: &'s str) -> impl Iterator<Item = &'s str> {
    std::iter::successors(Some(stem), |folder| Some(parent(folder))).take_while(move |folder| folder.len() > tree.len())
}

/// How many files of the checked tree lie in each folder.
struct Sizes(BTreeMap<String, usize>);

impl Sizes {
    fn of(imports: &Imports<'_>, tree: &str) -> Self {
        let mut sizes = BTreeMap::new();
        for (file, _) in imports.checked() {
            let path = &imports.sources.get(file).path;
            for folder in folders(parent(path), tree).filter(|folder| is_within(folder, tree)) {
                *sizes.entry(folder.to_owned()).or_default() += 1;
            }
        }
        Self(sizes)
    }

    /// None for what is no folder.
    fn of_folder(&self, stem: &str) -> usize {
        self.0.get(stem).copied().unwrap_or_default()
    }
}
