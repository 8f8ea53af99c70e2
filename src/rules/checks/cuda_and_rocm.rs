//! GFX607: CUDA and ROCm switched on for the same packages.

use crate::context::Context;
use crate::facts::{NixArgument, NixConfig, NixValue};
use crate::finding::Finding;
use crate::rules::Findings;
use crate::rules::nix::{files, uses};
use crate::span::{FileId, Place};

/// Looks at configurations and overrides.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, nix) in files(cx) {
        for config in nix.configs.iter().filter(|config| !config.arguments.is_empty()) {
            out.push_some(both(out, file, config.argument("cudaSupport"), config.argument("rocmSupport"), true));
        }
        for config in nix.configs.iter().filter(|config| !config.imports.is_empty()) {
            out.push_some(with_files(cx, out, file, config));
        }
    }
    for found in uses(cx) {
        let is_exclusive =
            cx.knowledge.nixpkgs().package(found.reference.package()).is_some_and(|package| package.exclusive);
        // A variable that stands for an override is judged where the override is written.
        let is_here = found.reference.overrides.iter().all(|change| found.reference.span.contains(change.span));
        if !is_exclusive || !is_here {
            continue;
        }
        let (cuda, rocm) = (found.reference.argument("cudaSupport"), found.reference.argument("rocmSupport"));
        out.push_some(both(out, found.file, cuda, rocm, false));
    }
    options(cx, out);
}

/// A configuration of which a part stands in another file: `config = import ./config.nix // { ... };`.
fn with_files(cx: &Context<'_>, out: &Findings, file: FileId, config: &NixConfig) -> Option<Finding> {
    let elsewhere = |name: &str| {
        config.imports.iter().find_map(|import| {
            let (other, value) = cx.workspace.nix_import(file, &import.name)?;
            let NixValue::Set(attributes, _) = value else { return None };
            attributes.iter().rfind(|attribute| attribute.name == name).map(|attribute| (other, attribute))
        })
    };
    let find = |name: &str| config.argument(name).map(|argument| (file, argument)).or_else(|| elsewhere(name));
    let (cuda, rocm) = (find("cudaSupport")?, find("rocmSupport")?);
    // What stands in one file is judged there.
    let is_split = cuda.0 != rocm.0 || cuda.0 != file;
    let place = |found: (FileId, &NixArgument)| Place { file: found.0, span: found.1.name_span };
    let is_both = is_on(Some(cuda.1)) && is_on(Some(rocm.1)) && is_split;
    is_both.then(|| {
        if cuda.0 == file {
            finding(out, place(cuda), place(rocm), true)
        } else {
            finding(out, place(rocm), place(cuda), true)
        }
    })
}

/// Parts of `nixpkgs.config` in several modules of one system.
fn options(cx: &Context<'_>, out: &mut Findings) {
    let switched = |name: &'static str| {
        let of_file = move |(file, nix): (FileId, &'_ crate::facts::NixFile)| {
            let options = nix.configs.iter().filter(|config| config.is_option);
            let found: Vec<Place> = options
                .filter(|config| is_on(config.argument(name)))
                .filter_map(|config| config.argument(name).map(|argument| Place { file, span: argument.name_span }))
                .collect();
            found
        };
        files(cx).flat_map(of_file).collect::<Vec<Place>>()
    };
    let cuda = switched("cudaSupport");
    for rocm in switched("rocmSupport") {
        let tree = cx.workspace.nix();
        let other = cuda
            .iter()
            .find(|other| other.file != rocm.file && tree.are_together(cx.workspace.sources(), other.file, rocm.file));
        if let Some(other) = other {
            out.push(finding(out, rocm, *other, true));
        }
    }
}

fn is_on(argument: Option<&NixArgument>) -> bool {
    argument.is_some_and(|argument| argument.value == NixValue::Bool(true))
}

fn both(
    out: &Findings,
    file: FileId,
    cuda: Option<&NixArgument>,
    rocm: Option<&NixArgument>,
    is_config: bool,
) -> Option<Finding> {
    if !is_on(cuda) || !is_on(rocm) {
        return None;
    }
    let (cuda, rocm) = (cuda?, rocm?);
    let (first, later) = if cuda.name_span < rocm.name_span { (cuda, rocm) } else { (rocm, cuda) };
    let place = |argument: &NixArgument| Place { file, span: argument.name_span };
    Some(finding(out, place(later), place(first), is_config))
}

fn finding(out: &Findings, at: Place, other: Place, is_config: bool) -> Finding {
    let message = if is_config {
        "CUDA and ROCm are both switched on for these packages: torch is marked broken then, and ollama is built for the CPU."
    } else {
        "CUDA and ROCm are both switched on for this package, which is built for one of them at a time."
    };
    out.finding(at, message)
        .label("the second one")
        .related(other, "the other one")
        .help("keep the one that the machine has; `pkgsCuda` and `pkgsRocm` are package sets of their own")
}
