//! Container images: `rules/knowledge/images.toml`, and what a reference tells by itself.

use serde::Deserialize;

use super::pattern;
use crate::version::{Known, Version};

/// The known images.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Images {
    #[serde(rename = "image")]
    entries: Vec<ImageEntry>,
    #[serde(rename = "system", default)]
    systems: Vec<SystemEntry>,
}

/// A release of a distribution, and the Python that is its `python3`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemEntry {
    /// What tells it in an image's name and tag, with `*` for any text: `ubuntu:24.04`, `rocm/dev-ubuntu-24.04:*`.
    pub names: Vec<String>,
    /// Its Python.
    pub python: Version,
    /// Where this was read.
    pub sources: Vec<String>,
}

/// A group of images that are alike.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageEntry {
    /// Repositories without their registry, with `*` for any text.
    pub names: Vec<String>,
    /// The tags that it is about; none for all.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The GPUs that it is for; none for no GPU in particular.
    #[serde(default)]
    pub platform: Option<Platform>,
    /// What is in it.
    #[serde(default)]
    pub has: Vec<Part>,
    /// What is not.
    #[serde(default)]
    pub lacks: Vec<Part>,
    /// Whether its entry point is vLLM's server.
    #[serde(default)]
    pub starts_vllm: Option<bool>,
    /// What a version without a name in its tags is a version of.
    #[serde(default)]
    pub bare: Option<Subject>,
    /// Whether it holds a fork of vLLM.
    #[serde(default)]
    pub fork: bool,
    /// Where this was read.
    pub sources: Vec<String>,
}

/// The GPUs that an image is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// AMD.
    Rocm,
    /// NVIDIA.
    Cuda,
    /// Others, and CPUs.
    Other,
}

/// Something that may be in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// vLLM.
    Vllm,
    /// PyTorch.
    Torch,
    /// The Python module `amdsmi`.
    Amdsmi,
    /// ROCm.
    Rocm,
    /// `PYTORCH_ROCM_ARCH` in its environment.
    Targets,
}

/// What a version in a tag is a version of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// vLLM.
    Vllm,
    /// ROCm.
    Rocm,
    /// PyTorch.
    Torch,
    /// Python.
    Python,
    /// Something else: Ubuntu, CUDA.
    Other,
}

/// An image's name in parts: `registry/repository:tag@digest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    /// The registry, where one is named.
    pub registry: Option<String>,
    /// The repository without it, and without `library/`: `rocm/vllm`.
    pub repository: String,
    /// The tag.
    pub tag: Option<String>,
    /// Whether a digest pins it.
    pub has_digest: bool,
}

impl ImageReference {
    /// Reads a reference; the transport of Podman, Skopeo and Apptainer (`docker://`) may stand in front.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let (name, has_digest) = text.split_once('@').map_or((text, false), |(name, _)| (name, true));
        let (path, tag) = match name.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag.to_owned())),
            _ => (name, None),
        };
        let is_registry = |first: &&str| first.contains(['.', ':']) || *first == "localhost";
        let (registry, repository) = match path.split_once('/').filter(|(first, _)| is_registry(first)) {
            Some((registry, repository)) => (Some(registry.to_owned()), repository),
            None => (None, path),
        };
        let repository = repository.strip_prefix("library/").unwrap_or(repository).to_ascii_lowercase();
        Self { registry, repository, tag, has_digest }
    }
}

/// A version that a reference tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldVersion {
    /// The version.
    pub version: Version,
    /// Whether the name of what it belongs to is only guessed: a bare version of an image that nobody described.
    pub is_guess: bool,
}

/// What is known of an image by its reference.
#[derive(Debug)]
pub struct ImageDescription<'k> {
    /// The reference.
    pub reference: ImageReference,
    /// The known image that it is; none for others.
    pub entry: Option<&'k ImageEntry>,
    /// The GPUs that it is for, by the table or by the words of its name (`rocm`, `cuda12.1`).
    pub platform: Option<Platform>,
    /// vLLM's version.
    pub vllm: Option<ToldVersion>,
    /// ROCm's.
    pub rocm: Option<ToldVersion>,
    /// PyTorch's.
    pub torch: Option<ToldVersion>,
    /// Python's.
    pub python: Option<ToldVersion>,
    /// The Python of the distribution that it is or starts from, major and minor.
    pub system_python: Option<(u32, u32)>,
    /// Targets in its name, as written: `gfx1151`, `gfx120X`.
    pub targets: Vec<String>,
}

impl ImageDescription<'_> {
    /// Whether arguments for it are arguments of vLLM's server.
    pub fn starts_vllm(&self) -> Known {
        self.entry.and_then(|entry| entry.starts_vllm).map_or(Known::Unknown, Known::from)
    }

    /// Whether it holds `part`.
    pub fn has(&self, part: Part) -> Known {
        match self.entry {
            Some(entry) if entry.has.contains(&part) => Known::Yes,
            Some(entry) if entry.lacks.contains(&part) => Known::No,
            _ => Known::Unknown,
        }
    }

    /// Whether it holds a fork of vLLM, as far as is known.
    pub fn is_fork(&self) -> bool {
        self.entry.is_some_and(|entry| entry.fork)
    }

    /// Whether the same reference means another image tomorrow: no digest, and no number in its tag that pins it.
    pub fn is_moving(&self) -> bool {
        let pins = |tag: &String| tag.chars().filter(char::is_ascii_digit).count() >= 2;
        !self.reference.has_digest && !self.reference.tag.as_ref().is_some_and(pins)
    }
}

impl Images {
    /// The groups, first match first.
    pub fn entries(&self) -> &[ImageEntry] {
        &self.entries
    }

    /// The releases of distributions whose Python is known.
    pub fn systems(&self) -> &[SystemEntry] {
        &self.systems
    }

    /// What is known of the image that `reference` names.
    pub fn describe(&self, reference: &str) -> ImageDescription<'_> {
        let reference = ImageReference::parse(reference);
        let entry = self.entries.iter().find(|entry| entry.is_for(&reference));
        let told = Told::read(&reference, entry);
        let [vllm, rocm, torch, python] =
            [Subject::Vllm, Subject::Rocm, Subject::Torch, Subject::Python].map(|subject| told.version(subject));
        let platform = entry.and_then(|entry| entry.platform).or_else(|| told.platform());
        let system_python = self.system_python(&reference);
        ImageDescription { reference, entry, platform, vllm, rocm, torch, python, system_python, targets: told.targets }
    }

    fn system_python(&self, reference: &ImageReference) -> Option<(u32, u32)> {
        let name = format!("{}:{}", reference.repository, reference.tag.as_deref().unwrap_or("latest"));
        let is_it = |system: &&SystemEntry| system.names.iter().any(|own| pattern::matches(own, &name));
        self.systems.iter().find(is_it).map(|system| system.python.series())
    }
}

impl ImageEntry {
    fn is_for(&self, reference: &ImageReference) -> bool {
        let tag = reference.tag.as_deref().unwrap_or("latest");
        let with_registry = reference.registry.as_ref().map(|registry| format!("{registry}/{}", reference.repository));
        let named = |name: &String| {
            pattern::matches(name, &reference.repository)
                || with_registry.as_ref().is_some_and(|full| pattern::matches(name, full))
        };
        self.names.iter().any(named) && (self.tags.is_empty() || self.tags.iter().any(|own| pattern::matches(own, tag)))
    }
}

/// What the words of a reference tell.
#[derive(Debug, Default)]
struct Told {
    versions: Vec<(Subject, ToldVersion)>,
    targets: Vec<String>,
    says_rocm: bool,
    says_cuda: bool,
}

impl Told {
    fn read(reference: &ImageReference, entry: Option<&ImageEntry>) -> Self {
        let mut told = Self::default();
        told.words(&reference.repository, None);
        let last = reference.repository.rsplit('/').next().unwrap_or_default();
        // A version in the tag of somebody's image called `vllm-...` is most likely vLLM's.
        let guessed = entry.is_none() && last.split(['-', '_', '.']).any(|word| word == "vllm");
        let bare = match entry {
            Some(entry) => entry.bare.map(|subject| (subject, false)),
            None => guessed.then_some((Subject::Vllm, true)),
        };
        told.words(reference.tag.as_deref().unwrap_or_default(), bare);
        told
    }

    /// Reads words such as `rocm7.2_ubuntu24.04_py3.12_pytorch_release_2.9.1`; `bare` says what a version without a
    /// name belongs to.
    fn words(&mut self, text: &str, bare: Option<(Subject, bool)>) {
        let mut subject = None;
        for word in text.split(['-', '_', '/', ' ']).map(str::to_ascii_lowercase) {
            if word == "release" || word.is_empty() {
                continue;
            }
            if is_target(&word) {
                self.says_rocm = true;
                self.targets.push(word.replace('x', "X").replacen("gfX", "gfx", 1));
                continue;
            }
            let (named, number) = split_subject(&word);
            self.says_rocm |= named == Some(Subject::Rocm);
            self.says_cuda |= word.starts_with("cuda") || is_cuda_short(&word);
            subject = named.or(subject);
            let glued = named.is_some() && !number.is_empty();
            if let Some(version) = told_version(subject, number, glued) {
                match (subject, bare) {
                    (Some(subject), _) => self.add(subject, version, false),
                    (None, Some((subject, is_guess))) => self.add(subject, version, is_guess),
                    (None, None) => {}
                }
                subject = None;
            } else if named.is_none() {
                subject = None;
            }
        }
    }

    fn add(&mut self, subject: Subject, version: Version, is_guess: bool) {
        if !self.versions.iter().any(|(known, _)| *known == subject) {
            self.versions.push((subject, ToldVersion { version, is_guess }));
        }
    }

    fn version(&self, subject: Subject) -> Option<ToldVersion> {
        self.versions.iter().find(|(known, _)| *known == subject).map(|(_, told)| told.clone())
    }

    fn platform(&self) -> Option<Platform> {
        match (self.says_rocm, self.says_cuda) {
            (true, false) => Some(Platform::Rocm),
            (false, true) => Some(Platform::Cuda),
            _ => None,
        }
    }
}

/// `gfx1151`, `gfx90a`, `gfx120x`.
fn is_target(word: &str) -> bool {
    word.strip_prefix("gfx").is_some_and(|rest| {
        let rest = rest.strip_suffix('x').unwrap_or(rest);
        (2..=4).contains(&rest.len()) && rest.chars().all(|character| character.is_ascii_hexdigit())
    })
}

/// `cu129`.
fn is_cuda_short(word: &str) -> bool {
    word.strip_prefix("cu").is_some_and(|rest| rest.len() >= 2 && rest.chars().all(|digit| digit.is_ascii_digit()))
}

/// What a word is about, and what follows the name in it: `py3.12` is Python and `3.12`.
fn split_subject(word: &str) -> (Option<Subject>, &str) {
    const NAMES: [(&str, Subject); 12] = [
        ("rocm", Subject::Rocm),
        ("vllm", Subject::Vllm),
        ("pytorch", Subject::Torch),
        ("torch", Subject::Torch),
        ("python", Subject::Python),
        ("py", Subject::Python),
        ("cp", Subject::Python),
        ("ubuntu", Subject::Other),
        ("cuda", Subject::Other),
        ("cudnn", Subject::Other),
        ("triton", Subject::Other),
        ("aiter", Subject::Other),
    ];
    NAMES
        .iter()
        .find_map(|&(name, subject)| {
            let rest = word.strip_prefix(name)?;
            rest.chars().next().is_none_or(|first| first.is_ascii_digit()).then_some((Some(subject), rest))
        })
        .unwrap_or((None, word))
}

/// The version that a word is. Numbers without a dot are versions only behind their name: `rocm72`, `py312`.
fn told_version(subject: Option<Subject>, number: &str, glued: bool) -> Option<Version> {
    if number.contains('.') {
        return Version::parse(number);
    }
    if !glued || !number.chars().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    match (subject, number.len()) {
        (Some(Subject::Rocm), 2 | 3) => Version::parse(&number.chars().map(String::from).collect::<Vec<_>>().join(".")),
        (Some(Subject::Python), 2 | 3) => Version::parse(&format!("{}.{}", &number[..1], &number[1..])),
        _ => None,
    }
}

pub(super) const TABLE: &str = include_str!("../../rules/knowledge/images.toml");

#[cfg(test)]
mod tests {
    use super::*;

    fn images() -> Images {
        toml::from_str(TABLE).unwrap()
    }

    /// What is told of an image: platform, vLLM, ROCm, PyTorch, Python, targets.
    fn told(reference: &str) -> String {
        let images = images();
        let image = images.describe(reference);
        let version = |told: Option<ToldVersion>| {
            told.map_or("-".to_owned(), |told| format!("{}{}", told.version, if told.is_guess { "?" } else { "" }))
        };
        let platform = image.platform.map_or("-".to_owned(), |platform| format!("{platform:?}"));
        let versions = [image.vllm, image.rocm, image.torch, image.python].map(version);
        format!("{platform} {} {}", versions.join(" "), image.targets.join(",")).trim_end().to_owned()
    }

    #[test]
    fn every_entry_has_a_source_and_no_part_is_in_and_out() {
        for entry in images().entries() {
            assert!(!entry.sources.is_empty() && !entry.names.is_empty(), "{entry:?}");
            assert!(!entry.has.iter().any(|part| entry.lacks.contains(part)), "{entry:?}");
        }
        for system in images().systems() {
            assert!(!system.sources.is_empty() && system.python.numbers().len() == 2, "{system:?}");
        }
    }

    #[test]
    fn tags_tell_versions() {
        assert_eq!(told("vllm/vllm-openai-rocm:v0.14.1"), "Rocm 0.14.1 - - -");
        assert_eq!(told("docker.io/vllm/vllm-openai-rocm:v0.14.0rc2@sha256:12"), "Rocm 0.14.0rc2 - - -");
        assert_eq!(told("rocm/pytorch:rocm7.2_ubuntu24.04_py3.12_pytorch_release_2.9.1"), "Rocm - 7.2 2.9.1 3.12");
        assert_eq!(told("rocm/dev-ubuntu-22.04:7.2.3-complete"), "Rocm - 7.2.3 - -");
        assert_eq!(told("rocm/vllm:rocm6.4.1_vllm_0.10.1_20250909"), "Rocm 0.10.1 6.4.1 - -");
        assert_eq!(told("rocm/vllm:rocm7.0.0_vllm_0.11.2_20251210"), "Rocm 0.11.2 7.0.0 - -");
        assert_eq!(
            told("rocm/vllm-dev:rocm7.1.1_navi_ubuntu24.04_py3.12_pytorch_2.8_vllm_0.10.2rc1"),
            "Rocm 0.10.2rc1 7.1.1 2.8 3.12"
        );
        assert_eq!(told("rocm/vllm-dev:v2.7.1-rocm-6.3.3"), "Rocm - 6.3.3 - -");
        assert_eq!(told("vllm/vllm-openai:v0.11.0"), "Cuda 0.11.0 - - -");
        assert_eq!(told("vllm/vllm-openai:v0.14.1-rocm"), "Rocm 0.14.1 - - -");
        assert_eq!(told("nvcr.io/nvidia/vllm:25.09-py3"), "Cuda - - - -");
    }

    #[test]
    fn names_of_other_images_are_read_word_by_word() {
        assert_eq!(told("ghcr.io/me/vllm-rocm-gfx1151:latest"), "Rocm - - - - gfx1151");
        assert_eq!(told("ghcr.io/me/vllm-rocm:0.19.1"), "Rocm 0.19.1? - - -");
        assert_eq!(told("me/stack:rocm72-py312-gfx120X"), "Rocm - 7.2 - 3.12 gfx120X");
        assert_eq!(told("me/train:cuda12.4-pytorch2.5.1"), "Cuda - - 2.5.1 -");
        assert_eq!(told("me/train:cu129"), "Cuda - - - -");
        assert_eq!(told("ubuntu:24.04"), "- - - - -");
        assert_eq!(told("redis"), "- - - - -");
        assert_eq!(told(""), "- - - - -");
    }

    #[test]
    fn a_registry_is_no_part_of_the_name() {
        let parsed = ImageReference::parse("localhost:5000/Rocm/vllm");
        assert_eq!((parsed.registry.as_deref(), parsed.repository.as_str()), (Some("localhost:5000"), "rocm/vllm"));
        assert_eq!(parsed.tag, None);
        assert_eq!(ImageReference::parse("docker://docker.io/library/ubuntu:24.04").repository, "ubuntu");
    }

    #[test]
    fn images_start_vllm_and_hold_parts_or_not() {
        let images = images();
        let starts = |name: &str| images.describe(name).starts_vllm();
        assert!(starts("vllm/vllm-openai-rocm:latest").is_yes() && starts("rocm/vllm:latest").is_no());
        assert!(starts("vllm/vllm-openai-rocm:v0.19.1-base").is_no());
        assert_eq!(starts("me/vllm"), Known::Unknown);
        let has = |name: &str, part| images.describe(name).has(part);
        assert!(has("rocm/vllm-dev:base", Part::Amdsmi).is_yes() && has("rocm/vllm-dev:base", Part::Vllm).is_no());
        assert!(has("ubuntu:24.04", Part::Amdsmi).is_no());
        assert_eq!(has("rocm/pytorch:latest", Part::Amdsmi), Known::Unknown);
        assert_eq!(has("me/base", Part::Torch), Known::Unknown);
        assert!(images.describe("nalanzeyu/vllm-gfx906:v0.11.2").is_fork());
    }

    #[test]
    fn a_reference_moves_unless_something_pins_it() {
        let images = images();
        let moves = |name: &str| images.describe(name).is_moving();
        assert!(moves("rocm/pytorch") && moves("rocm/pytorch:latest") && moves("rocm/vllm-dev:base"));
        assert!(!moves("rocm/dev-ubuntu-22.04:7.2-complete") && !moves("rocm/pytorch@sha256:1"));
    }
}
