//! Statements without bodies.

use super::collections::named;
use super::lexer::{Fault, Kind, Token};
use super::scanner::{Binds, Scanner};
use super::words::{Leader, is_keyword};
use crate::facts::outline::{BindingKind, Deletion, Import, ImportSource, ImportedName};
use crate::span::Span;

impl Scanner<'_> {
    /// Takes what a simple statement says.
    pub(super) fn simple(&mut self, leader: Option<Leader>, tokens: &[Token]) -> Result<(), Fault> {
        match leader {
            Some(Leader::Import) => return self.import(tokens),
            Some(Leader::From) => return self.from(tokens),
            Some(Leader::Global) => self.global(tokens),
            Some(Leader::Del) => self.delete(&tokens[1..]),
            Some(Leader::Type)
                if tokens
                    .get(1)
                    .is_some_and(|next| next.kind == Kind::Name && !is_keyword(self.lexer.written(*next))) =>
            {
                self.bind(tokens[1].span(), BindingKind::Assignment, None);
            }
            _ => {
                self.walruses(tokens);
                self.assignment(tokens);
                if self.binds() == Binds::Module {
                    self.namespace_effects(tokens);
                }
            }
        }
        Ok(())
    }

    /// `import a.b as c, d`
    fn import(&mut self, tokens: &[Token]) -> Result<(), Fault> {
        let names = self.imported(&tokens[1..], true)?;
        for name in &names {
            let bound = name.alias.as_deref().unwrap_or_else(|| name.name.split('.').next().unwrap_or_default());
            self.imported_global(bound, name.span);
        }
        self.add_import(tokens, None, names);
        Ok(())
    }

    /// `from ..a.b import (c as d, e)`
    fn from(&mut self, tokens: &[Token]) -> Result<(), Fault> {
        let at = tokens
            .iter()
            .position(|token| token.kind == Kind::Name && self.lexer.written(*token) == "import")
            .ok_or(Fault)?;
        let (source, names) = (&tokens[1..at], &tokens[at + 1..]);
        let dots = source.iter().take_while(|token| token.kind == Kind::Dot).count();
        let (Some(first), Some(last)) = (source.first(), source.last()) else { return Err(Fault) };
        let module = match &source[dots..] {
            [] if dots > 0 => String::new(),
            module => named(&self.lexer, module).ok_or(Fault)?,
        };
        let from = ImportSource {
            module: module.into(),
            level: u16::try_from(dots).unwrap_or(u16::MAX),
            span: first.span().hull(last.span()),
        };
        let grouped = names.first().is_some_and(|first| first.kind == Kind::Open)
            && names.last().is_some_and(|last| last.kind == Kind::Close);
        let names = match names {
            [star] if star.kind == Kind::Star => {
                vec![ImportedName { name: "*".into(), span: star.span(), alias: None }]
            }
            _ if grouped => {
                let inner = &names[1..names.len() - 1];
                let comma = usize::from(inner.last().is_some_and(|last| last.kind == Kind::Comma));
                self.imported(&inner[..inner.len() - comma], false)?
            }
            _ => self.imported(names, false)?,
        };
        for name in &names {
            self.imported_global(name.alias.as_deref().unwrap_or(&name.name), name.span);
        }
        self.add_import(tokens, Some(from), names);
        Ok(())
    }

    fn add_import(&mut self, tokens: &[Token], from: Option<ImportSource>, names: Vec<ImportedName>) {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return };
        let function = self.block().function;
        let context = self.context();
        self.found
            .imports
            .push((Import { span: first.span().hull(last.span()), from, names: names.into(), context }, function));
    }

    /// The items of an import, which commas part; dotted names only for `import`.
    fn imported(&self, tokens: &[Token], is_dotted: bool) -> Result<Vec<ImportedName>, Fault> {
        tokens.split(|token| token.kind == Kind::Comma).map(|item| self.imported_name(item, is_dotted)).collect()
    }

    fn imported_name(&self, item: &[Token], is_dotted: bool) -> Result<ImportedName, Fault> {
        let at = item.iter().position(|token| token.kind == Kind::Name && self.lexer.written(*token) == "as");
        let (name, alias) = item.split_at(at.unwrap_or(item.len()));
        let (Some(first), Some(last)) = (name.first(), name.last()) else { return Err(Fault) };
        if name.len() > 1 && !is_dotted {
            return Err(Fault);
        }
        let alias = match alias {
            [] => None,
            [_, alias] if self.is_name(*alias) => Some(self.lexer.written(*alias).into()),
            _ => return Err(Fault),
        };
        Ok(ImportedName {
            name: named(&self.lexer, name).ok_or(Fault)?.into(),
            span: first.span().hull(last.span()),
            alias,
        })
    }

    /// Binds an imported name in the module where `global` says so.
    fn imported_global(&mut self, name: &str, span: Span) {
        if self.binds() != Binds::Globals {
            return;
        }
        let scope = self.block().scope;
        if self.globals.iter().rev().take_while(|(owner, _)| *owner == scope).any(|(_, global)| *global == name) {
            let context = self.context();
            self.found.bindings.push(crate::facts::outline::Binding {
                name: name.into(),
                span,
                kind: BindingKind::Global,
                context,
                alias_of: None,
            });
        }
    }

    /// `global a, b`
    fn global(&mut self, tokens: &[Token]) {
        let scope = self.block().scope;
        if scope == 0 {
            return;
        }
        let names = tokens[1..]
            .iter()
            .filter(|token| token.kind == Kind::Name)
            .map(|token| (scope, self.lexer.written(*token)));
        self.globals.extend(names);
    }

    /// `del a, (b, c.d)`
    fn delete(&mut self, targets: &[Token]) {
        if self.binds() != Binds::Module {
            return;
        }
        let context = self.context();
        for name in super::targets::names(targets) {
            self.found.deletions.push(Deletion { name: self.lexer.written(name).into(), span: name.span(), context });
        }
    }

    /// `a = b, c = value`, `a: type = value`
    fn assignment(&mut self, tokens: &[Token]) {
        let depth = 0;
        // Behind a lambda, `=` and `:` are its own.
        let plain =
            tokens.iter().take_while(|token| token.depth != depth || self.lexer.written(**token) != "lambda").count();
        let Some(last) = tokens[..plain].iter().rposition(|token| token.kind == Kind::Assign && token.depth == depth)
        else {
            return;
        };
        let value = &tokens[last + 1..];
        let alias = named(&self.lexer, value);
        for target in tokens[..last].split(|token| token.kind == Kind::Assign && token.depth == depth) {
            let annotated = target.iter().position(|token| token.kind == Kind::Colon && token.depth == depth);
            let target = &target[..annotated.unwrap_or(target.len())];
            match target {
                [name] if name.kind == Kind::Name => {
                    self.bind(name.span(), BindingKind::Assignment, alias.as_deref());
                    self.assigned(*name, value, tokens);
                }
                _ => self.targets(target, BindingKind::Assignment),
            }
        }
    }

    /// Whether a token is a name and not a keyword.
    fn is_name(&self, token: Token) -> bool {
        token.kind == Kind::Name && !is_keyword(self.lexer.written(token))
    }
}
