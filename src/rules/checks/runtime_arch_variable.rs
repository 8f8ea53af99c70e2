//! GFX505: variables for builds, given to images that are built already.

use crate::context::Context;
use crate::rules::Findings;

/// Variables that only builds read.
const FOR_BUILDS: &[&str] = &["PYTORCH_ROCM_ARCH", "GPU_ARCHS", "AMDGPU_TARGETS", "GPU_TARGETS", "HIP_ARCHITECTURES"];

/// Looks at the variables of containers whose image is not built in the run.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for view in cx.containers().filter(|view| !view.is_shown && view.built.is_none() && view.container.build.is_none())
    {
        let (Some(image), true) = (&view.image, view.platform.is_rocm.is_yes()) else { continue };
        let settings = &cx.workspace.facts(view.file()).settings;
        let own = settings.iter().filter(|setting| setting.container == Some(view.index));
        for setting in own.filter(|setting| FOR_BUILDS.contains(&setting.name.as_str())) {
            let message = format!(
                "{} decides what a build compiles; {} is built already, and holds code for the same targets with it as without.",
                setting.name, image.repository
            );
            out.push(
                out.finding(view.place(setting.span), message)
                    .label("read by builds alone")
                    .help("take it out; if the image has no code for the GPU, build one that has, or use another")
                    .data("variable", setting.name.as_str()),
            );
        }
    }
}
