//! GFX302: GGUF and bitsandbytes in releases that left them to plugins.

use crate::context::Context;
use crate::deployment::{MarkerKind, Rests};
use crate::finding::Severity;
use crate::rules::Findings;
use crate::rules::launches::{Case, Fault, report};

/// Reports launches that need a plugin which nothing installs.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

pub(crate) fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    fault(case).into_iter().collect()
}

fn fault(case: &Case<'_, '_>) -> Option<Fault> {
    let method = case.method()?;
    let known = case.cx.knowledge.quantization().method(&method.name)?;
    let plugin = &known.plugin.as_ref()?.package;
    let answer = case.vllm().quantization(&method.name);
    if case.any_release() || answer.is_yes() || is_installed(case, plugin) {
        return None;
    }
    let last = known.known.last()?;
    if !answer.is_no() && !case.launch.vllm.range.is_at_least(last) {
        return None;
    }
    let (what, release) = (&method.name, case.release());
    let (message, severity) = if answer.is_no() {
        (
            format!("{release} has no {what} loader: it left vLLM after {last}, and nothing here installs {plugin}."),
            Severity::Error,
        )
    } else {
        (
            format!(
                "{release} may have no {what} loader: it left vLLM some time after {last}, and nothing here installs {plugin}."
            ),
            Severity::Warning,
        )
    };
    Some(
        Fault::new(method.at, what.clone(), message)
            .severity(severity)
            .rests(Rests { on_release: true, on_method: true, ..Rests::default() })
            .help(format!("install it beside vLLM: `pip install {plugin}`"))
            .data("plugin", plugin.as_str()),
    )
}

/// Whether some file of the run installs the plugin.
fn is_installed(case: &Case<'_, '_>, plugin: &str) -> bool {
    let marked = case.launch.markers.iter().any(|marker| marker.kind == MarkerKind::Plugin && marker.name == plugin);
    marked
        || case.cx.workspace.files().any(|(_, _, facts)| {
            facts.installs.iter().flat_map(|install| &install.packages).any(|package| {
                package.name == plugin || package.source.as_deref().is_some_and(|source| source.contains(plugin))
            })
        })
}
