//! Which repository and revision is looked at, as continuous integration, git or the project's own files tell it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::report::Paths;
use crate::report::sarif::Provenance;

/// What stands for a repository where nothing tells which one it is.
const UNKNOWN: &str = "urn:gfxlint:unversioned";

/// The repository, and the revision where continuous integration tells it: elsewhere logs do not depend on commits.
pub(super) fn provenance(paths: &Paths) -> Provenance {
    let root = paths.repository.as_deref();
    from_environment(|name| std::env::var(name).ok().filter(|value| !value.is_empty())).unwrap_or_else(|| {
        let repository = root.and_then(|root| remote(root).or_else(|| declared(root)));
        Provenance { repository: repository.unwrap_or_else(|| UNKNOWN.to_owned()), revision: None, branch: None }
    })
}

/// The revision that GitHub or GitLab says it checked out.
fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Option<Provenance> {
    if let (Some(server), Some(repository)) = (variable("GITHUB_SERVER_URL"), variable("GITHUB_REPOSITORY")) {
        let (revision, branch) = (variable("GITHUB_SHA"), variable("GITHUB_REF_NAME"));
        return Some(Provenance { repository: format!("{server}/{repository}"), revision, branch });
    }
    let repository = variable("CI_PROJECT_URL")?;
    Some(Provenance { repository, revision: variable("CI_COMMIT_SHA"), branch: variable("CI_COMMIT_REF_NAME") })
}

/// Where `origin` of the git repository at `root` lies.
fn remote(root: &Path) -> Option<String> {
    let config = text(&git_folder(root)?.join("config"))?;
    let mut within = false;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            within = line == "[remote \"origin\"]";
        } else if let (true, Some((key, value))) = (within, line.split_once('='))
            && key.trim() == "url"
        {
            return address(value.trim());
        }
    }
    None
}

/// The folder that holds the configuration of the repository at `root`: worktrees share one.
fn git_folder(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let own = root.join(text(&git)?.trim().strip_prefix("gitdir:")?.trim());
    let common = text(&own.join("commondir")).map(|common| own.join(common.trim()));
    Some(common.unwrap_or(own))
}

/// What a file holds; a pipe may keep a reader waiting for ever.
fn text(path: &Path) -> Option<String> {
    path.is_file().then(|| fs::read_to_string(path).ok()).flatten()
}

/// The address that a project says it lives at.
fn declared(root: &Path) -> Option<String> {
    let text = text(&root.join("pyproject.toml"))?;
    let project: toml::Table = text.parse().ok()?;
    let urls = project.get("project")?.get("urls")?.as_table()?;
    let named = |wanted: &str| {
        let found = urls.iter().find(|(name, _)| name.to_lowercase().replace([' ', '-', '_'], "") == wanted);
        found.and_then(|(_, url)| address(url.as_str()?))
    };
    ["repository", "source", "sourcecode", "github", "homepage"].into_iter().find_map(named)
}

/// A remote as a web address, without what a password may stand in; none of local paths.
fn address(remote: &str) -> Option<String> {
    let is_plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/:%+".contains(&byte))
    };
    let rest = ["https://", "http://", "ssh://", "git://"].into_iter().find_map(|scheme| remote.strip_prefix(scheme));
    let place = match rest {
        Some(rest) => {
            let (host, path) = rest.split_once('/')?;
            format!("{}/{path}", host.rsplit('@').next()?)
        }
        // `git@host:path`, as ssh takes it.
        None => {
            let (host, path) = remote.split_once(':')?;
            let host = host.split_once('@')?.1;
            format!("{host}/{}", path.trim_start_matches('/'))
        }
    };
    let place = place.trim_end_matches('/').trim_end_matches(".git");
    is_plain(place).then(|| format!("https://{place}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuous_integration_tells_the_revision() {
        let known = from_environment(|name| Some(format!("<{name}>"))).unwrap();
        assert_eq!(
            (known.repository.as_str(), known.revision.as_deref()),
            ("<GITHUB_SERVER_URL>/<GITHUB_REPOSITORY>", Some("<GITHUB_SHA>"))
        );
        let known = from_environment(|name| name.starts_with("CI_").then(|| name.to_owned())).unwrap();
        assert_eq!(
            (known.repository.as_str(), known.branch.as_deref()),
            ("CI_PROJECT_URL", Some("CI_COMMIT_REF_NAME"))
        );
        assert!(from_environment(|_| None).is_none());
    }

    #[test]
    fn remotes_become_addresses_without_secrets() {
        let known = Some("https://git.example/a/b".to_owned());
        for remote in [
            "https://git.example/a/b.git",
            "https://user:secret@git.example/a/b",
            "git@git.example:a/b.git",
            "ssh://git@git.example/a/b/",
        ] {
            assert_eq!(address(remote), known, "{remote}");
        }
        for remote in ["/srv/git/a", "../a", "file:///srv/a", "https://git.example/a b", "https://host"] {
            assert_eq!(address(remote), None, "{remote}");
        }
    }

    #[test]
    fn a_repository_is_told_by_git_or_by_its_project_file() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        assert_eq!((remote(folder.path()), declared(folder.path())), (None, None));
        write(
            "pyproject.toml",
            "[project.urls]\nHomepage = 'https://a.example/x'\n'Source Code' = 'https://b.example/y'\n",
        );
        assert_eq!(declared(folder.path()).as_deref(), Some("https://b.example/y"));
        write(
            "main/.git/config",
            "[remote \"fork\"]\nurl = https://c.example/z\n[remote \"origin\"]\n\turl = git@d.example:w.git\n",
        );
        write("main/.git/worktrees/side/commondir", "../..\n");
        write("side/.git", &format!("gitdir: {}\n", folder.path().join("main/.git/worktrees/side").display()));
        for tree in ["main", "side"] {
            assert_eq!(remote(&folder.path().join(tree)).as_deref(), Some("https://d.example/w"), "{tree}");
        }
    }
}
