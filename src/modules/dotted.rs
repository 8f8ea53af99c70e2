//! The dotted names of modules.

use super::Imports;
use super::graph::{Graph, ModuleId, parent};
use crate::span::FileId;

impl Graph {
    /// The dotted name of a module, from the outermost package of its project.
    pub fn name(&self, module: ModuleId) -> String {
        self.name_of(&self.get(module).stem)
    }

    /// The dotted name that a stem has.
    pub(super) fn name_of(&self, stem: &str) -> String {
        let mut top = None;
        for folder in above(stem) {
            if let Some(root) = self.bases.roots.iter().find(|root| root.folder == folder)
                && let Some(package) = &root.package
            {
                return dots(package, below(stem, folder));
            }
            if self.is_package(folder) {
                top = Some(folder);
            } else if top.is_some() && self.bases.is_project(folder) {
                break;
            }
        }
        let base = match top {
            Some(top) => parent(top),
            None => above(stem)
                .find(|folder| self.bases.roots.iter().any(|root| root.folder == *folder))
                .unwrap_or_else(|| parent(stem)),
        };
        below(stem, base).replace('/', ".")
    }

    /// The stem of the vLLM package that a module lies in.
    pub fn vllm_around(&self, module: ModuleId) -> Option<&str> {
        let stem = &self.get(module).stem;
        let is_vllm = |folder: &str| {
            let is_root =
                || self.bases.roots.iter().any(|root| root.folder == folder && root.package.as_deref() == Some("vllm"));
            self.is_package(folder) && (folder.rsplit('/').next() == Some("vllm") || is_root())
        };
        above(stem).filter(|folder| is_vllm(folder)).last()
    }

    /// The stem of the outermost package that a module lies in; its own where it lies in none.
    pub fn package_around(&self, module: ModuleId) -> &str {
        let stem = &self.get(module).stem;
        above(stem).filter(|folder| self.is_package(folder)).last().unwrap_or(stem)
    }
}

impl Imports<'_> {
    /// The absolute name that a relative import in a file means, whether it exists or not; as written where it leads
    /// out of the outermost package.
    pub(super) fn relative_name(&self, file: FileId, level: u16, rest: &str) -> String {
        let folder = parent(&self.sources.get(file).path);
        let laid_over = self.graph().laid_over(folder);
        let folder = laid_over.as_deref().unwrap_or(folder);
        let package = self.graph().name_of(folder);
        let mut parts: Vec<&str> = package.split('.').filter(|part| !part.is_empty()).collect();
        let up = usize::from(level).saturating_sub(1);
        if up >= parts.len() {
            return format!("{}{rest}", ".".repeat(usize::from(level)));
        }
        parts.truncate(parts.len() - up);
        dots(&parts.join("."), rest)
    }
}

/// A stem and the folders around it, inside out; the working directory is the last.
fn above(stem: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(stem), |folder| (!folder.is_empty()).then(|| parent(folder)))
}

/// What a stem has beyond a folder.
fn below<'s>(stem: &'s str, folder: &str) -> &'s str {
    stem.strip_prefix(folder).unwrap_or(stem).trim_start_matches('/')
}

fn dots(package: &str, rest: &str) -> String {
    let rest = rest.replace('/', ".");
    if rest.is_empty() || package.is_empty() { format!("{package}{rest}") } else { format!("{package}.{rest}") }
}
