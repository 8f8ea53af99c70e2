//! All facts of one run, joined: what names denote, what values amount to.

mod images;
mod lists;
mod modules;
mod nix;
mod registry;
mod resolve;
mod sites;

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::arch::{ArchSet, ArchTruth, MatchMode};
use crate::discover::Layout;
use crate::facts::{ArchExpr, Definition, FileFacts, Sense, Setting, SiteKind};
use crate::knowledge::Knowledge;
use crate::modules::{Analysis, Graph, Imports};
use crate::source::{SourceFile, Sources};
use crate::span::{FileId, Place};

pub use lists::{ArchList, ListItem, arch_list};
pub use modules::Modules;
pub use nix::NixTree;
pub use registry::{Listed, QuantizationRegistry};

/// All facts of one run.
#[derive(Debug, Default)]
pub struct Workspace {
    sources: Sources,
    facts: Vec<Arc<FileFacts>>,
    modules: Modules,
    layout: Layout,
    graph: OnceLock<Graph>,
    analysis: OnceLock<Analysis>,
    container_files: OnceLock<FxHashMap<String, Vec<FileId>>>,
    nix: OnceLock<NixTree>,
    vllm_root: OnceLock<Option<String>>,
    vllm_version: OnceLock<Option<String>>,
    sites: Vec<ResolvedSite>,
    unreadable: Vec<Unreadable>,
}

/// A file that could not be read or decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its path.
    pub path: String,
    /// Why.
    pub cause: String,
}

/// What a site denotes.
#[derive(Debug, Clone)]
pub struct ResolvedSite {
    /// Where.
    pub at: Place,
    /// What form it has.
    pub kind: SiteKind,
    /// What it defines or controls.
    pub symbol: String,
    /// Names as written there; none for a site that names another one.
    pub written: Vec<String>,
    /// How they are compared.
    pub mode: MatchMode,
    /// What its pattern covers.
    pub covers: ArchSet,
    /// Whether it applies to other targets than its pattern covers.
    pub negated: bool,
    /// The targets for which the site is true or applies.
    pub effective: ArchSet,
    /// Where its set is inherited from.
    pub via: Option<Place>,
    /// What becomes of a target for which the condition holds.
    pub sense: Sense,
    /// The fact behind it, as an index into the file's `arch_sites` or `settings`.
    pub fact: SiteFact,
}

/// The fact that a site was resolved from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteFact {
    /// `FileFacts::arch_sites[n]`.
    Condition(usize),
    /// `FileFacts::settings[n]`.
    Setting(usize),
    /// `FileFacts::prose[n]`.
    Prose(usize),
}

impl Workspace {
    /// Joins the facts of all files; `facts` is in the order of `sources`.
    pub fn join(
        sources: Sources,
        facts: Vec<Arc<FileFacts>>,
        layout: Layout,
        unreadable: Vec<Unreadable>,
        knowledge: &Knowledge,
    ) -> Self {
        let mut workspace = Self { layout, unreadable, ..Self::of_predicates(sources, facts) };
        workspace.sites = sites::resolve(&workspace, knowledge);
        workspace
    }

    /// Joins what is needed to tell what named conditions amount to; it knows of no sites, and of no folders.
    pub fn of_predicates(sources: Sources, facts: Vec<Arc<FileFacts>>) -> Self {
        Self { modules: Modules::index(&sources, &facts), sources, facts, ..Self::default() }
    }

    /// The files of the run.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The files alone. Taking thousands of files' facts apart is of no use where the program ends soon: they stay.
    pub fn into_sources(mut self) -> Sources {
        let sources = std::mem::take(&mut self.sources);
        std::mem::forget(self);
        sources
    }

    /// Every file that is checked, with its facts, in order.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile, &FileFacts)> {
        self.sources
            .iter()
            .zip(&self.facts)
            .filter(|((_, file), _)| !file.is_reference)
            .map(|((id, file), facts)| (id, file, facts.as_ref()))
    }

    /// The facts of a file.
    pub fn facts(&self, file: FileId) -> &FileFacts {
        &self.facts[file.0 as usize]
    }

    /// Every site that declares or tests a set of targets, by file and place.
    pub fn sites(&self) -> &[ResolvedSite] {
        &self.sites
    }

    /// The Python modules of the run.
    pub fn modules(&self) -> &Modules {
        &self.modules
    }

    /// What is wrong with the imports of the run; worked out when first asked for.
    pub fn import_analysis(&self) -> &Analysis {
        self.analysis.get_or_init(|| self.imports().analyse())
    }

    /// How the Nix files of the run hang together; worked out when first asked for.
    pub fn nix(&self) -> &NixTree {
        self.nix.get_or_init(|| NixTree::new(self))
    }

    /// Answers to questions about imports.
    pub fn imports(&self) -> Imports<'_> {
        let graph = self.graph.get_or_init(|| Graph::new(&self.sources, &self.facts, &self.layout));
        Imports::new(&self.sources, &self.facts, graph)
    }

    /// Whether the file is known not to lie in that folder: the folder was walked as a whole.
    pub fn lacks(&self, folder: &str, name: &str) -> bool {
        self.layout.lacks(folder, name)
    }

    /// Files that could not be read.
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    /// What a condition says of each target, names looked up from `scope` in `file`.
    pub fn truth(&self, knowledge: &Knowledge, file: FileId, scope: &str, expr: &ArchExpr) -> ArchTruth {
        resolve::Resolver::new(self, &knowledge.universe).truth(file, scope, expr)
    }

    /// The container file of the run that builds the base image of `file`, by vLLM's names for them.
    pub fn base_of(&self, file: FileId) -> Option<FileId> {
        images::base_of(self, file)
    }

    /// The `ENV` that the last stage of a container file leaves to images built on it.
    pub fn final_env(&self, file: FileId, name: &str) -> Option<&Setting> {
        images::final_env(self, file, name).map(|at| &self.facts(file).settings[at])
    }

    /// The setting behind a site, if it is one.
    pub fn setting(&self, site: &ResolvedSite) -> Option<&Setting> {
        match site.fact {
            SiteFact::Setting(at) => self.facts(site.at.file).settings.get(at),
            _ => None,
        }
    }

    /// The named conditions that tell targets apart by name, with where each is bound. Those that only compare a
    /// capability number are left out: most of them are meant for other vendors' numbers.
    pub fn predicates(&self, knowledge: &Knowledge) -> Vec<(Place, &Definition)> {
        let resolver = resolve::Resolver::new(self, &knowledge.universe);
        let all = knowledge.universe.all();
        let mut found = Vec::new();
        for (file, _, facts) in self.files() {
            for definition in &facts.definitions {
                let by_number = |expr: &ArchExpr| {
                    let mut number = false;
                    expr.visit(&mut |part| number |= matches!(part, ArchExpr::Capability { .. }));
                    number && expr.tokens().is_empty()
                };
                if by_number(&definition.expr) {
                    continue;
                }
                let ladder = definition.ladder.as_ref().is_some_and(|ladder| {
                    ladder.steps.iter().any(|(condition, _)| {
                        resolver.truth(file, &definition.name, condition).tells_targets_apart(all)
                    })
                });
                if ladder
                    || resolver.truth(file, modules::scope_of(definition), &definition.expr).tells_targets_apart(all)
                {
                    found.push((Place { file, span: definition.span }, definition));
                }
            }
        }
        found
    }

    /// The folder of the vLLM tree in the run (with a `/` at its end, or empty), if there is one: the folder that
    /// holds the package `vllm`.
    pub fn vllm_root(&self) -> Option<&str> {
        let find = || {
            self.sources.iter().filter(|(_, file)| !file.is_reference).find_map(|(_, file)| {
                let root = file.path.strip_suffix("vllm/__init__.py")?;
                (root.is_empty() || root.ends_with('/')).then(|| root.to_owned())
            })
        };
        self.vllm_root.get_or_init(find).as_deref()
    }

    /// The release of the vLLM tree in the run, where its metadata tells.
    pub fn vllm_version(&self) -> Option<&str> {
        let find = || {
            let root = self.vllm_root().unwrap_or_default();
            let metadata =
                self.files().find_map(|(_, _, facts)| facts.versions.iter().find(|version| version.package == "vllm"));
            let module = || self.facts(self.sources.find(&format!("{root}vllm/_version.py"))?).versions.first();
            metadata.or_else(module).map(|version| version.version.clone())
        };
        self.vllm_version.get_or_init(find).as_deref()
    }
}
