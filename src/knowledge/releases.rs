//! The releases of vLLM that were read, and in which of them something lives: `rules/knowledge/releases.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;
use crate::version::{Known, Version, VersionRange};

/// The releases that were read, in order.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "File")]
pub struct Releases {
    releases: Vec<Release>,
}

/// What a release's own files say. What the table leaves out is as in the release before.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// Python versions that `pyproject.toml` allows.
    #[serde(default)]
    pub python: Option<String>,
    /// PyTorch of an isolated build (`pyproject.toml`, `[build-system]`): the CUDA build from PyPI.
    #[serde(default)]
    pub isolated_torch: Option<String>,
    /// PyTorch of `requirements/rocm-build.txt`.
    #[serde(default)]
    pub build_torch: Option<String>,
    /// The index that `requirements/rocm-build.txt` takes it from.
    #[serde(default)]
    pub build_index: Option<String>,
    /// `amdsmi` of `requirements/rocm-build.txt`.
    #[serde(default)]
    pub build_amdsmi: Option<String>,
    /// ROCm of the image.
    #[serde(default)]
    pub image_rocm: Option<String>,
    /// Python of the image.
    #[serde(default)]
    pub image_python: Option<String>,
    /// Targets that CMake lets through (`HIP_SUPPORTED_ARCHS`).
    #[serde(default)]
    pub cmake_targets: Option<Vec<String>>,
    /// Targets of the image (`PYTORCH_ROCM_ARCH`).
    #[serde(default)]
    pub image_targets: Option<Vec<String>>,
    /// Targets that the image builds AITER for.
    #[serde(default)]
    pub aiter_targets: Option<Vec<String>>,
    /// Targets that the image builds MORI for.
    #[serde(default)]
    pub mori_targets: Option<Vec<String>>,
    /// Whether `setup.py` builds for ROCm because PyTorch is for it, without `VLLM_TARGET_DEVICE`.
    #[serde(default)]
    pub detects_rocm: Option<bool>,
}

impl Release {
    /// What is not said is as in the release before.
    fn or(self, before: &Self) -> Self {
        macro_rules! inherit {
            ($($field:ident),*) => {
                Self { version: self.version, $($field: self.$field.or_else(|| before.$field.clone())),* }
            };
        }
        inherit!(
            python,
            isolated_torch,
            build_torch,
            build_index,
            build_amdsmi,
            image_rocm,
            image_python,
            cmake_targets,
            image_targets,
            aiter_targets,
            mori_targets,
            detects_rocm
        )
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    release: Vec<Release>,
}

pub(super) const TABLE: &str = include_str!("../../rules/knowledge/releases.toml");

impl From<File> for Releases {
    fn from(file: File) -> Self {
        Self::in_order(file)
    }
}

impl Releases {
    /// The embedded table.
    pub(super) fn embedded() -> &'static Self {
        static RELEASES: LazyLock<Releases> = LazyLock::new(|| embedded::read(TABLE));
        &RELEASES
    }

    fn in_order(mut file: File) -> Self {
        file.release.sort_by(|a, b| a.version.cmp(&b.version));
        let mut releases: Vec<Release> = Vec::with_capacity(file.release.len());
        for release in file.release {
            let release = match releases.last() {
                Some(before) => release.or(before),
                None => release,
            };
            releases.push(release);
        }
        Self { releases }
    }

    /// All of them, oldest first.
    pub fn all(&self) -> &[Release] {
        &self.releases
    }

    /// The oldest.
    pub fn oldest(&self) -> Option<&Release> {
        self.releases.first()
    }

    /// The newest.
    pub fn newest(&self) -> Option<&Release> {
        self.releases.last()
    }

    /// The release of that very version.
    pub fn find(&self, version: &Version) -> Option<&Release> {
        self.at(version).and_then(|at| self.releases.get(at))
    }

    /// What all releases say that `range` may mean; none where they differ or nobody read them.
    pub fn agreed<T: PartialEq>(&self, range: &VersionRange, says: impl Fn(&Release) -> Option<&T>) -> Option<&T> {
        let (first, last) = self.span(range)?;
        let mut answers = self.releases.get(first..=last)?.iter().map(says);
        let answer = answers.next()?;
        answers.all(|other| other == answer).then_some(answer).flatten()
    }

    fn at(&self, version: &Version) -> Option<usize> {
        self.releases.iter().position(|release| release.version == *version)
    }

    /// The releases that bound what `range` means: the last one at or before it, the first one at or after it. Nobody
    /// knows what comes before the oldest. Past the newest, its own patches (0.33.1 for 0.33.0) are taken for like it;
    /// a range without an end reaches to the newest that was read, since no more is known of any.
    fn span(&self, range: &VersionRange) -> Option<(usize, usize)> {
        let first = match range.from() {
            Some(from) => self.releases.iter().rposition(|release| release.version <= *from)?,
            None if range.until().is_some() => return None,
            None => 0,
        };
        let last = match range.until() {
            Some(until) => match self.releases.iter().position(|release| release.version >= *until) {
                Some(last) => last,
                None => {
                    let newest = self.releases.len().checked_sub(1)?;
                    (self.releases[newest].version.series() == until.series()).then_some(newest)?
                }
            },
            None => self.releases.len().checked_sub(1)?,
        };
        (first <= last).then_some((first, last))
    }
}

/// In which of the releases that were read something lives.
///
/// Written as spans of releases: `0.11.0-0.14.1, 0.25.1-`; an open end is the oldest or the newest, `-` is all, and
/// empty is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Presence(u64);

impl TryFrom<String> for Presence {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text, Releases::embedded()).ok_or_else(|| format!("`{text}` names a release that was not read"))
    }
}

impl Presence {
    fn parse(text: &str, releases: &Releases) -> Option<Self> {
        let newest = releases.releases.len().checked_sub(1)?;
        let end = |text: &str, open: usize| match text.trim() {
            "" => Some(open),
            version => releases.at(&Version::parse(version)?),
        };
        let mut bits = 0;
        for span in text.split(',').map(str::trim).filter(|span| !span.is_empty()) {
            let (from, until) = match span.split_once('-') {
                Some((from, until)) => (end(from, 0)?, end(until, newest)?),
                None => (end(span, 0)?, end(span, 0)?),
            };
            for at in from..=until {
                bits |= 1_u64.checked_shl(u32::try_from(at).ok()?)?;
            }
        }
        Some(Self(bits))
    }

    /// All releases that were read.
    pub fn always() -> Self {
        let count = Releases::embedded().releases.len();
        Self(if count >= 64 { u64::MAX } else { (1 << count) - 1 })
    }

    /// The releases of both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it lives in every version that `range` may mean. Between two releases that were read this is their
    /// common answer; where they differ, nobody knows on which side of the change the version lies.
    pub fn at(self, range: &VersionRange) -> Known {
        let Some((first, last)) = Releases::embedded().span(range) else { return Known::Unknown };
        let mut answers = (first..=last).map(|at| Known::from(self.has(at)));
        let answer = answers.next().unwrap_or(Known::Unknown);
        answers.fold(answer, Known::agreed)
    }

    /// The same, where only the releases of `other` count: those that know the thing it is about.
    pub fn at_among(self, other: Self, range: &VersionRange) -> Known {
        let Some((first, last)) = Releases::embedded().span(range) else { return Known::Unknown };
        let mut answers = (first..=last).filter(|&at| other.has(at)).map(|at| Known::from(self.has(at)));
        let answer = answers.next().unwrap_or(Known::Unknown);
        answers.fold(answer, Known::agreed)
    }

    /// Whether it lives in some release that was read.
    pub fn in_any(self) -> bool {
        self.0 != 0
    }

    /// Whether it lives in all of them.
    pub fn in_all(self) -> bool {
        (0..Releases::embedded().releases.len()).all(|at| self.has(at))
    }

    /// The first release that was read and has it.
    pub fn first(self) -> Option<&'static Version> {
        self.releases().next()
    }

    /// The last one.
    pub fn last(self) -> Option<&'static Version> {
        self.releases().last()
    }

    /// The first release that was read, lies behind all that have it, and lacks it.
    pub fn gone_by(self) -> Option<&'static Version> {
        let last = self.last()?;
        Releases::embedded().releases.iter().map(|release| &release.version).find(|version| *version > last)
    }

    /// The releases that have it.
    pub fn releases(self) -> impl Iterator<Item = &'static Version> {
        Releases::embedded()
            .releases
            .iter()
            .enumerate()
            .filter(move |&(at, _)| self.has(at))
            .map(|(_, release)| &release.version)
    }

    fn has(self, at: usize) -> bool {
        u32::try_from(at).ok().and_then(|at| self.0.checked_shr(at)).is_some_and(|bits| bits & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> VersionRange {
        match Version::parse(text) {
            Some(version) => VersionRange::exact(version),
            None => VersionRange::parse(text).unwrap(),
        }
    }

    fn presence(text: &str) -> Presence {
        Presence::parse(text, Releases::embedded()).unwrap()
    }

    #[test]
    fn the_table_is_in_order_and_every_release_says_what_it_needs() {
        let file: File = toml::from_str(TABLE).unwrap();
        let count = file.release.len();
        let releases = Releases::from(file);
        assert_eq!(releases.all().len(), count);
        assert!(releases.all().len() <= 64, "presences are bits of 64");
        assert!(releases.all().windows(2).all(|pair| pair[0].version < pair[1].version));
        for release in releases.all() {
            assert!(release.cmake_targets.is_some() && release.python.is_some(), "{release:?}");
        }
    }

    #[test]
    fn releases_in_between_have_the_answer_of_both_neighbours() {
        let from_13 = presence("0.13.0-");
        assert_eq!(from_13.at(&range("0.14.0rc2")), Known::Yes);
        assert_eq!(from_13.at(&range("0.15.1")), Known::Yes);
        assert_eq!(from_13.at(&range("0.11.2")), Known::No);
        assert_eq!(from_13.at(&range("0.12.1")), Known::Unknown);
        assert_eq!(from_13.at(&range("0.13.0rc1")), Known::Unknown);
        assert_eq!(from_13.at(&range("0.13.0+rocm70")), Known::Yes);
        assert_eq!(from_13.at(&range(">=0.14,<0.16")), Known::Yes);
        assert_eq!(from_13.at(&range(">=0.11,<0.16")), Known::Unknown);
    }

    #[test]
    fn outside_of_what_was_read_little_is_known() {
        let all = presence("-");
        assert_eq!(all.at(&range("0.2.0")), Known::Unknown);
        assert_eq!(all.at(&range("<0.12")), Known::Unknown);
        assert_eq!(all.at(&range("0.33.4")), Known::Yes);
        assert_eq!(all.at(&range("0.34.0")), Known::Unknown);
        assert_eq!(all.at(&range(">=0.14")), Known::Yes);
        assert_eq!(presence("-0.16.0").at(&range(">=0.14")), Known::Unknown);
        assert_eq!(all.at(&VersionRange::any()), Known::Yes);
        assert!(all.in_all() && all.in_any() && !presence("").in_any());
    }

    #[test]
    fn a_presence_tells_where_it_ends() {
        let gone = presence("0.13.0-0.16.0");
        let text = |version: Option<&Version>| version.map(ToString::to_string);
        assert_eq!(text(gone.first()).as_deref(), Some("0.13.0"));
        assert_eq!(text(gone.last()).as_deref(), Some("0.16.0"));
        assert_eq!(text(gone.gone_by()).as_deref(), Some("0.17.1"));
        assert_eq!(presence("0.13.0-").gone_by(), None);
        assert!(Presence::parse("0.13.7", Releases::embedded()).is_none());
    }

    #[test]
    fn what_releases_say_is_told_where_they_agree() {
        let releases = Releases::embedded();
        let rocm =
            |text: &str| releases.agreed(&range(text), |release| release.image_rocm.as_ref()).map(String::as_str);
        assert_eq!(rocm("0.14.1"), Some("7.0"));
        assert_eq!(rocm("0.15.0"), Some("7.0"));
        assert_eq!(rocm("0.18.9"), None);
        assert_eq!(rocm("0.19.1"), Some("7.2.1"));
        let targets = releases.agreed(&range("0.11.0"), |release| release.cmake_targets.as_ref()).unwrap();
        assert!(!targets.iter().any(|name| name == "gfx1151"));
    }
}
