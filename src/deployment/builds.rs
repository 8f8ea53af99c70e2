//! Which container file builds an image.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Found, ImageRef, Step, copied_stage};
use crate::facts::{ContainerKind, FileFacts, ImageBuild, Word};
use crate::span::{FileId, Place};
use crate::workspace::Workspace;

/// The builds of images in the run, each with the stage that it builds.
#[derive(Debug, Default)]
pub struct Builds<'a> {
    workspace: Option<&'a Workspace>,
    all: Vec<Built<'a>>,
    /// Indexes into `all`, by the image that a build makes.
    by_image: FxHashMap<ImageName, Vec<usize>>,
    /// Stages that another stage of their file starts from or copies from.
    used: FxHashSet<Step>,
}

/// What tells an image: registry, repository and tag.
type ImageName = (Option<String>, String, String);

/// A build and what it builds.
#[derive(Debug, Clone)]
pub struct Built<'a> {
    /// The build.
    pub build: Found<'a, ImageBuild>,
    /// Its index among the builds of its file.
    pub index: usize,
    /// The stage that it builds; none where the container file is not of the run.
    pub step: Option<Step>,
}

impl<'a> Builds<'a> {
    pub(super) fn new(workspace: &'a Workspace) -> Self {
        let mut all = Vec::new();
        for (file, _, facts) in workspace.files() {
            for (index, fact) in facts.image_builds.iter().enumerate() {
                let build = Found { file, fact };
                all.push(Built { build, index, step: built_stage(workspace, build) });
            }
        }
        let mut by_image: FxHashMap<ImageName, Vec<usize>> = FxHashMap::default();
        for (at, built) in all.iter().enumerate() {
            let tags = built.build.tags.iter().filter_map(|tag| image_of_tag(tag, built.build.file));
            for name in tags {
                by_image.entry(name).or_default().push(at);
            }
        }
        let used = workspace.files().flat_map(|(file, _, facts)| used_stages(file, facts)).collect();
        Self { workspace: Some(workspace), all, by_image, used }
    }

    /// Whether another stage of its file starts from a stage, or copies from it.
    pub(super) fn uses(&self, step: Step) -> bool {
        self.used.contains(&step)
    }

    /// All of them, by file.
    pub fn all(&self) -> &[Built<'a>] {
        &self.all
    }

    /// The builds of a stage.
    pub fn of(&self, step: Step) -> impl Iterator<Item = &Built<'a>> + '_ {
        self.all.iter().filter(move |built| built.step == Some(step))
    }

    /// The stage that the build with that index in a file builds.
    pub fn built(&self, file: FileId, index: usize) -> Option<Step> {
        self.all.iter().find(|built| built.build.file == file && built.index == index)?.step
    }

    /// The stage of the run that an image is built from, by the names that builds give: of several, the one whose file
    /// is nearest to `from`.
    pub fn by_name(&self, image: &ImageRef, from: FileId) -> Option<Step> {
        let workspace = self.workspace?;
        let near =
            |file: FileId| common_folders(&workspace.sources().get(file).path, &workspace.sources().get(from).path);
        let named = self.by_image.get(&name_of(image)?)?.iter().map(|&at| &self.all[at]);
        let mut named: Vec<(usize, Step)> =
            named.filter_map(|built| Some((near(built.build.file), built.step?))).collect();
        let nearest = named.iter().map(|(near, _)| *near).max()?;
        named.retain(|(near, _)| *near == nearest);
        named.sort_unstable();
        named.dedup();
        match named.as_slice() {
            [(_, only)] => Some(*only),
            _ => None,
        }
    }

    /// The stage that builds the image which a stage starts from.
    pub(super) fn base_of(&self, step: Step) -> Option<Step> {
        let workspace = self.workspace?;
        let stage = &workspace.facts(step.file).stages[step.stage];
        let at = Place { file: step.file, span: stage.image_span };
        let image = ImageRef::read(&stage.image, at);
        if let Some(found) = image.as_ref().and_then(|image| self.by_name(image, step.file)) {
            return Some(found);
        }
        // An official image (`ubuntu:22.04`) is no file of the repository.
        if image.is_some_and(|image| image.owner().is_empty() && !image.is_partial && !image.by_default) {
            return None;
        }
        let file = workspace.base_of(step.file)?;
        Some(Step { file, stage: workspace.facts(file).stages.len().checked_sub(1)? })
    }
}

fn image_of_tag(tag: &Word, file: FileId) -> Option<ImageName> {
    name_of(&ImageRef::read(&tag.text, Place { file, span: tag.span })?)
}

/// The name that tells an image; none where a part of it is not known.
fn name_of(image: &ImageRef) -> Option<ImageName> {
    let tag = image.tag.clone().unwrap_or_else(|| "latest".to_owned());
    (!image.is_partial).then(|| (image.registry.clone(), image.repository.clone(), tag))
}

/// The stage that a build builds: its target, or the last one.
fn built_stage(workspace: &Workspace, build: Found<'_, ImageBuild>) -> Option<Step> {
    let file = container_file(workspace, build)?;
    let stages = &workspace.facts(file).stages;
    let stage = match &build.target {
        Some(target) => {
            let target = target.by_default()?.to_ascii_lowercase();
            stages.iter().rposition(|stage| stage.name.as_deref() == Some(target.as_str()))?
        }
        None => stages.len().checked_sub(1)?,
    };
    Some(Step { file, stage })
}

/// The container file of a build.
fn container_file(workspace: &Workspace, build: Found<'_, ImageBuild>) -> Option<FileId> {
    let sources = workspace.sources();
    let own = &sources.get(build.file).path;
    let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
    let context = match &build.context {
        Some(context) => context.by_default()?,
        None => ".".to_owned(),
    };
    let names: Vec<String> = match &build.fact.file {
        Some(file) => vec![file.by_default()?],
        None => ["Dockerfile", "Containerfile"].map(|name| join(&context, name)).into(),
    };
    let is_relative_to_context = is_declared(workspace, build);
    let candidates: Vec<String> = match (&build.fact.file, is_relative_to_context) {
        (Some(_), true) => names.iter().map(|name| join(&context, name)).collect(),
        _ => names,
    };
    // A command runs in a folder that is not known: the script's own or one above it.
    let folders = if is_relative_to_context { vec![folder] } else { folders_above(own) };
    let find = |folder: &&str| candidates.iter().find_map(|name| sources.find(&join(folder, name)));
    folders.iter().find_map(find).filter(|&found| !workspace.facts(found).stages.is_empty())
}

/// Whether a build stands in a compose or bake file, whose paths count from the context.
fn is_declared(workspace: &Workspace, build: Found<'_, ImageBuild>) -> bool {
    let is_service = workspace.facts(build.file).containers.iter().any(|container| {
        container.kind == ContainerKind::Compose
            && container
                .build
                .is_some_and(|at| std::ptr::eq(&raw const workspace.facts(build.file).image_builds[at], build.fact))
    });
    is_service || workspace.sources().get(build.file).language == "hcl"
}

/// The folder of a path and those above it, nearest first; the last one is empty.
pub(super) fn folders_above(path: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = path;
    while let Some((folder, _)) = rest.rsplit_once('/') {
        found.push(folder);
        rest = folder;
    }
    found.push("");
    found
}

/// A path below a folder, without `.` and `..`.
pub(super) fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if path.starts_with('/') {
        return path.to_owned();
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// How many folders two paths share.
fn common_folders(left: &str, right: &str) -> usize {
    let folders = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let (left, right) = (folders(left), folders(right));
    left.split('/').zip(right.split('/')).take_while(|(left, right)| left == right && !left.is_empty()).count()
}

/// The stages of a container file that others start from or copy from.
fn used_stages(file: FileId, facts: &FileFacts) -> impl Iterator<Item = Step> + '_ {
    let copied = facts.copies.iter().filter_map(|copy| copied_stage(facts, copy.stage?, copy));
    facts.stages.iter().filter_map(|stage| stage.parent).chain(copied).map(move |stage| Step { file, stage })
}
