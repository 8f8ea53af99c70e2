//! Goes through a module line by line and keeps track of the blocks that each stands in.

use super::blocks::{Block, Chain, Role, either};
use super::findings::Findings;
use super::lexer::{End, Fault, Form, Lexer, Token};
use super::words::Leader;
use super::{getattr, qualified};
use crate::facts::outline::{Binding, BindingKind, Context, Scope};
use crate::span::Span;

/// Whose names a statement binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binds {
    /// The module's.
    Module,
    /// The module's where `global` says so.
    Globals,
    /// Another scope's.
    Elsewhere,
}

/// Reads one module.
pub(super) struct Scanner<'t> {
    pub(super) lexer: Lexer<'t>,
    pub(super) found: Findings,
    /// The blocks around the current line, outermost first; the module's own is never taken away.
    pub(super) blocks: Vec<Block>,
    /// The block whose header has been read and whose first line has not.
    pub(super) awaited: Option<Block>,
    /// Names that `global` statements declare, with the scope that each was declared in.
    pub(super) globals: Vec<(u32, &'t str)>,
    /// The number of scopes met.
    pub(super) scopes: u32,
    /// The number of functions met.
    pub(super) functions: u32,
    /// Kept between statements for its memory.
    tokens: Vec<Token>,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let module = Block {
            indent: 0,
            role: Role::Plain,
            context: Context::default(),
            scope: 0,
            function: 0,
            chain: Chain::None,
        };
        Self {
            lexer: Lexer::new(text),
            found: Findings::default(),
            blocks: vec![module],
            awaited: None,
            globals: Vec::new(),
            scopes: 0,
            functions: 0,
            tokens: Vec::new(),
        }
    }

    /// Reads the whole text, or as much of it as is Python.
    pub(super) fn run(&mut self) -> Result<(), Fault> {
        let outcome = self.lines();
        let end = self.lexer.at;
        while self.blocks.len() > 1 {
            self.leave(end);
        }
        self.close_chain();
        outcome
    }

    fn lines(&mut self) -> Result<(), Fault> {
        loop {
            let start = self.lexer.at;
            let indent = self.indentation();
            self.lexer.skip_comment();
            let blank = self.lexer.at;
            if self.lexer.skip_line_end() {
                if blank == self.lexer.bytes.len() {
                    return if self.awaited.is_none() { Ok(()) } else { Err(Fault) };
                }
                continue;
            }
            self.arrange(indent, start)?;
            self.line()?;
        }
    }

    /// Skips a line's indentation; answers its column.
    fn indentation(&mut self) -> u32 {
        let mut column = 0u32;
        while let Some(byte) = self.lexer.bytes.get(self.lexer.at) {
            match byte {
                b' ' => column += 1,
                b'\t' => column = (column / 8 + 1) * 8,
                0x0c => column = 0,
                _ => break,
            }
            self.lexer.at += 1;
        }
        column
    }

    /// Enters or leaves blocks so that a line with that indentation stands in the right one.
    fn arrange(&mut self, indent: u32, start: usize) -> Result<(), Fault> {
        if let Some(mut block) = self.awaited.take() {
            if indent <= self.block().indent {
                return Err(Fault);
            }
            block.indent = indent;
            self.blocks.push(block);
            return Ok(());
        }
        while self.block().indent > indent {
            self.leave(start);
        }
        if self.block().indent == indent { Ok(()) } else { Err(Fault) }
    }

    /// The innermost block.
    pub(super) fn block(&mut self) -> &mut Block {
        // The module's own block is never popped.
        let last = self.blocks.len() - 1;
        &mut self.blocks[last]
    }

    /// Where the current statement stands.
    pub(super) fn context(&self) -> Context {
        self.blocks.last().map_or_else(Context::default, |block| block.context)
    }

    /// Leaves the innermost block, whose last line ended before `end`.
    pub(super) fn leave(&mut self, end: usize) {
        self.close_chain();
        let Some(block) = self.blocks.pop() else { return };
        if let Role::Scope | Role::GetAttr(_) = block.role {
            while self.globals.last().is_some_and(|(scope, _)| *scope >= block.scope) {
                self.globals.pop();
            }
        }
        if let (Role::GetAttr(start), Some(definition)) = (block.role, &mut self.found.getattr) {
            definition.answers = getattr::answers(self.lexer.text.get(start..end).unwrap_or_default(), start);
        }
    }

    /// Ends the statement of several branches that the innermost block is in, if it is in one.
    pub(super) fn close_chain(&mut self) {
        let function = self.block().function;
        let chain = std::mem::replace(&mut self.block().chain, Chain::None);
        let Chain::Try(attempt) = chain else { return };
        let (from, guard) = (attempt.from, attempt.guard());
        let to = attempt.to.unwrap_or(from);
        if !guard.module && !guard.name {
            return;
        }
        for (import, within) in self.found.imports.get_mut(from.imports..to.imports).unwrap_or_default() {
            if *within == function {
                import.context.guard = either(import.context.guard, guard);
            }
        }
        for (string, within) in self.found.qualified.get_mut(from.qualified..to.qualified).unwrap_or_default() {
            if *within == function {
                string.context.guard = either(string.context.guard, guard);
            }
        }
    }

    /// Reads a logical line.
    fn line(&mut self) -> Result<(), Fault> {
        let word = self.lexer.word(self.lexer.at);
        let leader = Leader::of(word);
        if !matches!(leader, Some(Leader::Elif | Leader::Else | Leader::Except | Leader::Finally)) {
            self.close_chain();
        }
        match leader {
            Some(leader) if self.compound(leader)? => Ok(()),
            _ => self.statements_from(word, leader),
        }
    }

    /// Reads the simple statements up to the line's end.
    pub(super) fn simple_statements(&mut self) -> Result<(), Fault> {
        let word = self.lexer.word(self.lexer.at);
        self.statements_from(word, Leader::of(word))
    }

    /// The same, where the first word has been looked up.
    fn statements_from(&mut self, mut word: &'t str, mut leader: Option<Leader>) -> Result<(), Fault> {
        loop {
            if leader == Some(Leader::Raise) {
                self.handler_raises();
            }
            let end = if self.binds() != Binds::Elsewhere
                || matches!(leader, Some(Leader::Import | Leader::From | Leader::Global))
            {
                self.read(Form::Simple, |scanner, tokens| scanner.simple(leader, tokens))?
            } else {
                self.skip(word)?
            };
            if end == End::Line || self.at_line_end() {
                return Ok(());
            }
            word = self.lexer.word(self.lexer.at);
            leader = Leader::of(word);
        }
    }

    /// Skips blank space behind a statement, and the line's end if it comes there.
    pub(super) fn at_line_end(&mut self) -> bool {
        self.lexer.skip_space();
        self.lexer.skip_comment();
        self.lexer.skip_line_end()
    }

    /// Reads a statement, or a header, and hands its tokens on.
    pub(super) fn read(
        &mut self,
        form: Form,
        take: impl FnOnce(&mut Self, &[Token]) -> Result<(), Fault>,
    ) -> Result<End, Fault> {
        let mut tokens = std::mem::take(&mut self.tokens);
        self.lexer.met_name = false;
        let outcome = self.lexer.read_statement(form, &mut tokens).and_then(|end| {
            if self.lexer.met_name {
                qualified::collect(self, &tokens);
            }
            take(self, &tokens).map(|()| end)
        });
        self.tokens = tokens;
        outcome
    }

    /// Skips a statement that binds nothing in the module, except for qualified names in it.
    fn skip(&mut self, word: &str) -> Result<End, Fault> {
        let start = self.lexer.at;
        if !word.is_empty() && self.lexer.is_two_operands(start + word.len(), word)
            || word.is_empty() && !self.lexer.starts_operand(start)
        {
            return Err(Fault);
        }
        self.pass(start, Form::Simple)
    }

    /// Goes on to the end of a statement or header that starts at `start`, and reads it if it may hold qualified names.
    pub(super) fn pass(&mut self, start: usize, form: Form) -> Result<End, Fault> {
        self.lexer.met_name = false;
        let end = self.lexer.skip_statement(form)?;
        if self.lexer.met_name {
            self.lexer.at = start;
            self.read(form, |_, _| Ok(()))?;
        }
        Ok(end)
    }

    /// Whose names the current statement binds.
    pub(super) fn binds(&self) -> Binds {
        let Some(block) = self.blocks.last() else { return Binds::Elsewhere };
        if block.context.scope == Scope::Module {
            Binds::Module
        } else if self.globals.last().is_some_and(|(scope, _)| *scope == block.scope) {
            Binds::Globals
        } else {
            Binds::Elsewhere
        }
    }

    /// Records that the module's name `name` is bound, if the current scope binds names of the module.
    pub(super) fn bind(&mut self, span: Span, kind: BindingKind, alias_of: Option<&str>) {
        let name = span.text(self.lexer.text);
        let kind = match self.binds() {
            Binds::Module => kind,
            Binds::Globals => {
                let scope = self.block().scope;
                if !self
                    .globals
                    .iter()
                    .rev()
                    .take_while(|(owner, _)| *owner == scope)
                    .any(|(_, global)| *global == name)
                {
                    return;
                }
                BindingKind::Global
            }
            Binds::Elsewhere => return,
        };
        let context = self.context();
        self.found.bindings.push(Binding {
            name: name.into(),
            span,
            kind,
            context,
            alias_of: alias_of.map(Into::into),
        });
    }

    /// Notes that a handler ends by raising, if the current statement stands directly in one.
    fn handler_raises(&mut self) {
        let count = self.blocks.len();
        if count < 2 || self.blocks[count - 1].role != Role::Handler {
            return;
        }
        if let Chain::Try(attempt) = &mut self.blocks[count - 2].chain {
            attempt.raises();
        }
    }
}
