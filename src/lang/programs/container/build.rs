//! `docker build`, `docker buildx build`, `podman build`.

use super::super::Invocation;
use super::super::options::{Argument, arguments, split_at_equals};
use crate::facts::{BuildArgument, ImageBuild, Word};
use crate::span::Span;

/// Options of `build` that take a value (docs.docker.com/reference/cli/docker/buildx/build, docs.podman.io
/// `podman-build`).
const WITH_VALUE: &[&str] = &[
    "--add-host",
    "--allow",
    "--annotation",
    "--attest",
    "--authfile",
    "--build-arg",
    "--build-arg-file",
    "--build-context",
    "--builder",
    "--cache-from",
    "--cache-to",
    "--cgroup-parent",
    "--device",
    "--env",
    "--file",
    "--format",
    "--iidfile",
    "--ignorefile",
    "--isolation",
    "--jobs",
    "--label",
    "--layer-label",
    "--logfile",
    "--memory",
    "--metadata-file",
    "--network",
    "--no-cache-filter",
    "--output",
    "--platform",
    "--progress",
    "--provenance",
    "--pull-policy",
    "--sbom",
    "--secret",
    "--security-opt",
    "--set",
    "--shm-size",
    "--ssh",
    "--tag",
    "--target",
    "--ulimit",
    "--userns",
    "--volume",
    "-f",
    "-m",
    "-o",
    "-t",
    "-v",
    "--call",
    "--load-from",
];

pub(super) fn build(run: &mut Invocation<'_>, words: &[Word]) {
    let mut build = ImageBuild {
        span: run.command.span,
        file: None,
        context: None,
        target: None,
        arguments: Vec::new(),
        tags: Vec::new(),
        is_open: false,
        home: run.command.home,
    };
    for argument in arguments(words, |name| WITH_VALUE.contains(&name)) {
        match argument {
            Argument::Option { name, value: Some(value), .. } => match name.as_str() {
                "--build-arg" => build.arguments.extend(build_argument(value)),
                "-f" | "--file" => build.file = Some(value),
                "-t" | "--tag" => build.tags.push(value),
                "--target" => build.target = Some(value),
                "--build-arg-file" => build.is_open = true,
                _ => {}
            },
            Argument::Option { .. } => {}
            Argument::Operand(word) => build.context = Some(word),
            Argument::Open(_) => build.is_open = true,
        }
    }
    run.facts.image_builds.push(build);
}

/// `X=v`, or `X` for the caller's.
pub(super) fn build_argument(word: Word) -> Option<BuildArgument> {
    let span = word.span;
    match split_at_equals(&word) {
        Some((name, value)) => {
            let at = Span::new(span.range().start, span.range().start + name.len());
            Some(BuildArgument { name: Word::literal(&name, at), value: Some(value.text), span })
        }
        None => word.known().map(|_| BuildArgument { name: word, value: None, span }),
    }
}
