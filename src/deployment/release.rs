//! Which release of vLLM runs.

use super::names::{number_at, number_behind};
use super::{Answer, Assumed, Certainty, ImageRef, Version, VersionRange};
use crate::knowledge::{ImageDescription, Knowledge, Part};
use crate::span::Place;

/// What is known of the vLLM that runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VllmRelease {
    /// The releases that it may be; any where nothing is known (`latest`, `main`, a commit).
    pub range: VersionRange,
    /// How sure that is; none where nothing is known.
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
        self.range.is_any()
    }

    /// Whether it is surely `version` or later (`"0.14"`).
    pub fn is_from(&self, version: &str) -> bool {
        Version::parse(version).is_some_and(|version| self.range.is_at_least(&version))
    }

    /// Whether it is surely earlier than `version`.
    pub fn is_before(&self, version: &str) -> bool {
        Version::parse(version).is_some_and(|version| self.range.is_before(&version))
    }

    /// The release that is meant where no file says so; a fork stays one.
    pub(super) fn or_assumed(self, assumed: Option<&Assumed>) -> Self {
        match assumed.and_then(|assumed| assumed.vllm.clone()) {
            Some(version) => Self { range: VersionRange::exact(version), certainty: Some(Certainty::Declared), ..self },
            None => self,
        }
    }

    fn new(range: Option<VersionRange>, certainty: Certainty, at: Place) -> Self {
        let range = range.unwrap_or_default();
        Self { certainty: (!range.is_any()).then_some(certainty), range, at: Some(at), is_fork: Answer::Unknown }
    }

    /// That of an image, by its tag; none for an image that is not known to hold vLLM.
    pub(crate) fn of_image(knowledge: &Knowledge, image: &ImageRef) -> Option<Self> {
        let described = knowledge.images().describe(&image.text);
        holds_vllm(&described).then(|| {
            let told = described.vllm.as_ref().filter(|told| is_vllm(&told.version));
            let certainty = if told.is_some_and(|told| told.is_guess) { Certainty::Hinted } else { Certainty::Named };
            let range = told.map(|told| VersionRange::exact(told.version.clone()));
            let is_fork = match described.entry {
                _ if described.is_fork() => Answer::Yes,
                Some(_) if image.owner() == "vllm" => Answer::No,
                _ => Answer::Unknown,
            };
            Self { is_fork, ..Self::new(range, certainty, image.at) }
        })
    }

    /// That of a package's version condition: `==0.14.1`, `>=0.14,<0.16`, or none.
    pub(super) fn of_condition(condition: &str, at: Place) -> Self {
        Self { is_fork: Answer::No, ..Self::new(VersionRange::parse(condition), Certainty::Declared, at) }
    }

    /// That of a git reference in a repository (`owner/name`).
    pub(super) fn of_reference(repository: Option<&str>, reference: Option<&str>, at: Place) -> Self {
        let is_fork = match repository.and_then(|name| name.split_once('/')) {
            Some(("vllm-project", _)) => Answer::No,
            Some(_) => Answer::Yes,
            None => Answer::Unknown,
        };
        let range = reference.and_then(range_of_reference);
        Self { is_fork, ..Self::new(range, Certainty::Declared, at) }
    }

    /// That of a wheel's file name or of vLLM's own index: `vllm-0.19.1+rocm721-cp312-...`,
    /// `wheels.vllm.ai/rocm/0.14.0/rocm700`; none where neither is in the text.
    pub(super) fn of_address(text: &str, at: Place) -> Option<Self> {
        let wheel = || {
            let file = text.rsplit('/').next().filter(|file| file.starts_with("vllm-"))?;
            number_behind(file, "vllm")
        };
        let index = || {
            let (_, rest) = text.split_once("wheels.vllm.ai/")?;
            rest.split('/').find_map(|part| number_at(part, 0))
        };
        let (version, _) = wheel().or_else(index)?;
        is_vllm(&version).then(|| Self::new(Some(VersionRange::exact(version)), Certainty::Declared, at))
    }

    /// A release that is stated as a number: `ARG VLLM_VERSION=v0.20.0`, a tree's own metadata.
    pub(super) fn of_number(number: &str, at: Option<Place>) -> Option<Self> {
        let range = VersionRange::exact(Version::parse(number).filter(is_vllm)?);
        Some(Self { range, certainty: Some(Certainty::Declared), at, is_fork: Answer::Unknown })
    }
}

/// Whether an image holds vLLM, by what is known of it or, for an image that nobody described, by its name.
pub(super) fn holds_vllm(image: &ImageDescription<'_>) -> bool {
    let name = image.reference.repository.rsplit('/').next().unwrap_or_default();
    let by_name = || image.entry.is_none() && name.split(['-', '_', '.']).any(|word| word == "vllm");
    image.has(Part::Vllm).is_yes() || by_name()
}

/// Whether a number can be one of vLLM's.
fn is_vllm(version: &Version) -> bool {
    version.numbers().len() > 1 && version.numbers()[0] <= 1
}

/// The releases of a tag or a release branch.
fn range_of_reference(reference: &str) -> Option<VersionRange> {
    let tag = reference.strip_prefix("refs/tags/").unwrap_or(reference);
    let branch = tag.strip_prefix("releases/").or_else(|| tag.strip_prefix("release/"));
    // `v0.14.1-gfx906` is a tag of somebody's own, at that release.
    let (version, _) = number_at(branch.unwrap_or(tag), 0).filter(|(version, _)| is_vllm(version))?;
    match branch {
        None => Some(VersionRange::exact(version)),
        Some(_) => {
            let (major, minor) = version.series();
            VersionRange::parse(&format!(">={version},<{major}.{}", minor + 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{FileId, Span};

    const AT: Place = Place { file: FileId(0), span: Span { start: 0, end: 0 } };

    fn shown(release: &VllmRelease) -> String {
        if release.is_unknown() { "unknown".to_owned() } else { release.range.to_string() }
    }

    #[test]
    fn tags_of_images() {
        let cases = [
            ("vllm/vllm-openai-rocm:v0.14.1", "0.14.1", Answer::No),
            ("vllm/vllm-openai-rocm:latest", "unknown", Answer::No),
            ("vllm/vllm-openai-rocm@sha256:00", "unknown", Answer::No),
            ("rocm/vllm:rocm7.0.0_vllm_0.11.2_20251210", "0.11.2", Answer::Unknown),
            ("me/vllm-rocm:0.14.1", "0.14.1", Answer::Unknown),
            (
                "rocm/vllm-dev:rocm7.1.1_navi_ubuntu24.04_py3.12_pytorch_2.8_vllm_0.10.2rc1",
                "0.10.2rc1",
                Answer::Unknown,
            ),
            ("rocm/vllm-dev:nightly", "unknown", Answer::Unknown),
            ("mixa3607/vllm-gfx906:0.11.0-rocm-6.3.3", "0.11.0", Answer::Yes),
            ("me/vllm:rocm-7.2", "unknown", Answer::Unknown),
        ];
        let knowledge = Knowledge::embedded().unwrap();
        for (name, wanted, fork) in cases {
            let release = VllmRelease::of_image(&knowledge, &ImageRef::parse(name, AT).unwrap()).unwrap();
            assert_eq!((shown(&release).as_str(), release.is_fork), (wanted, fork), "{name}");
        }
        assert_eq!(VllmRelease::of_image(&knowledge, &ImageRef::parse("rocm/pytorch:rocm7.2", AT).unwrap()), None);
    }

    #[test]
    fn references_and_addresses() {
        let reference = |repository, reference| VllmRelease::of_reference(Some(repository), reference, AT);
        assert_eq!(shown(&reference("vllm-project/vllm", Some("v0.16.0"))), "0.16.0");
        assert_eq!(shown(&reference("vllm-project/vllm", Some("releases/v0.14.1"))), ">=0.14.1,<0.15");
        assert_eq!(shown(&reference("vllm-project/vllm", Some("main"))), "unknown");
        assert_eq!(shown(&reference("vllm-project/vllm", Some("7e1940d4"))), "unknown");
        assert_eq!(reference("nlzy/vllm-gfx906", Some("v0.12.0")).is_fork, Answer::Yes);
        assert_eq!(reference("vllm-project/vllm", None).is_fork, Answer::No);
        let address = |text| VllmRelease::of_address(text, AT).map(|release| shown(&release));
        assert_eq!(address("https://wheels.vllm.ai/rocm/0.14.0/rocm700").as_deref(), Some("0.14.0"));
        assert_eq!(address("dist/vllm-0.19.1+rocm721-cp312-cp312-linux_x86_64.whl").as_deref(), Some("0.19.1"));
        assert_eq!(address("https://wheels.vllm.ai/rocm"), None);
    }
}
