//! What a CI runner would take out of a log for a command of its own. GitHub's obeys lines whose first characters are
//! `::`, whatever blanks stand in front, and `##[` anywhere in a line.

use std::borrow::Cow;

/// The old mark of a command; it counts wherever it stands.
const MARK: &str = "##[";

/// Text in which a runner finds no command: a backslash takes the marks apart.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let is_command = |line: &str| line.trim_start().starts_with("::");
    if !text.contains(MARK) && !text.lines().any(is_command) {
        return Cow::Borrowed(text);
    }
    let tamed = |line: &str| {
        let line = line.replace(MARK, "##\\[");
        let blanks = line.len() - line.trim_start().len();
        if is_command(&line) { format!("{}\\{}", &line[..blanks], &line[blanks..]) } else { line }
    };
    Cow::Owned(text.split_inclusive('\n').map(tamed).collect())
}

/// The same of a JSON document, which says the same to whoever parses it.
pub(super) fn harmless_json(text: String) -> String {
    // Outside of strings there is nothing of the kind.
    if text.contains(MARK) { text.replace(MARK, "##\\u005b") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_finds_no_command() {
        assert_eq!(harmless("a::b ##[x\n  ::error::x\n::y\n"), "a::b ##\\[x\n  \\::error::x\n\\::y\n");
        assert_eq!(harmless("a\u{2028}\n\t::x"), "a\u{2028}\n\t\\::x");
        assert!(matches!(harmless("std::string # [x]\n: :\n"), Cow::Borrowed(_)));
        let json = harmless_json("\"###[error]\"".to_owned());
        assert_eq!(json, "\"###\\u005berror]\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), "###[error]");
    }
}
