//! GFX418: vLLM's platform detection or list of targets edited in place.

use crate::context::Context;
use crate::facts::{Copy, Patch};
use crate::finding::Finding;
use crate::rules::Findings;
use crate::span::Place;

/// Files of vLLM that decide what a GPU is.
const PLATFORM: &[&str] = &["platforms/__init__.py", "platforms/rocm.py"];

/// How many further edits a finding shows.
const SHOWN: usize = 5;

/// What is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edited {
    /// How vLLM finds out that it runs on ROCm.
    Detection,
    /// What it does on a ROCm target.
    Platform,
    /// The list of targets that the build accepts.
    Targets,
}

/// Looks at edits and copies of such files.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, source, facts) in cx.files() {
        if source.language == "markdown" {
            continue;
        }
        // The edits of a stage or script are one work: they are told at the first one of each kind.
        let mut told: Vec<(Edited, Option<usize>, Finding)> = Vec::new();
        for patch in &facts.patches {
            let at = Place { file, span: patch.span };
            let Some(edited) = edited(cx, patch, at) else { continue };
            let stage = facts.stages.iter().rposition(|stage| stage.span.start < patch.span.start);
            match told.iter_mut().find(|(own, of, _)| (*own, *of) == (edited, stage)) {
                Some((.., first)) if first.related.len() < SHOWN => {
                    *first = first.clone().related(at, "and here");
                }
                Some(_) => {}
                None => told.push((edited, stage, report(out, edited, at))),
            }
        }
        told.into_iter().for_each(|(.., finding)| out.push(finding));
        for copy in &facts.copies {
            let at = Place { file, span: copy.span };
            out.push_some(replaced(copy).map(|edited| report(out, edited, at)));
        }
    }
}

fn edited(cx: &Context<'_>, patch: &Patch, at: Place) -> Option<Edited> {
    let text = cx.workspace.sources().text(at);
    let about = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let touches = |name: &str| patch.files.iter().any(|file| file.contains(name));
    if touches(PLATFORM[0]) && (patch.filters.is_none() || about(&["amdsmi", "rocm", "hip"])) {
        return Some(Edited::Detection);
    }
    if touches(PLATFORM[1]) {
        return Some(if about(&["amdsmi"]) { Edited::Detection } else { Edited::Platform });
    }
    (touches("CMakeLists.txt") && about(&["HIP_SUPPORTED_ARCHS"])).then_some(Edited::Targets)
}

/// A file of the context that takes the place of one of them.
fn replaced(copy: &Copy) -> Option<Edited> {
    let ends = |word: &crate::facts::Word, name: &str| word.by_default().is_some_and(|path| path.ends_with(name));
    let hits = |name: &str| {
        copy.destination.as_ref().is_some_and(|to| {
            let to_folder = to.by_default().is_some_and(|path| path.trim_end_matches('/').ends_with("vllm/platforms"));
            let file = name.rsplit('/').next().unwrap_or(name);
            ends(to, &format!("vllm/{name}")) || to_folder && copy.sources.iter().any(|from| ends(from, file))
        })
    };
    match PLATFORM.iter().position(|name| hits(name))? {
        0 => Some(Edited::Detection),
        _ => Some(Edited::Platform),
    }
}

fn report(out: &Findings, edited: Edited, at: Place) -> Finding {
    let (message, label, help) = match edited {
        Edited::Detection => (
            "vLLM's detection of ROCm is edited here. It asks amdsmi for GPUs; where that answers, no edit is needed, and \
             this one may stop to fit, or break the file, with the next release.",
            "edits the detection",
            "install amdsmi (`pip install /opt/rocm/share/amd_smi`) in the Python that runs vLLM, and drop the edit",
        ),
        Edited::Platform => (
            "vLLM's ROCm platform is edited here: the edit fits one release and may stop to fit, or break the file, with \
             the next one.",
            "edits the platform",
            "keep it as a patch that is checked when it is applied (`git apply`), beside the release that it is for",
        ),
        Edited::Targets => (
            "The list of targets that vLLM's build accepts is edited here. A target that is put in gets built, but kernels \
             that do not know it stay without code, and once upstream changes the line the edit does nothing.",
            "edits the accepted targets",
            "take a release that lists the target; `gfxlint audit --arch` tells what supports it",
        ),
    };
    out.finding(at, message).label(label).help(help)
}
