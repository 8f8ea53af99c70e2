//! GFX502: what only NVIDIA's runtime serves, on containers for AMD GPUs.

use crate::context::Context;
use crate::deployment::ContainerView;
use crate::finding::{Finding, Severity};
use crate::knowledge::Platform;
use crate::rules::Findings;

/// Looks at requests for NVIDIA GPUs, and at CUDA images that are given AMD devices.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for view in cx.containers() {
        let found = request(cx, out, view).or_else(|| cuda_image(cx, out, view));
        out.push_some(found.map(|finding| match view.is_shown {
            true => finding.severity(Severity::Warning),
            false => finding,
        }));
    }
}

fn is_cuda(cx: &Context<'_>, view: &ContainerView<'_>) -> bool {
    let named = view.image.as_ref().map(|image| cx.knowledge.images().describe(&image.text).platform);
    view.built.is_none() && named.flatten() == Some(Platform::Cuda)
}

/// Whether the driver's node of AMD GPUs is given.
fn has_kfd(view: &ContainerView<'_>) -> bool {
    view.container.devices.iter().filter_map(crate::facts::Word::by_default).any(|path| path.starts_with("/dev/kfd"))
}

fn request(cx: &Context<'_>, out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let request = view.container.nvidia.first()?;
    if !(view.platform.is_rocm.is_yes() || has_kfd(view)) || is_cuda(cx, view) {
        return None;
    }
    let message =
        "This asks for NVIDIA GPUs, but the container is for AMD's: the engine stops, or the container gets no GPU.";
    let finding = out
        .finding(view.place(request.span), message)
        .label("for NVIDIA GPUs")
        .help("take it out, and give the container /dev/kfd and /dev/dri");
    Some(match view.platform.because.filter(|at| *at != view.place(request.span)) {
        Some(at) => finding.related(at, "for AMD GPUs"),
        None => finding,
    })
}

fn cuda_image(cx: &Context<'_>, out: &Findings, view: &ContainerView<'_>) -> Option<Finding> {
    let image = view.image.as_ref().filter(|_| is_cuda(cx, view) && has_kfd(view))?;
    let message = format!("{} is built for CUDA; with AMD's devices it finds no GPU that it can use.", image.text);
    let help = match image.repository.as_str() {
        "vllm/vllm-openai" => "use `vllm/vllm-openai-rocm`, vLLM's image for AMD GPUs",
        _ => "use an image that is built for ROCm",
    };
    Some(out.finding(image.at, message).label("a CUDA image").help(help))
}
