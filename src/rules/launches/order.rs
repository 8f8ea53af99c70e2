//! Which rule tells of a launch's activation type: the most specific one, alone.

use super::{Case, Fault};

type Faults = fn(&Case<'_, '_>) -> Vec<Fault>;

/// The rules about activation types and methods, the most specific first.
const ORDER: &[(&str, Faults)] = &[
    ("GFX308", super::super::unknown_flag_value::of_types),
    ("GFX307", super::super::quantization_unsupported::faults),
    ("GFX302", super::super::loader_plugin_missing::faults),
    ("GFX304", super::super::mxfp4_dtype::faults),
    ("GFX305", super::super::model_refuses_float16::faults),
    ("GFX301", super::super::gguf_bfloat16::faults),
    ("GFX303", super::super::awq_gptq_dtype::faults),
    ("GFX311", super::super::bitsandbytes_wave64::faults),
    ("GFX309", super::super::no_fp8_hardware::faults),
    ("GFX310", super::super::fp4_off_native_arch::faults),
    ("GFX306", super::super::no_bfloat16_hardware::faults),
    ("GFX319", super::super::float32_on_rocm::faults),
];

/// Whether a more specific rule tells of the launch already.
pub(super) fn is_told_before(case: &Case<'_, '_>, rule: &str) -> bool {
    let Some(own) = ORDER.iter().position(|(id, _)| *id == rule) else { return false };
    ORDER[..own].iter().any(|(_, faults)| !faults(case).is_empty())
}
