//! References to packages and package sets, and what is changed in them.

use super::reader::{Reader, STEPS};
use super::syntax::{Attr, Bound, Id, Kind};
use crate::span::Span;

/// Methods that change a package.
pub(super) const METHODS: &[&str] = &["override", "overrideAttrs", "overridePythonAttrs", "overrideDerivation"];
/// Functions whose last argument is the package that they are about.
const WRAPPERS: &[&str] = &["toPythonApplication", "toPythonModule", "hiPrio", "lowPrio", "setPrio", "lib.getBin"];
/// Methods that give the same set with some packages changed.
const EXTENDERS: &[&str] = &["extend", "appendOverlays", "overrideScope", "overrideScope'"];

/// What a path of a package starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    /// A parameter, or a name under `with`.
    Given,
    /// `import nixpkgs { ... }`: its arguments, if it has any.
    Imported(Option<Id>),
    /// What a function or another file gives.
    Computed,
}

/// A package, as an expression names it.
#[derive(Debug, Clone)]
pub(super) struct Package {
    pub path: Vec<String>,
    /// The last name as it is written where it is used.
    pub name: Span,
    pub root: Root,
    /// The methods that change it, with what each is given.
    pub overrides: Vec<(String, Span, Id)>,
}

impl Package {
    fn given(name: &str, span: Span) -> Self {
        Self { path: vec![name.to_owned()], name: span, root: Root::Given, overrides: Vec::new() }
    }

    /// Its last name.
    pub fn package_name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }
}

impl Reader<'_> {
    /// The package or package set that an expression is, if it is one.
    pub fn reference(&self, id: Id) -> Option<Package> {
        self.package(id, 0)
    }

    fn package(&self, id: Id, depth: usize) -> Option<Package> {
        if depth > STEPS {
            return None;
        }
        let syntax = &self.syntax;
        let expr = syntax.get(id);
        match &expr.kind {
            Kind::Var(name) => match syntax.lookup(expr.scope, name) {
                Bound::To(value) => {
                    self.package(value, depth + 1).map(|package| Package { name: expr.span, ..package })
                }
                Bound::Parameter(lambda) => match self.parameter(lambda, name) {
                    Some(value) => self.package(value, depth + 1).map(|package| Package { name: expr.span, ..package }),
                    None => Some(Package::given(name, expr.span)),
                },
                Bound::With(set, 1) => {
                    let mut package = self.package(set, depth + 1).unwrap_or_else(|| Package::given("with", expr.span));
                    if package.path == ["lib"] || package.path.last().is_some_and(|last| last == "lib") {
                        return None;
                    }
                    package.path.push(name.clone());
                    Some(Package { name: expr.span, ..package })
                }
                Bound::With(..) => Some(Package::given(name, expr.span)),
                Bound::Here | Bound::Builtin | Bound::Nothing => None,
            },
            Kind::Select { base, path, .. } => self.selection(*base, path, depth),
            Kind::Apply { .. } => self.call_of(id, depth),
            Kind::Let { body, .. } | Kind::With { body } | Kind::Assert { body } => self.package(*body, depth + 1),
            _ => None,
        }
    }

    fn selection(&self, base: Id, path: &[Attr], depth: usize) -> Option<Package> {
        let last = path.last()?.name()?;
        if METHODS.contains(&last.text.as_str()) {
            return None;
        }
        let names = path.iter().map(|attr| attr.name().map_or_else(|| "${}".to_owned(), |name| name.text.clone()));
        let Some(mut package) = self.package(base, depth + 1) else {
            return self.computed(base, names.collect(), last.span);
        };
        package.path.extend(names);
        // What is changed in a set is not changed in its parts.
        if !package.overrides.is_empty() {
            package.overrides.clear();
            package.root = Root::Computed;
        }
        Some(Package { name: last.span, ..package })
    }

    /// An attribute of something that a function gives, or of a set that is put together here.
    fn computed(&self, base: Id, names: Vec<String>, name: Span) -> Option<Package> {
        let mut path = match (self.syntax.kind(self.strip(base)), self.syntax.kind(base)) {
            // A set that is written out here holds what it holds.
            (Kind::Set { .. } | Kind::List(_) | Kind::Str { .. }, _) => return None,
            // The names of Nix itself are no packages.
            (_, Kind::Var(name)) if name == "builtins" => return None,
            (_, Kind::Var(name)) => vec![name.clone()],
            (Kind::Apply { .. }, _) => vec!["call".to_owned()],
            _ => return None,
        };
        path.extend(names);
        Some(Package { path, name, root: Root::Computed, overrides: Vec::new() })
    }

    fn call_of(&self, id: Id, depth: usize) -> Option<Package> {
        let (function, arguments) = self.syntax.call(id);
        let (&first, &last) = (arguments.first()?, arguments.last()?);
        if let Kind::Select { base, path, .. } = self.syntax.kind(function)
            && let Some((method, rest)) = path.split_last()
            && let Some(method) = method.name()
        {
            if METHODS.contains(&method.text.as_str()) && arguments.len() == 1 {
                let mut package = if rest.is_empty() {
                    self.package(*base, depth + 1)
                } else {
                    self.selection(*base, rest, depth + 1)
                }?;
                package.overrides.push((method.text.clone(), method.span, first));
                return Some(package);
            }
            if EXTENDERS.contains(&method.text.as_str()) && arguments.len() == 1 {
                return if rest.is_empty() {
                    self.package(*base, depth + 1)
                } else {
                    self.selection(*base, rest, depth + 1)
                };
            }
        }
        match self.syntax.function_name(function)? {
            "import" => {
                let settings = arguments.get(1).copied();
                // What another file of the repository holds is told apart by its path.
                let of_nixpkgs = match self.syntax.kind(self.strip(first)) {
                    Kind::Path => false,
                    Kind::SearchPath => self.slice(self.strip(first)).contains("nixpkgs"),
                    _ => self.slice(first).to_ascii_lowercase().contains("pkgs") || self.is_fetched(first),
                };
                (of_nixpkgs).then(|| Package {
                    path: vec!["nixpkgs".to_owned()],
                    name: self.syntax.get(first).span,
                    root: Root::Imported(settings),
                    overrides: Vec::new(),
                })
            }
            name if WRAPPERS.contains(&name) => self.package(last, depth + 1),
            _ => None,
        }
    }

    /// Whether an expression is nixpkgs fetched from an address.
    fn is_fetched(&self, id: Id) -> bool {
        self.slice(self.strip(id)).contains("nixpkgs")
    }
}
