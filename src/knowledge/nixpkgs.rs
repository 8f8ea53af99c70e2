//! nixpkgs: arguments of packages, what is gone, targets of its ROCm (`nixpkgs.toml`).

use serde::Deserialize;

/// What is known of nixpkgs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nixpkgs {
    options: Vec<String>,
    #[serde(rename = "options_sources")]
    _options_sources: Vec<String>,
    needs_torch: Vec<String>,
    #[serde(rename = "needs_torch_sources")]
    _needs_torch_sources: Vec<String>,
    optional_torch: Vec<String>,
    #[serde(rename = "optional_torch_sources")]
    _optional_torch_sources: Vec<String>,
    #[serde(rename = "package")]
    packages: Vec<NixPackage>,
    removed: Vec<Removed>,
    moved: Moved,
    #[serde(rename = "removed_sources")]
    _removed_sources: std::collections::BTreeMap<String, String>,
    #[serde(deserialize_with = "by_day")]
    targets: Vec<ClrTargets>,
    groups: Groups,
}

/// A package and what it takes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NixPackage {
    names: Vec<String>,
    /// Arguments about GPUs that `.override` takes.
    pub arguments: Vec<String>,
    /// The one that lists targets, where there is one.
    #[serde(default)]
    pub targets: Option<String>,
    /// Whether that list has targets without `gfx`.
    #[serde(default)]
    pub bare: bool,
    /// Whether support for CUDA and ROCm at the same time is an error.
    #[serde(default)]
    pub exclusive: bool,
    /// Whether it is built against PyTorch and follows its support for ROCm.
    #[serde(default)]
    pub torch: bool,
    /// Whether the list may be one string.
    #[serde(default)]
    pub text: bool,
    #[serde(rename = "sources")]
    _sources: Vec<String>,
}

/// An attribute that is gone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    /// Its path.
    pub path: String,
    /// The day it was removed (`2025-08-24`), or the month, where that is known.
    #[serde(default)]
    pub since: Option<String>,
    /// What to write instead.
    pub instead: String,
    /// Whether it is an option of NixOS, not a package.
    #[serde(default)]
    pub option: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moved {
    names: Vec<String>,
    renamed: std::collections::BTreeMap<String, String>,
    since: String,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClrTargets {
    #[serde(rename = "rocm")]
    _rocm: String,
    names: Vec<String>,
    since: String,
    #[serde(rename = "source")]
    _source: String,
}

/// In the order in which nixpkgs had them, wherever a user's own stand.
fn by_day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<ClrTargets>, D::Error> {
    let mut releases = Vec::<ClrTargets>::deserialize(deserializer)?;
    releases.sort_by(|a, b| a.since.cmp(&b.since));
    Ok(releases)
}

/// Whether nixpkgs has `rocmPackages.<name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RocmScope {
    /// No release that was read has it.
    Never,
    /// All that were read have it, or all but old ones.
    Usual,
    /// The last one has it, and none from before that day.
    Recent(String),
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Groups {
    names: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

impl Nixpkgs {
    /// The package of that attribute name, with a suffix (`vllm-rocm`) or without.
    pub fn package(&self, name: &str) -> Option<&NixPackage> {
        let bare = ["-rocm", "-cuda", "-vulkan", "-cpu", "WithRocm", "WithCuda"]
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix))
            .unwrap_or(name);
        self.packages.iter().find(|package| package.names.iter().any(|own| own == bare))
    }

    /// Options of `config` that are about GPUs.
    pub fn options(&self) -> &[String] {
        &self.options
    }

    /// Whether a Python package is built against PyTorch.
    pub fn needs_torch(&self, name: &str) -> bool {
        self.needs_torch.iter().any(|own| own == name)
    }

    /// Whether a Python package takes PyTorch as an extra only.
    pub fn takes_torch_as_extra(&self, name: &str) -> bool {
        self.optional_torch.iter().any(|own| own == name)
    }

    /// What is gone.
    pub fn removed(&self) -> &[Removed] {
        &self.removed
    }

    /// What became of an attribute of nixpkgs itself that is a part of rocmPackages now.
    pub fn moved(&self, name: &str) -> Option<Removed> {
        let is_same = self.moved.names.iter().any(|own| own == name);
        let now = self.moved.renamed.get(name).map(String::as_str).or_else(|| is_same.then_some(name))?;
        Some(Removed {
            path: format!("pkgs.{name}"),
            since: Some(self.moved.since.clone()),
            instead: format!("rocmPackages.{now}"),
            option: false,
        })
    }

    /// Whether nixpkgs has `rocmPackages.<name>`, and since when.
    pub fn scope(&self, name: &str) -> RocmScope {
        let has = |release: &ClrTargets| release.names.iter().any(|own| own == name);
        match self.targets.split_last() {
            _ if self.groups.names.iter().any(|own| own == name) => RocmScope::Usual,
            Some((_, before)) if before.iter().any(has) => RocmScope::Usual,
            Some((last, _)) if has(last) => RocmScope::Recent(last.since.clone()),
            _ => RocmScope::Never,
        }
    }

    /// The targets of the last release that was read.
    pub fn last_targets(&self) -> &[String] {
        self.targets.last().map_or(&[], |release| &release.names)
    }
}

pub(super) const TABLE: &str = include_str!("../../rules/knowledge/nixpkgs.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_take_what_they_take() {
        let nixpkgs: Nixpkgs = toml::from_str(TABLE).unwrap();
        assert!(
            nixpkgs
                .package("vllm")
                .is_some_and(|package| package.torch && package.targets.as_deref() == Some("gpuTargets"))
        );
        assert_eq!(
            nixpkgs.package("ollama-rocm").and_then(|package| package.targets.as_deref()),
            Some("rocmGpuTargets")
        );
        assert!(nixpkgs.package("hello").is_none());
        for package in &nixpkgs.packages {
            assert!(package.targets.iter().all(|list| package.arguments.contains(list)), "{:?}", package.names);
        }
    }

    #[test]
    fn scopes_exist_for_targets_that_are_built() {
        let nixpkgs: Nixpkgs = toml::from_str(TABLE).unwrap();
        for usual in ["gfx1151", "gfx11", "gfx1150"] {
            assert_eq!(nixpkgs.scope(usual), RocmScope::Usual, "{usual}");
        }
        assert_eq!(nixpkgs.scope("gfx950"), RocmScope::Recent("2026-04-29".to_owned()));
        assert_eq!(nixpkgs.scope("gfx1153"), RocmScope::Never);
        assert!(nixpkgs.removed().iter().all(|removed| !removed.instead.is_empty()));
    }
}
