//! The quantization method of a launch, as vLLM decides it.

use super::{Deployment, Method, MethodOrigin, Quantization};

/// Parts of model names and the methods that they hint at; the first that matches decides. A hint is no more than
/// that: names with `AWQ` are also given to models in other formats.
const HINTS: &[(&str, &str)] = &[
    ("-gguf", "gguf"),
    ("gpt-oss", "mxfp4"),
    ("mxfp4", "mxfp4"),
    ("nvfp4", "modelopt_fp4"),
    ("-awq", "awq"),
    ("_awq", "awq"),
    ("-gptq", "gptq"),
    ("_gptq", "gptq"),
    ("bnb-4bit", "bitsandbytes"),
    ("-bnb", "bitsandbytes"),
    ("w4a16", "compressed-tensors"),
    ("w8a8", "compressed-tensors"),
    ("-fp8", "fp8"),
];

/// What quantization a launch has.
pub(super) fn quantization(launch: &Deployment<'_>) -> Quantization {
    let model = launch.model();
    if let Some(model) = model.as_ref().filter(|model| is_gguf(&model.value)) {
        let Some(at) = model.at else { return Quantization::Unknown };
        let overrides = launch
            .value("quantization")
            .filter(|asked| !asked.value.eq_ignore_ascii_case("gguf"))
            .and_then(|asked| asked.at);
        return method("gguf", MethodOrigin::File, at, overrides);
    }
    if launch.option("quantization").is_some() {
        return match launch.value("quantization") {
            Some(asked) if asked.value.eq_ignore_ascii_case("none") => Quantization::None,
            Some(asked) => match asked.at {
                Some(at) => method(&asked.value, MethodOrigin::Option, at, None),
                None => Quantization::Unknown,
            },
            None => Quantization::Unknown,
        };
    }
    if let Some(format) = launch.value("load-format")
        && let (Some(at), true) = (format.at, matches!(format.value.as_str(), "gguf" | "bitsandbytes"))
    {
        return method(&format.value, MethodOrigin::LoadFormat, at, None);
    }
    if launch.launch.is_open {
        return Quantization::Unknown;
    }
    let Some(model) = model else { return Quantization::Unknown };
    let name = model.value.to_ascii_lowercase();
    match (HINTS.iter().find(|(hint, _)| name.contains(hint)), model.at) {
        (Some((_, hinted)), Some(at)) => method(hinted, MethodOrigin::Name, at, None),
        _ => Quantization::None,
    }
}

fn method(
    name: &str,
    how: MethodOrigin,
    at: crate::span::Place,
    overrides: Option<crate::span::Place>,
) -> Quantization {
    Quantization::Method(Method { name: name.to_ascii_lowercase(), how, at, overrides })
}

/// Whether a model is one that vLLM loads as GGUF whatever else is asked for: a `.gguf` file, or `repo:Q4_K_M`.
pub fn is_gguf(model: &str) -> bool {
    let lower = model.to_ascii_lowercase();
    let quant = || {
        let (repository, kind) = lower.rsplit_once(':')?;
        let is_kind = kind.strip_prefix("iq").or_else(|| kind.strip_prefix('q')).or_else(|| kind.strip_prefix("tq"));
        let known = is_kind.is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()));
        (repository.contains('/') && known).then_some(())
    };
    lower.ends_with(".gguf") || quant().is_some()
}
