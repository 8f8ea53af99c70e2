//! From the grammar's syntax tree to [`Syntax`].

use rustc_hash::FxHashMap;
use tree_sitter::{Node, Tree};

use super::syntax::{Attr, Binding, Expr, Id, Kind, Lambda, Name, Operator, Part, Scope, ScopeKind, Syntax};
use crate::span::Span;

/// Expressions that are nested deeper are not looked into: nobody writes them by hand.
const DEPTH: usize = 120;

/// Lowers a whole file.
pub(super) fn lower(text: &str, tree: &Tree) -> Syntax {
    let root = tree.root_node();
    let outermost = Scope { parent: None, kind: ScopeKind::Names(FxHashMap::default()) };
    let syntax = Syntax { scopes: vec![outermost], is_whole: !root.has_error(), ..Syntax::default() };
    let mut lowering = Lowering { text, syntax, depth: 0 };
    if let Some(expression) = root.child_by_field_name("expression") {
        let id = lowering.expression(expression, 0, None);
        lowering.syntax.root = Some(id);
    }
    lowering.syntax
}

struct Lowering<'t> {
    text: &'t str,
    syntax: Syntax,
    depth: usize,
}

impl Lowering<'_> {
    /// Adds an expression whose parts follow.
    fn reserve(&mut self, span: Span, scope: usize, parent: Option<Id>) -> Id {
        self.syntax.exprs.push(Expr { kind: Kind::Unknown, span, parent, scope, binding: None });
        self.syntax.exprs.len() - 1
    }

    fn scope(&mut self, parent: usize, kind: ScopeKind) -> usize {
        self.syntax.scopes.push(Scope { parent: Some(parent), kind });
        self.syntax.scopes.len() - 1
    }

    fn expression(&mut self, node: Node<'_>, scope: usize, parent: Option<Id>) -> Id {
        let mut node = node;
        while node.kind() == "parenthesized_expression" {
            match node.child_by_field_name("expression") {
                Some(inner) => node = inner,
                None => break,
            }
        }
        let id = self.reserve(Span::of(node), scope, parent);
        self.depth += 1;
        if self.depth > DEPTH {
            self.syntax.is_whole = false;
        } else {
            let kind = self.kind(node, scope, id);
            self.syntax.exprs[id].kind = kind.unwrap_or(Kind::Unknown);
        }
        self.depth -= 1;
        id
    }

    fn field(&mut self, node: Node<'_>, name: &str, scope: usize, parent: Id) -> Option<Id> {
        node.child_by_field_name(name).map(|child| self.expression(child, scope, Some(parent)))
    }

    fn kind(&mut self, node: Node<'_>, scope: usize, id: Id) -> Option<Kind> {
        Some(match node.kind() {
            "variable_expression" => Kind::Var(Span::of(node).text(self.text).to_owned()),
            "integer_expression" | "float_expression" => Kind::Number,
            "path_expression" | "hpath_expression" => {
                self.interpolations(node, scope, id);
                Kind::Path
            }
            "spath_expression" => Kind::SearchPath,
            "uri_expression" => Kind::Uri,
            "string_expression" => Kind::Str { parts: self.parts(node, scope, id), is_indented: false },
            "indented_string_expression" => Kind::Str { parts: self.parts(node, scope, id), is_indented: true },
            "list_expression" => {
                let mut cursor = node.walk();
                let items: Vec<Node<'_>> = node.children_by_field_name("element", &mut cursor).collect();
                Kind::List(items.into_iter().map(|item| self.expression(item, scope, Some(id))).collect())
            }
            "attrset_expression" => Kind::Set { bindings: self.bindings(node, scope, id) },
            "rec_attrset_expression" | "let_attrset_expression" => {
                let (_, bindings) = self.named(node, scope, id);
                Kind::Set { bindings }
            }
            "let_expression" => {
                let (inner, bindings) = self.named(node, scope, id);
                Kind::Let { bindings, body: self.field(node, "body", inner, id)? }
            }
            "with_expression" => {
                let set = self.field(node, "environment", scope, id)?;
                let inner = self.scope(scope, ScopeKind::With(set));
                Kind::With { body: self.field(node, "body", inner, id)? }
            }
            "assert_expression" => {
                self.field(node, "condition", scope, id);
                Kind::Assert { body: self.field(node, "body", scope, id)? }
            }
            "function_expression" => self.lambda(node, scope, id)?,
            "apply_expression" => Kind::Apply {
                function: self.field(node, "function", scope, id)?,
                argument: self.field(node, "argument", scope, id)?,
            },
            "select_expression" => Kind::Select {
                base: self.field(node, "expression", scope, id)?,
                path: self.path(node.child_by_field_name("attrpath")?, scope, id),
                default: self.field(node, "default", scope, id),
            },
            "if_expression" => {
                self.field(node, "condition", scope, id);
                self.field(node, "consequence", scope, id);
                self.field(node, "alternative", scope, id);
                Kind::If
            }
            "binary_expression" => Kind::Binary {
                operator: match node.child_by_field_name("operator")?.kind() {
                    "//" => Operator::Update,
                    "++" => Operator::Concat,
                    "+" => Operator::Plus,
                    _ => Operator::Other,
                },
                left: self.field(node, "left", scope, id)?,
                right: self.field(node, "right", scope, id)?,
            },
            "unary_expression" => {
                self.field(node, "argument", scope, id);
                Kind::Unknown
            }
            "has_attr_expression" => {
                self.field(node, "expression", scope, id);
                Kind::Unknown
            }
            _ => return None,
        })
    }

    fn lambda(&mut self, node: Node<'_>, scope: usize, id: Id) -> Option<Kind> {
        let mut names = FxHashMap::default();
        let parameter = node.child_by_field_name("universal").map(|name| self.name(name));
        names.extend(parameter.iter().map(|name| (name.text.clone(), id)));
        let formals = node.child_by_field_name("formals");
        let mut nodes: Vec<Node<'_>> = Vec::new();
        if let Some(formals) = formals {
            let mut cursor = formals.walk();
            nodes = formals.children_by_field_name("formal", &mut cursor).collect();
        }
        for formal in &nodes {
            names.extend(formal.child_by_field_name("name").map(|name| (self.name(name).text, id)));
        }
        let inner = self.scope(scope, ScopeKind::Parameters(names));
        let read = |lowering: &mut Self, formal: &Node<'_>| {
            let name = lowering.name(formal.child_by_field_name("name")?);
            Some((name, lowering.field(*formal, "default", inner, id)))
        };
        let read: Vec<_> = nodes.iter().filter_map(|formal| read(self, formal)).collect();
        let body = self.field(node, "body", inner, id)?;
        Some(Kind::Lambda(Lambda { parameter, formals: formals.map(|_| read), body }))
    }

    /// The bindings of `let` and `rec`, which see each other.
    fn named(&mut self, node: Node<'_>, scope: usize, id: Id) -> (usize, Vec<Binding>) {
        let inner = self.scope(scope, ScopeKind::Names(FxHashMap::default()));
        let bindings = self.bindings_in(node, inner, scope, id);
        let mut names: FxHashMap<String, Option<Id>> = FxHashMap::default();
        for binding in &bindings {
            if let Some(first) = binding.path.first().and_then(Attr::name) {
                let value = (binding.path.len() == 1).then_some(binding.value);
                names.entry(first.text.clone()).and_modify(|known| *known = None).or_insert(value);
            }
        }
        self.syntax.scopes[inner].kind = ScopeKind::Names(names);
        (inner, bindings)
    }

    fn bindings(&mut self, node: Node<'_>, scope: usize, id: Id) -> Vec<Binding> {
        self.bindings_in(node, scope, scope, id)
    }

    /// Bindings whose values see `scope`; plain `inherit` takes names from `outer`.
    fn bindings_in(&mut self, node: Node<'_>, scope: usize, outer: usize, id: Id) -> Vec<Binding> {
        let mut cursor = node.walk();
        let Some(set) = node.named_children(&mut cursor).find(|child| child.kind() == "binding_set") else {
            return Vec::new();
        };
        let mut cursor = set.walk();
        let nodes: Vec<Node<'_>> = set.children_by_field_name("binding", &mut cursor).collect();
        let mut bindings = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.kind() {
                "binding" => {
                    let path = node.child_by_field_name("attrpath").map(|path| self.path(path, scope, id));
                    if let (Some(path), Some(value)) = (path, self.field(node, "expression", scope, id)) {
                        let span = Span::of(node);
                        let end =
                            node.child_by_field_name("expression").map_or(span.range().end, |value| value.end_byte());
                        bindings.push(Binding { path, value, span: Span::new(span.range().start, end) });
                    }
                }
                "inherit" => self.inherited(node, None, outer, id, &mut bindings),
                "inherit_from" => {
                    let from = self.field(node, "expression", scope, id);
                    self.inherited(node, from, scope, id, &mut bindings);
                }
                _ => {}
            }
        }
        for (at, binding) in bindings.iter().enumerate() {
            if let Some(value) = self.syntax.exprs.get_mut(binding.value) {
                value.binding = Some(at);
            }
        }
        bindings
    }

    fn inherited(&mut self, node: Node<'_>, from: Option<Id>, scope: usize, id: Id, bindings: &mut Vec<Binding>) {
        let Some(attrs) = node.child_by_field_name("attrs") else { return };
        for attr in self.path(attrs, scope, id) {
            let Some(name) = attr.name().cloned() else { continue };
            let value = self.reserve(name.span, scope, Some(id));
            self.syntax.exprs[value].kind = match from {
                Some(base) => Kind::Select { base, path: vec![attr], default: None },
                None => Kind::Var(name.text.clone()),
            };
            bindings.push(Binding { path: vec![Attr::Name(name.clone())], value, span: name.span });
        }
    }

    fn name(&self, node: Node<'_>) -> Name {
        let span = Span::of(node);
        Name { text: span.text(self.text).to_owned(), span }
    }

    fn path(&mut self, node: Node<'_>, scope: usize, id: Id) -> Vec<Attr> {
        let mut cursor = node.walk();
        let attrs: Vec<Node<'_>> = node.children_by_field_name("attr", &mut cursor).collect();
        attrs.into_iter().map(|attr| self.attr(attr, scope, id)).collect()
    }

    fn attr(&mut self, node: Node<'_>, scope: usize, id: Id) -> Attr {
        match node.kind() {
            "identifier" => Attr::Name(self.name(node)),
            "string_expression" => match self.parts(node, scope, id).as_slice() {
                [Part::Text(span)] => Attr::Name(Name { text: span.text(self.text).to_owned(), span: *span }),
                _ => Attr::Dynamic,
            },
            _ => {
                self.field(node, "expression", scope, id);
                Attr::Dynamic
            }
        }
    }

    /// Paths may hold expressions as well.
    fn interpolations(&mut self, node: Node<'_>, scope: usize, id: Id) {
        let mut cursor = node.walk();
        let inner: Vec<Node<'_>> =
            node.named_children(&mut cursor).filter(|child| child.kind() == "interpolation").collect();
        for node in inner {
            self.field(node, "expression", scope, id);
        }
    }

    fn parts(&mut self, node: Node<'_>, scope: usize, id: Id) -> Vec<Part> {
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
        let mut parts = Vec::with_capacity(children.len());
        for child in children {
            let span = Span::of(child);
            match child.kind() {
                "string_fragment" => match parts.last_mut() {
                    Some(Part::Text(last)) if last.end == span.start => last.end = span.end,
                    _ => parts.push(Part::Text(span)),
                },
                "escape_sequence" => parts.push(escape(self.text, span)),
                "interpolation" => {
                    if let Some(inner) = self.field(child, "expression", scope, id) {
                        parts.push(Part::Interpolation(inner, span));
                    }
                }
                _ => {}
            }
        }
        parts
    }
}

/// What an escape stands for: `\"`, `\n`, `'''`, `''\n`.
fn escape(text: &str, span: Span) -> Part {
    let written = span.text(text);
    let range = span.range();
    if written == "'''" {
        return Part::Escape(Span::new(range.start, range.start + 2));
    }
    let letter = written.trim_start_matches("''").trim_start_matches('\\');
    if letter == "n" {
        return Part::LineEnd(span);
    }
    Part::Escape(Span::new(range.end - letter.len().max(1), range.end))
}
