//! Which failing imports a list of exception classes covers.

use super::lexer::{Kind, Lexer, Token};
use crate::facts::outline::Guard;

/// What is caught by these classes: what follows `except`, or the arguments of `suppress`.
///
/// A name that does not look like a class may stand for any tuple of classes, and is taken to catch everything.
pub(super) fn caught(lexer: &Lexer<'_>, classes: &[Token]) -> Guard {
    let mut guard = Guard::default();
    for (at, token) in classes.iter().enumerate() {
        let next = classes.get(at + 1).map(|next| next.kind);
        match (token.kind, next) {
            // `raises(ImportError, match="…")`: keywords say nothing of classes.
            (Kind::Name, Some(Kind::Assign)) => break,
            (Kind::Name, Some(Kind::Dot)) => {}
            (Kind::Name, Some(Kind::Open)) => return Guard { module: true, name: true },
            (Kind::Name, _) => match lexer.written(*token) {
                "ImportError" | "Exception" | "BaseException" => return Guard { module: true, name: true },
                "ModuleNotFoundError" => guard.module = true,
                name if is_class(name) => {}
                _ => return Guard { module: true, name: true },
            },
            _ => {}
        }
    }
    guard
}

/// Whether a name is written as classes are: `OSError`, not `ERRORS` or `errors`.
fn is_class(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    name.starts_with(|first: char| first.is_uppercase()) && name.contains(|letter: char| letter.is_lowercase())
}
