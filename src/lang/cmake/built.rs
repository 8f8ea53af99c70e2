//! Modules that a CMake build installs into the Python package.

use super::command::{Argument, Command};
use crate::facts::BuiltModule;

/// Reads `install(... DESTINATION pkg/sub)` and commands of the project that take a target and a `DESTINATION`.
pub(super) fn read(text: &str, commands: &[Command], built: &mut Vec<BuiltModule>) {
    for command in commands {
        let Some(at) = command.arguments.iter().position(|argument| argument.is(text, "DESTINATION")) else { continue };
        let Some(destination) = command.arguments.get(at + 1) else { continue };
        let folder = destination.span.text(text).trim_matches('/');
        if folder.is_empty() || !folder.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-/".contains(&byte)) {
            continue;
        }
        let mut add = |argument: &Argument, path: String, is_prefix| {
            built.push(BuiltModule { path, is_prefix, is_local: false, span: argument.span })
        };
        if command.name != "install" {
            if let Some(target) = command.arguments.first() {
                add(target, format!("{folder}/{}", target.span.text(text)), false);
            }
            continue;
        }
        match command.arguments.first() {
            Some(kind) if kind.is(text, "TARGETS") => {
                for target in command.arguments[1..at].iter().take_while(|target| !is_keyword(target.span.text(text))) {
                    add(target, format!("{folder}/{}", target.span.text(text)), false);
                }
            }
            // What a folder or a list of files holds is not known; a whole top-level package is never that open.
            Some(_) if folder.contains('/') => add(destination, format!("{folder}/"), true),
            _ => {}
        }
    }
}

/// Whether an argument of `install(TARGETS ...)` ends the list of targets: `LIBRARY`, `DESTINATION`, `COMPONENT`.
fn is_keyword(word: &str) -> bool {
    matches!(word, "LIBRARY" | "RUNTIME" | "ARCHIVE" | "EXPORT" | "COMPONENT" | "DESTINATION")
}
