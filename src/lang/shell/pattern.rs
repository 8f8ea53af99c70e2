//! Patterns of shells and filters as regular expressions of the `regex-lite` crate.

/// A basic regular expression (`sed`, `grep`) as an extended one; brackets as the crate reads them.
pub(crate) fn basic_to_extended(basic: &str) -> String {
    let mut made = String::new();
    let mut rest = basic;
    while let Some(next) = rest.chars().next() {
        let at_start = made.is_empty()
            || made.ends_with("(") && !made.ends_with("\\(")
            || made.ends_with('|') && !made.ends_with("\\|");
        let mut used = next.len_utf8();
        match next {
            '\\' => {
                let protected = rest[1..].chars().next();
                used += protected.map_or(0, char::len_utf8);
                match protected {
                    Some(operator @ ('{' | '}' | '(' | ')' | '|' | '+' | '?')) => made.push(operator),
                    other => made.push_str(&escape(other)),
                }
            }
            '{' | '}' | '(' | ')' | '|' | '+' | '?' => made.extend(['\\', next]),
            '*' if at_start || made.ends_with('^') => made.push_str("\\*"),
            '^' if !at_start => made.push_str("\\^"),
            '$' if rest.len() > 1 && !rest.starts_with("$\\)") && !rest.starts_with("$\\|") => made.push_str("\\$"),
            '[' => used = bracket(rest, &mut made),
            other => made.push(other),
        }
        rest = &rest[used..];
    }
    made
}

/// An extended regular expression (`sed -E`, `grep -E`) as the crate reads it.
pub(crate) fn extended(pattern: &str) -> String {
    let mut made = String::new();
    let mut rest = pattern;
    while let Some(next) = rest.chars().next() {
        let mut used = next.len_utf8();
        match next {
            '\\' => {
                let protected = rest[1..].chars().next();
                used += protected.map_or(0, char::len_utf8);
                made.push_str(&escape(protected));
            }
            '[' => used = bracket(rest, &mut made),
            other => made.push(other),
        }
        rest = &rest[used..];
    }
    made
}

/// A protected character outside of brackets.
fn escape(protected: Option<char>) -> String {
    match protected {
        Some('<' | '>') => r"\b".to_owned(),
        Some(class @ ('b' | 'B' | 'w' | 'W' | 's' | 'S' | 'n' | 't')) => format!("\\{class}"),
        // A back-reference: kept, so that the crate refuses the pattern.
        Some(digit @ '1'..='9') => format!("\\{digit}"),
        Some(other) if other.is_ascii_punctuation() => format!("\\{other}"),
        Some(other) => other.to_string(),
        None => r"\\".to_owned(),
    }
}

/// Adds the bracket expression at the start of `rest`; returns its length. In it a backslash is a plain character.
fn bracket(rest: &str, made: &mut String) -> usize {
    let body = rest[1..].strip_prefix('^').map_or(1, |_| 2);
    let first = usize::from(rest[body..].starts_with(']'));
    let Some(close) = bracket_end(rest, body + first) else {
        made.push_str(r"\[");
        return 1;
    };
    made.push_str(&rest[..body]);
    let mut inside = &rest[body..close];
    while let Some(next) = inside.chars().next() {
        if let Some(end) = inside.strip_prefix("[:").and_then(|class| class.find(":]")) {
            made.push_str(&inside[..end + 4]);
            inside = &inside[end + 4..];
            continue;
        }
        if matches!(next, '\\' | '[' | ']' | '&' | '~' | '^') {
            made.push('\\');
        }
        made.push(next);
        inside = &inside[next.len_utf8()..];
    }
    made.push(']');
    close + 1
}

/// Where the bracket closes, classes such as `[:digit:]` skipped.
fn bracket_end(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = text.get(at..)?;
        let next = rest.find([']', '['])?;
        if rest[next..].starts_with("[:") {
            at += next + rest[next..].find(":]")? + 2;
        } else if rest[next..].starts_with('[') {
            at += next + 1;
        } else {
            return Some(at + next);
        }
    }
}

/// A shell glob as a regular expression without anchors; none for extended globs.
pub(crate) fn glob_to_regex(glob: &str) -> Option<String> {
    let (anchor_start, anchor_end) = (glob.starts_with('#'), glob.starts_with('%'));
    let mut made = String::from(if anchor_start { "^" } else { "" });
    let mut rest = if anchor_start || anchor_end { &glob[1..] } else { glob };
    while let Some(next) = rest.chars().next() {
        let mut used = next.len_utf8();
        match next {
            '*' => made.push_str(".*"),
            '?' => made.push('.'),
            '[' => used = bracket(rest, &mut made),
            '(' => return None,
            '\\' => {
                let protected = rest[1..].chars().next();
                used += protected.map_or(0, char::len_utf8);
                made.push_str(&escape(protected));
            }
            other if other.is_ascii_punctuation() => made.extend(['\\', other]),
            other => made.push(other),
        }
        rest = &rest[used..];
    }
    made.push_str(if anchor_end { "$" } else { "" });
    Some(made)
}

/// Where `wanted` stands first without a backslash before it, outside of brackets.
pub(crate) fn unescaped(text: &str, wanted: char) -> Option<usize> {
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        if char == '\\' {
            chars.next();
        } else if char == wanted {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_expressions_swap_their_operators() {
        let cases = [
            (r";gfx1[0-9]\{3\}", ";gfx1[0-9]{3}"),
            (r"\(a\|b\)\+c+{x}", r"(a|b)+c\+\{x\}"),
            ("*a^b$c$", r"\*a\^b\$c$"),
            (r"[]\x][[:digit:]]\.", r"[\]\\x][[:digit:]]\."),
            (r"\<gfx\>", r"\bgfx\b"),
        ];
        for (basic, wanted) in cases {
            assert_eq!(basic_to_extended(basic), wanted);
        }
    }

    #[test]
    fn globs_become_expressions() {
        assert_eq!(glob_to_regex(";gfx1???").as_deref(), Some(r"\;gfx1..."));
        assert_eq!(glob_to_regex("#gfx*").as_deref(), Some("^gfx.*"));
        assert_eq!(glob_to_regex("+(a)"), None);
    }
}
