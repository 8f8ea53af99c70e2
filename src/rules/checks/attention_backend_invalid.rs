//! GFX314: attention backends that vLLM does not know, that ROCm does not offer, or that nobody reads.

use crate::context::Context;
use crate::deployment::Rests;
use crate::finding::Applicability;
use crate::knowledge::Platform;
use crate::rules::Findings;
use crate::rules::launches::{Case, Fault, replace_value, report, written};
use crate::span::Place;

/// The variable that chose the backend until there was an option for it.
const VARIABLE: &str = "VLLM_ATTENTION_BACKEND";

/// The options that choose it.
const OPTIONS: &[&str] = &["attention-backend", "attention-config.backend"];

/// Reports the backend that a launch asks for.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    let by_option = OPTIONS.iter().find_map(|option| {
        let asked = case.launch.value(option)?;
        Some(Asked { name: asked.value, at: asked.at?, option: Some(option) })
    });
    let by_variable = || {
        let seen = case.launch.variable(VARIABLE)?;
        let at = value_of(case, seen.at);
        Some(Asked { name: seen.value?, at, option: None })
    };
    let asked = by_option.or_else(by_variable);
    asked.filter(|asked| !asked.name.is_empty()).and_then(|asked| fault(case, &asked)).into_iter().collect()
}

/// A backend that is asked for.
struct Asked {
    name: String,
    at: Place,
    /// The option; none for the variable.
    option: Option<&'static str>,
}

fn fault(case: &Case<'_, '_>, asked: &Asked) -> Option<Fault> {
    unread(case, asked)
        .or_else(|| unknown(case, asked))
        .or_else(|| refused(case, asked))
        .or_else(|| elsewhere(case, asked))
}

fn on_release() -> Rests {
    Rests { on_release: true, ..Rests::default() }
}

/// The option before it came, the variable after it went.
fn unread(case: &Case<'_, '_>, asked: &Asked) -> Option<Fault> {
    if case.any_release() {
        return None;
    }
    let (name, release) = (&asked.name, case.release());
    match asked.option {
        Some(option) => {
            let own = option.split('.').next().unwrap_or_default();
            let first = case.cx.knowledge.flags().get(own)?.first()?;
            let message = format!("{release} has no option --{own}: it came with {first}.");
            let fault = Fault::new(asked.at, "not read", message).rests(on_release());
            let help = format!("set the variable `{VARIABLE}={name}` for it");
            case.vllm().flag(own).is_no().then(|| fault.help(help))
        }
        None => {
            let life = case.cx.knowledge.environment().get(VARIABLE)?;
            let gone = life.gone_by()?;
            let message = format!(
                "{release} does not read {VARIABLE}: it is gone since {gone}, so vLLM chooses a backend itself."
            );
            let meant = meant(case, name).unwrap_or_else(|| name.to_ascii_uppercase());
            let fault = Fault::new(asked.at, "not read", message).rests(on_release());
            case.vllm().environment(VARIABLE).is_no().then(|| {
                fault.help(format!("take it out; to choose a backend, use the option `--attention-backend {meant}`"))
            })
        }
    }
}

/// What was meant by a name.
fn meant(case: &Case<'_, '_>, name: &str) -> Option<String> {
    case.cx.knowledge.attention().meant(&name.to_ascii_uppercase()).map(str::to_owned)
}

/// The name as vLLM looks it up: options in capitals, the variable as it is.
fn looked_up(asked: &Asked) -> String {
    if asked.option.is_some() { asked.name.to_ascii_uppercase() } else { asked.name.clone() }
}

/// A name that is no member of the enumeration.
fn unknown(case: &Case<'_, '_>, asked: &Asked) -> Option<Fault> {
    let name = looked_up(asked);
    let table = case.cx.knowledge.attention();
    let is_word = asked.option.is_some() && matches!(name.as_str(), "AUTO" | "NONE");
    if is_word || case.is_fork() {
        return None;
    }
    let known = table.backend(&name);
    let (message, rests) = if known.is_none() {
        (format!("No release of vLLM has an attention backend called `{}`.", asked.name), Rests::default())
    } else if !case.any_release() && case.vllm().attention_backend(&name).is_no() {
        (format!("{} has no attention backend called {name}.", case.release()), on_release())
    } else {
        return None;
    };
    let meant = meant(case, &asked.name)
        .filter(|meant| case.any_release() || !case.vllm().attention_backend(meant).is_no())
        .or_else(|| {
            table.backend(&name.to_ascii_uppercase()).map(|backend| backend.name.clone()).filter(|own| *own != name)
        });
    let help = match &meant {
        Some(meant) => format!("write `{meant}`, or take it out: vLLM chooses a backend itself"),
        None => "take it out: vLLM chooses a backend itself".to_owned(),
    };
    let edits = meant.as_ref().and_then(|meant| match asked.option {
        Some(option) => replace_value(case, option, meant),
        None => {
            (written(case.cx, asked.at) == asked.name).then(|| vec![crate::finding::Edit::new(asked.at, meant.clone())])
        }
    });
    let title = format!("use {}", meant.unwrap_or_default());
    Some(Fault::new(asked.at, "no such backend", message).rests(rests).help(help).fix(
        title,
        Applicability::Safe,
        edits,
    ))
}

/// A backend for other GPUs.
fn refused(case: &Case<'_, '_>, asked: &Asked) -> Option<Fault> {
    let name = looked_up(asked);
    let table = case.cx.knowledge.attention();
    let is_foreign = table.backend(&name)?.gpus.is_some_and(|gpus| gpus != Platform::Rocm);
    let is_refused = table.is_refused_on_rocm(&name, &case.launch.vllm.range).is_yes();
    if !case.is_rocm() || !(is_foreign || is_refused) {
        return None;
    }
    let message = if is_foreign {
        format!("The attention backend {name} is for other GPUs: vLLM has no ROCm code for it.")
    } else {
        format!("{} does not offer the attention backend {name} on ROCm.", case.release())
    };
    let rests = if is_foreign { Rests::default() } else { on_release() };
    let help = "use `TRITON_ATTN` or `ROCM_ATTN`, or take it out: vLLM chooses a backend itself";
    Some(Fault::new(asked.at, "not for ROCm", message).rests(rests).help(help))
}

/// A backend for other targets.
fn elsewhere(case: &Case<'_, '_>, asked: &Asked) -> Option<Fault> {
    let name = looked_up(asked);
    let only = case.cx.knowledge.attention().backend(&name)?.only_on(&case.launch.vllm.range)?;
    let hit = case.hit(|arch| !only.covers(&arch.name))?;
    let targets = only.names().collect::<Vec<_>>().join(", ");
    let message =
        format!("The attention backend {name} runs on {targets} alone in {}, not on {}.", case.release(), hit.list());
    let help = "use `TRITON_ATTN`, or take it out: vLLM chooses a backend itself";
    Some(Fault::new(asked.at, "not for this target", message).rests(on_release()).on(hit).help(help))
}

/// The value's place in `NAME=value`.
fn value_of(case: &Case<'_, '_>, at: Place) -> Place {
    let settings = &case.cx.workspace.facts(at.file).settings;
    let own = settings.iter().find(|setting| setting.span == at.span);
    own.map_or(at, |setting| Place { file: at.file, span: setting.value_span })
}
