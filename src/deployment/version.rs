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

    /// The first version that has `parts` numbers and is later than every one that starts with them.
    fn next(&self, parts: usize) -> Self {
        let mut numbers: Vec<u32> = (0..parts).map(|at| self.part(at)).collect();
        if let Some(last) = numbers.last_mut() {
            *last += 1;
        }
        Self { numbers, is_pre: false }
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
        f.write_str(&numbers.join("."))?;
        f.write_str(if self.is_pre { "rc" } else { "" })
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

    /// The versions that a condition of a Python package allows; none where it allows nearly all.
    pub fn of_condition(condition: &str) -> Option<Self> {
        let mut range = Self::default();
        for part in condition.split(',').map(str::trim) {
            let digits = part.find(|next: char| next.is_ascii_digit())?;
            let (operator, number) = (part[..digits].trim(), &part[digits..]);
            let version = Version::parse(number)?;
            let parts = version.numbers.len();
            match operator {
                "==" | "=" if number.trim_end().ends_with(".*") => {
                    (range.to, range.below) = (Some(version.next(parts)), true);
                    range.from = Some(version);
                }
                "==" | "===" | "=" => return Some(Self::exactly(version)),
                "~=" => {
                    (range.to, range.below) = (Some(version.next(parts.saturating_sub(1).max(1))), true);
                    range.from = Some(version);
                }
                ">=" | ">" => range.from = Some(version),
                "<" => (range.to, range.below) = (Some(version), true),
                "<=" => (range.to, range.below) = (Some(version), false),
                _ => {}
            }
        }
        (range != Self::default()).then_some(range)
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

impl std::fmt::Display for VersionRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.exact(), &self.from, &self.to) {
            (Some(version), ..) => write!(f, "{version}"),
            (None, Some(from), Some(to)) => write!(f, ">={from},{}{to}", if self.below { "<" } else { "<=" }),
            (None, Some(from), None) => write!(f, ">={from}"),
            (None, None, Some(to)) => write!(f, "{}{to}", if self.below { "<" } else { "<=" }),
            (None, None, None) => f.write_str("any"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn versions_compare_by_number() {
        let order = ["0.9.2", "0.14.0rc2", "0.14", "0.14.1", "0.25.1", "1.0", "7.2", "7.14", "10.0"];
        for (at, left) in order.iter().enumerate() {
            for (other, right) in order.iter().enumerate() {
                assert_eq!(version(left).cmp(&version(right)), at.cmp(&other), "{left} {right}");
            }
        }
        assert_eq!(version("0.14").cmp(&version("0.14.0")), Ordering::Equal);
        assert_eq!(version("v0.14.1+rocm700").to_string(), "0.14.1");
        assert_eq!(Version::parse("main"), None);
    }

    #[test]
    fn conditions_become_ranges() {
        let cases = [
            ("==0.14.1", "0.14.1"),
            ("==0.14.*", ">=0.14,<0.15"),
            ("~=0.14.1", ">=0.14.1,<0.15"),
            (">=0.14, <0.16", ">=0.14,<0.16"),
            (">=0.14", ">=0.14"),
            ("<=0.14", "<=0.14"),
        ];
        for (condition, wanted) in cases {
            assert_eq!(VersionRange::of_condition(condition).unwrap().to_string(), wanted, "{condition}");
        }
        assert_eq!(VersionRange::of_condition(""), None);
        assert_eq!(VersionRange::of_condition("!=0.14"), None);
    }

    proptest::proptest! {
        #[test]
        fn a_range_knows_its_own_version(numbers in proptest::collection::vec(0..40u32, 2..4), other in proptest::collection::vec(0..40u32, 2..4)) {
            let (own, other) = (Version { numbers, is_pre: false }, Version { numbers: other, is_pre: false });
            let range = VersionRange::exactly(own.clone());
            proptest::prop_assert_eq!(range.is_from(&other), own >= other);
            proptest::prop_assert_eq!(range.is_before(&other), own < other);
            proptest::prop_assert_eq!(Version::parse(&own.to_string()), Some(own));
        }
    }
}
