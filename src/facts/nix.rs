//! What Nix expressions say: packages and how they are overridden, package sets that are changed, options, imports.
//!
//! Names are followed through `let`, `inherit` and `with` of one file; what another file holds stays a reference to it.

use serde::{Deserialize, Serialize};

use super::Text;
use crate::span::Span;

/// What one Nix file says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NixFile {
    /// Uses of packages and package sets, in order.
    pub references: Vec<NixReference>,
    /// Functions that change or read a package set.
    pub layers: Vec<NixLayer>,
    /// Package sets of which `//` replaces attributes.
    pub merges: Vec<NixMerge>,
    /// Configurations of package sets: `nixpkgs.config`, `import nixpkgs { config = ...; }`.
    pub configs: Vec<NixConfig>,
    /// Options of modules.
    pub options: Vec<NixOption>,
    /// Python packages that are built here.
    pub derivations: Vec<NixDerivation>,
    /// Which groups users are put into.
    pub users: Vec<NixUser>,
    /// Names that nothing binds.
    pub unbound: Vec<NixName>,
    /// Parameters of functions and attributes that are read from a configuration, where they are about GPUs.
    pub known_names: Vec<String>,
    /// Literal paths of other Nix files.
    pub imports: Vec<NixImport>,
    /// The file's own parameters by name, where it is a function.
    pub parameters: Vec<NixParameter>,
    /// Calls of other files that are functions.
    pub calls: Vec<NixCall>,
    /// Whether it takes in folders as a whole, whatever files are in them.
    pub reads_folders: bool,
    /// Where package sets come from.
    pub pins: Vec<NixPin>,
    /// What the file itself amounts to, where that is a list or a set.
    pub value: NixValue,
}

impl NixFile {
    /// Whether only other files are named, if anything.
    pub fn is_bare(&self) -> bool {
        self.references.is_empty()
            && self.layers.is_empty()
            && self.merges.is_empty()
            && self.configs.is_empty()
            && self.options.is_empty()
            && self.derivations.is_empty()
            && self.users.is_empty()
            && self.unbound.is_empty()
            && self.known_names.is_empty()
            && self.pins.is_empty()
            && self.value == NixValue::Unknown
    }
}

/// What an expression amounts to, as far as its file tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum NixValue {
    /// A string, a number or a path.
    Text(Text),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// A list; open where there may be more items.
    List(Vec<NixItem>, bool),
    /// A set; open where there may be more attributes.
    Set(Vec<NixArgument>, bool),
    /// A package or a set of them, by its path.
    Reference(Vec<String>),
    /// What another file holds: its path as written, and the attributes that are selected.
    Import(String, Vec<String>),
    /// A function.
    Function,
    /// Not known.
    #[default]
    Unknown,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NixItem {
    /// What it amounts to.
    pub value: NixValue,
    /// Where its text stands, without quotes.
    pub span: Span,
}

/// An attribute with its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NixArgument {
    /// The name.
    pub name: String,
    /// The name, where it stands.
    pub name_span: Span,
    /// Name and value.
    pub span: Span,
    /// What it amounts to.
    pub value: NixValue,
    /// The value, where it stands, without quotes.
    pub value_span: Span,
}

/// A use of a package or of a package set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NixReference {
    /// Its names, from the one that the file does not define: `pkgs`, `python3Packages`, `vllm`.
    pub path: Vec<String>,
    /// The last name, where it stands.
    pub name: Span,
    /// All of it, overrides included.
    pub span: Span,
    /// What its first name is.
    pub root: NixRoot,
    /// What is changed in it, in order.
    pub overrides: Vec<NixOverride>,
    /// The innermost function that it stands in, as an index into [`NixFile::layers`].
    pub layer: Option<usize>,
    /// What it is used for.
    pub role: NixRole,
    /// The attribute or variable whose value it is, dotted.
    pub defines: Option<String>,
    /// The list that it is an item of, by the list's first byte.
    pub list: Option<u32>,
    /// Whether it is an item of the packages of a home, which home-manager may take from a set of its own.
    pub is_home: bool,
    /// Whether it is what is taken where another package is missing (`a or b`), or may be so replaced.
    pub is_fallback: bool,
}

impl NixReference {
    /// Its last name.
    pub fn package(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The argument of that name in the last override that gives it.
    pub fn argument(&self, name: &str) -> Option<&NixArgument> {
        self.overrides.iter().rev().find_map(|change| change.argument(name))
    }

    /// Whether all arguments of its overrides are known.
    pub fn is_known(&self) -> bool {
        self.overrides.iter().all(|change| !change.is_open)
    }
}

/// What a path starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NixRoot {
    /// A parameter, an argument of the module system, or a name under `with`.
    Given,
    /// A package set that is made here, with that configuration, as an index into [`NixFile::configs`].
    Imported(Option<usize>),
    /// The result of a function that is not known, or of another file.
    Computed,
}

/// What a package is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NixRole {
    /// An item of a list of packages that are installed.
    Installed,
    /// An item of the packages that a Python package or environment is made of.
    Dependency,
    /// Part of a string: a command line, a path.
    Interpolated,
    /// The value of an option that takes a package (`package = ...`).
    Package,
    /// An argument of an override.
    Argument,
    /// Anything else.
    Other,
}

/// A change of a package: `.override { ... }`, `.overrideAttrs (old: { ... })`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NixOverride {
    /// `override`, `overrideAttrs`, `overridePythonAttrs`.
    pub method: String,
    /// The method's name, where it stands.
    pub span: Span,
    /// The attributes that it gives.
    pub arguments: Vec<NixArgument>,
    /// Whether there may be more.
    pub is_open: bool,
    /// Files that hold attributes which it gives where `arguments` does not: `import ./x.nix // { ... }`.
    pub imports: Vec<NixName>,
    /// Whether there may be more still.
    pub is_open_beside: bool,
}

impl NixOverride {
    /// The argument of that name.
    pub fn argument(&self, name: &str) -> Option<&NixArgument> {
        self.arguments.iter().rfind(|argument| argument.name == name)
    }
}

/// A function that gets a package set: an overlay and its like, or the choice of an environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NixLayer {
    /// What it is.
    pub kind: NixLayerKind,
    /// All of it.
    pub span: Span,
    /// The words to point at: the name that it is bound to, or its parameters.
    pub anchor: Span,
    /// The package set with all changes, as the function calls it.
    pub last: Option<String>,
    /// The package set before this change.
    pub previous: Option<String>,
    /// The set that it is handed to: `pkgs`, `python3`.
    pub of: Vec<String>,
    /// The attributes that it sets.
    pub names: Vec<NixName>,
    /// The function around it.
    pub parent: Option<usize>,
    /// The variable that it is bound to.
    pub variable: Option<String>,
    /// Whether the file uses it: in a list of overlays, as an output, as an argument, by its variable.
    pub is_used: bool,
    /// Whether the whole file is this function.
    pub is_file: bool,
}

/// Kinds of such functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NixLayerKind {
    /// An overlay of nixpkgs.
    Overlay,
    /// An item of `pythonPackagesExtensions`.
    Extension,
    /// `packageOverrides` of an interpreter.
    PackageOverrides,
    /// `overrides` of a Python package set.
    Overrides,
    /// `overrideScope`, `extend`.
    Scope,
    /// `withPackages (ps: [ ... ])`.
    WithPackages,
}

impl NixLayerKind {
    /// Whether its names are those of Python packages.
    pub fn is_python(self) -> bool {
        matches!(self, Self::Extension | Self::PackageOverrides | Self::Overrides | Self::WithPackages)
    }
}

/// `python3Packages = prev.python3Packages // { torch = ...; }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NixMerge {
    /// The package set on the left.
    pub path: Vec<String>,
    /// Its last name, where it stands.
    pub span: Span,
    /// The attribute that the result becomes, where it stands.
    pub defines: NixName,
    /// The attributes on the right.
    pub names: Vec<NixName>,
    /// The innermost function that it stands in.
    pub layer: Option<usize>,
}

/// Groups that a user of the machine is put into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NixUser {
    /// The user; none where the name is computed.
    pub name: Option<String>,
    /// The attribute that names the groups or the user, where it stands.
    pub span: Span,
    /// The groups.
    pub groups: Vec<String>,
    /// Whether there may be more groups.
    pub is_open: bool,
}

/// A name where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NixName {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

/// The configuration of a package set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NixConfig {
    /// What it is given.
    pub arguments: Vec<NixArgument>,
    /// Whether there may be more.
    pub is_open: bool,
    /// Files that hold what `arguments` does not, as written.
    pub imports: Vec<NixName>,
    /// Whether it is the module option `nixpkgs.config`, whose parts add up.
    pub is_option: bool,
    /// Whether these may be the packages that modules and functions get as `pkgs`; else they go by another name.
    pub is_default: bool,
}

impl NixConfig {
    /// A part of one, of packages that may be anybody's.
    pub fn part(arguments: Vec<NixArgument>) -> Self {
        Self { arguments, is_open: false, imports: Vec::new(), is_option: false, is_default: true }
    }

    /// The setting of that name.
    pub fn argument(&self, name: &str) -> Option<&NixArgument> {
        self.arguments.iter().rfind(|argument| argument.name == name)
    }
}

/// An option of a module that is given a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NixOption {
    /// Its names, outermost first, without `config`.
    pub path: Vec<String>,
    /// The last of its names, where it stands.
    pub name: Span,
    /// What it amounts to.
    pub value: NixValue,
    /// The value, where it stands.
    pub value_span: Span,
}

impl NixOption {
    /// The names as they are written, dotted.
    pub fn dotted(&self) -> String {
        self.path.join(".")
    }
}

/// A Python package that is built here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NixDerivation {
    /// Its name.
    pub name: String,
    /// The name, where it stands.
    pub name_span: Span,
    /// The variables of its build.
    pub environment: Vec<NixArgument>,
    /// Whether there may be more variables than were read.
    pub is_open: bool,
    /// The last names of what it depends on.
    pub inputs: Vec<String>,
    /// Whether there may be more dependencies than were read.
    pub has_open_inputs: bool,
}

/// A literal path of another Nix file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NixImport {
    /// The path as written, relative to the file.
    pub path: String,
    /// Where it stands.
    pub span: Span,
    /// The system that it is a part of, by the first byte of its list of modules; none for a part of the file itself.
    pub system: Option<u32>,
}

/// A parameter of a file that is a function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NixParameter {
    /// The name.
    pub name: String,
    /// What it stands for where a call leaves it out.
    pub default: Option<NixValue>,
}

/// A call of another file: `import ./x.nix { ... }`, `callPackage ./x.nix { ... }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NixCall {
    /// The path as written, relative to the file.
    pub path: String,
    /// The attribute or variable whose value it is.
    pub defines: Option<NixName>,
    /// What it is given.
    pub arguments: Vec<NixArgument>,
    /// Whether it may be given more, or something else later.
    pub is_open: bool,
    /// Whether a package set gives what is left out (`callPackage`).
    pub is_package: bool,
}

impl NixCall {
    /// The argument of that name.
    pub fn argument(&self, name: &str) -> Option<&NixArgument> {
        self.arguments.iter().rfind(|argument| argument.name == name)
    }
}

/// Where a package set comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NixPin {
    /// What is written: `<nixpkgs>`, an address.
    pub source: String,
    /// Where it stands.
    pub span: Span,
    /// Whether it is an input of a flake, which a lock file pins.
    pub is_input: bool,
    /// Whether something beside the address fixes it: a revision, a hash.
    pub is_fixed: bool,
}
