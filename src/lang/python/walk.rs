//! One walk over a module: scopes, sites, definitions, lists, prose.

use std::cell::RefCell;
use std::collections::HashMap;

use tree_sitter::Node;

use super::condition::Reader;
use super::literals::{arch_collection, arch_string, string_content, unwrapped};
use super::{children, dotted, imports, predicates, reads};
use crate::arch::{ArchToken, MatchMode, tokens};
use crate::facts::{
    ArchExpr, ArchSite, Definition, DefinitionKind, FileFacts, PackageVersion, Prose, ProseKind, Relation, Sense,
    SiteKind,
};
use crate::span::Span;

/// A list of gfx names that a variable holds.
struct NamedList {
    tokens: Vec<ArchToken>,
    /// Its site, as an index into [`FileFacts::arch_sites`].
    site: usize,
}

/// What a scope binds.
#[derive(Default)]
struct Scope {
    /// Its dotted path; empty for the module.
    path: String,
    lists: HashMap<String, NamedList>,
    /// How often each name is assigned a value that could be true.
    assigned: HashMap<String, usize>,
}

/// The walk.
pub(super) struct Walker<'a> {
    text: &'a str,
    facts: &'a mut FileFacts,
    scopes: Vec<Scope>,
    /// Lists that a comparison used, with the mode that it used them in.
    used_lists: RefCell<Vec<(String, MatchMode)>>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(text: &'a str, facts: &'a mut FileFacts) -> Self {
        Self { text, facts, scopes: vec![Scope::default()], used_lists: RefCell::default() }
    }

    pub(super) fn module(mut self, root: Node<'_>) {
        self.statements(root);
        self.facts.arch_reads.extend(reads::reads(root, self.text, ""));
        self.leave();
    }

    fn path(&self) -> &str {
        self.scopes.last().map_or("", |scope| scope.path.as_str())
    }

    fn scoped(&self, name: &str) -> String {
        if self.path().is_empty() { name.to_owned() } else { format!("{}.{name}", self.path()) }
    }

    fn enter(&mut self, name: &str) {
        let path = self.scoped(name);
        self.scopes.push(Scope { path, ..Scope::default() });
    }

    /// Ends a scope: a name that is assigned twice is no constant.
    fn leave(&mut self) {
        let Some(scope) = self.scopes.pop() else { return };
        for definition in &mut self.facts.definitions {
            let own = definition.name.strip_prefix(scope.path.as_str()).map(|name| name.trim_start_matches('.'));
            if definition.kind == DefinitionKind::Constant
                && own.and_then(|name| scope.assigned.get(name)).is_some_and(|&times| times > 1)
            {
                definition.expr = ArchExpr::Unknown;
            }
        }
    }

    /// Reads with a reader that knows the lists in scope, then notes how they were compared.
    fn read<T>(&mut self, read: impl FnOnce(&Reader<'_>) -> T) -> T {
        let result = {
            let (scopes, used) = (&self.scopes, &self.used_lists);
            let list_of = |name: &str, mode: MatchMode| {
                let list = scopes.iter().rev().find_map(|scope| scope.lists.get(name))?;
                used.borrow_mut().push((name.to_owned(), mode));
                Some(list.tokens.clone())
            };
            read(&Reader { text: self.text, list_of: &list_of })
        };
        for (name, used) in self.used_lists.take() {
            let site = self.scopes.iter().rev().find_map(|scope| scope.lists.get(&name)).map(|list| list.site);
            if let Some(ArchExpr::Matches { mode, .. }) =
                site.and_then(|site| self.facts.arch_sites.get_mut(site)).map(|site| &mut site.expr)
            {
                *mode = used;
            }
        }
        result
    }

    fn statements(&mut self, block: Node<'_>) {
        let mut cursor = block.walk();
        for child in block.named_children(&mut cursor) {
            self.statement(child);
        }
    }

    fn statement(&mut self, node: Node<'_>) {
        match node.kind() {
            "comment" => self.prose(Span::of(node), ProseKind::Comment),
            "import_statement" | "import_from_statement" => {
                let bound = imports::bound_by(node, self.text, self.path());
                self.facts.imports.extend(bound);
            }
            "function_definition" => self.function(node),
            "class_definition" => self.class(node),
            "if_statement" | "elif_clause" => {
                let sense = match node.child_by_field_name("consequence") {
                    Some(block) if predicates::refuses(block) => Sense::Refuses,
                    _ => Sense::Enables,
                };
                self.parts(node, sense);
            }
            "expression_statement" => match children(node).first() {
                Some(inner) if inner.kind() == "assignment" => self.assignment(*inner),
                _ => self.parts(node, Sense::Enables),
            },
            "return_statement" => self.returned(node),
            "block" | "module" => self.statements(node),
            _ => self.parts(node, Sense::Enables),
        }
    }

    /// The children of a compound statement: statements, or conditions of that sense.
    fn parts(&mut self, node: Node<'_>, sense: Sense) {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            if child.kind() == "comment"
                || child.kind() == "block"
                || child.kind().ends_with("_clause")
                || child.kind().ends_with("_statement")
                || child.kind().ends_with("_definition")
            {
                self.statement(child);
            } else {
                let is_condition =
                    node.child_by_field_name("condition") == Some(child) || node.kind() == "assert_statement";
                self.expression(child, sense, is_condition);
            }
        }
    }

    fn function(&mut self, node: Node<'_>) {
        let (Some(name), Some(body)) = (node.child_by_field_name("name"), node.child_by_field_name("body")) else {
            return;
        };
        let parameters = node.child_by_field_name("parameters").map(children).unwrap_or_default();
        let takes_values =
            parameters.iter().any(|parameter| !matches!(Span::of(*parameter).text(self.text), "self" | "cls"));
        let qualified = self.scoped(Span::of(name).text(self.text));
        self.comments_in(node);
        self.enter(Span::of(name).text(self.text));
        self.statements(body);
        let reads = reads::reads(body, self.text, self.path());
        self.facts.arch_reads.extend(reads);
        let (expr, ladder) = self.read(|reader| (predicates::summary(reader, body), predicates::ladder(reader, body)));
        let tells =
            if takes_values { is_strong(&expr) || self.names_local_condition(&expr) } else { expr.mentions_target() };
        if tells || ladder.is_some() {
            self.facts.definitions.push(Definition {
                name: qualified,
                kind: DefinitionKind::Function,
                span: Span::of(name),
                expr,
                ladder,
            });
        }
        self.leave();
    }

    /// Whether a name in it is a condition that the function itself defines.
    fn names_local_condition(&self, expr: &ArchExpr) -> bool {
        let locals: Vec<_> = expr.names().into_iter().map(|name| self.scoped(name)).collect();
        self.facts
            .definitions
            .iter()
            .any(|definition| definition.kind == DefinitionKind::Constant && locals.contains(&definition.name))
    }

    fn class(&mut self, node: Node<'_>) {
        let (Some(name), Some(body)) = (node.child_by_field_name("name"), node.child_by_field_name("body")) else {
            return;
        };
        self.comments_in(node);
        self.enter(Span::of(name).text(self.text));
        self.statements(body);
        self.leave();
    }

    fn assignment(&mut self, node: Node<'_>) {
        let Some(left) = node.child_by_field_name("left").and_then(|left| dotted(left, self.text)) else {
            return self.parts(node, Sense::Enables);
        };
        let Some(right) = node.child_by_field_name("right") else { return };
        if self.path().is_empty() && left == "__version__" {
            return self.version(right);
        }
        // `self.x = ...` in a method defines an attribute of the class.
        let name = match left.strip_prefix("self.").or_else(|| left.strip_prefix("cls.")) {
            Some(attribute) => match self.scopes.len().checked_sub(2).and_then(|at| self.scopes.get(at)) {
                Some(class) if !class.path.is_empty() => format!("{}.{attribute}", class.path),
                _ => left.clone(),
            },
            None => self.scoped(&left),
        };
        if let Some(tokens) = arch_collection(right, self.text) {
            let site = self.facts.arch_sites.len();
            self.site(
                SiteKind::PythonList,
                name,
                Span::of(right),
                ArchExpr::Matches { tokens: tokens.clone(), mode: MatchMode::Exact },
                Sense::Enables,
                Vec::new(),
            );
            if let Some(scope) = self.scopes.last_mut() {
                scope.lists.insert(left, NamedList { tokens, site });
            }
            return;
        }
        let expr = self.read(|reader| reader.condition(right));
        if expr != ArchExpr::Constant(false)
            && let Some(scope) = self.scopes.last_mut()
        {
            *scope.assigned.entry(left).or_default() += 1;
        }
        if expr.mentions_target() {
            self.facts.definitions.push(Definition {
                name: name.clone(),
                kind: DefinitionKind::Constant,
                span: Span::of(node.child_by_field_name("left").unwrap_or(node)),
                expr,
                ladder: None,
            });
        }
        let first = self.facts.arch_sites.len();
        self.expression(right, Sense::Enables, false);
        let path = self.path().to_owned();
        self.facts.arch_sites[first..]
            .iter_mut()
            .filter(|site| site.symbol == path)
            .for_each(|site| site.symbol.clone_from(&name));
    }

    /// `__version__ = version = '0.14.1'`.
    fn version(&mut self, value: Node<'_>) {
        let value =
            if value.kind() == "assignment" { value.child_by_field_name("right").unwrap_or(value) } else { value };
        if let Some(span) = string_content(value) {
            self.facts.versions.push(PackageVersion {
                package: String::new(),
                version: span.text(self.text).to_owned(),
                span,
            });
        }
    }

    /// `return`: a condition, or the number of a minimum capability.
    fn returned(&mut self, node: Node<'_>) {
        let is_minimum = self.path().ends_with("get_min_capability");
        match children(node).first() {
            Some(&value) if is_minimum && value.kind() == "integer" => {
                if let Ok(number) = Span::of(value).text(self.text).parse() {
                    let expr = ArchExpr::Capability { relation: Relation::GreaterOrEqual, number };
                    self.site(
                        SiteKind::PythonCapability,
                        self.path().to_owned(),
                        Span::of(value),
                        expr,
                        Sense::Enables,
                        Vec::new(),
                    );
                }
            }
            Some(&value) => self.expression(value, Sense::Enables, true),
            None => {}
        }
    }

    /// Sites in an expression: the largest conditions that mention targets, lists, dictionaries; and its strings.
    fn expression(&mut self, node: Node<'_>, sense: Sense, is_condition: bool) {
        match node.kind() {
            "comment" => return self.prose(Span::of(node), ProseKind::Comment),
            "string" => {
                if let Some(content) = string_content(node) {
                    self.prose(content, ProseKind::Message);
                }
            }
            "list" | "tuple" | "set" if let Some(tokens) = arch_collection(node, self.text) => {
                let expr = ArchExpr::Matches { tokens, mode: MatchMode::Exact };
                return self.site(
                    SiteKind::PythonList,
                    self.path().to_owned(),
                    Span::of(node),
                    expr,
                    Sense::Enables,
                    Vec::new(),
                );
            }
            "dictionary" => self.dictionary(node),
            "lambda" => {
                if let Some(body) = node.child_by_field_name("body") {
                    self.expression(body, Sense::Enables, true);
                }
                return;
            }
            "conditional_expression" if !self.chooses_condition(node) => {
                if let [then, condition, otherwise] = children(node).as_slice() {
                    self.expression(*condition, Sense::Enables, true);
                    self.expression(*then, Sense::Enables, false);
                    self.expression(*otherwise, Sense::Enables, false);
                }
                return;
            }
            "parenthesized_expression" => {
                if let Some(&inner) = children(node).first() {
                    self.comments_in(node);
                    self.expression(inner, sense, is_condition);
                }
                return;
            }
            "boolean_operator" | "not_operator" | "comparison_operator" | "call" | "conditional_expression"
                if self.condition_site(node, sense, is_condition) =>
            {
                self.comments_in(node);
                return;
            }
            "identifier" | "attribute" if is_condition => {
                self.condition_site(node, sense, true);
                return;
            }
            _ => {}
        }
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            let keeps_context = node.kind() == "boolean_operator" && is_condition;
            self.expression(child, sense, keeps_context);
        }
    }

    /// Whether a conditional expression chooses between conditions on the target, not between values.
    fn chooses_condition(&mut self, node: Node<'_>) -> bool {
        match children(node).as_slice() {
            [then, condition, otherwise] => self.read(|reader| {
                let values = [then, otherwise].map(|&value| (unwrapped(value).kind(), reader.condition(value)));
                let is_condition = |(kind, expr): &(&str, ArchExpr)| {
                    matches!(expr, ArchExpr::Constant(_)) || (*kind != "identifier" && expr.mentions_target())
                };
                values.iter().all(is_condition)
                    && values.iter().any(|(_, expr)| expr.mentions_target())
                    && !is_strong(&reader.condition(*condition))
            }),
            _ => false,
        }
    }

    /// Records a condition as a site; false where it does not mention targets.
    fn condition_site(&mut self, node: Node<'_>, sense: Sense, is_condition: bool) -> bool {
        let expr = self.read(|reader| reader.condition(node));
        let bare_name = matches!(expr, ArchExpr::Named(_)) && matches!(node.kind(), "identifier" | "attribute");
        if !expr.mentions_target() || (bare_name && !is_condition) {
            return false;
        }
        let mut atoms = Vec::new();
        self.read(|reader| atoms_of(reader, node, &mut atoms));
        let kind = self.kind_of(node, &expr);
        self.site(kind, self.path().to_owned(), Span::of(node), expr, sense, atoms);
        // Arguments of calls may hold conditions of their own; a call without arguments is all there is.
        if node.kind() == "call"
            && let Some(arguments) = node.child_by_field_name("arguments")
            && arguments.kind() == "argument_list"
            && !matches!(self.facts.arch_sites.last(), Some(site) if is_strong(&site.expr))
        {
            return children(arguments).is_empty();
        }
        true
    }

    fn kind_of(&self, node: Node<'_>, expr: &ArchExpr) -> SiteKind {
        let mut kind = SiteKind::PythonPredicate;
        expr.visit(&mut |part| match part {
            ArchExpr::Matches { .. } => kind = SiteKind::PythonTest,
            ArchExpr::Capability { .. } if kind != SiteKind::PythonTest => kind = SiteKind::PythonCapability,
            ArchExpr::Ordinal { .. } if kind == SiteKind::PythonPredicate => kind = SiteKind::PythonOrdinal,
            _ => {}
        });
        if kind == SiteKind::PythonTest && self.is_string_membership(node) {
            SiteKind::PythonStringMembership
        } else {
            kind
        }
    }

    /// `x in ('gfx942')`.
    fn is_string_membership(&self, node: Node<'_>) -> bool {
        let node = unwrapped(node);
        match node.kind() {
            "comparison_operator" => {
                let mut cursor = node.walk();
                let is_membership = node
                    .children_by_field_name("operators", &mut cursor)
                    .any(|part| matches!(part.kind(), "in" | "not in"));
                is_membership
                    && children(node).last().is_some_and(|&right| {
                        right.kind() == "parenthesized_expression" && arch_string(unwrapped(right), self.text).is_some()
                    })
            }
            "boolean_operator" | "not_operator" => {
                children(node).into_iter().any(|part| self.is_string_membership(part))
            }
            _ => false,
        }
    }

    /// A dictionary keyed by gfx names.
    fn dictionary(&mut self, node: Node<'_>) {
        let keys: Vec<_> = children(node).into_iter().filter_map(|pair| pair.child_by_field_name("key")).collect();
        let tokens: Vec<_> = keys.iter().filter_map(|&key| arch_string(key, self.text)).collect();
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return };
        if tokens.len() == keys.len() {
            let span = Span::of(*first).hull(Span::of(*last));
            self.site(
                SiteKind::PythonDict,
                self.path().to_owned(),
                span,
                ArchExpr::Matches { tokens, mode: MatchMode::Exact },
                Sense::Enables,
                Vec::new(),
            );
        }
    }

    fn site(
        &mut self,
        kind: SiteKind,
        symbol: String,
        span: Span,
        expr: ArchExpr,
        sense: Sense,
        atoms: Vec<(Span, ArchExpr)>,
    ) {
        let scope = self.path().to_owned();
        self.facts.arch_sites.push(ArchSite { kind, symbol, span, expr, sense, scope, atoms });
    }

    fn comments_in(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        let comments: Vec<_> =
            node.named_children(&mut cursor).filter(|child| child.kind() == "comment").map(Span::of).collect();
        comments.into_iter().for_each(|comment| self.prose(comment, ProseKind::Comment));
    }

    fn prose(&mut self, span: Span, kind: ProseKind) {
        let tokens = tokens(self.text, span);
        if !tokens.is_empty() {
            self.facts.prose.push(Prose { kind, span, tokens });
        }
    }
}

/// Whether it tests the target itself, not just by way of names.
fn is_strong(expr: &ArchExpr) -> bool {
    let mut strong = false;
    expr.visit(&mut |part| {
        strong |= matches!(part, ArchExpr::Matches { .. } | ArchExpr::Capability { .. } | ArchExpr::Regex(_))
    });
    strong
}

/// The operands of a condition, with where each stands.
fn atoms_of(reader: &Reader<'_>, node: Node<'_>, atoms: &mut Vec<(Span, ArchExpr)>) {
    match node.kind() {
        "boolean_operator" | "not_operator" | "parenthesized_expression" | "conditional_expression" => {
            children(node).into_iter().for_each(|child| atoms_of(reader, child, atoms));
        }
        _ => {
            let expr = match reader.condition(node) {
                // `x is not True` is about `x`.
                ArchExpr::Not(inner) if matches!(*inner, ArchExpr::Named(_)) => *inner,
                expr => expr,
            };
            if expr.mentions_target() {
                atoms.push((Span::of(node), expr));
            }
        }
    }
}
