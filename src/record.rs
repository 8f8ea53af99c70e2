//! Compares the files of an installed package with what the package manager installed (`RECORD`).

use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};

use crate::facts::RecordedFile;
use crate::source::Recorded;

/// The records of all distributions of a run.
#[derive(Debug, Default)]
pub struct Records<'f> {
    files: FxHashMap<String, &'f RecordedFile>,
    /// Folders that distributions install into, as paths: `site-packages/vllm`.
    packages: FxHashSet<String>,
}

impl<'f> Records<'f> {
    /// Takes in the files that the `RECORD` at `path` lists.
    pub fn add(&mut self, path: &str, recorded: &'f [RecordedFile]) {
        let info = path.rsplit_once('/').map_or("", |(info, _)| info);
        let site = info.rsplit_once('/').map_or(String::new(), |(site, _)| format!("{site}/"));
        for file in recorded {
            if let Some((package, _)) = file.path.split_once('/') {
                self.packages.insert(format!("{site}{package}"));
            }
            self.files.insert(format!("{site}{}", file.path), file);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// How a file compares; its content comes in pieces.
    pub fn compare(&self, path: &str, content: &[&[u8]]) -> Recorded {
        let Some(recorded) = self.files.get(path) else {
            let is_within = path.match_indices('/').any(|(at, _)| self.packages.contains(&path[..at]));
            return if is_within { Recorded::Unlisted } else { Recorded::Unknown };
        };
        let size: usize = content.iter().map(|piece| piece.len()).sum();
        if recorded.size.is_some_and(|recorded| recorded != size as u64) {
            return Recorded::Differs;
        }
        match &recorded.sha256 {
            Some(hash) if *hash != sha256(content) => Recorded::Differs,
            Some(_) => Recorded::Same,
            None => Recorded::Unknown,
        }
    }
}

/// The SHA-256 of the pieces, in URL-safe base64 without padding.
fn sha256(pieces: &[&[u8]]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut hasher = Sha256::new();
    for piece in pieces {
        hasher.update(piece);
    }
    let digest = hasher.finalize();
    let mut text = String::with_capacity(43);
    for chunk in digest.chunks(3) {
        let bits = chunk.iter().enumerate().fold(0u32, |bits, (at, &byte)| bits | u32::from(byte) << (16 - 8 * at));
        text.extend((0..=chunk.len()).map(|at| char::from(ALPHABET[(bits >> (18 - 6 * at) & 63) as usize])));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_size_hash_and_record() {
        let file = |path: &str, text: &str| RecordedFile {
            path: path.to_owned(),
            size: Some(text.len() as u64),
            sha256: Some(sha256(&[text.as_bytes()])),
        };
        let listed = [
            file("vllm/a.py", "a"),
            file("vllm/b.py", "b"),
            RecordedFile { path: "vllm/c.py".to_owned(), size: None, sha256: None },
        ];
        let mut records = Records::default();
        records.add("site/vllm-1.dist-info/RECORD", &listed);
        assert_eq!(records.compare("site/vllm/a.py", &[b"a"]), Recorded::Same);
        assert_eq!(records.compare("site/vllm/a.py", &[b"x"]), Recorded::Differs);
        assert_eq!(records.compare("site/vllm/b.py", &[b"b", b"b"]), Recorded::Differs);
        assert_eq!(records.compare("site/vllm/c.py", &[b"?"]), Recorded::Unknown);
        assert_eq!(records.compare("site/vllm/new.py", &[b"?"]), Recorded::Unlisted);
        assert_eq!(records.compare("site/torch/new.py", &[b"?"]), Recorded::Unknown);
    }

    #[test]
    fn hashes_are_written_as_pip_writes_them() {
        assert_eq!(sha256(&[b""]), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
    }
}
