//! Statements that change the module's namespace other than by binding a name: `__all__`, `globals()`,
//! `sys.modules`, `exec`.

use super::collections::{elements, entries, group, named, text};
use super::lexer::{Kind, Token};
use super::scanner::{Binds, Scanner};
use crate::facts::outline::{
    AllAction, AllOperation, Binding, BindingKind, Element, Literal, OpaqueCause, RegisteredModule, Table,
};
use crate::span::Span;

impl Scanner<'_> {
    /// Takes what `name = value` says beyond binding the name.
    pub(super) fn assigned(&mut self, name: Token, value: &[Token], statement: &[Token]) {
        if self.binds() != Binds::Module {
            return;
        }
        let context = self.context();
        match self.lexer.written(name) {
            "__all__" => self.all(AllAction::Set, elements(&self.lexer, value), statement),
            _ if named(&self.lexer, value).is_some() => {}
            written => {
                let entries = entries(&self.lexer, value);
                // Sums of names and unknown things are arithmetic, or unions of types.
                let is_plain = entries.iter().all(|entry| entry.key != Element::Unknown);
                if !entries.is_empty()
                    && (is_plain || entries.iter().any(|entry| matches!(entry.key, Element::Text(_))))
                {
                    let span = hull(value);
                    self.found.tables.push(Table {
                        name: written.into(),
                        entries: entries.into(),
                        altered: false,
                        span,
                        context,
                    });
                }
            }
        }
    }

    /// Takes what a simple statement of the module's own scope does to the namespace.
    pub(super) fn namespace_effects(&mut self, statement: &[Token]) {
        let Some(first) = statement.first() else { return };
        match self.lexer.written(*first) {
            "__all__" => self.all_changed(statement),
            "__path__" if statement.len() > 1 => {
                self.found.path_altered.get_or_insert(hull(statement));
            }
            _ => {}
        }
        for (at, token) in statement.iter().enumerate() {
            if token.kind != Kind::Name {
                continue;
            }
            let after_dot = at.checked_sub(1).is_some_and(|before| statement[before].kind == Kind::Dot);
            let rest = &statement[at + 1..];
            match (self.lexer.written(*token), after_dot) {
                ("exec", false) if rest.first().is_some_and(|next| next.kind == Kind::Open) => {
                    self.found.opaque(OpaqueCause::Exec, token.span())
                }
                ("globals" | "vars" | "locals", false) => self.namespace_used(*token, rest),
                ("setattr", false) => self.attribute_set(*token, rest),
                ("modules", true) if at >= 2 && self.lexer.written(statement[at - 2]) == "sys" => {
                    self.modules_used(*token, rest)
                }
                _ => {}
            }
        }
    }

    fn all(&mut self, action: AllAction, elements: Vec<Element>, statement: &[Token]) {
        let context = self.context();
        self.found.all.push(AllOperation { action, elements: elements.into(), span: hull(statement), context });
    }

    /// `__all__ += …`, `__all__.extend(…)`; plain assignments are read as such.
    fn all_changed(&mut self, statement: &[Token]) {
        match &statement[1..] {
            [sign, value @ ..] if sign.kind == Kind::Augmented && self.lexer.written(*sign) == "+=" => {
                self.all(AllAction::Add, elements(&self.lexer, value), statement)
            }
            [dot, method, call @ ..] if dot.kind == Kind::Dot && group(call).is_some() => {
                let arguments = group(call).unwrap_or_default();
                let single = |tokens: &[Token]| vec![text(&self.lexer, tokens).map_or(Element::Unknown, Element::Text)];
                let (action, elements) = match self.lexer.written(*method) {
                    "extend" => (AllAction::Add, elements(&self.lexer, arguments)),
                    "append" => (AllAction::Add, single(arguments)),
                    "insert" => (
                        AllAction::Add,
                        single(arguments.splitn(2, |token| token.kind == Kind::Comma).nth(1).unwrap_or_default()),
                    ),
                    "remove" => (AllAction::Remove, single(arguments)),
                    "sort" | "reverse" | "copy" | "index" | "count" => return,
                    _ => (AllAction::Alter, Vec::new()),
                };
                self.all(action, elements, statement);
            }
            [next, ..] if next.kind == Kind::Augmented || next.kind == Kind::Comma || next.kind == Kind::Open => {
                self.all(AllAction::Alter, Vec::new(), statement)
            }
            _ => {}
        }
    }

    /// `globals()["x"] = …`, `globals().update(…)`; `rest` is what follows the function's name.
    fn namespace_used(&mut self, function: Token, rest: &[Token]) {
        let [open, close, next, rest @ ..] = rest else { return };
        if open.kind != Kind::Open || close.kind != Kind::Close || close.depth != open.depth {
            return;
        }
        match next.kind {
            Kind::Open => {
                let (key, behind) = bracketed(next, rest);
                if behind.first().is_some_and(|next| matches!(next.kind, Kind::Assign | Kind::Augmented)) {
                    self.namespace_bound(function, key);
                }
            }
            Kind::Dot => {
                let [method, open, rest @ ..] = rest else { return };
                let (arguments, _) = bracketed(open, rest);
                match self.lexer.written(*method) {
                    "update" => self.namespace_updated(function, arguments),
                    "setdefault" | "__setitem__" => self.namespace_bound(
                        function,
                        arguments.split(|token| token.kind == Kind::Comma).next().unwrap_or_default(),
                    ),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Binds the name that a key is, or makes the module opaque.
    fn namespace_bound(&mut self, at: Token, key: &[Token]) {
        match text(&self.lexer, key) {
            Some(name) => self.namespace_binding(name),
            None => self.found.opaque(OpaqueCause::ComputedNames, at.span()),
        }
    }

    fn namespace_binding(&mut self, name: Literal) {
        let context = self.context();
        self.found.bindings.push(Binding {
            name: name.text,
            span: name.span,
            kind: BindingKind::Namespace,
            context,
            alias_of: None,
        });
    }

    /// `update(X=1)`, `update({"X": 1})`
    fn namespace_updated(&mut self, at: Token, arguments: &[Token]) {
        let depth = arguments.first().map_or(0, |token| token.depth);
        for argument in arguments.split(|token| token.kind == Kind::Comma && token.depth == depth) {
            match argument {
                [] => {}
                [name, assign, ..] if name.kind == Kind::Name && assign.kind == Kind::Assign => {
                    let name = Literal { text: self.lexer.written(*name).into(), span: name.span() };
                    self.namespace_binding(name);
                }
                _ => {
                    for entry in entries(&self.lexer, argument) {
                        match entry.key {
                            Element::Text(name) => self.namespace_binding(name),
                            _ => self.found.opaque(OpaqueCause::ComputedNames, at.span()),
                        }
                    }
                }
            }
        }
    }

    /// `setattr(sys.modules[__name__], "x", …)`
    fn attribute_set(&mut self, function: Token, rest: &[Token]) {
        let [open, rest @ ..] = rest else { return };
        let (arguments, _) = bracketed(open, rest);
        let mut arguments = arguments.split(|token| token.kind == Kind::Comma && token.depth == open.depth + 1);
        let (Some(object), Some(name)) = (arguments.next(), arguments.next()) else { return };
        if let [sys, dot, modules, key @ ..] = object
            && (self.lexer.written(*sys), dot.kind, self.lexer.written(*modules)) == ("sys", Kind::Dot, "modules")
            && group(key).is_some_and(|key| self.is_own_name(key))
        {
            self.namespace_bound(function, name);
        }
    }

    fn is_own_name(&self, key: &[Token]) -> bool {
        matches!(key, [name] if self.lexer.written(*name) == "__name__")
    }

    /// `sys.modules[…] = …`, `sys.modules.setdefault(…)`
    fn modules_used(&mut self, modules: Token, rest: &[Token]) {
        let [next, rest @ ..] = rest else { return };
        let (inner, behind) = bracketed(next, rest);
        if next.kind == Kind::Open && behind.first().is_some_and(|next| next.kind == Kind::Assign) {
            self.module_registered(modules, inner);
        }
        if let [method, open, rest @ ..] = rest
            && next.kind == Kind::Dot
            && self.lexer.written(*method) == "setdefault"
        {
            let (arguments, _) = bracketed(open, rest);
            self.module_registered(
                modules,
                arguments.split(|token| token.kind == Kind::Comma).next().unwrap_or_default(),
            );
        }
    }

    fn module_registered(&mut self, at: Token, key: &[Token]) {
        if self.is_own_name(key) {
            return self.found.opaque(OpaqueCause::Replaced, at.span());
        }
        let (name, below_self) = match key {
            [own, plus, name @ ..] if self.lexer.written(*own) == "__name__" && self.lexer.written(*plus) == "+" => {
                (text(&self.lexer, name), true)
            }
            [format] if format.kind == Kind::OtherText => (self.below_own_name(*format), true),
            _ => (text(&self.lexer, key), false),
        };
        if let Some(name) = name {
            let context = self.context();
            self.found.registered.push(RegisteredModule { name, below_self, context });
        }
    }

    /// What follows this module's name in `f"{__name__}.old"`.
    fn below_own_name(&self, format: Token) -> Option<Literal> {
        let content = self.lexer.content(format);
        let rest =
            content.text(self.lexer.text).strip_prefix("{__name__}").filter(|rest| !rest.contains(['{', '}']))?;
        Some(Literal {
            text: rest.into(),
            span: Span { start: content.end.saturating_sub(Span::new(0, rest.len()).end), end: content.end },
        })
    }
}

/// What stands between a bracket and the one that closes it, and what stands behind that.
fn bracketed<'a>(open: &Token, rest: &'a [Token]) -> (&'a [Token], &'a [Token]) {
    let inside = rest.iter().take_while(|token| token.depth > open.depth).count();
    (&rest[..inside], rest.get(inside + 1..).unwrap_or_default())
}

fn hull(tokens: &[Token]) -> Span {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => first.span().hull(last.span()),
        _ => Span::default(),
    }
}
