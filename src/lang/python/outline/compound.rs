//! Statements with bodies.

use super::blocks::{Block, Branches, Chain, Role, Try, either, looped, undecided};
use super::condition::Condition;
use super::guards;
use super::lexer::{End, Fault, Form, Kind, Token};
use super::scanner::{Binds, Scanner};
use super::words::Leader;
use crate::facts::outline::{Answers, BindingKind, Context, GetAttr, Guard, Scope};
use crate::span::Span;

impl Scanner<'_> {
    /// Reads a header and its body if that stands on the same line; false where the statement is a simple one.
    pub(super) fn compound(&mut self, leader: Leader) -> Result<bool, Fault> {
        let start = self.lexer.at;
        match leader {
            Leader::Import | Leader::From | Leader::Global | Leader::Del | Leader::Raise | Leader::Type => {
                return Ok(false);
            }
            Leader::Case if self.block().role != Role::Match => return Ok(false),
            Leader::Match if !self.is_match() => return Ok(false),
            _ => {}
        }
        let (end, body) = if leader == Leader::Def && self.binds() == Binds::Elsewhere {
            self.inner_function(start)?
        } else {
            let mut body = None;
            let end = self.read(Form::Header, |scanner, tokens| {
                body = Some(scanner.header(leader, tokens, start)?);
                Ok(())
            })?;
            (end, body)
        };
        let (End::Colon, Some(body)) = (end, body) else { return Err(Fault) };
        if self.at_line_end() {
            self.awaited = Some(body);
            return Ok(true);
        }
        // `if x: import y`: the body is the rest of the line, in a block that no line can stand in.
        let indent = self.block().indent.saturating_add(1);
        self.blocks.push(Block { indent, ..body });
        self.simple_statements()?;
        let end = self.lexer.at;
        self.leave(end);
        Ok(true)
    }

    /// Whether the line is the header of a `match` statement, and does not just start with a name that is so called.
    fn is_match(&mut self) -> bool {
        let start = self.lexer.at;
        let mut is_header = false;
        let read = self.read_quietly(|tokens| {
            let plain = tokens.get(1).is_some_and(|next| {
                !matches!(
                    next.kind,
                    Kind::Colon | Kind::Dot | Kind::Assign | Kind::Comma | Kind::Operator | Kind::Augmented
                )
            });
            is_header = plain && tokens.last().is_some_and(|last| last.kind == Kind::Colon && last.depth == 0);
        });
        self.lexer.at = start;
        read && is_header
    }

    /// Reads a statement without taking anything from it; whether it could be read.
    fn read_quietly(&mut self, look: impl FnOnce(&[Token])) -> bool {
        let mut tokens = Vec::new();
        let read = self.lexer.read_statement(Form::Simple, &mut tokens).is_ok();
        if read {
            look(&tokens);
        }
        read
    }

    /// Reads a header; answers its body's block, without indentation.
    fn header(&mut self, leader: Leader, tokens: &[Token], start: usize) -> Result<Block, Fault> {
        let around = self.context();
        let rest = tokens.get(1..).unwrap_or_default();
        let binds = self.binds() != Binds::Elsewhere;
        if binds && leader != Leader::Async {
            self.walruses(tokens);
        }
        let (context, role) = match leader {
            Leader::Async => {
                let next = rest.first().and_then(|token| Leader::of(self.lexer.written(*token)));
                return match next {
                    Some(next @ (Leader::Def | Leader::For | Leader::With)) => self.header(next, rest, start),
                    _ => Err(Fault),
                };
            }
            Leader::If => {
                let mut branches = Branches::new(around);
                let condition = Condition::read(&self.lexer, rest);
                let context = branches.branch(around, condition, &mut self.found.gates);
                self.block().chain = Chain::If(branches);
                (context, Role::Plain)
            }
            Leader::Elif | Leader::Else | Leader::Except | Leader::Finally => self.continued(leader, rest)?,
            Leader::Try => {
                let mark = self.found.mark();
                self.block().chain = Chain::Try(Try::new(mark));
                (around, Role::Plain)
            }
            Leader::While => {
                self.block().chain = Chain::Loop;
                (looped(around, &Condition::read(&self.lexer, rest)), Role::Plain)
            }
            Leader::For => {
                if binds {
                    let depth = rest.first().map_or(0, |token| token.depth);
                    let targets = rest
                        .iter()
                        .take_while(|token| token.depth != depth || self.lexer.written(**token) != "in")
                        .count();
                    self.targets(&rest[..targets], BindingKind::For);
                }
                self.block().chain = Chain::Loop;
                (undecided(around), Role::Plain)
            }
            Leader::With => {
                if binds {
                    self.with_targets(rest);
                }
                (Context { guard: either(around.guard, self.suppressed(rest)), ..around }, Role::Plain)
            }
            Leader::Def => return self.definition(rest, start),
            Leader::Class => return self.class(rest),
            Leader::Match => (around, Role::Match),
            Leader::Case => {
                if binds {
                    self.captures(rest);
                }
                (undecided(around), Role::Plain)
            }
            Leader::Import | Leader::From | Leader::Global | Leader::Del | Leader::Raise | Leader::Type => {
                return Err(Fault);
            }
        };
        let block = self.block();
        Ok(Block { indent: 0, role, context, scope: block.scope, function: block.function, chain: Chain::None })
    }

    /// A branch of the statement before it.
    fn continued(&mut self, leader: Leader, rest: &[Token]) -> Result<(Context, Role), Fault> {
        let around = self.context();
        let here = self.found.mark();
        match (self.block().chain, leader) {
            (Chain::If(mut branches), Leader::Elif) => {
                let condition = Condition::read(&self.lexer, rest);
                let context = branches.branch(around, condition, &mut self.found.gates);
                self.block().chain = Chain::If(branches);
                Ok((context, Role::Plain))
            }
            (Chain::If(branches), Leader::Else) => {
                self.block().chain = Chain::None;
                Ok((branches.otherwise(around), Role::Plain))
            }
            (Chain::Loop, Leader::Else) => {
                self.block().chain = Chain::None;
                Ok((undecided(around), Role::Plain))
            }
            (Chain::Try(mut attempt), Leader::Except) => {
                let star = usize::from(rest.first().is_some_and(|token| token.kind == Kind::Star));
                let guard = self.caught(&rest[star..]);
                attempt.next(Some(guard), here);
                self.block().chain = Chain::Try(attempt);
                Ok((Context { handler: true, ..around }, Role::Handler))
            }
            (Chain::Try(mut attempt), Leader::Else | Leader::Finally) => {
                attempt.next(None, here);
                self.block().chain = Chain::Try(attempt);
                Ok((around, Role::Plain))
            }
            _ => Err(Fault),
        }
    }

    /// What a handler catches, by what follows `except`; binds its name.
    fn caught(&mut self, rest: &[Token]) -> Guard {
        let named = rest.iter().position(|token| token.kind == Kind::Name && self.lexer.written(*token) == "as");
        let (classes, name) = rest.split_at(named.unwrap_or(rest.len()));
        if let Some(name) = name.get(1) {
            self.bind(name.span(), BindingKind::Except, None);
        }
        if classes.is_empty() { Guard { module: true, name: true } } else { guards::caught(&self.lexer, classes) }
    }

    /// What `with suppress(…)` and `with pytest.raises(…)` catch.
    fn suppressed(&self, items: &[Token]) -> Guard {
        let mut guard = Guard::default();
        for (at, token) in items.iter().enumerate() {
            let opens = items.get(at + 1).is_some_and(|next| next.kind == Kind::Open);
            if token.kind == Kind::Name && opens && matches!(self.lexer.written(*token), "suppress" | "raises") {
                let inner = items[at + 2..].iter().take_while(|inner| inner.depth > token.depth).count();
                guard = either(guard, guards::caught(&self.lexer, &items[at + 2..at + 2 + inner]));
            }
        }
        guard
    }

    /// Reads the header of a function that is none of the module's names: its parameters bind nothing there.
    fn inner_function(&mut self, start: usize) -> Result<(End, Option<Block>), Fault> {
        self.lexer.at = start + "def".len();
        self.lexer.skip_space();
        let name = self.lexer.at;
        let length = self.lexer.word(name).len();
        if length == 0 {
            return Err(Fault);
        }
        let body = self.function(Span::new(name, name + length), start);
        let end = self.pass(start, Form::Header)?;
        Ok((end, Some(body)))
    }

    fn definition(&mut self, rest: &[Token], start: usize) -> Result<Block, Fault> {
        let name = rest.first().filter(|token| token.kind == Kind::Name).ok_or(Fault)?.span();
        Ok(self.function(name, start))
    }

    /// The body of the function `name`, which starts at `start`.
    fn function(&mut self, name: Span, start: usize) -> Block {
        let around = self.context();
        self.bind(name, BindingKind::Function, None);
        let mut role = Role::Scope;
        if around.scope == Scope::Module && name.text(self.lexer.text) == "__getattr__" {
            self.found.getattr = Some(GetAttr { span: name, context: around, answers: Answers::Any });
            role = Role::GetAttr(start);
        }
        self.scopes += 1;
        self.functions += 1;
        let context = Context { scope: Scope::Function, guard: Guard::default(), handler: false, ..around };
        Block { indent: 0, role, context, scope: self.scopes, function: self.functions, chain: Chain::None }
    }

    fn class(&mut self, rest: &[Token]) -> Result<Block, Fault> {
        let name = rest.first().filter(|token| token.kind == Kind::Name).ok_or(Fault)?.span();
        let around = self.context();
        self.bind(name, BindingKind::Class, None);
        self.scopes += 1;
        let scope = if around.scope == Scope::Function { Scope::Function } else { Scope::Class };
        let function = self.block().function;
        Ok(Block {
            indent: 0,
            role: Role::Scope,
            context: Context { scope, ..around },
            scope: self.scopes,
            function,
            chain: Chain::None,
        })
    }
}
