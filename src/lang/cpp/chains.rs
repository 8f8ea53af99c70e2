//! Conditional chains as a tree, and the macros that they define.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::condition::{Condition, read};
use super::directives::{Directive, DirectiveKind, Test};
use super::lex::Source;
use super::macros::built_in;
use crate::span::Span;

/// An `#if` ... `#endif`.
#[derive(Debug)]
pub(super) struct Chain {
    /// The branch that it stands in.
    pub parent: Option<usize>,
    /// How many chains it stands in.
    pub depth: usize,
    /// Its branches, as indices into [`Chains::branches`].
    pub branches: Vec<usize>,
    /// Whether a condition of it tests the target.
    pub relevant: bool,
}

/// One branch of a chain.
#[derive(Debug)]
pub(super) struct Branch {
    /// The chain, as an index into [`Chains::chains`].
    pub chain: usize,
    /// The directive that opens it, as an index.
    pub directive: usize,
    /// The condition; none for `#else`.
    pub condition: Option<Condition>,
    /// Its tokens.
    pub body: Range<usize>,
    /// Its lines.
    pub lines: Span,
    /// Whether this chain has tested the target so far, or a chain around it has.
    pub under_target: bool,
}

/// A `#define`.
#[derive(Debug)]
pub(super) struct Define {
    /// The macro's name, as a token.
    pub name: usize,
    /// What follows the name: parameters, if any, and the body.
    pub rest: Range<usize>,
    /// The branch that it stands in.
    pub branch: Option<usize>,
    /// Whether it switches something on: no body, or `1` or `true`.
    pub is_switch: bool,
}

/// All conditional chains of a file.
#[derive(Debug, Default)]
pub(super) struct Chains {
    /// The chains, outer ones first.
    pub chains: Vec<Chain>,
    /// The branches, in order.
    pub branches: Vec<Branch>,
    /// The defines, in order.
    pub defines: Vec<Define>,
    /// Names that an `#undef` takes back after they were defined.
    pub undefined: FxHashSet<String>,
    /// For each directive, the branch that it opens.
    pub opened: Vec<Option<usize>>,
}

impl Chains {
    /// The branch around a branch's chain.
    pub fn outer(&self, branch: usize) -> Option<usize> {
        self.chains.get(self.branches.get(branch)?.chain)?.parent
    }
}

/// Builds the tree. Directives out of place (`#else` without `#if`) are ignored; what is not closed ends with the file.
pub(super) fn build(source: &Source<'_>, directives: &[Directive]) -> Chains {
    let mut builder = Builder {
        source,
        directives,
        open: Vec::new(),
        known: FxHashSet::default(),
        defined: FxHashSet::default(),
        chains: Chains::default(),
    };
    for index in 0..directives.len() {
        let opened = builder.directive(index);
        builder.chains.opened.push(opened);
    }
    while let Some(branch) = builder.open.pop() {
        builder.close(branch, source.tokens.len(), source.text.len());
    }
    builder.chains
}

struct Builder<'a> {
    source: &'a Source<'a>,
    directives: &'a [Directive],
    /// The open branch of each open chain, outermost first.
    open: Vec<usize>,
    /// The project's macros on the target so far.
    known: FxHashSet<String>,
    /// All macros defined so far.
    defined: FxHashSet<String>,
    chains: Chains,
}

impl Builder<'_> {
    /// Takes a directive in; the branch that it opens.
    fn directive(&mut self, index: usize) -> Option<usize> {
        let directive = &self.directives[index];
        match directive.kind {
            DirectiveKind::If(_) => {
                let parent = self.open.last().copied();
                self.chains.chains.push(Chain {
                    parent,
                    depth: self.open.len(),
                    branches: Vec::new(),
                    relevant: false,
                });
                Some(self.open_branch(index, self.chains.chains.len() - 1))
            }
            DirectiveKind::Elif(_) | DirectiveKind::Else => {
                let before = self.open.pop()?;
                self.close_at(before, directive);
                Some(self.open_branch(index, self.chains.branches[before].chain))
            }
            DirectiveKind::Endif => {
                let last = self.open.pop()?;
                self.close_at(last, directive);
                None
            }
            DirectiveKind::Define => self.define(directive),
            DirectiveKind::Undef => self.undefine(directive),
            DirectiveKind::Message | DirectiveKind::Other => None,
        }
    }

    fn open_branch(&mut self, index: usize, chain: usize) -> usize {
        let directive = &self.directives[index];
        let condition = (directive.kind != DirectiveKind::Else).then(|| read(self.source, directive, &self.known));
        let condition = condition
            .map(|condition| if self.is_default_guard(index, &condition) { unrelated(condition) } else { condition });
        let relevant = condition.as_ref().is_some_and(|condition| condition.relevant.is_some());
        let id = self.chains.branches.len();
        let outer = self.open.last().is_some_and(|&branch| self.chains.branches[branch].under_target);
        let owner = &mut self.chains.chains[chain];
        owner.relevant |= relevant;
        owner.branches.push(id);
        let under_target = owner.relevant || outer;
        let start = self.source.span(directive.end).end as usize;
        let first_line = start + line_break(self.source.text, start);
        let (body, lines) = (directive.end + 1..directive.end + 1, Span::new(first_line, first_line));
        self.chains.branches.push(Branch { chain, directive: index, condition, body, lines, under_target });
        self.open.push(id);
        id
    }

    /// Whether `#ifndef X` only protects the `#define X` that follows: an include guard or a default.
    fn is_default_guard(&self, index: usize, condition: &Condition) -> bool {
        let Some(name) = condition.derived.as_deref().filter(|name| !self.known.contains(*name)) else { return false };
        let negated = self.directives[index].kind == DirectiveKind::If(Test::Undefined)
            || matches!(condition.expr, crate::facts::ArchExpr::Not(_));
        let next = self.directives.get(index + 1);
        negated
            && next.is_some_and(|next| next.kind == DirectiveKind::Define && self.source.is(next.operands.start, name))
    }

    fn close_at(&mut self, branch: usize, by: &Directive) {
        let hash = self.source.span(by.hash).start as usize;
        let blanks =
            self.source.text.as_bytes()[..hash].iter().rev().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
        self.close(branch, by.hash, hash - blanks);
    }

    fn close(&mut self, branch: usize, token: usize, byte: usize) {
        let branch = &mut self.chains.branches[branch];
        branch.body.end = token.max(branch.body.start);
        branch.lines = Span::new(branch.lines.start as usize, byte);
    }

    fn define(&mut self, directive: &Directive) -> Option<usize> {
        let name = directive.operands.clone().next().filter(|&name| self.source.is_ident(name))?;
        let rest = name + 1..directive.operands.end;
        let word = self.source.word(name).to_owned();
        let is_switch = rest.is_empty() || (rest.len() == 1 && matches!(self.source.word(rest.start), "1" | "true"));
        let branch = self.open.last().copied();
        if is_switch
            && built_in(&word, Span::default()).is_none()
            && branch.is_some_and(|branch| self.chains.branches[branch].under_target)
        {
            self.known.insert(word.clone());
        }
        self.defined.insert(word);
        self.chains.defines.push(Define { name, rest, branch, is_switch });
        None
    }

    fn undefine(&mut self, directive: &Directive) -> Option<usize> {
        let word = self.source.word(directive.operands.start);
        if !directive.operands.is_empty() && self.defined.contains(word) {
            self.known.remove(word);
            self.chains.undefined.insert(word.to_owned());
        }
        None
    }
}

/// The condition of an include guard, which says nothing of targets.
fn unrelated(condition: Condition) -> Condition {
    Condition { expr: crate::facts::ArchExpr::Unknown, relevant: None, derived: None, ..condition }
}

/// The length of the line break at `at`.
fn line_break(text: &str, at: usize) -> usize {
    match text.as_bytes().get(at..) {
        Some([b'\r', b'\n', ..]) => 2,
        Some([b'\r' | b'\n', ..]) => 1,
        _ => 0,
    }
}
