//! What a condition says of each target, names followed through scopes, imports and classes.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::Workspace;
use super::modules::{DefinitionAt, scope_of};
use crate::arch::{ArchTruth, Universe};
use crate::facts::{ArchExpr, Definition, SettingKind};
use crate::span::{FileId, Place};

/// Names are followed through at most this many definitions, so that circles end.
const DEEPEST: usize = 24;

/// Resolves conditions, and remembers what definitions said.
pub(super) struct Resolver<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) universe: &'a Universe,
    known: RefCell<FxHashMap<DefinitionAt, ArchTruth>>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(workspace: &'a Workspace, universe: &'a Universe) -> Self {
        Self { workspace, universe, known: RefCell::default() }
    }

    /// What a condition says, names looked up from `scope` in `file`.
    pub(super) fn truth(&self, file: FileId, scope: &str, expr: &ArchExpr) -> ArchTruth {
        self.follow(file, scope, expr, 0)
    }

    fn follow(&self, file: FileId, scope: &str, expr: &ArchExpr, depth: usize) -> ArchTruth {
        let all = self.universe.all();
        let inner = |expr: &ArchExpr| self.follow(file, scope, expr, depth);
        match expr {
            ArchExpr::Unknown => ArchTruth::unknown(all),
            ArchExpr::Constant(value) => ArchTruth::constant(*value, all),
            ArchExpr::Matches { tokens, mode } => {
                let set = tokens.iter().fold(Default::default(), |set: crate::arch::ArchSet, token| {
                    set.union(self.universe.covers(&token.name, *mode))
                });
                ArchTruth::exactly(set, all)
            }
            ArchExpr::Regex(pattern) => match regex_lite::Regex::new(pattern) {
                Ok(pattern) => ArchTruth::exactly(self.universe.select(|name| pattern.is_match(name)), all),
                Err(_) => ArchTruth::unknown(all),
            },
            ArchExpr::Capability { relation, number } => ArchTruth::exactly(
                self.universe.by_capability(|capability| relation.holds(i64::from(capability), *number)),
                all,
            ),
            ArchExpr::Named(name) => self.named(file, scope, name, depth),
            ArchExpr::Ordinal { ladder, relation, numbers } => {
                let found =
                    self.lookup(file, scope, ladder).and_then(|at| Some((at, self.definition(at).ladder.as_ref()?)));
                match found {
                    Some((at, ladder)) if depth < DEEPEST => {
                        let definition = self.definition(at);
                        let expr = ladder.compared(*relation, numbers);
                        self.follow(at.0, &definition.name, &expr, depth + 1)
                    }
                    _ => ArchTruth::unknown(all),
                }
            }
            ArchExpr::Not(part) => inner(part).negated(),
            ArchExpr::All(parts) => parts.iter().map(inner).fold(ArchTruth::constant(true, all), ArchTruth::and),
            ArchExpr::Any(parts) => parts.iter().map(inner).fold(ArchTruth::constant(false, all), ArchTruth::or),
            ArchExpr::Select(parts) => ArchTruth::select(inner(&parts[0]), inner(&parts[1]), inner(&parts[2])),
        }
    }

    fn named(&self, file: FileId, scope: &str, name: &str, depth: usize) -> ArchTruth {
        let unknown = ArchTruth::unknown(self.universe.all());
        if depth >= DEEPEST {
            return unknown;
        }
        if let Some(at) = self.lookup(file, scope, name) {
            if let Some(&truth) = self.known.borrow().get(&at) {
                return truth;
            }
            let definition = self.definition(at);
            let truth = self.follow(at.0, scope_of(definition), &definition.expr, depth + 1);
            self.known.borrow_mut().insert(at, truth);
            return truth;
        }
        if let Some(is_so) = platform_question(name) {
            return ArchTruth::constant(is_so, self.universe.all());
        }
        self.list_variable(file, name).unwrap_or(unknown)
    }

    /// A CMake variable that holds a list: true for its members.
    fn list_variable(&self, file: FileId, name: &str) -> Option<ArchTruth> {
        let setting = self
            .workspace
            .facts(file)
            .settings
            .iter()
            .find(|setting| setting.kind == SettingKind::CmakeSet && setting.name == name)?;
        let list = super::arch_list(&setting.value, self.universe)?;
        Some(ArchTruth::exactly(list.covers(), self.universe.all()))
    }

    /// Where the condition that a name stands for is defined, for `via`.
    pub(super) fn origin(&self, file: FileId, scope: &str, expr: &ArchExpr) -> Option<Place> {
        let name = expr
            .names()
            .into_iter()
            .find(|name| self.lookup(file, scope, name).is_some() || self.list_variable(file, name).is_some())?;
        match self.lookup(file, scope, name) {
            Some(at) => Some(Place { file: at.0, span: self.definition(at).span }),
            None => self
                .workspace
                .facts(file)
                .settings
                .iter()
                .find(|setting| setting.name == name)
                .map(|setting| Place { file, span: setting.span }),
        }
    }

    fn definition(&self, at: DefinitionAt) -> &'a Definition {
        &self.workspace.facts(at.0).definitions[at.1]
    }

    /// The definition that a dotted name means at `scope` of `file`.
    pub(super) fn lookup(&self, file: FileId, scope: &str, name: &str) -> Option<DefinitionAt> {
        let sources = self.workspace.sources();
        if sources.get(file).language != "python" {
            return self.native(file, name);
        }
        let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
        if let (true, Some(rest)) = (matches!(first, "self" | "cls"), rest) {
            return enclosing(scope).find_map(|class| self.in_file(file, &format!("{class}.{rest}")));
        }
        for place in enclosing(scope).chain([""]) {
            let imports = &self.workspace.facts(file).imports;
            if let Some(import) = imports.iter().find(|import| import.scope == place && import.local == first)
                && let Some(found) = self.imported(file, &import.module, import.name.as_deref(), rest, 0)
            {
                return Some(found);
            }
            let local = if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
            if let Some(found) = self.in_file(file, &local) {
                return Some(found);
            }
        }
        self.platform_method(name)
    }

    /// What `from module import name` followed by `.rest` means; re-exports are followed.
    fn imported(
        &self,
        file: FileId,
        module: &str,
        name: Option<&str>,
        rest: Option<&str>,
        depth: usize,
    ) -> Option<DefinitionAt> {
        let modules = self.workspace.modules();
        let module = modules.absolute(self.workspace.sources(), file, module)?;
        let dotted = [name, rest].into_iter().flatten().collect::<Vec<_>>().join(".");
        if dotted.is_empty() || depth > 8 {
            return None;
        }
        // The longest prefix that is a module, then a name in it.
        let (mut module, mut dotted) = (module, dotted);
        while let Some((first, inner)) =
            dotted.split_once('.').map(|(first, inner)| (first.to_owned(), inner.to_owned()))
        {
            let deeper = format!("{module}.{first}");
            if modules.file(&deeper).is_none() && modules.file(&module).is_some() {
                break;
            }
            (module, dotted) = (deeper, inner);
        }
        let target = modules.file(&module)?;
        if let Some(found) = self.in_file(target, &dotted) {
            return Some(found);
        }
        let (first, rest) = dotted.split_once('.').map_or((dotted.as_str(), None), |(first, rest)| (first, Some(rest)));
        let again = self
            .workspace
            .facts(target)
            .imports
            .iter()
            .find(|import| import.scope.is_empty() && import.local == first)?;
        self.imported(target, &again.module, again.name.as_deref(), rest, depth + 1)
    }

    /// The one definition of a name in a file; stubs (`X = False` on another platform) do not count.
    fn in_file(&self, file: FileId, name: &str) -> Option<DefinitionAt> {
        let all = self.workspace.modules().definitions(file, name);
        let mut real =
            all.iter().filter(|&&at| !matches!(self.workspace.facts(file).definitions[at].expr, ArchExpr::Constant(_)));
        match (real.next(), real.next()) {
            (Some(&only), None) => Some((file, only)),
            (Some(&first), Some(_)) => {
                let same = |&at: &usize| {
                    self.workspace.facts(file).definitions[at].expr
                        == self.workspace.facts(file).definitions[first].expr
                };
                all.iter().all(same).then_some((file, first))
            }
            _ => None,
        }
    }

    /// A macro or host function: of this file, or the only one of that name anywhere.
    fn native(&self, file: FileId, name: &str) -> Option<DefinitionAt> {
        self.in_file(file, name).or_else(|| match self.workspace.modules().natives(name) {
            [only] => Some(*only),
            _ => None,
        })
    }

    /// `current_platform.supports_fp8()`: on this stack, the method of the ROCm platform.
    fn platform_method(&self, name: &str) -> Option<DefinitionAt> {
        let (receiver, method) = name.rsplit_once('.')?;
        if !receiver.rsplit('.').next()?.to_ascii_lowercase().ends_with("platform") {
            return None;
        }
        let of_rocm = |at: &&DefinitionAt| self.definition(**at).name.to_ascii_lowercase().contains("rocm");
        self.workspace.modules().methods(method).iter().find(of_rocm).copied()
    }
}

/// What vLLM's `Platform` answers on an AMD GPU: its methods in `vllm/platforms/interface.py`.
fn platform_question(name: &str) -> Option<bool> {
    match name.rsplit_once('.')?.1 {
        "is_rocm" | "is_cuda_alike" => Some(true),
        "is_cuda" | "is_cpu" | "is_tpu" | "is_xpu" | "is_hpu" | "is_neuron" => Some(false),
        _ => None,
    }
}

/// `a.b.c`, then `a.b`, then `a`.
fn enclosing(scope: &str) -> impl Iterator<Item = &str> {
    let mut next = (!scope.is_empty()).then_some(scope);
    std::iter::from_fn(move || {
        let current = next?;
        next = current.rsplit_once('.').map(|(outer, _)| outer);
        Some(current)
    })
}
