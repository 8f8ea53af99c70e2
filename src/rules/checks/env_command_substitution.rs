//! GFX410: command substitutions where no shell runs.

use crate::context::Context;
use crate::deployment::Answer;
use crate::facts::{Setting, SettingKind};
use crate::finding::{Finding, Severity};
use crate::rules::Findings;
use crate::span::{FileId, Place, Span};

/// Variables that some shell expands when it shows its prompt.
const FOR_A_SHELL: &[&str] = &["PS1", "PS2", "PS4", "PROMPT", "PROMPT_COMMAND"];

/// Reports `ENV X=$(command)` and `ARG X=$(command)` in files that build images for AMD GPUs.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, _, facts) in cx.files() {
        if facts.stages.is_empty() || !is_for_amd(cx, file) {
            continue;
        }
        for setting in &facts.settings {
            out.push_some(substituted(cx, file, setting).map(|span| report(cx, out, file, setting, span)));
        }
    }
}

fn is_for_amd(cx: &Context<'_>, file: FileId) -> bool {
    let of_file = cx.joins().images().iter().filter(|image| image.path.file == file);
    of_file.into_iter().any(|image| image.platform.is_rocm == Answer::Yes)
}

/// Where a substitution is written in the value.
fn substituted(cx: &Context<'_>, file: FileId, setting: &Setting) -> Option<Span> {
    let may_hold_one = matches!(setting.kind, SettingKind::DockerEnv | SettingKind::DockerArg);
    if !may_hold_one || FOR_A_SHELL.contains(&setting.name.as_str()) {
        return None;
    }
    let text = cx.workspace.sources().get(file).text();
    let written = setting.value_span.text(text);
    // `\$(` and single quotes: it is meant to stay as it is.
    let before = text[..setting.value_span.range().start].chars().next_back();
    if before == Some('\'') || written.starts_with('\'') {
        return None;
    }
    let start = setting.value_span.range().start;
    for (open, close) in [("$(", ')'), ("`", '`')] {
        let Some(at) = written.find(open).filter(|&at| !written[..at].ends_with('\\')) else { continue };
        if let Some(length) = written[at + open.len()..].rfind(close) {
            return Some(Span::new(start + at, start + at + open.len() + length + 1));
        }
    }
    None
}

fn report(cx: &Context<'_>, out: &Findings, file: FileId, setting: &Setting, span: Span) -> Finding {
    let (name, at) = (&setting.name, Place { file, span });
    let written = span.text(cx.workspace.sources().get(file).text());
    let instruction = if setting.kind == SettingKind::DockerEnv { "ENV" } else { "ARG" };
    let message = if name == "MAX_JOBS" {
        format!(
            "{instruction} runs no commands, so MAX_JOBS is the text '{written}'; vLLM's setup.py makes a number of it \
             and stops with a ValueError."
        )
    } else {
        format!("{instruction} runs no commands, so {name} holds the text '{written}', not the command's output.")
    };
    let is_fatal = name == "MAX_JOBS" || name.ends_with("PATH") || name.ends_with("_DIR") || name.ends_with("HOME");
    let help = if name == "MAX_JOBS" {
        "leave it out, since vLLM's build counts the processors itself; or set it in the RUN that builds: \
         `RUN MAX_JOBS=\"$(nproc)\" ...`"
            .to_owned()
    } else {
        format!("set it in the RUN that needs it: `RUN {name}=\"{written}\" ...`")
    };
    out.finding(at, message)
        .severity(if is_fatal { out.severity() } else { Severity::Warning })
        .label("stays as it is")
        .help(help)
        .data("variable", name.as_str())
}
