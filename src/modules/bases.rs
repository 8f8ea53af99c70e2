//! Where absolute imports are looked up: the folders that are on Python's path, as far as a tree tells.

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::{Graph, join, parent};
use crate::discover::{Layout, Root};
use crate::source::Sources;

/// A folder in which the first part of a dotted name is looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Base {
    /// The dotted name that the folder itself bears, where a run starts inside a package; else empty.
    pub(super) package: Box<str>,
    /// The folder.
    pub(super) folder: Box<str>,
}

/// The bases of a run.
#[derive(Debug, Default)]
pub(super) struct Bases {
    /// Those of the files in a folder, as an index into `lists`: most folders of a tree share theirs.
    by_folder: FxHashMap<Box<str>, usize>,
    /// Bases, nearest first.
    lists: Vec<Vec<Base>>,
    /// Those that hold for every file: where runs, projects and installed packages start.
    pub(super) everywhere: Vec<Base>,
    /// The folders that the run starts from.
    pub(super) roots: Vec<Root>,
    /// Folders that hold installed distributions.
    sites: FxHashSet<Box<str>>,
    /// Folders with project metadata.
    projects: FxHashSet<Box<str>>,
}

impl Base {
    fn folder(folder: &str) -> Self {
        Self { package: Box::from(""), folder: folder.into() }
    }

    /// The base that a root of the run is.
    fn root(root: &Root) -> Self {
        Self { package: root.package.as_deref().unwrap_or_default().into(), folder: root.folder.as_str().into() }
    }
}

impl Bases {
    /// Works out the bases of every folder that holds Python files.
    pub(super) fn read(sources: &Sources, layout: &Layout, graph: &Graph) -> Self {
        let mut bases = Self { roots: layout.roots.clone(), ..Self::default() };
        let marks = ["setup.py", "PKG-INFO", "pyproject.toml"];
        let paths = sources.iter().map(|(_, file)| file.path.as_str()).chain(layout.files.iter().map(String::as_str));
        bases.projects.extend(
            paths
                .filter(|path| marks.contains(&path.rsplit('/').next().unwrap_or_default()))
                .map(|path| Box::from(parent(path))),
        );
        bases.sites.extend(
            layout
                .folders
                .iter()
                .filter(|folder| folder.ends_with(".dist-info"))
                .map(|folder| Box::from(parent(folder))),
        );
        let mut everywhere: Vec<Base> = layout.roots.iter().map(Base::root).collect();
        let mut projects: Vec<&str> = bases.projects.iter().chain(&bases.sites).map(AsRef::as_ref).collect();
        projects.sort_unstable();
        for folder in projects {
            everywhere.push(Base::folder(folder));
            let inner = join(folder, "src");
            if graph.at(&inner).is_some() {
                everywhere.push(Base::folder(&inner));
            }
        }
        bases.everywhere = unique(everywhere);
        let mut known: FxHashMap<Vec<Base>, usize> = FxHashMap::default();
        for (_, file) in sources.iter().filter(|(_, file)| file.language == "python") {
            let folder = parent(&file.path);
            if !bases.by_folder.contains_key(folder) {
                let own = bases.of_folder(folder, graph);
                let list = *known.entry(own).or_insert_with_key(|own| {
                    bases.lists.push(own.clone());
                    bases.lists.len() - 1
                });
                bases.by_folder.insert(folder.into(), list);
            }
        }
        bases
    }

    /// The bases of the files in a folder, nearest first.
    fn of_folder(&self, folder: &str, graph: &Graph) -> Vec<Base> {
        let mut own = Vec::new();
        let above: Vec<&str> =
            std::iter::successors(Some(folder), |folder| (!folder.is_empty()).then(|| parent(folder))).collect();
        let root_at = |folder: &str| self.roots.iter().find(|root| root.folder == folder);
        // The outermost package counts: an inner one below a folder without `__init__.py` is on the path only where
        // project metadata or the run's own paths put it there, and its name may be that of an installed package.
        match above.iter().rfind(|folder| graph.is_package(folder)) {
            Some(top) if !top.is_empty() => own.push(Base::folder(parent(top))),
            Some(_) => {}
            // A script's own folder comes first on the path.
            None => own.push(Base::folder(folder)),
        }
        let is_test = |top: &&&str| top.rsplit('/').next().is_some_and(|name| name == "tests" || name == "test");
        if !graph.is_package(folder) && above.iter().rfind(|folder| graph.is_package(folder)).filter(is_test).is_some()
        {
            // pytest puts the folder of a test that is in no package on the path.
            own.insert(0, Base::folder(folder));
        }
        for folder in above {
            if let Some(root) = root_at(folder) {
                own.push(Base::root(root));
            }
            if self.projects.contains(folder) {
                own.push(Base::folder(folder));
                own.push(Base::folder(&join(folder, "src")));
            }
        }
        unique(own)
    }

    /// The bases of the files in a folder, nearest first.
    pub(super) fn of(&self, folder: &str) -> &[Base] {
        self.list_of(folder).map_or(&[], |list| &self.lists[list])
    }

    /// Which bases those of a folder are: an absolute name means the same wherever they are the same.
    pub(super) fn list_of(&self, folder: &str) -> Option<usize> {
        self.by_folder.get(folder).copied()
    }

    /// Whether a folder holds installed distributions.
    pub(super) fn is_site(&self, folder: &str) -> bool {
        self.sites.contains(folder)
    }

    /// Whether a folder has project metadata.
    pub(super) fn is_project(&self, folder: &str) -> bool {
        self.projects.contains(folder)
    }
}

/// The same without repetitions, in order.
fn unique(bases: Vec<Base>) -> Vec<Base> {
    let mut seen = FxHashSet::default();
    bases.into_iter().filter(|base| seen.insert(base.clone())).collect()
}
