//! The file that `vllm serve --config FILE` names, from where the container has it to where the run has it.

use super::builds::{folders_above, join};
use super::{Basis, ContainerView, Found, ImageFacts, Reach};
use crate::facts::{ContainerKind, TextPart, Word};
use crate::span::FileId;

/// Where a path of a container comes from.
enum Origin {
    /// A file of the run.
    File(FileId),
    /// Something else, which is not known: a volume, a folder of the host.
    Elsewhere,
}

/// The file of the run that `named` is for a launch in `file`, as far as mounts and copies tell.
pub(super) fn find(
    basis: Basis<'_>,
    file: FileId,
    named: &str,
    container: Option<&ContainerView<'_>>,
    image: Option<&ImageFacts<'_>>,
    takes: &dyn Fn(&ImageFacts<'_>, FileId) -> bool,
) -> Option<FileId> {
    let mounted = container.and_then(|container| mounted(basis, named, container));
    match mounted.or_else(|| copied(basis, named, image?)) {
        Some(Origin::File(found)) => Some(found),
        Some(Origin::Elsewhere) => None,
        None => {
            let sources = basis.workspace.sources();
            let folders = folders_above(&sources.get(file).path);
            let beside = folders.iter().find_map(|folder| sources.find(&join(folder, named)));
            let by_name = || {
                let name = named.rsplit('/').next()?;
                let mut taken = sources.iter().filter(|(_, own)| own.path.ends_with(name)).map(|(file, _)| file);
                taken.find(|&file| image.is_some_and(|image| takes(image, file)))
            };
            beside.or_else(by_name)
        }
    }
}

/// What is mounted at a path; the mount that reaches furthest down counts.
fn mounted(basis: Basis<'_>, named: &str, container: &ContainerView<'_>) -> Option<Origin> {
    let sources = basis.workspace.sources();
    let path = &sources.get(container.file()).path;
    let mounts = container.container.fact.mounts.iter().filter_map(|word| {
        let (source, target) = sides(&written(sources.get(container.file()).text(), word)?)?;
        let rest = below(named, &target)?;
        Some((target.len(), source, rest))
    });
    let (_, source, rest) = mounts.max_by_key(|(length, ..)| *length)?;
    let is_local = source.starts_with("./") || source.starts_with("../") || source == ".";
    if !is_local {
        return Some(Origin::Elsewhere);
    }
    let all = folders_above(path);
    // Compose and Podman count from the file's own folder; a script runs wherever it is called.
    let is_fixed = matches!(container.container.fact.kind, ContainerKind::Compose | ContainerKind::Quadlet);
    let folders = if is_fixed { all.get(..1).unwrap_or_default() } else { &all };
    let found = folders.iter().find_map(|folder| sources.find(&join(folder, &joined(&source, &rest))));
    Some(found.map_or(Origin::Elsewhere, Origin::File))
}

/// A mount with the working directory as `.`; none where more of it is not known.
fn written(text: &str, word: &Word) -> Option<String> {
    let rest = |parts: &[TextPart]| parts.iter().try_fold(String::new(), |whole, part| Some(whole + literal(part)?));
    match word.text.parts.as_slice() {
        [TextPart::Outer { name, default: None }, parts @ ..] if name == "PWD" => Some(format!(".{}", rest(parts)?)),
        [TextPart::Unknown, parts @ ..] => {
            let own = word.span.text(text).trim_start_matches('"');
            let is_here = ["$(pwd)", "`pwd`", "$PWD", "${PWD}"].iter().any(|here| own.starts_with(here));
            is_here.then(|| rest(parts)).flatten().map(|rest| format!(".{rest}"))
        }
        _ => word.by_default(),
    }
}

fn literal(part: &TextPart) -> Option<&str> {
    match part {
        TextPart::Literal(text, _) => Some(text),
        TextPart::Outer { .. } | TextPart::Unknown => None,
    }
}

/// Source and target of `source:target[:options]` or `type=bind,source=...,target=...`.
fn sides(mount: &str) -> Option<(String, String)> {
    if mount.contains('=') && mount.contains(',') {
        let value = |names: &[&str]| {
            let mut parts = mount.split(',').filter_map(|part| part.split_once('='));
            parts.find(|(name, _)| names.contains(name)).map(|(_, value)| value.to_owned())
        };
        return Some((value(&["source", "src"])?, value(&["target", "dst", "destination"])?));
    }
    let mut parts = mount.split(':');
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}

/// What follows a folder in a path that lies below it; empty for the path itself.
fn below(path: &str, folder: &str) -> Option<String> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/').to_owned())
}

fn joined(folder: &str, rest: &str) -> String {
    if rest.is_empty() { folder.to_owned() } else { format!("{}/{rest}", folder.trim_end_matches('/')) }
}

/// What an image takes to a path from its build context; the last `COPY` counts.
fn copied(basis: Basis<'_>, named: &str, image: &ImageFacts<'_>) -> Option<Origin> {
    let mut found = None;
    for copy in image.path.copies(Reach::Chain) {
        let at = copy.place(copy.span);
        let text = |word: &Word| image.path.text(&word.text, at);
        let Some(destination) = copy.fact.destination.as_ref().and_then(text) else { continue };
        let Some(rest) = below(named, &destination) else { continue };
        if copy.fact.from.is_some() {
            found = Some(Origin::Elsewhere);
            continue;
        }
        for source in copy.fact.sources.iter().filter_map(text) {
            let is_itself =
                rest.is_empty() || source.trim_end_matches('/').ends_with(&format!("/{rest}")) || source == rest;
            // A file keeps its name in a folder, and of a folder the content is copied.
            let own = is_itself.then(|| in_context(basis, &copy, &source)).flatten();
            found = own.or_else(|| in_context(basis, &copy, &joined(&source, &rest))).or(found);
        }
    }
    found
}

/// A path of the build context, which is the container file's folder or one above it.
fn in_context(basis: Basis<'_>, copy: &Found<'_, crate::facts::Copy>, path: &str) -> Option<Origin> {
    let sources = basis.workspace.sources();
    let folders = folders_above(&sources.get(copy.file).path);
    let path = path.trim_start_matches('/');
    folders.iter().find_map(|folder| sources.find(&join(folder, path))).map(Origin::File)
}
