//! Variables and the values that they are given.

use serde::{Deserialize, Serialize};

use super::Word;
use crate::span::Span;

/// A variable that is given a value, whatever the language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// The variable's name.
    pub name: String,
    /// The name and its value, as written.
    pub span: Span,
    /// The value, as written; empty at the name's end where there is none.
    pub value_span: Span,
    /// What it amounts to, as far as this file tells: variables of the file are replaced by their values.
    pub value: Text,
    /// How it is given.
    pub kind: SettingKind,
    /// The build stage that it stands in, as an index into [`super::FileFacts::stages`]; none before the first `FROM`
    /// and outside container files.
    pub stage: Option<usize>,
    /// The container or unit that gets it, as an index into [`super::FileFacts::containers`].
    pub container: Option<usize>,
    /// Where in this file the value comes from, when it is inherited and not written here.
    pub via: Option<Span>,
    /// A shell filter that the value went through on its way (`$(echo ${X} | sed ...)`).
    pub filter: Option<FilterUse>,
    /// What the setting is for, where the text tells: the words of the command that it is prefixed to
    /// (`GPU_ARCHS=... python3 setup.py bdist_wheel`), the directory it runs in.
    pub context: String,
}

/// How a setting is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SettingKind {
    /// `ARG X=v` in a container file; also `ARG X` without a value.
    DockerArg,
    /// `ENV X=v`.
    DockerEnv,
    /// `X=v command` or `export X=v` in a `RUN` or a shell script.
    ShellAssign,
    /// The default in `${X:-v}`, where it is written out.
    ShellDefault,
    /// A default that a command prints when a look-up fails (`X=$(lookup || echo "v")`).
    ShellEcho,
    /// `-DX=v` or `--offload-arch=v` on a command line.
    BuildFlag,
    /// `--build-arg X=v` on a command line.
    BuildArg,
    /// CMake's `set(X v)`.
    CmakeSet,
    /// `variable "X" { default = "v" }` in a bake file.
    BakeDefault,
    /// A value in YAML.
    YamlValue,
    /// `-e X=v`, `--env X=v` of a container run; `environment:` of a service.
    ContainerEnv,
    /// `Environment=X=v` of a systemd unit.
    UnitEnv,
    /// A line of an environment file (`.env`).
    EnvFile,
    /// A variable in a Nix set: of a build, a shell, a session.
    NixEnv,
    /// A list of targets in Nix: `gpuTargets = [ "gfx906" ]`.
    NixList,
    /// `LABEL x=v`.
    DockerLabel,
    /// Python's `os.environ["X"] = v`.
    PythonEnv,
    /// An assignment in a documentation's command: an example, not a claim.
    DocsCommand,
    /// A default that a comment states (`# X: ... (default: v)`).
    Comment,
}

impl SettingKind {
    /// Its name in output and in users' rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::DockerArg => "docker-arg",
            Self::DockerEnv => "docker-env",
            Self::ShellAssign => "shell-assign",
            Self::ShellDefault => "shell-default",
            Self::ShellEcho => "shell-echo",
            Self::BuildFlag => "build-flag",
            Self::BuildArg => "build-arg",
            Self::CmakeSet => "cmake-set",
            Self::BakeDefault => "bake-default",
            Self::YamlValue => "yaml-value",
            Self::ContainerEnv => "container-env",
            Self::UnitEnv => "unit-env",
            Self::EnvFile => "env-file",
            Self::NixEnv => "nix-env",
            Self::NixList => "nix-list",
            Self::DockerLabel => "docker-label",
            Self::PythonEnv => "python-env",
            Self::DocsCommand => "docs-command",
            Self::Comment => "comment",
        }
    }
}

/// A value: what is written and what is not known.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Text {
    /// Its parts, in order. No parts: empty.
    pub parts: Vec<TextPart>,
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TextPart {
    /// Known text; its span where these very bytes stand in the file.
    Literal(String, Option<Span>),
    /// The value of a variable that this file does not set: the base image's or the caller's environment.
    Outer {
        /// The variable.
        name: String,
        /// What is taken instead when it is unset or empty (`${X:-v}`).
        default: Option<Box<Text>>,
    },
    /// Not known: a command's output, an unsupported expansion.
    Unknown,
}

impl Text {
    /// A value that is wholly known.
    pub fn literal(text: impl Into<String>, span: Option<Span>) -> Self {
        Self { parts: vec![TextPart::Literal(text.into(), span)] }
    }

    /// A value that is not known at all.
    pub fn unknown() -> Self {
        Self { parts: vec![TextPart::Unknown] }
    }

    /// The text, if every part of it is known; empty for no parts.
    pub fn known(&self) -> Option<String> {
        if let [TextPart::Literal(text, _)] = self.parts.as_slice() {
            return Some(text.clone());
        }
        self.parts
            .iter()
            .map(|part| match part {
                TextPart::Literal(text, _) => Some(text.as_str()),
                TextPart::Outer { .. } | TextPart::Unknown => None,
            })
            .collect()
    }

    /// Whether this can be a part of the text, with variables or without. Quick, and may answer yes for a text of several
    /// parts that does not hold it.
    pub fn may_hold(&self, wanted: &str) -> bool {
        match self.parts.as_slice() {
            [TextPart::Literal(text, _)] => text.contains(wanted),
            parts => !parts.is_empty(),
        }
    }

    /// Whether one of these, written in lower case, can be a part of the text in any case; as quick as [`Text::may_hold`],
    /// and as sure.
    pub fn may_hold_any(&self, wanted: &[&str]) -> bool {
        match self.parts.as_slice() {
            [TextPart::Literal(text, _)] => wanted.iter().any(|wanted| holds_in_any_case(text, wanted)),
            parts => !parts.is_empty(),
        }
    }

    /// The text where variables stand for their defaults and `*` for what is not known.
    pub fn with_gaps(&self) -> String {
        if let [TextPart::Literal(text, _)] = self.parts.as_slice() {
            return text.clone();
        }
        let part = |part: &TextPart| match part {
            TextPart::Literal(text, _) => text.clone(),
            TextPart::Outer { default: Some(default), .. } => default.by_default().unwrap_or_else(|| "*".to_owned()),
            TextPart::Outer { .. } | TextPart::Unknown => "*".to_owned(),
        };
        self.parts.iter().map(part).collect()
    }

    /// The text where variables stand for their defaults (`${X:-v}`), if every part of it is known then.
    pub fn by_default(&self) -> Option<String> {
        if let [TextPart::Literal(text, _)] = self.parts.as_slice() {
            return Some(text.clone());
        }
        self.parts
            .iter()
            .map(|part| match part {
                TextPart::Literal(text, _) => Some(text.clone()),
                TextPart::Outer { default, .. } => default.as_ref()?.by_default(),
                TextPart::Unknown => None,
            })
            .collect()
    }
}

/// Whether a text holds another one, which is written in lower case, in any case.
pub fn holds_in_any_case(text: &str, wanted: &str) -> bool {
    let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
    let Some(&first) = wanted.first() else { return true };
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), text)
        .any(|at| text.get(at..at + wanted.len()).is_some_and(|part| part.eq_ignore_ascii_case(wanted)))
}

/// A pipeline that a list of targets went through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilterUse {
    /// The commands, as written.
    pub span: Span,
    /// What went in.
    pub input: Text,
    /// The commands that are understood, in order.
    pub filters: Vec<Filter>,
}

/// A command that changes a list of targets in text form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Filter {
    /// `sed -e 's/pattern/replacement/g'`, and Bash's `${X//pattern/replacement}`.
    Substitute {
        /// The pattern, as an extended regular expression.
        pattern: String,
        /// What stands for a match, as sed writes it: `&` is the match, `\1` a group.
        replacement: String,
        /// Whether all matches of a line are replaced, not the first alone.
        global: bool,
    },
    /// `tr ';' ' '`; without a second set, `tr -d`.
    Translate {
        /// The characters to replace.
        from: String,
        /// What they become, one to one, the last one repeated.
        to: String,
    },
    /// `grep -v '^gfx1'` on lines; `keep` for a plain `grep`.
    Lines {
        /// The pattern, as an extended regular expression.
        pattern: String,
        /// Whether lines that match are kept, not dropped.
        keep: bool,
    },
    /// `paste -sd';'`: joins lines by a separator.
    Join(String),
}

/// A build stage of a container file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name (`FROM base AS name`), lower-case, as the builder compares it.
    pub name: Option<String>,
    /// The `FROM` instruction.
    pub span: Span,
    /// The image that it starts from, arguments replaced.
    pub image: Text,
    /// The image, as written.
    pub image_span: Span,
    /// The earlier stage that it starts from, as an index, if it is one.
    pub parent: Option<usize>,
    /// Its own `ENTRYPOINT`; the last one counts.
    pub entrypoint: Option<ImageCommand>,
    /// Its own `CMD`; the last one counts.
    pub command: Option<ImageCommand>,
    /// The user that its last `USER` names.
    pub user: Option<Word>,
}

/// What an image runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageCommand {
    /// The instruction.
    pub span: Span,
    /// Its words (`["vllm", "serve"]`), none where it is reset (`[]`) or in shell form.
    pub words: Vec<Word>,
    /// Whether it is a command line for the shell, whose commands are facts of their own.
    pub is_shell: bool,
}

/// A command that edits files where they are: `sed -i 's/a/b/' CMakeLists.txt`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// The command.
    pub span: Span,
    /// The files, as written.
    pub files: Vec<String>,
    /// What it does to each line; none where it is not understood.
    pub filters: Option<Vec<Filter>>,
}
