//! Attention backends, KV-cache dtypes and AITER by release: `attention.toml`, `kv-cache.toml`, `aiter.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::dtypes::Dtype;
use super::images::Platform;
use super::{Presence, TargetNames, pattern};
use crate::version::{Known, VersionRange};

/// What is known of attention backends.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attention {
    /// The backends that some release knows.
    #[serde(rename = "backend")]
    pub backends: Vec<Backend>,
    refused_on_rocm: Refused,
    spellings: BTreeMap<String, String>,
    /// Where this was read.
    pub sources: Vec<String>,
}

/// An attention backend.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    /// The member's name: `ROCM_ATTN`.
    pub name: String,
    /// The releases that have it.
    pub releases: Presence,
    /// The GPUs that it is for; none for several.
    #[serde(default)]
    pub gpus: Option<Platform>,
    #[serde(default)]
    dtypes: Vec<Accepts>,
    #[serde(default)]
    targets: Vec<Only>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepts {
    releases: Presence,
    accepts: Vec<Dtype>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Only {
    releases: Presence,
    only: TargetNames,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    releases: Presence,
    offered: Vec<String>,
    #[serde(rename = "sources")]
    _sources: Vec<String>,
}

impl Attention {
    /// The backend of that name, in capitals.
    pub fn backend(&self, name: &str) -> Option<&Backend> {
        self.backends.iter().find(|backend| backend.name == name)
    }

    /// Whether vLLM for ROCm stops where this backend is asked for, because the platform does not offer it.
    pub fn is_refused_on_rocm(&self, name: &str, range: &VersionRange) -> Known {
        if self.refused_on_rocm.offered.iter().any(|own| own == name) {
            return Known::No;
        }
        self.refused_on_rocm.releases.at(range)
    }

    /// What was meant by a name that is no member: `TRITON_ATTN` for `triton`.
    pub fn meant(&self, name: &str) -> Option<&str> {
        self.spellings.get(&name.to_ascii_uppercase().replace('-', "_")).map(String::as_str)
    }
}

impl Backend {
    /// The activation dtypes that it takes; none where that is not known.
    pub fn accepts(&self, range: &VersionRange) -> Option<&[Dtype]> {
        self.dtypes.iter().find(|row| row.releases.at(range).is_yes()).map(|row| row.accepts.as_slice())
    }

    /// The only targets that it runs on; none where that is not known or it runs on any.
    pub fn only_on(&self, range: &VersionRange) -> Option<&TargetNames> {
        self.targets.iter().find(|row| row.releases.at(range).is_yes()).map(|row| &row.only)
    }
}

/// What is known of KV-cache dtypes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KvCache {
    /// The values of `--kv-cache-dtype` that some release knows.
    #[serde(rename = "dtype")]
    pub dtypes: Vec<KvCacheDtype>,
    /// Where this was read.
    #[serde(rename = "sources")]
    pub sources: Vec<String>,
}

/// A value of `--kv-cache-dtype`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KvCacheDtype {
    /// The value.
    pub name: String,
    /// The releases that have it.
    pub releases: Presence,
    /// Whether some ROCm backend takes it.
    #[serde(default = "yes")]
    pub rocm: bool,
    /// The only targets that it works on; empty for all.
    #[serde(default)]
    pub targets: TargetNames,
    /// The only activation dtypes that it works with; empty for all.
    #[serde(default)]
    pub activation: Vec<Dtype>,
    /// Where the limits were read.
    #[serde(default)]
    pub sources: Vec<String>,
}

fn yes() -> bool {
    true
}

impl KvCache {
    /// The value of that name.
    pub fn dtype(&self, name: &str) -> Option<&KvCacheDtype> {
        self.dtypes.iter().find(|dtype| dtype.name == name)
    }
}

/// What is known of AITER in vLLM.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aiter {
    gate: Vec<Gate>,
    crash: Vec<Crash>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gate {
    releases: Presence,
    targets: TargetNames,
    #[serde(default)]
    part: bool,
    #[serde(rename = "sources")]
    _sources: Vec<String>,
}

/// A combination that stops vLLM although AITER's gate lets the target through.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// The releases.
    pub releases: Presence,
    /// The targets.
    pub targets: TargetNames,
    models: Vec<String>,
    /// Variables whose value avoids it.
    #[serde(default)]
    pub unless: BTreeMap<String, String>,
    /// Why.
    pub effect: String,
    /// Whether it depends on more than is known from the launch.
    #[serde(default)]
    pub sometimes: bool,
    /// Where this was read.
    pub sources: Vec<String>,
}

impl Crash {
    /// Whether it is about the model, by its name.
    pub fn is_about(&self, model: &str) -> bool {
        self.models.iter().any(|name| pattern::matches(name, model))
    }
}

/// How much of AITER vLLM uses on a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AiterUse {
    /// All.
    Full,
    /// Its Triton kernels alone.
    Part,
    /// Nothing.
    None,
    /// Not known for these versions.
    Unknown,
}

impl Aiter {
    /// How much of AITER vLLM uses on the target of that name.
    pub fn on(&self, target: &str, range: &VersionRange) -> AiterUse {
        let rows = self.gate.iter().filter(|gate| gate.targets.covers(target));
        let (mut full, mut part) = (Presence::default(), Presence::default());
        for row in rows {
            let side = if row.part { &mut part } else { &mut full };
            *side = side.union(row.releases);
        }
        match (full.at(range), part.at(range)) {
            (Known::Yes, _) => AiterUse::Full,
            (Known::No, Known::Yes) => AiterUse::Part,
            (Known::No, Known::No) => AiterUse::None,
            _ => AiterUse::Unknown,
        }
    }

    /// The combinations that stop vLLM in all of these versions.
    pub fn crashes(&self, range: &VersionRange) -> impl Iterator<Item = &Crash> {
        self.crash.iter().filter(|crash| crash.releases.at(range).is_yes())
    }
}

pub(super) const ATTENTION: &str = include_str!("../../rules/knowledge/attention.toml");
pub(super) const KV_CACHE: &str = include_str!("../../rules/knowledge/kv-cache.toml");
pub(super) const AITER: &str = include_str!("../../rules/knowledge/aiter.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::Version;

    fn at(text: &str) -> VersionRange {
        VersionRange::exact(Version::parse(text).unwrap())
    }

    #[test]
    fn backends_come_and_go_and_take_dtypes_and_targets() {
        let attention: Attention = toml::from_str(ATTENTION).unwrap();
        let backend = |name: &str| attention.backend(name).unwrap();
        assert_eq!(backend("XFORMERS").releases.at(&at("0.14.1")), Known::No);
        assert_eq!(backend("FLASHINFER").gpus, Some(Platform::Cuda));
        assert_eq!(backend("ROCM_ATTN").accepts(&at("0.13.0")), Some(&[Dtype::Float16, Dtype::Bfloat16][..]));
        assert_eq!(backend("ROCM_ATTN").accepts(&at("0.14.1")).map(<[_]>::len), Some(3));
        let only = |version: &str| backend("ROCM_AITER_FA").only_on(&at(version)).unwrap();
        assert!(only("0.14.1").covers("gfx90a") && !only("0.19.1").covers("gfx90a"));
        assert!(backend("TRITON_ATTN").only_on(&at("0.14.1")).is_none());
    }

    #[test]
    fn rocm_refuses_what_it_does_not_offer_for_some_releases() {
        let attention: Attention = toml::from_str(ATTENTION).unwrap();
        assert_eq!(attention.is_refused_on_rocm("FLASH_ATTN", &at("0.14.1")), Known::Yes);
        assert_eq!(attention.is_refused_on_rocm("FLASH_ATTN", &at("0.11.0")), Known::No);
        assert_eq!(attention.is_refused_on_rocm("TRITON_ATTN", &at("0.14.1")), Known::No);
        assert_eq!(attention.is_refused_on_rocm("FLASH_ATTN", &at("0.18.0")), Known::Unknown);
        assert_eq!(attention.meant("triton"), Some("TRITON_ATTN"));
        for meant in attention.spellings.values().chain(&attention.refused_on_rocm.offered) {
            assert!(attention.backend(meant).is_some(), "{meant}");
        }
    }

    #[test]
    fn kv_cache_dtypes_come_with_releases_and_limits() {
        let cache: KvCache = toml::from_str(KV_CACHE).unwrap();
        let dtype = |name: &str| cache.dtype(name).unwrap();
        assert_eq!(dtype("float16").releases.at(&at("0.14.1")), Known::No);
        assert_eq!(dtype("float16").releases.at(&at("0.19.1")), Known::Yes);
        assert!(!dtype("nvfp4").rocm && dtype("fp8").rocm);
        assert!(dtype("octave_k3v4").targets.covers("gfx1101") && !dtype("octave_k3v4").targets.covers("gfx1151"));
        assert_eq!(dtype("ultraquant_4bit").activation, [Dtype::Bfloat16]);
        assert!(cache.dtype("q8_0").is_none() && cache.dtype("fp16").is_none());
    }

    #[test]
    fn aiter_is_used_on_targets_by_release() {
        let aiter: Aiter = toml::from_str(AITER).unwrap();
        assert_eq!(aiter.on("gfx90a", &at("0.14.1")), AiterUse::Full);
        assert_eq!(aiter.on("gfx90a", &at("0.19.1")), AiterUse::None);
        assert_eq!(aiter.on("gfx90a", &at("0.19.0")), AiterUse::Unknown);
        assert_eq!(aiter.on("gfx1201", &at("0.33.0")), AiterUse::Part);
        assert_eq!(aiter.on("gfx1151", &at("0.14.0")), AiterUse::None);
        assert_eq!(aiter.on("gfx1151", &VersionRange::any()), AiterUse::None);
        assert_eq!(aiter.on("gfx942", &VersionRange::any()), AiterUse::Full);
        let crash = aiter.crashes(&at("0.16.0")).next().unwrap();
        assert!(crash.is_about("deepseek-ai/DeepSeek-V3") && !crash.is_about("Qwen/Qwen3-8B"));
        assert_eq!(aiter.crashes(&at("0.14.1")).count(), 0);
    }
}
