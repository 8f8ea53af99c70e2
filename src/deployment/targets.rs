//! Which GPU targets something is for.

use super::{Basis, Certainty};
use crate::arch::{ArchSet, MatchMode, TokenShape, Universe, tokens};
use crate::facts::holds_in_any_case;
use crate::knowledge::Knowledge;
use crate::span::{Place, Span};

/// Targets, how sure they are and where they were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Targets {
    /// The targets; empty where none is known.
    pub set: ArchSet,
    /// How sure; none where none is known.
    pub certainty: Option<Certainty>,
    /// What says so.
    pub origin: Option<TargetOrigin>,
    /// Where it stands; none for what was asked for and for the name of a file.
    pub at: Option<Place>,
}

/// What says which targets something is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetOrigin {
    /// `--arch`.
    Asked,
    /// A variable that lists targets.
    Variable,
    /// An option: `--arch gfx1151` of a build script.
    Option,
    /// A package or an archive for one target: `torch[device-gfx1100]`, `therock-dist-linux-gfx1151`.
    Package,
    /// The address of a package index: `/v2/gfx1151/`.
    Address,
    /// An image's name or tag.
    ImageName,
    /// A label.
    Label,
    /// The name of a file or of the folder that it lies in.
    FileName,
    /// A comment or a sentence.
    Prose,
}

impl TargetOrigin {
    /// What it is, in a message: "the image's name".
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Asked => "--arch",
            Self::Variable => "a variable",
            Self::Option => "an option",
            Self::Package => "a package",
            Self::Address => "the package index",
            Self::ImageName => "an image's name",
            Self::Label => "a label",
            Self::FileName => "the file's name",
            Self::Prose => "a comment",
        }
    }
}

impl Targets {
    /// Targets that something says.
    pub(super) fn new(set: ArchSet, certainty: Certainty, origin: TargetOrigin, at: Option<Place>) -> Self {
        Self { set, certainty: Some(certainty), origin: Some(origin), at }
    }

    /// Those that a file's name and folders name.
    pub fn of_path(knowledge: &Knowledge, path: &str) -> Self {
        named_in_path(knowledge, path)
            .map(|set| Self::new(set, Certainty::Named, TargetOrigin::FileName, None))
            .unwrap_or_default()
    }

    /// What was asked for, if anything was.
    pub(super) fn asked(basis: Basis<'_>) -> Option<Self> {
        let asked = Self::new(basis.asked, Certainty::Asked, TargetOrigin::Asked, None);
        (!basis.asked.is_empty()).then_some(asked)
    }

    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        self.set.is_empty()
    }

    /// Whether the GPU is one of several: a rule then names those that it is about, and drops one step.
    pub fn is_any_of(&self) -> bool {
        self.set.len() > 1
    }

    /// Whether they were guessed.
    pub fn is_guess(&self) -> bool {
        self.certainty.is_some_and(Certainty::is_guess)
    }

    /// Those of `affected` among them; none where there are none.
    pub fn among(&self, affected: ArchSet) -> Option<Affected> {
        let set = self.set.intersection(affected);
        (!set.is_empty()).then_some(Affected { set, is_part: set != self.set })
    }

    /// What several names agree on: the targets that all of them allow, said by the narrowest; unknown where they
    /// contradict one another.
    pub(super) fn agreed(names: &[Self]) -> Self {
        let Some(all) = names.iter().map(|name| name.set).reduce(ArchSet::intersection) else { return Self::default() };
        let narrowest = names.iter().min_by_key(|name| (name.set.len(), name.origin));
        match narrowest.filter(|_| !all.is_empty()) {
            Some(narrowest) => Self { set: all, ..*narrowest },
            None => Self::default(),
        }
    }
}

/// Targets that a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Affected {
    /// The targets.
    pub set: ArchSet,
    /// Whether there are others for which all is well.
    pub is_part: bool,
}

/// A target that the runtime is told to see in place of the real one (`HSA_OVERRIDE_GFX_VERSION`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pretended {
    /// The value as written.
    pub written: String,
    /// The target's name that it amounts to, known or not (`gfx1100`); none where it is empty or malformed.
    pub name: Option<String>,
    /// Where it is set.
    pub at: Place,
}

/// The name of the target that `a.b.c` stands for: the stepping in hex (`9.0.10` is gfx90a).
pub fn overridden(value: &str) -> Option<String> {
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = value.trim().split('.').collect();
    let numbers: Vec<u32> =
        parts.iter().filter(|part| is_number(part)).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let &[major, minor, stepping] = numbers.as_slice() else { return None };
    (parts.len() == 3 && major > 0 && minor < 16 && stepping < 16).then(|| format!("gfx{major}{minor:x}{stepping:x}"))
}

/// The targets that a text names, with where the first name starts; families count whole (`gfx120X`).
pub(super) fn named_in(universe: &Universe, text: &str) -> Option<(ArchSet, std::ops::Range<usize>)> {
    if !holds_in_any_case(text, "gfx") {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    // In names, `_` separates: `vllm_gfx1151` is no identifier.
    let plain: String = lower.chars().map(|letter| if letter == '_' { ' ' } else { letter }).collect();
    let found = tokens(&plain, Span::new(0, plain.len()));
    let first = found.first()?.span.range();
    let set = found.iter().fold(ArchSet::EMPTY, |set, token| {
        let mode = if token.shape == TokenShape::Family { MatchMode::Prefix } else { MatchMode::Exact };
        set.union(universe.covers(&token.name, mode))
    });
    (!set.is_empty()).then_some((set, first))
}

/// The targets that the words of a path name: gfx names, products and code names (`docker/Dockerfile.strix-halo`).
pub(super) fn named_in_path(knowledge: &Knowledge, path: &str) -> Option<ArchSet> {
    let by_name = path.rsplit('/').find_map(|part| named_in(&knowledge.universe, part)).map(|(set, _)| set);
    by_name.or_else(|| path.rsplit('/').find_map(|part| product_in(knowledge, part)))
}

/// Words of paths that are also the names of products or families, and seldom mean them.
const COMMON: &[&str] = &["base", "point", "max", "pro", "core", "next", "navi", "vega", "rdna", "cdna"];

/// The targets of a product or code name in a file's or folder's name.
fn product_in(knowledge: &Knowledge, part: &str) -> Option<ArchSet> {
    let words: Vec<&str> =
        part.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let whole = (1..=3.min(words.len())).rev().find_map(|length| {
        words.windows(length).find_map(|window| {
            let name = window.join(" ");
            let is_telling = name.len() >= 4 && !COMMON.contains(&name.to_ascii_lowercase().as_str());
            let digits = name.bytes().any(|byte| byte.is_ascii_digit());
            // A bare number is a version or a port.
            let letters = name.bytes().any(|byte| byte.is_ascii_alphabetic());
            let targets = (is_telling && letters).then(|| knowledge.lookup_whole(&name))??;
            (digits || length > 1 || targets.len() <= 2).then_some(targets)
        })
    });
    whole.or_else(|| {
        // The first word of a code name: `strix` of Strix Point and Strix Halo.
        let word =
            words.iter().find(|word| word.eq_ignore_ascii_case("strix") || word.eq_ignore_ascii_case("r9700"))?;
        Some(knowledge.lookup(word)?.targets)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_are_read_as_the_runtime_does() {
        let cases = [
            ("11.5.1", Some("gfx1151")),
            ("9.0.10", Some("gfx90a")),
            ("10.3.0", Some("gfx1030")),
            ("9.4.2", Some("gfx942")),
            ("", None),
            ("9.0a", None),
            ("gfx1100", None),
            ("11.0", None),
            ("11.0.0.0", None),
            ("11..0", None),
            ("+11.0.0", None),
        ];
        for (value, wanted) in cases {
            assert_eq!(overridden(value).as_deref(), wanted, "{value}");
        }
    }

    #[test]
    fn paths_name_targets() {
        let knowledge = Knowledge::embedded().unwrap();
        let named = |path: &str| named_in_path(&knowledge, path).map(|set| knowledge.universe.names(set).join(" "));
        assert_eq!(named("gfx906/Dockerfile").as_deref(), Some("gfx906"));
        assert_eq!(named("docker/Dockerfile.rocm_base_gfx1250").as_deref(), Some("gfx1250"));
        assert_eq!(named("vllm-strix-halo-toolbox/Dockerfile").as_deref(), Some("gfx1151"));
        assert_eq!(named("docker/Dockerfile.strix").as_deref(), Some("gfx1150 gfx1151"));
        assert_eq!(named("mi50-toolboxes/start.sh").as_deref(), Some("gfx906"));
        assert_eq!(named("docker/Dockerfile.rocm"), None);
        assert_eq!(named("docker/base/Dockerfile.vega.max.7900"), None);
    }

    #[test]
    fn names_agree_or_say_nothing() {
        let universe = Knowledge::embedded().unwrap().universe;
        let one = |text: &str| {
            let (set, _) = named_in(&universe, text).unwrap();
            Targets::new(set, Certainty::Named, TargetOrigin::Label, None)
        };
        assert_eq!(universe.names(Targets::agreed(&[one("gfx120X"), one("gfx1201")]).set), ["gfx1201"]);
        assert!(Targets::agreed(&[one("gfx906"), one("gfx1201")]).is_unknown());
        assert!(Targets::agreed(&[]).is_unknown());
    }
}
