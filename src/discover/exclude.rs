//! Files that the configuration leaves out.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Patterns of paths, written as in a gitignore file, each relative to a folder.
#[derive(Debug, Clone, Default)]
pub struct Exclude {
    patterns: Vec<(PathBuf, Gitignore)>,
}

impl Exclude {
    /// Adds patterns that count from `folder`, which is absolute.
    ///
    /// # Errors
    /// A pattern that is none: its number, and why.
    pub fn add(&mut self, folder: &Path, patterns: &[&str]) -> Result<(), (usize, String)> {
        let mut builder = GitignoreBuilder::new("");
        builder.allow_unclosed_class(false);
        for (at, pattern) in patterns.iter().enumerate() {
            builder.add_line(None, pattern).map_err(|error| (at, error.to_string()))?;
        }
        let matcher = builder.build().map_err(|error| (0, error.to_string()))?;
        self.patterns.push((folder.to_owned(), matcher));
        Ok(())
    }

    /// Whether there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether a path, absolute, is left out; folders above it have been asked about before.
    pub fn leaves_out(&self, path: &Path, is_folder: bool) -> bool {
        self.patterns.iter().any(|(folder, matcher)| {
            path.strip_prefix(folder).is_ok_and(|below| matcher.matched(below, is_folder).is_ignore())
        })
    }

    /// The same, where nobody has asked about the folders above it.
    pub fn covers(&self, path: &Path) -> bool {
        self.patterns.iter().any(|(folder, matcher)| {
            let below = path.strip_prefix(folder).ok().filter(|below| !below.as_os_str().is_empty());
            below.is_some_and(|below| matcher.matched_path_or_any_parents(below, false).is_ignore())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_gitignore() {
        let mut exclude = Exclude::default();
        exclude.add(Path::new("/repo"), &["tests/", "/docs/*.md", "!docs/keep.md", "*.in"]).unwrap();
        for (path, covered) in [
            ("/repo/tests/a/b.py", true),
            ("/repo/sub/tests/b.py", true),
            ("/repo/docs/a.md", true),
            ("/repo/docs/keep.md", false),
            ("/repo/sub/docs/a.md", false),
            ("/repo/a/b.in", true),
            ("/elsewhere/tests/a", false),
            ("/repo", false),
        ] {
            assert_eq!(exclude.covers(Path::new(path)), covered, "{path}");
        }
        assert!(exclude.leaves_out(Path::new("/repo/tests"), true));
        assert!(!exclude.leaves_out(Path::new("/repo/tests"), false));
        assert_eq!(exclude.add(Path::new("/"), &["ok", "[a"]).unwrap_err().0, 1);
    }
}
