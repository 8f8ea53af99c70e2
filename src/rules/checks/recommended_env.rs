//! GFX506: variables that gfx115x runs faster with.

use std::collections::BTreeSet;

use crate::arch::ArchSet;
use crate::context::Context;
use crate::deployment::{ImageFacts, Reach};
use crate::finding::Finding;
use crate::rules::Findings;
use crate::rules::launches::set;
use crate::span::Place;

/// The targets that the advice is for.
const TARGETS: &[&str] = &["gfx1150", "gfx1151"];

/// The variables, what they do, and the package without which they do nothing.
const ADVICE: &[(&str, &str, &str, Option<&str>)] = &[
    ("TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL", "1", "PyTorch's attention kernels from AOTriton", None),
    ("HIP_FORCE_DEV_KERNARG", "1", "kernel arguments in device memory", None),
    ("ROCBLAS_USE_HIPBLASLT", "1", "matrix kernels of hipBLASLt", None),
    (FLASH, "TRUE", "FlashAttention's Triton kernels", Some("flash-attn")),
];

/// FlashAttention compares it with the text `TRUE`.
const FLASH: &str = "FLASH_ATTENTION_TRITON_AMD_ENABLE";

/// Looks at images for these targets with vLLM in them, at containers that run it, and at launches in scripts.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    misspelled_values(cx, out);
    let wanted: ArchSet = TARGETS.iter().filter_map(|name| cx.universe().find(name)).collect();
    let is_for = |targets: ArchSet| !targets.is_empty() && targets.difference(wanted).is_empty();
    let mut images = BTreeSet::new();
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes() && image.has_vllm()) {
        let asked = cx.options.targets;
        if !is_for(if asked.is_empty() { image.targets().set } else { asked }) {
            continue;
        }
        images.insert((image.path.file, image.path.stage));
        let missing = missing(|name| image.path.env(name).is_some() || is_exported(image, name), Some(image));
        out.push_some(report(out, cx.place(image.path.file, image.path.last().fact.image_span), &missing));
    }
    let mut seen = BTreeSet::new();
    for launch in cx.deployments().filter(|launch| launch.is_amd.is_yes() && is_for(launch.targets.set)) {
        let image = launch.image.as_deref();
        if image.is_some_and(|image| images.contains(&(image.path.file, image.path.stage))) {
            continue;
        }
        let missing = missing(|name| launch.variable(name).is_some(), image);
        let is_open = launch.container.as_ref().is_some_and(|view| view.container.is_open);
        let at = launch.place(launch.launch.program);
        // A finished image may set them itself.
        let is_finished = image.is_none() && launch.image_ref.as_ref().is_some_and(|name| name.owner() != "vllm");
        if !is_open && !is_finished && seen.insert((at.file, launch.container.as_ref().map(|view| view.index), at)) {
            out.push_some(report(out, at, &missing));
        }
    }
}

/// Whether a script of the image that starts something exports it.
fn is_exported(image: &ImageFacts<'_>, name: &str) -> bool {
    image.path.settings(Reach::Chain).any(|setting| setting.name == name)
}

/// The variables that are not set, with their values.
fn missing(
    is_set: impl Fn(&str) -> bool,
    image: Option<&ImageFacts<'_>>,
) -> Vec<(&'static str, &'static str, &'static str)> {
    let has = |package: &str| {
        let names = |name: &str| name.replace('_', "-").starts_with(package) || name.contains("flash-attention");
        image.is_some_and(|image| {
            let mut checkouts = image.path.checkouts(Reach::Whole);
            let cloned = checkouts.any(|checkout| checkout.repository.as_deref().is_some_and(names));
            cloned
                || image.path.installs(Reach::Whole).any(|install| install.packages.iter().any(|own| names(&own.name)))
        })
    };
    let applies = |package: Option<&str>| package.is_none_or(has);
    ADVICE
        .iter()
        .filter(|(name, _, _, package)| applies(*package) && !is_set(name))
        .map(|&(name, value, what, _)| (name, value, what))
        .collect()
}

fn report(out: &Findings, at: Place, missing: &[(&str, &str, &str)]) -> Option<Finding> {
    let list: Vec<String> = missing.iter().map(|(name, value, what)| format!("{name}={value} ({what})")).collect();
    let names: Vec<&str> = missing.iter().map(|(name, _, _)| *name).collect();
    (!list.is_empty()).then(|| {
        out.finding(at, format!("vLLM on Strix parts usually runs faster with {}.", list.join(", ")))
            .label("not set")
            .help("try them, and keep what measures better; leave them out while you look for the cause of a crash")
            .data("variables", names)
    })
}

/// A value that FlashAttention takes for "off".
fn misspelled_values(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = BTreeSet::new();
    for found in set(cx, |name| name == FLASH) {
        let Some(value) = found.value.as_deref() else { continue };
        let means_on = matches!(value, "1" | "true" | "True" | "on" | "ON" | "yes" | "YES");
        if means_on && seen.insert(found.value_at) {
            let message = format!(
                "FlashAttention compares {FLASH} with the text TRUE: \"{value}\" leaves its Triton kernels off."
            );
            out.push(out.finding(found.value_at, message).label("not TRUE").help(format!("write `{FLASH}=TRUE`")));
        }
    }
}
