//! Launches with all that is known of where they run.

use std::sync::Arc;

use super::variables::Variables;
use super::{
    Affected, Answer, Certainty, ContainerView, Found, ImageFacts, ImageRef, Pretended, Seen, Stated, Targets, Version,
    VllmRelease,
};
use crate::facts::{Launch, LaunchOption, Word};
use crate::span::{FileId, Place};

/// A start of vLLM with all that is known of it.
#[derive(Debug, Clone)]
pub struct Deployment<'a> {
    /// The launch.
    pub launch: Found<'a, Launch>,
    /// The container or unit that it runs in.
    pub container: Option<Arc<ContainerView<'a>>>,
    /// The image that it runs in or is written in, where the run holds its container file.
    pub image: Option<Arc<ImageFacts<'a>>>,
    /// The image's name, where one is written.
    pub image_ref: Option<ImageRef>,
    /// The vLLM that it starts.
    pub vllm: VllmRelease,
    /// The ROCm that it runs on.
    pub rocm: Option<Stated<Version>>,
    /// The targets that it is for.
    pub targets: Targets,
    /// The target that the runtime is told to see.
    pub pretended: Option<Pretended>,
    /// Whether it is for AMD GPUs.
    pub is_amd: Answer,
    /// What lowers findings: forks, plugins, patches of the tree.
    pub markers: Vec<Marker>,
    /// Whether it stands in documentation: shown, not done.
    pub is_shown: bool,
    /// The configuration file that it reads (`--config`).
    pub config: Option<Found<'a, Launch>>,
    pub(super) variables: Variables<'a>,
}

/// Something that makes vLLM another than upstream's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// What.
    pub kind: MarkerKind,
    /// Its name: the repository, the plugin, the patched file.
    pub name: String,
    /// Where.
    pub at: Place,
}

/// Kinds of markers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkerKind {
    /// Another owner's repository or image of vLLM.
    Fork,
    /// A plugin: `vllm-gguf-plugin`.
    Plugin,
    /// An edit of the platform's or the quantization's code.
    Patch,
}

/// What a finding rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rests {
    /// On the target.
    pub on_target: bool,
    /// On vLLM's release.
    pub on_release: bool,
    /// On the quantization method.
    pub on_method: bool,
    /// On the activation type.
    pub on_dtype: bool,
}

/// The activation type of a launch.
#[derive(Debug, Clone, PartialEq)]
pub enum Dtype {
    /// One that is asked for, as written.
    Given(Stated<String>),
    /// Left to vLLM: `auto`, or nothing written. The place is the option's, if there is one.
    Auto(Option<Place>),
    /// Not known: options that were not read, a variable without a default.
    Unknown,
}

/// The quantization of a launch.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantization {
    /// A method.
    Method(Method),
    /// None that can be seen; the model's own configuration may still name one.
    None,
    /// Not known.
    Unknown,
}

/// A quantization method.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    /// vLLM's name for it: `awq`, `gguf`.
    pub name: String,
    /// How it is known.
    pub how: MethodOrigin,
    /// Where.
    pub at: Place,
    /// What was asked for and does not count, since the model's file decides.
    pub overrides: Option<Place>,
}

/// How a quantization method is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodOrigin {
    /// `--quantization`.
    Option,
    /// `--load-format`.
    LoadFormat,
    /// The model's file: `*.gguf`.
    File,
    /// A part of the model's name: `-AWQ`. A guess.
    Name,
}

impl<'a> Deployment<'a> {
    /// The file of the launch.
    pub fn file(&self) -> FileId {
        self.launch.file
    }

    /// A place in that file.
    pub fn place(&self, span: crate::span::Span) -> Place {
        self.launch.place(span)
    }

    /// The option that counts: the last one of that name, else that of its configuration file.
    pub fn option(&self, name: &str) -> Option<Found<'a, LaunchOption>> {
        let of = |launch: Found<'a, Launch>| launch.fact.option(name).map(|fact| Found { file: launch.file, fact });
        of(self.launch).or_else(|| of(self.config?))
    }

    /// The value of an option, where all of it is known; variables are filled in from where it runs.
    pub fn value(&self, name: &str) -> Option<Stated<String>> {
        let option = self.option(name)?;
        self.read(option.file, option.fact.value.as_ref()?)
    }

    /// The model, where all of it is known.
    pub fn model(&self) -> Option<Stated<String>> {
        let of = |launch: Found<'a, Launch>| launch.fact.model.as_ref().map(|word| (launch.file, word));
        let (file, word) = of(self.launch).or_else(|| of(self.config?))?;
        self.read(file, word)
    }

    fn read(&self, file: FileId, word: &Word) -> Option<Stated<String>> {
        let certainty = if word.known().is_some() { Certainty::Declared } else { Certainty::Named };
        Some(Stated::new(self.variables.fill(&word.text)?, Place { file, span: word.span }, certainty))
    }

    /// A variable as the launch sees it: from its command and script, its container, files of variables, its image.
    pub fn variable(&self, name: &str) -> Option<Seen> {
        self.variables.get(name)
    }

    /// Whether a switch is on: given, and not as `--no-x` or `false`.
    pub fn is_on(&self, name: &str) -> bool {
        self.option(name).is_some_and(|option| match &option.fact.value {
            Some(value) => value.by_default().is_some_and(|value| !value.eq_ignore_ascii_case("false")),
            None => true,
        })
    }

    /// The activation type.
    pub fn dtype(&self) -> Dtype {
        let Some(option) = self.option("dtype") else {
            return if self.launch.is_open { Dtype::Unknown } else { Dtype::Auto(None) };
        };
        match self.value("dtype") {
            Some(dtype) if dtype.value.eq_ignore_ascii_case("auto") => Dtype::Auto(Some(option.place(option.span))),
            Some(dtype) => Dtype::Given(dtype),
            None => Dtype::Unknown,
        }
    }

    /// The quantization method, as vLLM decides it: a GGUF file overrides the option.
    pub fn quantization(&self) -> Quantization {
        super::method::quantization(self)
    }

    /// How many steps a finding drops that rests on so much: one each for a guessed target, an unknown release, a
    /// method from a name, and a fork, plugin or patch. Use with [`crate::finding::Severity::lowered_by`].
    pub fn doubts(&self, rests: Rests) -> usize {
        let method = matches!(self.quantization(), Quantization::Method(method) if method.is_guess());
        [
            rests.on_target && self.targets.is_guess(),
            rests.on_release && self.vllm.is_unknown(),
            rests.on_method && method,
            !self.markers.is_empty(),
        ]
        .into_iter()
        .filter(|&doubt| doubt)
        .count()
    }

    /// The targets of it among `affected`.
    pub fn affected(&self, affected: crate::arch::ArchSet) -> Option<Affected> {
        self.targets.among(affected)
    }
}

impl Method {
    /// Whether it was guessed from a name.
    pub fn is_guess(&self) -> bool {
        self.how == MethodOrigin::Name
    }
}
