//! A CMake file as the commands that it is made of, in order.

use std::cell::RefCell;

use tree_sitter::{Node, Parser, Tree, TreeCursor};

use crate::facts::Gap;
use crate::lang::tree;
use crate::span::Span;

/// A command: `set(X "a")`, `if(...)`, `endif()`.
#[derive(Debug, Clone)]
pub struct Command {
    /// Its name in lower case.
    pub name: String,
    /// All of it.
    pub span: Span,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

/// One argument.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// How it is written.
    pub form: Form,
    /// Its text, without quotes or brackets.
    pub span: Span,
}

/// How an argument is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `a;b`
    Unquoted,
    /// `"a;b"`
    Quoted,
    /// `[[a;b]]`, in which nothing is replaced.
    Bracket,
    /// A `(` among the arguments of a condition.
    Open,
    /// The `)` to it.
    Close,
}

impl Argument {
    /// Whether it is that word, unquoted.
    pub fn is(&self, text: &str, word: &str) -> bool {
        self.form == Form::Unquoted && self.span.text(text) == word
    }
}

/// What a file consists of.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Its commands; those that open and close blocks are among them.
    pub commands: Vec<Command>,
    /// Its comments.
    pub comments: Vec<Span>,
    /// What could not be parsed.
    pub gaps: Vec<Gap>,
}

thread_local! {
    static PARSER: RefCell<Option<Parser>> = RefCell::new(parser());
}

fn parser() -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_cmake::LANGUAGE.into()).ok()?;
    Some(parser)
}

/// Splits a file into commands and comments.
pub fn split(text: &str) -> Source {
    let tree: Option<Tree> = PARSER.with_borrow_mut(|parser| tree::parse(parser.as_mut()?, text));
    let mut source = Source::default();
    match tree {
        Some(tree) => walk(text, &mut tree.walk(), &mut source),
        None => source.gaps.push(Gap { span: Span::new(0, 0), what: "CMake of ordinary shape".to_owned() }),
    }
    source
}

/// Visits every node in order, without recursion: blocks nest as deeply as a file wants.
fn walk(text: &str, cursor: &mut TreeCursor<'_>, source: &mut Source) {
    let (mut depth, mut command_depth) = (0usize, 0usize);
    loop {
        let node = cursor.node();
        if node.kind().ends_with("_command") {
            command_depth = depth;
        }
        // A command's own parentheses are its children, those of a condition belong to its list of arguments.
        let own = depth == command_depth + 1;
        if visit(text, node, own, source) && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            depth = depth.saturating_sub(1);
        }
    }
}

/// Takes a node in; whether its children are of interest too.
fn visit(text: &str, node: Node<'_>, own: bool, source: &mut Source) -> bool {
    match node.kind() {
        "line_comment" | "bracket_comment" => {
            source.comments.push(Span::of(node));
            false
        }
        kind if kind.ends_with("_command") => {
            // Arguments are taken in as they are visited: they belong to the command that was opened last.
            let name = node.child(0).map_or("", |name| Span::of(name).text(text)).to_ascii_lowercase();
            source.commands.push(Command { name, span: Span::of(node), arguments: Vec::new() });
            true
        }
        "ERROR" => {
            let span = Span::of(node);
            if source.gaps.last().is_none_or(|outer| !outer.span.contains(span)) {
                source.gaps.push(Gap { span, what: "a CMake command".to_owned() });
            }
            true
        }
        "quoted_argument" => argument(node, Form::Quoted, source),
        "unquoted_argument" => argument(node, Form::Unquoted, source),
        "bracket_argument" => argument(node, Form::Bracket, source),
        "(" if !own => argument(node, Form::Open, source),
        ")" if !own => argument(node, Form::Close, source),
        _ => true,
    }
}

fn argument(node: Node<'_>, form: Form, source: &mut Source) -> bool {
    let whole = Span::of(node);
    let span = match form {
        Form::Quoted => Span { start: whole.start + 1, end: whole.end.saturating_sub(1).max(whole.start + 1) },
        Form::Bracket => node.named_child(1).map_or(whole, Span::of),
        Form::Unquoted | Form::Open | Form::Close => whole,
    };
    if let Some(command) = source.commands.last_mut().filter(|command| command.span.contains(whole)) {
        command.arguments.push(Argument { form, span });
    }
    false
}
