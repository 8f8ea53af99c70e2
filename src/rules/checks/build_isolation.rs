//! GFX406: vLLM built in an isolated environment, which gets PyPI's torch.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{Found, ImageFacts};
use crate::facts::{Install, InstallTool};
use crate::finding::{Applicability, Edit, Finding};
use crate::rules::Findings;

/// Variables that switch isolation off, or choose where the isolated build's packages come from.
const SWITCHES: &[&str] = &[
    "PIP_NO_BUILD_ISOLATION",
    "UV_NO_BUILD_ISOLATION",
    "PIP_CONSTRAINT",
    "UV_CONSTRAINT",
    "PIP_BUILD_CONSTRAINT",
    "UV_BUILD_CONSTRAINT",
    "PIP_INDEX_URL",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
];

/// Looks at the command that builds vLLM in every stage for ROCm.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = BTreeSet::new();
    for image in
        cx.joins().images().iter().filter(|image| image.platform.is_rocm.is_yes() && cx.is_product(image.path.file))
    {
        let Some(built) = image.builds_vllm.filter(|at| image.path.holds(*at)) else { continue };
        let reach = crate::deployment::Reach::Chain;
        let holds = |install: &Found<'_, Install>| install.file == built.file && install.span.contains(built.span);
        let install = image.path.installs(reach).find(holds);
        let Some(install) = install else { continue };
        if is_isolated(image, &install) && seen.insert(built) {
            out.push(report(cx, out, &install));
        }
    }
}

fn is_isolated(image: &ImageFacts<'_>, install: &Found<'_, Install>) -> bool {
    let builds = matches!(install.tool, InstallTool::Pip | InstallTool::Uv | InstallTool::Wheel);
    let is_switched = |name: &&str| image.path.in_force(name, Some(install.place(install.span))).is_some();
    builds
        && !install.is_open
        && !install.has("no-build-isolation")
        && install.index.is_none()
        && install.constraint_files.is_empty()
        && !SWITCHES.iter().any(is_switched)
}

fn report(cx: &Context<'_>, out: &Findings, install: &Found<'_, Install>) -> Finding {
    let at = install.place(install.span);
    let written = install.span.text(cx.workspace.sources().get(install.file).text());
    let option = if written.contains(" build") && install.tool == InstallTool::Wheel && !written.starts_with("uv") {
        "--no-isolation"
    } else {
        "--no-build-isolation"
    };
    let message = "vLLM is built in an isolated environment, for which pip fetches the torch that vLLM's pyproject.toml \
                   pins: the one from PyPI, which is for CUDA. The build finds no ROCm in it and makes a CUDA or CPU vLLM.";
    let verb = ["install", "wheel", "build"].into_iter().find_map(|verb| {
        let start = written.find(&format!(" {verb}"))? + 1 + verb.len();
        Some(at.span.start + u32::try_from(start).ok()?)
    });
    let finding = out
        .finding(at, message)
        .label("isolated build")
        .help(format!("add `{option}`, and install the build requirements (requirements/rocm-build.txt) before"));
    match verb {
        Some(offset) => finding.fix(
            format!("Add {option}"),
            Applicability::Unsafe,
            vec![Edit::insert(at, offset, format!(" {option}"))],
        ),
        None => finding,
    }
}
