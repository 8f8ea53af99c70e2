//! Which revision is looked at, as continuous integration tells it.

use crate::report::sarif::Provenance;

/// The revision that GitHub Actions says it checked out; none elsewhere, so that logs do not depend on commits.
pub(super) fn from_environment() -> Option<Provenance> {
    from(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

fn from(variable: impl Fn(&str) -> Option<String>) -> Option<Provenance> {
    let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
    Some(Provenance {
        repository: format!("{server}/{repository}"),
        revision: variable("GITHUB_SHA"),
        branch: variable("GITHUB_REF_NAME"),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn actions_tell_the_revision() {
        let known = super::from(|name| Some(format!("<{name}>"))).unwrap();
        assert_eq!(
            (known.repository.as_str(), known.revision.as_deref()),
            ("<GITHUB_SERVER_URL>/<GITHUB_REPOSITORY>", Some("<GITHUB_SHA>"))
        );
        assert!(super::from(|_| None).is_none());
    }
}
