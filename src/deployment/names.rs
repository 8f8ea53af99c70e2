//! What names of images say.

use std::ops::Range;

use super::{ImageRef, Version};

/// Whose GPUs an image is for, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vendor {
    Amd,
    Nvidia,
    /// The CPU, or another vendor.
    Other,
    Unknown,
}

/// Whose GPUs an image is for.
pub(super) fn vendor(image: &ImageRef) -> Vendor {
    let text = image.text.to_ascii_lowercase();
    let words = || text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let is_amd = |word: &str| {
        word.starts_with("rocm")
            || word.ends_with("rocm")
            || matches!(word, "amdgpu" | "therock")
            || word.strip_prefix("gfx").is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
    };
    let is_nvidia = |word: &str| {
        word.starts_with("cuda")
            || matches!(word, "nvidia" | "nvcr" | "tensorrt" | "l4t" | "jetson")
            || word.strip_prefix("cu").is_some_and(|rest| rest.len() == 3 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_other = |word: &str| matches!(word, "cpu" | "xpu" | "hpu" | "tpu" | "npu" | "gaudi" | "neuron" | "ascend");
    if words().any(is_amd) {
        Vendor::Amd
    } else if words().any(is_nvidia) {
        Vendor::Nvidia
    } else if words().any(is_other) {
        Vendor::Other
    } else if matches!(image.repository.as_str(), "vllm/vllm-openai" | "pytorch/pytorch") && !image.is_partial {
        Vendor::Nvidia
    } else {
        Vendor::Unknown
    }
}

/// Whether an image holds vLLM, by its name.
pub(super) fn has_vllm(image: &ImageRef) -> bool {
    image.repository.to_ascii_lowercase().contains("vllm")
}

/// Whether an image holds PyTorch, by its name.
pub(super) fn has_torch(image: &ImageRef) -> bool {
    let text = image.text.to_ascii_lowercase();
    has_vllm(image) && matches!(image.owner(), "rocm" | "vllm") || text.contains("pytorch") || text.contains("torch")
}

/// The number behind a word, whatever stands between: `pytorch_release_2.9.1`, `vllm_0.11.2`, `py3.12`.
pub(super) fn number_behind(text: &str, word: &str) -> Option<(Version, Range<usize>)> {
    let lower = text.to_ascii_lowercase();
    lower.match_indices(word).find_map(|(at, _)| {
        let mut behind = at + word.len();
        for skipped in ["_release", "-release", "_", "-", ":", "v", "="] {
            behind += lower[behind..].strip_prefix(skipped).map_or(0, |_| skipped.len());
        }
        number_at(text, behind)
    })
}

/// The number at a place, with what marks it as one before its release.
pub(super) fn number_at(text: &str, start: usize) -> Option<(Version, Range<usize>)> {
    let rest = text.get(start..)?;
    let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let digits = rest[..digits].trim_end_matches('.').len();
    let version = Version::parse(rest).filter(|version| version.numbers.len() > 1)?;
    let suffix = if version.is_pre {
        rest[digits..].bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'.').count()
    } else {
        0
    };
    Some((version, start..start + digits + suffix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{FileId, Place, Span};

    fn image(text: &str) -> ImageRef {
        ImageRef::parse(text, Place { file: FileId(0), span: Span::new(0, 0) }).unwrap()
    }

    #[test]
    fn vendors_by_name() {
        let cases = [
            ("rocm/pytorch:latest", Vendor::Amd),
            ("vllm/vllm-openai-rocm:v0.14.1", Vendor::Amd),
            ("ghcr.io/x/vllm-gfx1151", Vendor::Amd),
            ("vllm/vllm-openai:v0.14.1", Vendor::Nvidia),
            ("nvcr.io/nvidia/pytorch:24.01-py3", Vendor::Nvidia),
            ("pytorch/pytorch:2.6.0-cuda12.4-cudnn9-devel", Vendor::Nvidia),
            ("public.ecr.aws/q9t5s3a7/vllm-cpu-release-repo:v0.14.1", Vendor::Other),
            ("ubuntu:24.04", Vendor::Unknown),
        ];
        for (name, wanted) in cases {
            assert_eq!(vendor(&image(name)), wanted, "{name}");
        }
    }

    #[test]
    fn numbers_in_tags() {
        let tag = "rocm7.1.1_navi_ubuntu24.04_py3.12_pytorch_2.8_vllm_0.10.2rc1";
        let number = |word| number_behind(tag, word).map(|(version, range)| (version.to_string(), &tag[range]));
        assert_eq!(number("vllm"), Some(("0.10.2".to_owned(), "0.10.2rc1")));
        assert_eq!(number("pytorch"), Some(("2.8".to_owned(), "2.8")));
        assert_eq!(number("py"), Some(("3.12".to_owned(), "3.12")));
        assert_eq!(number_behind("pytorch_release_2.9.1", "pytorch").unwrap().0.to_string(), "2.9.1");
    }
}
