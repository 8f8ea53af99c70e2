//! Containers: which image each runs, with what environment.

use std::sync::Arc;

use super::variables::Variables;
use super::{Answer, Found, ImageFacts, ImageRef, Platform, Seen};
use crate::facts::{Container, Launch};
use crate::span::FileId;

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
    /// Launches of vLLM in it.
    pub launches: Vec<Found<'a, Launch>>,
    /// Whether it works with the GPU: not a look at a version or a help text.
    pub is_gpu_work: Answer,
    /// Whether it stands in documentation: shown, not done.
    pub is_shown: bool,
    pub(super) variables: Variables<'a>,
}

impl ContainerView<'_> {
    /// The file.
    pub fn file(&self) -> FileId {
        self.container.file
    }

    /// A variable of its environment: its own, from files of variables, from its image.
    pub fn variable(&self, name: &str) -> Option<Seen> {
        self.variables.get(name)
    }
}
