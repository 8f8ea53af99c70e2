//! GFX508: variables that are set for the engine's client and never reach the container.

use crate::context::Context;
use crate::finding::{Applicability, Edit};
use crate::rules::Findings;

/// Starts of names that programs in the container read.
const FOR_CONTAINERS: &[&str] = &[
    "HIP_",
    "HSA_",
    "ROCR_",
    "CUDA_VISIBLE",
    "GPU_DEVICE",
    "VLLM_",
    "PYTORCH_",
    "TORCH_",
    "AITER_",
    "MIOPEN_",
    "NCCL_",
    "RCCL_",
    "HF_",
    "FLASH_ATTENTION_",
    "ROCBLAS_",
    "TRITON_",
];

/// Looks at assignments in front of `docker run`.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for view in cx.containers() {
        let container = &view.container;
        let settings = &cx.workspace.facts(view.file()).settings;
        for variable in &container.client_environment {
            let (name, Some(span)) = (variable.name.as_str(), variable.span) else { continue };
            let is_read_inside = FOR_CONTAINERS.iter().any(|start| name.starts_with(start));
            let is_amd =
                view.platform.is_rocm.is_yes() || ["HIP_", "HSA_", "ROCR_"].iter().any(|start| name.starts_with(start));
            let is_passed =
                settings.iter().any(|setting| setting.container == Some(view.index) && setting.name == name);
            // The command line may use it: `X=1 docker run ... -e Y=$X`.
            let is_used = cx
                .workspace
                .sources()
                .get(view.file())
                .text()
                .get(container.span.range())
                .is_some_and(|text| text.contains(&format!("${name}")) || text.contains(&format!("${{{name}")));
            if !is_read_inside || !is_amd || is_passed || is_used || container.is_open {
                continue;
            }
            let engine = container
                .command
                .and_then(|at| cx.workspace.facts(view.file()).commands.get(at))
                .map(crate::facts::Command::program)
                .unwrap_or_default();
            let message = format!("{name} is set for the {engine} client on the host: the container does not get it.");
            let at = view.place(span);
            let written = span.text(cx.workspace.sources().get(at.file).text()).to_owned();
            let finding = out
                .finding(at, message)
                .label("set for the client")
                .related(view.place(container.anchor), "starts without it")
                .help(format!("hand it in: `-e {written}` behind `run`"))
                .data("variable", name);
            let edit = Edit::insert(at, container.anchor.end, format!(" -e {written}"));
            out.push(finding.fix("Hand it to the container", Applicability::Unsafe, vec![edit]));
        }
    }
}
