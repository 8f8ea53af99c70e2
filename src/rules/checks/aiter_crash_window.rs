//! GFX313: releases in which a part of AITER that is on by default stops vLLM.

use crate::context::Context;
use crate::deployment::Rests;
use crate::finding::{Applicability, Edit, Severity};
use crate::rules::Findings;
use crate::rules::launches::{Case, Fault, is_true, report, written};

/// The switch.
const NAME: &str = "VLLM_ROCM_USE_AITER";

/// Reports launches that meet such a part.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    fault(case).into_iter().collect()
}

fn fault(case: &Case<'_, '_>) -> Option<Fault> {
    let switch = case.launch.variable(NAME)?;
    switch.value.as_deref().filter(|value| is_true(value))?;
    let model = case.model();
    if case.any_release() || model.is_empty() {
        return None;
    }
    let avoided = |crash: &crate::knowledge::Crash| {
        crash.unless.iter().any(|(name, value)| {
            let set = case.launch.variable(name).and_then(|seen| seen.value);
            set.is_some_and(|set| set == *value || (value == "0" && set.eq_ignore_ascii_case("false")))
        })
    };
    let table = case.cx.knowledge.aiter();
    let crash = table.crashes(&case.launch.vllm.range).find(|crash| crash.is_about(&model) && !avoided(crash))?;
    let hit = case.hit(|arch| crash.targets.covers(&arch.name))?;
    let way = crash.unless.iter().map(|(name, value)| format!("{name}={value}")).next();
    let help = match &way {
        Some(way) => format!("set `{way}`, or use another release"),
        None => format!("set `{NAME}=0`, or use another release"),
    };
    let message = format!("With AITER on, {} stops for {model} on {}: {}.", case.release(), hit.list(), crash.effect);
    let severity = if crash.sometimes { Severity::Warning } else { Severity::Error };
    let text = written(case.cx, switch.at);
    let source = case.cx.workspace.sources().get(switch.at.file).text();
    let before = source.get(..switch.at.span.range().start).unwrap_or_default().trim_end_matches(' ');
    // Before a command another variable fits as well; elsewhere the file's form decides.
    let is_prefix = text.starts_with(NAME)
        && (before.is_empty() || before.ends_with(['\n', ';', '&', '|']) || before.ends_with("env"))
        && case.launch.launch.environment.iter().any(|variable| variable.is_prefix && variable.name == NAME);
    let edits =
        way.filter(|_| is_prefix).map(|way| vec![Edit::insert(switch.at, switch.at.span.start, format!("{way} "))]);
    Some(
        Fault::new(case.anchor(), "this model", message)
            .severity(severity)
            .rests(Rests { on_release: true, ..Rests::default() })
            .on(hit)
            .related(switch.at, "AITER on")
            .help(help)
            .fix("switch that part off", Applicability::Safe, edits),
    )
}
