//! What rules and audits read: the workspace, the knowledge, and what was asked for.

use std::sync::{Arc, OnceLock};

use crate::arch::{ArchSet, Universe};
use crate::deployment::{Assumed, Basis, ContainerView, Deployment, ImageFacts, Joins, TorchBuild};
use crate::facts::FileFacts;
use crate::knowledge::{Knowledge, TreeLists, Vllm};
use crate::source::{Section, SourceFile};
use crate::span::{FileId, Place, Span};
use crate::version::{Version, VersionRange};
use crate::workspace::{ResolvedSite, SiteFact, Workspace};

/// What the user asked for, as far as rules care.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Targets that were asked for; empty for none in particular.
    pub targets: ArchSet,
    /// Whether advice is wanted.
    pub pedantic: bool,
    /// Releases that are meant where no file says so.
    pub assumed: Assumed,
}

/// Everything that a rule may read.
pub struct Context<'a> {
    /// All facts of the run, joined.
    pub workspace: &'a Workspace,
    /// What no scanned file says.
    pub knowledge: &'a Knowledge,
    /// What was asked for.
    pub options: &'a Options,
    joins: OnceLock<Joins<'a>>,
    vllm_lists: OnceLock<Option<TreeLists>>,
}

impl<'a> Context<'a> {
    /// What rules read of a run.
    pub fn new(workspace: &'a Workspace, knowledge: &'a Knowledge, options: &'a Options) -> Self {
        Self { workspace, knowledge, options, joins: OnceLock::new(), vllm_lists: OnceLock::new() }
    }

    /// What is known of images, containers and launches; worked out when first asked for.
    pub fn joins(&self) -> &Joins<'a> {
        self.joins.get_or_init(|| {
            Joins::new(Basis {
                workspace: self.workspace,
                knowledge: self.knowledge,
                asked: self.options.targets,
                assumed: Some(&self.options.assumed),
            })
        })
    }

    /// What is known of a vLLM that may be any of these versions. The lists of the run's own vLLM tree win where that tree
    /// may be meant: where nothing says which vLLM it is, or the tree's release is among those that may be.
    pub fn vllm(&self, range: &VersionRange) -> Vllm<'_> {
        let vllm = self.knowledge.vllm(range);
        let is_meant = || match self.workspace.vllm_version().and_then(Version::parse) {
            Some(version) => range.version().map_or(range.is_any(), |wanted| *wanted == version),
            None => range.is_any(),
        };
        match self.vllm_lists.get_or_init(|| self.workspace.vllm_lists()) {
            Some(tree) if is_meant() => vllm.with_tree(tree),
            _ => vllm,
        }
    }

    /// The images that container files outside of tests, benchmarks and examples build, by file and stage.
    pub fn images(&self) -> impl Iterator<Item = &Arc<ImageFacts<'a>>> {
        self.joins().images().iter().filter(|image| image.is_final && self.is_product(image.path.file))
    }

    /// Containers and units outside of tests, benchmarks and examples, by file; also those that documentation shows.
    pub fn containers(&self) -> impl Iterator<Item = &Arc<ContainerView<'a>>> {
        self.joins().containers().iter().filter(|view| self.is_product(view.file()))
    }

    /// Launches outside of tests, benchmarks, examples and documentation, by file.
    pub fn deployments(&self) -> impl Iterator<Item = &Deployment<'a>> {
        self.joins().deployments().iter().filter(|launch| !launch.is_shown && self.is_product(launch.file()))
    }

    /// Builds of PyTorch from source that are for AMD GPUs, outside of tests, benchmarks, examples and documentation.
    pub fn torch_builds(&self) -> impl Iterator<Item = TorchBuild<'a>> {
        let builds = self.files().flat_map(|(file, _, _)| TorchBuild::all(self.workspace, file));
        builds.filter(|build| {
            let home = build.command.home;
            let image = home.stage.and_then(|stage| self.joins().image(build.command.file, stage));
            !home.is_shown
                && match image {
                    Some(image) => image.platform.is_rocm.is_yes(),
                    None => self.touches_amd(build.command.file),
                }
        })
    }

    /// Whether a file is about AMD GPUs.
    pub fn touches_amd(&self, file: FileId) -> bool {
        self.joins().touches_amd(self.workspace, file)
    }

    /// The known targets.
    pub fn universe(&self) -> &'a Universe {
        &self.knowledge.universe
    }

    /// Files that arch rules look at: everything but tests, benchmarks and examples.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &'a SourceFile, &'a FileFacts)> + use<'a> {
        let workspace = self.workspace;
        workspace.files().filter(|(_, file, _)| is_product(file))
    }

    /// Arch sites in such files.
    pub fn sites(&self) -> impl Iterator<Item = &'a ResolvedSite> + use<'a> {
        let workspace = self.workspace;
        workspace.sites().iter().filter(|site| is_product(workspace.sources().get(site.at.file)))
    }

    /// Whether arch rules look at a file.
    pub fn is_product(&self, file: FileId) -> bool {
        is_product(self.workspace.sources().get(file))
    }

    /// A place in a file.
    pub fn place(&self, file: FileId, span: Span) -> Place {
        Place { file, span }
    }

    /// The value of a site that is a setting, without its name; else the site.
    pub fn value(&self, site: &ResolvedSite) -> Place {
        match site.fact {
            SiteFact::Setting(at) => {
                Place { file: site.at.file, span: self.workspace.facts(site.at.file).settings[at].value_span }
            }
            _ => site.at,
        }
    }

    /// `path:line`, for messages that point at another file; the path counts from the vLLM tree, or is the file's name,
    /// so that a message says the same wherever it is run.
    pub fn describe(&self, at: Place) -> String {
        let sources = self.workspace.sources();
        let path = sources.get(at.file).path.as_str();
        let below_root = self.workspace.vllm_root().and_then(|root| path.strip_prefix(root));
        let shown = below_root.unwrap_or_else(|| path.rsplit('/').next().unwrap_or_default());
        format!("{shown}:{}", sources.start(at).line)
    }
}

fn is_product(file: &SourceFile) -> bool {
    !matches!(file.section, Section::Tests | Section::Benchmarks | Section::Examples)
}
