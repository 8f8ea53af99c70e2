//! What is known of where vLLM runs: of images and the way they are built, of containers, of launches.
//!
//! Facts of several files are joined here: a stage and the file that builds its base image, a service and its image's
//! container file, a launch and the variables that it sees. Everything says where it was read and how sure it is; what
//! the files do not tell is unknown.

mod builds;
mod certainty;
mod container;
mod found;
mod image;
mod image_ref;
mod launch;
mod method;
mod names;
mod path;
mod release;
mod rocm;
mod rocm_numbers;
mod sources;
mod spelled;
mod targets;
mod trees;
mod variables;
mod version;

use std::sync::Arc;

use crate::arch::ArchSet;
use crate::knowledge::Knowledge;
use crate::span::FileId;
use crate::workspace::Workspace;

pub use builds::{Builds, Built};
pub use certainty::{Answer, Certainty, Known};
pub use container::ContainerView;
pub use found::Found;
pub use image::{
    ArchListUse, ImageFacts, Platform, RocmOrigin, RocmVersion, TorchKind, TorchSource, VllmKind, VllmSource,
};
pub use image_ref::ImageRef;
pub use launch::{Deployment, Dtype, Marker, MarkerKind, Method, MethodOrigin, Quantization, Rests};
pub use method::is_gguf;
pub use path::{Reach, StagePath, Step, copied_stage, stage_at};
pub use release::VllmRelease;
pub use targets::{Affected, Pretended, Targets, overridden};
pub use variables::{Layer, Seen};
pub use version::{Version, VersionRange};

/// What the joins are made from.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The facts of the run.
    pub workspace: &'a Workspace,
    /// What no file says.
    pub knowledge: &'a Knowledge,
    /// Targets that were asked for.
    pub asked: ArchSet,
}

/// The joins of a run.
#[derive(Debug)]
pub struct Joins<'a> {
    builds: Builds<'a>,
    images: Vec<Arc<ImageFacts<'a>>>,
    containers: Vec<Arc<ContainerView<'a>>>,
    deployments: Vec<Deployment<'a>>,
}

impl<'a> Joins<'a> {
    /// Joins the facts of a run.
    pub fn new(basis: Basis<'a>) -> Self {
        let builds = Builds::new(basis.workspace);
        let mut images = Vec::new();
        for (file, _, facts) in basis.workspace.files() {
            for stage in 0..facts.stages.len() {
                let is_final = stage + 1 == facts.stages.len();
                images.push(Arc::new(ImageFacts::new(basis, &builds, file, stage, is_final)));
            }
        }
        Self { builds, images, containers: Vec::new(), deployments: Vec::new() }
    }

    /// The builds of images.
    pub fn builds(&self) -> &Builds<'a> {
        &self.builds
    }

    /// Every stage of every container file, by file and stage; [`ImageFacts::is_final`] tells which are images.
    pub fn images(&self) -> &[Arc<ImageFacts<'a>>] {
        &self.images
    }

    /// The facts of one stage.
    pub fn image(&self, file: FileId, stage: usize) -> Option<&Arc<ImageFacts<'a>>> {
        let at = self.images.binary_search_by_key(&(file, stage), |image| (image.path.file, image.path.stage)).ok()?;
        self.images.get(at)
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
