//! vLLM as it is in question: releases that may be meant, or a tree whose own lists win over what is known of them.

use super::{ArchFact, Dtype, Knowledge};
use crate::version::{Known, VersionRange};

/// What a vLLM tree says of itself. A list that the tree does not hold, or that cannot be read as a whole, is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeLists {
    /// Values of `--quantization`.
    pub quantization: Option<OwnList>,
    /// Those that its ROCm platform lists.
    pub rocm_quantization: Option<OwnList>,
    /// Those that it refuses as deprecated.
    pub deprecated_quantization: Option<OwnList>,
    /// Values of `--kv-cache-dtype`.
    pub kv_cache_dtypes: Option<OwnList>,
    /// Values of `--load-format`.
    pub load_formats: Option<OwnList>,
    /// Attention backends.
    pub attention_backends: Option<OwnList>,
    /// Variables that it reads.
    pub environment: Option<OwnList>,
    /// Options of the engine and the server, without their dashes.
    pub flags: Option<OwnList>,
}

/// A list of names in a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnList {
    /// Names that are always in it.
    pub names: Vec<String>,
    /// Names that are in it under some condition.
    pub sometimes: Vec<String>,
}

impl OwnList {
    /// A list without conditions.
    pub fn of(names: impl IntoIterator<Item = String>) -> Self {
        Self { names: names.into_iter().collect(), sometimes: Vec::new() }
    }

    /// Whether the name is in it.
    pub fn has(&self, name: &str) -> Known {
        let is_in = |names: &[String]| names.iter().any(|own| own == name);
        if is_in(&self.names) {
            Known::Yes
        } else if is_in(&self.sometimes) {
            Known::Unknown
        } else {
            Known::No
        }
    }
}

/// vLLM in question.
#[derive(Debug, Clone)]
pub struct Vllm<'a> {
    knowledge: &'a Knowledge,
    range: VersionRange,
    tree: Option<&'a TreeLists>,
}

impl Knowledge {
    /// What is known of a vLLM that may be any of these versions.
    pub fn vllm(&self, range: &VersionRange) -> Vllm<'_> {
        Vllm { knowledge: self, range: range.clone(), tree: None }
    }
}

impl<'a> Vllm<'a> {
    /// The same, where a tree says what is in it.
    #[must_use]
    pub fn with_tree(self, tree: &'a TreeLists) -> Self {
        Self { tree: Some(tree), ..self }
    }

    /// The versions that it may be.
    pub fn range(&self) -> &VersionRange {
        &self.range
    }

    fn own(&self, list: impl Fn(&TreeLists) -> Option<&OwnList>, name: &str) -> Option<Known> {
        self.tree.and_then(list).map(|list| list.has(name))
    }

    /// Whether `--quantization` knows the name.
    pub fn quantization(&self, name: &str) -> Known {
        let table = || match self.knowledge.quantization().method(name) {
            Some(method) => method.known.at(&self.range),
            None => Known::No,
        };
        self.own(|tree| tree.quantization.as_ref(), name).unwrap_or_else(table)
    }

    /// Whether the ROCm platform lists the method for the target.
    pub fn rocm_quantization(&self, name: &str, arch: Option<&ArchFact>) -> Known {
        let table = || match self.knowledge.quantization().method(name) {
            Some(method) => method.on_rocm(&self.range, arch),
            None => Known::No,
        };
        self.own(|tree| tree.rocm_quantization.as_ref(), name).unwrap_or_else(table)
    }

    /// Whether the method is refused without `--allow-deprecated-quantization`.
    pub fn deprecated_quantization(&self, name: &str) -> Known {
        let table = || match self.knowledge.quantization().method(name) {
            Some(method) => method.deprecated.at_among(method.known, &self.range),
            None => Known::No,
        };
        self.own(|tree| tree.deprecated_quantization.as_ref(), name).unwrap_or_else(table)
    }

    /// The activation dtypes that the method takes on the target.
    pub fn activation_dtypes(&self, name: &str, arch: Option<&ArchFact>) -> Option<&'a [Dtype]> {
        let method = self.knowledge.quantization().method(name)?;
        method.accepts(&self.range, arch)
    }

    /// Whether `--kv-cache-dtype` knows the value.
    pub fn kv_cache_dtype(&self, name: &str) -> Known {
        let table = || match self.knowledge.kv_cache().dtype(name) {
            Some(dtype) => dtype.releases.at(&self.range),
            None => Known::No,
        };
        self.own(|tree| tree.kv_cache_dtypes.as_ref(), name).unwrap_or_else(table)
    }

    /// Whether `--load-format` knows the value.
    pub fn load_format(&self, name: &str) -> Known {
        let table = || match self.knowledge.dtypes().load_format(name) {
            Some(format) => format.releases.at(&self.range),
            None => Known::No,
        };
        self.own(|tree| tree.load_formats.as_ref(), name).unwrap_or_else(table)
    }

    /// Whether there is an attention backend of that name.
    pub fn attention_backend(&self, name: &str) -> Known {
        let table = || match self.knowledge.attention().backend(name) {
            Some(backend) => backend.releases.at(&self.range),
            None => Known::No,
        };
        self.own(|tree| tree.attention_backends.as_ref(), name).unwrap_or_else(table)
    }

    /// Whether vLLM reads the variable; not known for names of which no release that was read knows, since forks and
    /// images define some of their own.
    pub fn environment(&self, name: &str) -> Known {
        let table = || self.knowledge.environment().get(name).map_or(Known::Unknown, |life| life.at(&self.range));
        self.own(|tree| tree.environment.as_ref(), name).unwrap_or_else(table)
    }

    /// Whether the server takes the option, by its long name without dashes; not known for names of which no release
    /// that was read knows.
    pub fn flag(&self, name: &str) -> Known {
        let table = || self.knowledge.flags().get(name).map_or(Known::Unknown, |life| life.at(&self.range));
        self.own(|tree| tree.flags.as_ref(), name).unwrap_or_else(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::Version;

    #[test]
    fn tables_answer_for_releases() {
        let knowledge = Knowledge::embedded().unwrap();
        let vllm = knowledge.vllm(&VersionRange::exact(Version::parse("0.14.1").unwrap()));
        assert_eq!(vllm.quantization("gguf"), Known::Yes);
        assert_eq!(vllm.quantization("int8"), Known::No);
        assert_eq!(vllm.deprecated_quantization("fbgemm_fp8"), Known::Yes);
        assert_eq!(vllm.rocm_quantization("modelopt_fp4", None), Known::No);
        assert_eq!(vllm.kv_cache_dtype("float16"), Known::No);
        assert_eq!(vllm.load_format("gguf"), Known::Yes);
        assert_eq!(vllm.attention_backend("XFORMERS"), Known::No);
        assert_eq!(vllm.environment("VLLM_USE_V1"), Known::No);
        assert_eq!(vllm.environment("VLLM_FA_HEADCHUNK"), Known::Unknown);
        assert_eq!(vllm.flag("swap-space"), Known::Yes);
        assert_eq!(vllm.flag("frobnicate"), Known::Unknown);
    }

    #[test]
    fn what_a_tree_says_wins() {
        let knowledge = Knowledge::embedded().unwrap();
        let tree = TreeLists {
            quantization: Some(OwnList::of(["gguf".to_owned(), "mine".to_owned()])),
            rocm_quantization: Some(OwnList { names: vec!["mine".to_owned()], sometimes: vec!["gguf".to_owned()] }),
            ..TreeLists::default()
        };
        let vllm = knowledge.vllm(&VersionRange::any()).with_tree(&tree);
        assert_eq!(vllm.quantization("mine"), Known::Yes);
        assert_eq!(vllm.quantization("awq"), Known::No);
        assert_eq!(vllm.rocm_quantization("mine", None), Known::Yes);
        assert_eq!(vllm.rocm_quantization("gguf", None), Known::Unknown);
        assert_eq!(vllm.kv_cache_dtype("fp8"), Known::Yes, "the table answers what the tree does not say");
    }
}
