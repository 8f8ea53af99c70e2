//! Where names that an import does not find live now.

use rustc_hash::{FxHashMap, FxHashSet};

use super::definers::{self, Definer, DefinerKind};
use super::graph::parent;
use super::similar::is_similar;
use super::usage::Usage;
use super::{Answer, Failure, Fault, Imports, Mode, ModuleId};
use crate::span::{FileId, Place, Span};

/// A place where a name lives, or a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// The module to import from.
    pub module: ModuleId,
    /// Its dotted name.
    pub dotted: String,
    /// What the name is called there, if it is called otherwise.
    pub renamed: Option<String>,
    /// The definition; for a module, the start of its file.
    pub at: Place,
}

/// Definitions of all names that the faults of a run want.
pub struct Homes<'i, 'a> {
    imports: &'i Imports<'a>,
    definers: FxHashMap<&'a str, Vec<Definer>>,
    usage: Usage<'a>,
    /// Modules by the last part of their name.
    by_last: FxHashMap<&'i str, Vec<ModuleId>>,
}

/// More values of one name than this, as with `logger`, and none of them is meant.
const COMMON_VALUES: usize = 4;
/// The same for classes and functions.
const COMMON_CODE: usize = 8;

impl<'i, 'a> Homes<'i, 'a> {
    /// Looks for the names that these faults want.
    pub fn of(imports: &'i Imports<'a>, faults: &[Fault<'a>], more: &[&str]) -> Self {
        let wanted: FxHashSet<&str> = faults
            .iter()
            .flat_map(|fault| fault.import.names.iter().map(|item| &*item.name))
            .chain(more.iter().copied())
            .collect();
        let mut homes = Self {
            imports,
            definers: definers::collect(imports, &wanted, faults),
            usage: Usage::default(),
            by_last: FxHashMap::default(),
        };
        if wanted.is_empty() {
            return homes;
        }
        for (module, data) in imports.graph().iter() {
            homes.by_last.entry(data.stem.rsplit('/').next().unwrap_or_default()).or_default().push(module);
        }
        homes.usage = Usage::read(imports, &wanted);
        homes
    }

    /// Whether anything in the package that a fault is about bears the missing name.
    pub fn exists(&self, fault: &Fault<'a>) -> bool {
        let graph = self.imports.graph();
        let (Some(item), Some(target), Failure::Name) = (fault.item, fault.target, fault.failure) else { return false };
        let tree = graph.package_around(target);
        let own = graph.of_file(fault.file);
        self.definers
            .get(&*item.name)
            .into_iter()
            .flatten()
            .any(|definer| Some(definer.module) != own && graph.package_around(definer.module) == tree)
    }

    /// Where the name that a fault misses lives now, best first; empty where nothing is known of it.
    pub fn of_fault(&self, fault: &Fault<'a>) -> Vec<Home> {
        match (fault.failure, fault.target) {
            (Failure::Name, Some(module)) => {
                self.of_name(fault.item.map_or("", |item| &item.name), module, Some(fault.file))
            }
            (Failure::Module, target) => self.of_module(fault, target),
            _ => Vec::new(),
        }
    }

    /// Where a name that `module` lacks lives; in the same package as `module`.
    pub fn of_name(&self, name: &str, module: ModuleId, user: Option<FileId>) -> Vec<Home> {
        let graph = self.imports.graph();
        let tree = graph.package_around(module);
        let own = user.and_then(|user| graph.of_file(user));
        let asked = graph.name(module);
        let within = |definer: &&Definer| {
            Some(definer.module) != own && definer.module != module && graph.package_around(definer.module) == tree
        };
        let all: Vec<&Definer> = self.definers.get(name).into_iter().flatten().filter(within).collect();
        let count = |kind| all.iter().filter(|definer| definer.kind == kind).count();
        if count(DefinerKind::Code) == 0 && count(DefinerKind::Value) > COMMON_VALUES
            || count(DefinerKind::Code) > COMMON_CODE
        {
            return Vec::new();
        }
        let has_definition = all.iter().any(|definer| definer.kind != DefinerKind::Import);
        // Modules that merely import something under the name show how they cope with the rename.
        let renamed = if has_definition { Vec::new() } else { self.renamed(name, module) };
        if !renamed.is_empty() {
            return renamed;
        }
        let mut ranked: Vec<_> = all
            .into_iter()
            .filter(|definer| !has_definition || definer.kind != DefinerKind::Import)
            .filter(|definer| self.imports.lookup(definer.module, name, Mode::Run) != Answer::Missing)
            .map(|definer| {
                let dotted = graph.name(definer.module);
                let is_below = dotted.strip_prefix(&asked).is_some_and(|rest| rest.starts_with('.'));
                let rank = (
                    definer.kind,
                    !is_below,
                    std::cmp::Reverse(shared(&dotted, &asked)),
                    dotted.matches('.').count(),
                    dotted.clone(),
                );
                (rank, definer, dotted)
            })
            .collect();
        ranked.sort_by(|a, b| a.0.cmp(&b.0));
        let mut homes: Vec<Home> = Vec::new();
        for (_, definer, _) in ranked {
            // Several definitions may amount to one package that re-exports them.
            let home = self.preferred(name, definer, user);
            homes.extend(home.filter(|home| homes.iter().all(|known| known.module != home.module)));
        }
        homes
    }

    /// The home that a definition amounts to: the module itself, or a package around it that re-exports the name.
    fn preferred(&self, name: &str, definer: &Definer, user: Option<FileId>) -> Option<Home> {
        let graph = self.imports.graph();
        let at = Place { file: graph.get(definer.module).file?, span: definer.span };
        let packages = self.packages_around(definer.module);
        let offering = packages.filter(|module| self.imports.lookup(*module, name, Mode::Run) == Answer::Offered);
        let offers: Vec<ModuleId> = std::iter::once(definer.module).chain(offering).collect();
        let module = self.usage.best(self.imports, &offers, name, user).unwrap_or(definer.module);
        Some(Home { module, dotted: graph.name(module), renamed: None, at })
    }

    /// The packages around a module, inside out.
    fn packages_around(&self, module: ModuleId) -> impl Iterator<Item = ModuleId> + '_ {
        let graph = self.imports.graph();
        let own = parent(&graph.get(module).stem);
        let around = std::iter::successors(Some(own), |folder| (!folder.is_empty()).then(|| parent(folder)));
        around.take_while(|folder| graph.is_package(folder)).filter_map(|folder| graph.at(folder))
    }

    /// Whether a module is a package that a file lies in, or the file itself.
    fn is_around(&self, module: ModuleId, file: FileId) -> bool {
        let graph = self.imports.graph();
        graph.of_file(file).is_some_and(|own| own == module || self.packages_around(own).any(|around| around == module))
    }

    /// Whether a module bears a name, other than by an import that fails itself.
    fn bears(&self, module: ModuleId, name: &str) -> bool {
        self.definers.get(name).into_iter().flatten().any(|definer| definer.module == module)
    }

    /// A name of the same module that the wanted one was surely renamed to.
    fn renamed(&self, name: &str, module: ModuleId) -> Vec<Home> {
        let graph = self.imports.graph();
        let (Some(outline), Some(file)) = (self.imports.outline_of(module), graph.get(module).file) else {
            return Vec::new();
        };
        let mut alike: Vec<_> = outline
            .bindings
            .iter()
            .filter(|binding| binding.context.runs() && is_similar(name, &binding.name))
            .collect();
        alike.dedup_by(|a, b| a.name == b.name);
        match alike.as_slice() {
            [one] => vec![Home {
                module,
                dotted: graph.name(module),
                renamed: Some(one.name.to_string()),
                at: Place { file, span: one.span },
            }],
            _ => Vec::new(),
        }
    }

    /// Which module stands for one that is missing: it has the same name elsewhere, or all that is imported from it.
    fn of_module(&self, fault: &Fault<'a>, target: Option<ModuleId>) -> Vec<Home> {
        let graph = self.imports.graph();
        let Some(tree) = target.or_else(|| graph.of_file(fault.file)).map(|target| graph.package_around(target)) else {
            return Vec::new();
        };
        let last = fault.module.rsplit('.').next().unwrap_or_default();
        let names: Vec<&str> = fault
            .import
            .from
            .iter()
            .flat_map(|_| fault.import.names.iter().map(|item| &*item.name))
            .filter(|name| *name != "*")
            .collect();
        let same = self.by_last.get(last).into_iter().flatten().copied();
        let defining = names
            .iter()
            .filter_map(|name| self.definers.get(name))
            .flatten()
            .filter(|definer| definer.kind != DefinerKind::Import)
            .flat_map(|definer| std::iter::once(definer.module).chain(self.packages_around(definer.module)))
            .filter(|&module| !self.is_around(module, fault.file));
        let mut candidates: Vec<ModuleId> = same
            .chain(defining)
            .filter(|&module| graph.package_around(module) == tree && graph.get(module).file.is_some())
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let mut ranked: Vec<_> = candidates
            .into_iter()
            .filter_map(|module| {
                let offered = names
                    .iter()
                    .filter(|name| {
                        matches!(self.imports.lookup(module, name, Mode::Run), Answer::Offered | Answer::Submodule(_))
                    })
                    .count();
                let dotted = graph.name(module);
                let has_name = dotted.rsplit('.').next() == Some(last);
                let bears = |name: &&str| self.bears(module, name);
                if offered < names.len() || !has_name && (names.is_empty() || !names.iter().all(bears)) {
                    return None;
                }
                let usual: u32 = names.iter().map(|name| self.usage.of(module, name)).sum();
                Some((
                    (
                        !has_name,
                        std::cmp::Reverse(usual),
                        std::cmp::Reverse(shared(&dotted, &fault.module)),
                        dotted.matches('.').count(),
                        dotted.clone(),
                    ),
                    module,
                    dotted,
                ))
            })
            .collect();
        ranked.sort_by(|a, b| a.0.cmp(&b.0));
        if ranked.len() > COMMON_CODE {
            return Vec::new();
        }
        let home = |(_, module, dotted): (_, ModuleId, String)| {
            let file = graph.get(module).file?;
            Some(Home { module, dotted, renamed: None, at: Place { file, span: Span::default() } })
        };
        ranked.into_iter().filter_map(home).collect()
    }
}

/// How many leading parts two dotted names share.
fn shared(one: &str, other: &str) -> usize {
    one.split('.').zip(other.split('.')).take_while(|(a, b)| a == b).count()
}
