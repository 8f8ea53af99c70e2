//! What the components of the stack support: `rules/knowledge/components.toml`.

use serde::Deserialize;

use crate::arch::{ArchSet, Universe};
use crate::error::RunError;

/// A component of the stack.
#[derive(Debug, Clone)]
pub struct Component {
    /// Its name in output: `flash-attention-ck`.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Whether vLLM cannot run without it.
    pub required: bool,
    /// What the user meets on a target that it lacks.
    pub blocks: Option<String>,
    /// What it does for vLLM.
    pub what: String,
    /// Product families that it is meant for; empty for all.
    pub for_families: Vec<String>,
    /// Build arguments whose value pins it.
    pub pin_variables: Vec<String>,
    /// Build variables that carry its target list.
    pub arch_variables: Vec<String>,
    /// Variables that, when true, leave the kernels out that its target list is for.
    pub switches: Vec<String>,
    /// Repositories that it is built from (`ROCm/triton`).
    pub repositories: Vec<String>,
    /// Its Python packages.
    pub import_names: Vec<String>,
    /// What it supports, by ref or version.
    pub support: Vec<Support>,
}

/// What a component supports at a ref or in a version range.
#[derive(Debug, Clone)]
pub struct Support {
    /// Git refs and tags at which this was read.
    pub refs: Vec<String>,
    /// Version range; empty where none is known.
    pub versions: String,
    /// Whether this stands for refs that nobody read.
    pub default: bool,
    /// Targets in its own list.
    pub supported: ArchSet,
    /// Targets that it calls experimental, or on which its sources disagree.
    pub experimental: ArchSet,
    /// Targets that it excludes by name.
    pub excluded: ArchSet,
    /// Whether its build fails on other targets, not just skips them.
    pub rejects_others: bool,
    /// Where this was read.
    pub sources: Vec<String>,
}

impl Component {
    /// Its name for people, without the variant in brackets.
    pub fn short_title(&self) -> &str {
        self.title.split(" (").next().unwrap_or(&self.title)
    }

    /// What it supports at `pin`, and whether that very ref was read. Refs compare by their common start, since
    /// Dockerfiles abbreviate commits.
    pub fn support_at(&self, pin: Option<&str>) -> (Option<&Support>, bool) {
        let same = |known: &str, pin: &str| {
            known == pin || (known.len() >= 7 && pin.len() >= 7 && (known.starts_with(pin) || pin.starts_with(known)))
        };
        let read =
            pin.and_then(|pin| self.support.iter().find(|support| support.refs.iter().any(|known| same(known, pin))));
        match read {
            Some(support) => (Some(support), true),
            None => (self.support.iter().find(|support| support.default), false),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    component: Vec<RawComponent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawComponent {
    name: String,
    title: String,
    required: bool,
    #[serde(default)]
    blocks: Option<String>,
    what: String,
    #[serde(default)]
    for_families: Vec<String>,
    #[serde(default)]
    pin_variables: Vec<String>,
    #[serde(default)]
    arch_variables: Vec<String>,
    #[serde(default)]
    switches: Vec<String>,
    #[serde(default)]
    repositories: Vec<String>,
    #[serde(default)]
    import_names: Vec<String>,
    support: Vec<RawSupport>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSupport {
    #[serde(default)]
    refs: Vec<String>,
    #[serde(default)]
    versions: String,
    #[serde(default)]
    default: bool,
    supported: Vec<String>,
    #[serde(default)]
    experimental: Vec<String>,
    #[serde(default)]
    excluded: Vec<String>,
    #[serde(default)]
    rejects_others: bool,
    #[serde(default)]
    #[serde(rename = "accepts_native")]
    _accepts_native: bool,
    sources: Vec<String>,
}

/// Reads the file's text.
pub(super) fn read(text: &str, universe: &Universe) -> Result<Vec<Component>, RunError> {
    let file: File = toml::from_str(text).map_err(|error| RunError::knowledge("components.toml", &error))?;
    let set = |names: &[String]| -> Result<ArchSet, RunError> {
        names
            .iter()
            .map(|name| universe.find(name).ok_or_else(|| RunError::unknown_arch_in("components.toml", name)))
            .collect()
    };
    let support = |raw: RawSupport| {
        Ok(Support {
            supported: set(&raw.supported)?,
            experimental: set(&raw.experimental)?,
            excluded: set(&raw.excluded)?,
            refs: raw.refs,
            versions: raw.versions,
            default: raw.default,
            rejects_others: raw.rejects_others,
            sources: raw.sources,
        })
    };
    file.component
        .into_iter()
        .map(|raw| {
            Ok(Component {
                support: raw.support.into_iter().map(support).collect::<Result<_, RunError>>()?,
                name: raw.name,
                title: raw.title,
                required: raw.required,
                blocks: raw.blocks,
                what: raw.what,
                for_families: raw.for_families,
                pin_variables: raw.pin_variables,
                arch_variables: raw.arch_variables,
                switches: raw.switches,
                repositories: raw.repositories,
                import_names: raw.import_names,
            })
        })
        .collect()
}
