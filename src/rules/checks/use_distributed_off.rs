//! GFX415: PyTorch built for ROCm without the distributed package that vLLM imports.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{BuildOption, TorchBuild};
use crate::finding::{Applicability, Edit, Finding};
use crate::rules::Findings;
use crate::span::{Place, Span};

/// Looks at the options of every build of PyTorch for ROCm.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = BTreeSet::new();
    for build in cx.torch_builds() {
        for name in ["USE_DISTRIBUTED", "USE_RCCL", "USE_NCCL"] {
            let option = |name| build.option(cx.workspace, cx.joins(), name);
            let Some(off) = option(name).filter(BuildOption::is_off) else { continue };
            // Some set the name of NVIDIA's library off and that of AMD's on.
            let is_answered = name == "USE_NCCL" && option("USE_RCCL").is_some_and(|other| !other.is_off());
            if !is_answered && seen.insert(off.at) {
                out.push(report(cx, out, &build, name, &off));
            }
        }
    }
}

fn report(cx: &Context<'_>, out: &Findings, build: &TorchBuild<'_>, name: &str, off: &BuildOption) -> Finding {
    let message = match name {
        "USE_DISTRIBUTED" => {
            "PyTorch is built without torch.distributed here; vLLM imports it on every start, also for one GPU, and ends \
             with 'cannot import name PrefixStore'."
                .to_owned()
        }
        _ => format!(
            "{name} is off, so this PyTorch has no RCCL: vLLM opens its process group with that back end, also for one \
             GPU, and ends with 'Distributed package doesn't have NCCL built in'."
        ),
    };
    let finding = out
        .finding(off.at, message)
        .label("off")
        .related(build.command.place(build.command.span), "PyTorch is built here")
        .help(format!("leave {name} out, its default is on, or set it to 1"))
        .data("option", name);
    match value_place(cx, off) {
        Some(at) => {
            finding.fix(format!("Switch {name} on"), Applicability::Unsafe, vec![Edit::new(at, on(&off.value))])
        }
        None => finding,
    }
}

/// Where the value stands, if it is written as it is.
fn value_place(cx: &Context<'_>, off: &BuildOption) -> Option<Place> {
    let written = cx.workspace.sources().text(off.at);
    let at = written.find('=').map_or_else(|| written.find(char::is_whitespace), Some)? + 1;
    let value = written.get(at..)?.trim_matches(['"', '\'']);
    let start = off.at.span.range().start + at + written.get(at..)?.find(value)?;
    (value == off.value).then(|| Place { file: off.at.file, span: Span::new(start, start + value.len()) })
}

/// The opposite, in the same style.
fn on(off: &str) -> &'static str {
    match off {
        "0" => "1",
        "off" => "on",
        _ if off.starts_with(['f', 'F']) => "TRUE",
        _ => "ON",
    }
}
