//! `RECORD` of an installed distribution: its files, with size and hash.

use super::{Candidate, FrontEnd};
use crate::facts::{FileFacts, RecordedFile};

/// The front end for `RECORD` files.
pub static FRONT_END: FrontEnd =
    FrontEnd { language: "record", claims, words: &[], joined: None, extract, extract_callers: None };

fn claims(candidate: &Candidate<'_>) -> bool {
    candidate.name == "RECORD" && candidate.path.contains(".dist-info/")
}

/// Reads lines of `path,sha256=hash,size`; a path with a comma in it is quoted and of no interest.
fn extract(text: &str, facts: &mut FileFacts) {
    for line in text.lines() {
        let mut fields = line.rsplitn(3, ',');
        let (Some(size), Some(hash), Some(path)) = (fields.next(), fields.next(), fields.next()) else { continue };
        if !path.starts_with('"') {
            facts.recorded.push(RecordedFile {
                path: path.to_owned(),
                size: size.trim().parse().ok(),
                sha256: hash.strip_prefix("sha256=").map(|hash| hash.trim_end_matches('=').to_owned()),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_path_hash_and_size() {
        let mut facts = FileFacts::default();
        extract("pkg/a.py,sha256=AbC_-1,42\r\npkg-1.dist-info/RECORD,,\n\"odd,name.py\",sha256=x,1\n", &mut facts);
        assert_eq!(facts.recorded.len(), 2);
        assert_eq!(
            facts.recorded[0],
            RecordedFile { path: "pkg/a.py".to_owned(), size: Some(42), sha256: Some("AbC_-1".to_owned()) }
        );
        assert_eq!(facts.recorded[1].sha256, None);
    }
}
