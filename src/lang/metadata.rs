//! Package metadata: `PKG-INFO` of a source distribution, `METADATA` of an installed one.

use super::{Candidate, FrontEnd};
use crate::facts::{FileFacts, PackageVersion};
use crate::span::Span;

/// The front end for package metadata.
pub static FRONT_END: FrontEnd =
    FrontEnd { language: "metadata", claims, words: &["Version:"], joined: None, extract, extract_callers: None };

fn claims(candidate: &Candidate<'_>) -> bool {
    candidate.name == "PKG-INFO" || (candidate.name == "METADATA" && candidate.path.contains(".dist-info/"))
}

/// Reads the header; it ends at the first empty line.
fn extract(text: &str, facts: &mut FileFacts) {
    let (mut package, mut found) = (String::new(), None);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end();
        if body.is_empty() {
            break;
        }
        if let Some(name) = body.strip_prefix("Name:") {
            name.trim().clone_into(&mut package);
        } else if let Some(version) = body.strip_prefix("Version:") {
            let version = version.trim();
            let start = at + body.len() - version.len();
            found = Some((version.to_owned(), Span::new(start, start + version.len())));
        }
        at += line.len();
    }
    if let Some((version, span)) = found {
        facts.versions.push(PackageVersion { package, version, span });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_tells_name_and_version() {
        let text = "Metadata-Version: 2.4\nName: vllm\nVersion: 0.14.1\n\nVersion: of the text\n";
        let mut facts = FileFacts::default();
        extract(text, &mut facts);
        assert_eq!(facts.versions[0].version, "0.14.1");
        assert_eq!(facts.versions[0].package, "vllm");
        assert_eq!(facts.versions[0].span.text(text), "0.14.1");
    }
}
