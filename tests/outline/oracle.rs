//! The same outline, read off the tree-sitter parse: slower, recursive, and written without a look at the scanner.

use std::collections::BTreeSet;

use gfxlint::facts::outline::{BindingKind, Context, Gate, Guard, Reach, Scope};
use gfxlint::span::Span;
use tree_sitter::{Node, Parser};

use crate::condition::{self, Test, Three};
use crate::literals;
use crate::view::{self, View};

/// The oracle's view; none where tree-sitter cannot parse the text or finds statements of Python 2 in it.
pub fn view(text: &str) -> Option<View> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_python::LANGUAGE.into()).unwrap();
    let tree = parser.parse(text, None).unwrap();
    let old = |kind: &str| matches!(kind, "print_statement" | "exec_statement");
    if tree.root_node().has_error() || descendants(tree.root_node()).iter().any(|node| old(node.kind())) {
        return None;
    }
    let mut oracle = Oracle { text, view: View::default() };
    let mut scope = Space { kind: Scope::Module, globals: BTreeSet::new() };
    oracle.block(tree.root_node(), &Place { context: Context::default(), gates: Vec::new() }, &mut scope);
    Some(oracle.view.sorted())
}

pub fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !matches!(child.kind(), "comment" | "line_continuation")).collect()
}

pub fn descendants(node: Node<'_>) -> Vec<Node<'_>> {
    let (mut all, mut pending) = (Vec::new(), vec![node]);
    while let Some(node) = pending.pop() {
        all.push(node);
        pending.extend(children(node).into_iter().rev());
    }
    all
}

fn field<'t>(node: Node<'t>, name: &str) -> Option<Node<'t>> {
    node.child_by_field_name(name)
}

/// A context with its version tests written out.
#[derive(Clone)]
struct Place {
    context: Context,
    /// Outermost first.
    gates: Vec<Gate>,
}

impl Place {
    fn written(&self, guarded: bool) -> String {
        view::context(self.context, &self.gates.iter().rev().collect::<Vec<_>>(), guarded)
    }

    fn reached(&self, runtime: Three, types: Three) -> Self {
        let mut context = self.context;
        let here = (context.reach, runtime, types);
        context.reach = match here {
            (Reach::Dead, ..) => Reach::Dead,
            (Reach::TypeOnly, _, Three::No) | (_, Three::No, Three::No) => Reach::Dead,
            (Reach::TypeOnly, ..) | (_, Three::No, _) => Reach::TypeOnly,
            (Reach::Certain, Three::Yes, _) => Reach::Certain,
            _ => Reach::Undecided,
        };
        context.hidden_from_types |= types == Three::No && runtime != Three::No;
        Self { context, gates: self.gates.clone() }
    }

    fn gated(mut self, test: &Test, holds: bool) -> Self {
        self.gates.push(Gate {
            versions: test.versions.iter().map(|version| version.as_str().into()).collect(),
            holds,
            outer: None,
        });
        self
    }
}

/// A namespace.
struct Space<'t> {
    kind: Scope,
    globals: BTreeSet<&'t str>,
}

struct Oracle<'t> {
    text: &'t str,
    view: View,
}

impl<'t> Oracle<'t> {
    fn written(&self, node: Node<'_>) -> &'t str {
        Span::of(node).text(self.text)
    }

    fn block(&mut self, block: Node<'_>, place: &Place, space: &mut Space<'t>) {
        for statement in children(block) {
            self.statement(statement, place, space);
        }
    }

    fn field_block(&mut self, node: Node<'_>, name: &str, place: &Place, space: &mut Space<'t>) {
        if let Some(block) = field(node, name) {
            self.block(block, place, space);
        }
    }

    fn statement(&mut self, node: Node<'_>, place: &Place, space: &mut Space<'t>) {
        let undecided = || place.reached(Three::Maybe, Three::Maybe);
        let header = |oracle: &mut Self, names: &[&str], space: &Space<'t>| {
            for part in names.iter().filter_map(|name| field(node, name)) {
                oracle.expression(part, place, space);
            }
        };
        match node.kind() {
            "if_statement" => self.choice(node, place, space),
            "while_statement" => {
                header(self, &["condition"], space);
                let truth = condition::read(field(node, "condition").unwrap(), self.text);
                self.field_block(node, "body", &place.reached(truth.runtime, truth.types), space);
                self.loop_else(node, &undecided(), space);
            }
            "for_statement" => {
                header(self, &["left", "right"], space);
                self.targets(field(node, "left").unwrap(), BindingKind::For, place, space);
                self.field_block(node, "body", &undecided(), space);
                self.loop_else(node, &undecided(), space);
            }
            "with_statement" => self.with(node, place, space),
            "try_statement" => self.attempt(node, place, space),
            "match_statement" => {
                header(self, &["subject"], space);
                for case in field(node, "body").map(children).unwrap_or_default() {
                    for part in children(case).into_iter().filter(|part| part.kind() != "block") {
                        self.expression(part, place, space);
                        if part.kind() == "case_pattern" {
                            self.captures(part, place, space);
                        }
                    }
                    self.field_block(case, "consequence", &undecided(), space);
                }
            }
            "decorated_definition" => {
                for part in children(node) {
                    if part.kind() == "decorator" {
                        self.expression(part, place, space)
                    } else {
                        self.statement(part, place, space)
                    }
                }
            }
            "function_definition" => {
                header(self, &["parameters", "return_type"], space);
                let name = field(node, "name").unwrap();
                self.bind(name, BindingKind::Function, None, place, space);
                if space.kind == Scope::Module && self.written(name) == "__getattr__" {
                    self.view.lines.retain(|line| !line[9..].starts_with("getattr "));
                    self.view.add(name.start_byte(), format!("getattr {}", place.written(false)));
                }
                let context =
                    Context { scope: Scope::Function, guard: Guard::default(), handler: false, ..place.context };
                let mut inner = Space { kind: Scope::Function, globals: BTreeSet::new() };
                self.field_block(node, "body", &Place { context, gates: place.gates.clone() }, &mut inner);
            }
            "class_definition" => {
                header(self, &["superclasses"], space);
                self.bind(field(node, "name").unwrap(), BindingKind::Class, None, place, space);
                let kind = if space.kind == Scope::Function { Scope::Function } else { Scope::Class };
                let context = Context { scope: kind, ..place.context };
                self.field_block(
                    node,
                    "body",
                    &Place { context, gates: place.gates.clone() },
                    &mut Space { kind, globals: BTreeSet::new() },
                );
            }
            "import_statement" | "import_from_statement" | "future_import_statement" => self.import(node, place, space),
            "global_statement" if space.kind != Scope::Module => {
                space.globals.extend(children(node).into_iter().map(|name| self.written(name)))
            }
            "delete_statement" => {
                self.expression(node, place, space);
                if space.kind == Scope::Module {
                    for name in names(node) {
                        self.view
                            .add(name.start_byte(), format!("del {} {}", self.written(name), place.written(false)));
                    }
                }
            }
            "type_alias_statement" => {
                let left = field(node, "left").unwrap();
                let name = descendants(left).into_iter().find(|node| node.kind() == "identifier").unwrap();
                self.bind(name, BindingKind::Assignment, None, place, space);
                self.expression(node, place, space);
            }
            "expression_statement" => self.expression_statement(node, place, space),
            _ => self.expression(node, place, space),
        }
    }

    fn loop_else(&mut self, node: Node<'_>, place: &Place, space: &mut Space<'t>) {
        if let Some(clause) = field(node, "alternative") {
            self.field_block(clause, "body", place, space);
        }
    }

    fn choice(&mut self, node: Node<'_>, place: &Place, space: &mut Space<'t>) {
        let (mut runtime, mut types) = (Three::No, Three::No);
        let mut behind = place.clone();
        let mut cursor = node.walk();
        let branches: Vec<_> =
            std::iter::once(node).chain(node.children_by_field_name("alternative", &mut cursor)).collect();
        for branch in branches {
            let Some(tested) = field(branch, "condition") else {
                let body = behind.reached(runtime.not(), types.not());
                self.field_block(branch, "body", &body, space);
                continue;
            };
            self.expression(tested, place, space);
            let truth = condition::read(tested, self.text);
            if let Some(test) = truth.test.as_ref().filter(|test| test.exact) {
                let body = behind.reached(runtime.not(), types.not()).gated(test, test.holds);
                self.field_block(branch, "consequence", &body, space);
                behind = behind.gated(test, !test.holds);
                continue;
            }
            let (here, here_types) = (runtime.not().and(truth.runtime), types.not().and(truth.types));
            let mut body = behind.reached(here, here_types);
            if let Some(test) = &truth.test {
                body = body.gated(test, test.holds);
            }
            self.field_block(branch, "consequence", &body, space);
            (runtime, types) = (runtime.or(here), types.or(here_types));
        }
    }

    fn with(&mut self, node: Node<'_>, place: &Place, space: &mut Space<'t>) {
        let mut inner = place.clone();
        let clause = children(node).into_iter().find(|child| child.kind() == "with_clause").unwrap();
        self.expression(clause, place, space);
        for pattern in descendants(clause) {
            if let Some(alias) = field(pattern, "alias").filter(|_| pattern.kind() == "as_pattern") {
                self.targets(alias, BindingKind::With, place, space);
            }
            if let (Some(function), Some(arguments)) = (field(pattern, "function"), field(pattern, "arguments"))
                && matches!(self.written(function).rsplit('.').next(), Some("suppress" | "raises"))
            {
                let classes = children(arguments).into_iter().filter(|argument| argument.kind() != "keyword_argument");
                let caught = literals::caught(classes, self.text);
                inner.context.guard.module |= caught.module;
                inner.context.guard.name |= caught.name;
            }
        }
        self.field_block(node, "body", &inner, space);
    }

    fn attempt(&mut self, node: Node<'_>, place: &Place, space: &mut Space<'t>) {
        let (mut module, mut name) = (None, None);
        let handlers: Vec<_> = children(node).into_iter().filter(|child| child.kind() == "except_clause").collect();
        for handler in &handlers {
            let value = children(*handler).into_iter().find(|child| child.kind() != "block");
            let classes = value.map(|value| if value.kind() == "as_pattern" { children(value)[0] } else { value });
            let caught =
                classes.map_or(Guard { module: true, name: true }, |classes| literals::caught([classes], self.text));
            let body = children(*handler).into_iter().rfind(|child| child.kind() == "block").unwrap();
            let raises = children(body).iter().any(|statement| statement.kind() == "raise_statement");
            if caught.module {
                module.get_or_insert(!raises);
            }
            if caught.name {
                name.get_or_insert(!raises);
            }
        }
        let mut body = place.clone();
        body.context.guard.module |= module == Some(true);
        body.context.guard.name |= name == Some(true);
        self.field_block(node, "body", &body, space);
        for clause in children(node) {
            let mut inner = place.clone();
            match clause.kind() {
                "except_clause" => {
                    inner.context.handler = true;
                    for value in children(clause).into_iter().filter(|child| child.kind() != "block") {
                        self.expression(value, place, space);
                        let alias = field(clause, "alias").or_else(|| field(value, "alias"));
                        if let Some(alias) = alias {
                            self.targets(alias, BindingKind::Except, place, space);
                        }
                    }
                }
                "else_clause" | "finally_clause" => {}
                _ => continue,
            }
            if let Some(block) = children(clause).into_iter().rfind(|child| child.kind() == "block") {
                self.block(block, &inner, space);
            }
        }
    }

    fn captures(&mut self, pattern: Node<'_>, place: &Place, space: &Space<'t>) {
        for node in descendants(pattern) {
            let parent = node.parent().unwrap();
            let is_capture = match node.kind() {
                // A dotted name of one part is a capture, unless it is the class of a pattern.
                "dotted_name" => node.named_child_count() == 1 && parent.kind() != "class_pattern",
                "identifier" => match parent.kind() {
                    "splat_pattern" => true,
                    "as_pattern" => node.prev_sibling().is_some_and(|before| before.kind() == "as"),
                    "keyword_pattern" => node.prev_sibling().is_some(),
                    _ => false,
                },
                _ => false,
            };
            if is_capture && self.written(node) != "_" {
                self.bind(node, BindingKind::Match, None, place, space);
            }
        }
    }

    fn import(&mut self, node: Node<'_>, place: &Place, space: &Space<'t>) {
        let squeezed = |node: Node<'_>| {
            Span::of(node)
                .text(self.text)
                .chars()
                .filter(|letter| !letter.is_whitespace() && *letter != '\\')
                .collect::<String>()
        };
        let from = match (field(node, "module_name"), node.kind()) {
            (Some(module), _) => {
                let written = squeezed(module);
                let name = written.trim_start_matches('.');
                Some(format!("{}.{name}@{}", written.len() - name.len(), module.start_byte()))
            }
            (None, "future_import_statement") => {
                let at = (0..node.child_count())
                    .filter_map(|at| node.child(at))
                    .find(|child| child.kind() == "__future__")
                    .unwrap();
                Some(format!("0.__future__@{}", at.start_byte()))
            }
            _ => None,
        };
        let mut names = Vec::new();
        let mut cursor = node.walk();
        for item in node.children_by_field_name("name", &mut cursor) {
            let name = field(item, "name").filter(|_| item.kind() == "aliased_import").unwrap_or(item);
            let alias = field(item, "alias").map(|alias| self.written(alias).to_owned().into_boxed_str());
            let module = squeezed(name);
            names.push(format!("{module} as {alias:?}@{}..{}", name.start_byte(), name.end_byte()));
            let bound = alias.as_deref().map_or_else(
                || if from.is_none() { module.split('.').next().unwrap().to_owned() } else { module.clone() },
                ToOwned::to_owned,
            );
            if space.kind != Scope::Module && space.globals.contains(bound.as_str()) {
                self.view.add(name.start_byte(), format!("bind {bound} Global None {}", place.written(false)));
            }
        }
        if let Some(star) = children(node).into_iter().find(|child| child.kind() == "wildcard_import") {
            names.push(format!("* as None@{}..{}", star.start_byte(), star.end_byte()));
        }
        self.view
            .add(node.start_byte(), format!("import ..{} {from:?} {names:?} {}", node.end_byte(), place.written(true)));
    }

    fn expression_statement(&mut self, node: Node<'_>, place: &Place, space: &Space<'t>) {
        let is_module = space.kind == Scope::Module;
        let first = node.named_child(0);
        if let Some(mut assignment) = first.filter(|first| first.kind() == "assignment") {
            let value = literals::assigned_value(assignment);
            loop {
                let left = field(assignment, "left").unwrap();
                if let Some(value) = value {
                    let alias = literals::dotted(value, self.text);
                    if left.kind() == "identifier" {
                        self.bind(left, BindingKind::Assignment, alias.as_deref(), place, space);
                        if is_module {
                            literals::assigned(&mut self.view, self.text, left, value, node, &place.written(false));
                        }
                    } else {
                        self.targets(left, BindingKind::Assignment, place, space);
                    }
                }
                match field(assignment, "right").filter(|right| right.kind() == "assignment") {
                    Some(next) => assignment = next,
                    None => break,
                }
            }
        } else if let Some(first) = first.filter(|_| is_module) {
            literals::all_changed(&mut self.view, self.text, first, &place.written(false));
        }
        let is_docstring = first.is_some_and(|first| matches!(first.kind(), "string" | "concatenated_string"))
            && node.named_child_count() == 1;
        if !is_docstring {
            self.expression(node, place, space);
        }
    }

    fn bind(&mut self, name: Node<'_>, kind: BindingKind, alias: Option<&str>, place: &Place, space: &Space<'t>) {
        let written = self.written(name);
        let kind = match space.kind {
            Scope::Module => kind,
            _ if space.globals.contains(written) => BindingKind::Global,
            _ => return,
        };
        self.view.add(name.start_byte(), format!("bind {written} {kind:?} {alias:?} {}", place.written(false)));
    }

    fn targets(&mut self, node: Node<'_>, kind: BindingKind, place: &Place, space: &Space<'t>) {
        for name in names(node) {
            self.bind(name, kind, None, place, space);
        }
    }

    /// Walruses and qualified names in an expression.
    fn expression(&mut self, node: Node<'_>, place: &Place, space: &Space<'t>) {
        for inner in descendants(node) {
            match inner.kind() {
                "named_expression" if !in_lambda(inner, node) => {
                    self.bind(field(inner, "name").unwrap(), BindingKind::Walrus, None, place, space);
                }
                "string" | "concatenated_string" => {
                    if let Some((start, string)) = literals::qualified(inner, self.text) {
                        self.view.add(start, format!("string {string} {}", place.written(true)));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether a walrus stands in the body of a lambda.
fn in_lambda(node: Node<'_>, within: Node<'_>) -> bool {
    let mut at = node;
    while at != within {
        let Some(parent) = at.parent() else { return false };
        if parent.kind() == "lambda" && field(parent, "body") == Some(at) {
            return true;
        }
        at = parent;
    }
    false
}

/// The plain names among targets.
fn names(node: Node<'_>) -> Vec<Node<'_>> {
    match node.kind() {
        "identifier" => vec![node],
        "attribute" | "subscript" | "call" => Vec::new(),
        _ => children(node).into_iter().flat_map(names).collect(),
    }
}
