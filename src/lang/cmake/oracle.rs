//! The same split from the tree of tree-sitter-cmake: what the reader is held against.

use std::cell::RefCell;

use tree_sitter::{Node, Parser, Tree, TreeCursor};

use super::command::{Argument, Command, Form, Source};
use crate::facts::Gap;
use crate::span::Span;

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
    let tree: Option<Tree> = PARSER.with_borrow_mut(|parser| parser.as_mut()?.parse(text, None));
    let mut source = Source::default();
    if let Some(tree) = tree {
        walk(text, &mut tree.walk(), &mut source);
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
        "quoted_argument" => argument(text, node, Form::Quoted, source),
        "unquoted_argument" => argument(text, node, Form::Unquoted, source),
        "bracket_argument" => argument(text, node, Form::Bracket, source),
        "(" if !own => argument(text, node, Form::Open, source),
        ")" if !own => argument(text, node, Form::Close, source),
        _ => true,
    }
}

fn argument(text: &str, node: Node<'_>, form: Form, source: &mut Source) -> bool {
    let whole = Span::of(node);
    let span = match form {
        Form::Quoted => Span { start: whole.start + 1, end: whole.end.saturating_sub(1).max(whole.start + 1) },
        // The content is what stands between the brackets; its node leaves out the spaces at its ends.
        Form::Bracket => {
            let level = text[whole.range()][1..].find('[').unwrap_or(0) as u32 + 2;
            Span { start: whole.start + level, end: whole.end - level }
        }
        Form::Unquoted | Form::Open | Form::Close => whole,
    };
    if let Some(command) = source.commands.last_mut().filter(|command| command.span.contains(whole)) {
        command.arguments.push(Argument { form, span });
    }
    false
}

proptest::proptest! {
    #[test]
    fn well_formed_files_are_split_the_same(text in files()) {
        assert_same(&text);
    }
}

/// Files of commands with arguments of every form.
fn files() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let argument = prop_oneof![
        "[A-Za-z0-9_.;/=+<>:$-]{1,8}",
        Just("${A}_${${B}_C}".to_owned()),
        Just("$ENV{X}".to_owned()),
        Just("a\\;b\\ c".to_owned()),
        Just("\"a \\\" (b) # c\n d\"".to_owned()),
        Just("\"\"".to_owned()),
        Just("[[a ] b]]".to_owned()),
        Just("[==[ ]] ]=] ]==]".to_owned()),
        Just("(A OR (B))".to_owned()),
        Just("# a remark (\n".to_owned()),
        Just("#[[ two\nlines ) ]]".to_owned()),
    ];
    let command = ("[a-zA-Z_][a-zA-Z0-9_]{0,8}", " {0,2}", proptest::collection::vec((argument, "[ \n\t]{1,2}"), 0..6))
        .prop_filter("a block needs its end", |(name, ..)| !is_block(name))
        .prop_map(|(name, space, arguments)| {
            let inner: String = arguments.into_iter().map(|(argument, space)| argument + &space).collect();
            format!("{name}{space}({inner})")
        });
    let line = prop_oneof![4 => command, 1 => "# [a-z()]{0,9}", 1 => Just("#[=[ a\n ]] b ]=]".to_owned())];
    proptest::collection::vec((line, "[ \t]{0,2}\n{1,2}"), 0..6)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + &end).collect())
}

fn is_block(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["if", "else", "elseif", "endif", "while", "endwhile", "foreach", "endforeach"].contains(&name.as_str())
        || ["function", "endfunction", "macro", "endmacro", "block", "endblock"].contains(&name.as_str())
}

/// Checks that both split the file alike, where the grammar knows all of it.
fn assert_same(text: &str) {
    let (ours, mut theirs) = (super::command::split(text), split(text));
    theirs.commands.iter_mut().for_each(|command| join_legacy(text, &mut command.arguments));
    if theirs.gaps.is_empty() {
        for (one, other) in ours.commands.iter().zip(&theirs.commands) {
            assert_eq!(one, other, "{}", one.span.hull(other.span).text(text));
        }
        assert_eq!(ours.commands.len(), theirs.commands.len(), "{text}");
        assert_eq!(ours.comments, theirs.comments, "{text}");
        assert!(ours.gaps.is_empty(), "{text}");
    }
}

/// Joins `-Da=` and `"b c"` behind it, and `$`, `(`, `A` and `)`: one argument to CMake, several to the grammar.
fn join_legacy(text: &str, arguments: &mut Vec<Argument>) {
    let whole = |argument: &Argument| match argument.form {
        Form::Quoted => Span { start: argument.span.start - 1, end: argument.span.end + 1 },
        _ => argument.span,
    };
    arguments.dedup_by(|next, before| {
        let joined = before.form == Form::Unquoted
            && whole(next).start == before.span.end
            && (matches!(next.form, Form::Unquoted | Form::Quoted) || is_open_reference(before.span.text(text)));
        if joined {
            before.span.end = whole(next).end;
        }
        joined
    });
}

fn is_open_reference(argument: &str) -> bool {
    argument.rfind('$').is_some_and(|at| argument[at..].len() == 1 || argument[at..].starts_with("$("))
        && !argument.ends_with(')')
}

/// The same on every CMake file below the folder that `GFXLINT_CORPUS` names.
#[test]
#[ignore = "needs a folder of trees in GFXLINT_CORPUS"]
fn files_of_real_trees_are_split_the_same() {
    let root = std::env::var_os("GFXLINT_CORPUS").expect("GFXLINT_CORPUS names a folder of trees");
    let files: Vec<_> = walkdir::WalkDir::new(root)
        .follow_links(true)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy();
            name == "CMakeLists.txt" || name.ends_with(".cmake")
        })
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .collect();
    assert!(!files.is_empty(), "no CMake file below GFXLINT_CORPUS");
    files.iter().for_each(|text| assert_same(text));
}
