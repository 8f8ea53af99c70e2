//! GFX420: vLLM for the CPU on processors without AVX-512.

use crate::context::Context;
use crate::deployment::Answer;
use crate::facts::{FileFacts, Setting, SettingKind};
use crate::finding::Finding;
use crate::rules::Findings;
use crate::span::{FileId, Place, Span};

/// How files name processors of AMD's second and third Zen generation.
const ZEN: &[&str] = &["znver2", "znver3", "zen 2", "zen2", "zen 3", "zen3", "zen-2", "zen-3"];
/// Images of vLLM for the CPU.
const IMAGES: &[&str] = &["vllm-cpu-release-repo", "vllm-openai-cpu"];

/// Looks at files that use vLLM for the CPU and speak of such a processor.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, source, facts) in cx.files() {
        if source.language == "markdown" || source.language == "python" {
            continue;
        }
        let Some(at) = for_cpu(file, facts) else { continue };
        let Some(zen) = hint(source.text()) else { continue };
        if !is_answered(facts) && !has_both(cx, file) {
            out.push(report(cx, out, at, Place { file, span: zen }));
        }
    }
}

/// What says that vLLM is built for the CPU, or comes so.
fn for_cpu(file: FileId, facts: &FileFacts) -> Option<Place> {
    let is_cpu = |setting: &&Setting| {
        setting.name == "VLLM_TARGET_DEVICE"
            && setting.kind != SettingKind::Comment
            && setting.value.by_default().as_deref() == Some("cpu")
    };
    let setting = facts.settings.iter().find(is_cpu).map(|setting| setting.span);
    let is_image = |text: Option<String>| text.is_some_and(|text| IMAGES.iter().any(|name| text.contains(name)));
    let stage = || facts.stages.iter().find(|stage| is_image(stage.image.by_default())).map(|stage| stage.image_span);
    let container = || {
        let images = facts.containers.iter().filter_map(|container| container.image.as_ref());
        images.into_iter().find(|image| is_image(image.by_default())).map(|image| image.span)
    };
    setting.or_else(stage).or_else(container).map(|span| Place { file, span })
}

/// Where the file names such a processor.
fn hint(text: &str) -> Option<Span> {
    let lower = text.to_ascii_lowercase();
    let is_word = |at: usize, name: &str| {
        let before = lower[..at].chars().next_back();
        let after = lower[at + name.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    };
    let places = ZEN.iter().flat_map(|name| {
        lower
            .match_indices(name)
            .filter(|(at, name)| is_word(*at, name))
            .map(|(at, name)| Span::new(at, at + name.len()))
    });
    places.min()
}

/// Whether the build is told to leave AVX-512 out (vLLM compares with `true`).
fn is_answered(facts: &FileFacts) -> bool {
    facts.settings.iter().any(|setting| match setting.name.as_str() {
        "VLLM_CPU_DISABLE_AVX512" => setting.value.by_default().is_none_or(|value| value == "true"),
        "VLLM_CPU_AVX2" | "VLLM_CPU_X86" => true,
        _ => false,
    })
}

/// Whether the release has code for both and chooses when it starts.
fn has_both(cx: &Context<'_>, file: FileId) -> bool {
    let built = cx.joins().images().iter().filter(|image| image.path.file == file);
    let mut releases = built.filter_map(|image| image.vllm()).map(|vllm| &vllm.release);
    releases.any(|release| release.is_fork == Answer::No && release.is_from("0.19.1") || release.is_from("0.19.1"))
}

fn report(cx: &Context<'_>, out: &Findings, at: Place, zen: Place) -> Finding {
    let message = format!(
        "vLLM for the CPU before 0.19 is built with AVX-512 wherever the machine that builds it has it, as its images are; \
         the processor here ({}) has none, and vLLM dies with an illegal instruction.",
        cx.workspace.sources().text(zen)
    );
    out.finding(at, message).label("may need AVX-512").related(zen, "the processor").help(
        "build vLLM yourself with VLLM_CPU_DISABLE_AVX512=true, or take 0.19 or later, which holds AVX2 code as well",
    )
}
