//! Containers: which image each runs, with what environment.

use std::sync::Arc;

use super::spelled::Spelled;
use super::variables::Variables;
use super::{Answer, Basis, Builds, Found, ImageFacts, ImageRef, Images, Platform, Seen, Targets};
use crate::facts::{Container, ContainerKind, Launch};
use crate::span::{FileId, Place};

/// A container or unit with what is known of it.
#[derive(Debug, Clone)]
pub struct ContainerView<'a> {
    /// The fact.
    pub container: Found<'a, Container>,
    /// Its index among the containers of its file.
    pub index: usize,
    /// The image that it runs.
    pub image: Option<ImageRef>,
    /// That image, where the run holds its container file.
    pub built: Option<Arc<ImageFacts<'a>>>,
    /// Whether it is for AMD GPUs: by its image, its devices and its variables.
    pub platform: Platform,
    /// The targets that it is for.
    pub targets: Targets,
    /// Launches of vLLM in it: its own command's, or what its image starts.
    pub launches: Vec<Found<'a, Launch>>,
    /// Whether it works with the GPU: not a look at a version or a help text.
    pub is_gpu_work: Answer,
    /// Whether it stands in documentation: shown, not done.
    pub is_shown: bool,
    pub(super) variables: Variables<'a>,
}

impl<'a> ContainerView<'a> {
    /// The container with that index in a file.
    pub(super) fn new(basis: Basis<'a>, builds: &Builds<'a>, images: &Images<'a>, file: FileId, index: usize) -> Self {
        let facts = basis.workspace.facts(file);
        let container = Found { file, fact: &facts.containers[index] };
        let plain = Variables::new(basis.workspace, file, None, Some((container, index)), None);
        let image = container.fact.image.as_ref().and_then(|word| {
            let fill = |name: &str| plain.outer(name);
            let spelled = Spelled::new(&word.text, word.span, &fill);
            let at = container.place(word.span);
            let read = ImageRef::parse(&spelled.text, at)?;
            Some(ImageRef { by_default: word.known().is_none(), ..read })
        });
        let step = container.fact.build.and_then(|build| builds.built(file, build));
        let step = step.or_else(|| builds.by_name(image.as_ref()?, file));
        let built = step.and_then(|step| images.get(step.file, step.stage)).cloned();
        let launches = launches_of(basis, container, index, built.as_deref());
        let mut view = Self {
            container,
            index,
            variables: Variables::new(basis.workspace, file, None, Some((container, index)), built.clone()),
            image,
            built,
            platform: Platform::default(),
            targets: Targets::default(),
            launches,
            is_gpu_work: Answer::Unknown,
            is_shown: container.fact.home.is_shown,
        };
        view.platform = view.platform_of(basis);
        view.is_gpu_work = view.gpu_work(basis);
        view.targets = super::aim::of_container(basis, &view);
        view
    }

    /// The file.
    pub fn file(&self) -> FileId {
        self.container.file
    }

    /// A place in that file.
    pub fn place(&self, span: crate::span::Span) -> Place {
        self.container.place(span)
    }

    /// A variable of its environment: its own, from files of variables, from its image.
    pub fn variable(&self, name: &str) -> Option<Seen> {
        self.variables.get(name)
    }

    fn gpu_work(&self, basis: Basis<'_>) -> Answer {
        if !self.launches.is_empty() {
            return Answer::Yes;
        }
        let fact = self.container.fact;
        let words: Vec<String> =
            fact.entrypoint.iter().flatten().chain(&fact.arguments).map(|word| Spelled::word(word).text).collect();
        if is_look(&words) {
            return Answer::No;
        }
        let starts = self
            .image
            .as_ref()
            .is_some_and(|image| basis.knowledge.images().describe(&image.text).starts_vllm().is_yes());
        let given = fact.devices.iter().any(|word| Spelled::word(word).text.contains("/dev/kfd"));
        if starts && fact.entrypoint.is_none() || given { Answer::Yes } else { Answer::Unknown }
    }
}

/// Whether a command only looks at something.
fn is_look(words: &[String]) -> bool {
    let Some(program) = words.first() else { return false };
    let name = program.rsplit('/').next().unwrap_or_default();
    let looks =
        ["cat", "ls", "echo", "env", "printenv", "which", "true", "pip", "pip3", "find", "dpkg", "rpm", "uname", "id"];
    looks.contains(&name) || words.iter().any(|word| matches!(word.as_str(), "--help" | "-h" | "--version"))
}

/// The launches in a container: those of its own command, or what its image starts.
fn launches_of<'a>(
    basis: Basis<'a>,
    container: Found<'a, Container>,
    index: usize,
    built: Option<&ImageFacts<'a>>,
) -> Vec<Found<'a, Launch>> {
    let own =
        basis.workspace.facts(container.file).launches.iter().filter(|launch| launch.home.container == Some(index));
    let own: Vec<Found<'a, Launch>> = own.map(|fact| Found { file: container.file, fact }).collect();
    let is_replaced = container.fact.entrypoint.is_some() || !container.fact.arguments.is_empty();
    match built {
        Some(image) if own.is_empty() && !is_replaced && container.fact.kind != ContainerKind::Unit => {
            image.started(basis)
        }
        _ => own,
    }
}

impl<'a> ImageFacts<'a> {
    /// The launches that the image's own command starts.
    pub(super) fn started(&self, basis: Basis<'a>) -> Vec<Found<'a, Launch>> {
        let command = self.path.chain.iter().rev().find_map(|&step| {
            let stage = self.path.stage_of(step);
            let command = stage.command.as_ref().or(stage.entrypoint.as_ref())?;
            Some((step, command.span, stage.entrypoint.as_ref().map(|entrypoint| entrypoint.span)))
        });
        let Some((step, command, entrypoint)) = command else { return Vec::new() };
        let is_in = |launch: &&Launch| {
            let within = command.contains(launch.span) || entrypoint.is_some_and(|span| span.contains(launch.span));
            launch.home.stage == Some(step.stage) && (within || launch.span.contains(command))
        };
        let launches = basis.workspace.facts(step.file).launches.iter().filter(is_in);
        launches.map(|fact| Found { file: step.file, fact }).collect()
    }
}
