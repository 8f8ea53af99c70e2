//! Builds of source trees inside images: which command builds, and whose tree.

use super::{Found, Reach, StagePath};
use crate::facts::{Checkout, Command, FileFacts, Install, InstallTool, Text};
use crate::span::Place;

/// A command that builds a Python project from source.
#[derive(Debug, Clone)]
pub(super) struct TreeBuild<'a> {
    /// The command.
    pub at: Place,
    /// The last part of the folder that is built, where it is known.
    pub folder: Option<String>,
    /// The checkout that it builds, where one fits.
    pub checkout: Option<Found<'a, Checkout>>,
    /// Whether a `COPY` of a tree called vllm, or of the whole context, comes before it.
    pub copies_vllm: bool,
}

/// The builds of source trees within reach, in build order.
pub(super) fn tree_builds<'a>(path: &StagePath<'a>, reach: Reach) -> Vec<TreeBuild<'a>> {
    let checkouts: Vec<Found<'a, Checkout>> = path.checkouts(reach).collect();
    let mut found = Vec::new();
    let mut add = |at: Place, folder: Option<String>| {
        // One command is read as an installation and as itself.
        if found.iter().any(|build: &TreeBuild<'_>| build.at.file == at.file && build.at.span.contains(at.span)) {
            return;
        }
        let checkout = checkout_of(path, &checkouts, folder.as_deref(), at);
        let copies_vllm = copies_vllm(path, at);
        found.push(TreeBuild { at, folder, checkout, copies_vllm });
    };
    for install in path.installs(reach) {
        if let Some(folder) = built_folder(path.facts(install.file), install.fact) {
            add(install.place(install.span), folder);
        }
    }
    for command in path.commands(reach).filter(|command| runs_setup(*command)) {
        add(command.place(command.span), command.fact.directory.as_ref().and_then(last_part));
    }
    path.sort(&mut found, |build| Some(build.at));
    found
}

/// The folder that an installation builds, where it builds one; the inner value is none where the folder is not known.
pub(super) fn built_folder(facts: &FileFacts, install: &Install) -> Option<Option<String>> {
    if !matches!(install.tool, InstallTool::Pip | InstallTool::Uv | InstallTool::Wheel) {
        return None;
    }
    let directory = || facts.commands.get(install.command?)?.directory.as_ref().and_then(last_part);
    let sources = install.packages.iter().filter_map(|package| package.source.as_deref());
    for source in sources {
        let is_tree = !source.contains("://") && !source.ends_with(".whl") && !source.ends_with(".tar.gz");
        if is_tree {
            let named = source.trim_end_matches(['/', '.']).rsplit('/').find(|part| !matches!(*part, "" | "." | ".."));
            return Some(named.map(|name| name.split('[').next().unwrap_or(name).to_owned()).or_else(directory));
        }
    }
    // `python -m build`, `uv build` build the folder that they are in.
    (install.tool == InstallTool::Wheel && install.packages.is_empty()).then(directory)
}

/// `python3 setup.py bdist_wheel`.
pub(super) fn runs_setup(command: Found<'_, Command>) -> bool {
    if !command.program().starts_with("python") {
        return false;
    }
    let words: Vec<String> = command.fact.arguments().iter().filter_map(|word| word.by_default()).collect();
    let is_step = |word: &String| {
        matches!(word.as_str(), "install" | "develop" | "bdist_wheel" | "build" | "build_ext" | "bdist")
    };
    words.iter().any(|word| word == "setup.py" || word.ends_with("/setup.py")) && words.iter().any(is_step)
}

/// The last part of a folder's name.
pub(super) fn last_part(folder: &Text) -> Option<String> {
    let folder = folder.by_default()?;
    let name = folder.trim_end_matches('/').rsplit('/').next()?;
    (!name.is_empty() && name != "." && name != "..").then(|| name.to_owned())
}

/// The checkout that a folder is; the last one before the build where the folder is not known. A later `git checkout`
/// in the folder gives the reference.
fn checkout_of<'a>(
    path: &StagePath<'_>,
    checkouts: &[Found<'a, Checkout>],
    folder: Option<&str>,
    at: Place,
) -> Option<Found<'a, Checkout>> {
    let stage = path.stage_of_place(at);
    let before = |checkout: &&Found<'a, Checkout>| {
        path.stage_of_place(checkout.place(checkout.span)) != stage || checkout.span.start < at.span.start
    };
    let is_it = |checkout: &&Found<'a, Checkout>| {
        folder.is_none_or(|folder| folder_of(checkout).is_some_and(|name| name.eq_ignore_ascii_case(folder)))
    };
    checkouts.iter().filter(before).filter(is_it).rfind(|checkout| checkout.fact.repository.is_some()).copied()
}

/// The folder that a checkout makes.
pub(super) fn folder_of(checkout: &Found<'_, Checkout>) -> Option<String> {
    let named = checkout.fact.directory.as_ref().and_then(last_part);
    named.or_else(|| checkout.fact.repository.as_ref()?.rsplit('/').next().map(str::to_owned))
}

/// Whether a tree called vllm, or all of a vLLM tree's context, is copied in before a place.
fn copies_vllm(path: &StagePath<'_>, at: Place) -> bool {
    let is_vllm = |text: String| {
        let name = text.trim_end_matches(['/', '.', '*']).rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        name == "vllm" || name.starts_with("vllm-") && !name.contains('.')
    };
    let in_tree = path.lies_in_vllm();
    path.copies(Reach::Whole).filter(|copy| copy.file == at.file && copy.span.start < at.span.start).any(|copy| {
        let from_context = copy.fact.from.is_none();
        let words = copy.fact.sources.iter().chain(&copy.fact.destination).filter_map(crate::facts::Word::by_default);
        let whole_context =
            copy.fact.sources.iter().any(|word| matches!(word.by_default().as_deref(), Some("." | "./")));
        words.into_iter().any(is_vllm) || from_context && whole_context && in_tree
    })
}

/// Whether a build builds vLLM.
pub(super) fn is_vllm_tree(build: &TreeBuild<'_>) -> bool {
    let by_checkout =
        build.checkout.as_ref().and_then(|checkout| checkout.fact.repository.as_deref()).map(is_vllm_name);
    let by_folder = build.folder.as_deref().is_some_and(is_vllm_name);
    by_checkout.unwrap_or(by_folder || build.folder.is_none() && build.copies_vllm)
}

/// Whether a build builds PyTorch.
pub(super) fn is_torch_tree(build: &TreeBuild<'_>) -> bool {
    let name = |text: &str| text.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("pytorch"));
    let by_checkout = build.checkout.as_ref().and_then(|checkout| checkout.fact.repository.as_deref()).map(name);
    by_checkout.unwrap_or_else(|| build.folder.as_deref().is_some_and(name))
}

/// Whether a repository or folder is vLLM's own tree: `vllm`, `vllm-rocm`, `vllm-gfx906-mobydick`, not one of its
/// companions.
pub(super) fn is_vllm_name(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let companions = [
        "omni",
        "plugin",
        "flash",
        "router",
        "production",
        "ascend",
        "benchmark",
        "recipes",
        "spyre",
        "docs",
        "test",
        "util",
    ];
    let is_own = name == "vllm" || ["vllm-", "vllm_"].iter().any(|start| name.starts_with(start));
    is_own && !companions.iter().any(|companion| name.contains(companion))
}
