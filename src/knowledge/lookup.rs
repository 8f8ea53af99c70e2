//! Finds targets by whatever people call them: `gfx906`, `gfx9006`, `MI50`, `RX 7900 XTX`, `Strix Halo`, `MI300`, `RDNA3`.

use super::{ArchFact, Knowledge};
use crate::arch::{Arch, ArchSet};
use crate::error::RunError;

/// The targets that a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lookup {
    /// The targets.
    pub targets: ArchSet,
    /// Whether the name is all of what it was compared with, not a part of it (`7900` of `RX 7900 XTX`).
    pub whole: bool,
}

/// Parts of names shorter than this stand for nothing (`XT`, `AI`).
const SHORTEST_PART: usize = 3;

/// The names of all targets, as they are compared: worked out once, since many names are looked up in one run.
#[derive(Debug)]
pub(super) struct Spellings {
    /// In the universe's order.
    targets: Vec<Spelling>,
    /// In the order of [`Knowledge::series`].
    series: Vec<String>,
}

/// How one target is called.
#[derive(Debug)]
struct Spelling {
    /// Its gfx name.
    processor: String,
    family: String,
    /// Products, code names and aliases.
    names: Vec<String>,
    /// The words of each of them.
    words: Vec<Vec<String>>,
}

impl Spelling {
    fn of(fact: &ArchFact) -> Self {
        Self {
            processor: squeezed(&fact.name),
            family: squeezed(&fact.family),
            names: names(fact).map(squeezed).collect(),
            words: names(fact).map(words).collect(),
        }
    }

    /// Whether the words follow one another in one of the names (`MI50` in `Radeon Instinct MI50`).
    fn has_words(&self, part: &[String]) -> bool {
        !part.is_empty() && self.words.iter().any(|name| name.windows(part.len()).any(|window| window == part))
    }
}

impl Knowledge {
    /// The targets of a name, whatever its case and spacing. Whole names come before parts of names, and of those the
    /// first kind that matches decides: target, generic target, series, product or code name, family.
    pub fn lookup(&self, name: &str) -> Option<Lookup> {
        if let Some(targets) = self.lookup_whole(name) {
            return Some(Lookup { targets, whole: true });
        }
        let wanted = squeezed(name);
        if wanted.len() < SHORTEST_PART {
            return None;
        }
        let part = words(name);
        let by_part = || {
            self.spelled(|target| {
                target.names.iter().chain([&target.processor]).any(|known| known.contains(wanted.as_str()))
            })
        };
        let targets = self.spelled(|target| target.has_words(&part)).or_else(by_part)?;
        Some(Lookup { targets, whole: false })
    }

    /// The targets that this is the whole name of.
    pub fn lookup_whole(&self, name: &str) -> Option<ArchSet> {
        let lower = name.trim().to_lowercase();
        let processor = lower.split(':').next().unwrap_or_default();
        if let Some(arch) = self.universe.find(processor) {
            return Some(std::iter::once(arch).collect());
        }
        let wanted = squeezed(name);
        if wanted.is_empty() {
            return None;
        }
        let series = || {
            let at = self.spellings().series.iter().position(|series| *series == wanted)?;
            self.series.get(at).map(|series| series.covers)
        };
        self.universe
            .generic(processor)
            .or_else(series)
            .or_else(|| self.spelled(|target| target.names.contains(&wanted)))
            .or_else(|| self.spelled(|target| target.family == wanted))
    }

    fn spellings(&self) -> &Spellings {
        self.spellings.get_or_init(|| Spellings {
            targets: self.arches.iter().map(Spelling::of).collect(),
            series: self.series.iter().map(|series| squeezed(&series.name)).collect(),
        })
    }

    /// The targets that are called so; none where there are none.
    fn spelled(&self, wanted: impl Fn(&Spelling) -> bool) -> Option<ArchSet> {
        let spellings = self.universe.iter().zip(&self.spellings().targets);
        let set: ArchSet = spellings.filter(|(_, target)| wanted(target)).map(|(arch, _)| arch).collect();
        Some(set).filter(|set| !set.is_empty())
    }

    /// The targets of a list as `--arch` takes it.
    ///
    /// # Errors
    /// A name that nobody knows, or a part of several targets' names.
    pub fn targets<S: AsRef<str>>(&self, list: &[S]) -> Result<ArchSet, RunError> {
        let mut targets = ArchSet::EMPTY;
        for name in list.iter().map(AsRef::as_ref) {
            if let Some(family) = self.starting(name) {
                targets = targets.union(family);
                continue;
            }
            match self.lookup(name) {
                Some(found) if found.whole || found.targets.len() == 1 => targets = targets.union(found.targets),
                Some(found) => return Err(self.ambiguous(name, found.targets)),
                None => return Err(self.unknown_target(name)),
            }
        }
        Ok(targets)
    }

    /// The current targets whose names start so, for `gfx12*`; none for another name.
    fn starting(&self, name: &str) -> Option<ArchSet> {
        let start = name.trim().strip_suffix('*')?.to_ascii_lowercase();
        let is_one = |arch| self.arch(arch).status == "current" && self.universe.name(arch).starts_with(&start);
        let found: ArchSet = self.universe.iter().filter(|arch| start.starts_with("gfx") && is_one(*arch)).collect();
        (!found.is_empty()).then_some(found)
    }

    /// The error for a name that nobody knows, with what may have been meant.
    pub fn unknown_target(&self, name: &str) -> RunError {
        let near = self.near(name);
        let list = "`gfxlint arch` lists all targets and products";
        let help =
            if near.is_empty() { list.to_owned() } else { format!("did you mean {}? {list}", near.join(" or ")) };
        RunError::UnknownTarget { name: crate::report::printable(name), help }
    }

    fn ambiguous(&self, name: &str, targets: ArchSet) -> RunError {
        let choices: Vec<String> = targets.iter().map(|arch| self.describe(arch)).collect();
        RunError::UnknownTarget {
            name: crate::report::printable(name),
            help: format!("it is part of several names; give one of {}", choices.join(", ")),
        }
    }

    /// A target with its best-known product: `gfx906 (Instinct MI50)`.
    fn describe(&self, arch: Arch) -> String {
        let fact = self.arch(arch);
        fact.products.first().map_or_else(|| fact.name.clone(), |product| format!("{} ({product})", fact.name))
    }

    /// At most three names that are spelled nearly like `name`, nearest first.
    fn near(&self, name: &str) -> Vec<String> {
        let wanted = squeezed(name);
        let allowed = (wanted.len() / 3).clamp(1, 3);
        let known = self
            .arches
            .iter()
            .flat_map(|fact| names(fact).chain([fact.name.as_str()]))
            .chain(self.series.iter().map(|series| series.name.as_str()));
        // Of names that are equally far, those with the nearest digit: gfx906 for gfx907.
        let letters = |text: &str| text.chars().map(u32::from).sum::<u32>();
        let rank = |known: &str| (distance(&wanted, known), letters(&wanted).abs_diff(letters(known)));
        let mut near: Vec<((usize, u32), &str)> =
            known.map(|known| (rank(&squeezed(known)), known)).filter(|&((far, _), _)| far <= allowed).collect();
        near.sort_unstable();
        near.dedup();
        near.into_iter().take(3).map(|(_, known)| format!("`{known}`")).collect()
    }
}

/// Everything that a target is called beside its gfx name.
fn names(fact: &ArchFact) -> impl Iterator<Item = &str> {
    fact.products.iter().chain(&fact.codenames).chain(&fact.aliases).map(String::as_str)
}

/// A name without case, spaces and punctuation.
fn squeezed(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The words of a name, without case.
fn words(name: &str) -> Vec<String> {
    name.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The edit distance of two names: letters added, dropped or replaced.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, &other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Universe;

    fn knowledge() -> Knowledge {
        let fact = |name: &str, family: &str, products: &[&str], codenames: &[&str]| {
            let quoted = |list: &[&str]| format!("{list:?}");
            let text = format!(
                "name = {name:?}\nfamily = {family:?}\ncapability = [9, 0]\nkfd = 1\nproducts = {}\ncodenames = {}\naliases = []\nstatus = 'current'\nsources = []",
                quoted(products),
                quoted(codenames)
            );
            toml::from_str::<ArchFact>(&text).unwrap()
        };
        let arches = vec![
            fact("gfx906", "GCN5.1", &["Instinct MI50", "Radeon VII"], &["Vega 20"]),
            fact("gfx942", "CDNA3", &["Instinct MI300X"], &[]),
            fact("gfx1100", "RDNA3", &["Radeon RX 7900 XTX", "Radeon RX 7900 XT"], &["Navi 31"]),
            fact("gfx1101", "RDNA3", &["Radeon RX 7700 XT"], &["Navi 32"]),
            fact("gfx1102", "RDNA3", &["Radeon RX 7700S"], &["Navi 33"]),
            fact("gfx1151", "RDNA3.5", &["Radeon 8060S"], &["Strix Halo"]),
        ];
        let mut universe = Universe::default();
        for arch in &arches {
            universe.add(&arch.name, &[], arch.capability);
        }
        Knowledge {
            universe,
            arches,
            series: Vec::new(),
            components: Vec::new(),
            kernels: Vec::new(),
            spellings: Default::default(),
            own: Default::default(),
        }
    }

    #[test]
    fn people_have_many_names_for_a_target() {
        let knowledge = knowledge();
        let found = |name: &str| {
            knowledge.lookup(name).map(|found| (knowledge.universe.names(found.targets).join(" "), found.whole))
        };
        let is = |names: &str, whole| Some((names.to_owned(), whole));
        assert_eq!(found("GFX906:xnack-"), is("gfx906", true));
        assert_eq!(found("mi50"), is("gfx906", false));
        assert_eq!(found("radeon-vii"), is("gfx906", true));
        assert_eq!(found("RX 7900 XTX"), is("gfx1100", false));
        assert_eq!(found("rx7900xtx"), is("gfx1100", false));
        assert_eq!(found("strix halo"), is("gfx1151", true));
        assert_eq!(found("RDNA3"), is("gfx1100 gfx1101 gfx1102", true));
        assert_eq!(found("rx 77"), is("gfx1101 gfx1102", false));
        assert_eq!(found("xt"), None);
        assert_eq!(found("B200"), None);
    }

    #[test]
    fn a_star_stands_for_the_rest_of_a_name() {
        let knowledge = knowledge();
        let family = knowledge.targets(&["gfx110*"]).unwrap();
        assert_eq!(knowledge.universe.names(family), ["gfx1100", "gfx1101", "gfx1102"]);
        assert!(knowledge.targets(&["gfx99*"]).is_err() && knowledge.targets(&["*"]).is_err());
    }

    #[test]
    fn a_list_names_targets_or_says_what_was_meant() {
        let knowledge = knowledge();
        assert_eq!(knowledge.targets(&["MI50", "gfx1151"]).map(|set| set.len()).unwrap(), 2);
        let help = |name: &str| match knowledge.targets(&[name]) {
            Err(RunError::UnknownTarget { help, .. }) => help,
            other => panic!("{other:?}"),
        };
        assert!(help("gfx907").contains("did you mean `gfx906`"));
        assert!(help("RX 77").contains("gfx1101 (Radeon RX 7700 XT), gfx1102 (Radeon RX 7700S)"));
        assert_eq!(help("zzzzzz"), "`gfxlint arch` lists all targets and products");
    }
}
