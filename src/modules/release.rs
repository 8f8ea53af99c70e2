//! Which release a vLLM tree is.

use super::graph::{join, parent};
use super::{Imports, ModuleId};

impl Imports<'_> {
    /// The release of the vLLM tree that a module lies in, where its metadata tells.
    pub fn release_around(&self, module: ModuleId) -> Option<String> {
        let tree = self.graph().vllm_around(module)?;
        let around = parent(tree);
        let metadata = join(around, "PKG-INFO");
        let installed = |path: &str| path.ends_with(".dist-info/METADATA") && parent(parent(path)) == around;
        let generated = join(tree, "_version.py");
        let stated = |path: &str| path == metadata || installed(path);
        let versions = |wanted: &dyn Fn(&str) -> bool| {
            let files = self.sources.iter().filter(|(_, file)| wanted(&file.path));
            files
                .filter_map(|(id, _)| self.facts.get(id.0 as usize))
                .flat_map(|facts| &facts.versions)
                .find(|version| version.package.is_empty() || version.package == "vllm")
        };
        versions(&stated).or_else(|| versions(&|path| path == generated)).map(|version| version.version.clone())
    }
}

/// Whether two version numbers name one release: local parts (`+rocm700`) and trailing zeros do not count.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let plain = |version: &str| {
        let version = version.trim().trim_start_matches('v');
        let version = version.split('+').next().unwrap_or_default();
        let mut parts: Vec<String> = version.split('.').map(str::to_owned).collect();
        while parts.len() > 1 && parts.last().is_some_and(|part| part == "0") {
            parts.pop();
        }
        parts
    };
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn local_parts_and_trailing_zeros_do_not_count() {
        assert!(is_same("0.11.0", "0.11"));
        assert!(is_same("v0.11.0", "0.11.0+rocm700"));
        assert!(!is_same("0.11.0", "0.11.1"));
        assert!(!is_same("0.11.0rc1", "0.11.0"));
    }
}
