//! Activation dtypes, load formats and models that refuse float16: `rules/knowledge/dtypes.toml`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::{Presence, pattern};

/// A dtype of activations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// `float16`, `half`.
    Float16,
    /// `bfloat16`.
    Bfloat16,
    /// `float32`, `float`.
    Float32,
}

impl Dtype {
    /// Its name in vLLM's own spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Float16 => "float16",
            Self::Bfloat16 => "bfloat16",
            Self::Float32 => "float32",
        }
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is known of dtypes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dtypes {
    /// What `--dtype` takes.
    pub values: Vec<String>,
    /// Other names that vLLM knows for some of them.
    aliases: BTreeMap<String, String>,
    /// How people write them although vLLM does not know it.
    miswritten: BTreeMap<String, String>,
    /// Values of `--load-format`.
    #[serde(rename = "load_format")]
    pub load_formats: Vec<LoadFormat>,
    /// Model types that refuse float16.
    #[serde(rename = "refuses_float16")]
    pub refusals: Vec<Refusal>,
    /// Where this was read.
    pub sources: Vec<String>,
}

/// A value of `--load-format`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadFormat {
    /// Its name.
    pub name: String,
    /// The releases that have it.
    pub releases: Presence,
    /// The package that brings it back in later ones.
    #[serde(default)]
    pub plugin: Option<String>,
}

/// A model type that refuses float16.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Its `model_type`.
    pub name: String,
    /// The releases in which it does.
    pub releases: Presence,
    /// Names of models that are of this type, with `*` for any text: a guess from the name.
    pub models: Vec<String>,
}

impl Dtypes {
    /// The dtype that a value of `--dtype` stands for; none for `auto` and for what vLLM does not know.
    pub fn dtype(&self, value: &str) -> Option<Dtype> {
        match self.aliases.get(value).map_or(value, String::as_str) {
            "float16" => Some(Dtype::Float16),
            "bfloat16" => Some(Dtype::Bfloat16),
            "float32" => Some(Dtype::Float32),
            _ => None,
        }
    }

    /// Whether `--dtype` takes the value.
    pub fn is_value(&self, value: &str) -> bool {
        self.values.iter().any(|own| own == value)
    }

    /// What was meant by a value that `--dtype` does not take: `float16` for `fp16`.
    pub fn meant(&self, value: &str) -> Option<&str> {
        self.miswritten.get(&value.to_ascii_lowercase()).map(String::as_str)
    }

    /// The load format of that name.
    pub fn load_format(&self, name: &str) -> Option<&LoadFormat> {
        self.load_formats.iter().find(|format| format.name == name)
    }

    /// The refusal of a model by its `model_type`.
    pub fn refusal_of_type(&self, model_type: &str) -> Option<&Refusal> {
        self.refusals.iter().find(|refusal| refusal.name == model_type)
    }

    /// The refusal of a model by its name: `google/gemma-3-12b-it`.
    pub fn refusal_of_model(&self, model: &str) -> Option<&Refusal> {
        self.refusals.iter().find(|refusal| refusal.models.iter().any(|name| pattern::matches(name, model)))
    }
}

pub(super) const TABLE: &str = include_str!("../../rules/knowledge/dtypes.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::{Known, Version, VersionRange};

    fn dtypes() -> Dtypes {
        toml::from_str(TABLE).unwrap()
    }

    #[test]
    fn values_are_known_and_miswritten_ones_are_understood() {
        let dtypes = dtypes();
        assert_eq!(dtypes.dtype("half"), Some(Dtype::Float16));
        assert_eq!((dtypes.dtype("auto"), dtypes.is_value("auto")), (None, true));
        assert_eq!((dtypes.is_value("fp16"), dtypes.meant("FP16")), (false, Some("float16")));
        assert_eq!(dtypes.meant("fp8"), None);
        for meant in dtypes.miswritten.values().chain(dtypes.aliases.values()) {
            assert!(dtypes.is_value(meant), "{meant}");
        }
    }

    #[test]
    fn models_refuse_float16_by_type_or_name() {
        let dtypes = dtypes();
        let named = |model: &str| dtypes.refusal_of_model(model).map(|refusal| refusal.name.as_str());
        assert_eq!(named("google/gemma-3-12b-it"), Some("gemma3"));
        assert_eq!(named("google/gemma-2-9b"), Some("gemma2"));
        assert_eq!(named("zai-org/GLM-4-32B-0414"), Some("glm4"));
        for fine in ["zai-org/GLM-4.7-Flash", "google/gemma-3n-E4B-it", "google/gemma-7b", "Qwen/Qwen3-8B"] {
            assert_eq!(named(fine), None, "{fine}");
        }
        let in_0_33 = VersionRange::exact(Version::parse("0.33.0").unwrap());
        assert_eq!(dtypes.refusal_of_type("plamo2").unwrap().releases.at(&in_0_33), Known::No);
    }

    #[test]
    fn load_formats_leave_with_their_loaders() {
        let dtypes = dtypes();
        let gguf = dtypes.load_format("gguf").unwrap();
        assert_eq!(gguf.plugin.as_deref(), Some("vllm-gguf-plugin"));
        assert_eq!(gguf.releases.gone_by().unwrap().to_string(), "0.24.0");
        assert!(dtypes.load_format("auto").unwrap().releases.in_all());
    }
}
