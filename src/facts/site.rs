//! Places that declare or test a set of targets.

use serde::{Deserialize, Serialize};

use super::ArchExpr;
use crate::arch::ArchToken;
use crate::span::Span;

/// A condition on the target, or a list of targets, where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArchSite {
    /// What form it has.
    pub kind: SiteKind,
    /// What it defines or controls: a predicate, a variable, the function around it.
    pub symbol: String,
    /// The text that decides: the condition or the list.
    pub span: Span,
    /// What it says.
    pub expr: ArchExpr,
    /// Whether what it guards is done or refused where it holds.
    pub sense: Sense,
    /// The enclosing function or class, dotted, to look names up from; empty at the top of a file.
    pub scope: String,
    /// The operands of a compound condition, where the front end tells them apart; the site is narrowed to those
    /// that turn out to tell targets apart.
    pub atoms: Vec<(Span, ArchExpr)>,
}

/// What becomes of a target for which a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sense {
    /// Something is done for it.
    Enables,
    /// It is turned away: the branch raises, or returns false.
    Refuses,
}

/// The form of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SiteKind {
    /// `ARG X=list` of a container file.
    DockerArg,
    /// `ENV X=list`.
    DockerEnv,
    /// A list in a `RUN`: a prefixed or exported variable.
    DockerRun,
    /// A list that a shell filter made.
    ShellFilter,
    /// An assignment in a shell script.
    ShellAssign,
    /// The default in `${X:-list}` or `|| echo list`.
    ShellDefault,
    /// `-DGPU_TARGETS=list`, `--offload-arch=target`.
    BuildFlag,
    /// A default of a bake file's variable.
    BakeDefault,
    /// A list in Nix.
    NixList,
    /// A list in YAML.
    YamlList,
    /// A list in a comment.
    CommentList,
    /// CMake's `set(X list)`.
    CmakeSet,
    /// A CMake list cut down to what another one allows.
    CmakeIntersect,
    /// CMake's `list(FILTER ...)`.
    CmakeFilter,
    /// CMake's `if(X MATCHES ...)` and other conditions.
    CmakeCondition,
    /// A list or tuple of names in Python.
    PythonList,
    /// A dictionary keyed by names.
    PythonDict,
    /// A test of the target's name in Python.
    PythonTest,
    /// A condition made of predicate calls.
    PythonPredicate,
    /// A capability number in Python.
    PythonCapability,
    /// A comparison of a ladder's number.
    PythonOrdinal,
    /// `x in ('gfx942')`: a substring test that looks like membership.
    PythonStringMembership,
    /// `#if defined(__gfx942__)` and the like.
    DeviceMacro,
    /// A guard through a project macro.
    DerivedGuard,
    /// A host-side test of the target's name in C++.
    HostTest,
    /// The requirement list in the documentation.
    DocsList,
    /// A list in a command that documentation shows: an example.
    DocsCommand,
}

impl SiteKind {
    /// The name in `gfxlint facts`.
    pub fn name(self) -> &'static str {
        match self {
            Self::DockerArg => "docker-arg",
            Self::DockerEnv => "docker-env",
            Self::DockerRun => "docker-run",
            Self::ShellFilter => "shell-filter",
            Self::ShellAssign => "shell-assign",
            Self::ShellDefault => "shell-default",
            Self::BuildFlag => "build-flag",
            Self::BakeDefault => "bake-default",
            Self::NixList => "nix-list",
            Self::YamlList => "yaml-list",
            Self::CommentList => "comment-list",
            Self::CmakeSet => "cmake-set",
            Self::CmakeIntersect => "cmake-intersect",
            Self::CmakeFilter => "cmake-filter",
            Self::CmakeCondition => "cmake-condition",
            Self::PythonList => "python-list",
            Self::PythonDict => "python-dict",
            Self::PythonTest => "python-test",
            Self::PythonPredicate => "python-predicate",
            Self::PythonCapability => "python-capability",
            Self::PythonOrdinal => "python-ordinal",
            Self::PythonStringMembership => "python-string-membership",
            Self::DeviceMacro => "device-macro",
            Self::DerivedGuard => "derived-guard",
            Self::HostTest => "host-test",
            Self::DocsList => "docs-list",
            Self::DocsCommand => "docs-command",
        }
    }
}

/// A comment, a message or a sentence that names targets or products.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prose {
    /// What kind of text it is.
    pub kind: ProseKind,
    /// The sentence, comment line or message.
    pub span: Span,
    /// The targets that it names.
    pub tokens: Vec<ArchToken>,
}

/// Kinds of prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProseKind {
    /// A comment in code.
    Comment,
    /// A string that is shown to people: an error, a log line, a docstring.
    Message,
    /// Documentation.
    Docs,
}
