//! What files say. A fact is read from one file's bytes alone and knows nothing of rules or of other files;
//! names in it are still names. [`crate::workspace`] joins facts and says what the names denote.

mod built;
mod command;
mod container;
mod directive;
mod expr;
mod filter;
mod host;
mod native;
mod nix;
pub mod outline;
mod python;
mod registry;
mod setting;
mod site;

pub use built::{BuiltModule, EntryPoint, RecordedFile};
pub use command::{
    Checkout, Command, Home, Install, InstallTool, Launch, LaunchForm, LaunchOption, Package, Variable, Word,
};
pub use container::{BuildArgument, Confinement, Container, ContainerKind, Copy, ImageBuild};
pub use directive::{Date, Directive, Reach, Selector};
pub use expr::{ArchExpr, Relation};
pub use host::{HostKind, HostMention};
pub use native::{CmakeGate, CudaBlock, GuardBranch, GuardChain, HostToken};
pub use nix::{
    NixArgument, NixCall, NixConfig, NixDerivation, NixFile, NixImport, NixItem, NixLayer, NixLayerKind, NixMerge,
    NixName, NixOption, NixOverride, NixParameter, NixPin, NixReference, NixRole, NixRoot, NixUser, NixValue,
};
pub use outline::Outline;
pub use python::{ArchRead, ArchSource, Definition, DefinitionKind, EagerImport, Import, Ladder};
pub use registry::{ListedName, NameList, NameListKind, NamedClass, VariableRead};
pub use setting::{
    Filter, FilterUse, ImageCommand, Patch, Setting, SettingKind, Stage, Text, TextPart, holds_in_any_case,
};
pub use site::{ArchSite, Prose, ProseKind, Sense, SiteKind};

use serde::{Deserialize, Serialize};

use crate::span::Span;

/// All facts of one file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FileFacts {
    /// Variables that are given a value: ARG, ENV, exports, CMake `set`, bake defaults, YAML values.
    pub settings: Vec<Setting>,
    /// Conditions on the target, and lists of targets that are not settings.
    pub arch_sites: Vec<ArchSite>,
    /// Named conditions: Python predicates and constants, C++ host tests, project macros.
    pub definitions: Vec<Definition>,
    /// Names that Python binds by import.
    pub imports: Vec<Import>,
    /// Readings of the target's name from the system.
    pub arch_reads: Vec<ArchRead>,
    /// `#if` chains of C++ and HIP sources that tell device targets apart.
    pub guards: Vec<GuardChain>,
    /// Conditions of CMake files under which sources are built.
    pub gates: Vec<CmakeGate>,
    /// Blocks of CMake files that only builds for CUDA enter.
    pub cuda_blocks: Vec<CudaBlock>,
    /// Commands that edit files where they are.
    pub patches: Vec<Patch>,
    /// Build stages of a container file, in order.
    pub stages: Vec<Stage>,
    /// Command lines whose programs build, install, fetch or start something.
    pub commands: Vec<Command>,
    /// Starts of vLLM.
    pub launches: Vec<Launch>,
    /// Installations of packages.
    pub installs: Vec<Install>,
    /// Sources that are fetched.
    pub checkouts: Vec<Checkout>,
    /// Containers and units.
    pub containers: Vec<Container>,
    /// Builds of images.
    pub image_builds: Vec<ImageBuild>,
    /// Files that stages take.
    pub copies: Vec<Copy>,
    /// Comments, messages and documentation that name targets or products.
    pub prose: Vec<Prose>,
    /// Parameters and packages of the host that a text names.
    pub host: Vec<HostMention>,
    /// Imports of libraries that ask for the GPU when they are imported.
    pub eager_imports: Vec<EagerImport>,
    /// Names that a Python program chooses from.
    pub name_lists: Vec<NameList>,
    /// Classes that tell under which name they are chosen.
    pub named_classes: Vec<NamedClass>,
    /// Readings of variables that sound like lists of targets. A file with nothing else counts as empty.
    pub variable_reads: Vec<VariableRead>,
    /// Packages that name their version here (`PKG-INFO`, `METADATA`, `_version.py`).
    pub versions: Vec<PackageVersion>,
    /// Python modules that the build adds (`setup.py`, CMake).
    pub built: Vec<BuiltModule>,
    /// Programs and plugins that a distribution declares (`pyproject.toml`, `setup.py`).
    pub entry_points: Vec<EntryPoint>,
    /// The files of an installed distribution (`RECORD`).
    pub recorded: Vec<RecordedFile>,
    /// What a Nix file says of packages and options.
    pub nix: Option<NixFile>,
    /// What a Python file binds, offers and imports; every Python file has one.
    pub outline: Option<Box<Outline>>,
    /// Comments that ask for findings to be left out.
    pub directives: Vec<Directive>,
    /// Regions that no front end could parse.
    pub gaps: Vec<Gap>,
}

impl FileFacts {
    /// Whether nothing was found. An outline alone counts as nothing: findings that need its text read it again.
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
            && self.arch_sites.is_empty()
            && self.definitions.is_empty()
            && self.imports.is_empty()
            && self.arch_reads.is_empty()
            && self.guards.is_empty()
            && self.gates.is_empty()
            && self.cuda_blocks.is_empty()
            && self.patches.is_empty()
            && self.stages.is_empty()
            && self.commands.is_empty()
            && self.launches.is_empty()
            && self.installs.is_empty()
            && self.checkouts.is_empty()
            && self.containers.is_empty()
            && self.image_builds.is_empty()
            && self.copies.is_empty()
            && self.prose.is_empty()
            && self.host.is_empty()
            && self.eager_imports.is_empty()
            && self.name_lists.is_empty()
            && self.named_classes.is_empty()
            && self.versions.is_empty()
            && self.built.is_empty()
            && self.entry_points.is_empty()
            && self.recorded.is_empty()
            && self.directives.is_empty()
            && self.nix.as_ref().is_none_or(NixFile::is_bare)
            && self.gaps.is_empty()
    }
}

/// A region that a front end could not parse; rules know nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The region.
    pub span: Span,
    /// What was expected there, in one phrase.
    pub what: String,
}

/// A package's version, where its metadata states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageVersion {
    /// The distribution's name; empty where the file states a version alone.
    pub package: String,
    /// The version.
    pub version: String,
    /// Where the version stands.
    pub span: Span,
}
