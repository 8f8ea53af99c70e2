//! Version numbers, and ranges of them.

use std::cmp::Ordering;

/// A release number: `0.14.1`, `7.2`, `0.14.0rc2`. Parts that are not written count as zero when compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Version {
    /// The numbers.
    pub numbers: Vec<u32>,
    /// Whether it comes before the release of that number (`rc2`, `.dev0`).
    pub is_pre: bool,
}

impl Version {
    /// Reads a version from the start of a text (a `v` before it is skipped); what follows the number is not read.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let end = text.find(|next: char| !next.is_ascii_digit() && next != '.').unwrap_or(text.len());
        let (digits, rest) = (text[..end].trim_end_matches('.'), &text[end..]);
        let numbers: Vec<u32> = digits.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let rest = rest.trim_start_matches(['.', '-', '_']);
        let is_pre = ["rc", "a", "b", "alpha", "beta", "dev"].iter().any(|word| {
            rest.strip_prefix(word).is_some_and(|after| after.starts_with(|next: char| next.is_ascii_digit()))
        });
        Some(Self { numbers, is_pre })
    }

    /// A number of it, zero where it is not written.
    pub fn part(&self, at: usize) -> u32 {
        self.numbers.get(at).copied().unwrap_or_default()
    }

    /// Major and minor.
    pub fn minor(&self) -> (u32, u32) {
        (self.part(0), self.part(1))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let longest = self.numbers.len().max(other.numbers.len());
        (0..longest)
            .map(|at| self.part(at).cmp(&other.part(at)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
            .then(other.is_pre.cmp(&self.is_pre))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers: Vec<String> = self.numbers.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

/// The versions that something may have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VersionRange {
    /// The lowest, itself included.
    pub from: Option<Version>,
    /// The highest.
    pub to: Option<Version>,
    /// Whether the highest is itself left out.
    pub below: bool,
}

impl VersionRange {
    /// One version alone.
    pub fn exactly(version: Version) -> Self {
        Self { from: Some(version.clone()), to: Some(version), below: false }
    }

    /// The version, where it is one alone.
    pub fn exact(&self) -> Option<&Version> {
        self.from.as_ref().filter(|from| !self.below && self.to.as_ref() == Some(*from))
    }

    /// Whether every version of it is `version` or later.
    pub fn is_from(&self, version: &Version) -> bool {
        self.from.as_ref().is_some_and(|from| from >= version)
    }

    /// Whether every version of it is earlier than `version`.
    pub fn is_before(&self, version: &Version) -> bool {
        self.to.as_ref().is_some_and(|to| if self.below { to <= version } else { to < version })
    }
}
