//! Modules that the build of a tree adds to it.

use std::sync::Arc;

use super::graph::{Graph, join, parent};
use crate::discover::Layout;
use crate::facts::FileFacts;
use crate::source::Sources;

/// Stems that a build makes.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// Modules, sorted.
    modules: Vec<String>,
    /// What stems may begin with, sorted.
    prefixes: Vec<String>,
}

impl Built {
    /// Gathers what the files of the run say.
    pub(super) fn read(sources: &Sources, facts: &[Arc<FileFacts>], layout: &Layout, graph: &Graph) -> Self {
        let mut built = Self::default();
        for ((_, file), facts) in sources.iter().zip(facts) {
            if file.language == "proto" {
                let stem = file.path.strip_suffix(".proto").unwrap_or(&file.path);
                built.modules.extend(["_pb2", "_pb2_grpc"].map(|end| format!("{stem}{end}")));
            }
            for module in &facts.built {
                let stem = match module.is_local {
                    true => join(parent(&file.path), &module.path),
                    false => join(project_of(&file.path, &module.path, graph), &module.path),
                };
                let stems = if module.is_prefix { &mut built.prefixes } else { &mut built.modules };
                stems.extend(in_root(&module.path, layout));
                stems.push(stem);
            }
            built.register(file.path.as_str(), facts, graph);
        }
        for stems in [&mut built.modules, &mut built.prefixes] {
            stems.sort();
            stems.dedup();
        }
        built
    }

    /// Takes in modules that a file puts into `sys.modules`, if they lie in its own package: mocks of tests do not count.
    fn register(&mut self, path: &str, facts: &FileFacts, graph: &Graph) {
        let Some(outline) = facts.outline.as_deref() else { return };
        let own = path.strip_suffix(".py").unwrap_or(path);
        let own = own.strip_suffix("/__init__").unwrap_or(own);
        for registered in &outline.registered {
            let name = registered.name.text.replace('.', "/");
            if registered.below_self {
                self.modules.push(format!("{own}{}", if name.starts_with('/') { name } else { format!("/{name}") }));
                continue;
            }
            let top = name.split('/').next().unwrap_or_default();
            let package = own.match_indices(top).map(|(at, _)| &own[..at]).find(|before| {
                let stem = join(before.trim_end_matches('/'), top);
                (before.is_empty() || before.ends_with('/')) && graph.is_package(&stem)
            });
            if let Some(before) = package {
                self.modules.push(join(before.trim_end_matches('/'), &name));
            }
        }
    }

    /// Whether the build may make this module, or one below it.
    pub(super) fn may_hold(&self, stem: &str) -> bool {
        let at = self.modules.partition_point(|module| module.as_str() < stem);
        let is_it =
            |module: &String| module.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let below = |module: &String| stem.strip_prefix(module.as_str()).is_some_and(|rest| rest.starts_with('/'));
        // `a/b` sorts before `a/b/c`, but `a/b-c` may stand between them.
        self.modules[at..].iter().take_while(|module| module.starts_with(stem)).any(is_it)
            || self.modules.iter().any(below)
            || self.prefixes.iter().any(|prefix| {
                stem.starts_with(prefix.as_str()) || prefix.strip_prefix(stem).is_some_and(|rest| rest.starts_with('/'))
            })
    }
}

/// The project that a file belongs to: the nearest folder around it that holds the first folder of `path`.
fn project_of<'p>(file: &'p str, path: &str, graph: &Graph) -> &'p str {
    let top = path.split('/').next().unwrap_or_default();
    let mut folder = parent(file);
    loop {
        if folder.is_empty() || graph.at(&join(folder, top)).is_some() {
            return folder;
        }
        folder = parent(folder);
    }
}

/// The stem of a built module in a package that the run starts in, where the folder around it has no name.
fn in_root(path: &str, layout: &Layout) -> Option<String> {
    let (top, rest) = path.split_once('/')?;
    let root = layout.roots.iter().find(|root| root.folder.is_empty() && root.package.as_deref() == Some(top))?;
    Some(join(&root.folder, rest))
}
