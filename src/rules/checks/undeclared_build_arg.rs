//! GFX409: build arguments that the container file does not declare.

use crate::context::Context;
use crate::deployment::Built;
use crate::facts::{BuildArgument, SettingKind};
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::knowledge::distance;
use crate::rules::Findings;
use crate::span::Place;

/// Arguments that every build has (docs.docker.com/reference/dockerfile, "Predefined ARGs").
const PREDEFINED: &[&str] = &["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY", "SOURCE_DATE_EPOCH"];
/// vLLM's two files name the same list differently: Dockerfile.rocm and Dockerfile.rocm_base.
const TWINS: [&str; 2] = ["ARG_PYTORCH_ROCM_ARCH", "PYTORCH_ROCM_ARCH"];

/// Looks at every build whose container file is of the run and is for AMD GPUs.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for built in cx.joins().builds().all().iter().filter(|built| cx.is_product(built.build.file)) {
        let Some(step) = built.step else { continue };
        let is_rocm =
            cx.joins().images().iter().any(|image| image.path.file == step.file && image.platform.is_rocm.is_yes());
        let settings = &cx.workspace.facts(step.file).settings;
        let declared: Vec<&str> = settings
            .iter()
            .filter(|setting| setting.kind == SettingKind::DockerArg)
            .map(|setting| setting.name.as_str())
            .collect();
        for argument in built.build.arguments.iter().filter(|_| is_rocm) {
            out.push_some(judge(cx, out, built, argument, &declared, step.file));
        }
    }
}

fn judge(
    cx: &Context<'_>,
    out: &Findings,
    built: &Built<'_>,
    argument: &BuildArgument,
    declared: &[&str],
    file: crate::span::FileId,
) -> Option<Finding> {
    let name = argument.name.known()?;
    let is_predefined = PREDEFINED.contains(&name.to_ascii_uppercase().as_str())
        || name.starts_with("BUILDKIT_")
        || name.starts_with("TARGET")
        || name.starts_with("BUILD");
    if declared.contains(&name.as_str()) || is_predefined {
        return None;
    }
    let twin = TWINS.iter().find(|twin| TWINS.contains(&name.as_str()) && declared.contains(twin)).copied();
    let near = || {
        declared.iter().copied().filter(|known| distance(known, &name) <= 2).min_by_key(|known| distance(known, &name))
    };
    let meant = twin.or_else(near);
    let path = cx.workspace.sources().get(file).path.rsplit('/').next().unwrap_or_default();
    let decides = name.contains("ROCM") || name.contains("ARCH") || name.contains("GFX");
    let message = format!(
        "{path} declares no argument {name}: the builder warns and leaves it out{}.",
        if decides { ", so the image is built without it" } else { "" }
    );
    let at = built.build.place(argument.name.span);
    let severity = if decides { Severity::Error } else { out.severity() };
    let finding = out
        .finding(at, message)
        .severity(if built.build.home.is_shown { severity.lowered() } else { severity })
        .label("not declared")
        .related(Place { file, span: cx.workspace.facts(file).stages.first()?.span }, "the file that is built")
        .data("argument", name);
    Some(match meant {
        Some(meant) => finding.help(format!("did you mean {meant}?")).fix(
            format!("Write {meant}"),
            Applicability::Unsafe,
            vec![Edit::new(at, meant)],
        ),
        None => finding.help("declare it with `ARG`, or take it out"),
    })
}
