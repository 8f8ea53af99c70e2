//! Which release of vLLM runs.

use super::{Answer, Certainty, VersionRange};
use crate::span::Place;

/// What is known of the vLLM that runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VllmRelease {
    /// The releases that it may be; none where nothing is known (`latest`, `main`, a commit).
    pub range: Option<VersionRange>,
    /// How sure that is.
    pub certainty: Option<Certainty>,
    /// Where it was read, also where what was read does not tell (`:latest`).
    pub at: Option<Place>,
    /// Whether it is not upstream's vLLM: another owner's repository, a patched build.
    pub is_fork: Answer,
}

impl VllmRelease {
    /// Whether nothing is known: a rule that is bound to releases then stays silent, or drops to a note as its text
    /// says.
    pub fn is_unknown(&self) -> bool {
        self.range.is_none()
    }

    /// Whether it is surely `version` or later (`"0.14"`).
    pub fn is_from(&self, version: &str) -> bool {
        super::Version::parse(version)
            .is_some_and(|version| self.range.as_ref().is_some_and(|range| range.is_from(&version)))
    }

    /// Whether it is surely earlier than `version`.
    pub fn is_before(&self, version: &str) -> bool {
        super::Version::parse(version)
            .is_some_and(|version| self.range.as_ref().is_some_and(|range| range.is_before(&version)))
    }
}
