//! Names of images.

use crate::facts::{Text, TextPart};
use crate::span::Place;

/// The name of an image, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    /// All of it; variables stand for their defaults, `*` for what is not known.
    pub text: String,
    /// The registry (`ghcr.io`, `localhost:5000`); none for Docker Hub's short form.
    pub registry: Option<String>,
    /// The repository without its registry: `rocm/vllm-dev`, `ubuntu`.
    pub repository: String,
    /// The tag; none where there is none or it is not known.
    pub tag: Option<String>,
    /// The digest.
    pub digest: Option<String>,
    /// Whether a part is not known: a variable without a default, a template.
    pub is_partial: bool,
    /// Whether a part is the default of a variable that the caller may set.
    pub by_default: bool,
    /// Where it is written.
    pub at: Place,
}

impl ImageRef {
    /// Takes a name apart; none where nothing of it is known.
    pub fn read(text: &Text, at: Place) -> Option<Self> {
        let mut whole = String::new();
        let (mut is_partial, mut by_default) = (false, false);
        for part in &text.parts {
            match part {
                TextPart::Literal(text, _) => whole.push_str(text),
                TextPart::Outer { default: Some(default), .. } => match default.by_default() {
                    Some(text) => {
                        by_default = true;
                        whole.push_str(&text);
                    }
                    None => {
                        is_partial = true;
                        whole.push('*');
                    }
                },
                TextPart::Outer { .. } | TextPart::Unknown => {
                    is_partial = true;
                    whole.push('*');
                }
            }
        }
        Some(Self { is_partial, by_default, ..Self::parse(&whole, at)? })
    }

    /// Takes a name apart that is wholly known, but for parts written as `*`.
    pub fn parse(text: &str, at: Place) -> Option<Self> {
        let whole = text.trim().strip_prefix("docker://").unwrap_or(text.trim());
        let (name, digest) = whole.split_once('@').map_or((whole, None), |(name, digest)| (name, Some(digest)));
        let slash = name.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match name[slash..].split_once(':') {
            Some((last, tag)) => (&name[..slash + last.len()], Some(tag)),
            None => (name, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
            _ => (None, name),
        };
        let repository = repository.strip_prefix("library/").unwrap_or(repository);
        let is_name = !repository.is_empty()
            && repository.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-/*".contains(letter));
        (is_name && repository != "*").then(|| Self {
            text: whole.to_owned(),
            registry: registry.map(str::to_owned),
            repository: repository.to_owned(),
            tag: tag.filter(|tag| *tag != "*").map(str::to_owned),
            digest: digest.map(str::to_owned),
            is_partial: whole.contains('*'),
            by_default: false,
            at,
        })
    }

    /// The repository's last part: `vllm-dev`.
    pub fn name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or_default()
    }

    /// The repository's owner: `rocm`; empty for official images.
    pub fn owner(&self) -> &str {
        self.repository.rsplit_once('/').map_or("", |(owner, _)| owner)
    }
}
