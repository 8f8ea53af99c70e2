//! GFX414: a preload that hides every GPU from amdsmi.

use crate::context::Context;
use crate::facts::{FileFacts, LaunchForm, Setting, SettingKind, Text, TextPart};
use crate::finding::{Finding, Severity};
use crate::knowledge::Part;
use crate::rules::Findings;
use crate::span::{FileId, Place, Span};

const LIBRARY: &str = "librocm_smi64";

/// Looks at every value that LD_PRELOAD gets.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, _, facts) in cx.files() {
        for setting in facts.settings.iter().filter(|setting| is_preload(setting)) {
            let runs = runs_vllm(cx, file, facts, setting);
            out.push(report(cx, out, file, setting, runs));
        }
    }
}

fn is_preload(setting: &Setting) -> bool {
    let is_said = matches!(setting.kind, SettingKind::DocsCommand | SettingKind::Comment | SettingKind::DockerLabel);
    setting.name == "LD_PRELOAD" && !is_said && names_library(&setting.value)
}

fn names_library(text: &Text) -> bool {
    text.parts.iter().any(|part| match part {
        TextPart::Literal(text, _) => text.contains(LIBRARY),
        TextPart::Outer { default: Some(default), .. } => names_library(default),
        TextPart::Outer { .. } | TextPart::Unknown => false,
    })
}

/// Whether vLLM runs where the variable holds, as far as files tell.
fn runs_vllm(cx: &Context<'_>, file: FileId, facts: &FileFacts, setting: &Setting) -> bool {
    if let Some(stage) = setting.stage {
        let at = Place { file, span: setting.span };
        let of_stage = cx.joins().image(file, stage);
        let mut images = cx.images().filter(|image| image.path.holds(at)).chain(of_stage);
        return images.any(|image| image.has_vllm());
    }
    if let Some(index) = setting.container {
        let view = cx.joins().containers().iter().find(|view| view.file() == file && view.index == index);
        return view.is_some_and(|view| {
            let by_image = view
                .image
                .as_ref()
                .is_some_and(|image| cx.knowledge.images().describe(&image.text).has(Part::Vllm).is_yes());
            !view.launches.is_empty() || by_image || view.built.as_ref().is_some_and(|image| image.has_vllm())
        });
    }
    facts.launches.iter().any(|launch| launch.form != LaunchForm::ConfigFile)
}

fn report(cx: &Context<'_>, out: &Findings, file: FileId, setting: &Setting, runs: bool) -> Finding {
    let message = if runs {
        "LD_PRELOAD loads librocm_smi64 into every process. It hides that a torch was linked without that library, and \
         it makes amdsmi, which vLLM asks for GPUs, report none: vLLM then ends with 'Failed to infer device type'."
    } else {
        "LD_PRELOAD loads librocm_smi64 into every process. It hides that a torch was linked without that library, and \
         it makes amdsmi report no GPU: a vLLM that starts with it ends with 'Failed to infer device type'."
    };
    out.finding(library_place(cx, file, setting), message)
        .severity(if runs { out.severity() } else { Severity::Warning })
        .label("hides GPUs from amdsmi")
        .help(
            "take the library out of LD_PRELOAD; if torch then misses symbols of rocm_smi, take another ROCm wheel, or \
             link torch with -lrocm_smi64 where you build it",
        )
}

/// The library's path in the value.
fn library_place(cx: &Context<'_>, file: FileId, setting: &Setting) -> Place {
    let text = cx.workspace.sources().get(file).text();
    let whole = setting.value_span.range();
    let written = setting.value_span.text(text);
    let Some(at) = written.find(LIBRARY) else { return Place { file, span: setting.value_span } };
    let separators = [':', ' ', '\t', '"', '\'', ',', ';', '\n'];
    let mut start = written[..at].rfind(separators).map_or(0, |before| before + 1);
    // The colon and minus of `${X:-path}` are no path.
    start += usize::from(written[start..].starts_with('-'));
    let end =
        written[at..].find([':', ' ', '\t', '"', '\'', ',', ';', '\n', '}']).map_or(written.len(), |end| at + end);
    Place { file, span: Span::new(whole.start + start, whole.start + end) }
}
