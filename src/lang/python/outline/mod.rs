//! The outline of a module: what it binds, offers and imports, at the speed of a scan over its bytes.
//!
//! Statements of the module's own scope are read token by token; in functions and classes only imports, `global`
//! statements, the conditions and guards around them, and strings that name modules. All else is skipped.

mod blocks;
mod collections;
mod compound;
mod condition;
mod findings;
mod getattr;
mod guards;
mod lexer;
mod namespace;
mod qualified;
mod refusal;
mod scanner;
mod simple;
mod strings;
mod tables;
mod targets;
mod token;
mod words;

use crate::facts::Outline;
use scanner::Scanner;

/// Reads the outline of a whole file. The text has no byte-order mark.
pub fn read(text: &str) -> Outline {
    let mut scanner = Scanner::new(text);
    let syntax_ok = scanner.run().is_ok();
    let read_to = u32::try_from(scanner.lexer.at).unwrap_or(u32::MAX);
    let mut found = scanner.found;
    tables::mark_altered(text, &mut found);
    // `x = (y := 1)` and the like bind what stands behind first.
    found.bindings.sort_by_key(|binding| binding.span.start);
    Outline {
        bindings: found.bindings.into(),
        imports: found.imports.into_iter().map(|(import, _)| import).collect(),
        all: found.all.into(),
        getattr: found.getattr,
        tables: found.tables.into(),
        deletions: found.deletions.into(),
        opaque: found.opaque,
        path_altered: found.path_altered,
        registered: found.registered.into(),
        qualified: found.qualified.into_iter().map(|(string, _)| string).collect(),
        gates: found.gates.into(),
        syntax_ok,
        read_to,
    }
}
