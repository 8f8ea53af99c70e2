//! What ends a run: exit status 2, with file, place, cause and next step.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// A failure of the run itself; findings are not errors.
#[derive(Debug, Error, Diagnostic)]
pub enum RunError {
    /// A path that the user named does not exist or cannot be opened.
    #[error("cannot read {path}: {cause}")]
    #[diagnostic(help("check the spelling, or run gfxlint from the folder that the path is relative to"))]
    Path {
        /// The path, control characters escaped.
        path: String,
        /// The operating system's reason.
        cause: String,
    },
    /// The output cannot be written.
    #[error("cannot write {path}: {cause}")]
    #[diagnostic(help("nothing was written; give --output a path in a folder that exists and that you may write to"))]
    Output {
        /// The path, control characters escaped.
        path: String,
        /// The operating system's reason.
        cause: String,
    },
    /// A file that was to be fixed cannot be replaced.
    #[error("cannot fix {path}: {cause}")]
    #[diagnostic(help("nothing was changed; `--diff` shows the fixes as a patch without writing them"))]
    Fix {
        /// The path, control characters escaped.
        path: String,
        /// Why.
        cause: String,
    },
    /// A cache that cannot be removed.
    #[error("cannot remove {path}: {cause}")]
    #[diagnostic(help("remove it by hand; gfxlint works without it"))]
    Clean {
        /// The path, control characters escaped.
        path: String,
        /// The operating system's reason.
        cause: String,
    },
    /// A target that nobody knows.
    #[error("unknown target `{name}`")]
    #[diagnostic(help("{help}"))]
    UnknownTarget {
        /// What was given.
        name: String,
        /// What to give instead.
        help: String,
    },
    /// A rule selector that matches no rule.
    #[error("no rule matches `{selector}`")]
    #[diagnostic(help(
        "give an id (GFX101), a prefix of one (GFX1), a name (arch-gap) or a tag (docker); `gfxlint rules` lists them"
    ))]
    UnknownRule {
        /// What was given.
        selector: String,
    },
    /// Options that do not fit together.
    #[error("{what}")]
    #[diagnostic(help("{help}"))]
    Usage {
        /// What does not fit.
        what: String,
        /// What to do.
        help: String,
    },
    /// A configuration that cannot be read, or that means nothing.
    #[error("{what}")]
    Config {
        /// What is wrong.
        what: String,
        /// What to do.
        #[help]
        help: Option<String>,
        /// What stands at the place.
        label: String,
        /// The file, where there is one.
        #[source_code]
        source_code: Option<Arc<NamedSource<String>>>,
        /// The place.
        #[label("{label}")]
        at: Option<SourceSpan>,
    },
    /// Knowledge or a rule that does not parse: a bug when it is embedded.
    #[error("{file}: {cause}")]
    Data {
        /// The file below `rules/`.
        file: String,
        /// What is wrong.
        cause: String,
        /// Its text, where the place is known.
        #[source_code]
        source_code: Option<Arc<NamedSource<String>>>,
        /// The place.
        #[label("here")]
        at: Option<SourceSpan>,
    },
}

impl RunError {
    /// A named path that cannot be read.
    pub fn path(path: &Path, cause: &std::io::Error) -> Self {
        Self::Path { path: crate::report::printable(&path.display().to_string()), cause: cause.to_string() }
    }

    /// An output that cannot be written.
    pub fn output(path: &Path, cause: &std::io::Error) -> Self {
        Self::Output { path: crate::report::printable(&path.display().to_string()), cause: cause.to_string() }
    }

    /// A cache that cannot be removed.
    pub fn clean(path: &Path, cause: &std::io::Error) -> Self {
        Self::Clean { path: crate::report::printable(&path.display().to_string()), cause: cause.to_string() }
    }

    /// A file that was to be fixed cannot be replaced.
    pub fn fix(path: &Path, cause: &std::io::Error) -> Self {
        Self::Fix { path: crate::report::printable(&crate::discover::shown(path)), cause: cause.to_string() }
    }

    /// A knowledge file that does not parse.
    pub fn knowledge(file: &str, error: &toml::de::Error) -> Self {
        Self::Data {
            file: format!("rules/knowledge/{file}"),
            cause: error.message().to_owned(),
            source_code: None,
            at: None,
        }
    }

    /// A knowledge file that names a target which it does not define.
    pub fn unknown_arch_in(file: &str, name: &str) -> Self {
        Self::Data {
            file: format!("rules/knowledge/{file}"),
            cause: format!("target `{name}` is not defined"),
            source_code: None,
            at: None,
        }
    }
}

/// Reads a file that the user named.
pub fn read_to_string(path: &PathBuf) -> Result<String, RunError> {
    std::fs::read_to_string(path).map_err(|error| RunError::path(path, &error))
}
