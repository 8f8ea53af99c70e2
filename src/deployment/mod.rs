//! What is known of where vLLM runs: of images and the way they are built, of containers, of launches.
//!
//! Facts of several files are joined here: a stage and the file that builds its base image, a service and its image's
//! container file, a launch and the variables that it sees. Everything says where it was read and how sure it is; what
//! the files do not tell is unknown.

mod aim;
mod amd;
mod archs;
mod builds;
mod certainty;
mod config_file;
mod container;
mod declared;
mod found;
mod image;
mod image_ref;
mod launch;
mod launches;
mod lists;
mod markers;
mod method;
mod names;
mod path;
mod platform;
mod release;
mod rocm;
mod rocm_numbers;
mod sources;
mod spelled;
mod targets;
#[cfg(test)]
mod tests;
mod torch_builds;
mod trees;
mod variables;

use std::sync::Arc;

use rayon::prelude::*;

use crate::arch::ArchSet;
use crate::knowledge::Knowledge;
use crate::span::FileId;
use crate::workspace::Workspace;

pub use crate::version::{Known as Answer, Version, VersionRange};

pub use archs::{ArchListUse, TARGETS_VARIABLE};
pub use builds::{Builds, Built};
pub use certainty::{Certainty, Stated};
pub use container::ContainerView;
pub use found::Found;
pub use image::{ImageFacts, RocmOrigin, RocmVersion, TorchKind, TorchSource, VllmKind, VllmSource};
pub use image_ref::ImageRef;
pub use launch::{Deployment, Dtype, Marker, MarkerKind, Method, MethodOrigin, Quantization, Rests};
pub use method::is_gguf;
pub use path::{Reach, StagePath, Step, copied_stage, stage_at};
pub use platform::{Platform, is_rocm_variable};
pub use release::VllmRelease;
pub use targets::{Affected, Pretended, TargetOrigin, Targets, overridden};
pub use torch_builds::{BuildOption, TorchBuild};
pub use variables::{Layer, Seen};

/// What the joins are made from.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The facts of the run.
    pub workspace: &'a Workspace,
    /// What no file says.
    pub knowledge: &'a Knowledge,
    /// Targets that were asked for.
    pub asked: ArchSet,
    /// Releases that are meant where no file says so.
    pub assumed: Option<&'a Assumed>,
}

/// Releases that are meant where no file says so.
#[derive(Debug, Clone, Default)]
pub struct Assumed {
    /// Of vLLM.
    pub vllm: Option<Version>,
    /// Of ROCm.
    pub rocm: Option<Version>,
}

/// Every stage of every container file, by file and stage.
#[derive(Debug, Default)]
pub struct Images<'a>(Vec<Arc<ImageFacts<'a>>>);

/// The joins of a run.
#[derive(Debug)]
pub struct Joins<'a> {
    builds: Builds<'a>,
    images: Images<'a>,
    containers: Vec<Arc<ContainerView<'a>>>,
    deployments: Vec<Deployment<'a>>,
}

impl<'a> Images<'a> {
    fn new(basis: Basis<'a>, builds: &Builds<'a>) -> Self {
        let stages: Vec<(FileId, usize)> = basis
            .workspace
            .files()
            .flat_map(|(file, _, facts)| (0..facts.stages.len()).map(move |at| (file, at)))
            .collect();
        Self(stages.par_iter().map(|&(file, stage)| Arc::new(ImageFacts::new(basis, builds, file, stage))).collect())
    }

    /// All of them, by file and stage; [`ImageFacts::is_final`] tells which are images.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ImageFacts<'a>>> {
        self.0.iter()
    }

    /// The facts of one stage.
    pub fn get(&self, file: FileId, stage: usize) -> Option<&Arc<ImageFacts<'a>>> {
        let at = self.0.binary_search_by_key(&(file, stage), |image| (image.path.file, image.path.stage)).ok()?;
        self.0.get(at)
    }
}

impl<'a> Joins<'a> {
    /// Joins the facts of a run.
    pub fn new(basis: Basis<'a>) -> Self {
        let builds = Builds::new(basis.workspace);
        let images = Images::new(basis, &builds);
        let places: Vec<(FileId, usize)> = basis
            .workspace
            .files()
            .flat_map(|(file, _, facts)| (0..facts.containers.len()).map(move |at| (file, at)))
            .collect();
        let containers: Vec<_> = places
            .par_iter()
            .map(|&(file, index)| Arc::new(ContainerView::new(basis, &builds, &images, file, index)))
            .collect();
        let deployments = launches::deployments(basis, &images, &containers);
        Self { builds, images, containers, deployments }
    }

    /// The builds of images.
    pub fn builds(&self) -> &Builds<'a> {
        &self.builds
    }

    /// Every stage of every container file, by file and stage.
    pub fn images(&self) -> &Images<'a> {
        &self.images
    }

    /// The facts of one stage.
    pub fn image(&self, file: FileId, stage: usize) -> Option<&Arc<ImageFacts<'a>>> {
        self.images.get(file, stage)
    }

    /// Containers and units, by file.
    pub fn containers(&self) -> &[Arc<ContainerView<'a>>] {
        &self.containers
    }

    /// Launches, by file.
    pub fn deployments(&self) -> &[Deployment<'a>] {
        &self.deployments
    }
}
