//! GFX421: PyTorch built from source in a way that leaves HIP out.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{BuildOption, Step, TorchBuild};
use crate::finding::Finding;
use crate::rules::Findings;
use crate::span::FileId;

/// Looks at every build of PyTorch that is meant for ROCm.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = BTreeSet::new();
    for build in cx.torch_builds() {
        let at = build.command.place(build.command.span);
        let use_rocm = build.option(cx.workspace, cx.joins(), "USE_ROCM");
        if let Some(off) = use_rocm.as_ref().filter(|option| option.is_off()) {
            if seen.insert(off.at) {
                out.push(switched_off(out, &build, off));
            }
        } else if is_for_rocm(cx, &build, use_rocm.as_ref()) && lacks_hipify(cx, &build) && seen.insert(at) {
            out.push(not_translated(out, &build));
        }
    }
}

fn switched_off(out: &Findings, build: &TorchBuild<'_>, off: &BuildOption) -> Finding {
    let message = "USE_ROCM is off in this build of PyTorch: torch.version.hip stays None, vLLM finds no GPU and its own \
                   build takes torch for a CPU or CUDA one.";
    out.finding(off.at, message)
        .label("off")
        .related(build.command.place(build.command.span), "PyTorch is built here")
        .help("set USE_ROCM=1")
}

fn not_translated(out: &Findings, build: &TorchBuild<'_>) -> Finding {
    let message = "PyTorch is built from a fresh clone without tools/amd_build/build_amd.py before it: its CUDA sources are \
                   not turned into HIP, and the build stops or makes a torch without GPU code.";
    let finding = out
        .finding(build.command.place(build.command.span), message)
        .label("sources are still CUDA")
        .help("run `python3 tools/amd_build/build_amd.py` in the tree before this command");
    match build.clone {
        Some(clone) => finding.related(clone.place(clone.span), "cloned here"),
        None => finding,
    }
}

/// Whether the build surely is meant for ROCm: an image for it, or a script that says so.
fn is_for_rocm(cx: &Context<'_>, build: &TorchBuild<'_>, use_rocm: Option<&BuildOption>) -> bool {
    let has_targets = || build.option(cx.workspace, cx.joins(), "PYTORCH_ROCM_ARCH").is_some();
    build.command.home.stage.is_some() || use_rocm.is_some() || has_targets()
}

/// Whether nothing on the way to the build names the step; only a clone is sure to be as upstream has it.
fn lacks_hipify(cx: &Context<'_>, build: &TorchBuild<'_>) -> bool {
    let file = build.command.file;
    let own = [file];
    let stage = build.command.home.stage;
    let image = stage.and_then(|stage| cx.joins().image(file, stage));
    let of_path: Vec<FileId> = image
        .map(|image| image.path.chain.iter().chain(&image.path.sources).map(|step: &Step| step.file).collect())
        .unwrap_or_default();
    build.clone.is_some()
        && !own.iter().chain(&of_path).any(|&file| {
            let text = cx.workspace.sources().get(file).text();
            text.contains("amd_build") || text.to_ascii_lowercase().contains("hipify")
        })
}
