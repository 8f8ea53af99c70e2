//! Which GPU targets something is for.

use super::Certainty;
use crate::arch::ArchSet;
use crate::span::Place;

/// Targets, how sure they are and where they were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Targets {
    /// The targets; empty where none is known.
    pub set: ArchSet,
    /// How sure; none where none is known.
    pub certainty: Option<Certainty>,
    /// Where they were read; none for what was asked for.
    pub at: Option<Place>,
}

impl Targets {
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
    let parts: Vec<u32> = value.trim().split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let &[major, minor, stepping] = parts.as_slice() else { return None };
    (major > 0 && minor < 16 && stepping < 16).then(|| format!("gfx{major}{minor:x}{stepping:x}"))
}
