//! gfx targets and sets of them.
//!
//! A *target* is one processor (`gfx90a`); an [`ArchSet`] is a set of targets out of the [`Universe`] of known ones.
//! [`ArchTruth`] is what a condition says of each target: whether it can hold there, and whether it can fail.

mod token;
mod truth;

pub use token::{ArchToken, TokenShape, tokens, tokens_in_prose};
pub use truth::ArchTruth;

use serde::{Deserialize, Serialize};

/// One target, as an index into the [`Universe`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Arch(pub u8);

/// A set of targets; a bit for each target of the universe.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct ArchSet(u128);

impl ArchSet {
    /// The empty set.
    pub const EMPTY: Self = Self(0);

    /// Adds a target.
    pub fn insert(&mut self, arch: Arch) {
        self.0 |= 1 << arch.0;
    }

    /// Whether the set holds `arch`.
    pub fn contains(self, arch: Arch) -> bool {
        self.0 & (1 << arch.0) != 0
    }

    /// Whether nothing is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The number of targets in the set.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// What is in either set.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both sets.
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this set and not in `other`.
    pub fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether everything in this set is in `other` as well.
    pub fn is_subset(self, other: Self) -> bool {
        self.difference(other).is_empty()
    }

    /// The targets, in the universe's order.
    pub fn iter(self) -> impl Iterator<Item = Arch> {
        (0..128u8).map(Arch).filter(move |&arch| self.contains(arch))
    }
}

impl FromIterator<Arch> for ArchSet {
    fn from_iter<I: IntoIterator<Item = Arch>>(archs: I) -> Self {
        let mut set = Self::EMPTY;
        archs.into_iter().for_each(|arch| set.insert(arch));
        set
    }
}

/// How a written name selects targets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MatchMode {
    /// The whole name: `arch in ("gfx942",)`.
    Exact,
    /// How the name starts: `arch.startswith("gfx94")`, `__GFX9__`.
    Prefix,
    /// Anywhere in the name: `"gfx94" in arch`.
    Substring,
}

/// All known targets, in the order of `rules/knowledge/arches.toml`.
#[derive(Debug, Clone, Default)]
pub struct Universe {
    names: Vec<String>,
    aliases: Vec<(String, Arch)>,
    generics: Vec<(String, ArchSet)>,
    older: Vec<String>,
    capabilities: Vec<(u16, u16)>,
}

impl Universe {
    /// Adds a target with its other spellings and its capability (major, minor) and returns it.
    /// At most 128 targets are kept; more are ignored.
    pub fn add(&mut self, name: &str, aliases: &[String], capability: (u16, u16)) -> Option<Arch> {
        let arch = Arch(u8::try_from(self.names.len()).ok().filter(|&n| n < 128)?);
        self.names.push(name.to_owned());
        self.capabilities.push(capability);
        self.aliases.extend(aliases.iter().map(|alias| (alias.clone(), arch)));
        Some(arch)
    }

    /// Adds an LLVM generic target (`gfx11-generic`), which stands for a set.
    pub fn add_generic(&mut self, name: &str, covers: ArchSet) {
        self.generics.push((name.to_owned(), covers));
    }

    /// Adds a target from before those that are looked at, which compilers know and nothing else is known of.
    pub fn add_older(&mut self, name: &str) {
        self.older.push(name.to_owned());
    }

    /// Whether compilers know a target of that name, from before those that are looked at.
    pub fn is_older(&self, name: &str) -> bool {
        self.older.iter().any(|older| older.eq_ignore_ascii_case(name))
    }

    /// Every known target.
    pub fn all(&self) -> ArchSet {
        self.iter().collect()
    }

    /// Every known target, in order.
    pub fn iter(&self) -> impl Iterator<Item = Arch> + use<> {
        (0..u8::try_from(self.names.len()).unwrap_or(u8::MAX)).map(Arch)
    }

    /// The name of a target.
    pub fn name(&self, arch: Arch) -> &str {
        self.names.get(arch.0 as usize).map_or("?", String::as_str)
    }

    /// What HIP reports as compute capability: (major, minor), from LLVM's naming of targets.
    pub fn capability(&self, arch: Arch) -> (u16, u16) {
        self.capabilities.get(arch.0 as usize).copied().unwrap_or_default()
    }

    /// The target of that exact name, or alias.
    pub fn find(&self, name: &str) -> Option<Arch> {
        let by_name = self.names.iter().position(|known| known == name).and_then(|at| u8::try_from(at).ok()).map(Arch);
        by_name.or_else(|| self.aliases.iter().find(|(alias, _)| alias == name).map(|&(_, arch)| arch))
    }

    /// The set of a generic target.
    pub fn generic(&self, name: &str) -> Option<ArchSet> {
        self.generics.iter().find(|(known, _)| known == name).map(|&(_, set)| set)
    }

    /// What a name as written covers: `gfx942` or `gfx942:xnack-` exactly, a generic target its members,
    /// a part of a name (`gfx94`) by `mode`.
    pub fn covers(&self, written: &str, mode: MatchMode) -> ArchSet {
        let processor = written.split(':').next().unwrap_or_default();
        if let Some(set) = self.generic(processor) {
            return set;
        }
        match mode {
            MatchMode::Exact => self
                .names
                .iter()
                .position(|known| known == processor)
                .into_iter()
                .filter_map(|at| u8::try_from(at).ok())
                .map(Arch)
                .collect(),
            MatchMode::Prefix => self.select(|name| name.starts_with(processor)),
            MatchMode::Substring => self.select(|name| name.contains(processor)),
        }
    }

    /// The targets whose name satisfies `wanted`.
    pub fn select(&self, wanted: impl Fn(&str) -> bool) -> ArchSet {
        self.iter().filter(|&arch| wanted(self.name(arch))).collect()
    }

    /// The targets whose capability number (`major * 10 + minor`, as vLLM's `DeviceCapability.to_int`) satisfies `wanted`.
    pub fn by_capability(&self, wanted: impl Fn(u16) -> bool) -> ArchSet {
        self.iter()
            .filter(|&arch| {
                let (major, minor) = self.capability(arch);
                wanted(major * 10 + minor)
            })
            .collect()
    }

    /// The names in a set, in order.
    pub fn names(&self, set: ArchSet) -> Vec<String> {
        set.iter().map(|arch| self.name(arch).to_owned()).collect()
    }

    /// The names in a set for a message: `gfx906, gfx908 and gfx90a`.
    pub fn list(&self, set: ArchSet) -> String {
        let names = self.names(set);
        match names.as_slice() {
            [] => "nothing".to_owned(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }
}
