//! From what an import statement says to the module that it means.

use super::graph::{Graph, Kind, ModuleId, join, parent};
use super::stdlib;

/// What a dotted name in an import denotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// This module.
    Module(ModuleId),
    /// A module of which nothing is known: third-party, built, outside the run.
    Unknown,
    /// A module of the run that does not exist; the innermost one around it that does.
    Missing(Option<ModuleId>),
}

impl Graph {
    /// The module that `import dotted` reaches from a file in `folder`.
    pub fn absolute(&self, folder: &str, dotted: &str) -> Found {
        let first = dotted.split('.').next().unwrap_or_default();
        if stdlib::contains(first) {
            return Found::Unknown;
        }
        let own = self.bases.of(folder);
        let mut namespace = None;
        for base in own {
            match self.start(&base.package, &base.folder, dotted) {
                Some((module, rest)) if self.get(module).kind != Kind::Folder => {
                    return self.judged(&base.folder, module, rest);
                }
                start => namespace = namespace.or(start),
            }
        }
        let mut everywhere = self
            .bases
            .everywhere
            .iter()
            .filter_map(|base| self.start(&base.package, &base.folder, dotted).map(|start| (base, start)));
        let regular = everywhere.clone().find(|(_, (module, _))| self.get(*module).kind != Kind::Folder);
        if let Some((base, (module, rest))) = regular {
            // Two projects of one run that define the same package: which one is meant cannot be told.
            let ambiguous = everywhere.any(|(_, (other, _))| other != module && self.get(other).kind != Kind::Folder);
            return if ambiguous { Found::Unknown } else { self.judged(&base.folder, module, rest) };
        }
        // A plain folder may as well stand for an installed package of its name: it is believed only where all is there.
        match namespace.map(|(module, rest)| self.descend(module, rest)) {
            Some(Found::Module(module)) if self.get(module).kind != Kind::Folder => Found::Module(module),
            _ => Found::Unknown,
        }
    }

    /// The module that the first part of a dotted name is in a base, and the rest of the name.
    fn start<'d>(&self, package: &str, folder: &str, dotted: &'d str) -> Option<(ModuleId, &'d str)> {
        if package.is_empty() {
            let (first, rest) = dotted.split_once('.').unwrap_or((dotted, ""));
            return self.at(&join(folder, first)).map(|module| (module, rest));
        }
        let rest = dotted.strip_prefix(package)?;
        let rest = if rest.is_empty() { rest } else { rest.strip_prefix('.')? };
        self.at(folder).map(|module| (module, rest))
    }

    /// Follows a name from its first module. Among installed packages only vLLM and what is made for it is of interest.
    fn judged(&self, base: &str, module: ModuleId, rest: &str) -> Found {
        let stem = &self.get(module).stem;
        if self.bases.is_site(base) && !stem.rsplit('/').next().unwrap_or_default().contains("vllm") {
            return Found::Unknown;
        }
        self.descend(module, rest)
    }

    /// The module that `from {dots}{rest} import` reaches from a file in `folder`.
    pub fn relative(&self, folder: &str, level: u16, rest: &str) -> Found {
        let laid_over = self.laid_over(folder);
        let folder = laid_over.as_deref().unwrap_or(folder);
        let in_package = self.is_package(folder);
        let mut current = folder;
        for _ in 1..level {
            let is_edge = current.is_empty() || !self.walked.contains(parent(current));
            if let Some(root) = self.bases.roots.iter().find(|root| is_edge && root.folder == current) {
                // Above the folder that the run starts from nothing is known, but a package's end is.
                let is_beyond = root.package.as_ref().map_or(in_package, |package| !package.contains('.'));
                return if is_beyond { Found::Missing(None) } else { Found::Unknown };
            }
            if current.is_empty() {
                return if in_package { Found::Missing(None) } else { Found::Unknown };
            }
            current = parent(current);
        }
        let found = self.at(current).map_or(Found::Unknown, |module| self.descend(module, rest));
        // A file outside of any package cannot be imported as it lies here: it is kept to be copied into one.
        if matches!(found, Found::Missing(_)) && !self.is_in_package(folder) { Found::Unknown } else { found }
    }

    /// Whether a folder is a package with `__init__.py`, or lies in one.
    fn is_in_package(&self, folder: &str) -> bool {
        let starts_inside = |folder: &str| {
            self.bases
                .roots
                .iter()
                .any(|root| root.folder == folder && root.package.as_ref().is_some_and(|name| !name.is_empty()))
        };
        let mut current = folder;
        loop {
            if self.is_package(current) || starts_inside(current) {
                return true;
            }
            if current.is_empty() {
                return false;
            }
            current = parent(current);
        }
    }

    /// The module below `module` that the rest of a dotted name means.
    pub(super) fn descend(&self, module: ModuleId, rest: &str) -> Found {
        let mut current = module;
        for name in rest.split('.').filter(|name| !name.is_empty()) {
            match self.child(current, name) {
                Found::Module(child) => current = child,
                other => return other,
            }
        }
        Found::Module(current)
    }

    /// The submodule of that name.
    pub(super) fn child(&self, module: ModuleId, name: &str) -> Found {
        let parent = self.get(module);
        let stem = join(&parent.stem, name);
        let below = if parent.is_package() { self.at(&stem) } else { None };
        if let Some(child) = below
            && (self.get(child).kind != Kind::Folder || !self.built.may_hold(&stem))
        {
            return Found::Module(child);
        }
        let is_open = match parent.kind {
            Kind::Compiled => true,
            Kind::Plain => parent.file.is_none(),
            Kind::Package | Kind::Folder => parent.open_path || !self.walked.contains(&parent.stem),
        };
        if is_open || below.is_some() || self.built.may_hold(&stem) || !name.is_ascii() {
            Found::Unknown
        } else {
            Found::Missing(Some(module))
        }
    }
}
