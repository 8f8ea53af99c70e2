//! Which file is which Python module, and what its definitions are called.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::facts::{Definition, FileFacts};
use crate::source::Sources;
use crate::span::FileId;

/// The Python modules of a run, and all named conditions by file.
#[derive(Debug, Default)]
pub struct Modules {
    by_name: FxHashMap<String, FileId>,
    names: FxHashMap<FileId, String>,
    definitions: FxHashMap<(FileId, String), Vec<usize>>,
    methods: FxHashMap<String, Vec<(FileId, usize)>>,
    macros: FxHashMap<String, Vec<(FileId, usize)>>,
}

impl Modules {
    /// Indexes the files of a run.
    pub fn index(sources: &Sources, facts: &[Arc<FileFacts>]) -> Self {
        let mut modules = Self::default();
        let mut packages = Packages { sources, names: FxHashMap::default() };
        for ((id, file), facts) in sources.iter().zip(facts).filter(|((_, file), _)| !file.is_reference) {
            if file.language == "python" {
                let name = packages.module(&file.path);
                modules.by_name.entry(name.clone()).or_insert(id);
                modules.names.insert(id, name);
            }
            for (at, definition) in facts.definitions.iter().enumerate() {
                modules.definitions.entry((id, definition.name.clone())).or_default().push(at);
                if file.language != "python" {
                    modules.macros.entry(definition.name.clone()).or_default().push((id, at));
                } else if let Some((_, method)) = definition.name.rsplit_once('.') {
                    modules.methods.entry(method.to_owned()).or_default().push((id, at));
                }
            }
        }
        modules
    }

    /// The file of a module.
    pub fn file(&self, module: &str) -> Option<FileId> {
        self.by_name.get(module).copied()
    }

    /// The module that a file is.
    pub fn name(&self, file: FileId) -> &str {
        self.names.get(&file).map_or("", String::as_str)
    }

    /// The definitions of a dotted name in a file, as indices.
    pub fn definitions(&self, file: FileId, name: &str) -> &[usize] {
        self.definitions.get(&(file, name.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// The methods and class attributes of that name.
    pub fn methods(&self, name: &str) -> &[(FileId, usize)] {
        self.methods.get(name).map_or(&[], Vec::as_slice)
    }

    /// The macros and host functions of that name, in any file.
    pub fn natives(&self, name: &str) -> &[(FileId, usize)] {
        self.macros.get(name).map_or(&[], Vec::as_slice)
    }

    /// The absolute module that an import in `file` names; leading dots count from the file's package.
    pub fn absolute(&self, sources: &Sources, file: FileId, module: &str) -> Option<String> {
        let dots = module.bytes().take_while(|&byte| byte == b'.').count();
        if dots == 0 {
            return Some(module.to_owned());
        }
        let is_package = sources.get(file).path.ends_with("/__init__.py");
        let mut package: Vec<&str> = self.name(file).split('.').collect();
        for _ in usize::from(is_package)..dots {
            package.pop()?;
        }
        let rest = &module[dots..];
        package.extend((!rest.is_empty()).then_some(rest));
        Some(package.join("."))
    }
}

/// The dotted names of folders, each worked out once.
struct Packages<'s> {
    sources: &'s Sources,
    names: FxHashMap<&'s str, String>,
}

impl<'s> Packages<'s> {
    /// The dotted name of a Python file: from the outermost folder that is a package.
    fn module(&mut self, path: &'s str) -> String {
        let stem = path.strip_suffix(".pyi").or_else(|| path.strip_suffix(".py")).unwrap_or(path);
        let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
        let package = self.package(folder);
        match (package.as_str(), name) {
            ("", "__init__") => folder.rsplit('/').next().unwrap_or_default().to_owned(),
            (_, "__init__") => package,
            ("", _) => name.to_owned(),
            _ => format!("{package}.{name}"),
        }
    }

    /// The dotted name of a folder; empty where it is no package.
    fn package(&mut self, folder: &'s str) -> String {
        if folder.is_empty() {
            return String::new();
        }
        if let Some(name) = self.names.get(folder) {
            return name.clone();
        }
        let (around, own) = folder.rsplit_once('/').unwrap_or(("", folder));
        let name = match self.sources.find(&format!("{folder}/__init__.py")).map(|_| self.package(around)) {
            None => String::new(),
            Some(around) if around.is_empty() => own.to_owned(),
            Some(around) => format!("{around}.{own}"),
        };
        self.names.insert(folder, name.clone());
        name
    }
}

/// Where a definition stands, by file and index.
pub(super) type DefinitionAt = (FileId, usize);

/// The scope in which the names of a definition are looked up.
pub(super) fn scope_of(definition: &Definition) -> &str {
    match definition.kind {
        crate::facts::DefinitionKind::Function => &definition.name,
        _ => definition.name.rsplit_once('.').map_or("", |(scope, _)| scope),
    }
}
