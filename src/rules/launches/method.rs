//! The quantization method and the activation type that a launch asks for.

use super::Case;
use crate::deployment::{self, MethodOrigin, Quantization};
use crate::knowledge::Dtype;
use crate::span::Place;

/// The activation type that a launch asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asked {
    /// One that vLLM knows, as written, and where.
    Given(Dtype, String, Place),
    /// Left to vLLM.
    Auto,
    /// Not known, or a value that vLLM does not take.
    Unknown,
}

impl Asked {
    /// The place of the value, or of the launch where none is written.
    pub(crate) fn at(&self, case: &Case<'_, '_>) -> Place {
        match self {
            Self::Given(_, _, at) => *at,
            _ => case.launch.option("dtype").map_or_else(|| case.anchor(), |option| option.place(option.span)),
        }
    }
}

impl Case<'_, '_> {
    /// The activation type.
    pub(crate) fn dtype(&self) -> Asked {
        match self.launch.dtype() {
            deployment::Dtype::Given(given) => match (self.cx.knowledge.dtypes().dtype(&given.value), given.at) {
                (Some(dtype), Some(at)) => Asked::Given(dtype, given.value, at),
                _ => Asked::Unknown,
            },
            deployment::Dtype::Auto(_) => Asked::Auto,
            deployment::Dtype::Unknown => Asked::Unknown,
        }
    }

    /// The quantization method. What a model's name hints at is taken from the table of hints.
    pub(crate) fn method(&self) -> Option<deployment::Method> {
        let hinted = || {
            let model = self.launch.model()?;
            let name = self.cx.knowledge.quantization().hinted(&model.value)?.to_owned();
            Some(deployment::Method { name, how: MethodOrigin::Name, at: model.at?, overrides: None })
        };
        match self.launch.quantization() {
            Quantization::Method(method) if method.how != MethodOrigin::Name => Some(method),
            Quantization::Unknown if self.launch.option("quantization").is_some() => None,
            _ => hinted(),
        }
    }

    /// Whether the launch surely has no quantization that can be seen: the model is known and nothing hints at one.
    pub(crate) fn is_plain(&self) -> bool {
        self.launch.model().is_some()
            && matches!(self.launch.quantization(), Quantization::None)
            && self.method().is_none()
    }

    /// The model's name; empty where it is not known.
    pub(crate) fn model(&self) -> String {
        self.launch.model().map(|model| model.value).unwrap_or_default()
    }
}

/// Whether a model's name says that it is a mixture of experts.
pub(crate) fn is_mixture(model: &str) -> bool {
    let name = model.to_ascii_lowercase();
    let has_active_size = name.split(['-', '_', '/']).any(|part| {
        part.strip_prefix('a')
            .and_then(|rest| rest.strip_suffix('b'))
            .is_some_and(|size| !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    });
    has_active_size
        || [
            "mixtral",
            "moe",
            "deepseek-v2",
            "deepseek-v3",
            "deepseek-r1",
            "kimi-k2",
            "gpt-oss",
            "glm-4.5",
            "glm-4.6",
            "minimax-m",
        ]
        .iter()
        .any(|part| name.contains(part))
}
