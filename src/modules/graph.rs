//! Which modules exist, by stem.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::bases::Bases;
use super::built::Built;
use crate::discover::Layout;
use crate::facts::FileFacts;
use crate::source::Sources;
use crate::span::FileId;

/// The index of a module in its [`Graph`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(u32);

impl ModuleId {
    /// The index as a number.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What makes a module. Where several things bear one stem, the later one in this list wins, as with CPython.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A folder without `__init__.py`: a namespace package, if it is imported.
    Folder,
    /// `name.py`.
    Plain,
    /// `name.abi3.so`: its names are unknown.
    Compiled,
    /// A folder with `__init__.py`.
    Package,
}

/// A module of the run.
#[derive(Debug, Clone)]
pub struct Module {
    /// Its path without `.py` or `/__init__.py`.
    pub stem: Box<str>,
    /// What it is made of.
    pub kind: Kind,
    /// The file that was read; none for folders, compiled modules and files that a gitignore file hides.
    pub file: Option<FileId>,
    /// Whether submodules may lie outside its folder (`__path__` is altered).
    pub open_path: bool,
}

impl Module {
    /// Whether submodules can lie below it.
    pub fn is_package(&self) -> bool {
        matches!(self.kind, Kind::Package | Kind::Folder)
    }

    /// Whether what it binds is not known.
    pub fn is_opaque(&self) -> bool {
        self.file.is_none() && self.kind != Kind::Folder
    }
}

/// The modules of a run.
#[derive(Debug, Default)]
pub struct Graph {
    pub(super) modules: Vec<Module>,
    pub(super) by_stem: FxHashMap<Box<str>, ModuleId>,
    by_file: FxHashMap<FileId, ModuleId>,
    /// Folders of which all entries are known.
    pub(super) walked: FxHashSet<Box<str>>,
    pub(super) built: Built,
    pub(super) bases: Bases,
    overlay: Option<Overlay>,
}

/// A folder of changed files, and the package that they are laid over.
#[derive(Debug)]
struct Overlay {
    changed: String,
    package: String,
}

impl Overlay {
    /// Some folder `vllm` without `__init__.py` among what is checked, if there is a whole package to look up in.
    fn find(sources: &Sources, layout: &Layout) -> Option<Self> {
        let is_init = |path: &str| path == "vllm/__init__.py" || path.ends_with("/vllm/__init__.py");
        let (_, init) = sources.iter().find(|(_, file)| file.is_reference && is_init(&file.path))?;
        let package = parent(&init.path).to_owned();
        let folders = layout.roots.iter().map(|root| join(&root.folder, "vllm"));
        let is_patch = |folder: &String| {
            *folder != package
                && layout.folders.binary_search(folder).is_ok()
                && sources.find(&join(folder, "__init__.py")).is_none()
        };
        folders.into_iter().find(is_patch).map(|changed| Self { changed, package })
    }

    /// Where a path of the changed files would lie in the package.
    fn target(&self, path: &str) -> Option<String> {
        let rest = path.strip_prefix(&self.changed)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| format!("{}{rest}", self.package))
    }
}

impl Graph {
    /// Indexes the Python files of a run; `facts` is in the order of `sources`.
    pub fn new(sources: &Sources, facts: &[Arc<FileFacts>], layout: &Layout) -> Self {
        let mut graph = Self { overlay: Overlay::find(sources, layout), ..Self::default() };
        graph.walked.extend(layout.folders.iter().map(|folder| Box::from(folder.as_str())));
        for (id, file) in sources.iter().filter(|(_, file)| file.language == "python" && file.path.ends_with(".py")) {
            graph.add_file(&file.path, Some(id), facts.get(id.0 as usize).map(Arc::as_ref));
        }
        for path in &layout.files {
            if path.ends_with(".py") {
                graph.add_file(path, None, None);
            } else if let Some(stem) = compiled_stem(path) {
                graph.add(stem, Kind::Compiled, None);
            }
        }
        for folder in &layout.folders {
            graph.add(folder, Kind::Folder, None);
        }
        graph.lay_over(sources);
        graph.built = Built::read(sources, facts, layout, &graph);
        graph.bases = Bases::read(sources, layout, &graph);
        graph
    }

    /// Puts changed files in the place of those that they stand for.
    fn lay_over(&mut self, sources: &Sources) {
        let Some(overlay) = self.overlay.take() else { return };
        for (id, file) in sources.iter().filter(|(_, file)| !file.is_reference && file.path.ends_with(".py")) {
            let Some(path) = overlay.target(&file.path) else { continue };
            self.add_file(&path, Some(id), None);
            if let Some(module) = self.of_file(id).and_then(|module| self.modules.get_mut(module.index())) {
                module.file = Some(id);
            }
        }
        self.overlay = Some(overlay);
    }

    /// The folder that the relative imports of files in a folder count from.
    pub(super) fn laid_over(&self, folder: &str) -> Option<String> {
        self.overlay.as_ref().and_then(|overlay| overlay.target(folder))
    }

    fn add_file(&mut self, path: &str, file: Option<FileId>, facts: Option<&FileFacts>) {
        let stem = path.strip_suffix(".py").unwrap_or(path);
        let (stem, kind) = match stem.strip_suffix("__init__") {
            Some("") => ("", Kind::Package),
            Some(folder) if folder.ends_with('/') => (&folder[..folder.len() - 1], Kind::Package),
            _ => (stem, Kind::Plain),
        };
        let mut above = stem;
        while let Some((folder, _)) = above.rsplit_once('/') {
            if self.by_stem.contains_key(folder) {
                break;
            }
            self.add(folder, Kind::Folder, None);
            above = folder;
        }
        let id = self.add(stem, kind, file);
        if let Some(file) = file {
            // A file that a package of the same name hides is still a module to the imports in it.
            self.by_file.insert(file, id);
        }
        let open = facts.and_then(|facts| facts.outline.as_ref()).is_some_and(|outline| outline.path_altered.is_some());
        if open && let Some(module) = self.modules.get_mut(id.index()) {
            module.open_path = true;
        }
    }

    /// Takes a module in, unless something of a higher rank bears its stem.
    fn add(&mut self, stem: &str, kind: Kind, file: Option<FileId>) -> ModuleId {
        if let Some(&id) = self.by_stem.get(stem) {
            let module = &mut self.modules[id.index()];
            if kind > module.kind {
                (module.kind, module.file) = (kind, file);
            }
            return id;
        }
        let id = ModuleId(u32::try_from(self.modules.len()).unwrap_or(u32::MAX));
        self.modules.push(Module { stem: stem.into(), kind, file, open_path: false });
        self.by_stem.insert(stem.into(), id);
        id
    }

    /// A module.
    pub fn get(&self, id: ModuleId) -> &Module {
        &self.modules[id.index()]
    }

    /// The number of modules.
    pub fn len(&self) -> usize {
        self.modules.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }

    /// Every module.
    pub fn iter(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.modules.iter().zip(0u32..).map(|(module, id)| (ModuleId(id), module))
    }

    /// The module that a file is.
    pub fn of_file(&self, file: FileId) -> Option<ModuleId> {
        self.by_file.get(&file).copied()
    }

    /// The module of that stem.
    pub(super) fn at(&self, stem: &str) -> Option<ModuleId> {
        self.by_stem.get(stem).copied()
    }

    /// Whether a stem is a folder with `__init__.py`.
    pub(super) fn is_package(&self, stem: &str) -> bool {
        self.at(stem).is_some_and(|id| self.get(id).kind == Kind::Package)
    }

    /// Which places an absolute name is looked up in from a folder; none where nothing is known of it.
    pub(super) fn bases_of(&self, folder: &str) -> Option<usize> {
        self.bases.list_of(folder)
    }
}

/// The stem of an extension module, or of what Cython makes one of: `vllm/_C.abi3.so` is `vllm/_C`.
fn compiled_stem(path: &str) -> Option<&str> {
    let name_at = path.rfind('/').map_or(0, |at| at + 1);
    if ![".so", ".pyd", ".pyx"].iter().any(|end| path.ends_with(end)) {
        return None;
    }
    let dot = path[name_at..].find('.')?;
    (dot > 0).then(|| &path[..name_at + dot])
}

/// The folder that a stem or path lies in; empty for the working directory.
pub(super) fn parent(stem: &str) -> &str {
    stem.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The stem of `name` in a folder.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
