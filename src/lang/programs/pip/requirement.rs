//! Packages as pip's command line and requirements files name them (PEP 508, packaging.python.org).

use crate::facts::{Package, Word};

/// The package that a word names; none for an empty word.
pub(crate) fn package(word: Word) -> Option<Package> {
    let text = word.text.with_gaps();
    let text = text.split(" ;").next().unwrap_or_default().trim();
    if text.is_empty() {
        return None;
    }
    if let Some((name, address)) = text.split_once('@').filter(|(name, address)| {
        is_name(split_extras(name.trim()).0) && (address.contains("://") || address.trim().starts_with(['.', '/']))
    }) {
        let (name, extras) = split_extras(name.trim());
        return Some(Package {
            name: normalised(name),
            extras,
            version: String::new(),
            source: Some(address.trim().to_owned()),
            word,
        });
    }
    if is_place(text) {
        let (path, extras) = split_extras(text);
        let (name, version) = named_by(path);
        return Some(Package { name, extras, version, source: Some(path.to_owned()), word });
    }
    let text = text.split(';').next().unwrap_or_default();
    let end = text.find(['=', '<', '>', '!', '~', ' ', '(']).unwrap_or(text.len());
    let (name, extras) = split_extras(text[..end].trim());
    let version: String = text[end..].chars().filter(|letter| !letter.is_whitespace()).collect();
    let version = version.trim_start_matches('(').trim_end_matches(')').to_owned();
    Some(Package {
        name: if is_name(name) { normalised(name) } else { String::new() },
        extras,
        version,
        source: None,
        word,
    })
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// Lower case, runs of `-`, `_` and `.` as one `-` (PEP 503).
pub(crate) fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            letter => out.push(letter.to_ascii_lowercase()),
        }
    }
    out
}

/// Whether the text is a path or an address.
fn is_place(text: &str) -> bool {
    text == "."
        || text.starts_with(['/', '~'])
        || text.starts_with("./")
        || text.starts_with("../")
        || text.starts_with(".[")
        || text.contains("://")
        || text.contains('/')
        || text.ends_with(".whl")
        || text.ends_with(".tar.gz")
        || text.ends_with(".zip")
}

/// `name[a,b]` as two.
fn split_extras(text: &str) -> (&str, Vec<String>) {
    match text.split_once('[').and_then(|(name, rest)| Some((name, rest.strip_suffix(']')?))) {
        Some((name, extras)) => (name, extras.split(',').map(|extra| extra.trim().to_owned()).collect()),
        None => (text, Vec::new()),
    }
}

/// The name and version that a wheel's or an archive's file name tells, or a repository's name.
fn named_by(path: &str) -> (String, String) {
    let unknown = (String::new(), String::new());
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let decoded = path.replace("%2B", "+").replace("%2b", "+");
    let file = decoded.rsplit('/').next().unwrap_or_default();
    if let Some(stem) = file.strip_suffix(".whl") {
        let mut parts = stem.split('-');
        let (name, version) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let version = if version.is_empty() || version.contains('*') { String::new() } else { format!("=={version}") };
        let name = name.trim_end_matches('*');
        return (if is_name(name) { normalised(name) } else { String::new() }, version);
    }
    if path.starts_with("git+") {
        let repository = decoded.trim_start_matches("git+").split_once("://").map_or("", |(_, rest)| rest);
        let repository = repository.split('@').next().unwrap_or_default().trim_end_matches(".git");
        let name = repository.rsplit('/').next().unwrap_or_default();
        return (if is_name(name) { normalised(name) } else { String::new() }, String::new());
    }
    let stem = [".tar.gz", ".zip"].into_iter().find_map(|end| file.strip_suffix(end));
    match stem.and_then(|stem| stem.rsplit_once('-')).filter(|(name, _)| is_name(name)) {
        Some((name, version)) => (normalised(name), format!("=={version}")),
        None => unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn read(text: &str) -> (String, String, Option<String>) {
        let package = package(Word::literal(text, Span::new(0, text.len()))).unwrap();
        (package.name, package.version, package.source)
    }

    fn index(name: &str, version: &str) -> (String, String, Option<String>) {
        (name.to_owned(), version.to_owned(), None)
    }

    #[test]
    fn packages_of_an_index() {
        assert_eq!(read("torch"), index("torch", ""));
        assert_eq!(read("torch===2.9.1+rocm7.2"), index("torch", "===2.9.1+rocm7.2"));
        assert_eq!(read("Flash_Attn>=2.6, <3"), index("flash-attn", ">=2.6,<3"));
        assert_eq!(read("vllm[audio]~=0.14; python_version > '3.10'"), index("vllm", "~=0.14"));
    }

    #[test]
    fn packages_of_places() {
        let place = |text: &str| read(text);
        assert_eq!(place(".").2.as_deref(), Some("."));
        assert_eq!(place(".[test]").2.as_deref(), Some("."));
        assert_eq!(place("/install/vllm-0.14.1%2Brocm700-cp312-cp312-linux_x86_64.whl").0, "vllm");
        assert_eq!(place("dist/vllm-0.14.1+rocm700-cp312-cp312-linux_x86_64.whl").1, "==0.14.1+rocm700");
        assert_eq!(place("dist/*.whl").0, "");
        assert_eq!(place("git+https://github.com/vllm-project/vllm.git@v0.14.1").0, "vllm");
        assert_eq!(place("vllm @ git+https://github.com/vllm-project/vllm.git").0, "vllm");
        assert_eq!(
            place("/opt/rocm/share/amd_smi"),
            (String::new(), String::new(), Some("/opt/rocm/share/amd_smi".to_owned()))
        );
    }
}
