//! GFX404: two ROCm releases in one image.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{ImageFacts, Reach, RocmOrigin, RocmVersion};
use crate::finding::{Finding, Severity};
use crate::rules::Findings;
use crate::span::Place;

/// Compares the ROCm versions that each image names.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = BTreeSet::new();
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes()) {
        let Some(first) = reference(image) else { continue };
        let mut told = BTreeSet::new();
        for other in &image.rocm {
            let differs = other.version.series() != first.version.series();
            let is_own_rule = other.origin == RocmOrigin::Amdsmi;
            if !differs || is_own_rule || !is_joined(image, other.at) {
                continue;
            }
            // One finding for each pair of releases.
            if told.insert(other.version.series()) && seen.insert(other.at) {
                out.push_some(judge(out, image, first, other));
            }
        }
    }
}

/// The release that the others are compared with: the system's; else the first that is named.
fn reference<'a>(image: &'a ImageFacts<'_>) -> Option<&'a RocmVersion> {
    let is_real = |rocm: &&RocmVersion| !matches!(rocm.origin, RocmOrigin::Label | RocmOrigin::Amdsmi);
    image.system_rocm().or_else(|| image.rocm.iter().find(is_real))
}

/// Whether what stands there comes into the image: on its chain, or before the first stage.
fn is_joined(image: &ImageFacts<'_>, at: Place) -> bool {
    image.path.holds(at) || at == image.path.base_at || image.path.base_at.span.contains(at.span)
}

fn judge(out: &Findings, image: &ImageFacts<'_>, first: &RocmVersion, other: &RocmVersion) -> Option<Finding> {
    let severity = match (first.origin, other.origin) {
        (_, RocmOrigin::Label) => Severity::Note,
        // A torch that brings its own ROCm runs beside another /opt/rocm; what is compiled against that does not.
        (_, RocmOrigin::Bundled) | (RocmOrigin::Bundled, _) if image.builds_vllm.is_none() && !compiles(image) => {
            return None;
        }
        _ if first.version.series().0 != other.version.series().0 => out.severity(),
        _ => out.severity().lowered(),
    };
    let what = |rocm: &RocmVersion| match rocm.origin {
        RocmOrigin::BaseImage => "the base image",
        RocmOrigin::System => "a package source",
        RocmOrigin::Index => "a Python index",
        RocmOrigin::Bundled => "a package that brings its own ROCm",
        RocmOrigin::Wheel => "a Python package",
        RocmOrigin::Path => "a path",
        RocmOrigin::Variable => "a variable",
        RocmOrigin::Label => "a label",
        RocmOrigin::Amdsmi => "amdsmi",
    };
    let (older, newer) = (&first.version, &other.version);
    let consequence = match (other.origin, older.series().0 == newer.series().0) {
        (RocmOrigin::Label, _) => "The label does not say what is in the image.",
        (_, false) => {
            "Libraries of two major releases have different names and layouts: one process that loads both ends in a crash."
        }
        (_, true) => "Code that is built against one release may miss symbols of the other.",
    };
    let message =
        format!("This image mixes ROCm {newer} ({}) with ROCm {older} ({}). {consequence}", what(other), what(first));
    Some(
        out.finding(other.at, message)
            .severity(severity)
            .label(format!("ROCm {newer}"))
            .related(first.at, format!("ROCm {older}"))
            .help(format!(
                "use one release throughout; for ROCm {}.{} take the index, wheel or packages of that release",
                first.version.series().0,
                first.version.series().1
            ))
            .data("versions", vec![older.to_string(), newer.to_string()]),
    )
}

/// Whether HIP code is compiled on the way to the image.
fn compiles(image: &ImageFacts<'_>) -> bool {
    image.path.commands(Reach::Chain).any(|command| {
        matches!(command.program().as_str(), "hipcc" | "cmake" | "ninja")
            || command.words.iter().any(|word| word.known().is_some_and(|word| word.ends_with("setup.py")))
    })
}
