//! nixpkgs: arguments of packages, what is gone, targets of its ROCm (`nixpkgs.toml`).

use serde::Deserialize;

use super::embedded;

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
    #[serde(rename = "package")]
    packages: Vec<NixPackage>,
    removed: Vec<Removed>,
    #[serde(rename = "removed_sources")]
    _removed_sources: std::collections::BTreeMap<String, String>,
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
    /// The one that lists targets.
    pub targets: String,
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

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClrTargets {
    #[serde(rename = "rocm")]
    _rocm: String,
    names: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Groups {
    names: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

impl Nixpkgs {
    pub(super) fn embedded() -> Self {
        embedded::read(TABLE)
    }

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

    /// What is gone.
    pub fn removed(&self) -> &[Removed] {
        &self.removed
    }

    /// Whether some release of nixpkgs has `rocmPackages.<name>`.
    pub fn has_scope(&self, name: &str) -> bool {
        self.groups.names.iter().any(|own| own == name)
            || self.targets.iter().any(|release| release.names.iter().any(|own| own == name))
    }

    /// The targets of the last release that was read.
    pub fn last_targets(&self) -> &[String] {
        self.targets.last().map_or(&[], |release| &release.names)
    }
}

const TABLE: &str = include_str!("../../rules/knowledge/nixpkgs.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_take_what_they_take() {
        let nixpkgs: Nixpkgs = toml::from_str(TABLE).unwrap();
        assert!(nixpkgs.package("vllm").is_some_and(|package| package.torch && package.targets == "gpuTargets"));
        assert_eq!(nixpkgs.package("ollama-rocm").map(|package| package.targets.as_str()), Some("rocmGpuTargets"));
        assert!(nixpkgs.package("hello").is_none());
        for package in &nixpkgs.packages {
            assert!(package.arguments.contains(&package.targets), "{:?}", package.names);
        }
    }

    #[test]
    fn scopes_exist_for_targets_that_are_built() {
        let nixpkgs: Nixpkgs = toml::from_str(TABLE).unwrap();
        assert!(nixpkgs.has_scope("gfx1151") && nixpkgs.has_scope("gfx11") && nixpkgs.has_scope("gfx1150"));
        assert!(!nixpkgs.has_scope("gfx950") && !nixpkgs.has_scope("gfx1103"));
        assert!(nixpkgs.removed().iter().all(|removed| !removed.instead.is_empty()));
    }
}
