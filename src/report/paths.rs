//! How paths are written: relative to the working directory for people and JSON, to the repository's root in SARIF.

use std::path::{Component, Path, PathBuf};

use crate::source::SourceFile;

/// What paths are relative to.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    /// The working directory, absolute; none where there is none, as in tests.
    pub working: Option<PathBuf>,
    /// The root of the repository that is looked at, absolute.
    pub repository: Option<PathBuf>,
}

impl Paths {
    /// The path of a file relative to the working directory, with `/`; absolute where it lies elsewhere.
    pub fn relative(&self, file: &SourceFile) -> String {
        let path = self.shown(&file.location);
        if path.is_empty() { file.path.clone() } else { path }
    }

    /// The same of a path that opens a file.
    pub fn shown(&self, location: &Path) -> String {
        let below = self.working.as_ref().and_then(|working| location.strip_prefix(working).ok());
        written(below.unwrap_or(location))
    }

    /// The path of a file relative to the repository, with `/`; below the root of the run where it lies elsewhere.
    pub fn in_repository(&self, file: &SourceFile) -> String {
        let absolute = match &self.working {
            Some(working) => normal(&working.join(&file.location)),
            None => file.location.clone(),
        };
        let below = |root: &Option<PathBuf>, path: &Path| {
            let below = path.strip_prefix(root.as_ref()?).ok().map(written);
            below.filter(|path| !path.is_empty())
        };
        // The repository's path leads through no links; a file's may. The file itself stays what it is called.
        let unlinked = || {
            let folder = absolute.parent()?.canonicalize().ok()?;
            below(&self.repository, &folder.join(absolute.file_name()?))
        };
        below(&self.repository, &absolute)
            .or_else(unlinked)
            .or_else(|| below(&self.working, &absolute))
            .unwrap_or_else(|| inner(&file.path).to_owned())
    }
}

/// A path without what leads out of the folder that it is relative to.
fn inner(path: &str) -> &str {
    let mut path = path;
    while let Some(rest) = ["/", "./", "../"].into_iter().find_map(|out| path.strip_prefix(out)) {
        path = rest;
    }
    path
}

/// A path with `/` between its parts and without `.`.
fn written(path: &Path) -> String {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() && !text.ends_with('/') {
            text.push('/');
        }
        text.push_str(&match part {
            Component::RootDir => "/".into(),
            part => part.as_os_str().to_string_lossy(),
        });
    }
    text
}

/// A path without `.` and `..`, as far as that can be told without asking the file system.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_where_one_stands() {
        let paths = Paths { working: Some("/repo/docker".into()), repository: Some("/repo".into()) };
        let file = |location: &str| SourceFile::new("below/root".to_owned(), location.into(), "", None, 0);
        let both = |location: &str| (paths.relative(&file(location)), paths.in_repository(&file(location)));
        let pair = |relative: &str, repository: &str| (relative.to_owned(), repository.to_owned());
        assert_eq!(both("./Dockerfile"), pair("Dockerfile", "docker/Dockerfile"));
        assert_eq!(both("/repo/docker/a b"), pair("a b", "docker/a b"));
        assert_eq!(both("../CMakeLists.txt"), pair("../CMakeLists.txt", "CMakeLists.txt"));
        assert_eq!(both("/elsewhere/x"), pair("/elsewhere/x", "below/root"));
        assert_eq!([inner("/a/b"), inner("../../a"), inner("./.a/..")], ["a/b", "a", ".a/.."]);
    }
}
