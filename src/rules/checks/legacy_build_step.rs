//! GFX419: build steps that were right once.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{Found, ImageFacts, Reach, VllmKind};
use crate::facts::{Command, Install, InstallTool};
use crate::finding::{Finding, Severity};
use crate::rules::Findings;
use crate::span::{Place, Span};
use crate::version::Version;

/// Looks at the commands of every stage for ROCm, and of scripts about AMD GPUs.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut found = Vec::new();
    for (file, _, facts) in cx.files() {
        let by_script = facts.commands.iter().filter(|command| command.home.stage.is_none() && !command.home.is_shown);
        let steps = by_script.filter_map(|fact| of_setup(out, Found { file, fact })).collect::<Vec<_>>();
        if !steps.is_empty() && cx.touches_amd(file) {
            found.extend(steps);
        }
    }
    for image in cx.joins().images().iter().filter(|image| image.platform.is_rocm.is_yes()) {
        if !cx.is_product(image.path.file) {
            continue;
        }
        for command in image.path.commands(Reach::Chain) {
            found.extend(of_setup(out, command));
            found.extend(hidden(cx, out, command));
        }
        for install in image.path.installs(Reach::Chain) {
            found.extend(moved_list(out, image, install));
            found.extend(new_cmake(out, image, install));
        }
    }
    // Images share stages.
    let mut seen = BTreeSet::new();
    found.sort_by_key(|finding| finding.at);
    found.into_iter().filter(|finding| seen.insert(finding.at)).for_each(|finding| out.push(finding));
}

fn runs(command: &Command, script: &str, verbs: &[&str]) -> Option<Span> {
    let words: Vec<String> = command.arguments().iter().map(|word| word.by_default().unwrap_or_default()).collect();
    let at = words.iter().position(|word| word.rsplit('/').next() == Some(script))?;
    let verb = words[at + 1..].iter().position(|word| verbs.contains(&word.as_str()))? + at + 1;
    command.program().starts_with("python").then(|| command.arguments()[at].span.hull(command.arguments()[verb].span))
}

/// `python3 setup.py install`.
fn of_setup(out: &Findings, command: Found<'_, Command>) -> Option<Finding> {
    let span = runs(command.fact, "setup.py", &["install", "develop"])?;
    let message = "setuptools gave this command up: it fetches dependencies on its own, past pip's indexes and constraints \
                   (so a CUDA torch may come in), and leaves an egg that pip cannot replace.";
    Some(out.finding(command.place(span), message).label("given up by setuptools").help(
        "use `pip install --no-build-isolation .` (`-e .` for develop), or `setup.py bdist_wheel` and install the wheel",
    ))
}

/// A build step whose failure is ignored.
fn hidden(cx: &Context<'_>, out: &Findings, command: Found<'_, Command>) -> Option<Finding> {
    let text = cx.workspace.sources().get(command.file).text();
    let behind = text.get(command.span.range().end..)?;
    let operator = behind.trim_start_matches([' ', '\t', '\\', '\n', '\r']);
    let ignored = ["|| true", "|| :", "||true"].iter().find(|ignored| operator.starts_with(**ignored))?;
    let words: Vec<String> = command.words.iter().filter_map(|word| word.by_default()).collect();
    let is_step = |word: &String| ["setup.py", "build_amd.py"].contains(&word.rsplit('/').next().unwrap_or_default());
    let applies = command.program() == "git" && words.get(1).is_some_and(|verb| verb == "apply");
    if !applies && !words.iter().any(is_step) {
        return None;
    }
    let start = text.len() - operator.len();
    let at = Place { file: command.file, span: Span::new(start, start + ignored.len()) };
    let message =
        "A failure of this step is ignored: the image is built all the same, and what is wrong shows when it runs.";
    let what = command.place(command.span);
    Some(out.finding(at, message).label("hides a failure").related(what, "the step").help("let the build stop here"))
}

/// vLLM's list for ROCm at the place where it was before 0.10.
fn moved_list(out: &Findings, image: &ImageFacts<'_>, install: Found<'_, Install>) -> Option<Finding> {
    let list =
        install.fact.requirement_files.iter().find(|file| {
            file.by_default().is_some_and(|path| path.rsplit('/').next() == Some("requirements-rocm.txt"))
        })?;
    let own = image.vllm.iter().find(|vllm| {
        matches!(vllm.kind, VllmKind::Checkout) && vllm.at.file == install.file && vllm.release.is_from("0.10")
    })?;
    let brings = |word: &crate::facts::Word| {
        word.by_default().is_some_and(|path| path.ends_with("requirements-rocm.txt") || path == ".")
    };
    if image.path.copies(Reach::Chain).any(|copy| copy.sources.iter().any(brings)) {
        return None;
    }
    let message = "vLLM keeps this list at requirements/rocm.txt since 0.10: the file is not in the tree that is built here, \
                   and pip stops.";
    let finding = out
        .finding(install.place(list.span), message)
        .severity(Severity::Error)
        .label("moved")
        .help("write `requirements/rocm.txt`");
    Some(match own.release.at {
        Some(at) => finding.related(at, "the release that is built"),
        None => finding,
    })
}

/// A cmake without an upper bound beside a ROCm whose configuration files it refuses.
fn new_cmake(out: &Findings, image: &ImageFacts<'_>, install: Found<'_, Install>) -> Option<Finding> {
    if !matches!(install.tool, InstallTool::Pip | InstallTool::Uv) || !install.constraint_files.is_empty() {
        return None;
    }
    let cmake = install.fact.packages.iter().find(|package| package.name == "cmake" && package.source.is_none())?;
    let is_open = !cmake.version.contains(['<', '~']) && !cmake.version.contains("==");
    let rocm =
        image.system_rocm().filter(|rocm| rocm.version < Version::parse("6.3").unwrap_or(rocm.version.clone()))?;
    // What the shell took for a redirection is another rule's.
    is_open.then(|| {
        let message = format!(
            "cmake comes in its newest version here: 4.0 dropped policies that the configuration files of ROCm {} ask for, \
             and vLLM itself wants cmake below 4.",
            rocm.version
        );
        out.finding(install.place(cmake.word.span), message)
            .label("any version")
            .related(rocm.at, "ROCm's version")
            .help("write `\"cmake<4\"`")
    })
}
