//! Modules that `setup.py` says the build adds.

use std::sync::LazyLock;

use regex_lite::Regex;

use crate::facts::{BuiltModule, EntryPoint};
use crate::span::Span;

/// `CMakeExtension(name="vllm._C")`, `Extension("a.b", ...)`, `RustExtension("a._rust")`.
static EXTENSION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"Extension\(\s*(?:(?:name|target)\s*=\s*)?["']([A-Za-z_][\w.]*)["']"#).ok());

/// `"vllm/_C.abi3.so"` in a list of files to unpack, `write_to="vllm/_version.py"`.
static FILE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"["'](\w[\w/-]*/[\w-]+)(?:\.[\w-]+)*\.(?:so|pyd|py)["']"#).ok());

/// `re.compile(r"vllm/third_party/deep_gemm/.*")`: which files of a wheel are unpacked into the tree.
static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"re\.compile\(\s*r?["'](\w+/[\w/-]*)"#).ok());

/// `"ascend = vllm_ascend:register"`, below `entry_points=`.
static ENTRY_POINT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"["']\s*[\w.-]+\s*=\s*([A-Za-z_][\w.]*(?:\s*:\s*[A-Za-z_][\w.]*)?)\s*(?:\[[\w, -]*\])?["']"#).ok()
});

/// Reads the programs and plugins that a `setup.py` declares, as far as they are literals.
pub(super) fn entry_points(text: &str, found: &mut Vec<EntryPoint>) {
    let (Some(start), Some(pattern)) = (text.find("entry_points"), ENTRY_POINT.as_ref()) else { return };
    for target in pattern.captures_iter(&text[start..]).filter_map(|captures| captures.get(1)) {
        found.push(EntryPoint {
            target: target.as_str().to_owned(),
            span: Span::new(start + target.start(), start + target.end()),
        });
    }
}

/// Reads what a `setup.py` adds. The text alone is enough: names of modules are literals there.
pub(super) fn extract(text: &str, built: &mut Vec<BuiltModule>) {
    let mut add = |pattern: &LazyLock<Option<Regex>>, is_prefix| {
        let Some(pattern) = pattern.as_ref() else { return };
        for found in pattern.captures_iter(text).filter_map(|captures| captures.get(1)) {
            let path = found.as_str().replace('.', "/");
            built.push(BuiltModule { path, is_prefix, is_local: false, span: Span::new(found.start(), found.end()) });
        }
    };
    add(&EXTENSION, false);
    add(&FILE, false);
    add(&PATTERN, true);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_points_are_read() {
        let text = r#"
name = "a = b"
setup(entry_points={
    "vllm.platform_plugins": ["ascend = vllm_ascend:register"],
    'console_scripts': ['run=pkg.cli : main', "plain = pkg.mod", f"{x} = pkg.y:z"],
})
"#;
        let mut found = Vec::new();
        entry_points(text, &mut found);
        let told: Vec<_> = found.iter().map(|one| one.span.text(text)).collect();
        assert_eq!(told, ["vllm_ascend:register", "pkg.cli : main", "pkg.mod"]);
    }

    #[test]
    fn extensions_files_and_patterns_are_read() {
        let text = r#"
ext_modules.append(CMakeExtension(name="pkg._C", optional=True))
ext_modules.append(
    CMakeExtension("pkg.fast.ops"))
files = ["pkg/_moe.abi3.so", "pkg/plain.py", "no_folder.py"]
flash = re.compile(
    r"pkg/flash/(?:[^/.][^/]*/)*[^/]*\.py"
)
rust = re.compile(r"pkg/_rust_[^/]*\.so$")
"#;
        let mut built = Vec::new();
        extract(text, &mut built);
        let told: Vec<_> = built.iter().map(|one| (one.path.as_str(), one.is_prefix)).collect();
        assert_eq!(
            told,
            [
                ("pkg/_C", false),
                ("pkg/fast/ops", false),
                ("pkg/_moe", false),
                ("pkg/plain", false),
                ("pkg/flash/", true),
                ("pkg/_rust_", true)
            ]
        );
    }
}
