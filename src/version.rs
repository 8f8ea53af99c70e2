//! Versions of vLLM, ROCm, PyTorch and Python, and what is known about a span of them.
//!
//! They are ordered as Python packages are (PEP 440): `0.14.0.dev3 < 0.14.0rc2 < 0.14.0 < 0.14.0.post1`. A local part
//! (`+rocm721`) is kept but takes no part in the order: it names a build of the same release.

use std::cmp::Ordering;
use std::fmt;

use serde::Deserialize;

/// A version: `0.14.1`, `v0.14.0rc2`, `0.19.1+rocm721`, `7.2`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Version {
    /// The numbers; what is not written is 0.
    numbers: [u32; 4],
    /// How many of them are written.
    written: usize,
    phase: Phase,
    local: Option<String>,
}

/// Where a version stands around its release; the order of the fields is the order of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Phase {
    stage: Stage,
    number: u32,
    /// The number of a development build on the way to it; the largest number for none.
    dev: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Dev,
    Alpha,
    Beta,
    Candidate,
    Final,
    Post,
}

const NO_DEV: u32 = u32::MAX;

impl Version {
    /// Reads a version; a leading `v` is allowed. None for anything else: a branch, a commit, a range.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (public, local) = match text.split_once('+') {
            Some((public, local)) if !local.is_empty() => (public, Some(local.to_owned())),
            Some(_) => return None,
            None => (text, None),
        };
        let mut rest = public.strip_prefix(['v', 'V']).unwrap_or(public);
        let mut numbers = [0; 4];
        let mut written = 0;
        loop {
            let (number, behind) = leading_number(rest)?;
            *numbers.get_mut(written)? = number;
            written += 1;
            rest = behind;
            match rest.strip_prefix('.') {
                Some(more) if more.starts_with(|character: char| character.is_ascii_digit()) => rest = more,
                _ => break,
            }
        }
        Some(Self { numbers, written, phase: Phase::parse(rest)?, local })
    }

    /// Its numbers as written: `[0, 14, 1]`.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers[..self.written]
    }

    /// Its first two numbers: the release that patches belong to.
    pub fn series(&self) -> (u32, u32) {
        (self.numbers[0], self.numbers[1])
    }

    /// What follows the `+`: `rocm721`.
    pub fn local(&self) -> Option<&str> {
        self.local.as_deref()
    }

    /// Whether it comes before the release whose numbers it has: `rc`, `dev` and the like.
    pub fn is_before_release(&self) -> bool {
        self.phase.stage < Stage::Final
    }

    fn of_numbers(numbers: [u32; 4], written: usize) -> Self {
        Self { numbers, written, phase: Phase::FINAL, local: None }
    }
}

impl Phase {
    const FINAL: Self = Self { stage: Stage::Final, number: 0, dev: NO_DEV };

    /// Reads what follows the numbers: nothing, `rc2`, `.post1`, `.dev3`, `rc2.dev3`.
    fn parse(mut rest: &str) -> Option<Self> {
        let mut phase = Self::FINAL;
        while !rest.is_empty() {
            let word = rest.trim_start_matches(['.', '-', '_']);
            let end = word.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(word.len());
            let (name, behind) = word.split_at(end);
            let (number, behind) = leading_number(behind.trim_start_matches('.')).unwrap_or((0, behind));
            match name {
                "a" | "alpha" => phase = Self { stage: Stage::Alpha, number, ..phase },
                "b" | "beta" => phase = Self { stage: Stage::Beta, number, ..phase },
                "rc" | "c" => phase = Self { stage: Stage::Candidate, number, ..phase },
                "post" | "rev" | "r" => phase = Self { stage: Stage::Post, number, ..phase },
                "dev" if phase.stage == Stage::Final => phase = Self { stage: Stage::Dev, number, dev: NO_DEV },
                "dev" => phase.dev = number,
                _ => return None,
            }
            rest = behind;
        }
        Some(phase)
    }
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no version"))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then(self.phase.cmp(&other.phase))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, number) in self.numbers().iter().enumerate() {
            write!(f, "{}{number}", if at == 0 { "" } else { "." })?;
        }
        let Phase { stage, number, dev } = self.phase;
        match stage {
            Stage::Dev => write!(f, ".dev{number}")?,
            Stage::Alpha => write!(f, "a{number}")?,
            Stage::Beta => write!(f, "b{number}")?,
            Stage::Candidate => write!(f, "rc{number}")?,
            Stage::Final => {}
            Stage::Post => write!(f, ".post{number}")?,
        }
        if dev != NO_DEV {
            write!(f, ".dev{dev}")?;
        }
        match &self.local {
            Some(local) => write!(f, "+{local}"),
            None => Ok(()),
        }
    }
}

/// The versions that may be meant: one, a span, or any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct VersionRange {
    /// The lowest, and whether it is in.
    from: Option<(Version, bool)>,
    /// The highest, and whether it is in.
    until: Option<(Version, bool)>,
}

impl VersionRange {
    /// Any version: nothing is known.
    pub fn any() -> Self {
        Self::default()
    }

    /// One version.
    pub fn exact(version: Version) -> Self {
        Self { from: Some((version.clone(), true)), until: Some((version, true)) }
    }

    /// From one version to another, both in.
    pub fn between(from: Version, until: Version) -> Self {
        Self { from: Some((from, true)), until: Some((until, true)) }
    }

    /// Reads a pip condition (`==0.14.1`, `>=0.14,<0.16`, `~=0.14.0`, `==0.14.*`); empty is any version. `!=` limits
    /// nothing that matters here. None for what is no condition.
    pub fn parse(text: &str) -> Option<Self> {
        let mut range = Self::any();
        for clause in text.split(',').map(str::trim).filter(|clause| !clause.is_empty()) {
            range = range.and(&Self::clause(clause)?);
        }
        Some(range)
    }

    fn clause(clause: &str) -> Option<Self> {
        let end = clause.find(|character: char| !"=<>!~".contains(character)).unwrap_or(clause.len());
        let (operator, version) = clause.split_at(end);
        let version = version.trim();
        if let (Some(start), "==") = (version.strip_suffix(".*"), operator) {
            let from = Version::parse(start)?;
            let mut next = from.numbers;
            *next.get_mut(from.written - 1)? += 1;
            let until = Version::of_numbers(next, from.written);
            return Some(Self { from: Some((from, true)), until: Some((until, false)) });
        }
        let version = Version::parse(version)?;
        Some(match operator {
            "==" | "===" => Self::exact(version),
            ">=" => Self { from: Some((version, true)), until: None },
            ">" => Self { from: Some((version, false)), until: None },
            "<=" => Self { from: None, until: Some((version, true)) },
            "<" => Self { from: None, until: Some((version, false)) },
            "~=" => {
                let kept = version.written.checked_sub(2)?;
                let mut next = [0; 4];
                next[..=kept].copy_from_slice(&version.numbers[..=kept]);
                next[kept] += 1;
                let until = Version::of_numbers(next, kept + 1);
                Self { from: Some((version, true)), until: Some((until, false)) }
            }
            "!=" => Self::any(),
            _ => return None,
        })
    }

    /// The versions that are in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let from = [&self.from, &other.from].into_iter().flatten().max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        let until = [&self.until, &other.until].into_iter().flatten().min_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
        Self { from: from.cloned(), until: until.cloned() }
    }

    /// The version, where there is only one.
    pub fn version(&self) -> Option<&Version> {
        match (&self.from, &self.until) {
            (Some((from, true)), Some((until, true))) if from == until => Some(from),
            _ => None,
        }
    }

    /// Whether nothing is known.
    pub fn is_any(&self) -> bool {
        self.from.is_none() && self.until.is_none()
    }

    /// Whether `version` may be meant.
    pub fn contains(&self, version: &Version) -> bool {
        let above =
            self.from.as_ref().is_none_or(|(from, is_in)| if *is_in { version >= from } else { version > from });
        let below =
            self.until.as_ref().is_none_or(|(until, is_in)| if *is_in { version <= until } else { version < until });
        above && below
    }

    /// The lowest version, in or just out.
    pub fn from(&self) -> Option<&Version> {
        self.from.as_ref().map(|(version, _)| version)
    }

    /// The highest version, in or just out.
    pub fn until(&self) -> Option<&Version> {
        self.until.as_ref().map(|(version, _)| version)
    }

    /// Whether all that may be meant is at least `version`.
    pub fn is_at_least(&self, version: &Version) -> bool {
        self.from.as_ref().is_some_and(|(from, _)| from >= version)
    }

    /// Whether all that may be meant comes before `version`.
    pub fn is_before(&self, version: &Version) -> bool {
        self.until.as_ref().is_some_and(|(until, is_in)| until < version || (!is_in && until == version))
    }
}

impl TryFrom<String> for VersionRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no condition on versions"))
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(version) = self.version() {
            return write!(f, "{version}");
        }
        let from = self.from.as_ref().map(|(version, is_in)| format!("{}{version}", if *is_in { ">=" } else { ">" }));
        let until = self.until.as_ref().map(|(version, is_in)| format!("{}{version}", if *is_in { "<=" } else { "<" }));
        write!(f, "{}", [from, until].into_iter().flatten().collect::<Vec<_>>().join(","))
    }
}

/// An answer that may not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Known {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// Nobody can tell.
    #[default]
    Unknown,
}

impl Known {
    /// Whether it is known to be so.
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }

    /// Whether it is known not to be so.
    pub fn is_no(self) -> bool {
        self == Self::No
    }

    /// Its name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    /// The answer that both give; unknown where they differ.
    #[must_use]
    pub fn agreed(self, other: Self) -> Self {
        if self == other { self } else { Self::Unknown }
    }
}

impl From<bool> for Known {
    fn from(answer: bool) -> Self {
        if answer { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn range(text: &str) -> VersionRange {
        VersionRange::parse(text).unwrap()
    }

    #[test]
    fn versions_are_ordered_as_pip_orders_them() {
        let ordered = [
            "0.9.2",
            "0.14.0.dev3",
            "0.14.0a1",
            "0.14.0b2",
            "0.14.0rc1.dev7",
            "0.14.0rc1",
            "0.14.0rc2",
            "0.14.0",
            "0.14.0.post1",
            "0.14.1rc0",
            "0.14.1",
            "0.14.1.1",
            "0.15",
            "6.2.60204",
            "7",
            "7.2",
            "7.14.0",
            "10.0.0",
        ];
        for pair in ordered.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        for (left, right) in
            [("v0.14.1", "0.14.1"), ("7.2", "7.2.0"), ("0.19.1+rocm721", "0.19.1"), ("1.0-rc.1", "1.0rc1")]
        {
            assert_eq!(version(left), version(right), "{left} {right}");
        }
    }

    #[test]
    fn a_version_is_written_as_it_was_meant() {
        for text in
            ["0.14.1", "0.14.0rc2", "0.19.1+rocm721", "0.1.10.post2", "0.11.1.dev0+gabc", "0.14.0rc1.dev7", "7.2"]
        {
            assert_eq!(version(text).to_string(), text);
        }
        assert_eq!(version("v0.14.0-rc.2").to_string(), "0.14.0rc2");
        assert_eq!(version("2.9.1+rocm7.2.0.lw.git7e1940d4").local(), Some("rocm7.2.0.lw.git7e1940d4"));
        assert_eq!((version("0.14.1").series(), version("7").series()), ((0, 14), (7, 0)));
        assert!(version("0.14.0rc2").is_before_release() && !version("0.14.0.post1").is_before_release());
    }

    #[test]
    fn what_is_no_version_is_none() {
        for text in [
            "",
            "v",
            "main",
            "latest",
            "abc123",
            "0.14.x",
            "7.2-complete",
            "0.14.1+",
            ">=0.14",
            "1.2.3.4.5",
            "99999999999",
        ] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn ranges_are_read_from_conditions() {
        let holds = |condition: &str, text: &str| range(condition).contains(&version(text));
        assert!(holds(">=0.14,<0.16", "0.14.0") && holds(">=0.14,<0.16", "0.15.9") && !holds(">=0.14,<0.16", "0.16.0"));
        assert!(holds("~=0.14.0", "0.14.7") && !holds("~=0.14.0", "0.15.0") && holds("~=0.14", "0.99"));
        assert!(holds("==0.14.*", "0.14.3") && !holds("==0.14.*", "0.15.0") && holds("!=0.14.1", "0.14.1"));
        assert!(holds("", "0.1") && range("").is_any());
        assert!(VersionRange::parse("@ git+https://x").is_none());
        assert_eq!(range("==0.14.1").version(), Some(&version("0.14.1")));
        assert_eq!(range(">=0.14").version(), None);
        assert_eq!(range(">=0.14, <0.16").to_string(), ">=0.14,<0.16");
        assert_eq!(range(">=0.14,>=0.15,<1").to_string(), ">=0.15,<1");
    }

    #[test]
    fn a_range_is_on_one_side_of_a_version_or_not() {
        assert!(range(">=0.14").is_at_least(&version("0.14")) && !range(">=0.14").is_at_least(&version("0.15")));
        assert!(range("<0.14").is_before(&version("0.14")) && !range("<=0.14").is_before(&version("0.14")));
        assert!(!VersionRange::any().is_before(&version("1")) && !VersionRange::any().is_at_least(&version("0")));
    }
}
