//! GFX412: vLLM told to be built for something else than ROCm, in a ROCm image.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::Reach;
use crate::facts::SettingKind;
use crate::finding::{Applicability, Edit, Severity};
use crate::rules::Findings;

/// The variable that chooses the device (vLLM `setup.py`).
const NAME: &str = "VLLM_TARGET_DEVICE";

/// Looks at where each image for ROCm with vLLM sets it.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = BTreeSet::new();
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes() && image.has_vllm()) {
        for setting in image.path.settings(Reach::Whole).filter(|setting| setting.name == NAME) {
            let at = setting.place(setting.value_span);
            let value = image.path.text(&setting.fact.value, setting.place(setting.span));
            let Some(value) = value.filter(|value| matches!(value.as_str(), "cpu" | "cuda" | "empty" | "tpu" | "xpu"))
            else {
                continue;
            };
            // An argument's default is for the caller to replace, and counts where it is handed on.
            if setting.kind == SettingKind::DockerArg || !seen.insert(at) {
                continue;
            }
            let what = match value.as_str() {
                "empty" => "builds no kernels at all".to_owned(),
                other => format!("builds vLLM for {}", other.to_uppercase()),
            };
            let message = format!("{NAME}={value} {what}, in an image for ROCm.");
            // vLLM until 0.13 took "cuda" for ROCm as well, where torch was built for HIP.
            let is_taken = value == "cuda" && image.vllm().is_none_or(|vllm| !vllm.release.is_from("0.14"));
            let mut finding = out
                .finding(at, message)
                .severity(if is_taken { Severity::Warning } else { Severity::Error })
                .label("not rocm")
                .help(format!("set `{NAME}=rocm`, or leave it out: vLLM 0.14 and later see ROCm by themselves"));
            if let Some(because) = image.platform.because.filter(|because| *because != at) {
                finding = finding.related(because, "the image is for ROCm");
            }
            let is_written = at.span.text(cx.workspace.sources().get(at.file).text()) == value;
            out.push(if is_written {
                finding.fix("Build for ROCm", Applicability::Unsafe, vec![Edit::new(at, "rocm")])
            } else {
                finding
            });
        }
    }
}
