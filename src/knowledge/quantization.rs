//! Quantization methods by release: `rules/knowledge/quantization.toml`.

use serde::Deserialize;

use super::dtypes::Dtype;
use super::{ArchFact, Presence, TargetNames, pattern};
use crate::version::{Known, VersionRange};

/// What is known of quantization methods.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantization {
    /// The methods that some release knows.
    #[serde(rename = "method")]
    pub methods: Vec<Method>,
    /// Where methods do not work although they are listed.
    #[serde(rename = "limit")]
    pub limits: Vec<Limit>,
    #[serde(rename = "replacement")]
    replacements: Vec<Replacement>,
    #[serde(rename = "hint")]
    hints: Vec<Hint>,
    /// Where this was read.
    pub sources: Vec<String>,
}

/// A quantization method.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Its name for `--quantization`.
    pub name: String,
    /// The releases that know the name.
    pub known: Presence,
    /// The releases whose ROCm platform lists it.
    #[serde(default)]
    pub rocm: Presence,
    /// The releases that refuse it without `--allow-deprecated-quantization`.
    #[serde(default)]
    pub deprecated: Presence,
    #[serde(default)]
    dtypes: Vec<Accepts>,
    #[serde(default)]
    rocm_except: Option<RocmExcept>,
    /// The method that takes over its checkpoints.
    #[serde(default)]
    pub becomes: Option<Becomes>,
    /// The package that brings it back.
    #[serde(default)]
    pub plugin: Option<Plugin>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepts {
    releases: Presence,
    #[serde(default)]
    capability: Option<u16>,
    accepts: Vec<Dtype>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RocmExcept {
    releases: Presence,
    targets: TargetNames,
    #[serde(rename = "sources")]
    _sources: Vec<String>,
}

/// A method that takes over the checkpoints of another one, unless `--quantization` names that.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Becomes {
    /// The method that takes over.
    pub method: String,
    /// The releases in which it does.
    pub releases: Presence,
    /// Where this was read.
    pub sources: Vec<String>,
}

/// A package outside of vLLM that brings a method back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plugin {
    /// Its name.
    pub package: String,
    /// Where this was read.
    pub sources: Vec<String>,
}

/// Where methods that are listed do not work, or not well.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The methods.
    pub methods: Vec<String>,
    /// The releases.
    pub releases: Presence,
    /// The checkpoints.
    pub scope: Scope,
    targets: TargetNames,
    #[serde(default)]
    targets_except: TargetNames,
    /// What comes of it.
    pub outcome: Outcome,
    /// Why.
    pub effect: String,
    /// Where this was read.
    pub sources: Vec<String>,
}

/// The checkpoints that a limit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All.
    Any,
    /// No mixture of experts, scales per tensor or per channel.
    DensePerTensor,
    /// No mixture of experts, scales per block.
    DenseBlock,
    /// Mixtures of experts.
    Moe,
    /// gpt-oss.
    GptOss,
    /// Any, with `--enable-lora`.
    Lora,
}

/// What comes of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It stops.
    Fails,
    /// It is let through, but there is no kernel for it.
    Stub,
    /// It runs, slowly.
    Slow,
    /// It runs, and saves nothing but memory.
    Emulated,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Replacement {
    method: String,
    by: String,
    #[serde(rename = "sources")]
    _sources: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hint {
    patterns: Vec<String>,
    method: String,
}

impl Quantization {
    /// The method of that name.
    pub fn method(&self, name: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.name == name)
    }

    /// The limits of a method on a target, in versions of which all are known to have it.
    pub fn limits<'a>(
        &'a self,
        method: &'a str,
        range: &'a VersionRange,
        arch: &'a ArchFact,
    ) -> impl Iterator<Item = &'a Limit> {
        self.limits.iter().filter(move |limit| {
            limit.methods.iter().any(|own| own == method) && limit.covers(arch) && limit.releases.at(range).is_yes()
        })
    }

    /// The method that does the same in releases which lack this one.
    pub fn replacement(&self, method: &str) -> Option<&str> {
        self.replacements.iter().find(|entry| entry.method == method).map(|entry| entry.by.as_str())
    }

    /// The method that a model's name suggests: a guess, since a checkpoint called `-AWQ` may be of another format.
    pub fn hinted(&self, model: &str) -> Option<&str> {
        let hint =
            self.hints.iter().find(|hint| hint.patterns.iter().any(|pattern| pattern::matches(pattern, model)))?;
        Some(hint.method.as_str()).filter(|method| !method.is_empty())
    }
}

impl Method {
    /// Whether the ROCm platform lists it for this target.
    pub fn on_rocm(&self, range: &VersionRange, arch: Option<&ArchFact>) -> Known {
        let listed = self.rocm.at_among(self.known, range);
        match (&self.rocm_except, arch) {
            (Some(except), Some(arch)) if except.targets.covers(&arch.name) => {
                match except.releases.at_among(self.known, range) {
                    Known::Yes => Known::No,
                    Known::No => listed,
                    Known::Unknown => Known::Unknown,
                }
            }
            (Some(except), None) if !except.releases.at_among(self.known, range).is_no() => Known::Unknown,
            _ => listed,
        }
    }

    /// The activation dtypes that it takes on a target; none where the versions differ or nobody knows. Without a
    /// target, where they are the same on all.
    pub fn accepts(&self, range: &VersionRange, arch: Option<&ArchFact>) -> Option<&[Dtype]> {
        let holds = |row: &&Accepts| row.releases.at_among(self.known, range).is_yes();
        let rows: Vec<&Accepts> = self.dtypes.iter().filter(holds).collect();
        let capability = arch.map(|arch| arch.capability.0 * 10 + arch.capability.1);
        let row = match capability {
            Some(capability) => *rows.iter().find(|row| row.capability.is_none_or(|least| capability >= least))?,
            None if rows.len() == 1 => rows[0],
            None => return None,
        };
        Some(&row.accepts)
    }

    /// Whether what it takes may depend on the target's capability in these versions.
    pub fn depends_on_target(&self, range: &VersionRange) -> bool {
        self.dtypes.iter().any(|row| row.capability.is_some() && !row.releases.at_among(self.known, range).is_no())
    }

    /// Whether some release takes the dtype with it on some target.
    pub fn ever_accepts(&self, dtype: Dtype) -> bool {
        self.dtypes.iter().any(|row| row.accepts.contains(&dtype))
    }
}

impl Limit {
    /// Whether it affects the target.
    pub fn covers(&self, arch: &ArchFact) -> bool {
        self.targets.covers(&arch.name) && !self.targets_except.covers(&arch.name)
    }
}

pub(super) const TABLE: &str = include_str!("../../rules/knowledge/quantization.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::version::Version;

    fn table() -> Quantization {
        toml::from_str(TABLE).unwrap()
    }

    fn at(text: &str) -> VersionRange {
        VersionRange::exact(Version::parse(text).unwrap())
    }

    /// The names of what a method accepts on a target.
    fn accepts(method: &str, version: &str, target: Option<&str>) -> Option<String> {
        let (table, knowledge) = (table(), Knowledge::embedded().unwrap());
        let arch = target.map(|name| knowledge.arch(knowledge.universe.find(name).unwrap()));
        let accepted = table.method(method).unwrap().accepts(&at(version), arch)?;
        Some(accepted.iter().map(|dtype| dtype.name()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn what_names_methods_names_those_that_exist() {
        let table = table();
        let limits = table.limits.iter().flat_map(|limit| &limit.methods);
        let replaced = table.replacements.iter().flat_map(|entry| [&entry.method, &entry.by]);
        let taken = table.methods.iter().filter_map(|method| method.becomes.as_ref()).map(|becomes| &becomes.method);
        let hinted = table.hints.iter().map(|hint| &hint.method).filter(|method| !method.is_empty());
        for name in limits.chain(replaced).chain(taken).chain(hinted) {
            assert!(table.method(name).is_some(), "{name}");
        }
        assert!(table.limits.iter().all(|limit| !limit.sources.is_empty() && !limit.effect.is_empty()));
    }

    #[test]
    fn gguf_refuses_bfloat16_where_the_capability_passes_for_blackwells() {
        let narrow = Some("float16 float32".to_owned());
        let wide = Some("float16 bfloat16 float32".to_owned());
        assert_eq!(accepts("gguf", "0.14.1", Some("gfx1151")), narrow);
        assert_eq!(accepts("gguf", "0.14.0rc2", Some("gfx1030")), narrow);
        assert_eq!(accepts("gguf", "0.14.1", Some("gfx942")), wide);
        assert_eq!(accepts("gguf", "0.12.0", Some("gfx1151")), wide);
        assert_eq!(accepts("gguf", "0.12.1", Some("gfx1151")), None);
        assert_eq!(accepts("gguf", "0.14.1", None), None);
        assert_eq!(accepts("gguf", "0.33.0", Some("gfx1151")), None);
        assert!(table().method("gguf").unwrap().depends_on_target(&at("0.15.0")));
    }

    #[test]
    fn other_methods_accept_the_same_on_all_targets() {
        assert_eq!(accepts("awq", "0.16.0", None).as_deref(), Some("float16"));
        assert_eq!(accepts("awq", "0.25.1", None).as_deref(), Some("float16 bfloat16"));
        assert_eq!(accepts("gptq", "0.21.0", Some("gfx1100")).as_deref(), Some("float16"));
        assert_eq!(accepts("mxfp4", "0.14.1", Some("gfx1151")).as_deref(), Some("bfloat16"));
        let (table, any) = (table(), VersionRange::any());
        assert_eq!(table.method("mxfp4").unwrap().accepts(&any, None), Some(&[Dtype::Bfloat16][..]));
        assert_eq!(table.method("awq").unwrap().accepts(&any, None), None);
    }

    #[test]
    fn rocm_lists_methods_by_release_and_target() {
        let (table, knowledge) = (table(), Knowledge::embedded().unwrap());
        let listed = |method: &str, version: &str, target: Option<&str>| {
            let arch = target.map(|name| knowledge.arch(knowledge.universe.find(name).unwrap()));
            table.method(method).unwrap().on_rocm(&at(version), arch)
        };
        assert_eq!(listed("modelopt_fp4", "0.16.0", None), Known::No);
        assert_eq!(listed("modelopt_fp4", "0.25.1", None), Known::Yes);
        assert_eq!(listed("bitsandbytes", "0.14.1", Some("gfx942")), Known::No);
        assert_eq!(listed("bitsandbytes", "0.14.1", Some("gfx1100")), Known::Yes);
        assert_eq!(listed("bitsandbytes", "0.14.1", None), Known::Unknown);
        assert_eq!(listed("bitsandbytes", "0.19.1", Some("gfx942")), Known::Yes);
        assert_eq!(listed("moe_wna16", "0.14.1", None), Known::No);
        assert!(!table.method("moe_wna16").unwrap().rocm.in_any());
    }

    #[test]
    fn limits_are_told_by_method_release_and_target() {
        let (table, knowledge) = (table(), Knowledge::embedded().unwrap());
        let scopes = |method: &str, version: &str, target: &str| {
            let arch = knowledge.arch(knowledge.universe.find(target).unwrap());
            table.limits(method, &at(version), arch).map(|limit| limit.scope).collect::<Vec<_>>()
        };
        assert_eq!(scopes("fp8", "0.16.0", "gfx90a"), [Scope::DensePerTensor, Scope::DenseBlock]);
        assert_eq!(scopes("fp8", "0.19.1", "gfx1201"), [Scope::Moe]);
        assert_eq!(scopes("fp8", "0.25.1", "gfx942"), []);
        assert_eq!(scopes("mxfp4", "0.19.1", "gfx1151"), [Scope::GptOss]);
        assert_eq!(scopes("mxfp4", "0.25.1", "gfx1151"), []);
        assert_eq!(scopes("mxfp8", "0.25.1", "gfx950"), []);
    }

    #[test]
    fn names_of_models_hint_at_methods() {
        let table = table();
        for (model, method) in [
            ("/m/q.Q4_K_M.gguf", Some("gguf")),
            ("unsloth/Qwen3-8B-GGUF:Q4_K_M", Some("gguf")),
            ("openai/gpt-oss-20b", Some("mxfp4")),
            ("unsloth/gpt-oss-20b-BF16", None),
            ("Qwen/Qwen2.5-14B-Instruct-AWQ", Some("awq")),
            ("amd/Llama-3.1-8B-Instruct-FP8-KV", None),
            ("Qwen/Qwen3-8B-FP8", Some("fp8")),
            ("amd/Llama-3.3-70B-Instruct-MXFP4-Preview", None),
            ("Qwen/Qwen3-8B", None),
        ] {
            assert_eq!(table.hinted(model), method, "{model}");
        }
        assert_eq!(table.replacement("ptpc_fp8"), Some("fp8_per_channel"));
    }
}
