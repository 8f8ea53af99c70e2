//! Functions of a file, and the statements in them: braces, read without a grammar.
//!
//! Branches of a conditional chain may each open a brace that is closed once behind it; so each branch starts from the
//! braces that were open at its `#if`, and the last branch's stay open.

use std::ops::Range;

use super::chains::Chains;
use super::directives::{Directive, DirectiveKind};
use super::lex::{Source, TokenKind};

/// A function with a body.
#[derive(Debug)]
pub(super) struct Function {
    /// Its name, as a token.
    pub name: usize,
    /// Its braces, as tokens; the closing one is the file's end where it is missing.
    pub body: Range<usize>,
    /// Whether it is a `__global__` function.
    pub is_kernel: bool,
    /// Whether its return type holds `bool`.
    pub returns_bool: bool,
    /// The brace scope that its body is.
    pub scope: u32,
    /// The branch that its body opens in.
    pub branch: Option<usize>,
}

/// A statement within a function that starts with an identifier.
#[derive(Debug, Clone, Copy)]
pub(super) struct Statement {
    /// The identifier.
    pub token: usize,
    /// The innermost brace scope around it.
    pub scope: u32,
    /// The innermost branch around it.
    pub branch: Option<usize>,
}

/// Functions and statements of a file.
#[derive(Debug, Default)]
pub(super) struct Structure {
    /// The functions, in order.
    pub functions: Vec<Function>,
    /// The statements, in order.
    pub statements: Vec<Statement>,
    /// The brace scope in which each branch starts.
    pub branch_scopes: Vec<u32>,
}

impl Structure {
    /// The function whose body holds the token at `index`.
    pub fn enclosing(&self, index: usize) -> Option<&Function> {
        let before = self.functions.partition_point(|function| function.body.start <= index);
        self.functions.get(before.checked_sub(1)?).filter(|function| index < function.body.end)
    }

    /// The functions whose body opens in a range of tokens.
    pub fn functions_in(&self, tokens: &Range<usize>) -> &[Function] {
        let from = self.functions.partition_point(|function| function.body.start < tokens.start);
        let to = self.functions.partition_point(|function| function.body.start < tokens.end);
        self.functions.get(from..to.max(from)).unwrap_or_default()
    }
}

/// Reads the structure of a file.
pub(super) fn read(source: &Source<'_>, directives: &[Directive], chains: &Chains) -> Structure {
    let root = Scope { parent: 0, function: None, header: Header::default() };
    let mut reader = Reader {
        source,
        scopes: vec![root],
        scope: 0,
        header: Header::default(),
        saved: Vec::new(),
        branch: None,
        structure: Structure::default(),
    };
    let (mut at, mut next) = (0, 0);
    while at < source.tokens.len() {
        if let Some(directive) = directives.get(next).filter(|directive| directive.hash == at) {
            reader.directive(directive, chains, chains.opened.get(next).copied().flatten());
            at = directive.end + 1;
            next += 1;
        } else {
            reader.token(at);
            at += 1;
        }
    }
    reader.structure
}

/// A pair of braces.
struct Scope {
    parent: u32,
    function: Option<usize>,
    /// The declaration that goes on behind the closing brace.
    header: Header,
}

/// What has been read of the declaration at hand, outside functions.
#[derive(Debug, Clone, Copy, Default)]
struct Header {
    parens: usize,
    angles: usize,
    /// The last identifier outside angle brackets.
    last: Option<usize>,
    /// The identifier in front of the parameters.
    name: Option<usize>,
    /// The parameters are closed.
    closed: bool,
    /// No other name may follow: constructor initializers, a trailing return type.
    frozen: bool,
    kernel: bool,
    boolean: bool,
}

struct Reader<'a> {
    source: &'a Source<'a>,
    /// All scopes; a tree, so that a branch's start is restored by its index alone.
    scopes: Vec<Scope>,
    scope: u32,
    header: Header,
    saved: Vec<(u32, Header)>,
    branch: Option<usize>,
    structure: Structure,
}

/// Words that take parentheses in a declaration without being its name.
const NOT_NAMES: &[&str] = &[
    "__attribute__",
    "__attribute",
    "__launch_bounds__",
    "__declspec",
    "alignas",
    "decltype",
    "noexcept",
    "throw",
    "requires",
    "explicit",
    "__align__",
    "sizeof",
    "static_assert",
    "if",
    "for",
    "while",
    "switch",
    "return",
];

/// Words that may follow a function's parameters.
const TRAILING: &[&str] = &[
    "const",
    "noexcept",
    "override",
    "final",
    "volatile",
    "throw",
    "mutable",
    "try",
    "requires",
    "__attribute__",
    "and",
    "or",
];

impl Reader<'_> {
    fn directive(&mut self, directive: &Directive, chains: &Chains, opened: Option<usize>) {
        match directive.kind {
            DirectiveKind::If(_) => self.saved.push((self.scope, self.header)),
            DirectiveKind::Elif(_) | DirectiveKind::Else => {
                if let Some(&(scope, header)) = self.saved.last() {
                    (self.scope, self.header) = (scope, header);
                }
            }
            DirectiveKind::Endif => {
                self.saved.pop();
                self.branch = self.branch.and_then(|branch| chains.outer(branch));
            }
            _ => {}
        }
        if opened.is_some() {
            self.branch = opened;
            self.structure.branch_scopes.push(self.scope);
        }
    }

    fn function(&self) -> Option<usize> {
        self.scopes.get(self.scope as usize).and_then(|scope| scope.function)
    }

    fn token(&mut self, at: usize) {
        match (self.source.kind(at), self.source.word(at)) {
            (Some(TokenKind::Punct), "{") => self.open(at),
            (Some(TokenKind::Punct), "}") => self.close(at),
            (Some(TokenKind::Ident), _) if self.function().is_some() => self.statement(at),
            (Some(TokenKind::Ident), word) => self.declared(at, word),
            (Some(TokenKind::Punct), word) if self.function().is_none() => self.punctuation(word),
            _ => {}
        }
    }

    /// Notes an identifier in a function, if a statement starts with it.
    fn statement(&mut self, at: usize) {
        let starts = at == 0
            || matches!(self.source.word(at - 1), ";" | "{" | "}")
            || self.source.kind(at - 1) == Some(TokenKind::End);
        if starts {
            self.structure.statements.push(Statement { token: at, scope: self.scope, branch: self.branch });
        }
    }

    fn declared(&mut self, at: usize, word: &str) {
        let header = &mut self.header;
        if header.parens > 0 || header.angles > 0 {
            return;
        }
        header.kernel |= word == "__global__";
        header.boolean |= word == "bool" && header.name.is_none();
        if header.closed && !header.frozen && !TRAILING.contains(&word) {
            // What looked like parameters were those of an attribute or macro.
            (header.name, header.closed) = (None, false);
        }
        header.last = Some(at);
    }

    fn punctuation(&mut self, word: &str) {
        let header = &mut self.header;
        match word {
            "(" => {
                let candidate =
                    header.last.filter(|&last| header.name.is_none() && !NOT_NAMES.contains(&self.source.word(last)));
                if header.parens == 0 && header.angles == 0 && candidate.is_some() {
                    header.name = candidate;
                }
                header.parens += 1;
            }
            ")" => {
                header.parens = header.parens.saturating_sub(1);
                header.closed |= header.parens == 0 && header.name.is_some();
            }
            "<" if header.parens == 0 => header.angles += 1,
            ">" if header.parens == 0 => header.angles = header.angles.saturating_sub(1),
            ":" | "->" if header.closed && header.parens == 0 => header.frozen = true,
            ";" if header.parens == 0 => self.header = Header::default(),
            _ => {}
        }
    }

    fn open(&mut self, at: usize) {
        let id = u32::try_from(self.scopes.len()).unwrap_or(u32::MAX);
        let outer = self.function();
        let declares = outer.is_none() && self.header.parens == 0 && self.header.closed;
        let function = match self.header.name.filter(|_| declares) {
            Some(name) => {
                let (is_kernel, returns_bool) = (self.header.kernel, self.header.boolean);
                let body = at..self.source.tokens.len();
                self.structure.functions.push(Function {
                    name,
                    body,
                    is_kernel,
                    returns_bool,
                    scope: id,
                    branch: self.branch,
                });
                Some(self.structure.functions.len() - 1)
            }
            None => outer,
        };
        self.scopes.push(Scope { parent: self.scope, function, header: self.header });
        self.scope = id;
        self.header = Header::default();
    }

    fn close(&mut self, at: usize) {
        let Some(scope) = self.scopes.get(self.scope as usize) else { return };
        if let Some(function) = scope
            .function
            .and_then(|function| self.structure.functions.get_mut(function))
            .filter(|function| function.scope == self.scope)
        {
            function.body.end = at;
        }
        // A brace among parameters (`int a[] = {}`) does not end the declaration.
        self.header = if scope.header.parens > 0 { scope.header } else { Header::default() };
        self.scope = scope.parent;
    }
}
