//! Parses with tree-sitter, for as long as a file of that length may take.
//!
//! Its grammars recover from faults, and some text makes them try far longer than it is worth: a path of fifty thousand
//! dots takes a minute.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, ParseState, Parser, Tree};

use crate::timings::{Phase, spend};

/// The longest time for any text, and for each MiB of it. Written code takes a hundredth of it, and a busy machine is
/// still far below.
const LONGEST: Duration = Duration::from_secs(10);

/// The tree of a text; none where the parser has no language, or where it was given up.
pub(crate) fn parse(parser: &mut Parser, text: &str) -> Option<Tree> {
    let size = u32::try_from(1 + (text.len() >> 20)).unwrap_or(u32::MAX);
    spend(Phase::Parse, || parse_within(parser, text, LONGEST.saturating_mul(size)))
}

fn parse_within(parser: &mut Parser, text: &str, longest: Duration) -> Option<Tree> {
    let start = Instant::now();
    let mut progress = |_: &ParseState| {
        if start.elapsed() > longest { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let mut read = |at: usize, _| text.as_bytes().get(at..).unwrap_or_default();
    let tree = parser.parse_with_options(&mut read, None, Some(options));
    if tree.is_none() {
        // Else the next text would be taken for the rest of this one.
        parser.reset();
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_takes_too_long_is_given_up_and_the_next_one_is_read() {
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_nix::LANGUAGE.into()).unwrap();
        let endless = format!("{{ x = {}", "a.".repeat(10_000));
        assert!(parse_within(&mut parser, &endless, Duration::from_millis(1)).is_none());
        let fine = "{ a = [ 1 2 ]; }";
        let tree = parse_within(&mut parser, fine, LONGEST).unwrap();
        assert_eq!((tree.root_node().has_error(), tree.root_node().end_byte()), (false, fine.len()));
    }
}
