//! Containers and units: how images are run and built.

use serde::{Deserialize, Serialize};

use super::{Home, Text, Variable, Word};
use crate::span::Span;

/// A container that is run, or a unit that runs programs: something with an environment of its own.
///
/// Variables that it gets are [`super::Setting`]s whose home names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Container {
    /// What runs it.
    pub kind: ContainerKind,
    /// All of it.
    pub span: Span,
    /// The words to point at where something is missing: `docker run`, the service's key, the unit's section.
    pub anchor: Span,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// The image; none where it is built here, and for plain units.
    pub image: Option<Word>,
    /// How its image is built, as an index into [`super::FileFacts::image_builds`].
    pub build: Option<usize>,
    /// Devices: paths, CDI names (`amd.com/gpu=all`). A mapping is kept as written (`/dev/kfd:/dev/kfd`).
    pub devices: Vec<Word>,
    /// Supplementary groups.
    pub groups: Vec<Word>,
    /// Requests that only NVIDIA's runtime serves: `--gpus`, `runtime: nvidia`, a device reservation of its driver.
    pub nvidia: Vec<Word>,
    /// The runtime, where one is named.
    pub runtime: Option<Word>,
    /// The IPC namespace.
    pub ipc: Option<Word>,
    /// The size of shared memory.
    pub shm_size: Option<Word>,
    /// Mounts, as written.
    pub mounts: Vec<Word>,
    /// The switch that gives it every device.
    pub privileged: Option<Span>,
    /// The user.
    pub user: Option<Word>,
    /// Security options and capabilities, as written.
    pub security: Vec<Word>,
    /// Ports that are handed through, as written.
    pub ports: Vec<Word>,
    /// Networks that it is in.
    pub networks: Vec<Word>,
    /// Restrictions of a unit that decide what devices it can open.
    pub confinement: Vec<Confinement>,
    /// Resource names of Kubernetes limits: `amd.com/gpu`.
    pub resources: Vec<Word>,
    /// What replaces the image's entry point; an empty list clears it.
    pub entrypoint: Option<Vec<Word>>,
    /// What follows the image, or the command of the service.
    pub arguments: Vec<Word>,
    /// Files with variables.
    pub env_files: Vec<Word>,
    /// Whether more may be given than was read: a variable in place of options, `extends`, an alias, a template.
    pub is_open: bool,
    /// What the command itself stands in.
    pub home: Home,
    /// The command that it was read from, as an index into [`super::FileFacts::commands`].
    pub command: Option<usize>,
    /// Variables that are set for the command which starts it, not for the container.
    pub client_environment: Vec<Variable>,
}

impl Container {
    /// An empty one.
    pub fn new(kind: ContainerKind, span: Span, anchor: Span) -> Self {
        Self {
            kind,
            span,
            anchor,
            name: None,
            image: None,
            build: None,
            devices: Vec::new(),
            groups: Vec::new(),
            nvidia: Vec::new(),
            runtime: None,
            ipc: None,
            shm_size: None,
            mounts: Vec::new(),
            privileged: None,
            user: None,
            security: Vec::new(),
            ports: Vec::new(),
            networks: Vec::new(),
            confinement: Vec::new(),
            resources: Vec::new(),
            entrypoint: None,
            arguments: Vec::new(),
            env_files: Vec::new(),
            is_open: false,
            home: Home::default(),
            command: None,
            client_environment: Vec::new(),
        }
    }
}

/// A restriction of a unit: `PrivateDevices=true`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confinement {
    /// Its name, as systemd has it.
    pub name: String,
    /// Name and values.
    pub span: Span,
    /// What it is given; `true` and `false` for switches.
    pub values: Vec<Word>,
}

/// What runs a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContainerKind {
    /// `docker run`, `docker create`.
    Docker,
    /// `podman run`, `podman create`.
    Podman,
    /// `nerdctl run`, Apptainer and others.
    OtherEngine,
    /// `toolbox create`, `distrobox create`.
    Toolbox,
    /// A service of a compose file.
    Compose,
    /// A container of a Kubernetes pod.
    Kubernetes,
    /// Podman's `.container` unit.
    Quadlet,
    /// A systemd service: no container, but an environment.
    Unit,
    /// NixOS's `virtualisation.oci-containers`.
    Nix,
}

impl ContainerKind {
    /// Its name in output and in users' rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::OtherEngine => "other-engine",
            Self::Toolbox => "toolbox",
            Self::Compose => "compose",
            Self::Kubernetes => "kubernetes",
            Self::Quadlet => "quadlet",
            Self::Unit => "unit",
            Self::Nix => "nix",
        }
    }
}

/// A build of an image: `docker build`, a service's `build:`, a bake target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageBuild {
    /// All of it.
    pub span: Span,
    /// The container file, relative to the context for compose and bake; none for the default.
    pub file: Option<Word>,
    /// The context.
    pub context: Option<Word>,
    /// The stage that is built.
    pub target: Option<Word>,
    /// Build arguments.
    pub arguments: Vec<BuildArgument>,
    /// Names that the image gets.
    pub tags: Vec<Word>,
    /// Whether more arguments may be given than were read.
    pub is_open: bool,
    /// What the command itself stands in.
    pub home: Home,
}

/// A build argument that is handed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BuildArgument {
    /// Its name.
    pub name: Word,
    /// Its value; none where it is taken from the environment.
    pub value: Option<Text>,
    /// Name and value.
    pub span: Span,
}

/// Files that a stage takes: `COPY`, `ADD`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Copy {
    /// The instruction.
    pub span: Span,
    /// The stage or image that they come from (`--from=`); none for the build context.
    pub from: Option<Word>,
    /// What is copied.
    pub sources: Vec<Word>,
    /// Where to.
    pub destination: Option<Word>,
    /// The stage that takes them, as an index into [`super::FileFacts::stages`].
    pub stage: Option<usize>,
}
