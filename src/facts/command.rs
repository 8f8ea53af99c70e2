//! Commands, and what they do: start vLLM, install packages, fetch sources, run containers, build images.
//!
//! One model for every language. A command in a `RUN`, a script, a compose file, a unit or a Python list becomes a
//! [`Command`]; what is understood of it becomes one of the other facts of this module, which point back to it.

use serde::{Deserialize, Serialize};

use super::Text;
use crate::span::Span;

/// A word of a command line or an item of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// Its value: quotes removed, variables of the file replaced.
    pub text: Text,
    /// Where it stands, without the pair of quotes around it.
    pub span: Span,
}

impl Word {
    /// A word that stands in the file as it is.
    pub fn literal(text: &str, span: Span) -> Self {
        Self { text: Text::literal(text, Some(span)), span }
    }

    /// Its value, if all of it is known.
    pub fn known(&self) -> Option<String> {
        self.text.known()
    }

    /// Its value where variables stand for their defaults (`${X:-v}`), if all of it is known then.
    pub fn by_default(&self) -> Option<String> {
        self.text.by_default()
    }
}

/// What a fact shares its environment with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Home {
    /// The build stage, as an index into [`super::FileFacts::stages`].
    pub stage: Option<usize>,
    /// The container or unit, as an index into [`super::FileFacts::containers`].
    pub container: Option<usize>,
    /// Whether it stands in documentation: shown, not done.
    pub is_shown: bool,
}

/// A variable that holds for one command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value, as far as it is known.
    pub value: Text,
    /// Where it is given its value, name and value; none where that lies outside of the file.
    pub span: Option<Span>,
    /// Whether it is written before the command's name, so that it holds for this command alone.
    pub is_prefix: bool,
}

/// A command line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// The program and its arguments. What only starts it (`exec`, `sudo`, `env`, `nohup`, `time`) is left out.
    pub words: Vec<Word>,
    /// All of it as written.
    pub span: Span,
    /// Where it runs.
    pub home: Home,
    /// Variables of the script and those before the command, by name. Those of a stage, container or unit are settings.
    pub environment: Vec<Variable>,
    /// The folder that the last `cd` before it went to, as written.
    pub directory: Option<Text>,
    /// Files that its output goes to.
    pub outputs: Vec<Word>,
    /// Whether its failure is ignored (`|| true`) or it is run in some cases only (a branch).
    pub may_not_run: bool,
}

impl Command {
    /// The program's name without its folder; empty where it is not known.
    pub fn program(&self) -> String {
        let name = self.words.first().and_then(Word::known).unwrap_or_default();
        name.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// The arguments behind the program.
    pub fn arguments(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The variable of that name, if the command has one of its own.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.environment.iter().rfind(|variable| variable.name == name)
    }
}

/// A start of vLLM, or of a tool that starts its engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Launch {
    /// How it is written.
    pub form: LaunchForm,
    /// All of it.
    pub span: Span,
    /// The words that say that it is vLLM: `vllm serve`, the module's name, `LLM`; the image where nothing else does.
    pub program: Span,
    /// The model; none where it is not written here.
    pub model: Option<Word>,
    /// Engine options in order; a later one wins.
    pub options: Vec<LaunchOption>,
    /// Whether there may be options that were not read: `"$@"`, an array, `**kwargs`, a configuration file.
    pub is_open: bool,
    /// Where it runs.
    pub home: Home,
    /// The command that it was read from, as an index into [`super::FileFacts::commands`]; none for Python calls,
    /// images' commands and configuration files.
    pub command: Option<usize>,
    /// Variables that hold for it beside those of its home.
    pub environment: Vec<Variable>,
}

impl Launch {
    /// The option that counts: the last one of that name (`kv-cache-dtype`).
    pub fn option(&self, name: &str) -> Option<&LaunchOption> {
        self.options.iter().rfind(|option| option.name == name)
    }
}

/// How a launch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LaunchForm {
    /// `vllm serve`.
    Serve,
    /// `vllm bench throughput`, `vllm bench latency`, `vllm run-batch` and other commands that start an engine.
    Tool,
    /// `python -m vllm.entrypoints...`.
    Module,
    /// Arguments to an image that starts vLLM by itself.
    Entrypoint,
    /// `LLM(...)`, `EngineArgs(...)` in Python.
    PythonCall,
    /// `lm_eval --model vllm --model_args ...`.
    LmEval,
    /// A YAML file for `--config`.
    ConfigFile,
}

impl LaunchForm {
    /// Its name in output and in users' rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Tool => "tool",
            Self::Module => "module",
            Self::Entrypoint => "entrypoint",
            Self::PythonCall => "python-call",
            Self::LmEval => "lm-eval",
            Self::ConfigFile => "config-file",
        }
    }
}

/// An engine option of a launch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LaunchOption {
    /// Its long name with dashes, whatever way it is written: `dtype`, `kv-cache-dtype`, `tensor-parallel-size`.
    pub name: String,
    /// The option as written: `--dtype`, `-q`, `dtype`.
    pub span: Span,
    /// Its value; none for a switch. `--no-x` has the name `x` and the value `false` at the option's place.
    pub value: Option<Word>,
}

/// An installation of packages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Install {
    /// The tool.
    pub tool: InstallTool,
    /// All of the command; in a requirements file, the line.
    pub span: Span,
    /// Packages and paths, in order.
    pub packages: Vec<Package>,
    /// Files that list packages (`-r`).
    pub requirement_files: Vec<Word>,
    /// Files that limit versions (`-c`).
    pub constraint_files: Vec<Word>,
    /// `--index-url`, `-i`; also the tool's variable (`PIP_INDEX_URL`, `UV_INDEX_URL`, `UV_DEFAULT_INDEX`).
    pub index: Option<Word>,
    /// `--extra-index-url`, `--index`, in order; also the tool's variable.
    pub extra_indexes: Vec<Word>,
    /// `--find-links`, `-f`.
    pub find_links: Vec<Word>,
    /// Switches without their dashes, sorted: `no-deps`, `no-build-isolation`, `upgrade`, `pre`, `force-reinstall`,
    /// `editable`, `user`, `no-index`, `break-system-packages`; short ones by their long name.
    pub switches: Vec<String>,
    /// Whether there may be arguments that were not read.
    pub is_open: bool,
    /// Where it runs.
    pub home: Home,
    /// The command that it was read from.
    pub command: Option<usize>,
}

impl Install {
    /// Whether a switch is given, by its long name without dashes.
    pub fn has(&self, switch: &str) -> bool {
        self.switches.iter().any(|own| own == switch)
    }
}

/// What installs packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InstallTool {
    /// `pip install`, `python -m pip install`.
    Pip,
    /// `uv pip install`, `uv add`, `uv sync`.
    Uv,
    /// `pip wheel`, `python -m build`, `uv build`: built but not installed.
    Wheel,
    /// `pip uninstall`, `uv pip uninstall`.
    Uninstall,
    /// `apt`, `apt-get`.
    Apt,
    /// `dnf`, `yum`, `microdnf`, `zypper`.
    Dnf,
    /// `conda`, `mamba`, `micromamba`.
    Conda,
    /// A line of a requirements file, or a dependency of `pyproject.toml`.
    Requirements,
}

impl InstallTool {
    /// Its name in output and in users' rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Uv => "uv",
            Self::Wheel => "wheel",
            Self::Uninstall => "uninstall",
            Self::Apt => "apt",
            Self::Dnf => "dnf",
            Self::Conda => "conda",
            Self::Requirements => "requirements",
        }
    }
}

/// A package that is installed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// Its normalised name (lower case, runs of `-_.` as `-`); empty for a path or an address that does not tell.
    pub name: String,
    /// Its extras, as written.
    pub extras: Vec<String>,
    /// The version condition as written, without blanks: `==2.9.1+rocm7.2`, `>=2.6,<3`; empty for none.
    pub version: String,
    /// The path or address that it comes from (`.`, `./dist/x.whl`, `git+https://...`), where it is not an index.
    pub source: Option<String>,
    /// The whole of it as written. Where a shell takes `>=2.6` as a redirection, the name alone.
    pub word: Word,
}

/// Sources that are fetched: `git clone`, `git checkout`, `ADD https://github.com/...`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkout {
    /// The repository (`owner/name` where the address tells); none for a `checkout` in a folder that nobody cloned here.
    pub repository: Option<String>,
    /// The address or the command that names it.
    pub span: Span,
    /// The branch, tag or commit; none for the default branch.
    pub reference: Option<Word>,
    /// The folder that it goes to.
    pub directory: Option<Text>,
    /// Where it runs.
    pub home: Home,
    /// The command that it was read from.
    pub command: Option<usize>,
}
