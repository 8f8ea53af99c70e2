//! What a branch holds: kernels, stubs that stop the program, and things that exist on the host alone.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::chains::Chains;
use super::lex::{Source, TokenKind};
use super::structure::{Function, Statement, Structure};
use crate::facts::HostToken;
use crate::span::Span;

/// What the whole file holds, to ask of a branch.
pub(super) struct Contents<'a> {
    source: &'a Source<'a>,
    structure: &'a Structure,
    /// Statements that stop the program.
    stops: Vec<Statement>,
    /// Tokens that exist on the host alone: the first and the last one of each.
    host: Vec<(usize, usize)>,
}

impl<'a> Contents<'a> {
    /// Reads the file once.
    pub fn read(source: &'a Source<'a>, chains: &Chains, structure: &'a Structure) -> Self {
        let macros =
            chains.defines.iter().filter(|define| !define.rest.is_empty() && stops_at(source, define.rest.start));
        let mut names: FxHashSet<&str> = macros.map(|define| source.word(define.name)).collect();
        let mut stops = stopping(source, structure, &names);
        // A device function that only traps is a stub for what calls it.
        let trapping =
            structure.functions.iter().filter(|function| !function.is_kernel && stops_function(&stops, function));
        names.extend(trapping.map(|function| source.word(function.name)));
        stops = stopping(source, structure, &names);
        Self { source, structure, stops, host: host_tokens(source) }
    }

    /// The kernels that a branch defines.
    pub fn kernels(&self, body: &Range<usize>) -> Vec<String> {
        self.kernel_functions(body).map(|kernel| self.source.word(kernel.name).to_owned()).collect()
    }

    fn kernel_functions(&self, body: &Range<usize>) -> impl Iterator<Item = &'a Function> {
        self.structure.functions_in(body).iter().filter(|function| function.is_kernel)
    }

    /// Whether a branch stops the program: all its kernels do, or, without kernels, a statement of its own does.
    pub fn is_stub(&self, branch: usize, body: &Range<usize>) -> bool {
        let mut kernels = self.kernel_functions(body).peekable();
        if kernels.peek().is_some() {
            return kernels.all(|kernel| kernel.body.len() == 1 || stops_function(&self.stops, kernel));
        }
        let scope = self.structure.branch_scopes.get(branch).copied();
        within(&self.stops, body).iter().any(|stop| stop.branch == Some(branch) && Some(stop.scope) == scope)
    }

    /// The first thing in a branch that exists on the host alone.
    pub fn host_token(&self, body: &Range<usize>) -> Option<HostToken> {
        let &(first, last) = self.host.get(self.host.partition_point(|&(first, _)| first < body.start))?;
        let span = self.source.hull(first, last);
        (first < body.end).then(|| HostToken { span, text: span.text(self.source.text).to_owned() })
    }
}

/// Whether a function stops the program whatever happens: a statement at its top, under no condition of its own.
fn stops_function(stops: &[Statement], function: &Function) -> bool {
    within(stops, &function.body).iter().any(|stop| stop.scope == function.scope && stop.branch == function.branch)
}

fn within<'a>(statements: &'a [Statement], tokens: &Range<usize>) -> &'a [Statement] {
    let from = statements.partition_point(|statement| statement.token < tokens.start);
    let to = statements.partition_point(|statement| statement.token < tokens.end);
    statements.get(from..to.max(from)).unwrap_or_default()
}

fn stopping(source: &Source<'_>, structure: &Structure, names: &FxHashSet<&str>) -> Vec<Statement> {
    let stops =
        |statement: &Statement| names.contains(source.word(statement.token)) || stops_at(source, statement.token);
    structure.statements.iter().copied().filter(stops).collect()
}

/// Whether a statement that starts at `at` stops the program: `assert(false)`, `__builtin_trap()`, `abort()`.
fn stops_at(source: &Source<'_>, at: usize) -> bool {
    let at = if source.is(at, "std") && source.is(at + 1, "::") { at + 2 } else { at };
    match source.word(at) {
        "assert" => {
            source.is(at + 1, "(")
                && matches!(source.word(at + 2), "false" | "0")
                && matches!(source.word(at + 3), ")" | "&&")
        }
        "__builtin_trap" | "__trap" | "__builtin_unreachable" | "abort" | "__assert_fail" => source.is(at + 1, "("),
        _ => false,
    }
}

/// Functions and macros of the host.
const HOST_CALLS: &[&str] = &[
    "TORCH_CHECK",
    "STD_TORCH_CHECK",
    "TORCH_CHECK_NOT_IMPLEMENTED",
    "TORCH_INTERNAL_ASSERT",
    "hipLaunchKernelGGL",
    "hipLaunchKernel",
    "cudaLaunchKernel",
];

/// Number types of the framework that device code may use.
const DEVICE_TYPES: &[&str] = &["Half", "BFloat16", "Float8", "Float4", "complex"];

fn host_tokens(source: &Source<'_>) -> Vec<(usize, usize)> {
    (0..source.tokens.len()).filter_map(|at| host_token_at(source, at).map(|last| (at, last))).collect()
}

/// The last token of a host-only thing that starts at `at`.
fn host_token_at(source: &Source<'_>, at: usize) -> Option<usize> {
    let word = source.word(at);
    if source.kind(at) == Some(TokenKind::Punct) {
        return (word == "<<<").then_some(at);
    }
    if source.kind(at) != Some(TokenKind::Ident) {
        return None;
    }
    match word {
        "at" | "c10" | "torch" if source.is(at + 1, "::") => {
            let own = at == 0 || !matches!(source.word(at - 1), "::" | "." | "->");
            let member = source.word(at + 2);
            (own && source.is_ident(at + 2) && !DEVICE_TYPES.iter().any(|name| member.starts_with(name)))
                .then_some(at + 2)
        }
        "std" if source.is(at + 1, "::") && source.is(at + 2, "string") => Some(at + 2),
        _ if HOST_CALLS.contains(&word) && source.is(at + 1, "(") => Some(at),
        _ if (word.starts_with("hipGetDevice") || word.starts_with("cudaGetDevice")) && source.is(at + 1, "(") => {
            Some(at)
        }
        _ => None,
    }
}

/// The span of a whole condition, continuation lines included; the directive's own where there is none.
pub(super) fn operand_span(source: &Source<'_>, operands: &Range<usize>, hash: usize) -> Span {
    if operands.is_empty() { source.hull(hash, hash + 1) } else { source.hull(operands.start, operands.end - 1) }
}
